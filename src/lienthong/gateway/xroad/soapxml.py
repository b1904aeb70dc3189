"""Reads a SOAP 1.1 envelope as far as X-Road's rules need it, and where in its bytes each thing stands.

The places are needed because the bytes themselves go on: only what X-Road adds is put between them. Document types
are refused, and with them all entities; nothing is fetched; depth is limited, the size is by the gateway's door.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import (
    expat,
)  # lxml and defusedxml tell no byte offsets; without a DTD expat has nothing to expand

from lienthong.gateway.xroad.errors import Kind, XRoadError
from lienthong.ground.text import Text

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
XROAD: Final = "http://x-road.eu/xsd/xroad.xsd"
IDENTIFIERS: Final = "http://x-road.eu/xsd/identifiers"
REPRESENTATION: Final = "http://x-road.eu/xsd/representation.xsd"

DEPTH_MAX: Final = 200
ENTRIES_MAX: Final = 200
TEXT_MAX: Final = 4096
_SECTION, _ENTRY, _PART = 2, 3, 4  # levels below the document
_READ: Final = (f"{XROAD} ", f"{REPRESENTATION} ", f"{IDENTIFIERS} ")
# expat has found the tag to be well formed: quotes close, and `>` may stand between them.
_TAG: Final = re.compile(rb"<[^>\"']*(?:\"[^\"]*\"[^>\"']*|'[^']*'[^>\"']*)*>")
_TAG_NAME: Final = re.compile(rb"<([^\s/>]+)")
_UTF8: Final = frozenset({"utf-8", "utf8", "us-ascii"})


@dataclass(slots=True)
class Entry:
    """An element of the header, or the body's own: name as `namespace local`, text, and those right below it.

    Text and parts only of what is X-Road's; bytes: from `start` to `end`.
    """

    name: str
    attributes: dict[str, str]
    start: int
    end: int = 0
    text: str = ""
    parts: list[Entry] = field(default_factory=list["Entry"])


@dataclass(slots=True)
class Envelope:
    """body_start: where the Body's tag begins; tag: the envelope's own name with its prefix, as it is written."""

    tag: bytes
    header: list[Entry] | None
    body: list[Entry] | None
    body_start: int


def envelope_read(data: bytes) -> Envelope:
    """XRoadError where it is no XML, not in UTF-8, has a document type or is no SOAP 1.1 envelope."""
    return _Reader(data).read()


def encoding_is_utf8(name: str) -> bool:
    return name.lower() in _UTF8


def not_utf8(found: str) -> XRoadError:
    return XRoadError(
        Kind.INVALID_CONTENT_TYPE,
        Text(f"Bảng mã {found} không được nhận.", f"The encoding {found} is not taken."),
        next_step=Text("Hãy gửi thông điệp bằng UTF-8.", "Send the message in UTF-8."),
    )


class _Reader:
    """One pass; what lies deeper in the body than its own element is counted and left."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.depth = 0
        self.root = ""
        self.tag = b""
        self.header: list[Entry] | None = None
        self.body: list[Entry] | None = None
        self.body_start = 0
        self._section: list[Entry] | None = None
        self._open: list[Entry] = []
        self._kept = 0

    def read(self) -> Envelope:
        parser = expat.ParserCreate("UTF-8", " ")
        self._at: Callable[[], int] = lambda: parser.CurrentByteIndex
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.CommentHandler = parser.StartCdataSectionHandler = self._divided
        parser.ProcessingInstructionHandler = self._divided
        parser.XmlDeclHandler = _declaration
        parser.StartDoctypeDeclHandler = _doctype
        try:
            parser.Parse(self.data, True)  # noqa: FBT003 - expat's own signature: this is all of it
        except expat.ExpatError as error:
            raise _malformed(str(error)) from error
        finally:
            del self._at  # parser and handlers hold each other: thus both go at once, with no garbage left
        if self.root != f"{SOAP} Envelope":
            raise _not_soap(Text("thiếu phần tử Envelope của SOAP 1.1", "it has no Envelope of SOAP 1.1"))
        return Envelope(self.tag, self.header, self.body, self.body_start)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        depth = self.depth
        if depth <= _PART:
            if depth == 1:
                self.root = name
                found = _TAG_NAME.match(self.data, self._at())
                self.tag = found[1] if found else b""
            elif depth == _SECTION:
                self._section_start(name)
            elif self._section is not None:
                self._entry_start(Entry(name, attributes, self._at()))
        elif depth > DEPTH_MAX:
            raise _malformed(f"more than {DEPTH_MAX} elements deep")
        elif len(self._open) == _PART - _SECTION and depth == _PART + 1:
            self._open[-1].parts.append(Entry(name, attributes, self._at()))

    def _section_start(self, name: str) -> None:
        self._section = None
        if name == f"{SOAP} Header":
            if self.header is not None or self.body is not None:
                raise _not_soap(
                    Text("Header lặp lại hoặc đứng sau Body", "Header comes twice, or after Body")
                )
            self._section = self.header = []
        elif name == f"{SOAP} Body":
            if self.body is not None:
                raise _not_soap(Text("Body lặp lại", "Body comes twice"))
            self._section, self.body_start = [], self._at()
            self.body = self._section

    def _entry_start(self, entry: Entry) -> None:
        if self.depth == _ENTRY:
            siblings = self._section if self._section is not None else []
        elif self._open and self._open[0].name.startswith(_READ):
            siblings = self._open[0].parts
        else:
            return
        self._kept += 1
        if self._kept > ENTRIES_MAX:
            if self._section is self.body:
                return  # an agency's own message may be as long as it likes
            raise _malformed(f"more than {ENTRIES_MAX} elements in the header")
        siblings.append(entry)
        self._open.append(entry)

    def _end(self, _name: str) -> None:
        if self._open and self.depth == _SECTION + len(self._open):
            entry = self._open.pop()
            entry.end = self._end_of(entry)
        self.depth -= 1

    def _end_of(self, entry: Entry) -> int:
        """An empty element ends with its own tag, any other with the tag at which expat stands."""
        tag = _TAG.match(self.data, entry.start)
        if tag is not None and not tag[0].endswith(b"/>"):
            tag = _TAG.match(self.data, self._at())
        return tag.end() if tag is not None else entry.start

    def _divided(self, *_: str) -> None:
        """What divides a text in two: some servers read the first half alone, and would know another client by it."""
        if self._open and self._section is self.header and self._open[0].name.startswith(_READ):
            raise _malformed("a comment, CDATA or an instruction inside a header field")

    def _text(self, text: str) -> None:
        if self._open and self.depth == _SECTION + len(self._open) and self._open[0].name.startswith(_READ):
            entry = self._open[-1]
            entry.text = (entry.text + text)[: TEXT_MAX + 1]
            if len(entry.text) > TEXT_MAX and self._section is not self.body:
                raise _malformed(f"more than {TEXT_MAX} characters in a header field")


def _declaration(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and not encoding_is_utf8(encoding):
        raise not_utf8(encoding)


def _doctype(_name: str, _system: str | None, _public: str | None, _internal: int) -> None:
    raise _malformed("it has a document type (DTD)")


def _malformed(why: str) -> XRoadError:
    return XRoadError(
        Kind.INVALID_XML,
        Text("Thông điệp không phải XML đúng.", "The message is no XML that is taken."),
        why=Text(f"Lý do: {why}.", f"Because of this: {why}."),
    )


def _not_soap(why: Text) -> XRoadError:
    return XRoadError(
        Kind.INVALID_SOAP,
        Text("Thông điệp không phải SOAP 1.1.", "The message is no SOAP 1.1 message."),
        why=Text(f"Lý do: {why.vi}.", f"Because of this: {why.en}."),
    )
