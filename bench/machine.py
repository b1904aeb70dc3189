"""On what machine and with which versions a figure was measured, and how a result is written."""

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings


def machine() -> dict[str, Any]:
    models = [
        line.split(":", 1)[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return {
        "cpu": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
    }


def versions(*packages: str) -> dict[str, str]:
    return {name: version(name) for name in packages}


def memory_mib(pids: list[int]) -> float:
    """Resident memory of processes, in MiB."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                total += int(line.split()[1])
    return round(total / 1024, 1)


def percentiles(values: list[float]) -> dict[str, float]:
    """p50, p95, p99 in milliseconds of durations in seconds."""
    ordered = sorted(values)
    at = {
        name: ordered[min(len(ordered) - 1, int(len(ordered) * q))]
        for name, q in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    }
    return {f"{name}_ms": round(value * 1000, 1) for name, value in at.items()}


def write(name: str, result: dict[str, Any]) -> Path:
    folder = Path(settings.LIENTHONG_VAR) / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    return path
