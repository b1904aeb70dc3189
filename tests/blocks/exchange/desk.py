"""Two members and their systems: `asker` asks, `desk` keeps notes (rows of a table at hand) and answers."""

from datetime import date, datetime
from typing import Final

from django.db import connection
from psycopg.types.range import DateRange

from lienthong.blocks.exchange import services as exchange
from lienthong.blocks.exchange.contract import Action, Body, Done, Event, Service
from lienthong.blocks.exchange.provide import CallContext, Offers, announce, provide
from lienthong.blocks.registry.models import Agency
from lienthong.blocks.trust import services as trust
from lienthong.ground.errors import Conflict
from lienthong.ground.text import Text

ASKER: Final = "VN/GOV/T01/asker"
DESK: Final = "VN/GOV/T02/desk"
TODAY: Final = date(2026, 11, 23)


class Note(Body):
    code: str
    fate: str = "kept"


class Count(Body):
    notes: int


class Person(Body):
    number: str


NOTE: Final = Service("desk", "notes-keep", Text("Ghi", "Keep"), Action.WRITE, Note, Count, "-")
COUNT: Final = Service("desk", "notes-count", Text("Đếm", "Count"), Action.READ, Person, Count, "-")
HEAR: Final = Service("asker", "notes-hear", Text("Nghe", "Hear"), Action.WRITE, Note, Done, "-")
KEPT: Final = Event("desk", "note-kept", Text("Đã ghi", "A note was kept"), Note)
SERVICES: Final = (NOTE, COUNT, HEAR)


def notes() -> int:
    return Agency.objects.filter(kind="note").count()


def _keep(code: str) -> None:
    Agency.objects.get_or_create(code=code, kind="note", defaults={"valid": DateRange(TODAY, None)})


def keep(request: Note, context: CallContext) -> Count:
    """Writes first, so that a refusal has something to undo. `slow` waits in the database."""
    _keep(request.code)
    if request.fate == "refused":
        raise Conflict("note-refused", Text("Không", "No"), Text("vì", "why"), Text("sau", "next"))
    if request.fate == "broken":
        raise RuntimeError("the handler broke")
    if request.fate == "slow":
        with connection.cursor() as cursor:
            cursor.execute("select pg_sleep(0.2)")
    if request.fate == "told":
        exchange.event_publish(
            event=KEPT, body=request.model_dump(), sender=str(context.provider), purpose="own-data"
        )
    return Count(notes=notes())


def count(request: Person, context: CallContext) -> Count:
    context.note_read(request.number, Text("số ghi chú", "number of notes"))
    context.note_read(request.number, Text("số ghi chú", "number of notes"))
    return Count(notes=notes())


def hear(request: Note, context: CallContext) -> Done:
    """Refuses while something called `deaf` stands in the way, and fails while `broken` does."""
    if Agency.objects.filter(code="deaf").exists():
        raise Conflict("deaf", Text("Không nghe", "Deaf"), Text("vì", "why"), Text("sau", "next"))
    if Agency.objects.filter(code="broken").exists():
        raise RuntimeError("the listener broke")
    _keep(f"heard {request.code}")
    return Done()


def desk_open(at: datetime) -> None:
    """Both members, their systems, what they offer, and one agreement for each service."""
    trust.caches_clear()
    for service, handler in ((NOTE, keep), (COUNT, count), (HEAR, hear)):
        provide(service, handler)
    announce((KEPT,))
    for code in ("T01", "T02"):
        exchange.member_join(name=f"VN/GOV/{code}", code=code, title=Text(code, code), at=at)
    exchange.subsystem_open(name=ASKER, national=True)
    exchange.subsystem_open(name=DESK, national=True)
    for client, service in (("VN/GOV/*/asker", NOTE), (ASKER, COUNT), (DESK, HEAR)):
        grant(client, service)


def desk_close() -> None:
    for service in SERVICES:
        Offers.services.pop(service.name, None)
    Offers.events.pop(KEPT.name, None)


def grant(client: str, service: Service, *, quota: int | None = None, **days: date) -> None:
    exchange.agreement_grant(
        client=client,
        service=service.name,
        purpose="own-data",
        legal_basis="-",
        granted_by="T02",
        daily_quota=quota,
        **{"valid_from": date(2026, 1, 1), **days},
    )


def ask(service: Service, body: Body, **more: str) -> dict[str, int]:
    return exchange.call(service.name, body, **{"client": ASKER, "purpose": "own-data", **more})
