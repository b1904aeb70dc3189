"""What Prometheus reads at `/metrics` of the consumer's door: exchanges by service and outcome, how long, what waits.

Labels are bounded: a service that no configuration names, and any beyond `SERVICES_MAX`, counts as `other`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from psycopg import Error as DatabaseError

from lienthong.gateway.keeper import NoConfigurationError

if TYPE_CHECKING:
    from lienthong.gateway.core import Gateway

SERVICES_MAX: Final = 500
OTHER: Final = "other"
HEADERS: Final = [(b"content-type", b"text/plain; version=0.0.4; charset=utf-8")]
_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_HUNDRED: Final = 100


def outcome_of(status: int, problem: str) -> str:
    """refused, or the system's own answer by its class: 2xx, 3xx, 4xx, 5xx."""
    return "refused" if problem else f"{status // _HUNDRED}xx"


class Metrics:
    """Of one gateway; counting is a few microseconds, what waits is asked when it is read."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._services: set[str] = set()
        self._exchanges = Counter(
            "lienthong_gateway_exchanges",
            "Exchanges written to the log, by side, service and outcome",
            ["side", "service", "outcome"],
            registry=self.registry,
        )
        self._refusals = Counter(
            "lienthong_gateway_refusals",
            "Requests that clients were refused, by X-Road error type",
            ["type"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "lienthong_gateway_exchange_seconds",
            "From an exchange's arrival to its end",
            ["side"],
            registry=self.registry,
            buckets=_SECONDS,
        )
        self._in_flight = self._gauge("in_flight", "Exchanges under way", ["side"])
        self._streams = self._gauge("streams", "Bodies that stream through at the moment", ["side"])
        self._queue = self._gauge("log_queue", "Rows that wait to be written to the message log")
        self._unstamped = self._gauge("unstamped_messages", "Logged messages that wait for their time stamp")
        self._age = self._gauge("configuration_age_seconds", "Since the configuration was made")
        self._silent = self._gauge("control_plane_silent_seconds", "Since the control plane last answered")

    def _gauge(self, name: str, told: str, labels: list[str] | None = None) -> Gauge:
        return Gauge(f"lienthong_gateway_{name}", told, labels or [], registry=self.registry)

    def logged(self, *, side: str, service: str, known: bool, outcome: str) -> None:
        """known: whether the configuration has the service; a stranger's name makes no label."""
        if service not in self._services:
            if known and len(self._services) < SERVICES_MAX:
                self._services.add(service)
            else:
                service = OTHER
        self._exchanges.labels(side, service, outcome).inc()

    def refused(self, kind: str) -> None:
        self._refusals.labels(kind).inc()

    def ended(self, side: str, seconds: float) -> None:
        self._seconds.labels(side).observe(seconds)

    async def text(self, gateway: Gateway) -> bytes:
        """In Prometheus' text format; what cannot be read at the moment is NaN, never zero."""
        for side, count in gateway.in_flight.items():
            self._in_flight.labels(side).set(count)
            self._streams.labels(side).set(gateway.streaming[side])
        self._queue.set(gateway.log.waiting)
        self._set(self._silent, gateway.keeper.silent_s())
        try:
            made_at = gateway.keeper.snapshot.made_at
            self._set(self._age, (gateway.now() - made_at).total_seconds())
        except NoConfigurationError:
            self._set(self._age, None)
        try:
            self._set(self._unstamped, (await gateway.stamper.late()).messages)
        except DatabaseError:
            self._set(self._unstamped, None)
        return generate_latest(self.registry)

    @staticmethod
    def _set(gauge: Gauge, value: float | None) -> None:
        gauge.set(float("nan") if value is None else value)
