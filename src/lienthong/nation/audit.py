"""What proves that a nation lost nothing: every dossier at its end, every number used, every figure counted twice."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection

from lienthong.blocks.insight.services import report_build
from lienthong.ground import clock

_NO_DOSSIER = "procedure_id not in (select id from casework_procedure where agency_kind = 'asked')"
"""What an agency asks of another is a case at its desk, and no dossier."""
_COUNTS = {
    "dossiers opened": f"select count(*) from casework_case where system = 'onestop' and {_NO_DOSSIER}",
    "opinions asked for": f"select count(*) from casework_case where not {_NO_DOSSIER}",
    "applications": "select count(*) from casework_case where system = 'lifeevents'",
    "open": "select count(*) from casework_case where closed_at is null",
    "papers signed": "select count(*) from casework_result",
    "register records": "select count(*) from registry_declaredrecord",
    "exchanges": "select count(*) from exchange_message where side = 'client'",
    "paid bills": "select count(*) from fees_bill where status = 'settled' and total > 0",
    "ratings": "select count(*) from casework_rating",
}
_WRONG = {
    "open without a live step": (
        "select c.number from casework_case c where c.closed_at is null and not exists (select 1 from casework_step s"
        " where s.case_id = c.id and s.state in ('ready', 'calling', 'open', 'waiting', 'suspended', 'stuck'))"
    ),
    "stuck": (
        "select c.number || ' ' || s.key || ' ' || coalesce(s.problem->>'code', '') from casework_step s"
        " join casework_case c on c.id = s.case_id where s.state = 'stuck'"
    ),
    "closed with a live step": (
        "select c.number from casework_case c where c.closed_at is not null and exists (select 1 from casework_step s"
        " where s.case_id = c.id and s.state in ('ready', 'calling', 'open', 'waiting', 'suspended', 'stuck'))"
    ),
    "closed without a closing": (
        "select number from casework_case where closed_at is not null"
        " and id not in (select case_id from casework_closing)"
    ),
    "application open while its dossiers are closed": (
        "select c.number from casework_case c where c.closed_at is null and c.system = 'lifeevents'"
        " and exists (select 1 from casework_child k where k.case_id = c.id)"
        " and not exists (select 1 from casework_child k where k.case_id = c.id and k.outcome = '')"
    ),
    "dossier that its application does not know": (
        "select c.number from casework_case c where c.system = 'onestop' and c.reference <> ''"
        " and not exists (select 1 from casework_child k where k.number = c.number)"
    ),
    "dossier whose last word its application lacks": (
        "select k.number from casework_child k join casework_case c on c.number = k.number"
        " where (k.status, k.outcome) <> (c.status, c.outcome)"
    ),
    "gap in the dossier numbers": (
        "select n.agency || ' ' || n.day from casework_numbercounter n where n.last <> (select count(*) from"
        " casework_case c where c.agency = split_part(n.agency, '-', 1)"
        " and c.number like n.agency || '-' || to_char(n.day, 'YYMMDD') || '-%')"
        " + (select count(*) from casework_numberreservation r where r.agency = n.agency"
        " and r.number like n.agency || '-' || to_char(n.day, 'YYMMDD') || '-%')"
    ),
    "message that was not delivered": (
        "select service || ' ' || problem from exchange_delivery where delivered_at is null"
    ),
    "job that waits": "select task_name from procrastinate_jobs where status in ('todo', 'doing')",
}


def cases_audit() -> dict[str, Any]:
    """Counts, and under `wrong` each thing that should not be, with what it is about."""
    counts = {name: _rows(statement)[0] for name, statement in _COUNTS.items()}
    wrong = [f"{name}: {row}" for name, statement in _WRONG.items() for row in _rows(statement)[:20]]
    size = int(_rows("select pg_database_size(current_database())")[0])
    dossiers = max(int(counts["dossiers opened"]), 1)
    return {
        "counts": counts,
        "database": f"{size / 2**20:.0f} MiB, {size / dossiers / 2**10:.1f} KiB a dossier",
        "wrong": wrong,
    }


def half_year_figures(*, first: date, last: date) -> dict[str, Any]:
    """The report's casework figures by month, beside counts straight from the tables; `differ` says where not."""
    as_of = datetime.combine(last + timedelta(days=60), time(), clock.VIETNAM)
    figures: dict[str, Any] = {}
    differ: list[str] = []
    month = first.replace(day=1)
    while month <= last:
        report = {
            row["id"]: row["value"] for row in report_build(month=f"{month:%Y-%m}", as_of=as_of).figures
        }
        counted = _counted(month)
        for name, value in counted.items():
            figures[f"{month:%Y-%m} {name}"] = f"report {report[name]}, counted {value}"
            if report[name] != value:
                differ.append(f"{month:%Y-%m} {name}: report {report[name]}, counted {value}")
        month = (month + timedelta(days=32)).replace(day=1)
    return {"figures": figures, "differ": differ}


def _counted(month: date) -> dict[str, float | None]:
    start = datetime.combine(month, time(), clock.VIETNAM)
    end = datetime.combine((month + timedelta(days=32)).replace(day=1), time(), clock.VIETNAM)
    opened = f"from casework_case where system = 'onestop' and {_NO_DOSSIER} and opened_at >= %s and opened_at < %s"
    closed = (
        "from casework_closing k join casework_case c on c.id = k.case_id"
        " join casework_procedure p on p.id = c.procedure_id"
        " where c.system = 'onestop' and p.agency_kind <> 'asked' and k.happened_at >= %s and k.happened_at < %s"
    )
    rated = "from casework_rating where rated_at >= %s and rated_at < %s"
    online = "case when channel = 'online' then 100.0 else 0 end"
    whole = "case when c.channel = 'online' and p.level = 'full' then 100.0 else 0 end"
    return {
        "casework.online_share": _share(f"select avg({online}) {opened}", start, end),
        "casework.full_process_share": _share(f"select avg({whole}) {closed}", start, end),
        "target.satisfaction": _share(
            f"select avg(case when score >= 4 then 100.0 else 0 end) {rated}", start, end
        ),
    }


def _share(statement: str, start: datetime, end: datetime) -> float | None:
    value = _rows(statement, start, end)[0]
    return None if value is None else round(float(value), 2)


def _rows(statement: str, *parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(parameters) or None)
        return [row[0] for row in cursor.fetchall()]
