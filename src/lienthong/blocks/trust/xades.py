"""XAdES-BES signatures of a message and its attachments, or of a batch's hash-chain result: made, read, checked.

For the ASiC-E containers beside it. X-Road's profile as far as it can be held without OCSP: Canonical XML 1.0,
ECDSA-SHA256 (P-256) or RSA-SHA512, the signer's certificate bound by its digest. A document has one form only.
Plain Python, no Django.
"""

import base64
import hashlib
import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.blocks.trust import timestamps, wire
from lienthong.blocks.trust.xmlread import EvidenceError, xml_read

SIGNATURES: Final = "META-INF/signatures.xml"
ASIC: Final = "http://uri.etsi.org/02918/v1.2.1#"
DS: Final = "http://www.w3.org/2000/09/xmldsig#"
XADES: Final = "http://uri.etsi.org/01903/v1.3.2#"
HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
ATTACHMENT: Final = re.compile(r"/?attachment[1-9]\d?")

_C14N: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_ECDSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
_RSA_SHA512: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"
_PROPERTIES: Final = "http://uri.etsi.org/01903#SignedProperties"
# Canonical XML writes the namespaces in scope at the top of what is signed, in the order of their prefixes.
_SPACES: Final = f' xmlns:asic="{ASIC}" xmlns:ds="{DS}" xmlns:xades="{XADES}"'
_URI: Final = re.compile(r"/[A-Za-z0-9./-]+")
_HALF: Final = 32  # bytes of r and of s on P-256


@dataclass(frozen=True, slots=True)
class Signature:
    """`references`: URI and SHA-256 digest; `value`: r and s of 32 bytes each, or RSA's octets."""

    references: tuple[tuple[str, bytes], ...]
    signed_at: datetime
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    value: bytes = b""

    def verify(self) -> None:
        """EvidenceError unless the certificate's key made `value` over these references and properties."""
        data = self.signed_info(_SPACES).encode()
        if _algorithm(self.certificate) == _RSA_SHA512:
            public: Any = self.certificate.public_key()
            try:
                public.verify(self.value, data, padding.PKCS1v15(), hashes.SHA512())
            except InvalidSignature as error:
                raise EvidenceError("signature: it does not hold") from error
        else:
            r, s = (int.from_bytes(half) for half in (self.value[:_HALF], self.value[_HALF:]))
            der = base64.b64encode(utils.encode_dss_signature(r, s)).decode()
            if len(self.value) != 2 * _HALF or not wire.verify(self.certificate, data, der):
                raise EvidenceError("signature: it does not hold")

    def signed_info(self, spaces: str = "") -> str:
        """Canonical XML 1.0; with `spaces` as it is signed, alone."""
        properties = hashlib.sha256(self._properties(_SPACES).encode()).digest()
        entries = [(f'URI="{uri}"', digest) for uri, digest in self.references]
        entries.append((f'Type="{_PROPERTIES}" URI="#signed-properties"', properties))
        references = "".join(
            f'<ds:Reference Id="signature-reference-{number}" {attributes}>{digest_xml(digest)}</ds:Reference>'
            for number, (attributes, digest) in enumerate(entries)
        )
        return (
            f'<ds:SignedInfo{spaces}><ds:CanonicalizationMethod Algorithm="{_C14N}"></ds:CanonicalizationMethod>'
            f'<ds:SignatureMethod Algorithm="{_algorithm(self.certificate)}"></ds:SignatureMethod>'
            f"{references}</ds:SignedInfo>"
        )

    def _properties(self, spaces: str = "") -> str:
        formats = "".join(
            f'<xades:DataObjectFormat ObjectReference="#signature-reference-{number}">'
            f"<xades:MimeType>{media_type(uri)}</xades:MimeType></xades:DataObjectFormat>"
            for number, (uri, _) in enumerate(self.references)
        )
        return (
            f'<xades:SignedProperties{spaces} Id="signed-properties"><xades:SignedSignatureProperties>'
            f"<xades:SigningTime>{self.signed_at:%Y-%m-%dT%H:%M:%SZ}</xades:SigningTime>"
            f"{_signing_certificate(self.certificate)}</xades:SignedSignatureProperties>"
            f"<xades:SignedDataObjectProperties>{formats}</xades:SignedDataObjectProperties>"
            f"</xades:SignedProperties>"
        )

    def document(self) -> bytes:
        """`signatures.xml`."""
        tag = "xades:EncapsulatedX509Certificate"
        chain = "".join(f"<{tag}>{_certificate_text(one)}</{tag}>" for one in self.chain)
        unsigned = (
            f"<xades:UnsignedProperties><xades:UnsignedSignatureProperties><xades:CertificateValues>{chain}"
            f"</xades:CertificateValues></xades:UnsignedSignatureProperties></xades:UnsignedProperties>"
        )
        return (
            f'{HEAD}<asic:XAdESSignatures{_SPACES}><ds:Signature Id="signature">{self.signed_info()}'
            f'<ds:SignatureValue Id="signature-value">{base64.b64encode(self.value).decode()}</ds:SignatureValue>'
            f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{_certificate_text(self.certificate)}"
            f"</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
            f'<ds:Object><xades:QualifyingProperties Target="#signature">{self._properties()}'
            f"{unsigned if chain else ''}</xades:QualifyingProperties></ds:Object>"
            f"</ds:Signature></asic:XAdESSignatures>\n"
        ).encode()


