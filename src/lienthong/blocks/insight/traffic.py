"""Who called whom, and how much each day, from the fact view of exchanges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import connection

ZONE: Final = "Asia/Ho_Chi_Minh"
_PAIRS: Final = """
select client, provider, count(*), count(*) filter (where not succeeded) from facts.exchanges
where happened_at >= %(since)s and happened_at < %(until)s
  and (%(agency)s::text is null or %(agency)s in (split_part(client, '/', 3), split_part(provider, '/', 3)))
group by client, provider order by 3 desc, 1, 2 limit %(limit)s
"""
_DAYS: Final = """
select d::date, count(e.happened_at), count(e.happened_at) filter (where not e.succeeded)
from generate_series((%(since)s::timestamptz at time zone %(zone)s)::date,
    ((%(until)s::timestamptz - interval '1 microsecond') at time zone %(zone)s)::date, interval '1 day') d
left join facts.exchanges e on (e.happened_at at time zone %(zone)s)::date = d::date
  and e.happened_at >= %(since)s and e.happened_at < %(until)s
  and (%(agency)s::text is null or %(agency)s in (split_part(e.client, '/', 3), split_part(e.provider, '/', 3)))
group by d order by d
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """Calls of one system to another; refused: those that were not answered with success."""

    client: str
    provider: str
    calls: int
    refused: int


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    calls: int
    refused: int


def pairs(*, since: datetime, until: datetime, agency: str | None, limit: int = 100) -> list[Pair]:
    """The busiest first. agency: only calls in which it took part."""
    rows = _read(_PAIRS, {"since": since, "until": until, "agency": agency, "limit": limit})
    return [Pair(*row) for row in rows]


def days(*, since: datetime, until: datetime, agency: str | None) -> list[Day]:
    """Each day of the span in Viet Nam's time, also those without a call."""
    rows = _read(_DAYS, {"since": since, "until": until, "agency": agency, "zone": ZONE})
    return [Day(*row) for row in rows]


def _read(query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()
