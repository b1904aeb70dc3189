"""Digests, signatures and hash chains as they travel between machines.

Plain Python: the gateway imports this page without Django. Every digest is SHA-256; a signature is base64 of
ECDSA P-256 (DER) or, for peers that ask for it, RSA PKCS #1 v1.5, both with SHA-256.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

CHAIN_START: Final = "0" * 64
XROAD_SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
_RSA_BITS: Final = 3072

_SHA256: Final = hashes.SHA256()
_ECDSA: Final = ec.ECDSA(_SHA256)
_PKCS1: Final = padding.PKCS1v15()
_canonical: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode


def sha256_hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def canonical_json(value: Any) -> bytes:
    """UTF-8, keys sorted by code point, no spaces. ValueError for NaN, infinity and lone surrogates."""
    return _canonical(value).encode()


def sign(private_key: PrivateKey, data: bytes) -> str:
    """The signature, base64."""
    if isinstance(private_key, ec.EllipticCurvePrivateKey):
        return base64.b64encode(private_key.sign(data, _ECDSA)).decode()
    return base64.b64encode(private_key.sign(data, _PKCS1, _SHA256)).decode()


def verify(signer: x509.Certificate | PublicKey, data: bytes, signature: str) -> bool:
    """Whether `signer`'s key made this signature over this data; whom to trust is asked elsewhere."""
    public = _public_key(signer) if isinstance(signer, x509.Certificate) else signer
    try:
        raw = base64.b64decode(signature, validate=True)
        if isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(raw, data, _ECDSA)
        else:
            public.verify(raw, data, _PKCS1, _SHA256)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


@lru_cache(maxsize=4096)
def _public_key(certificate: x509.Certificate) -> PublicKey:
    public = certificate.public_key()
    if isinstance(public, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        return public
    raise ValueError("only P-256 and RSA certificates are used here")


def key_generate(*, rsa_key: bool = False) -> PrivateKey:
    """A new P-256 key, or RSA-3072 where a peer cannot do without."""
    if rsa_key:
        return rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(private_key: PrivateKey) -> bytes:
    """PKCS #8, without a password: the file's owner and mode guard it."""
    return private_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def key_load(pem: bytes) -> PrivateKey:
    """ValueError when it is no private key of a kind that is used here."""
    key = serialization.load_pem_private_key(pem, password=None)
    if isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        return key
    raise ValueError("only P-256 and RSA keys are used here")


def certificate_load(pem: str | bytes) -> x509.Certificate:
    """ValueError when it is not one."""
    return x509.load_pem_x509_certificate(pem.encode() if isinstance(pem, str) else pem)


def certificate_pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the DER form, hex."""
    return certificate.fingerprint(_SHA256).hex()


# Hash chain: one row altered, taken out or moved changes every later link.


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """`broken_at`: position (from 0) of the first link that does not follow; `head`: the last good link."""

    length: int
    head: str
    broken_at: int | None

    @property
    def whole(self) -> bool:
        return self.broken_at is None


def chain_link(previous_hex: str, digest_hex: str) -> str:
    """hex(SHA-256(previous link's hex + digest's hex)): the linking rule of X-Road's archive (ug-syspar)."""
    return hashlib.sha256((previous_hex + digest_hex).encode("ascii")).hexdigest()


def chain_check(links: Iterable[tuple[str, str]], *, previous: str = CHAIN_START) -> ChainCheck:
    """Recomputes (digest, link) pairs from `previous` on; an empty chain is whole."""
    length, head = 0, previous
    for digest, link in links:
        if chain_link(head, digest) != link:
            return ChainCheck(length, head, length)
        length, head = length + 1, link
    return ChainCheck(length, head, None)


def hash_step(digests: Sequence[bytes], *, algorithm: str = XROAD_SHA256) -> bytes:
    """One step of X-Road's hash tree, SHA-256.

    H(DER SEQUENCE OF SEQUENCE { OCTET STRING digest, UTF8String algorithm, SEQUENCE {} transforms }).
    """
    if algorithm is XROAD_SHA256 and [len(digest) for digest in digests] == _PAIR:
        left, right = digests
        return hashlib.sha256(b"".join((_STEP, _ITEM, left, _TAIL, _ITEM, right, _TAIL))).digest()
    return hashlib.sha256(step_data([(digest, algorithm) for digest in digests])).digest()


def step_data(values: Sequence[tuple[bytes, str]]) -> bytes:
    """What a step of X-Road's hash tree is the digest of: its values' digests, each with its algorithm's URI; DER."""
    return _der(
        0x30, b"".join(_der(0x30, _der(0x04, digest) + _tail(algorithm)) for digest, algorithm in values)
    )


def _tail(algorithm: str) -> bytes:
    return _der(0x0C, algorithm.encode()) + _der(0x30, b"")


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:  # noqa: PLR2004 - X.690 §8.1.3.4: the short form
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(octets))) + octets + content


# A pair of SHA-256 digests, nearly every step there is: its DER around the two, made once.
_PAIR: Final = [32, 32]
_TAIL: Final = _tail(XROAD_SHA256)
_ITEM: Final = _der(0x30, _der(0x04, bytes(32)) + _TAIL)[: -32 - len(_TAIL)]
_STEP: Final = _der(0x30, (_ITEM + bytes(32) + _TAIL) * 2)[: -2 * (len(_ITEM) + 32 + len(_TAIL))]