def signature_build(
    signed: Mapping[str, bytes],
    *,
    key: wire.PrivateKey,
    certificate: x509.Certificate,
    at: datetime,
    chain: Sequence[x509.Certificate] = (),
) -> bytes:
    """`signatures.xml` of `signature_make`."""
    return signature_make(signed, key=key, certificate=certificate, at=at, chain=chain).document()


def signature_of(
    signed: Mapping[str, bytes],
    *,
    certificate: x509.Certificate,
    at: datetime,
    chain: Sequence[x509.Certificate] = (),
    value: bytes = b"",
) -> Signature:
    """The one signature that these make, whoever made `value`: so `signatures.xml` need not travel or be stored."""
    references = tuple((uri, hashlib.sha256(content).digest()) for uri, content in signed.items())
    return Signature(references, at.astimezone(UTC), certificate, tuple(chain), value)


def signature_make(
    signed: Mapping[str, bytes],
    *,
    key: wire.PrivateKey,
    certificate: x509.Certificate,
    at: datetime,
    chain: Sequence[x509.Certificate] = (),
) -> Signature:
    """A signature over URI → content: a message's parts, or {"/sig-hashchainresult.xml": the batch's result}.

    ECDSA-SHA256 with a P-256 key, RSA-SHA512 with an RSA key. `chain`: certificates between the signer and the root.
    ValueError for another curve, for a key that is not the certificate's, for a URI that is no plain path.
    """
    if not _belong_together(key, certificate) or not all(map(_URI.fullmatch, signed)):
        raise ValueError("the key must be the certificate's, and what is signed named by plain paths")
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name != ec.SECP256R1.name:
        raise ValueError("only P-256 and RSA keys sign here")
    draft = signature_of(signed, certificate=certificate, at=at, chain=chain)
    data = draft.signed_info(_SPACES).encode()
    if isinstance(key, rsa.RSAPrivateKey):
        value = key.sign(data, padding.PKCS1v15(), hashes.SHA512())
    else:
        numbers = utils.decode_dss_signature(base64.b64decode(wire.sign(key, data)))
        value = b"".join(number.to_bytes(_HALF) for number in numbers)
    return replace(draft, value=value)


def signature_read(data: bytes) -> Signature:
    """EvidenceError unless the document is, byte for byte, the one that its own values make.

    So no element can stand where this reader does not look, and nothing outside the signature can be bent.
    """
    root: Any = xml_read(data, SIGNATURES)

    def decoded(name: str) -> list[bytes]:
        return [base64.b64decode(one.text or "", validate=True) for one in root.iter(name)]

    try:
        (certificate,) = decoded(f"{{{DS}}}X509Certificate")
        chain = decoded(f"{{{XADES}}}EncapsulatedX509Certificate")
        (value,) = decoded(f"{{{DS}}}SignatureValue")
        (signed_at,) = (one.text for one in root.iter(f"{{{XADES}}}SigningTime"))
        found = [(one.get("URI"), base64.b64decode(one[-1].text)) for one in root.iter(f"{{{DS}}}Reference")]
        read = Signature(
            tuple(found[:-1]),
            datetime.fromisoformat(signed_at).astimezone(UTC),
            timestamps.certificate_read(certificate),
            tuple(map(timestamps.certificate_read, chain)),
            value,
        )
        whole = read.document() == data
    except (IndexError, *timestamps.UNREADABLE) as error:
        raise EvidenceError("signature: malformed") from error
    if not whole:
        raise EvidenceError("signature: malformed, not the one form that its values have")
    return read


def digest_xml(digest: bytes) -> str:
    return (
        f'<ds:DigestMethod Algorithm="{wire.XROAD_SHA256}"></ds:DigestMethod>'
        f"<ds:DigestValue>{base64.b64encode(digest).decode()}</ds:DigestValue>"
    )


@lru_cache(maxsize=4096)
def _signing_certificate(certificate: x509.Certificate) -> str:
    """Binds the certificate by its digest, its issuer and its number."""
    issuer = html.escape(certificate.issuer.rfc4514_string(), quote=False).replace("\r", "&#xD;")
    return (
        f"<xades:SigningCertificate><xades:Cert><xades:CertDigest>"
        f"{digest_xml(bytes.fromhex(wire.fingerprint(certificate)))}</xades:CertDigest>"
        f"<xades:IssuerSerial><ds:X509IssuerName>{issuer}</ds:X509IssuerName>"
        f"<ds:X509SerialNumber>{certificate.serial_number}</ds:X509SerialNumber></xades:IssuerSerial>"
        f"</xades:Cert></xades:SigningCertificate>"
    )


@lru_cache(maxsize=1024)
def _belong_together(key: wire.PrivateKey, certificate: x509.Certificate) -> bool:
    return key.public_key() == certificate.public_key()


@lru_cache(maxsize=4096)
def _algorithm(certificate: x509.Certificate) -> str:
    ec_key = isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
    return _ECDSA_SHA256 if ec_key else _RSA_SHA512


def _certificate_text(certificate: x509.Certificate) -> str:
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


def media_type(name: str) -> str:
    """X-Road's types: what is neither attachment nor hash-chain result is text/xml, the REST head too."""
    if name.endswith("hashchainresult.xml"):
        return "application/hash-chain-result"
    return "application/octet-stream" if ATTACHMENT.fullmatch(name) else "text/xml"
