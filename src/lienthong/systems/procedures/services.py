"""Putting packages into force."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from lienthong.blocks.casework.packages import package_read
from lienthong.blocks.casework.services import procedure_publish
from lienthong.ground import clock


def packages_publish(folder: Path | None = None) -> int:
    """Publish every package under content/procedures; one that is published already stays as it is."""
    found = sorted((folder or settings.LIENTHONG_CONTENT / "procedures").iterdir())
    for path in found:
        procedure_publish(package=package_read(path), at=clock.now())
    return len(found)
