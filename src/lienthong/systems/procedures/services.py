"""Putting packages into force, and taking them out."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from lienthong.blocks.casework.packages import Package, package_read
from lienthong.blocks.casework.services import procedure_publish
from lienthong.blocks.casework.versions import publishing_check
from lienthong.ground import clock


def package_publish(folder: Path) -> Package:
    """Publish the package in a folder; one that is published already stays as it is.

    Errors: PackageError with every mistake; version-taken (409), where the same version said otherwise before;
    version-lower and valid-from-past (409).
    """
    package = package_read(folder)
    publishing_check(package)
    procedure_publish(package=package, at=clock.now())
    return package


def packages_publish(folder: Path | None = None) -> int:
    """Publish every package under content/procedures."""
    found = sorted((folder or settings.LIENTHONG_CONTENT / "procedures").iterdir())
    for path in found:
        package_publish(path)
    return len(found)
