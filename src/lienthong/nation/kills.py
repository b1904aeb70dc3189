"""Kill each process at each step of the main journey, over HTTP, and compare the end with an undisturbed one.

It works on a running system of its own; who is killed is started again by the supervisor, not by us.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import httpx
from django.conf import settings
from django.db import OperationalError, connection

from lienthong.ground.names import search_key
from lienthong.nation import journey_birth
from lienthong.nation.browsing import JourneyError, Person
from lienthong.nation.evidence import Evidence, books_and_log, differences, evidence_of, pending
from lienthong.nation.names import name_draw

PROCESSES = ("worker", "web", "database")
PATIENCE_S = 90.0
INTO_THE_STEP_S = 0.02
"""The blow falls so long after a step was told, so that the next one's request is on its way."""
Answer = TypeVar("Answer")
_TOLD = re.compile(r" ?(\d+)\. (\S.{15}) (.*)")


@dataclass(frozen=True, slots=True)
class Boundary:
    """After the `step`-th thing that the journey tells."""

    step: int
    text: str


@dataclass(slots=True)
class Cell:
    """wrong: each difference from the undisturbed journey, or the reason why it did not end."""

    boundary: Boundary
    process: str
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        return "differs" if self.wrong else "same"


class Blow:
    """Listens to a journey; kills the process once, just after its step was told."""

    def __init__(self, process: str = "", step: int = 0) -> None:
        self.process = process
        self.step = step
        self.told: list[Boundary] = []
        self.died: int | None = None

    def __call__(self, line: str) -> None:
        told = _TOLD.match(line)
        if told is None:
            return
        text = f"{told[2].strip()} {told[3].splitlines()[0]}".partition(":")[0]
        self.told.append(Boundary(int(told[1]), text))
        if int(told[1]) == self.step:
            threading.Timer(INTO_THE_STEP_S, self._strike).start()

    def _strike(self) -> None:
        self.died = kill(self.process)


def kill(process: str) -> int:
    """SIGKILL to the worker, to the web server with its workers, or to PostgreSQL's first process."""
    if process == "database":
        first = (Path(settings.LIENTHONG_VAR) / "pg" / "postmaster.pid").read_text().splitlines()[0]
        os.kill(int(first), signal.SIGKILL)
        return int(first)
    pids = dict(line.split() for line in (Path(settings.LIENTHONG_VAR) / "pids").read_text().splitlines())
    pid = int(pids[process])
    os.killpg(pid, signal.SIGKILL) if process == "web" else os.kill(pid, signal.SIGKILL)
    return pid


def undisturbed() -> tuple[Evidence, list[Boundary]]:
    """What a journey leaves when nobody is killed, and the boundaries at which somebody can be."""
    Person.patience_s = PATIENCE_S
    listening = Blow()
    result = journey_birth.run(echo=listening, child=_patiently(_child))
    evidence = _settled(result.case)
    if wrong := books_and_log():
        raise JourneyError("; ".join(wrong))
    first_of: dict[str, Boundary] = {}
    for boundary in listening.told[:-1]:  # after the last one nothing is left to disturb
        first_of.setdefault(_kind(boundary.text), boundary)
    return evidence, list(first_of.values())


def _kind(text: str) -> str:
    """The same thing told of each paper counts once."""
    return "family" if text.startswith("family") else text


def cell_run(boundary: Boundary, process: str, expected: Evidence) -> Cell:
    """One journey with one blow."""
    cell = Cell(boundary, process)
    began = time.monotonic()
    blow = Blow(process, boundary.step)
    try:
        result = journey_birth.run(echo=blow, child=_patiently(_child))
        cell.wrong = differences(expected, _settled(result.case)) + _patiently(books_and_log)
        if blow.died is None:
            cell.wrong.append("nobody was killed")
    except (JourneyError, httpx.HTTPError, OperationalError, TimeoutError) as error:
        cell.wrong = [f"{type(error).__name__}: {error}"]
    cell.seconds = time.monotonic() - began
    until_healthy()
    return cell


def _child() -> str:
    """A name that no child has yet, marks aside: many journeys are run, and a child is declared once."""
    with connection.cursor() as cursor:
        cursor.execute("select distinct title from casework_case")
        taken = {search_key(title) for (title,) in cursor.fetchall()}
    rng = random.Random(len(taken))
    while search_key(name := name_draw(rng, "female", "Lê")) in taken:
        pass
    return name


def _settled(case: str) -> Evidence:
    """The evidence once nothing of the case is left to do."""
    end = time.monotonic() + PATIENCE_S
    while _patiently(lambda: pending(case=case)):
        if time.monotonic() > end:
            raise TimeoutError(f"{case}: work is left after {PATIENCE_S:.0f} s")
        time.sleep(0.3)
    return _patiently(lambda: evidence_of(case=case))


def _patiently(work: Callable[[], Answer]) -> Answer:
    """A database that was killed is back in a moment."""
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            return work()
        except OperationalError:
            if time.monotonic() > end:
                raise
            connection.close()
            time.sleep(0.3)


def until_healthy() -> None:
    """Wait until the web process answers that it is well; not for ever."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{settings.LIENTHONG_URL}/health", timeout=5).status_code == httpx.codes.OK:
                return
        time.sleep(0.3)


def table(cells: list[Cell]) -> str:
    """One row a boundary, one column a process; the differences below."""
    boundaries = list(dict.fromkeys(cell.boundary for cell in cells))
    columns = list(dict.fromkeys(cell.process for cell in cells))
    found = {(cell.boundary, cell.process): cell for cell in cells}
    lines = [f"{'killed after':<72}" + "".join(f"{name:>16}" for name in columns)]
    for boundary in boundaries:
        row = f"{boundary.step:>2} {boundary.text[:68]:<69}"
        for name in columns:
            cell = found.get((boundary, name))
            row += f"{f'{cell.verdict} {cell.seconds:.0f} s' if cell else '':>16}"
        lines.append(row)
    lines += [f"{cell.boundary.step} {cell.process}: {wrong}" for cell in cells for wrong in cell.wrong]
    same = sum(not cell.wrong for cell in cells)
    return "\n".join([*lines, f"{same} of {len(cells)} journeys ended as the undisturbed one"])
