"""MIME as far as SOAP messages with attachments need it: media types, and where each part of a message stands.

PR-MESS 4.0 §2.4, RFC 2045 §5, RFC 2046 §5.1. Nothing is decoded or put together anew: a part is a place in the
message's own bytes, which go on as they came.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lienthong.gateway.xroad.errors import Kind, XRoadError, quoted
from lienthong.ground.text import Text

PARTS_MAX: Final = 100
PART_HEADERS_MAX: Final = 16 * 1024
CONTENT_TYPE_MAX: Final = 1024

_NAME: Final = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_MEDIA: Final = re.compile(rf"[ \t]*({_NAME}/{_NAME})[ \t]*")
# Clients also leave values with `/`, `=` or `:` unquoted, as in `type=text/xml`.
_PARAMETER: Final = re.compile(rf';[ \t]*(?:({_NAME})=(?:"((?:[^"\\]|\\.)*)"|([^\s;"\\]+)))?[ \t]*')
_BOUNDARY: Final = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")
_LINE_END: Final = re.compile(rb"(--)?[ \t]*(?:\r?\n|\Z)")
_NEWLINE: Final = re.compile(rb"\r?\n")
_BLANK: Final = re.compile(rb"\r?\n\r?\n")
_FOLD: Final = re.compile(rb"\r?\n[ \t]+")
_FIELD: Final = re.compile(rb"([!-9;-~]+):([^\x00-\x08\x0a-\x1f\x7f]*)")


@dataclass(frozen=True, slots=True)
class MediaType:
    """name and parameters' names in lower case."""

    name: str
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """headers: names in lower case; content: `body[start:end]` of the message that it was found in."""

    headers: tuple[tuple[str, bytes], ...]
    start: int
    end: int

    def header(self, name: str) -> bytes | None:
        """XRoadError where the part has several of this name: two readers could choose differently."""
        found = [value for given, value in self.headers if given == name]
        if len(found) > 1:
            raise faulty(Text(f"một phần có nhiều đầu mục {name}", f"a part has several headers {name}"))
        return found[0] if found else None


def media_type_parse(value: bytes) -> MediaType:
    """A Content-Type. XRoadError where it is none, or gives one parameter twice."""
    text = value.decode("latin-1")
    found = _MEDIA.match(text)
    if found is None or len(text) > CONTENT_TYPE_MAX:
        raise _no_media_type(value)
    parameters: dict[str, str] = {}
    at = found.end()
    while at < len(text):
        item = _PARAMETER.match(text, at)
        if item is None:
            raise _no_media_type(value)
        at = item.end()
        name, quoted_value, plain = item.groups()
        if name is None:
            continue
        if name.lower() in parameters:
            raise _no_media_type(value)
        parameters[name.lower()] = plain if quoted_value is None else re.sub(r"\\(.)", r"\1", quoted_value)
    return MediaType(found[1].lower(), parameters)


def parts_of(body: bytes, boundary: str) -> list[Part]:
    """One at least, in their order. XRoadError where the message is faulty, cut short, or of too many parts."""
    if not _BOUNDARY.fullmatch(boundary):
        raise faulty(Text(f"ranh giới {quoted(boundary)}", f"the boundary {quoted(boundary)}"))
    parts: list[Part] = []
    begun: int | None = None
    for before, after, closing in _delimiters(body, boundary.encode()):
        if begun is not None:
            parts.append(_part(body, begun, before))
        if len(parts) > PARTS_MAX:
            raise faulty(Text(f"nhiều hơn {PARTS_MAX} phần", f"more than {PARTS_MAX} parts"))
        if closing:
            if not parts:
                break
            return parts
        begun = after
    if begun is None:
        raise faulty(Text("không có phần nào", "it has no part"))
    raise faulty(Text("thiếu dòng kết thúc", "its last line is missing: it was cut short"))


def faulty(why: Text) -> XRoadError:
    return XRoadError(
        Kind.MIME_PARSING_FAILED,
        Text("Thông điệp nhiều phần (MIME) không đúng.", "The multipart message (MIME) is faulty."),
        why=Text(f"Lý do: {why.vi}.", f"Because of this: {why.en}."),
    )


def _delimiters(body: bytes, boundary: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where the content before it ends, where the part behind it begins, and whether it is the last."""
    mark = b"--" + boundary
    at = 0 if body.startswith(mark) else _next(body, mark, 0)
    while at is not None:
        line = _LINE_END.match(body, at + len(mark))
        if line is not None:
            # The line end before a delimiter belongs to it, not to the part.
            before = at - 1 if at else 0
            if before and body[before - 1 : before] == b"\r":
                before -= 1
            yield before, line.end(), line[1] is not None
        at = _next(body, mark, at + len(mark))


def _next(body: bytes, mark: bytes, start: int) -> int | None:
    found = body.find(b"\n" + mark, max(start - 1, 0))
    return None if found < 0 else found + 1


def _part(body: bytes, start: int, end: int) -> Part:
    """Headers up to the blank line; none where the part begins with it."""
    first = _NEWLINE.match(body, start, max(start, end))
    if first is not None:
        return Part((), first.end(), max(first.end(), end))
    blank = _BLANK.search(body, start, min(end, start + PART_HEADERS_MAX))
    if blank is None:
        raise faulty(
            Text("một phần thiếu dòng trống sau đầu mục", "a part has no blank line after its headers")
        )
    headers: list[tuple[str, bytes]] = []
    for line in _NEWLINE.split(_FOLD.sub(b" ", body[start : blank.start()])):
        field = _FIELD.fullmatch(line)
        if field is None:
            raise faulty(Text(f"đầu mục {quoted(line)}", f"the header {quoted(line)}"))
        headers.append((field[1].decode().lower(), field[2].strip()))
    return Part(tuple(headers), blank.end(), end)


def _no_media_type(value: bytes) -> XRoadError:
    return XRoadError(
        Kind.INVALID_CONTENT_TYPE,
        Text(f"Content-Type {quoted(value)} không đúng dạng.", f"Content-Type {quoted(value)} is none."),
        next_step=Text(
            "Ví dụ đúng: text/xml; charset=utf-8.", "Write, for example, text/xml; charset=utf-8."
        ),
    )
