"""HTML in a form that compares what a browser would see, not how it was indented."""

import re
from html.parser import HTMLParser

_VOID = {"input", "br", "hr", "img", "meta", "link", "path"}
_EXACT = {"textarea", "pre"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._flush()
        written = []
        for name, value in sorted(attrs):
            text = value
            if name in {"class", "aria-describedby"} and value is not None:
                text = " ".join(value.split())
            written.append(name if text is None else f"{name}={text!r}")
        self.lines.append("  " * len(self.open) + " ".join([f"<{tag}", *written]) + ">")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        self._flush()
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()

    text = ""

    def handle_data(self, data: str) -> None:
        self.text += data

    def _flush(self) -> None:
        text, self.text = self.text, ""
        if not (self.open and self.open[-1] in _EXACT):
            text = re.sub(r"[ \t\r\n]+", " ", text).strip(" ")
        if text:
            self.lines.append("  " * len(self.open) + repr(text))


def normalised(html: str) -> list[str]:
    """One line for each tag (attributes sorted) and text; fails on tags that do not nest."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader._flush()
    assert not reader.open, f"not closed: {reader.open}"
    return reader.lines
