"""A half-year of dossiers on one clock: filed, paid, examined, supplemented, decided, late, rated.

The example dossiers of the packages are the patterns; what the example does not say is drawn from a seed: when and
by which channel it is filed, how long officers take, whether they are late, and what the applicant thinks of it. The
shares are calibrated to the national reports (figures.yaml) and stand in `Calibration`.

Time goes by ticks of an hour. In a tick every due act is done, by several hands (processes) on the one clock; then
jobs, deliveries and deadlines run until nothing moves.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from lienthong.ground import clock, workdays
from lienthong.nation.acts import act_name
from lienthong.nation.examples import Example, example_moved, examples_of

_SATURDAY: Final = 5
FIRST_HOUR, LAST_HOUR = 6, 22
OFFICE_OPENS, OFFICE_CLOSES = 8, 16


@dataclass(frozen=True)
class Calibration:
    """Shares of all dossiers. online: figures.yaml casework.online_share, 45 %; satisfied: target.satisfaction.

    supplemented, refused, withdrawn, stopped (not sent, for a rule): assumptions, no report gives them.
    """

    online: float = 0.45
    post: float = 0.05
    supplemented: float = 0.08
    refused: float = 0.03
    withdrawn: float = 0.02
    stopped: float = 0.01
    late: float = 0.04
    rated: float = 0.35
    satisfied: float = 0.92


@dataclass
class Life:
    """One dossier of the half-year.

    number: of the application, once it is sent. done: -1 nothing, 0 filed, n the n-th act, then the rating.
    problem: what it was not sent for; error: what could not be done, and should have been.
    """

    serial: int
    example: Example
    channel: str
    late: bool
    score: int | None
    number: str = ""
    problem: str = ""
    error: str = ""
    done: int = -1

    @property
    def acts(self) -> list[Any]:
        return list(self.example.raw.get("acts", ()))


@dataclass
class Told:
    """What the simulation says of itself at its end."""

    filed: Counter[str] = field(default_factory=Counter[str])
    stopped: Counter[str] = field(default_factory=Counter[str])
    errors: list[str] = field(default_factory=list[str])


Acts = Callable[[list[tuple[Life, datetime]]], Iterable[Life]]
"""Does the next act of each life, at its moment; the lives come back in the same order."""


def lives(
    *, folders: Iterable[Path], count: int, first: date, last: date, seed: int, shares: Calibration
) -> list[tuple[datetime, Life]]:
    """Who files what, when and how; the same seed files the same."""
    rng = random.Random(seed)
    by_kind = _by_kind([example for folder in folders for example in examples_of(folder)])
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    weights = [10 if workdays.is_working_day(day) else 2 for day in days]
    found = []
    for serial in range(1, count + 1):
        channel = rng.choices(
            ["online", "counter", "post"], [shares.online, 1 - shares.online - shares.post, shares.post]
        )[0]
        day = rng.choices(days, weights)[0]
        if channel != "online":
            day = workdays.next_working_day(day)
        hours = range(FIRST_HOUR, LAST_HOUR) if channel == "online" else range(OFFICE_OPENS, OFFICE_CLOSES)
        at = datetime.combine(day, time(rng.choice(hours)), clock.VIETNAM)
        example = example_moved(_example(rng, by_kind, shares), day)
        score = None
        if rng.random() < shares.rated:
            score = rng.choice([4, 5, 5]) if rng.random() < shares.satisfied else rng.choice([1, 2, 3])
        found.append((at, Life(serial, example, channel, rng.random() < shares.late, score)))
    return found


def _by_kind(examples: list[Example]) -> dict[str, dict[str, list[Example]]]:
    """Kind -> procedure -> examples, so that every procedure is as likely whatever examples it has."""
    found: dict[str, dict[str, list[Example]]] = {}
    for example in examples:
        expect = example.raw["expect"]
        acts = {act_name(act) for act in example.raw.get("acts", ())}
        kind = "stopped" if expect.get("problem") else str(expect["outcome"])
        if kind in {"granted", "partly"}:
            kind = "supplemented" if "supplement" in acts else "granted"
        found.setdefault(kind, {}).setdefault(example.procedure, []).append(example)
    return found


def _example(
    rng: random.Random, by_kind: dict[str, dict[str, list[Example]]], shares: Calibration
) -> Example:
    wanted = {name: getattr(shares, name) for name in ("supplemented", "refused", "withdrawn", "stopped")}
    wanted["granted"] = 1 - sum(wanted.values())
    kinds = [kind for kind in wanted if kind in by_kind]
    kind = rng.choices(kinds, [wanted[kind] for kind in kinds])[0]
    return rng.choice(by_kind[kind][rng.choice(sorted(by_kind[kind]))])


_HOURS: Final = {
    "pay": (1, 5),
    "opinion": (3, 30),
    **dict.fromkeys(("answer", "withdraw", "sign", "decline"), (20, 90)),
}
"""After how many hours somebody acts, at least and at most."""


def next_at(life: Life, limits: dict[str, int], now: datetime, rng: random.Random) -> datetime | None:
    """When the next act of a life happens, or None at its end. Officers act in office hours."""
    if life.problem or life.error or life.done > len(life.acts):
        return None
    if life.done == len(life.acts):
        return now + timedelta(hours=rng.randint(2, 48)) if life.score is not None else None
    act = life.acts[life.done]
    name = act_name(act)
    if name in _HOURS:
        return now + timedelta(hours=rng.randint(*_HOURS[name]))
    if name == "wait_days":
        return waited(now, int(act["wait_days"]))
    return _office(life, limits.get(life.example.procedure, 3), now, rng)


def waited(now: datetime, days: int) -> datetime:
    """After so many days, or later: as many working days have passed as so many days usually have."""
    passing = (now.date() + timedelta(days=n) for n in range(1, days + 1))
    usual = sum(day.weekday() < _SATURDAY for day in passing)
    day = max(now.date() + timedelta(days=days), workdays.add(now.date(), usual))
    return now + (day - now.date())


def limits_of(packages: Iterable[dict[str, Any]]) -> dict[str, int]:
    """Working days within which officers settle each procedure in time: the shortest of its cases."""
    found: dict[str, int] = {}
    for raw in packages:
        limit: dict[str, Any] = raw.get("time_limit") or {"working_days": 0}
        found[raw["code"]] = min(int(row["working_days"]) for row in (limit, *limit.get("cases", ())))
    return found


def _office(life: Life, limit: int, now: datetime, rng: random.Random) -> datetime:
    """A decision: within the limit of working days, or past it for a late one."""
    decides = sum(act_name(act) in {"decide", "supplement"} for act in life.acts)
    days = int(limit / decides * rng.uniform(0.1, 0.8))
    if life.late and life.done == len(life.acts) - 1:
        days = limit + rng.randint(1, 4)
    if days == 0 and OFFICE_OPENS <= now.hour < OFFICE_CLOSES and workdays.is_working_day(now.date()):
        return now + timedelta(hours=1)
    received = workdays.received_on(now)
    day = workdays.add(received, days) if days else received
    hour = (
        rng.randrange(OFFICE_OPENS, OFFICE_CLOSES) if day > now.date() else min(now.hour + 1, OFFICE_CLOSES)
    )
    return datetime.combine(day, time(hour), clock.VIETNAM)


def run(
    *,
    planned: list[tuple[datetime, Life]],
    limits: dict[str, int],
    acts: Acts,
    settle: Callable[[datetime], Any],
    seed: int,
    progress: Callable[[int], Any],
) -> Told:
    """Live every life to its end. settle: brings all that moves at a moment to rest."""
    rng, told = random.Random(seed + 1), Told()
    queue = [(at, life.serial, life) for at, life in planned]
    heapq.heapify(queue)
    for at, due in _ticks(queue):
        for life in acts([(life, at) for life in due]):
            _count(told, life)
            following = next_at(life, limits, at, rng)
            if following is None:
                progress(1)
            else:
                heapq.heappush(queue, (following, life.serial, life))
        settle(at)
    return told


def _ticks(queue: list[tuple[datetime, int, Life]]) -> Iterator[tuple[datetime, list[Life]]]:
    """The next hour in which something is due, with all that is; the clock stands a minute before its end."""
    while queue:
        hour = queue[0][0].replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        due = []
        while queue and queue[0][0] < hour:
            due.append(heapq.heappop(queue)[2])
        yield hour - timedelta(minutes=1), due


def _count(told: Told, life: Life) -> None:
    if life.error:
        what = f"{life.example.procedure}/{life.example.name}"
        told.errors.append(f"{life.number or life.serial} {what}: {life.error}")
    elif life.problem:
        told.stopped[life.problem] += 1
    elif life.done == 0:
        told.filed[life.channel] += 1
