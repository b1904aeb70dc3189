"""What a gateway knows of its machine, its process, its certificates and itself, as metrics under X-Road's names.

What the machine does not tell (another system than Linux, a folder that is gone) is left out; nothing is guessed.
"""

from __future__ import annotations

import asyncio
import os
import platform
import resource
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from psycopg import Error as DatabaseError

from lienthong.blocks.trust import wire
from lienthong.gateway.core import Gateway
from lienthong.gateway.oprecord import SOFTWARE
from lienthong.gateway.snapshot import Snapshot

Metrics: TypeAlias = "dict[str, str | int | float | Metrics]"
_KIB: Final = 1024
_MEMORY: Final = {
    "TotalPhysicalMemory": "MemTotal",
    "FreePhysicalMemory": "MemFree",
    "AvailablePhysicalMemory": "MemAvailable",
    "TotalSwapSpace": "SwapTotal",
    "FreeSwapSpace": "SwapFree",
}
_PROCESS: Final = {"CommittedVirtualMemory": "VmSize", "ResidentMemory": "VmRSS"}
_SIGNING, _DOOR, _CLIENT = "AUTH_OR_SIGN", "SECURITY_SERVER_TLS", "INTERNAL_IS_CLIENT_TLS"


@cache
def version() -> str:
    """`lienthong 0.1.0`; without the number where it runs from a source tree."""
    try:
        return f"{SOFTWARE} {metadata.version(SOFTWARE)}"
    except metadata.PackageNotFoundError:
        return SOFTWARE


async def environment(gateway: Gateway) -> Metrics:
    """Bytes, seconds and counts. NoConfigurationError where nothing is known yet."""
    snapshot, now = gateway.keeper.snapshot, gateway.now()
    return {
        **await asyncio.to_thread(_machine, gateway),
        **await _state(gateway, snapshot, now),
        "Certificates": await asyncio.to_thread(_certificates, gateway, snapshot, now),
        "Packages": await asyncio.to_thread(_packages),
    }


def _machine(gateway: Gateway) -> Metrics:
    found: Metrics = {"OperatingSystem": platform.platform(), "Processors": os.cpu_count() or 1}
    with suppress(OSError):
        for minutes, load in zip((1, 5, 15), os.getloadavg(), strict=True):
            found[f"LoadAverage{minutes}m"] = load
    found.update(_sizes("/proc/meminfo", _MEMORY))
    found.update(_sizes("/proc/self/status", _PROCESS))
    with suppress(OSError):
        found["OpenFileDescriptorCount"] = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names alone, one call
    found["MaxFileDescriptorCount"] = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    config = gateway.config
    folders = [Path("/"), config.copy.absolute().parent, *([Path(config.archive)] if config.archive else [])]
    for folder in dict.fromkeys(folders):
        with suppress(OSError):
            usage = shutil.disk_usage(folder)
            found[f"DiskSpaceTotal_{folder}"], found[f"DiskSpaceFree_{folder}"] = usage.total, usage.free
    return found


def _sizes(path: str, names: dict[str, str]) -> Metrics:
    """Lines of /proc such as `MemTotal:  16384 kB`, in bytes under our names."""
    with suppress(OSError):
        lines = (line.partition(":") for line in Path(path).read_text(encoding="utf-8").splitlines())
        told = {name: rest.split() for name, _, rest in lines}
        return {ours: int(told[name][0]) * _KIB for ours, name in names.items() if told.get(name)}
    return {}


async def _state(gateway: Gateway, snapshot: Snapshot, now: datetime) -> Metrics:
    found: Metrics = {
        "UptimeSeconds": (now - gateway.started_at).total_seconds(),
        "ConfigurationVersion": snapshot.version,
        "ConfigurationAgeSeconds": (now - snapshot.made_at).total_seconds(),
        "ExchangesUnderWay": sum(gateway.in_flight.values()),
        "HeldBodyBytes": gateway.memory.used,
        "LogQueue": gateway.log.waiting,
    }
    if (silent := gateway.keeper.silent_s()) is not None:
        found["ControlPlaneSilentSeconds"] = silent
    with suppress(DatabaseError):
        late = await gateway.stamper.late()
        found["UnstampedMessages"] = late.messages
        found["LogLagSeconds"] = (now - late.since).total_seconds() if late.since else 0
    return found


def _certificates(gateway: Gateway, snapshot: Snapshot, now: datetime) -> Metrics:
    return {
        f"certificate-{wire.fingerprint(certificate)[:40]}": {
            "sha1Hash": _sha1(certificate),
            "sha256Hash": wire.fingerprint(certificate),
            "holder": holder,
            "notBefore": _moment(certificate.not_valid_before_utc),
            "notAfter": _moment(certificate.not_valid_after_utc),
            "certificateType": kind,
            "active": str(active).lower(),
        }
        for kind, holder, certificate, active in _held(gateway, snapshot, now)
    }


def _held(
    gateway: Gateway, snapshot: Snapshot, now: datetime
) -> Iterator[tuple[str, str, x509.Certificate, bool]]:
    """Kind, holder, certificate, and whether it holds now: of its members, its connections, its members' systems."""
    config = gateway.config
    for one in gateway.keys.held(snapshot):
        yield _SIGNING, one.member, one.certificate, not one.refusal(now)
    for kind, folder in ((_SIGNING, config.tls), (_DOOR, config.consumer_tls)):
        with suppress(OSError, ValueError):
            shown = wire.certificate_load((Path(folder) / "certificate.pem").read_bytes()) if folder else None
            if shown is not None:
                yield kind, config.server, shown, _holds(shown, now)
    for name, registered in snapshot.clients.items():
        if snapshot.subsystems.get(name) == config.server:
            for one in map(x509.load_der_x509_certificate, registered.values()):
                yield _CLIENT, name, one, _holds(one, now)


def _holds(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc


def _sha1(certificate: x509.Certificate) -> str:
    """As X-Road writes it, to be looked up by; nothing is trusted for it."""
    return certificate.fingerprint(hashes.SHA1()).hex(":").upper()  # noqa: S303 - X-Road's name of a certificate


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


@cache
def _packages() -> Metrics:
    """The Python packages of this process, by their versions."""
    found = {one.name: one.version for one in metadata.distributions() if one.name}
    return dict(sorted(found.items()))
