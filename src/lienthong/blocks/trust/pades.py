"""The work behind `pdf`: PAdES B-B signatures (ETSI EN 319 142-1) with pyHanko, which takes a second to read."""

import threading
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from typing import Final

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from asn1crypto.keys import PrivateKeyInfo
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.db import Error as DatabaseError
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from lienthong.blocks.trust import services, wire
from lienthong.blocks.trust.authority import subject_of
from lienthong.blocks.trust.pdf import PdfCheck, PdfSignature, SignerRef
from lienthong.ground.clock import VIETNAM
from lienthong.ground.errors import Invalid
from lienthong.ground.text import Text

# Hex digits kept free for one signature: about twice what two P-256 certificates and the attributes need.
_RESERVED: Final = 8_192

_one_at_a_time = threading.Lock()
"""asn1crypto reads lazily, and sets up its classes at their first use: two threads in it at once spoil it for both.
They would take turns at the interpreter anyway."""

_NOT_A_PDF: Final = Text("Tệp này không phải là tệp PDF.", "This file is not a PDF.")
_BROKEN: Final = Text(
    "Tệp PDF bị hỏng hoặc đã bị thay đổi nên không đọc được.",
    "The PDF is damaged or was altered, and cannot be read.",
)
_ENCRYPTED: Final = Text(
    "Tệp PDF được đặt mật khẩu nên không kiểm tra được.", "The PDF is encrypted and cannot be checked."
)
_UNSIGNED: Final = Text("Tệp PDF này không có chữ ký số.", "This PDF carries no digital signature.")
_CHANGED: Final = Text("Nội dung đã bị thay đổi sau khi ký.", "The content was changed after it was signed.")
_STRANGER: Final = Text(
    "Chứng thư số của người ký không do tổ chức chứng thực được tin cậy cấp.",
    "The signer's certificate does not come from a trusted authority.",
)
_NO_TIME: Final = Text(
    "Chữ ký không ghi thời điểm ký hoặc ghi một thời điểm trong tương lai.",
    "The signature names no time of signing, or one in the future.",
)
_ONE_FAILED: Final = Text(
    "Ít nhất một chữ ký trong tệp không hợp lệ.", "At least one signature in the file is not valid."
)


def pdf_sign(*, pdf: bytes, signers: Sequence[SignerRef], at: datetime) -> bytes:
    """The PDF with one invisible signature for each signer, in order. Invalid when it cannot take one."""
    loaded = [(ref, *services.signer_load(subject_id=ref.subject_id, at=at)) for ref in signers]
    with _one_at_a_time:
        for ref, record, key in loaded:
            pdf = _signed_once(pdf, ref, _signer(record, key), at)
    return pdf


def pdf_verify(*, pdf: bytes, at: datetime) -> PdfCheck:
    """Checks every signature against our authority; whatever the bytes are, the answer is a PdfCheck."""
    if b"%PDF-" not in pdf[:1024]:
        return PdfCheck((), valid=False, problem=_NOT_A_PDF)
    with _one_at_a_time:
        return _verified(pdf, at)


def _verified(pdf: bytes, at: datetime) -> PdfCheck:
    try:
        reader = PdfFileReader(BytesIO(pdf))
        if reader.encrypted:
            return PdfCheck((), valid=False, problem=_ENCRYPTED)
        embedded = list(reader.embedded_signatures)
        checks = tuple(_checked(one, pdf, at) for one in embedded)
    except DatabaseError:  # says nothing about the paper
        raise
    except Exception:  # noqa: BLE001 - the bytes are anyone's, and parsers fail in many ways: all mean "damaged"
        return PdfCheck((), valid=False, problem=_BROKEN)
    if not checks:
        return PdfCheck((), valid=False, problem=_UNSIGNED)
    problem = None if all(check.problem is None for check in checks) else _ONE_FAILED
    if problem is None and not any(_reaches_end(one, pdf) for one in embedded):
        problem = _CHANGED
    if problem is _ONE_FAILED and len(checks) == 1:
        problem = checks[0].problem
    return PdfCheck(checks, valid=problem is None, problem=problem)


class _Session(PdfSigner):
    """PyHanko's signer, with the house's clock instead of the machine's."""

    at: datetime

    def init_signing_session(
        self,
        pdf_out: BasePdfFileWriter,
        existing_fields_only: bool = False,  # noqa: FBT001, FBT002
    ) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.at
        return session


class _Writer(IncrementalPdfFileWriter):
    def _update_meta(self) -> None:
        """A signature leaves the paper's own title and dates alone."""


def _signed_once(pdf: bytes, ref: SignerRef, signer: SimpleSigner, at: datetime) -> bytes:
    try:
        writer = _Writer(BytesIO(pdf))
        if writer.prev.encrypted:
            raise _refused(_ENCRYPTED)
        number = len(list(writer.prev.embedded_signatures)) + 1
        session = _Session(
            PdfSignatureMetadata(
                field_name=f"Signature{number}",
                md_algorithm="sha256",
                subfilter=SigSeedSubFilter.PADES,
                reason=ref.reason,
                name=ref.name,
            ),
            signer,
        )
        session.at = at.astimezone(VIETNAM)
        return session.sign_pdf(writer, bytes_reserved=_RESERVED).getvalue()
    except (PdfReadError, SigningError, ValueError, KeyError, TypeError) as error:
        raise _refused(_NOT_A_PDF if b"%PDF-" not in pdf[:1024] else _BROKEN) from error


