"""The built files: ours in name and look, complete, and built once."""

import json
import re
import subprocess
import sys

import pytest

from lienthong.channels.build_assets import BUILT, ROOT
from lienthong.channels.build_assets import main as build

pytestmark = pytest.mark.needs("node_modules")


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    assert build() == 0


def test_building_again_without_a_change_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.stat().st_mtime_ns for path in BUILT.rglob("*")}
    assert build() == 0
    assert "unchanged" in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in BUILT.rglob("*")} == before


def test_no_branding_of_gov_uk_is_in_what_browsers_load() -> None:
    css = (BUILT / "app.css").read_text(encoding="utf-8")
    assert not re.search(
        r"GDS Transport|crest|crown|logo-dot|govuk-footer|govuk-header__", css, re.IGNORECASE
    )
    names = {path.name for path in BUILT.rglob("*")}
    assert not [name for name in names if re.search(r"govuk.*\.(svg|png|ico|woff2?)$|crest", name)]
    templates = (ROOT / "src/lienthong/channels").rglob("*.html")
    assert not [path for path in templates if re.search(r"GOV\.UK|Crown copyright|crest", path.read_text())]


def test_colours_are_tokens_and_the_type_is_ours() -> None:
    css = (BUILT / "app.css").read_text(encoding="utf-8")
    for token in (
        "--govuk-brand-colour:#0b5563",
        "--lt-accent-colour:#f2b134",
        "--govuk-link-hover-colour:#063a44",
    ):
        assert token in css.replace(": ", ":").lower()
    assert "Be Vietnam Pro" in css
    assert "text-transform:uppercase" not in css


def test_no_line_of_text_is_too_tight_for_two_marks_on_a_vowel() -> None:
    css = (BUILT / "app.css").read_text(encoding="utf-8")
    for rule in re.findall(r"\.govuk-(?:heading-\w+|body\w*|label|hint|list)\{[^}]*\}", css):
        for height in re.findall(r"line-height:([\d.]+)[;}]", rule):
            assert float(height) >= (1.3 if "heading" in rule else 1.45), rule


def test_every_address_in_the_built_css_and_script_is_a_built_file() -> None:
    css = (BUILT / "app.css").read_text(encoding="utf-8")
    addresses = re.findall(r"url\(\"?([^)\"]+)\"?\)", css)
    script = (BUILT / "app.js").read_text(encoding="utf-8")
    addresses += re.findall(r'from "\./([^"]+)"', script)
    assert addresses
    assert all((BUILT / address).is_file() for address in addresses if not address.startswith("data:"))
    assert not [path for path in BUILT.glob("*.js") if "sourceMappingURL" in path.read_text(encoding="utf-8")]


def test_the_type_has_every_vietnamese_letter_and_the_sign_of_the_currency() -> None:
    from fontTools.ttLib import TTFont

    letters = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ"
    wanted = {ord(letter) for letter in letters + letters.upper() + "₫“”–…·"}
    for weight in (400, 700):
        with TTFont(BUILT / "fonts" / f"be-vietnam-pro-{weight}.woff2") as font:
            assert wanted <= set(font.getBestCmap())
        assert (BUILT / "fonts" / f"be-vietnam-pro-{weight}.ttf").is_file()


def test_the_lock_names_no_registry_and_every_package_has_its_hash() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = [package for name, package in lock["packages"].items() if name]
    assert packages
    assert all("resolved" not in package and package["integrity"] for package in packages)


def test_the_command_runs_by_its_module_name() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lienthong.channels.build_assets"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "web assets: unchanged\n"
