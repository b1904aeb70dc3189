"""Charts of the exchange as SVG, made here: who called whom, calls a day. The numbers stand in a table under them."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from lienthong.blocks.insight.traffic import Day, Pair
from lienthong.ground import formats

MAP_WIDTH, ROW, NAME, EDGE = 880, 30, 300, 14
BARS_WIDTH, BARS_HEIGHT, BASE, LEFT = 880, 180, 24, 56
PAIRS_MAX = 14


def who_called_whom(pairs: Sequence[Pair], *, title: str, language: str) -> SafeString:
    """Callers on the left, providers on the right, a band between two of them as wide as their calls are many."""
    shown = pairs[:PAIRS_MAX]
    if not shown:
        return SafeString("")
    left = {name: place for place, name in enumerate(dict.fromkeys(pair.client for pair in shown))}
    right = {name: place for place, name in enumerate(dict.fromkeys(pair.provider for pair in shown))}
    most = max(pair.calls for pair in shown)
    height = ROW * max(len(left), len(right)) + 10
    bands = format_html_join(
        "",
        '<path d="M{} {} C{} {},{} {},{} {}" stroke-width="{}"><title>{}</title></path>',
        (
            (
                NAME,
                _y(left[pair.client]),
                MAP_WIDTH / 2,
                _y(left[pair.client]),
                MAP_WIDTH / 2,
                _y(right[pair.provider]),
                MAP_WIDTH - NAME,
                _y(right[pair.provider]),
                f"{max(1.5, EDGE * pair.calls / most):.1f}",
                f"{pair.client} → {pair.provider}: {formats.number(pair.calls, language)}",
            )
            for pair in shown
        ),
    )
    names = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="{}">{}</text>',
        [(NAME - 8, _y(place) + 5, "end", _short(name)) for name, place in left.items()]
        + [(MAP_WIDTH - NAME + 8, _y(place) + 5, "start", _short(name)) for name, place in right.items()],
    )
    return format_html(
        '<svg class="lt-chart" role="img" viewBox="0 0 {} {}"><title>{}</title>'
        '<g fill="none" stroke="currentColor" stroke-opacity="0.45">{}</g><g class="lt-chart__names">{}</g></svg>',
        MAP_WIDTH,
        height,
        title,
        bands,
        names,
    )


def _y(place: int) -> float:
    return ROW * place + ROW / 2 + 5


def _short(name: str) -> str:
    """Without the instance and the class, which all of them share."""
    return name.split("/", 2)[-1]


def calls_a_day(days: Sequence[Day], *, title: str, language: str) -> SafeString:
    """One bar a day; the axis says the largest number, and the first and last day."""
    if not days or not any(day.calls for day in days):
        return SafeString("")
    most = max(day.calls for day in days)
    step = (BARS_WIDTH - LEFT) / len(days)
    tall = BARS_HEIGHT - BASE - 10
    bars = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
        (
            (
                f"{LEFT + step * place + 1:.1f}",
                f"{10 + tall - tall * day.calls / most:.1f}",
                f"{max(1.0, step - 2):.1f}",
                f"{tall * day.calls / most:.1f}",
                f"{formats.date(day.day, language)}: {formats.number(day.calls, language)}",
            )
            for place, day in enumerate(days)
        ),
    )
    return format_html(
        '<svg class="lt-chart" role="img" viewBox="0 0 {} {}"><title>{}</title><g fill="currentColor">{}</g>'
        '<path d="M{} {} H{}" stroke="currentColor"/><g class="lt-chart__names">'
        '<text x="{}" y="16" text-anchor="end">{}</text><text x="{}" y="{}" text-anchor="end">0</text>'
        '<text x="{}" y="{}">{}</text><text x="{}" y="{}" text-anchor="end">{}</text></g></svg>',
        BARS_WIDTH,
        BARS_HEIGHT,
        title,
        bars,
        LEFT,
        BARS_HEIGHT - BASE,
        BARS_WIDTH,
        LEFT - 6,
        formats.number(most, language),
        LEFT - 6,
        BARS_HEIGHT - BASE,
        LEFT,
        BARS_HEIGHT - 4,
        formats.date(days[0].day, language),
        BARS_WIDTH,
        BARS_HEIGHT - 4,
        formats.date(days[-1].day, language),
    )
