"""One example dossier played in this instance's own nation, now: a new procedure's first paper."""

from __future__ import annotations

from dataclasses import replace

from lienthong.ground import clock
from lienthong.nation import acts, examples
from lienthong.nation.families import Stage
from lienthong.nation.jobs_now import settle
from lienthong.nation.people import communes

SERIALS = 100_000_000


def example_now(example: examples.Example) -> examples.Played:
    """Play it with a new family, at the present time. Errors: ExampleError, also for one that must wait for days."""
    from lienthong.blocks.casework import selectors

    wanted = example.raw.get("acts", ())
    if any(acts.act_name(act) == "wait_days" for act in wanted):
        raise acts.ExampleError(f"{example.name}: it waits for days; `lienthong procedures test` can")
    serial = int(clock.now().timestamp()) % SERIALS  # a family of its own at every second
    first, second = communes()[:2]
    example = replace(example, raw={**example.raw, "at": clock.now().replace(tzinfo=None).isoformat()})
    played, _ = examples.example_begin(example, Stage(first.commune, second.commune, serial=serial))
    if played.problem:
        return played
    for act in (*wanted, None):
        settle()
        if act is not None:
            acts.act_do(played.number, act)
    played.card = selectors.case_get(number=played.number)
    played.children = [selectors.case_get(number=child.number) for child in played.card.children]
    return played
