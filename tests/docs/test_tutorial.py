"""The tutorial, typed block by block on a running system, says what really happens."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT
from tests.journeys.running import Running

PATH = ROOT / "docs" / "tutorial" / "first-birth.md"
BLOCK = re.compile(r"^```sh run\n(.*?)^```\n\n^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ADDRESS = re.compile(r"http://127\.0\.0\.1:8000(/[\w./-]*)")
MARK = "@@ next block @@"


def blocks() -> list[tuple[str, list[str]]]:
    """Each command with the lines that its output contains, in this order."""
    return [(typed, said.splitlines()) for typed, said in BLOCK.findall(PATH.read_text(encoding="utf-8"))]


def pattern(line: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in line.split("…")))


def missing(wanted: list[str], output: str) -> list[str]:
    """The wanted lines that do not come, each after the one before."""
    printed = iter(output.splitlines())
    return [line for line in wanted if not any(pattern(line).search(said) for said in printed)]


def test_a_line_that_is_not_printed_is_missing() -> None:
    assert missing(["a…c", "d"], "abc\nx\nd") == []
    assert missing(["d", "a…c"], "abc\nx\nd") == ["a…c"]


@pytest.mark.needs("pdfsig")
def test_each_command_of_the_tutorial_prints_what_it_says(running: Running, tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(Path(sys.prefix))
    (tmp_path / "var").mkdir()
    typed = f"\necho '{MARK}'\n".join(command for command, _ in blocks())
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", typed],
        cwd=tmp_path,
        env={**running.environment, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for (command, wanted), output in zip(blocks(), done.stdout.split(f"{MARK}\n"), strict=True):
        assert not missing(wanted, output), f"{command}\n{output}"


def test_each_address_of_the_tutorial_answers(running: Running) -> None:
    found = set(ADDRESS.findall(PATH.read_text(encoding="utf-8")))
    assert len(found) >= 7
    for path in found:
        answer = httpx.get(f"{running.url}{path}", follow_redirects=True)
        signed_out = path.startswith(("/console", "/documents", "/who-looked"))
        assert answer.status_code == (401 if signed_out else 200), path


def test_the_tutorial_is_short() -> None:
    assert len(PATH.read_text(encoding="utf-8").splitlines()) < 120
