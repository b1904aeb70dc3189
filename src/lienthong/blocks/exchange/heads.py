"""What a container of a signed message says, for people: who signed, when, what was asked, and how it is proven.

For the public check page and `lienthong evidence check`, which say the same. The heads are those that gateways sign
(`gateway/envelope.py`); a message of another exchange is told by its signature alone. Plain Python, no Django.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from lienthong.blocks.trust.asic import Batch, Check
from lienthong.blocks.trust.authority import subject_of
from lienthong.blocks.trust.wire import fingerprint, sha256_hex
from lienthong.ground import clock, formats
from lienthong.ground.text import Text

WHO: Final = Text("Ai ký, lúc nào", "Who signed, and when")
WHAT: Final = Text("Nội dung đã ký", "What was signed")
PROOF: Final = Text("Đường chứng minh", "How it is proven")
_QUESTION: Final = {
    "client",
    "provider",
    "code",
    "method",
    "target",
    "purpose",
    "case",
    "sent_at",
    "body_hash",
}
_REPLY: Final = {"question_hash", "status", "problem", "answered_at", "body_hash"}
_GOOD: Final = range(200, 300)


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: what it is, and what the container says.

    `names`: what `value` is the name of, so that whoever knows the directory can add its title.
    """

    section: Text
    label: Text
    value: Text
    names: Literal["", "system", "purpose"] = ""


def facts_of(check: Check) -> list[Fact]:
    """The lines for a container that holds, section by section; none for one that does not."""
    if check.signer is None or check.signed_at is None:
        return []
    return [*_who(check, check.signed_at), *_what(check.message), *_content(check), *_proof(check)]


def signer_of(check: Check) -> tuple[str, str]:
    """The signer's full name and identifier; all that the certificate says, and nothing, for a stranger's."""
    if check.signer is None:
        return "", ""
    try:
        subject = subject_of(check.signer)
    except ValueError:
        return check.signer.subject.rfc4514_string(), ""
    return subject.name, subject.subject_id


def _who(check: Check, signed_at: datetime) -> list[Fact]:
    name, member = signer_of(check)
    lines = [Fact(WHO, Text("Bên ký", "Signed by"), _same(name))]
    if member:
        lines.append(Fact(WHO, Text("Mã thành viên", "Member"), _same(member)))
    lines.append(
        Fact(WHO, Text("Ký lúc (bên ký tự ghi)", "Signed at (the signer's word)"), _moment(signed_at))
    )
    stamped = (
        Text("Chưa có: chỉ biết thời điểm do bên ký tự ghi.", "None yet: only the signer's word is known.")
        if check.stamped_at is None
        else _moment(check.stamped_at)
    )
    return [*lines, Fact(WHO, Text("Dấu thời gian", "Time stamp"), stamped)]


def _what(message: bytes) -> list[Fact]:
    head = head_read(message)
    if "client" in head:
        return _question(head)
    return _reply(head) if head else [Fact(WHAT, _KIND, _FOREIGN)]


def head_read(message: bytes) -> dict[str, Any]:
    """The head of a question or of a reply; empty for any other message."""
    try:
        head = json.loads(message)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(head, dict) or not (head.keys() >= _QUESTION or head.keys() >= _REPLY):
        return {}
    return head


def _question(head: dict[str, Any]) -> list[Fact]:
    lines = [
        Fact(WHAT, _KIND, Text("Câu hỏi", "A question")),
        Fact(WHAT, Text("Bên hỏi", "Asked by"), _said(head, "client"), "system"),
        Fact(WHAT, Text("Bên được hỏi", "Asked of"), _said(head, "provider"), "system"),
        Fact(WHAT, Text("Dịch vụ", "Service"), _same(_service(head))),
    ]
    if head["purpose"]:
        lines.append(Fact(WHAT, Text("Mục đích", "Purpose"), _said(head, "purpose"), "purpose"))
    for name, label in (("case", Text("Hồ sơ", "Case")), ("user", Text("Người hỏi", "On behalf of"))):
        if head.get(name):
            lines.append(Fact(WHAT, label, _said(head, name)))
    return [*lines, Fact(WHAT, Text("Gửi lúc", "Sent at"), _said_moment(head["sent_at"]))]


def _service(head: dict[str, Any]) -> str:
    """`data/persons GET /123`: the system, its service, the request."""
    system = str(head["provider"]).rsplit("/", 1)[-1]
    return f"{system}/{head['code']} {head['method']} {head['target']}".strip()


