"""Open Zaak 1.21.0 beside us, for `make bench NAME=cases`: started from where it lies prepared.

The folder `open-zaak` in LIENTHONG_PEERS is a checkout of its tag 1.21.0 with `.venv` (Python 3.11) that holds its
`requirements/base.txt`; docs/reference/benchmarks.md says how to prepare it. Nothing of it is in this repository.
It gets a database of its own on the server at the given address, and ends with the context.
"""

import base64
import contextlib
import hmac
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.load import Outcome, Talk, request_bytes, send
from bench.peers import record
from lienthong.ground import clock

NAME = "open-zaak"
TAG = "1.21.0"
DATABASE = "openzaak"
CLIENT = "bench"
ORGANISATION = "517439943"
"""An RSIN that satisfies the eleven-check; of nobody."""
WORKERS, THREADS = 2, 4


@dataclass
class OpenZaak:
    """A running one: its address, its processes, and the types that a case needs."""

    port: int
    database: str
    token: str
    commit: str
    pids: list[int] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Crs": "EPSG:4326",
            "Content-Crs": "EPSG:4326",
        }

    def request(self, method: str, path: str, body: Any = None) -> bytes:
        content = b"" if body is None else json.dumps(body).encode()
        return request_bytes(method, path, self.host, body=content, headers=self.headers())

    def case(self, bsn: str) -> Talk:
        """A complete case as one chain of three calls: the case, its status, its applicant."""
        now = clock.now()
        body = zaak_body(self.types["zaaktype"], str(now.date()))
        zaak = yield self.request("POST", "/zaken/api/v1/zaken", body)
        url = json.loads(zaak)["url"]
        status = {"zaak": url, "statustype": self.types["statustype"], "datumStatusGezet": now.isoformat()}
        yield self.request("POST", "/zaken/api/v1/statussen", status)
        rol = {
            "zaak": url,
            "roltype": self.types["roltype"],
            "betrokkeneType": "natuurlijk_persoon",
            "roltoelichting": "applicant",
            "betrokkeneIdentificatie": {"inpBsn": bsn, "geslachtsnaam": "Trần Thị Lường"},
        }
        yield self.request("POST", "/zaken/api/v1/rollen", rol)


def zaak_body(zaaktype: str, today: str) -> dict[str, str]:
    return {
        "zaaktype": zaaktype,
        "bronorganisatie": ORGANISATION,
        "verantwoordelijkeOrganisatie": ORGANISATION,
        "startdatum": today,
        "registratiedatum": today,
        "omschrijving": "Trần Thị Lường",
        "vertrouwelijkheidaanduiding": "zaakvertrouwelijk",
    }


def eleven(bsn: str) -> bool:
    """The check that Open Zaak makes of a person's number."""
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(int(digit) * weight for digit, weight in zip(bsn, weights, strict=True)) % 11 == 0


def bsns(first: int) -> Iterator[str]:
    """Numbers that satisfy the check, from `first` on."""
    return (str(number) for number in range(first, 10**9) if eleven(str(number)))


def cases(peer: OpenZaak, count: int, *, clients: int, label: int) -> Outcome:
    """So many whole cases, by three calls each."""
    people = bsns(200_000_000 + label)
    outcome = send("127.0.0.1", peer.port, [peer.case(next(people)) for _ in range(count)], clients=clients)
    if outcome.statuses != {201: 3 * count}:
        raise RuntimeError(f"{count} cases of three calls, statuses {outcome.statuses}")
    return outcome


def case_make(peer: OpenZaak) -> tuple[str, str]:
    """One whole case: its uuid, and its applicant's number."""
    import psycopg

    bsn = next(bsns(300_000_000))
    send("127.0.0.1", peer.port, [peer.case(bsn)], clients=1)
    with psycopg.connect(peer.database) as connection:
        row = connection.execute("select uuid from zaken_zaak order by identificatie_ptr_id desc").fetchone()
    if row is None:
        raise RuntimeError("Open Zaak took no case")
    return str(row[0]), bsn


