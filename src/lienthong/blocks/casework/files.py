"""Content-addressed files: a file is kept under its SHA-256 and never changed.

It is removed only when it was condemned with its dossier (`disposing`), and nothing refers to its hash any more.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from datetime import date, datetime
from io import BytesIO

import puremagic
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction

from lienthong.blocks.casework.retention_models import DisposalDecision, RemovedFile
from lienthong.blocks.trust.wire import sha256_hex
from lienthong.ground import formats
from lienthong.ground.errors import Invalid, NotFound, Problem
from lienthong.ground.text import Text

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MEDIA_TYPES = {"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg"}

Referring = Callable[[Collection[str]], set[str]]
"""Of these hashes, those that a room's rows refer to."""
_REFERRING: dict[str, Referring] = {}
_AT_ONCE = 500


def referring(room: str, asked: Referring) -> None:
    """Declare, as the apps load, how a room's rows are asked which files they refer to."""
    _REFERRING[room] = asked


def check_code_new() -> str:
    """Sixteen random characters (80 bits), printed in fours: whoever has the paper can check it."""
    text = "".join(secrets.choice(_CROCKFORD) for _ in range(16))
    return "-".join(text[start : start + 4] for start in range(0, 16, 4))


def file_keep(content: bytes) -> str:
    """Store the bytes; returns their SHA-256. Storing the same bytes twice stores them once."""
    sha256 = sha256_hex(content)
    name = _name(sha256)
    if default_storage.exists(name):
        # Who removes the file holds this row meanwhile; without the row nobody removes it.
        RemovedFile.objects.filter(sha256=sha256).delete()
    if default_storage.exists(name):
        if default_storage.size(name) == len(content):
            return sha256
        default_storage.delete(name)  # a process that was killed while writing left a part of it
    default_storage.save(name, BytesIO(content))
    return sha256


def file_read(sha256: str) -> bytes:
    """Errors: file-unknown (404), file-disposed (410)."""
    name = _name(sha256)
    if not default_storage.exists(name):
        gone = RemovedFile.objects.filter(sha256=sha256).exclude(removed_at=None)
        if (removed := gone.select_related("decision").first()) is not None:
            by = removed.decision
            raise file_disposed(by.number if by else "", by.decided_on if by else None)
        raise NotFound(
            "file-unknown",
            Text("Không tìm thấy tệp.", "The file is not here."),
            Text(
                "Tệp nằm ở cơ quan khác, hoặc mã tệp không đúng.",
                "Another agency keeps it, or its hash is wrong.",
            ),
            Text("Kiểm tra lại đường dẫn tải.", "Check the download address."),
        )
    with default_storage.open(name) as handle:
        return handle.read()


def files_condemn(hashes: Collection[str], *, decision: DisposalDecision | None, at: datetime) -> None:
    """In the transaction that disposes of what these files came with; `files_remove` follows after it."""
    RemovedFile.objects.bulk_create(
        (RemovedFile(sha256=sha256, decision=decision, condemned_at=at) for sha256 in sorted(set(hashes))),
        ignore_conflicts=True,
    )


def files_remove(*, at: datetime) -> int:
    """Remove what is condemned and nothing refers to; what is still referred to is pardoned. How many were removed.

    Repeatable: a process killed in between leaves condemned files, and the next run goes on with them.
    """
    removed = 0
    condemned = RemovedFile.objects.filter(removed_at=None).values_list("sha256", flat=True)
    while some := list(condemned[:_AT_ONCE]):
        wanted = set[str]().union(*(asked(some) for asked in _REFERRING.values()))
        RemovedFile.objects.filter(sha256__in=wanted, removed_at=None).delete()
        removed += sum(_remove(sha256, at) for sha256 in some if sha256 not in wanted)
    return removed


def _remove(sha256: str, at: datetime) -> bool:
    with transaction.atomic():
        row = RemovedFile.objects.select_for_update().filter(sha256=sha256, removed_at=None).first()
        if row is None:  # kept anew meanwhile
            return False
        default_storage.delete(_name(sha256))
        row.removed_at = at
        row.save(update_fields=["removed_at"])
    return True


