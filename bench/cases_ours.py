"""Our side of the benchmark of cases: the web process, signed calls that open a case, pages, and psycopg alone."""

import contextlib
import os
import random
import subprocess
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench.load import Outcome, request_bytes, send

PORT = 8310
WORKERS, THREADS = 2, 4
PEOPLE = 500


def ready() -> None:
    """Django, an empty database with its tables, and the simulated nation's agencies and agreements."""
    from lienthong.config import setup

    setup.django_ready()
    setup.migrate()
    from lienthong.nation import build

    build.nation_make(people=PEOPLE, seed=1, progress=lambda *_: contextlib.nullcontext(_Quiet()))


class _Quiet:
    def update(self, _count: int) -> None:
        """No bar in a benchmark."""


@contextlib.contextmanager
def web() -> Any:
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


def frames(count: int, label: str) -> list[bytes]:
    """Signed questions, prepared before the clock starts: dossiers at every agency of social security and police."""
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


def cases(count: int, *, clients: int, label: str) -> Outcome:
    """So many whole cases, by one signed call each."""
    from lienthong.blocks.casework.models import Case

    calls = frames(count, f"{label}-{clients}")
    before = Case.objects.count()
    outcome = send("127.0.0.1", PORT, calls, clients=clients)
    made = Case.objects.count() - before
    if made != count or set(outcome.statuses) != {200}:
        raise RuntimeError(f"{made} cases for {count} calls, statuses {outcome.statuses}")
    return outcome


def pages(*, agency: str, person: str, documents: str) -> dict[str, bytes]:
    """The requests of the pages that are measured: a desk, a person's own cases, a dossier with many documents."""
    desk, own = cookie("officer", f"{agency}-S01"), cookie("person", person)
    paths = {
        "list_page": ("/desk/", desk),
        "list_middle": (f"/desk/?after={quote(_middle(agency))}", desk),
        "person": ("/dossiers/", own),
        "documents": (f"/desk/dossiers/{documents}/", desk),
    }
    return {
        name: request_bytes("GET", path, f"127.0.0.1:{PORT}", headers={"Cookie": who, "Accept": "text/html"})
        for name, (path, who) in paths.items()
    }


def _middle(agency: str) -> str:
    """The cursor of the task in the middle of a desk's queue."""
    from lienthong.blocks.casework.models import Step

    rows = Step.objects.filter(agency=agency, state="open", kind="task").order_by("due_at", "id")
    step = rows[rows.count() // 2]
    return f"{step.due_at.isoformat()}|{step.pk}"


def cookie(kind: str, subject: str) -> str:
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session.update({"kind": kind, "subject": subject, "name": "đo"})
    session.create()
    return f"lienthong={session.session_key}"


def documents_add(number: str, count: int) -> None:
    """So many files on a dossier, as several calls and supplements would bring them (a call brings 100 at most)."""
    from lienthong.blocks.casework.models import Case, CaseFile
    from lienthong.ground import clock

    case = Case.objects.get(number=number)
    CaseFile.objects.bulk_create(
        CaseFile(
            case=case,
            code="paper",
            name=f"Giấy tờ {place}.pdf",
            sha256=f"{place:064x}",
            size=1000,
            media_type="application/pdf",
            kind="sector",
            added_at=clock.now(),
        )
        for place in range(count)
    )


TABLES = (
    ("casework_case", "recorded_at"),
    ("casework_statuschange", "recorded_at"),
    ("casework_entry", "at"),
    ("casework_step", "opened_at"),
    ("exchange_inbox", "recorded_at"),
    ("exchange_message", "recorded_at"),
    ("procrastinate_jobs", "id"),
)


def bare(*, clients: int) -> float:
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
