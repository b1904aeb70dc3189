"""Which paths an access right covers: X-Road's path glob. No Django: the gateway matches with the same rules."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

ANY: Final = "*"
"""Stands for every method."""
# An escaped sign, a run of stars, or any one character (also a backslash before anything else).
_GLOB_TOKEN: Final = re.compile(r"\\[*\\]|\*+|.", re.DOTALL)

_FRESH: Final = "\ufffe"
"""A letter that no pattern holds."""


def endpoints_cover(endpoints: Iterable[tuple[str, str]], method: str, path: str) -> bool:
    """Whether one of the pairs (method or `*`, path glob) covers a request; path: decoded and normalised."""
    return any(
        allowed in {ANY, method.upper()} and glob_match(pattern, path) for allowed, pattern in endpoints
    )


def glob_match(pattern: str, path: str) -> bool:
    r"""Whether the whole path is covered: `*` within one segment, `**` anything, `\*` and `\\` the signs themselves.

    All ways to match are followed at once, as the bits of one number, so no pattern takes long.
    """
    glob = _glob(pattern)
    reached = glob.closed(1)
    for letter in path:
        stay = glob.anything | (0 if letter == "/" else glob.segment)
        reached = glob.closed((reached & glob.letters.get(letter, 0)) << 1 | reached & stay)
    return bool(reached & glob.end)


def glob_within(inner: str, outer: str) -> bool:
    """Whether `outer` covers all that `inner` does, tried with what its wildcards may stand for at least and at most.

    X-Road takes the inner pattern for a path, by which a right to one segment would seem to cover `**`.
    """
    signs: list[str] = _GLOB_TOKEN.findall(inner)
    for segment, anything in (("", ""), (_FRESH, _FRESH), (_FRESH, f"{_FRESH}/{_FRESH}")):
        filled = "".join(
            segment if sign == "*" else anything if sign.startswith("**") else sign[-1] for sign in signs
        )
        if not glob_match(outer, filled):
            return False
    return True


@dataclass(frozen=True, slots=True)
class _Glob:
    """Bit n of each mask: where the nth token of the pattern is that letter, a `*`, or a `**`."""

    letters: dict[str, int]
    segment: int
    anything: int
    end: int

    def closed(self, reached: int) -> int:
        """A wildcard may also match nothing; two never stand side by side."""
        return reached | (reached & (self.segment | self.anything)) << 1


@lru_cache(maxsize=4096)
def _glob(pattern: str) -> _Glob:
    letters: dict[str, int] = {}
    segment = anything = 0
    bit = 1
    for sign in _GLOB_TOKEN.findall(pattern):
        if sign == "*":
            segment |= bit
        elif sign.startswith("**"):
            anything |= bit
        else:
            letter = sign[-1]
            letters[letter] = letters.get(letter, 0) | bit
        bit <<= 1
    return _Glob(letters, segment, anything, bit)
