"""Charts as SVG, made here: one line, its last value labelled, no legend."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT, PAD = 220, 44, 6


def trend(points: Sequence[tuple[str, float | None]], *, title: str) -> SafeString:
    """(month, value) pairs, the last one being the report's month. Nothing where fewer than two are known."""
    known = [(index, value) for index, (_, value) in enumerate(points) if value is not None]
    if len(known) < 2:  # noqa: PLR2004 - a line has two points
        return SafeString("")
    values = [value for _, value in known]
    low, high = min(values), max(values)
    low, span = (low, high - low) if high > low else (low - 0.5, 1)  # what does not change runs in the middle
    step = (WIDTH - 2 * PAD) / (len(points) - 1)

    def at(index: int, value: float) -> str:
        return f"{PAD + index * step:.1f},{HEIGHT - PAD - (value - low) / span * (HEIGHT - 2 * PAD):.1f}"

    line = " ".join(at(index, value) for index, value in known)
    last_x, last_y = at(*known[-1]).split(",")
    labels = format_html_join("", "<title>{}</title>", [(title,)])
    return format_html(
        '<svg class="lt-trend" role="img" viewBox="0 0 {} {}" width="{}" height="{}">{}'
        '<polyline points="{}" fill="none" stroke="currentColor" stroke-width="2"/>'
        '<circle cx="{}" cy="{}" r="3" fill="currentColor"/></svg>',
        WIDTH,
        HEIGHT,
        WIDTH,
        HEIGHT,
        labels,
        line,
        last_x,
        last_y,
    )
