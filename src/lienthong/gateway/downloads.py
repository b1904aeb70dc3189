"""What operators and auditors read at the consumer's door, beside X-Road's messages: state, evidence, whom to trust."""

from __future__ import annotations

from typing import Final

from psycopg import Error as DatabaseError

from lienthong.gateway.callers import Caller
from lienthong.gateway.core import Gateway
from lienthong.gateway.evidence import PLAIN, Answer, Evidence
from lienthong.gateway.health import health
from lienthong.gateway.keeper import NoConfigurationError
from lienthong.gateway.metrics import HEADERS
from lienthong.gateway.verificationconf import verification_conf

_AWAY: Final = b"this cannot be read at the moment: the message log or the configuration is away"


class Downloads:
    """By GET; `/health` by any method, as load balancers differ.

    A container is for the client whose message it is, by the rule of its requests, and figures are for this machine.
    """

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.evidence = Evidence(gateway)

    async def answer(self, method: str, path: str, query: bytes, caller: Caller) -> Answer | None:
        """The answer where the path is one of these, else None."""
        if path == "/health":
            return await health(self.gateway)
        if method != "GET":
            return None
        try:
            return await self._read(path, query, caller)
        except (DatabaseError, NoConfigurationError):
            return 500, PLAIN, _AWAY

    async def _read(self, path: str, query: bytes, caller: Caller) -> Answer | None:
        match path:
            case "/asic":
                return await self.evidence.asic(query, caller)
            case "/metrics" if not caller.here:
                return 403, PLAIN, b"figures are told on this gateway's own machine only"
            case "/metrics":
                return 200, HEADERS, await self.gateway.metrics.text(self.gateway)
            case "/verificationconf":
                return verification_conf(self.gateway)
            case _:
                return None
