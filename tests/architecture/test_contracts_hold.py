"""The import contracts hold, and each kind of violation would be caught: five are planted and must be reported."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PLANTED = {
    "a system imports another": (
        "systems/residence/rules.py",
        "from lienthong.systems.population import contract as _planted",
        "systems never import each other",
    ),
    "a page touches a block's models": (
        "systems/onestop/pages.py",
        "from lienthong.blocks.casework import models as _planted",
        "front door",
    ),
    "rules import Django": ("systems/fees/rules.py", "import django.utils as _planted", "rules are pure"),
    "a block imports upward": (
        "blocks/trust/wire.py",
        "from lienthong.blocks.casework import rules as _planted",
        "blocks in order",
    ),
    "a folder that the house does not know": ("shed/__init__.py", "", "the house"),
}


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    # The tree under `root` is linted, not the one that the environment points to.
    return subprocess.run(
        command,
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(root / "src"), "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
    )


def copied(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", "built", "static", "templates", "migrations", "assets")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_contract_is_kept() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_violation_is_reported(planted: str, tmp_path: Path) -> None:
    path, line, contract = PLANTED[planted]
    root = copied(tmp_path)
    target = root / "src" / "lienthong" / path
    target.parent.mkdir(exist_ok=True)
    text = target.read_text() if target.exists() else ""
    target.write_text(f"{text}\n{line}\n")
    done = lint_imports(root)
    assert done.returncode != 0
    said = " ".join((done.stdout + done.stderr).split())
    assert "BROKEN" in said or "shed" in said
    assert contract in said
