"""A worker that kills itself (SIGKILL) wherever it is told to, and a new one that takes over each time.

Reads one line of JSON from standard input for each journey: the points at which to die, each once. Writes a
line for each death; after the last a worker goes on unharmed until the next line. The points lie around the
product's own functions, which know nothing of it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lienthong.config import setup

Point = tuple[str, str, str]  # procedure and its step, or service and "event"; then the boundary


class Executioner:
    """Dies at the first passage of any point in `points`, after writing which one it was."""

    def __init__(self, points: set[Point], out: int) -> None:
        self.points = points
        self.out = out
        self.first = threading.Lock()
        self.now = threading.local()

    def pass_by(self, boundary: str) -> None:
        what: tuple[str, str] | None = getattr(self.now, "what", None)
        if what is not None and (*what, boundary) in self.points:
            self.first.acquire()  # kept for ever: whoever comes second waits for the end
            os.write(self.out, (json.dumps([*what, boundary]) + "\n").encode())
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, work: Callable[..., Any], *, before: str = "", after: str = "") -> Callable[..., Any]:
        def passed(*args: Any, **kwargs: Any) -> Any:
            if before:
                self.pass_by(before)
            answer = work(*args, **kwargs)
            if after:
                self.pass_by(after)
            return answer

        return passed

    def arm(self) -> None:
        from lienthong.blocks.casework import files, kinds
        from lienthong.blocks.casework.models import Step
        from lienthong.blocks.exchange import dispatch, outbox, services
        from lienthong.blocks.exchange.models import Delivery

        def named_step(work: Callable[..., Any]) -> Callable[..., Any]:
            def run(step_id: str) -> None:
                self.now.what = (
                    Step.objects.filter(pk=step_id).values_list("case__procedure__code", "key").first()
                )
                work(step_id)
                self.now.what = None

            return run

        def named_delivery(work: Callable[..., Any]) -> Callable[..., Any]:
            def run(delivery_id: str) -> Any:
                service = Delivery.objects.values_list("service", flat=True).get(pk=delivery_id)
                self.now.what = (service, "event")
                self.pass_by("before")
                answer = work(delivery_id)
                self.pass_by("stored")
                self.now.what = None
                return answer

            return run

        kinds._prepare = self.around(kinds._prepare, before="before", after="frozen")
        kinds._work = self.around(kinds._work, after="answered")
        kinds._store = self.around(kinds._store, after="storing")
        kinds.step_run = named_step(self.around(kinds.step_run, after="stored"))
        files.file_keep = self.around(files.file_keep, after="provider")  # a paper's provider is this process
        dispatch._log_and_sign = self.around(dispatch._log_and_sign, after="provider")
        services.call = self.around(services.call, after="answered")  # as the outbox finds it
        outbox.deliver = named_delivery(outbox.deliver)


def hurry() -> None:
    """The same worker with shorter patience."""
    from lienthong.config import worker

    worker.HEARTBEAT_S, worker.LOST_AFTER_S = 0.2, 0.9
    quick = tuple(replace(sweep, seconds=min(sweep.seconds, 0.5)) for sweep in worker.sweeps())
    worker.sweeps = lambda: quick


def warm() -> None:
    """What every worker reads once is read here, before they are forked."""
    from lienthong.blocks.casework import papers
    from lienthong.ground import clock, units, workdays

    units.commune("00070", clock.today())
    workdays.due_at(clock.now(), 2)
    papers.font_folders()


def worker_fork(points: set[Point], out: int) -> int:
    if pid := os.fork():
        return pid
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    from lienthong.config import worker

    Executioner(points, out).arm()
    with contextlib.suppress(BaseException):
        worker.run(concurrency=4)
    os._exit(0)


def journey(points: set[Point]) -> None:
    """Workers one after another until the next line is there to read, or standard input has ended."""
    seen, out = os.pipe()
    pid = worker_fork(points, out)
    while not select.select([0], [], [], 0.02)[0]:
        if os.waitpid(pid, os.WNOHANG) != (0, 0):
            if select.select([seen], [], [], 0)[0]:
                hit = os.read(seen, 4096).decode()
                points.discard(tuple(json.loads(hit)))  # type: ignore[arg-type]
                print(hit.strip(), flush=True)
            pid = worker_fork(points, out)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.read(0, 4096)
    os.close(seen)
    os.close(out)
    print("ended", flush=True)


def main() -> None:
    setup.django_ready(server=False)
    hurry()
    warm()
    print("ready", flush=True)
    while line := os.read(0, 65536).decode().strip():
        journey({tuple(point) for point in json.loads(line)})


if __name__ == "__main__":
    main()