def files_gone(hashes: Collection[str]) -> set[str]:
    """Of these, those that were removed."""
    rows = RemovedFile.objects.filter(sha256__in=hashes).exclude(removed_at=None)
    return set(rows.values_list("sha256", flat=True))


def file_disposed(decision: str, decided_on: date | None) -> Problem:
    """A file that is gone for good; under which decision, where there was one."""
    if decided_on is None:
        why = Text(
            "Tệp thuộc một tờ khai không gửi đi và đã hết hạn giữ.",
            "It came with an application that was never sent, and its time has passed.",
        )
    else:
        why = Text(
            f"Cơ quan đã hủy theo Quyết định {decision} ngày {formats.date(decided_on)}, "
            "vì đã hết thời hạn lưu trữ.",
            f"The agency disposed of it under decision {decision} of {formats.date(decided_on, 'en')}, "
            "since its period of retention had ended.",
        )
    return Problem(
        "file-disposed",
        Text("Tệp đã được hủy.", "The file was disposed of."),
        why,
        Text(
            "Nếu cần giấy tờ, hãy đề nghị cơ quan cấp bản sao từ sổ gốc.",
            "If you need the paper, ask the agency for a copy from its register.",
        ),
        status=410,
    )


def _name(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def upload_check(*, name: str, content: bytes) -> str:
    """The media type, by the bytes. Errors: file-too-large, file-kind, file-broken, file-encrypted (422)."""
    limit = settings.LIENTHONG_UPLOAD_LIMIT_MIB
    if len(content) > limit * 1024 * 1024:
        raise file_too_large(name)
    try:
        media_type = puremagic.from_string(content[:8192], mime=True)
    except (puremagic.PureError, ValueError):
        media_type = ""
    if media_type not in MEDIA_TYPES:
        raise Invalid(
            "file-kind",
            Text(f"Không nhận được tệp «{name}».", f"The file «{name}» cannot be taken."),
            Text(
                "Nội dung tệp không phải PDF, PNG hoặc JPEG, dù tên tệp ghi thế nào.",
                "Its content is not PDF, PNG or JPEG, whatever its name says.",
            ),
            Text(
                "Hãy chụp ảnh hoặc quét giấy tờ rồi tải lên lại.",
                "Photograph or scan the paper and upload that.",
            ),
            field="file",
        )
    if media_type == "application/pdf":
        _pdf_check(name, content)
    return media_type


def file_too_large(name: str) -> Invalid:
    limit = settings.LIENTHONG_UPLOAD_LIMIT_MIB
    return Invalid(
        "file-too-large",
        Text(f"Tệp «{name}» quá lớn.", f"The file «{name}» is too large."),
        Text(f"Mỗi tệp được tối đa {limit} MB.", f"A file may have {limit} MB at most."),
        Text(
            "Hãy quét ở độ phân giải thấp hơn, hoặc tách tệp.",
            "Scan at a lower resolution, or split the file.",
        ),
        field="file",
    )


def _pdf_check(name: str, content: bytes) -> None:
    from pypdf import PdfReader  # noqa: PLC0415 - half a second to read, and few processes take files
    from pypdf.errors import PdfReadError  # noqa: PLC0415

    try:
        encrypted = PdfReader(BytesIO(content)).is_encrypted
    except (PdfReadError, ValueError, KeyError, RecursionError) as error:
        raise Invalid(
            "file-broken",
            Text(f"Tệp «{name}» bị hỏng.", f"The file «{name}» is broken."),
            Text("Không đọc được nội dung PDF.", "Its PDF content cannot be read."),
            Text("Hãy xuất hoặc quét lại rồi tải lên.", "Export or scan it again and upload that."),
            field="file",
        ) from error
    if encrypted:
        raise Invalid(
            "file-encrypted",
            Text(f"Tệp «{name}» đặt mật khẩu.", f"The file «{name}» is protected by a password."),
            Text("Cán bộ không mở được tệp có mật khẩu.", "The officer cannot open it."),
            Text("Hãy bỏ mật khẩu rồi tải lên lại.", "Remove the password and upload it again."),
            field="file",
        )