def reads(peer: OpenZaak, *, person: str, documents: str) -> dict[str, Callable[[], Any]]:
    """The requests of what is read, by name: lists by address, the case with documents by two calls."""
    zaken = "/zaken/api/v1/zaken"
    page = max(1, _count(peer) // 100 // 2)
    by_person = f"{zaken}?rol__betrokkeneIdentificatie__natuurlijkPersoon__inpBsn={person}"

    def with_documents() -> Talk:
        yield peer.request("GET", documents.removeprefix(peer.url("")))
        yield peer.request("GET", f"/zaken/api/v1/zaakinformatieobjecten?zaak={documents}")

    return {
        "list_page": lambda: peer.request("GET", zaken),
        "list_middle": lambda: peer.request("GET", f"{zaken}?page={page}"),
        "person": lambda: peer.request("GET", by_person),
        "documents": with_documents,
    }


def _count(peer: OpenZaak) -> int:
    import psycopg

    with psycopg.connect(peer.database) as connection:
        row = connection.execute("select count(*) from zaken_zaak").fetchone()
    return int(row[0]) if row else 0


@contextlib.contextmanager
def running(database_url: str, scratch: Path) -> Iterator[OpenZaak]:
    """Open Zaak with two processes, audit trail on, notifications off; scratch: where its logs and files go."""
    folder = _prepared()
    from lienthong.config.setup import free_ports

    port, cache = free_ports(2)
    secret = secrets.token_urlsafe(32)
    url = _database(database_url)
    environment = _environment(url, port, cache, scratch)
    logs = scratch / "open-zaak.log"
    with contextlib.ExitStack() as stack:
        out = stack.enter_context(logs.open("ab"))
        redis = [
            "redis-server",
            "--port",
            str(cache),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        stack.enter_context(_process(redis, scratch, environment, out))
        print("  Open Zaak: migrations (one to two minutes)", file=sys.stderr)
        for command in (["migrate", "--verbosity", "0"], _configure(scratch, secret)):
            _manage(folder, command, environment, out, logs)
        uwsgi = stack.enter_context(_process(_uwsgi(folder, port), folder / "src", environment, out))
        peer = OpenZaak(port, url, _token(secret), record.commit(folder)[:12])
        _wait(peer, uwsgi, logs)
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(uwsgi.pid)], capture_output=True, text=True, check=True
        )
        peer.pids = [uwsgi.pid, *(int(pid) for pid in listed.stdout.split())]
        yield peer


def _prepared() -> Path:
    folder = record.peer(NAME)
    tag = subprocess.run(
        ["git", "-C", folder, "tag", "--points-at", "HEAD"], capture_output=True, text=True, check=False
    )
    missing = [str(path) for path in _programs(folder) if not path.exists()]
    if TAG not in tag.stdout.split() or missing or not _which("redis-server"):
        print(
            f"{folder} must be a checkout of tag {TAG} (is: {tag.stdout.split()}) with its requirements in .venv"
            f" (missing: {missing}), and redis-server installed: docs/reference/benchmarks.md says how",
            file=sys.stderr,
        )
        raise SystemExit(1)
    return folder


def _programs(folder: Path) -> list[Path]:
    return [folder / ".venv" / "bin" / name for name in ("python", "uwsgi")]


def _which(name: str) -> bool:
    import shutil

    return shutil.which(name) is not None


def _database(server_url: str) -> str:
    import psycopg
    from psycopg.conninfo import make_conninfo

    from lienthong.config.setup import database_ensure

    database_ensure(server_url, DATABASE)
    url = make_conninfo(server_url, dbname=DATABASE)
    with psycopg.connect(url, autocommit=True) as connection:
        for extension in ("postgis", "pg_trgm"):
            connection.execute(f"create extension if not exists {extension}")
    return url


