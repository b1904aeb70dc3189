"""Who is meant by a path or a header, and which endpoint a right must cover: for the gateway, before any look-up.

PR-REST 1.0.4 §4.1–4.3. Everything is split raw and decoded part by part, once: what is matched against the
rights is what the provider will understand (X-Road before 7.7.1 did not do so: XRDDEV-3054).
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import quote, unquote_to_bytes

from lienthong.gateway.xroad.errors import XRoadError, bad_request, quoted
from lienthong.ground.text import Text

PROTOCOL: Final = b"r1"
IDENTIFIER_MAX: Final = 255
TARGET_MAX: Final = 8192

# What Guava's path segment escaper leaves alone, which encodes X-Road's own headers.
_SAFE: Final = "-._~!$'()*,;&=@:+"
_PCHAR: Final = rb"[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2}"
_SEGMENT: Final = re.compile(rb"(?:" + _PCHAR + rb")*")
_PATH: Final = re.compile(rb"(?:/|" + _PCHAR + rb")*")
_QUERY: Final = re.compile(rb"[^\x00-\x20\x7f#]*")
# X-Road's strict set, and the underscore, which identifiers older than those checks (7.3) hold.
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9'()+,\-.=?_]+")
# A slash is legal in a service code only: elsewhere two different owners would be written the same.
_SERVICE_CODE: Final = re.compile(r"[A-Za-z0-9'()+,\-.=?_/]+")
_ENCODED_MARK: Final = re.compile(r"%(?:2e|2f|5c)", re.IGNORECASE)
_AMBIGUOUS: Final = re.compile(r"%[0-9A-Fa-f]{2}|[\x00-\x1f\x7f\\]")

_INSTANCE: Final = Text("mã hệ thống liên thông (instance)", "instance")
_CLASS: Final = Text("lớp thành viên (member class)", "member class")
_MEMBER: Final = Text("mã thành viên (member)", "member code")
_SUBSYSTEM: Final = Text("mã phân hệ (subsystem)", "subsystem code")
_CODE: Final = Text("mã dịch vụ (service code)", "service code")
_SERVER: Final = Text("mã máy chủ bảo mật (server code)", "server code")
_SHAPE: Final = "/r1/{instance}/{class}/{member}/{subsystem}/{service}[/path][?query]"


class _Identifier(ABC):
    __slots__ = ()

    @property
    @abstractmethod
    def parts(self) -> tuple[str, ...]: ...

    def __str__(self) -> str:
        return "/".join(self.parts)

    def encoded(self) -> str:
        """As it stands in a path or a header: each part percent-encoded."""
        return "/".join(quote(part, safe=_SAFE) for part in self.parts)


@dataclass(frozen=True, slots=True)
class MemberId(_Identifier):
    instance: str
    member_class: str
    member: str

    @property
    def parts(self) -> tuple[str, ...]:
        return (self.instance, self.member_class, self.member)


@dataclass(frozen=True, slots=True)
class SubsystemId(_Identifier):
    instance: str
    member_class: str
    member: str
    subsystem: str

    @property
    def parts(self) -> tuple[str, ...]:
        return (self.instance, self.member_class, self.member, self.subsystem)

    @property
    def owner(self) -> MemberId:
        return MemberId(self.instance, self.member_class, self.member)


ClientId: TypeAlias = MemberId | SubsystemId


@dataclass(frozen=True, slots=True)
class ServiceId(_Identifier):
    subsystem: SubsystemId
    code: str

    @property
    def parts(self) -> tuple[str, ...]:
        return (*self.subsystem.parts, self.code)


@dataclass(frozen=True, slots=True)
class ServerId(_Identifier):
    instance: str
    member_class: str
    member: str
    code: str

    @property
    def parts(self) -> tuple[str, ...]:
        return (self.instance, self.member_class, self.member, self.code)


@dataclass(frozen=True, slots=True)
class RepresentedParty(_Identifier):
    party_class: str | None
    code: str

    @property
    def parts(self) -> tuple[str, ...]:
        return (self.code,) if self.party_class is None else (self.party_class, self.code)


@dataclass(frozen=True, slots=True)
class Target:
    """`path` and `query` as they came, still encoded (query: latin-1), to be passed on unchanged."""

    service: ServiceId
    path: str
    query: str

    @property
    def endpoint(self) -> str:
        """The path that rights are matched against."""
        return endpoint_path(self.path)


def target_parse(raw_path: bytes, query: bytes) -> Target:
    """The target of a request; its `path` has passed `endpoint_path`, so no part of it leaves the service."""
    if len(raw_path) + len(query) > TARGET_MAX:
        raise bad_request(
            Text(
                f"Địa chỉ yêu cầu dài {len(raw_path) + len(query)} byte; tối đa {TARGET_MAX}.",
                f"The request target has {len(raw_path) + len(query)} bytes; {TARGET_MAX} at most.",
            ),
            next_step=Text("Hãy gửi dữ liệu trong thân yêu cầu.", "Send the data in the body."),
        )
    parts = raw_path.split(b"/", 7)
    if len(parts) < 7 or parts[0]:  # noqa: PLR2004 - the empty part, r1, and the five of the service
        raise bad_request(
            Text(
                f"{quoted(raw_path)} không nêu đủ một dịch vụ.", f"{quoted(raw_path)} names no whole service."
            ),
            next_step=Text(f"Địa chỉ có dạng {_SHAPE}.", f"A request is written {_SHAPE}."),
        )
    if parts[1] != PROTOCOL:
        raise bad_request(
            Text(
                f"Không có phiên bản giao thức {quoted(parts[1])}.",
                f"No protocol version {quoted(parts[1])}.",
            ),
            next_step=Text("Hãy dùng r1.", "Use r1."),
        )
    if not _QUERY.fullmatch(query):
        raise bad_request(
            Text(
                "Chuỗi truy vấn chứa ký tự không hợp lệ.", "The query holds a character that no URI may hold."
            )
        )
    names = (_INSTANCE, _CLASS, _MEMBER, _SUBSYSTEM)
    subsystem = SubsystemId(*(_part(raw, name) for raw, name in zip(parts[2:6], names, strict=True)))
    code = _part(parts[6], _CODE, allowed=_SERVICE_CODE)
    path = "/" + parts[7].decode("latin-1") if len(parts) > 7 else ""  # noqa: PLR2004 - the rest, if any
    endpoint_path(path)
    return Target(ServiceId(subsystem, code), path, query.decode("latin-1"))


def client_parse(value: str) -> ClientId:
    """X-Road-Client: a member's subsystem, or the member itself."""
    parts = _header_parts("X-Road-Client", value, (_INSTANCE, _CLASS, _MEMBER, _SUBSYSTEM), least=3)
    return MemberId(*parts) if len(parts) == 3 else SubsystemId(*parts)  # noqa: PLR2004 - without subsystem


