"""GovStack's suite for information mediators on one real gateway with a control plane of its own.

The suite asks localhost:3366. The members, services and instances that it asks for are registered as its own
`test-data.json` names them; each service's description is the API document of the suite's own repository.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.peers import record

NAME = "bb-information-mediator"
ADDRESS = "127.0.0.1:3366"
CLIENT = "eGovStack/GOV/90000009/digitalregistries"
SERVER = "eGovStack/GOV/90000009/gateway"
DESCRIPTION = "api/GovStack_IM_Directory_Services_API.yaml"


def run() -> int:
    """The suite's own exit code; what it printed stands in the page then."""
    folder = record.peer(NAME)
    scratch = Path(tempfile.mkdtemp(prefix="lienthong-peer-"))
    os.environ["LIENTHONG_VAR"] = str(scratch)
    for name in ("LIENTHONG_DATABASE_URL", "LIENTHONG_KEYS"):
        os.environ.pop(name, None)
    try:
        return _run(folder, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _run(folder: Path, scratch: Path) -> int:
    from lienthong.config import setup
    from lienthong.ground import clock

    setup.django_ready()
    setup.migrate()
    suite = folder / "test" / "openAPI"
    providers = json.loads((suite / "test-data.json").read_text())["data"]
    _register(providers, (folder / DESCRIPTION).read_bytes(), clock.now())
    with _gateway(scratch):
        seen = _seen(providers)
        if not (suite / "node_modules").is_dir():
            subprocess.run([_npm(), "install", "--no-audit", "--no-fund"], cwd=suite, check=True)
        environment = {**os.environ, "CUCUMBER_PUBLISH_QUIET": "true"}
        done = subprocess.run(
            [_npm(), "test"], cwd=suite, env=environment, stdout=subprocess.PIPE, text=True, check=False
        )
    print(done.stdout)
    record.write(
        "govstack-mediator",
        on=clock.now().date(),
        facts={
            "suite": f"GovStackWorkingGroup/{NAME} `test/openAPI`, commit {record.commit(folder)[:12]}",
            "command": "`npm test` (cucumber-js), by `make conform NAME=govstack_mediator`",
            "exit code": str(done.returncode),
            "what the gateway lists meanwhile": seen,
        },
        printed=done.stdout,
    )
    return done.returncode


def _npm() -> str:
    """The one of the development environment, before the system's."""
    ours = Path(sys.executable).with_name("npm")
    os.environ["PATH"] = os.pathsep.join([str(ours.parent), os.environ.get("PATH", "")])
    return "npm"


def _register(providers: list[dict[str, Any]], description: bytes, at: datetime) -> None:
    """Every provider of the data with its services, described and granted to the suite's client."""
    from lienthong.blocks.exchange import configuration, services

    services.gateway_open(server=SERVER, address="http://127.0.0.1:9")
    _open(CLIENT, at)
    for row in providers:
        names = ("GovStackInstance", "memberClass", "memberCode", "applicationCode")
        provider = "/".join(row[name] for name in names)
        _open(provider, at)
        for code in sorted({one["serviceCode"] for one in row["service"]}):
            services.service_publish(subsystem=provider, code=code, description=description, at=at)
            services.agreement_grant(
                client=CLIENT,
                service=f"{row['applicationCode']}/{code}",
                purpose="conformance",
                legal_basis="-",
                granted_by=row["memberCode"],
                valid_from=date(2025, 7, 1),
            )
        for instance in {one["instanceId"] for one in row["service"]}:
            _open("/".join([instance, *provider.split("/")[1:]]), at)
    configuration.publish_if_changed(at=at)


def _open(name: str, at: datetime) -> None:
    from lienthong.blocks.exchange import services
    from lienthong.ground.text import Text

    member, _, _ = name.rpartition("/")
    code = member.rsplit("/", 1)[-1]
    services.member_join(name=member, code=code, title=Text(code, code), at=at - timedelta(days=1))
    services.subsystem_open(name=name, gateway=SERVER, framed=False)


@contextmanager
def _gateway(scratch: Path) -> Iterator[None]:
    from django.conf import settings
    from psycopg.conninfo import make_conninfo

    from lienthong.config import setup

    setup.database_ensure(settings.LIENTHONG_DATABASE_URL, "gateway")
    values = {
        "server": SERVER,
        "control": settings.LIENTHONG_DATABASE_URL,
        "database": make_conninfo(settings.LIENTHONG_DATABASE_URL, dbname="gateway"),
        "authority": str(Path(settings.LIENTHONG_KEYS) / "authority"),
        "consumer": ADDRESS,
        "provider": f"127.0.0.1:{setup.free_ports(1)[0]}",
        "system_url": "http://127.0.0.1:9",
        "copy": str(scratch / "configuration.json"),
        "govstack": True,
    }
    path = scratch / "gateway.toml"
    path.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items()))
    process = subprocess.Popen([sys.executable, "-m", "lienthong.config.cli", "gateway", "--config", path])
    try:
        _wait(process)
        yield
    finally:
        process.terminate()
        process.wait()


def _wait(process: subprocess.Popen[bytes]) -> None:
    import time

    import httpx

    end = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < end:
        with suppress(httpx.HTTPError):
            if httpx.get(f"http://{ADDRESS}/health").is_success:
                return
        time.sleep(0.05)
    raise RuntimeError(f"no gateway on {ADDRESS}")


def _seen(providers: list[dict[str, Any]]) -> str:
    """How much stands in the answers, so that a suite which passes on empty lists proves nothing by itself."""
    import httpx

    def rows(path: str) -> int:
        got = httpx.get(f"http://{ADDRESS}/{path}", headers={"Information-Mediator-Client": CLIENT})
        return len(got.raise_for_status().json()["member"])

    first = providers[0]
    names = ("GovStackInstance", "memberClass", "memberCode", "applicationCode")
    where = "/".join(first[name] for name in names)
    code = first["service"][0]["serviceCode"]
    described = httpx.get(f"http://{ADDRESS}/{where}/getOpenAPI?serviceCode={code}").json()
    return (
        f"listClients {rows('listClients')}, with instanceId={first['service'][0]['instanceId']} "
        f"{rows('listClients?instanceId=' + first['service'][0]['instanceId'])}; of {where}: listMethods "
        f"{rows(where + '/listMethods')}, allowedMethods {rows(where + '/allowedMethods')}, "
        f"getOpenAPI {len(described)} characters"
    )
