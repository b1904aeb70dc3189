"""ASiC-E containers of one signed message, after X-Road's profile: built, and checked offline part by part.

For the gateway, the message log's download and whoever checks evidence. A XAdES-BES signature over the message and
its attachments, or over a batch's hash-chain result; a time stamp over the signature, or over a batch of them. A
container has one form only: any byte that would not be signed content is fixed by the rest. Plain Python, no Django.
"""

import hashlib
import struct
import zlib
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509

from lienthong.blocks.trust import hashchain, timestamps
from lienthong.blocks.trust.asictexts import (
    ADVICE,
    BAD_CERTIFICATE,
    BAD_CHAIN,
    BAD_CONTENT,
    BAD_MANIFEST,
    BAD_SIGNATURE,
    BAD_STAMP,
    BAD_STAMP_CHAIN,
    BAD_ZIP,
)
from lienthong.blocks.trust.hashchain import EvidenceError
from lienthong.blocks.trust.wire import XROAD_SHA256
from lienthong.blocks.trust.xades import (
    ASIC,
    ATTACHMENT,
    DS,
    HEAD,
    SIGNATURES,
    Signature,
    digest_xml,
    media_type,
    signature_read,
)
from lienthong.ground.text import Text

MIMETYPE: Final = "application/vnd.etsi.asic-e+zip"
MANIFEST: Final = "META-INF/manifest.xml"
STAMP_MANIFEST: Final = "META-INF/ASiCManifest.xml"
STAMP: Final = "META-INF/timestamp.tst"
SIGNATURE_CHAIN: Final = "sig-hashchain.xml"
SIGNATURE_RESULT: Final = "sig-hashchainresult.xml"
STAMP_CHAIN: Final = "ts-hashchain.xml"
STAMP_RESULT: Final = "ts-hashchainresult.xml"

_ODF: Final = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"

_MAX_ATTACHMENTS: Final = 20
_MAX_ENTRIES: Final = _MAX_ATTACHMENTS + 10
_MAX_BYTES: Final = 64 * 1024 * 1024
_MAX_OVERHEAD: Final = 16 * 1024  # of the ZIP format around the entries
_CLOCKS_APART: Final = timedelta(minutes=1)

_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_END: Final = struct.Struct("<4s4H2LH")
_FIRST_OF_1980: Final = 0x21
_COMMENT: Final = b"mimetype=" + MIMETYPE.encode()


@dataclass(frozen=True, slots=True)
class ChainFiles:
    """The batch's hash-chain result, and the hash chain that leads from this message or signature to it."""

    result: bytes
    chain: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that was signed or time-stamped at once: its hash tree's root, and the steps that lead to it."""

    root: bytes
    steps: int


@dataclass(frozen=True, slots=True)
class Check:
    """What a container proves; nothing of it when `problem` names a part, then only `detail` tells engineers more.

    `signed_at` is the signer's own word; `stamped_at` the time-stamp authority's, None without a time stamp. UTC.
    `signed_batch`, `stamped_batch`: of which batch, None where it was signed or stamped alone.
    """

    signer: x509.Certificate | None = None
    signed_at: datetime | None = None
    stamped_at: datetime | None = None
    message: bytes = b""
    attachments: tuple[bytes, ...] = ()
    signed_batch: Batch | None = None
    stamped_batch: Batch | None = None
    problem: Text | None = None
    detail: str = ""

    @property
    def valid(self) -> bool:
        return self.problem is None

    @property
    def advice(self) -> Text | None:
        """What to do about the problem."""
        return None if self.problem is None else ADVICE[self.problem]


def message_parts(message: bytes, attachments: Sequence[bytes] = ()) -> dict[str, bytes]:
    """URI → content, as references and hash chains name them. `message` is the SOAP envelope or the REST head."""
    named = {f"/attachment{number}": content for number, content in enumerate(attachments, start=1)}
    return {hashchain.MESSAGE: message, **named}


def stamp_digest(signatures: bytes, result: bytes | None = None) -> bytes:
    """What to ask a time stamp for, SHA-256: of a batch's `ts-hashchainresult.xml`, else of the signature's own value.

    A batch's tree is built over the SHA-256 of each `signatures.xml`, named "/META-INF/signatures.xml" in it.
    EvidenceError when `signatures` is not ours.
    """
    return hashlib.sha256(signature_read(signatures).value if result is None else result).digest()


