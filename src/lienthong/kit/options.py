"""Options of a component, as a template reads them."""

from collections.abc import Mapping
from typing import Any, Self

from lienthong.ground.text import Text


class Options(dict[str, Any]):
    """A dictionary in which what is not given reads as None, also where its name is a method's (`items`)."""

    def __missing__(self, _key: str) -> None:
        return None

    @classmethod
    def of(cls, given: Mapping[str, Any], language: str) -> Self:
        """`given` all the way down, every Text said in `language`."""
        return cls({key: _deep(value, language) for key, value in given.items()})


def _deep(value: object, language: str) -> object:
    if isinstance(value, Text):
        return value.say(language)
    if isinstance(value, Mapping):
        return Options.of(value, language)
    if isinstance(value, (list, tuple)):
        return [_deep(item, language) for item in value]
    return value
