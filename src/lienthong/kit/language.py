"""The language that is spoken while a request is answered, for filters, which see no template context."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from django.template import Context

from lienthong.ground.language import LANGUAGES, VIETNAMESE

_ACTIVE: Final[ContextVar[str]] = ContextVar("lienthong_language", default=VIETNAMESE)


def active() -> str:
    return _ACTIVE.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Within it pages, filters and tags speak `language`; anything unknown is Vietnamese."""
    token = _ACTIVE.set(language if language in LANGUAGES else VIETNAMESE)
    try:
        yield
    finally:
        _ACTIVE.reset(token)


def language_of(context: Context) -> str:
    """The template context's own `language` (a letter, a component), else that of the request."""
    given: Any = context.get("language")
    return given if given in LANGUAGES else active()
