"""The journey in one process, then in four instances with one away for a while; what their databases held then.

Whichever worker comes first runs it; the others read what it wrote down.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from lienthong.config import postgres
from lienthong.ground import clock
from tests import conftest as database
from tests.journeys.running import MONDAY

AWAY = ("civilstatus", "residence", "socialsecurity")
STARTS = MONDAY + timedelta(hours=1)
"""After the journey in one process, whose clock begins on MONDAY: both are over by the moment of the report."""

FACTS = {
    "births": "select unit, birth_province, sex, on_time, agency, days_after_birth from facts.births",
    "residences": "select unit, agency from facts.residences",
    "health_cards": "select unit, object_code, agency from facts.health_cards",
    "exchanges": "select client, provider, service, purpose, action, status, succeeded from facts.exchanges",
}
"""What is the same however the nation is divided: neither moments nor numbers that are drawn."""

_MESSAGES = (
    "select m.message_id, m.client, m.provider, m.service, m.purpose, m.case, m.recorded_at, m.status,"
    " (select d.delivered_at from exchange_delivery d where d.service = 'population/reads-record/v1'"
    "  and d.body -> 'reads' -> 0 ->> 'message_id' = m.message_id::text) as told_at"
    " from exchange_message m where m.side = 'provider'"
)
_ENTRIES = (
    'select message_id, subject, reader, holder, service, legal_basis, purpose, "case", recorded_at'
    " from population_accessentry"
)
_NAMED = (
    "select count(*) from insight_collectedfact f, population_person p"
    " where position(p.key in f.row::text) > 0 or position(p.full_name in f.row::text) > 0"
)


@cache
def split_seen() -> dict[str, Any]:
    """printed, report (as JSON), facts by view, messages by instance, entries, parent, collected, named.

    single: report and facts of the same journey in one process, for the same moment.
    """
    scratch = Path(database._SCRATCH)
    with (scratch / "split.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        kept, begun = scratch / "split.json", scratch / "split"
        if not kept.exists():
            assert not begun.exists(), "the split journey failed in the test that ran it; see there"
            kept.write_text(json.dumps(_run(begun), default=str))
        return json.loads(kept.read_text())


def _run(folder: Path) -> dict[str, Any]:
    _command(folder, MONDAY, "tests.journeys.in_one_process")
    birth = ("lienthong.config.cli", "journey", "birth", "--split", "--away", "residence")
    printed = _command(folder, STARTS, *birth)
    report = json.loads((folder / "split" / "report.json").read_text())
    wanted = ("--month", report["month"], "--as-of", report["as_of"], "--json")
    single = _command(folder / "single", STARTS, "lienthong.config.cli", "report", *wanted)
    urls = {"main": _database(folder / "split")}
    urls |= {name: postgres.url(folder / "split" / "pg", f"lienthong_{name}") for name in AWAY}
    main = urls["main"]
    return {
        "printed": printed,
        "report": report,
        "facts": facts_read(main),
        "single": {"report": json.loads(single), "facts": facts_read(_database(folder / "single"))},
        "messages": {name: _rows(url, _MESSAGES) for name, url in urls.items()},
        "entries": _rows(main, _ENTRIES),
        "parent": _rows(main, "select applicant from casework_case where system = 'lifeevents'"),
        "collected": _rows(main, "select source_id, view, row from insight_collectedfact"),
        "named": _rows(main, _NAMED),
    }


def _command(folder: Path, starts: datetime, *module: str) -> str:
    """What the program printed; its clock is at `starts` now."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("LIENTHONG_")}
    done = subprocess.run(
        [sys.executable, "-m", *module],
        env={
            **kept,
            "LIENTHONG_VAR": str(folder),
            "LIENTHONG_CLOCK_OFFSET": str((starts - datetime.now(clock.VIETNAM)).total_seconds()),
            "PYTHONPATH": os.pathsep.join([str(database.ROOT / "src"), str(database.ROOT)]),
        },
        cwd=database.ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _database(folder: Path) -> str:
    postgres.ensure(folder / "pg")
    return postgres.url(folder / "pg")


def _rows(url: str, statement: str) -> list[dict[str, Any]]:
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return connection.execute(statement).fetchall()


def facts_read(url: str) -> dict[str, list[list[str]]]:
    """The rows of FACTS, sorted."""
    return {
        view: sorted([str(value) for value in row.values()] for row in _rows(url, statement))
        for view, statement in FACTS.items()
    }