def server_parse(value: str) -> ServerId:
    """X-Road-Security-Server."""
    return ServerId(
        *_header_parts("X-Road-Security-Server", value, (_INSTANCE, _CLASS, _MEMBER, _SERVER), least=4)
    )


def represented_parse(value: str) -> RepresentedParty:
    """X-Road-Represented-Party: `[class/]member`."""
    names = (_CLASS, _MEMBER) if "/" in value else (_MEMBER,)
    *party_class, code = _header_parts("X-Road-Represented-Party", value, names, least=1)
    return RepresentedParty(party_class[0] if party_class else None, code)


def endpoint_path(raw: str) -> str:
    """The rest of a path as rights are written for it: decoded once, `/` when empty.

    Refused is whatever one server reads as another path than the next does: dot segments, empty segments,
    encoded dots, slashes, backslashes and control characters, and what is encoded twice.
    """
    octets = raw.encode("utf-8", "surrogatepass")
    if not _PATH.fullmatch(octets) or (raw and not raw.startswith("/")) or _ENCODED_MARK.search(raw):
        raise _refused(raw)
    try:
        path = unquote_to_bytes(octets).decode()
    except UnicodeDecodeError as error:
        raise _refused(raw) from error
    if _AMBIGUOUS.search(path):
        raise _refused(raw)
    # Java servers cut a segment at `;` before they resolve dots.
    segments = [segment.partition(";")[0] for segment in path.split("/")[1:]]
    if any(segment in {".", ".."} for segment in segments) or "//" in path:
        raise _refused(raw)
    return path or "/"


def is_code(value: str, *, allowed: re.Pattern[str] = _IDENTIFIER) -> bool:
    """Whether it may be one part of an identifier."""
    return (
        len(value) <= IDENTIFIER_MAX
        and allowed.fullmatch(value) is not None
        and {"", ".", ".."}.isdisjoint(value.split("/"))
    )


def _part(raw: bytes, name: Text, *, allowed: re.Pattern[str] = _IDENTIFIER) -> str:
    value = None
    if _SEGMENT.fullmatch(raw):
        value = unquote_to_bytes(raw).decode("utf-8", "replace")
    if value is None or not is_code(value, allowed=allowed):
        raise bad_request(
            Text(f"{quoted(raw)} không phải là {name.vi}.", f"{quoted(raw)} is no {name.en}."),
            why=Text(
                f"Mã gồm 1 đến {IDENTIFIER_MAX} ký tự trong A-Z a-z 0-9 '()+,-.=?_, mã hóa phần trăm UTF-8.",
                f"It has 1 to {IDENTIFIER_MAX} of A-Z a-z 0-9 '()+,-.=?_, percent-encoded UTF-8.",
            ),
        )
    return value


def _header_parts(header: str, value: str, names: tuple[Text, ...], *, least: int) -> list[str]:
    parts = value.encode("utf-8", "surrogatepass").split(b"/", len(names))
    if not least <= len(parts) <= len(names):
        shape = "/".join(name.en for name in names)
        raise bad_request(
            Text(
                f"{header} {quoted(value)} không đúng dạng.", f"{header} {quoted(value)} has the wrong form."
            ),
            next_step=Text(f"Hãy viết {shape}.", f"Write it as {shape}."),
        )
    return [_part(raw, name) for raw, name in zip(parts, names, strict=False)]


def _refused(raw: str) -> XRoadError:
    return bad_request(
        Text(f"Đường dẫn {quoted(raw)} bị từ chối.", f"The path {quoted(raw)} is refused."),
        why=Text(
            "Nó có thể được hiểu thành đường dẫn khác: '.', '..', '//', %2e, %2f, %5c, mã hóa hai lần, "
            "ký tự điều khiển hoặc không phải UTF-8.",
            "It could be read as another path: '.', '..', '//', %2e, %2f, %5c, encoded twice, a control "
            "character, or not UTF-8.",
        ),
        next_step=Text("Hãy viết đường dẫn đầy đủ, mã hóa một lần.", "Write the whole path, encoded once."),
    )
