"""Complete cases a second, and the desk's queue page at 100,000 dossiers.

A complete case is one signed call over HTTP: signature and agreement checked, number, type, status, applicant,
journal, first step and its job written in one durable transaction, the answer signed and logged. The limit is
psycopg alone: the same rows, as they were written, inserted again by as many connections in the same run.
"""

import contextlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

CASES = int(os.environ.get("BENCH_CASES", "2000"))
QUEUE = int(os.environ.get("BENCH_QUEUE", "100000"))
CLIENTS = (2, 8)
PORT = 8310


def run() -> None:
    folder = Path(tempfile.mkdtemp(prefix="lienthong-bench-"))
    output = Path(os.environ.get("LIENTHONG_VAR", "var"))
    os.environ.update(
        LIENTHONG_VAR=str(folder),
        LIENTHONG_URL=f"http://127.0.0.1:{PORT}",
        LIENTHONG_LOG_LEVEL="WARNING",
        LIENTHONG_WEB_THREADS="4",
    )
    os.environ.pop("LIENTHONG_DATABASE_URL", None)
    try:
        _measure(output)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(output: Path) -> None:
    from lienthong.config import setup

    setup.django_ready()
    setup.migrate()
    from lienthong.nation import build

    build.nation_make(people=500, seed=1, progress=lambda *_: contextlib.nullcontext(_Quiet()))
    from bench import machine

    with _web() as pids:
        rows: dict[str, Any] = {}
        for clients in CLIENTS:
            rows[f"cases_{clients}_clients"] = _cases(clients)
        bare = _bare(clients=CLIENTS[-1])
        rows["queue_page"] = _queue()
        memory = machine.memory_mib(pids)
    ours = rows[f"cases_{CLIENTS[-1]}_clients"]["per_second"]
    result = {
        "name": "cases",
        "machine": machine.machine(),
        "versions": machine.versions("django", "psycopg", "granian", "procrastinate"),
        "ours": ours,
        "limit": bare,
        "ratio_limit": round(ours / bare, 3),
        "ratio_peer": None,
        "memory_mib": memory,
        **rows,
    }
    from django.conf import settings

    settings.LIENTHONG_VAR = output
    path = machine.write("cases", result)
    _print(result, path)


class _Quiet:
    def update(self, _count: int) -> None:
        """No bar in a benchmark."""


@contextlib.contextmanager
def _web() -> Any:
    """The web process as `lienthong up` starts it; its processes' ids."""
    import httpx

    from lienthong.config.supervisor import children

    child = next(one for one in children() if one.name == "web")
    child.start(Path(os.environ["LIENTHONG_VAR"]))
    try:
        end = time.monotonic() + 60
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"http://127.0.0.1:{PORT}/health").status_code == 200:
                    break
            if time.monotonic() > end:
                raise RuntimeError("the web process did not start")
            time.sleep(0.1)
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(child.process.pid)], capture_output=True, text=True, check=True
        )
        yield [child.process.pid, *(int(pid) for pid in listed.stdout.split())]
    finally:
        child.stop()


def _frames(count: int, label: str) -> list[bytes]:
    """Signed questions, prepared before the clock starts: dossiers at every agency of social security and police."""
    from bench.load import request_bytes
    from lienthong.blocks.exchange.wire import Request, Signature, SignedRequest, body_hash
    from lienthong.blocks.trust import services as trust
    from lienthong.gateway.frames import MEDIA_TYPE, request_encode
    from lienthong.ground import clock, ids
    from lienthong.nation import agencies

    rng = random.Random(label)
    kinds = {"commune-police": "1.004222", "social-security": "1.003077"}
    targets = [(seed.code, kinds[seed.kind]) for seed in agencies.agency_seeds() if seed.kind in kinds]
    frames = []
    for index in range(count):
        code, procedure = rng.choice(targets)
        number = f"001{rng.randrange(10**9):09}"
        body = {
            "procedure": procedure,
            "applicant": {"number": number, "name": "Nguyễn Văn Đo"},
            "channel": "online",
            "language": "vi",
            "title": f"Trần Thị Lường {index}",
            "declaration": {"person": {"number": number, "full_name": "Trần Thị Lường"}, "residence": {}},
            "documents": [],
            "reply_to": "",
            "reference": "",
        }
        now = clock.now()
        head = Request(
            str(ids.uuid7(now)),
            "VN/GOV/G22/lifeevents",
            f"VN/GOV/{code}/onestop",
            "onestop/dossiers-open/v1",
            "linked-procedure",
            "",
            "",
            now.isoformat(),
            body_hash(body),
        )
        signed = trust.bytes_sign(subject_id="VN/GOV/G22", data=head.signed_bytes(), at=now)
        frame = request_encode(SignedRequest(head, body, Signature(signed.signature, signed.certificate)))
        frames.append(
            request_bytes(
                "POST",
                "/api/exchange/",
                f"127.0.0.1:{PORT}",
                body=frame,
                headers={"Content-Type": MEDIA_TYPE},
            )
        )
    return frames


