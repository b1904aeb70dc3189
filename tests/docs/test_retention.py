"""What the reference of retention shows, typed command by command."""

import json
import shlex
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from lienthong.blocks.access import services as access
from lienthong.blocks.access.principals import Kind, Principal, Role
from lienthong.blocks.casework.disposed import all_disposed
from lienthong.config import setup
from lienthong.config.cli import main
from lienthong.ground import clock
from tests.blocks.casework.casework_kit import AGENCY, TITLE, agency_enter, case_of, decide, open_case, task
from tests.conftest import ROOT
from tests.docs.test_tutorial import BLOCK, missing

PAGE = (ROOT / "docs" / "reference" / "retention.md").read_text(encoding="utf-8")
ON = datetime(2037, 1, 2, 9, 0, tzinfo=clock.VIETNAM)


@pytest.fixture
def dossiers(db: None, at: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Three dossiers that closed in 2026, and a head."""
    monkeypatch.setattr(setup, "django_ready", lambda: None)
    agency_enter()
    access.officer_enter(code="H26.12-C01", agency=AGENCY, name="Lê Văn Cường", title=TITLE)
    by = Principal(Kind.OFFICER, "quan-tri", "Quản trị", AGENCY, frozenset({Role.ADMINISTRATOR}))
    access.role_grant(by=by, officer="H26.12-C01", role=Role.SIGN, at=at)
    first = case_of(tmp_path, {"work": task(approve="end:granted")}, start="work", at=at)
    cases = [first, open_case(at), open_case(at)]
    for case in cases:
        decide(case, "work", "approve")
    return [case.number for case in cases]


def run(typed: str) -> str:
    done = CliRunner().invoke(main, shlex.split(typed)[1:])
    assert done.exit_code == 0, done.output
    return done.output


def test_each_command_prints_what_the_page_says(dossiers: list[str]) -> None:
    found = BLOCK.findall(PAGE)
    assert len(found) == 3
    with clock.fixed(ON):
        for typed, said in found:
            output = "".join(run(line.replace("…", dossiers[0])) for line in typed.splitlines())
            assert not missing(said.splitlines(), output), output
    assert set(all_disposed(dossiers)) == set(dossiers[1:])


def test_the_record_is_written_as_a_file_and_a_wrong_name_is_told(
    dossiers: list[str], tmp_path: Path
) -> None:
    with clock.fixed(ON):
        *_, (typed, _) = BLOCK.findall(PAGE)
        dispose, record = typed.splitlines()
        listed = json.loads(run("lienthong retention list --json --agency H26.12"))
        assert [(row["procedure"], row["part"], row["count"]) for row in listed] == [
            ("8.000001", "dossier", 3),
            ("8.000001", "messages", 3),
        ]
        run(dispose)
        run(f"{record} --out {tmp_path / 'record.json'}")
        assert dossiers[0] in (tmp_path / "record.json").read_text(encoding="utf-8")
        assert json.loads(run("lienthong retention list --json")) == []
        wrong = CliRunner().invoke(main, shlex.split(dispose.replace("-C01", "-C99"))[1:])
        unknown = CliRunner().invoke(main, ["retention", "record", "99", "--agency", AGENCY])
    assert (wrong.exit_code, unknown.exit_code) == (1, 1)
    assert "There is no officer «H26.12-C99»." in wrong.output
    assert "There is no disposal decision «99»." in unknown.output


def test_the_page_fits_one_screen() -> None:
    assert len(PAGE.splitlines()) <= 60
