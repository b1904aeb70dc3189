"""Kill -9 of web, worker and database at random moments of a run: the same end as the run that nothing disturbed.

The command is the one that runs 1,000 dossiers; here with few, on a system of its own.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

from lienthong.nation.disturbed import differences
from lienthong.nation.examples import Example, example_moved

LINE = re.compile(r"(\d+) dossiers, (\d+) kills \((.+)\), .*: the same end, [0-9a-f]{64}$")


def test_dossiers_end_as_in_peace_while_processes_are_killed(tmp_path: Path) -> None:
    asked = {"--dossiers": "3", "--every": "2", "--most": "2", "--last": "2026-03-02", "--seed": "7"}
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "lienthong.config.cli",
            "disturb",
            *(word for row in asked.items() for word in row),
        ],
        env={**os.environ, "LIENTHONG_VAR": str(tmp_path), "LIENTHONG_WEB_WORKERS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = (done.stdout + done.stderr)[-3000:]
    told = LINE.search(done.stdout.strip().splitlines()[-1]) if done.stdout.strip() else None
    assert told, said
    assert done.returncode == 0, said
    assert int(told[2]) >= 2, said


def test_what_differs_is_told_dossier_by_dossier() -> None:
    peace = {
        "1 a": {"cases": [["a", "granted"]], "bills": []},
        "days": {"opened X 2026-03-02": 1},
        "wrong": [],
    }
    lost = {"1 a": {"cases": [], "bills": []}, "days": {"opened X 2026-03-02": 0}, "wrong": ["stuck: X 1"]}
    assert differences(peace, peace) == []
    assert differences(peace, lost) == [
        "wrong: stuck: X 1",
        "1 a: cases: [['a', 'granted']] became []",
        "days: opened X 2026-03-02: 1 became 0",
    ]


def test_an_example_played_on_another_day_keeps_what_was_past_and_moves_what_lay_ahead() -> None:
    raw = {
        "given": [{"valid_from": "2026-07-01"}, {"valid_from": "2025-09-01"}],
        "answers": {"a": "2026-11-30"},
        "ages_on": date(2026, 11, 23),
        "expect": {"records": [{"on": "2026-12-01"}]},
    }
    moved = example_moved(Example("1", "a", raw), date(2026, 3, 2))
    assert moved.raw == {
        "given": [{"valid_from": "2025-10-08"}, {"valid_from": "2025-09-01"}],
        "answers": {"a": "2026-03-09"},
        "ages_on": date(2026, 3, 2),
        "expect": {"records": [{"on": "2026-03-10"}]},
        "at": "2026-03-02T09:00:00",
    }
    still = example_moved(Example("1", "a", raw), date(2026, 11, 23)).raw
    assert still == {**raw, "at": "2026-11-23T09:00:00"}