def container_build(
    message: bytes,
    signatures: bytes,
    *,
    attachments: Sequence[bytes] = (),
    signature_chain: ChainFiles | None = None,
    token: bytes | None = None,
    token_chain: ChainFiles | None = None,
) -> bytes:
    """The container, the same bytes for the same parts. `token`: RFC 3161, over `stamp_digest`, DER.

    ValueError for a token's chain without a token, above 20 attachments, and above 64 MiB.
    """
    if token_chain and not token:
        raise ValueError("a time stamp's hash chain needs its time stamp")
    parts = {uri[1:]: content for uri, content in message_parts(message, attachments).items()}
    entries = {"mimetype": MIMETYPE.encode(), "message.xml": parts.pop("message.xml"), SIGNATURES: signatures}
    if signature_chain:
        entries |= {SIGNATURE_RESULT: signature_chain.result, SIGNATURE_CHAIN: signature_chain.chain}
    if token_chain:
        entries |= {STAMP_RESULT: token_chain.result, STAMP_CHAIN: token_chain.chain}
    entries |= parts
    entries |= {MANIFEST: _manifest(entries)}
    if token:
        entries |= {STAMP_MANIFEST: _stamp_manifest(entries), STAMP: token}
    if len(attachments) > _MAX_ATTACHMENTS or sum(map(len, entries.values())) > _MAX_BYTES:
        raise ValueError("a container holds up to 20 attachments and 64 MiB")
    return _zip_write(entries)


def container_check(data: bytes, *, trusted: Sequence[x509.Certificate], at: datetime | None = None) -> Check:
    """Whether everything in the container holds; answers for any bytes. Offline; revocation is asked elsewhere.

    `trusted`: roots of signers and of time-stamp authorities. The signer's certificate must be valid at the time
    stamp's time; without one at `at`, or else at the signer's own time. `at` also refuses times after it.
    """
    try:
        return _checked(data, trusted, at)
    except _PartError as error:
        return Check(problem=error.text, detail=str(error.__cause__))


def _checked(data: bytes, trusted: Sequence[x509.Certificate], at: datetime | None) -> Check:
    with _part(BAD_ZIP):
        entries = _zip_read(data)
        message, signatures = entries["message.xml"], entries[SIGNATURES]
        attachments = tuple(content for name, content in entries.items() if ATTACHMENT.fullmatch(name))
        chain, stamp_chain = (
            _chain_files(entries, result, chain)
            for result, chain in ((SIGNATURE_RESULT, SIGNATURE_CHAIN), (STAMP_RESULT, STAMP_CHAIN))
        )
    token = entries.get(STAMP)
    with _part(BAD_MANIFEST):
        same = container_build(
            message,
            signatures,
            attachments=attachments,
            signature_chain=chain,
            token=token,
            token_chain=stamp_chain,
        )
        if same != data:
            raise EvidenceError(
                "container: entries, their order or a manifest differ from what the parts make"
            )
    parts = message_parts(message, attachments)
    with _part(BAD_SIGNATURE):
        signature = signature_read(signatures)
        signed = {f"/{SIGNATURE_RESULT}": chain.result} if chain else parts
        if [uri for uri, _ in signature.references] != list(signed):
            raise EvidenceError(f"signature: it must name {', '.join(signed)}")
    with _part(BAD_CHAIN if chain else BAD_CONTENT):
        for uri, digest in signature.references:
            if hashlib.sha256(signed[uri]).digest() != digest:
                raise EvidenceError(f"signature: {uri} does not have the signed digest")
    with _part(BAD_SIGNATURE):
        signature.verify()
    if chain:
        with _part(BAD_CHAIN):
            _chain_check(chain, SIGNATURE_CHAIN, parts)
    stamped_at = None
    if token is not None:
        stamped_at = _stamped_at(signature, signatures, token, stamp_chain, trusted)
        with _part(BAD_STAMP):
            if stamped_at < signature.signed_at - _CLOCKS_APART or (at and stamped_at > at + _CLOCKS_APART):
                raise EvidenceError("time stamp: older than the signature, or from the future")
    with _part(BAD_CERTIFICATE):
        _signer_check(signature, trusted, stamped_at or at or signature.signed_at)
        if at and signature.signed_at > at + _CLOCKS_APART:
            raise EvidenceError("signature: from the future")
    batches = _batch(chain), _batch(stamp_chain)
    return Check(signature.certificate, signature.signed_at, stamped_at, message, attachments, *batches)


def _stamped_at(
    signature: Signature,
    signatures: bytes,
    token: bytes,
    chain: ChainFiles | None,
    trusted: Sequence[x509.Certificate],
) -> datetime:
    if chain:
        with _part(BAD_STAMP_CHAIN):
            _chain_check(chain, STAMP_CHAIN, {f"/{SIGNATURES}": signatures})
    with _part(BAD_STAMP):
        digest = hashlib.sha256(chain.result if chain else signature.value).digest()
        return timestamps.token_verify(token, digest, trusted=trusted)


def _chain_files(entries: Mapping[str, bytes], result: str, chain: str) -> ChainFiles | None:
    """KeyError when one of the two is there without the other."""
    return ChainFiles(entries[result], entries[chain]) if result in entries or chain in entries else None


