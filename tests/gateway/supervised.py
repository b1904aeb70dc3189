"""Programs under the product's own supervision: `python -m tests.gateway.supervised <folder> <JSON>`.

The JSON maps a name to a command and its environment. Whatever dies is started again, until SIGTERM; `<folder>/pids`
holds name and process of each, in lines.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from pathlib import Path

from lienthong.config import setup


def main(folder: Path, given: dict[str, tuple[list[str], dict[str, str]]]) -> None:
    setup.django_ready()
    from lienthong.config.supervisor import Child

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    children = [Child(name, command, environment) for name, (command, environment) in given.items()]
    for child in children:
        child.start(folder)
    pids_write(folder, children)
    while not stop.wait(0.1):
        revived = [child.name for child in children if child.revive(folder)]
        if revived:
            pids_write(folder, children)
    for child in children:
        child.stop()


def pids_write(folder: Path, children: list) -> None:
    draft = folder / "pids.new"
    draft.write_text("".join(f"{child.name} {child.process.pid}\n" for child in children))
    draft.replace(folder / "pids")


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
