"""The fee table in force for this process: content/fees.yaml, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml
from django.conf import settings

from lienthong.systems.fees import rules


def fee_table() -> rules.FeeTable:
    return _read(Path(settings.LIENTHONG_CONTENT) / "fees.yaml")


@cache
def _read(path: Path) -> rules.FeeTable:
    return rules.table_read(yaml.safe_load(path.read_text(encoding="utf-8")))