def _batch(files: ChainFiles | None) -> Batch | None:
    if files is None:
        return None
    root, _, _ = hashchain.result_read(files.result)
    return Batch(root, len(hashchain.chain_read(files.chain)))


def _chain_check(files: ChainFiles, name: str, parts: Mapping[str, bytes]) -> None:
    """The hash chain names exactly these parts, with their digests, and is written in our one form."""
    _, _, algorithm = hashchain.result_read(files.result)
    if algorithm != XROAD_SHA256:
        raise EvidenceError("hash chain: ours are made with SHA-256")
    met = hashchain.chain_verify(
        files.result, documents={f"/{name}": files.chain, **parts}, inputs=dict.fromkeys(parts)
    )
    if list(met) != list(parts):
        raise EvidenceError("hash chain: it names other data too")
    if hashchain.chain_document(hashchain.chain_read(files.chain)) != files.chain:
        raise EvidenceError("hash chain: not the one form that these steps have")


def _signer_check(signature: Signature, trusted: Sequence[x509.Certificate], at: datetime) -> None:
    path = timestamps.path_verify(signature.certificate, signature.chain, trusted=trusted, at=at)
    if list(signature.chain) != path[1 : 1 + len(signature.chain)]:
        raise EvidenceError("certificate: the signature carries other certificates than its way to the root")
    usage = signature.certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    if not usage.digital_signature and not usage.content_commitment:
        raise EvidenceError("certificate: its key is not for signatures")


class _PartError(Exception):
    """Carries the sentence of the part in which the cause was met."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@contextmanager
def _part(text: Text) -> Generator[None]:
    try:
        yield
    except (x509.ExtensionNotFound, struct.error, *timestamps.UNREADABLE) as error:
        raise _PartError(text) from error


def _manifest(entries: Mapping[str, bytes]) -> bytes:
    """OpenDocument's list of what is in the container outside META-INF."""
    named = [name for name in entries if name != "mimetype" and not name.startswith("META-INF/")]
    rows = [("/", MIMETYPE), *((name, media_type(name)) for name in named)]
    body = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="{media}"/>'
        for name, media in rows
    )
    head = f'<manifest:manifest xmlns:manifest="{_ODF}" manifest:version="1.2">'
    return f"{HEAD}{head}{body}</manifest:manifest>\n".encode()


def _stamp_manifest(entries: Mapping[str, bytes]) -> bytes:
    """Which entry the time stamp stands for, with its digest."""
    name = STAMP_RESULT if STAMP_RESULT in entries else SIGNATURES
    return (
        f'{HEAD}<asic:ASiCManifest xmlns:asic="{ASIC}" xmlns:ds="{DS}">'
        f'<asic:SigReference URI="{STAMP}" MimeType="application/vnd.etsi.timestamp-token"/>'
        f'<asic:DataObjectReference URI="{name}" MimeType="text/xml">'
        f"{digest_xml(hashlib.sha256(entries[name]).digest())}</asic:DataObjectReference></asic:ASiCManifest>\n"
    ).encode()


def _zip_write(entries: Mapping[str, bytes]) -> bytes:
    """Stored, without dates or extra fields: one form, whichever library and machine reads or writes it."""
    files, central = bytearray(), bytearray()
    for name, content in entries.items():
        about = (0, 0, 0, _FIRST_OF_1980, zlib.crc32(content), len(content), len(content), len(name), 0)
        central += _CENTRAL.pack(b"PK\x01\x02", 10, 10, *about, 0, 0, 0, 0, len(files)) + name.encode()
        files += _LOCAL.pack(b"PK\x03\x04", 10, *about) + name.encode() + content
    count = len(entries)
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(central), len(files), len(_COMMENT))
    return bytes(files + central + end + _COMMENT)


def _zip_read(data: bytes) -> dict[str, bytes]:
    """Name → content. EvidenceError, or struct.error at a short file, unless it is just what `_zip_write` writes."""
    entries: dict[str, bytes] = {}
    here = 0
    if len(data) > _MAX_BYTES + _MAX_OVERHEAD:
        raise EvidenceError("container: too large")
    while data[here : here + 4] == b"PK\x03\x04" and len(entries) <= _MAX_ENTRIES:
        *_, size, named, _ = _LOCAL.unpack_from(data, here)
        start = here + _LOCAL.size + named
        name = data[here + _LOCAL.size : start].decode("ascii")
        if name in entries:
            raise EvidenceError(f"container: two entries {name}")
        entries[name] = data[start : start + size]
        here = start + size
    if _zip_write(entries) != data:
        raise EvidenceError("container: not the one form that its entries have")
    return entries
