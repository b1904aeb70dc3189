"""The one expression language of packages: JMESPath, which reads and never runs.

In a package's bodies a string that begins with `=` is an expression over {case, data, steps, results,
signal};
`==` begins a plain string with `=`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult


@lru_cache(maxsize=4096)
def compiled(expression: str) -> ParsedResult:
    """Raise ValueError where the expression is not JMESPath."""
    try:
        return jmespath.compile(expression)
    except JMESPathError as error:
        raise ValueError(f"{expression!r} is not a JMESPath expression: {error}") from error


def value(expression: str, context: dict[str, Any]) -> Any:
    return compiled(expression).search(context)


def holds(expression: str, context: dict[str, Any]) -> bool:
    return bool(value(expression, context))


def fill(template: Any, context: dict[str, Any]) -> Any:
    """The template with every expression replaced by its value."""
    if isinstance(template, str):
        if template.startswith("=="):
            return template[1:]
        return value(template[1:], context) if template.startswith("=") else template
    if isinstance(template, dict):
        return {key: fill(item, context) for key, item in template.items()}
    if isinstance(template, list):
        return [fill(item, context) for item in template]
    return template


def expressions_in(template: Any) -> list[str]:
    """Every expression of a template, for the check of a package."""
    if isinstance(template, str):
        return [template[1:]] if template.startswith("=") and not template.startswith("==") else []
    if isinstance(template, dict):
        return [found for item in template.values() for found in expressions_in(item)]
    if isinstance(template, list):
        return [found for item in template for found in expressions_in(item)]
    return []
