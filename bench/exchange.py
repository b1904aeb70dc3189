"""Signed exchanges a second through two gateways, beside the bare provider and nginx as a plain proxy.

All in one run on the same cores: the provider (nginx with a file), nginx in front of it, and our two gateways in
front of it with mutual TLS, signing, verifying, rights, time stamps and the durable log of both sides on. The load
is wrk's.
"""

import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench import load
from bench.gateways import ONE, TWO, authority, gateways, nginx, scratch
from bench.programs import SECONDS, needed, wrk

CLIENTS = (1, 32, 300)
TO_REACH = 1500
"""Exchanges a second; latency is measured at half of it, and at half of what was reached."""
SIZES = {"1 KiB": 1024, "100 KiB": 100 * 1024}
ASKER, DATA = "VN/GOV/T01/app", "VN/GOV/T02/data"
CLIENT = {"X-Road-Client": ASKER}
SERVERS = """
  upstream provider {{ server 127.0.0.1:{provider}; keepalive 512; keepalive_requests 1000000; }}
  server {{ listen 127.0.0.1:{provider} backlog=4096; root {folder}/www; }}
  server {{ listen 127.0.0.1:{proxy} backlog=4096;
    location / {{ proxy_pass http://provider; proxy_http_version 1.1; proxy_set_header Connection ""; }} }}
"""


def run() -> None:
    needed("nginx", "wrk")
    with scratch() as (folder, output):
        _measure(folder, output)


def _measure(folder: Path, output: Path) -> None:
    from bench import machine
    from lienthong.config import setup

    setup.django_ready()
    setup.migrate()
    provider, proxy, tsa, *doors = setup.free_ports(7)
    stamps = f"http://127.0.0.1:{tsa}"
    with (
        nginx(folder, _nginx_files(folder, provider, proxy), f"http://127.0.0.1:{proxy}/1KiB"),
        authority(stamps),
        gateways(
            folder, doors, stamps, systems={DATA: f"http://127.0.0.1:{provider}"}, publish=_publish
        ) as running,
    ):
        rows: dict[str, dict[str, Any]] = {}
        for size in SIZES:
            for clients in CLIENTS:
                file = size.replace(" ", "")
                rows[f"{size}, {clients} clients"] = {
                    "provider": wrk(f"http://127.0.0.1:{provider}/{file}", clients),
                    "nginx": wrk(f"http://127.0.0.1:{proxy}/{file}", clients),
                    "ours": wrk(f"http://127.0.0.1:{doors[0]}/r1/{DATA}/{file}/{file}", clients, CLIENT),
                }
        most = rows[f"1 KiB, {CLIENTS[-1]} clients"]["ours"]["per_second"]
        halves = [_half(doors[0], provider, rate) for rate in (TO_REACH / 2, most / 2)]
        memory = {server: machine.memory_mib([process.pid]) for server, (process, _) in running.items()}
        lost = _lost(rows, halves)
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
        "start_s": {server: seconds for server, (_, seconds) in running.items()},
        "calls_without_log_row": lost,
        "half_load": halves,
        "rows": rows,
    }
    from django.conf import settings

    settings.LIENTHONG_VAR = output
    _print(result, machine.write("exchange", result))


def _nginx_files(folder: Path, provider: int, proxy: int) -> str:
    """Writes the provider's files; the configuration."""
    (folder / "www").mkdir()
    for size, count in SIZES.items():
        (folder / "www" / size.replace(" ", "")).write_bytes(b'{"data":"' + b"x" * (count - 11) + b'"}')
    return SERVERS.format(folder=folder, provider=provider, proxy=proxy)


def _publish(addresses: dict[str, str]) -> None:
    from datetime import date

    from lienthong.blocks.exchange import configuration, services
    from lienthong.ground import clock
    from lienthong.ground.text import Text

    at = clock.now()
    for server, address in addresses.items():
        services.gateway_open(server=server, address=address)
    for name, server in ((ASKER, ONE), (DATA, TWO)):
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


def _half(door: int, bare: int, rate: float) -> dict[str, float]:
    """The same steady rate to the bare provider and to ours: what ours adds, in ms."""
    found: dict[str, load.Outcome] = {}
    for name, port, path in (("provider", bare, "/1KiB"), ("ours", door, f"/r1/{DATA}/1KiB/1KiB")):
        request = load.request_bytes("GET", path, f"127.0.0.1:{port}", headers=CLIENT)
        found[name] = load.steady("127.0.0.1", port, request, rate=rate, seconds=SECONDS, clients=300)
    half: dict[str, float] = {"per_second": round(rate)}
    for percent in (50, 99):
        ours, provider = (
            1000 * statistics.quantiles(found[name].durations, n=100)[percent - 1]
            for name in ("ours", "provider")
        )
        half |= {f"p{percent}_ms": round(ours, 2), f"p{percent}_added_ms": round(ours - provider, 2)}
    half["requests"] = len(found["ours"].durations)
    half["errors"] = half["requests"] - found["ours"].statuses.get(200, 0)
    return half


def _lost(rows: dict[str, dict[str, Any]], halves: list[dict[str, float]]) -> int:
    """Answers that wrk counted and that are not in both logs; what was under way at an end may be logged besides."""
    import psycopg
    from django.conf import settings
    from psycopg.conninfo import make_conninfo

    answered = sum(int(row["ours"]["requests"]) for row in rows.values()) + sum(
        int(half["requests"]) for half in halves
    )
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
    for half in result["half_load"]:
        print(
            f"  at {half['per_second']:.0f}/s: p50 {half['p50_ms']} ms, p99 {half['p99_ms']} ms; added to the bare"
            f" provider's: {half['p50_added_ms']} and {half['p99_added_ms']} ms; errors {half['errors']}"
        )
    print(f"  memory {result['memory_mib']} MiB, start {result['start_s']} s")
    print(f"  answers without a row in both logs: {result['calls_without_log_row']}")
    print(f"  written to {path}", file=sys.stderr)
