"""What reporting asks of every other room: its facts. The service is `insight`'s, offered wherever a room is."""

from typing import Final

from lienthong.blocks.exchange.contract import Event
from lienthong.blocks.insight.contract import PURPOSE, facts_service

TELLING: Final = (
    "civilstatus",
    "eid",
    "fees",
    "lifeevents",
    "onestop",
    "population",
    "procedures",
    "registers",
    "residence",
    "socialsecurity",
    "warehouse",
)
"""The rooms whose facts are asked for where another instance runs them."""

SERVICES: Final = tuple(facts_service(system) for system in TELLING)
EVENTS: Final[tuple[Event, ...]] = ()
SUBSCRIPTIONS: Final[tuple[tuple[str, str], ...]] = ()
GRANTS: Final = tuple(("reporting", service.name, PURPOSE) for service in SERVICES)
"""(client system, service, purpose): granted to every agency's system of that name."""