def _cases(clients: int) -> dict[str, Any]:
    from bench.load import send
    from bench.machine import percentiles
    from lienthong.blocks.casework.models import Case

    send("127.0.0.1", PORT, _frames(200, f"warm-{clients}"), clients=clients)
    before = Case.objects.count()
    outcome = send("127.0.0.1", PORT, _frames(CASES, f"run-{clients}"), clients=clients)
    made = Case.objects.count() - before
    if made != CASES or set(outcome.statuses) != {200}:
        raise RuntimeError(f"{made} cases for {CASES} calls, statuses {outcome.statuses}")
    return {"per_second": round(outcome.per_second, 1), **percentiles(outcome.durations)}


TABLES = (
    ("casework_case", "recorded_at"),
    ("casework_statuschange", "recorded_at"),
    ("casework_entry", "at"),
    ("casework_step", "opened_at"),
    ("exchange_inbox", "recorded_at"),
    ("exchange_message", "recorded_at"),
    ("procrastinate_jobs", "id"),
)


def _bare(*, clients: int) -> float:
    """Rows of the same tables, as wide and as many a case as ours, by psycopg alone: cases a second."""
    import psycopg
    from django.conf import settings

    url = settings.LIENTHONG_DATABASE_URL
    with psycopg.connect(url, autocommit=True) as connection:
        cases = connection.execute("select count(*) from casework_case").fetchone()[0]
        plans = []
        for table, _ in TABLES:
            connection.execute(f"create unlogged table bare_{table} (like {table} including indexes)")
            connection.execute(f"alter table bare_{table} set logged")
            rows = connection.execute(f"select * from {table} limit 1000").fetchall()
            total = connection.execute(f"select count(*) from {table}").fetchone()[0]
            columns = [
                column.name for column in connection.execute(f"select * from {table} limit 0").description
            ]
            plans.append((f"bare_{table}", columns, rows, max(1, round(total / cases))))
    return _bare_run(url, plans, clients)


