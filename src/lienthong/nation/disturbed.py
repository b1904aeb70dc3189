"""A run of many dossiers over HTTP while web, worker and database are killed at random, and what it left behind.

The people and the clock are ours: the clock is a file that all processes read (`LIENTHONG_CLOCK_FILE`), moved on
from one hour in which something is due to the next. In an hour: what the clock alone sets going comes to rest; the
people act at their browsers; the worker brings the rest to rest. Who is killed is started again by its supervisor.
"""

from __future__ import annotations

import base64
import contextlib
import random
import threading
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from lienthong.blocks.access.principals import Kind
from lienthong.blocks.access.services import session_begin
from lienthong.ground import clock
from lienthong.nation import audit, evidence, examples, half_year, hands
from lienthong.nation.browsing import Person
from lienthong.nation.build import PASSWORD
from lienthong.nation.half_year import Life
from lienthong.nation.kills import PROCESSES, kill, until_healthy
from lienthong.nation.pages_hands import PagesHands, patiently
from lienthong.systems.eid import bulk as eid
from lienthong.systems.eid.services import NewAccount

BEGINS_AFTER: Final = timedelta(minutes=5)
"""So long after an hour has begun its people act; before, what the clock set going comes to rest."""
WAITS_FOR_HEALTH: Final = 0.8
BLOW_FELT_S: Final = 1.0
GROWN: Final = ("father", "mother", "son", "neighbour")
"""Of a family (`families.MEMBERS`), who may sign in."""
REST_S = 600.0
STILL_S = 2.0
STEP_ON: Final = timedelta(seconds=20)
"""Where nothing moved for STILL_S, something waits to be tried again: the clock goes on by so much."""
_MOVES: Final = """
select (select count(*) from casework_step where state in ('ready', 'calling')),
       (select count(*) from exchange_delivery where delivered_at is null),
       (select count(*) from fees_payment where state = 'waiting'),
       (select count(*) from casework_deadline where handled_at is null and due_at < %(past)s),
       (select count(*) from casework_case c join casework_procedure p on p.id = c.procedure_id
        where c.closed_at is null and c.paused_at is null and c.due_at < %(past)s
        and p.agency_kind not in ('linked', 'asked')
        and not exists (select 1 from casework_apology a where a.case_id = c.id))
"""
_JOBS: Final = "select count(*) from procrastinate_jobs where status in ('todo', 'doing')"
_DAYS: Final = """
select 'opened', c.opened_at at time zone 'Asia/Ho_Chi_Minh', c.agency from casework_case c
union all
select 'closed', c.closed_at at time zone 'Asia/Ho_Chi_Minh', c.agency from casework_case c
where c.closed_at is not null
"""


def people_ready(planned: list[tuple[datetime, Life]]) -> dict[int, dict[str, Any]]:
    """The family of each life, what registers hold of it; its grown members have accounts, and have signed in.

    By serial: what `examples.people_ready` gives, and `sessions`, the key of each member's session by number.
    """
    rng = random.Random(len(planned))
    contexts: dict[int, dict[str, Any]] = {}
    for at, life in planned:
        with clock.fixed(at):
            contexts[life.serial] = examples.people_ready(life.example, hands.stage_of(life.serial))
    accounts = []
    for context in contexts.values():
        context["sessions"] = {}
        for who in (context[name] for name in GROWN):
            mail = f"p{who['number']}@nguoidan.example"
            phone = f"09{rng.randrange(10**8):08}"
            account = NewAccount(who["number"], "person", who["full_name"], mail, phone)
            accounts.append((account, base64.b32encode(rng.randbytes(20)).decode()))
            session = SessionStore()
            session_begin(session=session, kind=Kind.PERSON, subject=who["number"], name=who["full_name"])
            session.save()
            context["sessions"][who["number"]] = session.session_key
    eid.accounts_load(accounts=accounts, password=PASSWORD, at=clock.now())
    return contexts