def _refused(why: Text) -> Invalid:
    return Invalid(
        "trust.pdf_unsignable",
        Text("Chưa ký được tệp PDF.", "The PDF was not signed."),
        why,
        Text(
            "Tạo lại tệp PDF không có mật khẩu rồi ký lại.",
            "Make the PDF again without a password and retry.",
        ),
    )


_pyhanko_signers: dict[str, SimpleSigner] = {}


def _signer(record: services.Record, key: wire.PrivateKey) -> SimpleSigner:
    if known := _pyhanko_signers.get(record.info.fingerprint):
        return known
    der = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    made = SimpleSigner(
        signing_cert=_asn1(record.certificate),
        signing_key=PrivateKeyInfo.load(der),
        cert_registry=SimpleCertificateStore.from_certs([_asn1(services.authority().issuing)]),
    )
    return _pyhanko_signers.setdefault(record.info.fingerprint, made)


@lru_cache(maxsize=1024)
def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _checked(embedded: EmbeddedPdfSignature, pdf: bytes, at: datetime) -> PdfSignature:
    signed_at = embedded.self_reported_timestamp
    ours = services.authority()
    # A paper outlives its signer's certificate, so the certificate is judged at the time of signing.
    context = ValidationContext(
        trust_roots=[_asn1(ours.root)],
        other_certs=[_asn1(ours.issuing)],
        moment=signed_at or at,
        allow_fetching=False,
    )
    status = validate_pdf_signature(embedded, context)
    certificate = x509.load_der_x509_certificate(status.signing_cert.dump())
    intact = status.intact and status.valid and _canonical(embedded, pdf)
    whole = _whole(status)
    refusal = _refusal(certificate, status, signed_at, at)
    problem = refusal if intact and whole else _CHANGED
    name, subject_id, organisation = _who(certificate)
    return PdfSignature(
        signer=name,
        subject_id=subject_id,
        organisation=organisation,
        signed_at=None if signed_at is None else signed_at.astimezone(VIETNAM),
        intact=intact,
        trusted=refusal is None,
        whole_document=whole,
        problem=problem,
    )


def _refusal(
    certificate: x509.Certificate, status: PdfSignatureStatus, signed_at: datetime | None, at: datetime
) -> Text | None:
    if signed_at is None or signed_at > at:
        return _NO_TIME
    record = services.record_find(fingerprint=wire.fingerprint(certificate))
    if record is not None and (reason := record.refusal(signed_at)):
        return reason
    return None if status.trusted else _STRANGER


def _whole(status: PdfSignatureStatus) -> bool:
    covered = {SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION}
    return status.coverage in covered and bool(status.docmdp_ok)


def _reaches_end(embedded: EmbeddedPdfSignature, pdf: bytes) -> bool:
    _, _, second, length = _byte_range(embedded)
    return second + length == len(pdf)


def _byte_range(embedded: EmbeddedPdfSignature) -> list[int]:
    """Start and length of the two signed ranges; what lies between them is the signature itself."""
    return [int(number) for number in list(embedded.byte_range)]  # pyright: ignore[reportArgumentType]


def _canonical(embedded: EmbeddedPdfSignature, pdf: bytes) -> bool:
    """Closes what a signature cannot cover: the bytes of its own container.

    Between the two signed ranges stand the container in hex and zeros, nothing else; and the container is,
    byte for byte, what its signature, signed attributes and known certificates make (RFC 5652, PAdES B-B).
    """
    signer, issuing = embedded.signer_cert, _asn1(services.authority().issuing)
    held = [choice.chosen for choice in embedded.signed_data["certificates"]]
    if sorted(one.dump() for one in held) != sorted([signer.dump(), issuing.dump()]):
        return False
    sid = cms.IssuerAndSerialNumber({"issuer": signer.issuer, "serial_number": signer.serial_number})
    info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier("issuer_and_serial_number", sid),
            "digest_algorithm": {"algorithm": "sha256"},
            "signed_attrs": embedded.signer_info["signed_attrs"],
            "signature_algorithm": embedded.signer_info["signature_algorithm"],
            "signature": embedded.signer_info["signature"],
        }
    )
    data = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {"content_type": "data"},
            "certificates": [cms.CertificateChoices("certificate", one) for one in held],
            "signer_infos": [info],
        }
    )
    der = cms.ContentInfo({"content_type": "signed_data", "content": data}).dump()
    _, first, second, _ = _byte_range(embedded)
    gap = pdf[first:second]
    expected = der.hex().encode().ljust(len(gap) - 2, b"0")
    return gap in (b"<%b>" % expected, b"<%b>" % expected.upper())


def _who(certificate: x509.Certificate) -> tuple[str, str | None, str | None]:
    try:
        subject = subject_of(certificate)
    except ValueError:
        return certificate.subject.rfc4514_string(), None, None
    return subject.name, subject.subject_id, subject.organisation
