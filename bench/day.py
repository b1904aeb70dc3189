"""A whole national day through two gateways: nothing is lost between what was sent, answered and logged.

`DAY_PART` of the day's calls (default a tenth) with the mix of services and the curve of the hours in `day.yaml`,
squeezed into `DAY_SECONDS`. The load is h2load's, at each hour's rate; afterwards every signature and every time stamp
of both logs is checked.
"""

import os
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import yaml

from bench.day_check import Checked, log_check
from bench.gateways import ONE, TWO, authority, gateways, nginx, scratch
from bench.programs import Steady, Told, needed

PART = float(os.environ.get("DAY_PART", "0.1"))
SECONDS = float(os.environ.get("DAY_SECONDS", "240"))
DAY = yaml.safe_load((Path(__file__).parent / "day.yaml").read_text(encoding="utf-8"))
ASKER, ANSWERER = "VN/GOV/T01", "VN/GOV/T02"
CLIENTS_MAX = 100
ROUND = 200
"""Addresses in the list that h2load goes round: shares are multiples of 1/200."""
SERVERS = """
  server {{ listen 127.0.0.1:{provider} backlog=4096; root {folder}/www; }}
"""


def run() -> None:
    needed("nginx", "h2load")
    with scratch() as (folder, output):
        _replay(folder, output)


def _replay(folder: Path, output: Path) -> None:
    from django.conf import settings

    from bench import machine
    from lienthong.config import setup

    setup.django_ready()
    setup.migrate()
    provider, tsa, *doors = setup.free_ports(6)
    stamps, system = f"http://127.0.0.1:{tsa}", f"http://127.0.0.1:{provider}"
    _files(folder / "www")
    systems = {f"{ANSWERER}/{name}": system for name in sorted({one["system"] for one in DAY["services"]})}
    began = time.monotonic()
    with (
        nginx(folder, SERVERS.format(folder=folder, provider=provider), f"{system}/ready"),
        authority(stamps),
        gateways(folder, doors, stamps, systems=systems, publish=_publish) as running,
    ):
        told = _day(f"http://127.0.0.1:{doors[0]}")
        replayed = time.monotonic() - began
        _stamped(doors)
        memory = {server: machine.memory_mib([process.pid]) for server, (process, _) in running.items()}
        checked = _checked()
    settings.LIENTHONG_VAR = output
    result = _result(told, checked, replayed) | {"memory_mib": memory, "machine": machine.machine()}
    _print(result, machine.write("day", result))
    if result["lost"] or not result["chains_verify"]:
        raise SystemExit(1)


def _files(www: Path) -> None:
    www.mkdir()
    (www / "ready").write_text("{}")
    for one in DAY["services"]:
        body = b'{"data":"' + b"x" * (one["bytes"] - 11) + b'"}'
        (www / one["code"]).write_bytes(body)


def _publish(addresses: dict[str, str]) -> None:
    from datetime import date

    from lienthong.blocks.exchange import configuration, services
    from lienthong.ground import clock
    from lienthong.ground.text import Text

    at = clock.now()
    for server, address in addresses.items():
        services.gateway_open(server=server, address=address)
    systems = {f"{ASKER}/{one['system']}": ONE for one in DAY["clients"]}
    systems |= {f"{ANSWERER}/{one['system']}": TWO for one in DAY["services"]}
    for member in (ASKER, ANSWERER):
        code = member.rsplit("/", 1)[-1]
        services.member_join(name=member, code=code, title=Text(code, code), at=at)
    for name, server in systems.items():
        services.subsystem_open(name=name, gateway=server, framed=False)
    for client in DAY["clients"]:
        for one in DAY["services"]:
            if not one.get("refused"):
                services.agreement_grant(
                    client=f"{ASKER}/{client['system']}",
                    service=f"{one['system']}/{one['code']}",
                    purpose="measuring",
                    legal_basis="-",
                    granted_by="T02",
                    valid_from=date(2025, 7, 1),
                )
    configuration.publish_if_changed(at=at)


def _addresses(door: str) -> list[str]:
    """Spread so that neighbours differ; each service as often as its share."""
    due = {one["code"]: 0.0 for one in DAY["services"]}
    listed: list[str] = []
    for _ in range(ROUND):
        for one in DAY["services"]:
            due[one["code"]] += one["share"] / 1000
        chosen = max(DAY["services"], key=lambda one: due[one["code"]])
        due[chosen["code"]] -= 1
        listed.append(f"{door}/r1/{ANSWERER}/{chosen['system']}/{chosen['code']}/{chosen['code']}")
    return listed


