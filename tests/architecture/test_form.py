"""The calm house: short files, short functions, typed, no reaching around the contracts, a README in every room."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.apps import apps

from lienthong.config.form import form_of, python_files

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "lienthong"
TYPED_MIN = 0.98


def test_no_file_is_over_400_lines_and_no_function_over_70() -> None:
    form = form_of(ROOT)
    assert form.long_files == ()
    assert form.long_functions == ()
    assert form.typed >= TYPED_MIN


def own_models() -> list[type]:
    return [model for model in apps.get_models() if model.__module__.startswith("lienthong.")]


def test_no_foreign_key_leads_out_of_its_room() -> None:
    """Rows of another room are known by their identifiers; a key to them would bind two databases."""
    for model in own_models():
        for field in model._meta.get_fields():
            if field.many_to_one or field.one_to_one:
                assert field.related_model._meta.app_label == model._meta.app_label, (
                    f"{model.__name__}.{field.name}"
                )


def rooms() -> list[Path]:
    return sorted(
        folder
        for kind in ("blocks", "systems")
        for folder in (SOURCE / kind).iterdir()
        if folder.is_dir() and folder.name != "__pycache__"
    )


@pytest.mark.parametrize("room", rooms(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_room_has_a_readme_of_one_screen(room: Path) -> None:
    text = (room / "README.md").read_text(encoding="utf-8")
    assert 10 <= len(text.splitlines()) <= 60


@pytest.mark.parametrize(
    "block", sorted((SOURCE / "blocks").glob("*/__init__.py")), ids=lambda p: p.parent.name
)
def test_a_block_loads_nothing_by_itself(block: Path) -> None:
    body = ast.parse(block.read_text()).body
    assert all(isinstance(node, ast.Expr) for node in body)


def test_the_gateway_and_the_wire_formats_import_without_django() -> None:
    code = (
        "import sys, pkgutil, importlib, lienthong.gateway as g\n"
        "[importlib.import_module(m.name) for m in pkgutil.walk_packages(g.__path__, 'lienthong.gateway.')]\n"
        "import lienthong.blocks.exchange.wire, lienthong.blocks.trust.wire\n"
        "assert not [m for m in sys.modules if m == 'django' or m.startswith('django.')]\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr


def test_the_clock_is_never_asked_around_ground() -> None:
    """Neither Python's clock nor SQL's: a half-year must be simulated in minutes."""
    forbidden = re.compile(r"datetime\.now\(|date\.today\(|timezone\.now\(|Now\(\)|utcnow\(")
    allowed = {SOURCE / "ground" / "clock.py", SOURCE / "config" / "cli.py"}
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in python_files(SOURCE)
        if path not in allowed
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if forbidden.search(line)
    ]
    assert found == []
    sql = re.compile(r"\bnow\(\)|current_timestamp|current_date", re.IGNORECASE)
    assert [str(path) for path in SOURCE.rglob("facts.sql") if sql.search(path.read_text())] == []


def test_no_lock_file_names_a_registrys_host() -> None:
    for name in ("requirements.lock", "package-lock.json"):
        assert not re.search(r"https?://[a-z.]*(pypi|npmjs|registry)", (ROOT / name).read_text())


def test_every_setting_is_documented() -> None:
    text = "".join(path.read_text() for path in (SOURCE / "config").glob("*.py"))
    used = set(re.findall(r'"(LIENTHONG_[A-Z_]+)"', text)) | {
        "LIENTHONG_CLOCK",
        "LIENTHONG_CLOCK_OFFSET",
        "LIENTHONG_CLOCK_FILE",
    }
    documented = set(re.findall(r"`(LIENTHONG_[A-Z_]+)`", (ROOT / "docs/reference/settings.md").read_text()))
    assert used - documented == set()
    assert (
        documented - used - {"LIENTHONG_REQUIRE_ALL", "LIENTHONG_TEST_PROCESSES", "LIENTHONG_PEERS"} == set()
    )


def test_every_figure_of_the_reports_has_a_definition() -> None:
    from lienthong.blocks.insight.definitions import indicators

    shared = ROOT.parent / "shared" / "figures.yaml"
    defined = indicators()
    connected = [row for row in defined.values() if row.connected]
    assert len(connected) >= 25
    if shared.exists():
        assert {row["id"] for row in yaml.safe_load(shared.read_text())} == set(defined)
