"""Signed exchanges a second through two gateways, beside the bare provider and nginx as a plain proxy.

All in one run on the same cores: the provider (nginx with a file), nginx in front of it, and our two gateways in
front of it with mutual TLS, signing, verifying, rights, time stamps and the durable log of both sides on. The load
is wrk's.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CLIENTS = (1, 32, 300)
SIZES = {"1 KiB": 1024, "100 KiB": 100 * 1024}
SECONDS = int(os.environ.get("BENCH_SECONDS", "6"))
ASKER, DATA = "VN/GOV/T01/app", "VN/GOV/T02/data"
NGINX = """
daemon off; worker_processes auto; error_log {folder}/error.log; pid {folder}/nginx.pid;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000; sendfile on; default_type application/json;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  upstream provider {{ server 127.0.0.1:{provider}; keepalive 512; keepalive_requests 1000000; }}
  server {{ listen 127.0.0.1:{provider} backlog=4096; root {folder}/www; }}
  server {{ listen 127.0.0.1:{proxy} backlog=4096;
    location / {{ proxy_pass http://provider; proxy_http_version 1.1; proxy_set_header Connection ""; }} }}
}}
"""


def run() -> None:
    for program in ("nginx", "wrk"):
        if shutil.which(program) is None:
            print(f"{program} is needed for this benchmark: install it first", file=sys.stderr)
            raise SystemExit(1)
    folder = Path(tempfile.mkdtemp(prefix="lienthong-bench-"))
    output = Path(os.environ.get("LIENTHONG_VAR", "var"))
    os.environ["LIENTHONG_VAR"] = str(folder)
    os.environ.pop("LIENTHONG_DATABASE_URL", None)
    try:
        _measure(folder, output)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(folder: Path, output: Path) -> None:
    from bench import machine
    from lienthong.config import setup

    setup.django_ready()
    setup.migrate()
    provider, proxy, tsa, *doors = setup.free_ports(7)
    stamps = f"http://127.0.0.1:{tsa}"
    with (
        _nginx(folder, provider, proxy),
        _authority(stamps),
        _gateways(folder, doors, provider, stamps) as gateways,
    ):
        rows: dict[str, dict[str, Any]] = {}
        for size in SIZES:
            for clients in CLIENTS:
                file = size.replace(" ", "")
                rows[f"{size}, {clients} clients"] = {
                    "provider": _wrk(f"http://127.0.0.1:{provider}/{file}", clients),
                    "nginx": _wrk(f"http://127.0.0.1:{proxy}/{file}", clients),
                    "ours": _wrk(f"http://127.0.0.1:{doors[0]}/r1/{DATA}/{file}/{file}", clients),
                }
        memory = {server: machine.memory_mib([process.pid]) for server, (process, _) in gateways.items()}
        lost = _lost(rows)
    last = rows[f"1 KiB, {CLIENTS[-1]} clients"]
    result = {
        "name": "exchange",
        "machine": machine.machine(),
        "versions": {**machine.versions("uvicorn", "aiohttp", "psycopg", "cryptography"), **_programs()},
        "ours": last["ours"]["per_second"],
        "limit": last["nginx"]["per_second"],
        "ratio_limit": round(last["ours"]["per_second"] / last["nginx"]["per_second"], 3),
        "ratio_peer": None,
        "memory_mib": memory,
        "start_s": {server: seconds for server, (_, seconds) in gateways.items()},
        "calls_without_log_row": lost,
        "rows": rows,
    }
    from django.conf import settings

    settings.LIENTHONG_VAR = output
    _print(result, machine.write("exchange", result))


@contextlib.contextmanager
def _nginx(folder: Path, provider: int, proxy: int) -> Iterator[None]:
    (folder / "www").mkdir()
    folder.chmod(0o755)  # nginx's workers are another user
    for size, count in SIZES.items():
        (folder / "www" / size.replace(" ", "")).write_bytes(b'{"data":"' + b"x" * (count - 11) + b'"}')
    path = folder / "nginx.conf"
    path.write_text(NGINX.format(folder=folder, provider=provider, proxy=proxy))
    process = subprocess.Popen(["nginx", "-c", str(path), "-e", f"{folder}/error.log"])
    try:
        _wait(f"http://127.0.0.1:{proxy}/1KiB")
        yield
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def _authority(url: str) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "lienthong.nation.tsa", url])
    try:
        _wait(f"{url}/health")
        yield
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def _gateways(
    folder: Path, doors: list[int], provider: int, stamps: str
) -> Iterator[dict[str, tuple[subprocess.Popen[bytes], float]]]:
    """The two, each with a database of its own; with the seconds that each took to start."""
    import json

    from django.conf import settings
    from psycopg.conninfo import make_conninfo

    from lienthong.blocks.trust import services as trust
    from lienthong.config.setup import database_ensure

    servers = {"VN/GOV/T01/gw1": doors[:2], "VN/GOV/T02/gw2": doors[2:]}
    _publish({server: f"https://127.0.0.1:{ports[1]}" for server, ports in servers.items()})
    running: dict[str, tuple[subprocess.Popen[bytes], float]] = {}
    try:
        for index, (server, ports) in enumerate(servers.items()):
            name = f"gateway{index}"
            database_ensure(settings.LIENTHONG_DATABASE_URL, name)
            values = {
                "server": server,
                "control": settings.LIENTHONG_DATABASE_URL,
                "database": make_conninfo(settings.LIENTHONG_DATABASE_URL, dbname=name),
                "authority": str(Path(settings.LIENTHONG_KEYS) / "authority"),
                "consumer": f"127.0.0.1:{ports[0]}",
                "provider": f"127.0.0.1:{ports[1]}",
                "system_url": "http://127.0.0.1:9",
                "copy": str(folder / f"{name}.json"),
            }
            tls = folder / f"{name}-tls"
            trust.authority().tls_folder_write(tls, server, hosts=["127.0.0.1"])
            values |= {"tls": str(tls), "tsa": stamps}
            text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
            path = folder / f"{name}.toml"
            path.write_text(f'{text}[systems]\n"{DATA}" = "http://127.0.0.1:{provider}"\n')
            began = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, "-m", "lienthong.config.cli", "gateway", "--config", str(path)]
            )
            running[server] = (process, 0.0)
            _wait(f"http://127.0.0.1:{ports[0]}/health")
            running[server] = (process, round(time.perf_counter() - began, 2))
        yield running
    finally:
        for process, _ in running.values():
            process.terminate()
            process.wait()


def _publish(addresses: dict[str, str]) -> None:
    from datetime import date

    from lienthong.blocks.exchange import configuration, services
    from lienthong.ground import clock
    from lienthong.ground.text import Text

    at = clock.now()
    for server, address in addresses.items():
        services.gateway_open(server=server, address=address)
    for name, server in ((ASKER, "VN/GOV/T01/gw1"), (DATA, "VN/GOV/T02/gw2")):
        code = name.split("/")[2]
        services.member_join(name=name.rsplit("/", 1)[0], code=code, title=Text(code, code), at=at)
        services.subsystem_open(name=name, gateway=server, framed=False)
    for size in SIZES:
        services.agreement_grant(
            client=ASKER,
            service=f"data/{size.replace(' ', '')}",
            purpose="measuring",
            legal_basis="-",
            granted_by="T02",
            valid_from=date(2025, 7, 1),
        )
    configuration.publish_if_changed(at=at)


def _wait(url: str) -> None:
    import httpx

    end = time.monotonic() + 30
    while True:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url).status_code == 200:
                return
        if time.monotonic() > end:
            raise RuntimeError(f"{url} does not answer")
        time.sleep(0.02)


_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


def _wrk(url: str, clients: int) -> dict[str, float]:
    command = ["wrk", "-t1", f"-c{clients}", f"-d{SECONDS}s", "--timeout", "30s", "--latency"]
    done = subprocess.run(
        [*command, "-H", f"X-Road-Client: {ASKER}", url], capture_output=True, text=True, check=True
    )
    said = done.stdout
    found: dict[str, float] = {"per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])}
    for name in ("50", "90", "99"):
        value, unit = re.search(rf"{name}%\s+([\d.]+)(us|ms|s)", said).groups()
        found[f"p{name}_ms"] = round(float(value) * _MS[unit], 2)
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    found["errors"] = int(wrong[1]) if wrong else 0
    found["requests"] = int(re.search(r"(\d+) requests in", said)[1])
    return found


def _lost(rows: dict[str, dict[str, Any]]) -> int:
    """Answers that wrk counted and that are not in both logs; what was under way at an end may be logged besides."""
    import psycopg
    from django.conf import settings
    from psycopg.conninfo import make_conninfo

    answered = sum(int(row["ours"]["requests"]) for row in rows.values())
    logged = []
    for name in ("gateway0", "gateway1"):
        with psycopg.connect(make_conninfo(settings.LIENTHONG_DATABASE_URL, dbname=name)) as connection:
            logged.append(connection.execute("select count(*) from gateway.message").fetchone()[0])
    return max(0, answered - min(logged))


def _programs() -> dict[str, str]:
    said = subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=True).stderr
    return {"nginx": said.strip().rsplit("/", 1)[-1]}


def _print(result: dict[str, Any], path: Path) -> None:
    from lienthong.ground import clock

    host = result["machine"]
    print(f"exchange, {clock.today():%d/%m/%Y}: {host['cpu']}, {host['cores']} cores, load {host['load']}")
    print(f"  {'':<22} {'provider':>10} {'nginx':>10} {'ours':>8}   {'ours: p50':>9} {'p99':>8} errors")
    for name, row in result["rows"].items():
        ours = row["ours"]
        rates = f"{row['provider']['per_second']:>10.0f} {row['nginx']['per_second']:>10.0f} {ours['per_second']:>8.0f}"
        print(f"  {name:<22} {rates}   {ours['p50_ms']:>9} {ours['p99_ms']:>8} {ours['errors']}")
    print(f"  ratio_limit {result['ratio_limit']} (ours / nginx, 1 KiB, {CLIENTS[-1]} clients)")
    print(f"  memory {result['memory_mib']} MiB, start {result['start_s']} s")
    print(f"  answers without a row in both logs: {result['calls_without_log_row']}")
    print(f"  written to {path}", file=sys.stderr)
