"""Load from programs that others wrote: wrk as fast as it can, h2load at a given rate."""

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

SECONDS = int(os.environ.get("BENCH_SECONDS", "6"))
_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


def needed(*programs: str) -> None:
    """Leave with a word about what is missing."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        print(f"this benchmark needs {', '.join(missing)}: install them first", file=sys.stderr)
        raise SystemExit(1)


def wrk(url: str, clients: int, headers: dict[str, str] | None = None) -> dict[str, float]:
    """As many requests as are answered in SECONDS: rate, percentiles in ms, errors."""
    command = ["wrk", "-t1", f"-c{clients}", f"-d{SECONDS}s", "--timeout", "30s", "--latency"]
    for name, value in (headers or {}).items():
        command += ["-H", f"{name}: {value}"]
    said = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    found: dict[str, float] = {"per_second": float(_match(r"Requests/sec:\s+([\d.]+)", said)[1])}
    for name in ("50", "90", "99"):
        value, unit = _match(rf"{name}%\s+([\d.]+)(us|ms|s)", said).groups()
        found[f"p{name}_ms"] = round(float(value) * _MS[unit], 2)
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    found["errors"] = int(wrong[1]) if wrong else 0
    found["requests"] = int(_match(r"(\d+) requests in", said)[1])
    return found


def _match(pattern: str, text: str) -> re.Match[str]:
    found = re.search(pattern, text)
    if found is None:
        raise RuntimeError(f"{pattern} is not in what the program said:\n{text}")
    return found


@dataclass
class Told:
    """What h2load wrote down of every request: statuses by number (0: no answer), durations in ms."""

    statuses: dict[int, int] = field(default_factory=dict)
    durations: list[float] = field(default_factory=list)

    def add(self, log: Path) -> None:
        for line in log.read_text().splitlines():
            _, status, microseconds = line.split("\t")[:3]
            number = max(0, int(status))
            self.statuses[number] = self.statuses.get(number, 0) + 1
            self.durations.append(int(microseconds) / 1000)

    def percentile(self, percent: int) -> float:
        return round(statistics.quantiles(self.durations, n=100)[percent - 1], 2)


class Steady:
    """h2load with a number of requests at a rate; several may run at once. Requests go round the given addresses."""

    def __init__(self, urls: list[str], *, count: int, clients: int, rate: float, headers: list[str]) -> None:
        self.count = count
        self._folder = tempfile.TemporaryDirectory(prefix="lienthong-load-")
        self.log = Path(self._folder.name) / "log"
        inputs = Path(self._folder.name) / "urls"
        inputs.write_text("\n".join(urls) + "\n")
        command = [
            "h2load",
            "--h1",
            "-t1",
            f"-n{count}",
            f"-c{min(clients, count)}",
            f"--log-file={self.log}",
        ]
        command += [f"--rps={rate / min(clients, count):.4f}", f"-i{inputs}"]
        for header in headers:
            command += ["-H", header]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def wait(self, told: Told) -> None:
        """Until every request has its answer; told of each."""
        if self._process.wait():
            raise RuntimeError(f"h2load ended with {self._process.returncode}")
        told.add(self.log)
        self._folder.cleanup()
