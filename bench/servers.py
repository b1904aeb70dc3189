"""The two ASGI servers that may stand at a gateway's doors, with the same small application: uvicorn and granian.

Both with uvloop in one process; the application reads a body and answers 1 KiB, as a door does. The load is wrk's.
"""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from bench.gateways import wait
from bench.programs import needed, wrk

CLIENTS = (32, 300)
ANSWER = b'{"data":"' + b"x" * 1013 + b'"}'
COMMANDS = {
    "uvicorn": [
        "uvicorn",
        "--loop=uvloop",
        "--http=httptools",
        "--no-access-log",
        "--log-level=warning",
        "--host=127.0.0.1",
        "--port={port}",
        "bench.servers:answer",
    ],
    "granian": [
        "granian",
        "--interface=asgi",
        "--loop=uvloop",
        "--workers=1",
        "--no-log",
        "--host=127.0.0.1",
        "--port={port}",
        "bench.servers:answer",
    ],
}


async def answer(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The application."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(ANSWER)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": ANSWER})


def run() -> None:
    needed("wrk")
    from bench import machine
    from lienthong.config import setup
    from lienthong.ground import clock

    setup.django_ready()
    rows: dict[str, dict[str, float]] = {}
    for name, port in zip(COMMANDS, setup.free_ports(len(COMMANDS)), strict=True):
        with _serving(name, port) as url:
            rows[name] = {f"{clients} clients": wrk(url, clients)["per_second"] for clients in CLIENTS}
    ratio = rows["uvicorn"]["300 clients"] / rows["granian"]["300 clients"]
    result = {
        "name": "servers",
        "machine": machine.machine(),
        "versions": machine.versions("uvicorn", "granian", "httptools", "uvloop"),
        "ours": rows["uvicorn"]["300 clients"],
        "limit": None,
        "ratio_limit": None,
        "ratio_peer": round(ratio, 3),
        "rows": rows,
    }
    host = result["machine"]
    print(f"servers, {clock.today():%d/%m/%Y}: {host['cpu']}, {host['cores']} cores, load {host['load']}")
    for name, row in rows.items():
        print(f"  {name:<8} " + "  ".join(f"{clients}: {rate:.0f}/s" for clients, rate in row.items()))
    print(f"  ratio_peer {result['ratio_peer']} (uvicorn / granian, 300 clients)")
    print(f"  written to {machine.write('servers', result)}", file=sys.stderr)


@contextlib.contextmanager
def _serving(name: str, port: int) -> Iterator[str]:
    command = [part.format(port=port) for part in COMMANDS[name]]
    process = subprocess.Popen([sys.executable, "-m", *command])
    try:
        wait(f"http://127.0.0.1:{port}/")
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()