def _environment(url: str, port: int, cache: int, scratch: Path) -> dict[str, str]:
    from psycopg.conninfo import conninfo_to_dict

    parts = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    own = {key: value for key, value in os.environ.items() if not key.startswith(("LIENTHONG_", "DJANGO_"))}
    own.pop("PYTHONPATH", None)
    return own | {
        "DJANGO_SETTINGS_MODULE": "openzaak.conf.docker",
        "SECRET_KEY": secrets.token_urlsafe(32),
        "DB_NAME": parts["dbname"],
        "DB_USER": parts["user"],
        "DB_PASSWORD": parts.get("password", ""),
        "DB_HOST": parts["host"],
        "DB_PORT": parts.get("port", "5432"),
        "CACHE_DEFAULT": f"127.0.0.1:{cache}/0",
        "CACHE_AXES": f"127.0.0.1:{cache}/0",
        "CELERY_BROKER_URL": f"redis://127.0.0.1:{cache}/1",
        "CELERY_RESULT_BACKEND": f"redis://127.0.0.1:{cache}/1",
        "IS_HTTPS": "no",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "OPENZAAK_DOMAIN": f"127.0.0.1:{port}",
        "DISABLE_2FA": "true",
        "NOTIFICATIONS_DISABLED": "true",
        "SENDFILE_BACKEND": "django_sendfile.backends.simple",
        "JWT_EXPIRY": "86400",
        "LOG_LEVEL": "WARNING",
        "LOG_REQUESTS": "no",
        "HOME": str(scratch),
    }


def _configure(scratch: Path, secret: str) -> list[str]:
    """One client with all rights and its secret, through the setup that Open Zaak brings."""
    items = {
        "vng_api_common_credentials_config_enable": True,
        "vng_api_common_credentials": {"items": [{"identifier": CLIENT, "secret": secret}]},
        "vng_api_common_applicaties_config_enable": True,
        "vng_api_common_applicaties": {
            "items": [
                {
                    "uuid": "0b0e2b60-3f3f-4f2b-9d0f-1b1b1b1b1b1b",
                    "client_ids": [CLIENT],
                    "label": CLIENT,
                    "heeft_alle_autorisaties": True,
                }
            ]
        },
    }
    path = scratch / "open-zaak-setup.yaml"  # JSON is YAML
    path.touch(mode=0o600)
    path.write_text(json.dumps(items))
    return ["setup_configuration", "--yaml-file", str(path)]


def _manage(folder: Path, command: list[str], environment: dict[str, str], out: Any, logs: Path) -> None:
    python = str(folder / ".venv" / "bin" / "python")
    done = subprocess.run(
        [python, "src/manage.py", *command], cwd=folder, env=environment, stdout=out, stderr=out, check=False
    )
    if done.returncode:
        print(logs.read_text()[-3000:], file=sys.stderr)
        raise RuntimeError(f"Open Zaak's {command[0]} ended with {done.returncode}")


def _uwsgi(folder: Path, port: int) -> list[str]:
    """The options of its own start script, with our port and as many threads as our web processes have."""
    options = {
        "--http": f"127.0.0.1:{port}",
        "--mount": "/=openzaak.wsgi:application",
        "--processes": str(WORKERS),
        "--threads": str(THREADS),
        "--buffer-size": "65535",
        "--venv": str(folder / ".venv"),
    }
    pairs = [part for pair in options.items() for part in pair]
    flags = ["--http-keepalive", "--manage-script-name", "--enable-threads", "--die-on-term", "--master"]
    return [str(folder / ".venv" / "bin" / "uwsgi"), *pairs, *flags, "--disable-logging"]


@contextlib.contextmanager
def _process(
    command: list[str], where: Path, environment: dict[str, str], out: Any
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, cwd=where, env=environment, stdout=out, stderr=out)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _token(secret: str) -> str:
    """The JWT that its clients sign: HS256, good for JWT_EXPIRY seconds."""
    claims = {"iss": CLIENT, "iat": int(time.time()), "client_id": CLIENT, "user_id": CLIENT}
    signed = ".".join(
        _base64url(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims)
    )
    return f"{signed}.{_base64url(hmac.digest(secret.encode(), signed.encode(), 'sha256'))}"


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _wait(peer: OpenZaak, process: subprocess.Popen[bytes], logs: Path) -> None:
    import httpx

    end = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(peer.url("/zaken/api/v1/zaken"), headers=peer.headers(), timeout=30).is_success:
                return
        time.sleep(0.5)
    print(logs.read_text()[-3000:], file=sys.stderr)
    raise RuntimeError("Open Zaak did not start")
