"""The check of packages and registers, for the command line and for `make check`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lienthong.blocks.casework.package_check import package_mistakes, register_mistakes
from lienthong.blocks.casework.package_known import Known, known_of
from lienthong.blocks.casework.package_source import Mistake
from lienthong.blocks.casework.packages import PackageError, package_read
from lienthong.blocks.casework.retention_check import retention_mistakes
from lienthong.systems.procedures.events import events_mistakes


def content_known(folder: Path | None = None) -> Known:
    """What content and the rooms' contracts offer to a package."""
    from django.conf import settings

    from lienthong.nation.agencies import room_contracts

    offered = frozenset(service.name for room in room_contracts() for service in room.SERVICES)
    return known_of(settings.LIENTHONG_CONTENT, services=offered, folder=folder)


def folders_of_content() -> tuple[Path, ...]:
    from django.conf import settings

    return tuple(sorted((settings.LIENTHONG_CONTENT / "procedures").iterdir()))


def mistakes_of(folders: Iterable[Path]) -> list[Mistake]:
    """Of packages; what the compiler alone refuses is told at the package's first line."""
    found: list[Mistake] = []
    for folder in folders:
        told = package_mistakes(folder, content_known(folder))
        if all(mistake.warning for mistake in told):
            try:
                package_read(folder)
            except PackageError as error:
                path = folder / "package.yaml"
                told += [Mistake(path, 1, each, "mend it") for each in error.mistakes]
        found += told
    return found


def mistakes_of_registers() -> list[Mistake]:
    """Of every register that content declares."""
    from django.conf import settings

    known = content_known()
    paths = sorted((settings.LIENTHONG_CONTENT / "registers").glob("*.yaml"))
    return [mistake for path in paths for mistake in register_mistakes(path, known)]


def mistakes_of_retention() -> list[Mistake]:
    """Of the table of periods for which dossiers are kept."""
    from django.conf import settings

    codes = frozenset(folder.name for folder in folders_of_content())
    return retention_mistakes(settings.LIENTHONG_CONTENT / "retention.yaml", procedures=codes)


def mistakes_of_events() -> list[Mistake]:
    """Of the portal's life events; a content folder may have none."""
    from django.conf import settings

    path = settings.LIENTHONG_CONTENT / "life-events.yaml"
    codes = frozenset(folder.name for folder in folders_of_content())
    return events_mistakes(path, procedures=codes) if path.exists() else []
