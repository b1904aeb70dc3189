"""The fee table in force for this process, read once: content/fees.yaml, and what each procedure adds to it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings

from lienthong.ground import yamls
from lienthong.systems.fees import rules


def fee_table() -> rules.FeeTable:
    return _read(Path(settings.LIENTHONG_CONTENT) / "fees.yaml")


@cache
def _read(path: Path) -> rules.FeeTable:
    whole = yamls.load(path.read_text(encoding="utf-8"))
    for further in sorted(path.parent.glob("procedures/*/fees.yaml")):
        whole["items"] += yamls.load(further.read_text(encoding="utf-8"))["items"]
    return rules.table_read(whole)