def _bare_run(url: str, plans: list[Any], clients: int) -> float:
    import uuid

    import psycopg
    from psycopg import sql
    from psycopg.types.json import Jsonb

    done = [0] * clients
    stop = threading.Event()

    def fresh(column: str, value: Any, serial: int) -> Any:
        if isinstance(value, uuid.UUID):
            return uuid.uuid4()
        if column == "id":
            return serial
        if column in {"number", "queueing_lock", "lock"} and value is not None:
            return f"{value}-{serial}"
        return Jsonb(value) if isinstance(value, dict | list) else value

    def work(index: int) -> None:
        with psycopg.connect(url) as connection:
            statements = [
                sql.SQL("insert into {} values ({})").format(
                    sql.Identifier(table), sql.SQL(", ").join([sql.Placeholder()] * len(columns))
                )
                for table, columns, _, _ in plans
            ]
            while not stop.is_set():
                serial = 10**9 * (index + 1) + done[index] * 20
                for (_, columns, rows, each), statement in zip(plans, statements, strict=True):
                    for extra in range(each):
                        row = rows[(serial + extra) % len(rows)]
                        values = [fresh(c, v, serial + extra) for c, v in zip(columns, row, strict=True)]
                        values = [
                            uuid.uuid4() if c == "case_id" else v
                            for c, v in zip(columns, values, strict=True)
                        ]
                        connection.execute(statement, values)
                connection.commit()
                done[index] += 1

    threads = [threading.Thread(target=work, args=(index,)) for index in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    time.sleep(4)
    stop.set()
    for thread in threads:
        thread.join()
    return round(sum(done) / (time.perf_counter() - began), 1)


def _queue() -> dict[str, Any]:
    """The first page and a page in the middle of one agency's queue of QUEUE open dossiers."""
    from bench.load import request_bytes, send
    from bench.machine import percentiles

    agency = _queue_fill()
    cookie = _officer_cookie(agency)
    from lienthong.blocks.casework import selectors

    pages = ["/desk/"]
    rows = selectors.queue_page(agency=agency, roles=frozenset({"sign"}), limit=50)
    for _ in range(20):
        rows = selectors.queue_page(agency=agency, roles=frozenset({"sign"}), after=rows[-1].cursor, limit=50)
    from urllib.parse import quote

    pages.append(f"/desk/?after={quote(rows[-1].cursor)}")
    requests = [
        request_bytes("GET", page, f"127.0.0.1:{PORT}", headers={"Cookie": cookie, "Accept": "text/html"})
        for page in pages * 60
    ]
    send("127.0.0.1", PORT, requests[:10], clients=2)
    outcome = send("127.0.0.1", PORT, requests, clients=2)
    if set(outcome.statuses) != {200}:
        raise RuntimeError(f"the queue page answered {outcome.statuses}")
    return {"dossiers": QUEUE, "per_second": round(outcome.per_second, 1), **percentiles(outcome.durations)}


def _queue_fill() -> str:
    """Copies of one dossier with its open task, due on different days, at one agency."""
    from django.db import connection

    from lienthong.blocks.casework.models import Case

    template = Case.objects.filter(agency__startswith="G24").order_by("number").first()
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into casework_case select (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(),"
            " 'number', 'Q-' || n, 'due_at', c.opened_at + n * interval '1 minute'))).*"
            " from casework_case c, generate_series(1, %s) n where c.id = %s",
            [QUEUE, template.pk],
        )
        cursor.execute(
            "insert into casework_step (id, case_id, agency, key, round, kind, state, outcome, role, assignee, officer,"
            " signal, tries, opened_at, due_at)"
            " select gen_random_uuid(), id, agency, 'review', 1, 'task', 'open', '', 'sign', '', '{}', '', 0,"
            " opened_at, due_at from casework_case where number like 'Q-%%'"
        )
        cursor.execute("analyze casework_case, casework_step")
    return str(template.agency)


def _officer_cookie(agency: str) -> str:
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session.update({"kind": "officer", "subject": f"{agency}-S01", "name": "đo"})
    session.create()
    return f"lienthong={session.session_key}"


def _print(result: dict[str, Any], path: Path) -> None:
    from lienthong.ground import clock

    host = result["machine"]
    print(f"cases, {clock.today():%d/%m/%Y}: {host['cpu']}, {host['cores']} cores, load {host['load']}")
    for clients in CLIENTS:
        row = result[f"cases_{clients}_clients"]
        times = f"p50 {row['p50_ms']} ms   p95 {row['p95_ms']} ms"
        print(f"  complete cases, {clients} clients   {row['per_second']:>8}/s   {times}")
    print(
        f"  bare psycopg, {CLIENTS[-1]} clients      {result['limit']:>8}/s   ratio_limit {result['ratio_limit']}"
    )
    row = result["queue_page"]
    times = f"p50 {row['p50_ms']} ms   p95 {row['p95_ms']} ms"
    print(f"  queue page, {row['dossiers']:,} dossiers {row['per_second']:>8}/s   {times}")
    print(f"  memory of the web processes  {result['memory_mib']} MiB")
    print(f"  written to {path}", file=sys.stderr)
