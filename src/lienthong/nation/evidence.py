"""What a birth left behind, counted from the rows: the same after every accident as after none.

The counting asks the tables themselves, not the house's own selectors: a witness from outside.
"""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from lienthong.blocks.exchange.log import log_check, seal_pending
from lienthong.blocks.ledger.selectors import audit

Evidence = dict[str, Any]
_ISSUED: Final = re.compile(r"[A-Z0-9]+[-./]\d{2,}.*\d{3,}$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
"""A number that an agency gave (who comes first has the lower one, whatever else happens), or a bill's."""

_CASES: Final = """
with family as (
    select id, number from casework_case where number = %(parent)s
    union
    select id, number from casework_case where reference = %(parent)s
)
"""
_QUESTIONS: Final = {
    "cases": """
        select p.code, c.status, c.outcome, c.closed_at is not null from casework_case c
        join family f on f.id = c.id join casework_procedure p on p.id = c.procedure_id""",
    "steps": """
        select p.code, s.key, s.round, s.state, s.outcome from casework_step s
        join family f on f.id = s.case_id join casework_case c on c.id = s.case_id
        join casework_procedure p on p.id = c.procedure_id""",
    "closings": "select outcome, on_time from casework_closing k join family f on f.id = k.case_id",
    "children": """
        select procedure, status, outcome, jsonb_array_length(results) from casework_child k
        join family f on f.id = k.case_id""",
    "decisions": """
        select e.kind, count(*) from casework_entry e join family f on f.id = e.case_id
        where e.kind in ('opened', 'decided', 'result', 'payment') group by 1""",
    "results": "select code, signatures from casework_result r join family f on f.id = r.case_id",
    "papers": """
        select d.result_code, count(*), sum(d.owned) from (
            select d.result_code, (select count(*) from warehouse_documentowner o where o.document_id = d.id) owned
            from warehouse_document d join family f on f.number = d."case") d group by 1""",
    "births": """
        select state, count(*) from civilstatus_birth b join family f on f.number = b."case" group by 1""",
    "numbers": """
        select count(*) from population_numberallocation n join family f on f.number = n."case" """,
    "persons": """
        select count(*), count(distinct key) from population_person p join family f on f.number = p."case" """,
    "residences": """
        select state, count(*) from residence_registration r join family f on f.number = r."case" group by 1""",
    "cards": """
        select state, count(*) from socialsecurity_healthcard h join family f on f.number = h."case" group by 1""",
    "bills": """
        select b.status, b.total,
            (select count(*) from fees_payment p where p.bill_id = b.id and p.state = 'paid'),
            (select count(*) from fees_receipt r where r.bill_id = b.id)
        from fees_bill b join family f on f.number = b."case" """,
    "records": """
        select r.register, r.state, lower(r.valid), upper(r.valid), r.data, count(*)
        from registry_declaredrecord r join family f on f.number = r."case" group by 1, 2, 3, 4, 5""",
    "ratings": "select score, count(*) from casework_rating r join family f on f.id = r.case_id group by 1",
    "notices": """
        select regexp_replace(subject_en, '[A-Z][A-Z0-9.]*-[0-9]{6}-[0-9]+', '…'), count(*) from eid_notice n
        join family f on f.number = n."case" where n.subject_en not like 'Reminder:%%' group by 1""",
    "numbers_missing": """
        select n.agency, n.last - (select count(*) from casework_case c where c.agency = n.agency
            and c.number like n.agency || '-' || to_char(n.day, 'YYMMDD') || '-%%')
            - (select count(*) from casework_numberreservation r where r.agency = n.agency
            and r.number like n.agency || '-' || to_char(n.day, 'YYMMDD') || '-%%')
        from casework_numbercounter n where n.agency in (
            select c.agency from casework_case c join family f on f.id = c.id)""",
}
_PENDING: Final = (
    _CASES
    + """
select (select count(*) from casework_step s join family f on f.id = s.case_id
        where s.state not in ('done', 'skipped', 'cancelled'))
     + (select count(*) from exchange_delivery d where d.delivered_at is null
        and d."case" in (select number from family))
     + (select count(*) from procrastinate_jobs where status in ('todo', 'doing'))
"""
)


def pending(*, case: str) -> int:
    """Live steps, undelivered messages and jobs: how much work is still to do."""
    with connection.cursor() as cursor:
        cursor.execute(_PENDING, {"parent": case})
        return int(cursor.fetchone()[0])


def evidence_of(*, case: str) -> Evidence:
    """Rows by question, each sorted; nothing in it names a moment, a number or a person."""
    found: Evidence = {}
    with connection.cursor() as cursor:
        for question, sql in _QUESTIONS.items():
            cursor.execute(_CASES + sql, {"parent": case})
            found[question] = sorted([list(map(_plain, row)) for row in cursor.fetchall()], key=str)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("{"):  # a record's content, as JSON
        content: dict[str, Any] = json.loads(value)
        return {name: said for name, said in content.items() if not _ISSUED.search(str(said))}
    if isinstance(value, date):
        return value.isoformat()
    return int(value) if isinstance(value, Decimal) else value


def books_and_log() -> list[str]:
    """What is wrong with the message log or the ledger; empty when both are whole."""
    while seal_pending():
        pass
    check = log_check()
    wrong = [f"message log: {check.broken}"] if check.broken else []
    return wrong + [f"ledger: {difference}" for difference in audit()]


def differences(expected: Evidence, found: Evidence) -> list[str]:
    """One line for each question that is answered otherwise."""
    return [
        f"{question}: {expected.get(question)} became {found.get(question)}"
        for question in sorted(expected.keys() | found.keys())
        if expected.get(question) != found.get(question)
    ]
