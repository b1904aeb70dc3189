"""Reads a scanned stack in a process of its own: `python -m lienthong.systems.lifeevents.scan_reader < stack.pdf`.

Prints JSON, a list with {"sheet": what the page's QR code says, or "", "blank": bool} for each page. PDFium parses
what anybody scanned, so it runs apart from the process that serves, with its own limits of memory and time. Ends
with UNREADABLE, or TOO_MANY where there are more than PAGES pages. No Django, no I/O besides these two streams.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any, Final

import pypdfium2
import zxingcpp

PAGES: Final = 200
UNREADABLE, TOO_MANY = 3, 4
MEMORY: Final = 2 << 30
SECONDS: Final = 60
LONG_SIDE: Final = 1300
"""Pixels of a page's longer side: about 110 dots an inch on A4, enough for a sheet's code."""
INK: Final = 160
"""Darker than this is ink."""
BLANK_BELOW: Final = 0.0005
"""Of a page, so much ink is dust or the edge of the glass."""
_QR: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_IS_INK: Final = bytes(1 if value < INK else 0 for value in range(256))


def page_read(page: Any) -> dict[str, Any]:
    """What one page of a PDFium document is."""
    scale = LONG_SIDE / max(page.get_width(), page.get_height(), 1)
    drawn = page.render(scale=scale, grayscale=True)
    pixels = memoryview(drawn.buffer).cast("B")[: drawn.stride * drawn.height]
    found = zxingcpp.read_barcodes(pixels.cast("B", (drawn.height, drawn.stride)), formats=_QR)
    ink = bytes(pixels).translate(_IS_INK).count(1)
    return {
        "sheet": next((code.text for code in found if code.text), ""),
        "blank": ink < BLANK_BELOW * len(pixels),
    }


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
        if len(document) > PAGES:
            return TOO_MANY
        pages = [page_read(page) for page in document]
    except (pypdfium2.PdfiumError, MemoryError, ValueError):
        return UNREADABLE
    json.dump(pages, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
