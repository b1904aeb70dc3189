"""Where peers are found, and where what they printed is written down."""

import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

from bench import machine

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "conformance.md"
FIGURES = ROOT / "docs" / "reference" / "benchmarks.md"
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def peer(name: str) -> Path:
    """The checkout of a peer's repository, or the end of the program with a sentence."""
    folder = os.environ.get("LIENTHONG_PEERS")
    found = Path(folder or ".") / name
    if not folder or not found.is_dir():
        print(f"LIENTHONG_PEERS must name a folder that holds a checkout of {name}", file=sys.stderr)
        raise SystemExit(1)
    return found.resolve()


def commit(folder: Path) -> str:
    done = subprocess.run(
        ["git", "-C", folder, "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def write(name: str, *, on: date, facts: dict[str, str], printed: str, page: Path = PAGE) -> None:
    """Between the page's marks for this peer: when, where, what and the printed lines as they came."""
    about = machine.machine()
    facts = {
        "date": on.isoformat(),
        **facts,
        "machine": f"{about['cpu']}, {about['cores']} cores, Python {about['python']}, {about['system']}",
    }
    table = "".join(f"| {key} | {value} |\n" for key, value in facts.items())
    block = f"| | |\n| --- | --- |\n{table}\n```text\n{_ANSI.sub('', printed).strip()}\n```"
    command = "make conform" if page == PAGE else "make bench"
    begin, end = f"<!-- {name}: printed by {command} -->", f"<!-- /{name} -->"
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    if not found or end not in rest:
        raise RuntimeError(f"{page} has no place for {name}")
    after = rest.partition(end)[2]
    page.write_text(f"{before}{begin}\n{block}\n{end}{after}", encoding="utf-8")