def _day(door: str) -> Told:
    """Hour by hour, the agencies' systems at once."""
    told, addresses, order = Told(), _addresses(door), random.Random(2026)
    for hour, share in enumerate(DAY["hours"]):
        calls = DAY["calls"] * PART * share / 1000
        seconds = SECONDS / len(DAY["hours"])
        loads: list[Steady] = []
        for client in DAY["clients"]:
            count = round(calls * client["share"] / 1000)
            if count:
                order.shuffle(addresses)  # every connection of h2load begins at the first
                header = f"X-Road-Client: {ASKER}/{client['system']}"
                clients = min(CLIENTS_MAX, max(1, count // 20))
                loads.append(
                    Steady(addresses, count=count, clients=clients, rate=count / seconds, headers=[header])
                )
        began = time.monotonic()
        for load in loads:
            load.wait(told)
        print(f"  {hour:02}:00 {calls:7.0f} calls in {time.monotonic() - began:5.1f} s", file=sys.stderr)
    return told


def _stamped(doors: list[int]) -> None:
    """Until every row has its time stamp."""
    import httpx

    end = time.monotonic() + 120
    for door in doors[::2]:
        while httpx.get(f"http://127.0.0.1:{door}/health").json()["without_time_stamp"]["messages"]:
            if time.monotonic() > end:
                return
            time.sleep(0.2)


def _checked() -> list[Checked]:
    """Both logs at once, each in a process."""
    from django.conf import settings
    from psycopg.conninfo import make_conninfo

    databases = [make_conninfo(settings.LIENTHONG_DATABASE_URL, dbname=f"gateway{index}") for index in (0, 1)]
    keys = str(Path(settings.LIENTHONG_KEYS) / "authority")
    with ProcessPoolExecutor(len(databases)) as pool:
        return list(pool.map(log_check, databases, [settings.LIENTHONG_DATABASE_URL] * 2, [keys] * 2))


def _result(told: Told, checked: list[Checked], seconds: float) -> dict[str, Any]:
    sent, answers = len(told.durations), told.statuses.get(200, 0)
    unanswered = told.statuses.get(0, 0)
    refusals = sent - answers - unanswered
    lost = unanswered + sum(abs(one.answered - answers) + abs(one.refused - refusals) for one in checked)
    return {
        "name": "day",
        "part": PART,
        "day_calls": DAY["calls"],
        "sent": sent,
        "answers": answers,
        "refusals": refusals,
        "unanswered": unanswered,
        "logs": [vars(one) for one in checked],
        "mix": checked[1].mix,
        "lost": lost,
        "chains_verify": all(not one.broken and not one.unstamped for one in checked),
        "seconds": round(seconds, 1),
        "ours": round(sent / seconds, 1),
        "limit": DAY["calls"] / 86400,
        "ratio_limit": round(sent / seconds / (DAY["calls"] / 86400), 1),
        "ratio_peer": None,
        "p50_ms": told.percentile(50),
        "p99_ms": told.percentile(99),
    }


def _print(result: dict[str, Any], path: Path) -> None:
    from lienthong.ground import clock

    host, day = result["machine"], result["day_calls"]
    print(f"day, {clock.today():%d/%m/%Y}: {host['cpu']}, {host['cores']} cores, load {host['load']}")
    print(
        f"  {day} calls a day x {PART} = {day * PART:.0f} calls, 24 h in {SECONDS:.0f} s: {result['seconds']} s in all,"
    )
    print(
        f"  {result['ours']}/s on average, {result['ratio_limit']} times the {result['limit']:.1f}/s of the real day"
    )
    print(f"  sent {result['sent']} = answers {result['answers']} + refusals {result['refusals']}", end="")
    print(f" + unanswered {result['unanswered']}; p50 {result['p50_ms']} ms, p99 {result['p99_ms']} ms")
    for name, log in zip((ONE, TWO), result["logs"], strict=True):
        print(f"  {name}: rows {log['answered']} answered + {log['refused']} refused;", end="")
        print(f" {log['signatures']} signatures and {log['stamps']} time stamps checked,", end="")
        print(f" without stamp {log['unstamped']}, broken: {log['broken'] or 'none'}")
    mix = ", ".join(f"{name} {count}" for name, count in sorted(result["mix"].items()))
    print(f"  by service: {mix}")
    print(f"  lost {result['lost']}; memory {result['memory_mib']} MiB")
    print(f"  written to {path}", file=sys.stderr)
