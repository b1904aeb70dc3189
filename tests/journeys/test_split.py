"""The main journey with civil status, residence and social security each in an instance of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

LINE = re.compile(r"gateway VN/GOV/\w+/gateway-(\w+): (.*)")


def test_the_journey_passes_through_four_instances_though_one_is_down_for_a_while(tmp_path: Path) -> None:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("LIENTHONG_")}
    done = subprocess.run(
        [sys.executable, "-m", "lienthong.config.cli", "journey", "birth", "--split", "--away", "residence"],
        env={**kept, "LIENTHONG_VAR": str(tmp_path), "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip().splitlines()[-1].endswith("; 10 signatures verified")
    assert re.search(r"G01[.\d-]+ waits at \w+: VN/GOV/G01/residence was not reached", done.stdout), (
        done.stdout
    )
    assert "residence is back" in done.stdout
    logged = dict(LINE.findall(done.stdout))
    assert set(logged) == {"main", "civilstatus", "residence", "socialsecurity"}
    for name in ("civilstatus", "residence", "socialsecurity"):
        assert "as provider" in logged[name], logged
    assert "as consumer" in logged["main"]
