"""Jobs of casework."""

from __future__ import annotations

from procrastinate.contrib.django import app

from lienthong.blocks.casework import disposing, kinds


@app.task(name="casework.step_run", queue="casework")
def step_run(step_id: str) -> None:
    """A problem is the step's own affair (its row says when to retry); only a lost process loses a job."""
    kinds.step_run(step_id)


@app.task(name="casework.dispose", queue="casework")
def dispose(decision_id: int) -> None:
    """One batch of a disposal decision's list, and a job for the next."""
    if disposing.dispose_some(decision_id):
        disposing.job_defer(decision_id)
