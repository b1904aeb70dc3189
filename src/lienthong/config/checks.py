"""What linters do not see: migrations, packages, published contracts, and the form table."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from lienthong.config.form import form_of

ROOT = Path(__file__).resolve().parents[3]


def contracts_published() -> dict[str, dict[str, Any]]:
    """Each room's contract as it is published under contracts/."""
    from lienthong.blocks.exchange.contract import schema
    from lienthong.nation.agencies import room_contracts

    return {
        module.__name__.split(".")[2]: schema(module.SERVICES, getattr(module, "EVENTS", ()))
        for module in room_contracts()
    }


def contracts_write(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for room, published in contracts_published().items():
        text = json.dumps(published, ensure_ascii=False, indent=1, sort_keys=True)
        (folder / f"{room}.json").write_text(f"{text}\n", encoding="utf-8")


def contract_differences(folder: Path) -> list[str]:
    """Rooms whose code and published contract differ."""
    found = []
    for room, published in contracts_published().items():
        path = folder / f"{room}.json"
        if not path.exists() or json.loads(path.read_text(encoding="utf-8")) != json.loads(
            json.dumps(published)
        ):
            found.append(room)
    return found


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lienthong.config.settings")
    os.environ["LIENTHONG_KEEP_CONNECTIONS"] = "0"
    import django

    django.setup()
    if "--write-contracts" in sys.argv:
        contracts_write(ROOT / "contracts")
    wrong: list[str] = []
    wrong += [
        f"{room}: contracts/{room}.json differs (make contracts)"
        for room in contract_differences(ROOT / "contracts")
    ]
    wrong += _migrations_missing()
    wrong += _package_mistakes()
    form = form_of(ROOT)
    wrong += [f"{path}: over 400 lines" for path in form.long_files]
    wrong += [f"{place}: over 70 lines" for place in form.long_functions]
    print(form.table())
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def _migrations_missing() -> list[str]:
    """Models that no migration makes, found without a database."""
    from django.apps import apps
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.state import ProjectState

    loader = MigrationLoader(None)
    detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
    changes = detector.changes(graph=loader.graph)
    own = {config.label for config in apps.get_app_configs() if config.name.startswith("lienthong.")}
    return [f"{label}: models changed without a migration" for label in changes if label in own]


def _package_mistakes() -> list[str]:
    from lienthong.config import procedure_checks

    found = [
        *procedure_checks.mistakes_of(procedure_checks.folders_of_content()),
        *procedure_checks.mistakes_of_registers(),
        *procedure_checks.mistakes_of_retention(),
        *procedure_checks.mistakes_of_events(),
    ]
    return [str(mistake) for mistake in found if not mistake.warning]


if __name__ == "__main__":
    sys.exit(main())
