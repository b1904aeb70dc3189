"""The steps of a package as one SVG: boxes in a column, ways as arrows. The same stands as a list beside it.

A column fits a phone. The way to the next box is a straight arrow; one that leaps ahead bends to the right,
one that leads back to the left, each in a lane of its own, so that none hides another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from lienthong.systems.procedures.sheet import ENDS, step_lines

WIDTH, HEIGHT, GAP, LANE, LINE = 236, 56, 26, 14, 20
CHARACTERS: Final = 27


@dataclass(frozen=True, slots=True)
class _Arc:
    """A way between boxes that are not neighbours; lane 0 lies next to the boxes."""

    source: int
    target: int
    lane: int


def steps_picture(raw: Mapping[str, Any], *, title: str, language: str) -> SafeString:
    """Steps and ends in the order in which a dossier meets them."""
    lines = step_lines(raw)
    reached = {
        target.removeprefix("end:") for line in lines for _, target in line.ways if target.startswith("end:")
    }
    boxes = [(line.key, f"{index}. {line.name.say(language)}") for index, line in enumerate(lines, 1)]
    boxes += [(f"end:{name}", text.say(language)) for name, text in ENDS.items() if name in reached]
    place = {key: index for index, (key, _) in enumerate(boxes)}
    pairs = sorted(
        {(place[line.key], place[target]) for line in lines for _, target in line.ways if target in place}
    )
    straight = [pair for pair in pairs if pair[1] == pair[0] + 1]
    right = _lanes([pair for pair in pairs if pair[1] > pair[0] + 1])
    left = _lanes([pair for pair in pairs if pair[1] <= pair[0]])
    margin = 8 + LANE * (1 + max((arc.lane for arc in left), default=-1)) + (8 if left else 0)
    whole = margin + WIDTH + 16 + LANE * (1 + max((arc.lane for arc in right), default=-1))
    return format_html(
        '<svg class="lt-steps" role="img" width="{w}" height="{h}" viewBox="0 0 {w} {h}"><title>{t}</title>'
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="currentColor"/></marker></defs>'
        '<g fill="none" stroke="currentColor" stroke-width="1.5">{ways}</g>{boxes}</svg>',
        w=whole,
        h=len(boxes) * (HEIGHT + GAP) - GAP + 8,
        t=title,
        ways=_ways(straight, right, left, margin),
        boxes=format_html_join(
            "", "{}", ((_box(index, key, text, margin),) for index, (key, text) in enumerate(boxes))
        ),
    )


def _lanes(pairs: Sequence[tuple[int, int]]) -> list[_Arc]:
    """Short ways inside, long ones outside; two share a lane where they do not pass each other."""
    arcs: list[_Arc] = []
    for source, target in sorted(pairs, key=lambda pair: abs(pair[0] - pair[1])):
        low, high = min(source, target), max(source, target)
        taken = {a.lane for a in arcs if min(a.source, a.target) <= high and low <= max(a.source, a.target)}
        arcs.append(_Arc(source, target, next(lane for lane in range(len(pairs) + 1) if lane not in taken)))
    return arcs


def _top(index: int) -> int:
    return 4 + index * (HEIGHT + GAP)


def _ways(
    straight: Sequence[tuple[int, int]], right: list[_Arc], left: list[_Arc], margin: int
) -> SafeString:
    middle, edge = margin + WIDTH // 2, margin + WIDTH
    paths = [f"M{middle} {_top(a) + HEIGHT} V{_top(b) - 1}" for a, b in straight]
    for arc in right:
        x = edge + 12 + LANE * arc.lane
        paths.append(f"M{edge} {_top(arc.source) + HEIGHT - 16} H{x} V{_top(arc.target) + 16} H{edge + 1}")
    for arc in left:
        x = margin - 12 - LANE * arc.lane
        paths.append(
            f"M{margin} {_top(arc.source) + 16} H{x} V{_top(arc.target) + HEIGHT - 16} H{margin - 1}"
        )
    return format_html_join("", '<path d="{}" marker-end="url(#arrow)"/>', ((path,) for path in paths))


def _box(index: int, key: str, text: str, margin: int) -> SafeString:
    said = wrap(text, CHARACTERS, max_lines=2, placeholder=" …")
    first = _top(index) + HEIGHT // 2 + 6 - (LINE // 2 if len(said) > 1 else 0)
    words = format_html_join(
        "",
        '<tspan x="{}" y="{}">{}</tspan>',
        ((margin + WIDTH // 2, first + LINE * at, line) for at, line in enumerate(said)),
    )
    return format_html(
        '<rect x="{}" y="{}" width="{}" height="{}" rx="{}" class="lt-steps__{}"/>'
        '<text text-anchor="middle" class="lt-steps__name">{}</text>',
        margin,
        _top(index),
        WIDTH,
        HEIGHT,
        HEIGHT // 2 if key.startswith("end:") else 3,
        "end" if key.startswith("end:") else "step",
        words,
    )
