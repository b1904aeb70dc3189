"""The tutorial of a new procedure, typed block by block from an empty folder, ends with a paper that can be checked."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import conftest as database
from tests.conftest import ROOT
from tests.docs.test_tutorial import BLOCK, MARK, missing
from tests.journeys import running as system
from tests.nation.programs import free_port, wait_until

PATH = ROOT / "docs" / "tutorial" / "new-procedure.md"
PERSON_S = 15 * 60
"""What the tutorial promises a person; the commands alone must leave most of it."""


@pytest.fixture
def environment(tmp_path: Path, django_db_blocker: object) -> Iterator[dict[str, str]]:
    """An empty folder beside a clone's content, and a small nation in a database of its own."""
    name = f"{database.DATABASE}_tutorial"
    database.clone_database(name, template=system.nation_database())
    (tmp_path / ".venv").symlink_to(Path(sys.prefix))
    (tmp_path / "content").symlink_to(ROOT / "content")
    ports = [free_port() for _ in range(4)]
    yield {
        **system._environment(name, tmp_path / "try" / "var", system._offset(system.MONDAY)),
        "LIENTHONG_URL": f"http://127.0.0.1:{ports[0]}",
        "LIENTHONG_BANK_URL": f"http://127.0.0.1:{ports[1]}",
        "LIENTHONG_NOTICES_URL": f"http://127.0.0.1:{ports[2]}",
        "LIENTHONG_SMTP": f"127.0.0.1:{ports[3]}",
        "HOME": str(tmp_path),
    }
    database.server_execute(system._dropped(name))


@contextlib.contextmanager
def served(environment: dict[str, str], folder: Path) -> Iterator[str]:
    with (folder / "up.log").open("wb") as log:
        program = subprocess.Popen(
            [sys.executable, "-m", "lienthong.config.cli", "up"],
            env={**environment, "LIENTHONG_CONTENT": str(folder / "try" / "content")},
            stdout=log,
            stderr=log,
        )
    try:
        wait_until(lambda: _answers(environment["LIENTHONG_URL"]), seconds=system.START_S)
        yield environment["LIENTHONG_URL"]
    finally:
        program.terminate()
        program.wait(timeout=60)


def _answers(url: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"{url}/health", timeout=5).is_success
    return False


def test_each_command_prints_what_it_says_and_the_licence_can_be_checked(
    environment: dict[str, str], tmp_path: Path
) -> None:
    blocks = [(typed, said.splitlines()) for typed, said in BLOCK.findall(PATH.read_text(encoding="utf-8"))]
    typed = f"\necho '{MARK}'\n".join(command for command, _ in blocks)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"cp -rL content real && rm content && mv real content\n{typed}"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PERSON_S / 3,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for (command, wanted), output in zip(blocks, done.stdout.split(f"{MARK}\n"), strict=True):
        assert not missing(wanted, output), f"{command}\n{output}"
    found = re.search(r"Fishing licence No\. (\S+)\ncheck page: (\S+)", done.stdout)
    assert found is not None
    with served(environment, tmp_path) as url:
        page = httpx.get(found[2])
        assert page.status_code == 200
        assert found[1] in page.text
        service = httpx.get(f"{url}/services/1.004359/")
        assert "Giấy phép khai thác thủy sản" in service.text
        assert "1.004359" in httpx.get(f"{url}/", params={"q": "khai thac thuy san"}).text
    assert not (ROOT / "content" / "procedures" / "1.004359").exists()


def test_the_tutorial_fits_a_quarter_of_an_hour_of_reading() -> None:
    assert len(PATH.read_text(encoding="utf-8").splitlines()) < 170
