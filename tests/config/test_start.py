"""What a process reads before it does anything: commands are many, and each waits for it."""

import os
import subprocess
import sys

from tests.conftest import ROOT

LATE = {"pyhanko", "pypdf", "fontTools", "aiohttp", "zeep", "playwright"}
"""Half a second or more each; read where they are needed."""


def test_a_process_starts_without_the_libraries_that_few_processes_need() -> None:
    begins = (
        "from lienthong.config import setup; setup.django_ready(server=False); import lienthong.config.urls"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{begins}; import sys; print(*sorted({LATE!r} & set(sys.modules)))"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    assert done.stdout.split() == []
