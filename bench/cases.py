"""Complete cases a second beside Open Zaak, and reading them, with 0, 62,000 and 1,000,000 existing cases.

A complete case of ours is one signed call over HTTP: signature and agreement checked, number, type, status, applicant,
journal, first step and its job written in one durable transaction, the answer signed and logged. Open Zaak's is the
three calls that its clients make: case, status, applicant, each with its audit row. Both use one PostgreSQL server, two
worker processes of four threads, durable commits, and send no notifications. Open Zaak is started from LIENTHONG_PEERS
(docs/reference/benchmarks.md); without it our side is measured alone and `ratio_peer` is null.

The limit is psycopg alone: the same rows, as they were written, inserted again by as many connections in the same run.

Shorter: BENCH_EXISTING=0,1000 BENCH_CASES=200 BENCH_PEER_CASES=20 BENCH_READ_S=2.
"""

import contextlib
import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import cases_fill, cases_ours, machine
from bench.load import Outcome, send

CASES = int(os.environ.get("BENCH_CASES", "2100"))
PEER_CASES = int(os.environ.get("BENCH_PEER_CASES", "150"))
ROUNDS = 3
"""Both sides in turn, so often: what else the machine does falls on both."""
EXISTING = tuple(int(count) for count in os.environ.get("BENCH_EXISTING", "0,62000,1000000").split(","))
READ_S = float(os.environ.get("BENCH_READ_S", "10"))
CLIENTS = (2, 4, 16)
READERS = 2
DOCUMENTS = 435
WHOLE = (0, 62_000, 1_000_000)
DEBIAN = Path("/usr/lib/postgresql/15/bin")
READS = {
    "list_page": "list, first page",
    "list_middle": "list, middle page",
    "person": f"one person's {cases_fill.PER_PERSON} cases",
    "documents": f"a case, {DOCUMENTS} documents",
}


@dataclass
class Side:
    """One of the two that are measured."""

    port: int
    pids: list[int]
    cases: Callable[[int, int], Outcome]
    reads: Callable[[int], dict[str, Callable[[], Any]]]
    fill: Callable[[int, int], None]


