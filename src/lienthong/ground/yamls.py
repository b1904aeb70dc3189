"""YAML as officials expect it: `on`, `off`, `yes` and `no` are words, as in YAML 1.2; `true` and `false` are not."""

from __future__ import annotations

import re
from typing import Any

import yaml

# libyaml reads ten times as fast as Python; a wheel of PyYAML without it still reads the same.
_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Loader(_Safe):
    """Safe, without the truth values that YAML 1.1 saw in everyday words."""


_BOOL = "tag:yaml.org,2002:bool"
Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rows if tag != _BOOL]
    for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver(_BOOL, re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))  # type: ignore[no-untyped-call]


def load(text: str) -> Any:
    """Raise yaml.YAMLError where it is no YAML."""
    return yaml.load(text, Loader=Loader)  # noqa: S506 - a safe loader