class Blows(threading.Thread):
    """Kills one of the processes after each of a row of pauses, all drawn from the seed, until told to stop.

    most: so many blows, and then no more.

    A pause begins when the system is up again, so that the next blow falls into its work; after some blows it
    begins at once, so that one falls while the system gets up.
    """

    def __init__(self, *, seed: int, every_s: float, most: int) -> None:
        super().__init__(name="blows", daemon=True)
        self.rng = random.Random(seed)
        self.every_s = every_s
        self.most = most
        self.fell: Counter[str] = Counter()
        self.enough = threading.Event()

    def run(self) -> None:
        while self.fell.total() < self.most and not self.enough.wait(self.rng.uniform(0.1, 2 * self.every_s)):
            process = self.rng.choice(PROCESSES)
            with contextlib.suppress(OSError, KeyError, ValueError, IndexError):  # it is down already
                kill(process)
                self.fell[process] += 1
            if self.rng.random() < WAITS_FOR_HEALTH:
                time.sleep(BLOW_FELT_S)
                until_healthy()

    def stop(self) -> None:
        self.enough.set()
        self.join()


@dataclass
class Run:
    """One run. file: the clock's; blows: None for the undisturbed one."""

    file: Path
    planned: list[tuple[datetime, Life]]
    contexts: dict[int, dict[str, Any]]
    limits: dict[str, int]
    seed: int
    hands: int
    blows: Blows | None = None
    errors: list[str] = field(default_factory=list[str])

    def live(self, progress: Any) -> dict[str, Any]:
        """Live every life to its end, then tell what there is."""
        if self.blows:
            self.blows.start()
        at_pages = PagesHands(self.contexts)
        with ThreadPoolExecutor(self.hands) as pool:

            def acts(due: list[tuple[Life, datetime]]) -> Iterable[Life]:
                clock.move(self.file, due[0][1].replace(minute=0) + BEGINS_AFTER)
                self.rest()
                return pool.map(at_pages.act, [life for life, _ in due])

            try:
                told = half_year.run(
                    planned=self.planned,
                    limits=self.limits,
                    acts=acts,
                    settle=lambda _at: self.rest(),
                    seed=self.seed,
                    progress=progress,
                )
            except BaseException:
                Person.patience_s = 0.0  # nobody waits any longer
                raise
            finally:
                if self.blows:
                    self.blows.stop()
            self.rest(jobs=True)
            self.errors = told.errors
            return self._end(pool)

    def rest(self, *, jobs: bool = False) -> None:
        """Until nothing of what rows say is left to do; with `jobs`, until no job lies in the queue either."""
        end, before, since = time.monotonic() + REST_S, [], time.monotonic()
        while sum(moving := patiently(lambda: self._moving(jobs=jobs))):
            if moving != before:
                before, since = moving, time.monotonic()
            if time.monotonic() - since > STILL_S:
                clock.move(self.file, clock.now() + STEP_ON)
                since = time.monotonic()
            if time.monotonic() > end:
                raise TimeoutError(f"work is left after {REST_S:.0f} s: {moving}")
            time.sleep(0.05)

    def _moving(self, *, jobs: bool) -> list[int]:
        past = clock.now() - timedelta(minutes=1)
        with connection.cursor() as cursor:
            cursor.execute(_MOVES, {"past": past})
            found = list(cursor.fetchone())
            if jobs:
                cursor.execute(_JOBS)
                found += cursor.fetchone()
        return found

    def _end(self, pool: ThreadPoolExecutor) -> dict[str, Any]:
        """By life, what it left; then the days of each agency, and what is wrong anywhere."""
        lives = [life for _, life in self.planned]
        found: dict[str, Any] = dict(pool.map(_left_by, lives))
        with connection.cursor() as cursor:
            cursor.execute(_DAYS)
            days = Counter(f"{what} {agency} {at:%Y-%m-%d}" for what, at, agency in cursor.fetchall())
        wrong = [*self.errors, *evidence.books_and_log(), *audit.cases_audit()["wrong"]]
        return {**found, "days": dict(sorted(days.items())), "wrong": wrong}


def _left_by(life: Life) -> tuple[str, Any]:
    name = f"{life.serial} {life.example.procedure}/{life.example.name} {life.channel}"
    left = evidence.evidence_of(case=life.number) if life.number else {"not sent": life.problem}
    connection.close()
    return name, {**left, "error": life.error}


def differences(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """One line for each thing that is not as in the undisturbed run."""
    lines = [f"wrong: {line}" for line in found["wrong"]]
    for name in sorted((expected.keys() | found.keys()) - {"wrong"}):
        before, after = expected.get(name), found.get(name)
        if isinstance(before, dict) and isinstance(after, dict):
            lines += [f"{name}: {line}" for line in evidence.differences(before, after)]
        elif before != after:
            lines.append(f"{name}: {before} became {after}")
    return lines
