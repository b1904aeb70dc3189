"""Signers, signatures over bytes, revocation.

Keys and certificates stay in memory after first use, so a signature costs no query. What the database says
about a certificate is asked again after `FRESH_SECONDS`: a revocation made by another process counts by then
at the latest; one made here counts at once.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from cryptography import x509
from django.conf import settings
from django.db import connection, transaction

from lienthong.blocks.trust import wire
from lienthong.blocks.trust.authority import Authority, Subject, subject_of
from lienthong.blocks.trust.models import Certificate
from lienthong.ground.errors import NotFound
from lienthong.ground.text import Text

FRESH_SECONDS: Final = 60.0
_BATCH: Final = 500
_LOCK: Final = "lienthong.trust.signer:"
_TAKEN_OVER: Final = "Bị thu hồi tại cơ quan quản lý kết nối"

Kind = Literal["member", "officer", "authority"]


@dataclass(frozen=True, slots=True)
class SignerRequest:
    subject_id: str
    kind: Kind
    name: str
    organisation: str | None = None


@dataclass(frozen=True, slots=True)
class SignerInfo:
    """The certificate a subject signs with; `fingerprint` is SHA-256 hex of its DER form."""

    subject_id: str
    kind: str
    name: str
    organisation: str | None
    fingerprint: str
    not_before: datetime
    not_after: datetime
    pem: str


@dataclass(frozen=True, slots=True)
class Signed:
    """`signature` base64, `certificate` the signer's fingerprint."""

    signature: str
    certificate: str


@dataclass(frozen=True, slots=True)
class Verified:
    valid: bool
    subject_id: str | None
    reason: Text | None


@dataclass(frozen=True, slots=True)
class Record:
    """A certificate as this process knows it; `read` is the monotonic second of the last look at its row."""

    info: SignerInfo
    certificate: x509.Certificate
    revoked_at: datetime | None
    read: float

    def refusal(self, at: datetime) -> Text | None:
        """Why nothing signed at `at` with this certificate counts, or None."""
        if at < self.info.not_before or at > self.info.not_after:
            return Text(
                "Chứng thư số chưa có hiệu lực hoặc đã hết hạn vào lúc ký.",
                "The certificate was not yet valid, or had expired, at the time of signing.",
            )
        if self.revoked_at is not None and at >= self.revoked_at:
            return Text(
                "Chứng thư số đã bị thu hồi trước lúc ký.",
                "The certificate had been revoked before the time of signing.",
            )
        return None


# One dictionary operation each, so threads need no lock: the worst case is one more look at the row.
_records: dict[str, Record] = {}
_signers: dict[str, tuple[Record, wire.PrivateKey]] = {}
_uncommitted: set[str] = set()
"""Fingerprints of certificates that this process issued in a transaction still open, or rolled back."""


def authority() -> Authority:
    """The authority of `settings.LIENTHONG_KEYS`."""
    return _authority(Path(settings.LIENTHONG_KEYS) / "authority")


@lru_cache(maxsize=8)
def _authority(folder: Path) -> Authority:
    return Authority(folder)


def caches_clear() -> None:
    """Forget what was read; for a process that restored another database under itself."""
    _records.clear()
    _signers.clear()
    _uncommitted.clear()


def signer_ensure(
    *, subject_id: str, kind: Kind, name: str, organisation: str | None, at: datetime
) -> SignerInfo:
    """The subject's certificate valid at `at`, issued when there is none. Idempotent, also in a race."""
    request = SignerRequest(subject_id, kind, name, organisation)
    return signers_ensure_many(requests=[request], at=at)[subject_id]


def signers_ensure_many(*, requests: Sequence[SignerRequest], at: datetime) -> dict[str, SignerInfo]:
    """Like `signer_ensure` for many: a handful of queries for each five hundred. Keyed by subject."""
    wanted = {request.subject_id: request for request in requests}
    ids = sorted(wanted)
    found: dict[str, SignerInfo] = {}
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        found |= _usable(batch, at)
        missing = [subject for subject in batch if subject not in found]
        if missing:
            with transaction.atomic():
                # Two processes asking for the same signer: the second waits here and then finds the row.
                _lock(missing)
                found |= _usable(missing, at)
                fresh = [wanted[subject] for subject in missing if subject not in found]
                found |= _issue(fresh, at)
    return found