def _reply(head: dict[str, Any]) -> list[Fact]:
    status, problem = head["status"], str(head["problem"])
    if problem:
        outcome = Text(f"Từ chối ({problem})", f"Refused ({problem})")
    elif status in _GOOD:
        outcome = Text(f"Đã trả lời ({status})", f"Answered ({status})")
    else:
        outcome = Text(f"Hệ thống báo lỗi ({status})", f"The system told an error ({status})")
    return [
        Fact(WHAT, _KIND, Text("Câu trả lời", "A reply")),
        Fact(WHAT, Text("Kết quả", "Outcome"), outcome),
        Fact(WHAT, Text("Trả lời lúc", "Answered at"), _said_moment(head["answered_at"])),
        Fact(
            WHAT,
            Text("Trả lời cho câu hỏi (SHA-256)", "To the question (SHA-256)"),
            _said(head, "question_hash"),
        ),
    ]


def _content(check: Check) -> list[Fact]:
    head = head_read(check.message)
    lines: list[Fact] = []
    if head.get("id"):
        lines.append(Fact(WHAT, Text("Mã thông điệp", "Message id"), _said(head, "id")))
    if check.attachments:
        count = len(check.attachments)
        lines.append(Fact(WHAT, Text("Tệp đính kèm", "Attachments"), _same(str(count))))
    return lines


def _digests(check: Check) -> list[Fact]:
    head = head_read(check.message)
    lines = [
        Fact(
            PROOF,
            Text("Mã băm của thông điệp (SHA-256)", "The message's SHA-256"),
            _same(sha256_hex(check.message)),
        )
    ]
    if head and head.get("body_size"):
        size, digest = head["body_size"], head["body_hash"]
        lines.append(
            Fact(
                PROOF,
                Text("Nội dung gửi kèm (SHA-256)", "The body sent with it (SHA-256)"),
                Text(
                    f"{digest} · {size} byte; gói không chứa nội dung này, chỉ chứng minh nội dung nào có mã băm đó.",
                    f"{digest} · {size} bytes; it is not in the container, which proves what has this digest.",
                ),
            )
        )
    return lines


def _proof(check: Check) -> list[Fact]:
    lines = _digests(check)
    lines.append(Fact(PROOF, Text("Chữ ký", "Signature"), _batch(check.signed_batch, _SIGNED_ALONE)))
    if check.stamped_at is not None:
        lines.append(
            Fact(PROOF, Text("Dấu thời gian", "Time stamp"), _batch(check.stamped_batch, _STAMPED_ALONE))
        )
    if check.signer is not None:
        issuer = check.signer.issuer.rfc4514_string()
        lines.append(Fact(PROOF, Text("Chứng thư do", "Certificate issued by"), _same(issuer)))
        lines.append(
            Fact(
                PROOF, Text("Vân tay chứng thư", "Certificate fingerprint"), _same(fingerprint(check.signer))
            )
        )
    return lines


def _batch(batch: Batch | None, alone: Text) -> Text:
    if batch is None:
        return alone
    root = batch.root.hex()
    return Text(
        f"Chung một lô, {batch.steps} bước băm dẫn đến gốc {root}",
        f"One of a batch, {batch.steps} hash steps lead to the root {root}",
    )


def _same(value: str) -> Text:
    return Text(value, value)


def _said(head: dict[str, Any], name: str) -> Text:
    return _same(str(head[name]))


def _said_moment(given: object) -> Text:
    """As the head wrote it where it is no moment."""
    try:
        moment = datetime.fromisoformat(str(given))
    except ValueError:
        return _same(str(given))
    return _same(str(given)) if moment.tzinfo is None else _moment(moment)


def _moment(at: datetime) -> Text:
    """To the second: two messages of one minute have an order."""
    clocked = f"{clock.in_vietnam(at):%H:%M:%S}"
    return Text(
        f"{clocked} ngày {formats.date(at)} (giờ Việt Nam)",
        f"{formats.date(at, 'en')}, {clocked} (Viet Nam time)",
    )


_KIND: Final = Text("Loại", "Kind")
_FOREIGN: Final = Text(
    "Thông điệp của hệ thống kết nối khác; trang này không đọc nội dung của nó.",
    "A message of another exchange, which this page does not read.",
)
_SIGNED_ALONE: Final = Text("Ký riêng thông điệp này", "Of this message alone")
_STAMPED_ALONE: Final = Text("Cấp riêng cho chữ ký này", "For this signature alone")
