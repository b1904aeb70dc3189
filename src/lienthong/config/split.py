"""The nation in four instances: civil status, residence and social security each with a database of its own.

Every instance stands behind its own gateway; nothing else leads from one to another.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings
from psycopg.conninfo import make_conninfo

from lienthong.blocks.exchange import configuration, services
from lienthong.blocks.exchange.models import Subsystem
from lienthong.blocks.trust import services as trust
from lienthong.config.cli import AWAY
from lienthong.config.setup import database_ensure, free_ports
from lienthong.config.supervisor import Child, granian_command
from lienthong.ground import clock

MAIN: Final = "main"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one instance and its gateway listen. server: the gateway's name on the exchange."""

    name: str
    server: str
    url: str
    consumer: str
    provider: str
    database: str
    folder: Path

    @property
    def systems(self) -> str:
        """For LIENTHONG_SYSTEMS."""
        if self.name != MAIN:
            return self.name
        return ",".join(room for room in settings.LIENTHONG_SYSTEMS if room not in AWAY)

    def environment(self) -> dict[str, str]:
        """For the instance's processes: its own systems, database, folder and gateway; the country's keys."""
        return {
            **os.environ,
            "LIENTHONG_SYSTEMS": self.systems,
            "LIENTHONG_DATABASE_URL": self.database,
            "LIENTHONG_VAR": str(self.folder),
            "LIENTHONG_FILES": str(self.folder / "files"),
            "LIENTHONG_KEYS": str(settings.LIENTHONG_KEYS),
            "LIENTHONG_GATEWAY": f"http://{self.consumer}",
            "LIENTHONG_CONFIGURATION": str(self.folder / "configuration.copy.json"),
            "LIENTHONG_URL": self.url if self.name != MAIN else settings.LIENTHONG_URL,
            "LIENTHONG_WEB_WORKERS": "1",
        }


def places() -> list[Place]:
    """The main instance first, on free ports."""
    ports = iter(free_ports(3 * (1 + len(AWAY))))
    owners = {"civilstatus": "G15", "residence": "G01", "socialsecurity": "G24", MAIN: "G22"}
    found: list[Place] = []
    for name in (MAIN, *AWAY):
        web, consumer, provider = next(ports), next(ports), next(ports)
        found.append(
            Place(
                name=name,
                server=f"{settings.LIENTHONG_INSTANCE}/GOV/{owners[name]}/gateway-{name}",
                url=settings.LIENTHONG_URL if name == MAIN else f"http://127.0.0.1:{web}",
                consumer=f"127.0.0.1:{consumer}",
                provider=f"127.0.0.1:{provider}",
                database=_database(name),
                folder=Path(settings.LIENTHONG_VAR) / name,
            )
        )
    return found


def _database(name: str) -> str:
    """Beside the main one, on the same server."""
    if name == MAIN:
        return settings.LIENTHONG_DATABASE_URL
    return make_conninfo(settings.LIENTHONG_DATABASE_URL, dbname=f"lienthong_{name}")


def split_make(where: list[Place]) -> None:
    """Register the gateways, move the systems out, publish, and let the other instances join."""
    home = {place.name: place.server for place in where}
    for place in where:
        services.gateway_open(
            server=place.server, address=f"https://{place.provider}", tls_folder=str(place.folder / "tls")
        )
    for row in Subsystem.objects.all():
        away = row.system in AWAY
        services.subsystem_open(
            name=row.name,
            national=row.national,
            hosted=not away,
            gateway=home[row.system if away else MAIN],
        )
    configuration.publish_if_changed(at=clock.now())
    document = Path(settings.LIENTHONG_VAR) / "configuration.json"
    document.write_text(json.dumps(configuration.document_newest()), encoding="utf-8")
    python = [sys.executable, "-m", "lienthong.config.cli"]
    # The main instance keeps the fact views of its own rooms only; the others' rows come by the exchange.
    subprocess.run([*python, "migrate"], env=where[0].environment(), check=True, stdout=subprocess.DEVNULL)
    for place in where[1:]:
        database_ensure(settings.LIENTHONG_DATABASE_URL, f"lienthong_{place.name}")
        place.folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [*python, "join", str(document)],
            env=place.environment(),
            check=True,
            stdout=subprocess.DEVNULL,
        )


def programs(where: list[Place]) -> list[Child]:
    """Every gateway, and the other instances' web processes and workers."""
    python = [sys.executable, "-m", "lienthong.config.cli"]
    stamps = f"http://127.0.0.1:{free_ports(1)[0]}"
    found = [Child("tsa", [sys.executable, "-m", "lienthong.nation.tsa", stamps])]
    for place in where:
        config = str(_gateway_config(place, stamps))
        found.append(Child(f"{place.name}-gateway", [*python, "gateway", "--config", config]))
        if place.name != MAIN:
            environment = place.environment()
            web = granian_command(place.url, workers=1)
            found.append(Child(f"{place.name}-web", web, environment=environment))
            found.append(Child(f"{place.name}-worker", [*python, "worker"], environment=environment))
    return found


def _gateway_config(place: Place, stamps: str) -> Path:
    """The gateway's TOML file, written into the instance's folder."""
    tls = place.folder / "tls"
    trust.authority().tls_folder_write(tls, place.server, hosts=["127.0.0.1"])
    values: dict[str, str | float] = {
        "server": place.server,
        "control": settings.LIENTHONG_DATABASE_URL,
        "database": place.database,
        "authority": str(Path(settings.LIENTHONG_KEYS) / "authority"),
        "consumer": place.consumer,
        "provider": place.provider,
        "system_url": place.url,
        "tls": str(tls),
        "tsa": stamps,
        "copy": str(place.folder / "configuration.copy.json"),
        "clock_offset_s": float(os.environ.get("LIENTHONG_CLOCK_OFFSET") or 0),
    }
    path = place.folder / "gateway.toml"
    path.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()))
    return path
