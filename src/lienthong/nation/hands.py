"""The hands of a simulated nation: processes that do what is due, all on the one clock that they are given."""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import TYPE_CHECKING

from lienthong.blocks.exchange import log
from lienthong.ground import clock
from lienthong.ground.errors import Problem
from lienthong.nation import acts, examples, jobs_now
from lienthong.nation.families import Stage
from lienthong.nation.people import communes

if TYPE_CHECKING:
    from lienthong.nation.half_year import Life


def act(given: tuple[Life, datetime]) -> Life:
    """The life's next act, now; an error is noted in it and ends it."""
    life, at = given
    with clock.fixed(at):
        try:
            with contextlib.suppress(acts.NothingToDoError):  # free by this channel, or lapsed before
                _act(life)
            jobs_now.run_jobs()
        except (Problem, acts.ExampleError) as error:
            life.error = str(error)
    life.done += 1
    return life


def _act(life: Life) -> None:
    if life.done < 0:
        played, _ = examples.example_begin(life.example, stage_of(life.serial), channel=life.channel)
        life.number, life.problem = played.number, played.problem
        if played.problem != life.example.raw["expect"].get("problem", ""):
            life.error = f"refused for {played.problem!r}"
    elif life.done < len(life.acts):
        acts.act_do(life.number, life.acts[life.done])
        if life.done == len(life.acts) - 1:
            acts.rest_paid(life.number)
    elif life.score is not None:
        acts.rate(life.number, life.score)


def settle(at: datetime) -> None:
    """The end of a tick: whatever moves comes to rest, and the exchange's log is sealed."""
    with clock.fixed(at):
        jobs_now.settle()
        while log.seal_pending():
            pass


def stage_of(serial: int) -> Stage:
    """A family's commune, and another of the same province: every commune of the nation gets its share."""
    homes = communes()
    home = homes[serial % len(homes)]
    near = [place for place in homes if place.province == home.province and place.commune != home.commune]
    return Stage(home.commune, near[serial % len(near)].commune, serial - 1)