def run() -> None:
    folder = Path(tempfile.mkdtemp(prefix="lienthong-bench-"))
    output = Path(os.environ.get("LIENTHONG_VAR", "var"))
    os.environ.update(
        LIENTHONG_VAR=str(folder),
        LIENTHONG_URL=f"http://127.0.0.1:{cases_ours.PORT}",
        LIENTHONG_LOG_LEVEL="WARNING",
        LIENTHONG_WEB_WORKERS=str(cases_ours.WORKERS),
        LIENTHONG_WEB_THREADS=str(cases_ours.THREADS),
    )
    os.environ.pop("LIENTHONG_DATABASE_URL", None)
    if os.environ.get("LIENTHONG_PEERS"):  # Open Zaak needs PostGIS: both use a server that has it
        os.environ.setdefault("LIENTHONG_POSTGRES", str(DEBIAN))
    try:
        result = _measure(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    from django.conf import settings

    settings.LIENTHONG_VAR = output
    path = machine.write("cases", result)
    printed = _said(result)
    print(printed)
    print(f"  written to {path}", file=sys.stderr)
    _record(result, printed)


def _measure(folder: Path) -> dict[str, Any]:
    cases_ours.ready()
    with contextlib.ExitStack() as stack:
        sides = {"ours": stack.enter_context(_ours())}
        versions = machine.versions("django", "psycopg", "granian", "procrastinate")
        if os.environ.get("LIENTHONG_PEERS"):
            sides["peer"], versions["open-zaak"] = stack.enter_context(_peer(folder))
        versions |= _server()
        levels: dict[str, dict[str, Any]] = {}
        bare = 0.0
        for before, existing in zip((0, *EXISTING), EXISTING, strict=False):
            levels[str(existing)] = _level(sides, before, existing)
            print("\n".join(_level_said(existing, levels[str(existing)])), file=sys.stderr)
            if not bare:
                bare = cases_ours.bare(clients=CLIENTS[-1])
        memory = {name: machine.memory_mib(side.pids) for name, side in sides.items()}
    first = levels[str(EXISTING[0])]["ours"]["cases"][str(CLIENTS[-1])]
    return {
        "name": "cases",
        "machine": machine.machine(),
        "versions": versions,
        "ours": first["per_second"],
        "limit": bare,
        "ratio_limit": round(first["per_second"] / bare, 3),
        "ratio_peer": min(
            (row["ratio_peer"] for level in levels.values() for row in level["ours"]["cases"].values()),
            default=None,
        )
        if "peer" in sides
        else None,
        "memory_mib": memory,
        "existing": levels,
        **{name: first[name] for name in ("p50_ms", "p95_ms", "p99_ms")},
    }


def _ratios(level: dict[str, Any]) -> None:
    """Ours / theirs, complete cases a second, noted in our rows."""
    for clients, row in level.get("peer", {}).get("cases", {}).items():
        mine = level["ours"]["cases"][clients]
        mine["ratio_peer"] = round(mine["per_second"] / row["per_second"], 1)


def _level(sides: dict[str, Side], before: int, existing: int) -> dict[str, Any]:
    """Everything with so many existing cases; the load average before it began."""
    if existing > before:
        with ThreadPoolExecutor() as both:
            list(both.map(lambda side: side.fill(before, existing), sides.values()))
    level: dict[str, Any] = {name: {"cases": {}} for name in sides}
    level["load"] = round(os.getloadavg()[0], 2)
    for clients in CLIENTS:
        print(f"  {existing:,} existing cases: {clients} clients", file=sys.stderr)
        outcomes = {name: Outcome() for name in sides}
        for _, (name, side) in itertools.product(range(ROUNDS), sides.items()):
            outcomes[name].add(side.cases(clients, existing))
        for name, outcome in outcomes.items():
            level[name]["cases"][str(clients)] = _figures(outcome)
    _ratios(level)
    requests = {name: side.reads(existing) for name, side in sides.items()}
    for read, said in READS.items():
        print(f"  {existing:,} existing cases: {said}", file=sys.stderr)
        for name, side in sides.items():
            level[name][read] = _read(side.port, requests[name][read])
    return level


def _figures(outcome: Outcome) -> dict[str, Any]:
    per_second = round(outcome.per_second, 2)
    return {
        "per_second": per_second,
        "count": len(outcome.durations),
        **machine.percentiles(outcome.durations),
    }


def _read(port: int, request: Callable[[], Any]) -> dict[str, Any]:
    """The same page again and again for READ_S seconds, by READERS at once."""
    probe = send("127.0.0.1", port, [request() for _ in range(4 * READERS)], clients=READERS)
    count = min(400, max(10, int(READ_S / max(probe.durations[READERS:]) * READERS)))
    outcome = send("127.0.0.1", port, [request() for _ in range(count)], clients=READERS)
    if set(outcome.statuses) != {200}:
        raise RuntimeError(f"a page answered {outcome.statuses}")
    return _figures(outcome)


@contextlib.contextmanager
def _ours() -> Iterator[Side]:
    from django.conf import settings

    pattern, much = cases_fill.our_pattern(serial=1), cases_fill.our_pattern(serial=2)
    cases_ours.documents_add(much.numbers[1], DOCUMENTS)

    def reads(existing: int) -> dict[str, Callable[[], Any]]:
        person = cases_fill.person(_serial(existing)) if existing else pattern.applicant
        found = cases_ours.pages(agency=much.agency, person=person, documents=much.numbers[1])
        return {name: (lambda page=page: page) for name, page in found.items()}

    rounds = itertools.count()
    with cases_ours.web() as pids:
        cases_ours.cases(400, clients=4, label="warm")
        yield Side(
            cases_ours.PORT,
            pids,
            lambda clients, existing: cases_ours.cases(
                CASES // ROUNDS, clients=clients, label=f"{existing}-{next(rounds)}"
            ),
            reads,
            lambda above, upto: cases_fill.ours(
                settings.LIENTHONG_DATABASE_URL, pattern, above=above, upto=upto
            ),
        )


@contextlib.contextmanager
def _peer(folder: Path) -> Iterator[tuple[Side, str]]:
    from django.conf import settings

    from bench.peers import open_zaak, open_zaak_seed

    with open_zaak.running(settings.LIENTHONG_DATABASE_URL, folder) as peer:
        peer.types = open_zaak_seed.types_make(peer)
        zaak, bsn = open_zaak.case_make(peer)
        documents = open_zaak_seed.documents_bring(peer, count=DOCUMENTS)

        rounds = itertools.count()
        open_zaak.cases(peer, 16, clients=4, label=10**7)

        def reads(existing: int) -> dict[str, Callable[[], Any]]:
            person = cases_fill.their_person(_serial(existing)) if existing else bsn
            return open_zaak.reads(peer, person=person, documents=documents)

        side = Side(
            peer.port,
            peer.pids,
            lambda clients, _existing: open_zaak.cases(
                peer, PEER_CASES // ROUNDS, clients=clients, label=next(rounds) * PEER_CASES * 12
            ),
            reads,
            lambda above, upto: cases_fill.theirs(peer.database, zaak, above=above, upto=upto),
        )
        yield side, f"{open_zaak.TAG}, commit {peer.commit}"


def _serial(existing: int) -> int:
    """A person in the middle of the existing ones, whose number Open Zaak accepts too."""
    from bench.peers.open_zaak import eleven

    start = existing // cases_fill.PER_PERSON // 2
    return next(n for n in range(start, start + 1000) if eleven(cases_fill.their_person(n)))


def _server() -> dict[str, str]:
    import psycopg
    from django.conf import settings

    with psycopg.connect(settings.LIENTHONG_DATABASE_URL) as connection:
        names = ("server_version", "shared_buffers", "fsync", "synchronous_commit", "full_page_writes")
        rows = {name: connection.execute(f"show {name}").fetchone() for name in names}
    values = {name: str(row[0]) if row else "" for name, row in rows.items()}
    version = values.pop("server_version").split()[0]
    return {"postgresql": version + ", " + ", ".join(f"{name} {value}" for name, value in values.items())}


def _said(result: dict[str, Any]) -> str:
    from lienthong.ground import clock

    host = result["machine"]
    lines = [
        f"cases, {clock.today():%d/%m/%Y}: {host['cpu']}, {host['cores']} cores, {host['system']}",
        *(f"  {name} {version}" for name, version in result["versions"].items()),
        f"  {'existing':>9}  {'':<26}{'ours':>10} {'p50':>8} {'p95':>8}{'Open Zaak':>12} {'p50':>9} {'p95':>9}  ratio",
    ]
    for existing, level in result["existing"].items():
        lines += _level_said(int(existing), level)
    clients = CLIENTS[-1]
    lines.append(
        f"  bare psycopg, {clients} clients {result['limit']}/s   ratio_limit {result['ratio_limit']}"
        f" (ours / bare, {EXISTING[0]:,} existing cases)"
    )
    lines.append(
        f"  ratio_peer {result['ratio_peer']} (ours / Open Zaak, the lowest of all pairs)"
        if result["ratio_peer"]
        else "  ratio_peer: none, LIENTHONG_PEERS is not set"
    )
    memory = ", ".join(f"{name} {mib} MiB" for name, mib in result["memory_mib"].items())
    lines.append(f"  memory of the web processes: {memory}")
    return "\n".join(lines)


def _level_said(existing: int, level: dict[str, Any]) -> list[str]:
    mine, theirs = level["ours"], level.get("peer")
    lines = [f"  {existing:>9,}  (load average {level['load']})"]
    for clients, row in mine["cases"].items():
        other = theirs and theirs["cases"][clients]
        lines.append(_line(f"complete cases, {clients} clients", row, other, str(row.get("ratio_peer", ""))))
    return lines + [_line(said, mine[read], theirs and theirs[read], "") for read, said in READS.items()]


def _line(said: str, row: dict[str, Any], other: dict[str, Any] | None, ratio: str) -> str:
    mine = f"{row['per_second']:>8}/s {row['p50_ms']:>8} {row['p95_ms']:>8}"
    theirs = f"{other['per_second']:>10}/s {other['p50_ms']:>9} {other['p95_ms']:>9}" if other else ""
    return f"  {'':>9}  {said:<26}{mine}{theirs}  {ratio}".rstrip()


def _record(result: dict[str, Any], printed: str) -> None:
    """A whole run with the peer is kept in the page of figures."""
    from bench.peers import record
    from lienthong.ground import clock

    if EXISTING == WHOLE and result["ratio_peer"] is not None:
        record.write("cases", page=record.FIGURES, on=clock.today(), facts={}, printed=printed)
