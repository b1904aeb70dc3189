"""What the benchmarks of the exchange stand on: nginx, a time-stamp authority, two gateways with everything on."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

Running = dict[str, tuple[subprocess.Popen[bytes], float]]
"""By gateway: its process, and the seconds that it took to start."""
ONE, TWO = "VN/GOV/T01/gw1", "VN/GOV/T02/gw2"


NGINX = """
daemon off; worker_processes auto; error_log {folder}/error.log; pid {folder}/nginx.pid;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000; sendfile on; default_type application/json;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  {servers}
}}
"""


@contextlib.contextmanager
def scratch() -> Iterator[tuple[Path, Path]]:
    """A folder of one's own for a run, with a database of its own; and where the result is to be written."""
    output = Path(os.environ.get("LIENTHONG_VAR", "var"))
    with tempfile.TemporaryDirectory(prefix="lienthong-bench-", ignore_cleanup_errors=True) as folder:
        os.environ["LIENTHONG_VAR"] = folder
        os.environ.pop("LIENTHONG_DATABASE_URL", None)
        yield Path(folder), output


@contextlib.contextmanager
def nginx(folder: Path, servers: str, ready: str) -> Iterator[None]:
    """Serves while the block runs. servers: its `server` blocks; ready: an address that answers 200 once it does."""
    folder.chmod(0o755)  # nginx's workers are another user
    path = folder / "nginx.conf"
    path.write_text(NGINX.format(folder=folder, servers=servers))
    process = subprocess.Popen(["nginx", "-c", str(path), "-e", f"{folder}/error.log"])
    try:
        wait(ready)
        yield
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def authority(url: str) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "lienthong.nation.tsa", url])
    try:
        wait(f"{url}/health")
        yield
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def gateways(
    folder: Path,
    doors: list[int],
    stamps: str,
    *,
    systems: dict[str, str],
    publish: Callable[[dict[str, str]], None],
) -> Iterator[Running]:
    """The two, each with a database of its own. systems: behind the second one; publish: their addresses."""
    from django.conf import settings
    from psycopg.conninfo import make_conninfo

    from lienthong.blocks.trust import services as trust
    from lienthong.config.setup import database_ensure

    servers = {ONE: doors[:2], TWO: doors[2:]}
    publish({server: f"https://127.0.0.1:{ports[1]}" for server, ports in servers.items()})
    running: Running = {}
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
            behind = "".join(f'"{system}" = "{url}"\n' for system, url in systems.items())
            path.write_text(f"{text}[systems]\n{behind}")
            began = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, "-m", "lienthong.config.cli", "gateway", "--config", str(path)]
            )
            running[server] = (process, 0.0)
            wait(f"http://127.0.0.1:{ports[0]}/health")
            running[server] = (process, round(time.perf_counter() - began, 2))
        yield running
    finally:
        for process, _ in running.values():
            process.terminate()
            process.wait()


def wait(url: str) -> None:
    import httpx

    end = time.monotonic() + 30
    while True:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url).status_code == 200:
                return
        if time.monotonic() > end:
            raise RuntimeError(f"{url} does not answer")
        time.sleep(0.02)