def bytes_sign(*, subject_id: str, data: bytes, at: datetime) -> Signed:
    """Signs with the subject's certificate valid at `at` (checked before signing: Circular 15/2025/TT-BKHCN).

    NotFound when the subject has none, or its key is not on this machine.
    """
    record, key = signer_load(subject_id=subject_id, at=at)
    return Signed(wire.sign(key, data), record.info.fingerprint)


def bytes_verify(*, data: bytes, signature: str, certificate: str, at: datetime) -> Verified:
    """Whether `certificate` (a fingerprint) is trusted at `at` and its key made this signature."""
    record = record_find(fingerprint=certificate)
    if record is None:
        unknown = Text(
            "Chứng thư số của chữ ký này không có trong danh sách tin cậy.",
            "The certificate of this signature is not on the trusted list.",
        )
        return Verified(valid=False, subject_id=None, reason=unknown)
    subject_id = record.info.subject_id
    if refusal := record.refusal(at):
        return Verified(valid=False, subject_id=subject_id, reason=refusal)
    if not wire.verify(record.certificate, data, signature):
        changed = Text(
            "Dữ liệu đã bị thay đổi sau khi ký, hoặc chữ ký không thuộc dữ liệu này.",
            "The data was changed after signing, or the signature belongs to other data.",
        )
        return Verified(valid=False, subject_id=subject_id, reason=changed)
    return Verified(valid=True, subject_id=subject_id, reason=None)


def certificates_take(given: Iterable[Mapping[str, Any]]) -> int:
    """Keep certificates that another instance tells of (`pem`, `revoked_at`); how many were not known here.

    One that our authority did not issue is left out. A revocation is taken over too.
    """
    known = set(Certificate.objects.values_list("fingerprint", flat=True))
    rows: list[Certificate] = []
    for item in given:
        certificate = wire.certificate_load(item["pem"])
        fingerprint = wire.fingerprint(certificate)
        revoked_at = datetime.fromisoformat(item["revoked_at"]) if item["revoked_at"] else None
        if fingerprint in known:
            if revoked_at is not None and Certificate.objects.filter(
                fingerprint=fingerprint, revoked_at=None
            ).update(revoked_at=revoked_at, revocation_reason=_TAKEN_OVER):
                _forget(fingerprint)
        elif authority().issued(certificate):
            rows.append(_row(subject_of(certificate), certificate, revoked_at))
    Certificate.objects.bulk_create(rows)
    return len(rows)


def certificate_revoke(*, fingerprint: str, reason: str, at: datetime) -> None:
    """From `at` on the certificate signs nothing; what it signed before stays valid. Idempotent.

    NotFound when nobody holds such a certificate.
    """
    rows = Certificate.objects.filter(fingerprint=fingerprint)
    if not rows.filter(revoked_at=None).update(revoked_at=at, revocation_reason=reason) and not rows.exists():
        raise NotFound(
            "trust.certificate_unknown",
            Text("Không thu hồi được chứng thư số.", "The certificate was not revoked."),
            Text("Không có chứng thư số nào mang dấu vân tay này.", "No certificate has this fingerprint."),
            Text("Kiểm tra lại dấu vân tay rồi thử lại.", "Check the fingerprint and try again."),
        )
    _forget(fingerprint)
    # Another thread may have read the row between our update and our commit.
    transaction.on_commit(lambda: _forget(fingerprint))


def record_find(*, fingerprint: str) -> Record | None:
    """The certificate with this fingerprint, when our authority issued it."""
    known = _records.get(fingerprint)
    if known is not None and time.monotonic() - known.read < FRESH_SECONDS:
        return known
    row = Certificate.objects.filter(fingerprint=fingerprint).first()
    return None if row is None else _remember(row)


