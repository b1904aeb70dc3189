"""Jobs of reporting."""

from procrastinate.contrib.django import app

from lienthong.systems.reporting import services


@app.task(name=services.COLLECT, queue="facts")
def collect(source: str) -> None:
    """Take over what a subsystem of another instance has recorded; a long round goes on in the next job."""
    services.facts_collect(source=source)