def signer_load(*, subject_id: str, at: datetime) -> tuple[Record, wire.PrivateKey]:
    """The record and key that the subject signs with at `at`. NotFound as `bytes_sign` says."""
    known = _signers.get(subject_id)
    if (
        known is not None
        and time.monotonic() - known[0].read < FRESH_SECONDS
        and known[0].refusal(at) is None
    ):
        return known
    for row in _valid_rows([subject_id], at):
        record = _remember(row)
        key = None if record is None else authority().key(subject_id, record.certificate)
        if record is not None and key is not None:
            if row.fingerprint not in _uncommitted:
                _signers[subject_id] = (record, key)
            return record, key
    raise NotFound(
        "trust.signer_unknown",
        Text("Chưa ký được.", "Nothing was signed."),
        Text(
            f"{subject_id} không có chứng thư số còn hiệu lực kèm khóa ký trên máy này.",
            f"{subject_id} has no valid certificate with its key on this machine.",
        ),
        Text("Đề nghị quản trị viên cấp chứng thư số.", "Ask the administrator to issue a certificate."),
    )


def _usable(ids: Sequence[str], at: datetime) -> dict[str, SignerInfo]:
    """Newest first; one whose key is lost (a database restored on another machine) does not count."""
    found: dict[str, SignerInfo] = {}
    for row in _valid_rows(ids, at):
        if row.subject_id in found:
            continue
        certificate = wire.certificate_load(row.pem)
        if authority().key(row.subject_id, certificate) is not None:
            found[row.subject_id] = _info(row, certificate)
    return found


def _valid_rows(ids: Sequence[str], at: datetime) -> Iterable[Certificate]:
    rows = Certificate.objects.filter(subject_id__in=ids, not_before__lte=at, not_after__gte=at)
    return (row for row in rows.order_by("-id") if row.revoked_at is None or row.revoked_at > at)


def _issue(requests: Sequence[SignerRequest], at: datetime) -> dict[str, SignerInfo]:
    rows: list[Certificate] = []
    found: dict[str, SignerInfo] = {}
    start = at.astimezone(UTC).replace(microsecond=0)  # X.509 knows no fractions of a second
    for request in requests:
        subject = Subject(request.subject_id, request.kind, request.name, request.organisation)
        certificate = authority().issue(subject, at=start)
        row = _row(subject, certificate)
        rows.append(row)
        found[request.subject_id] = _info(row, certificate)
    Certificate.objects.bulk_create(rows)
    # Not remembered before it is committed: after a rollback the process would sign with a certificate
    # that nobody can look up.
    issued = {row.fingerprint for row in rows}
    _uncommitted.update(issued)
    transaction.on_commit(lambda: _uncommitted.difference_update(issued))
    return found


def _row(subject: Subject, certificate: x509.Certificate, revoked_at: datetime | None = None) -> Certificate:
    return Certificate(
        subject_id=subject.subject_id,
        kind=subject.kind,
        serial=f"{certificate.serial_number:x}",
        fingerprint=wire.fingerprint(certificate),
        pem=wire.certificate_pem(certificate),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        revoked_at=revoked_at,
        revocation_reason=_TAKEN_OVER if revoked_at else "",
    )


def _lock(ids: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(%s::text[]) AS name",
            [[_LOCK + subject for subject in ids]],
        )


def _remember(row: Certificate) -> Record | None:
    known = _records.get(row.fingerprint)
    certificate = known.certificate if known else wire.certificate_load(row.pem)
    # A row that was altered in the database is not believed: the authority's signature decides.
    if known is None and (
        wire.fingerprint(certificate) != row.fingerprint or not authority().issued(certificate)
    ):
        return None
    info = known.info if known else _info(row, certificate)
    record = Record(info, certificate, row.revoked_at, time.monotonic())
    if row.fingerprint not in _uncommitted:
        _records[row.fingerprint] = record
    return record


def _forget(fingerprint: str) -> None:
    record = _records.pop(fingerprint, None)
    if record is not None:
        _signers.pop(record.info.subject_id, None)


def _info(row: Certificate, certificate: x509.Certificate) -> SignerInfo:
    subject = subject_of(certificate)
    return SignerInfo(
        subject_id=subject.subject_id,
        kind=subject.kind,
        name=subject.name,
        organisation=subject.organisation,
        fingerprint=row.fingerprint,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        pem=row.pem,
    )
