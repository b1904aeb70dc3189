"""Who a connection may speak for: addresses, connection types, and that the certificate is read once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lienthong.gateway.callers import Caller, Callers, Shown, caller_of
from lienthong.gateway.keeper import NoConfigurationError
from lienthong.gateway.xroad.errors import XRoadError
from tests.gateway.certificates import own_make
from tests.gateway.control import ASKER, DATA, ONE, TWO

NOW = datetime(2026, 11, 25, tzinfo=UTC)
SHOWN = Shown("a" * 64, NOW - timedelta(1), NOW + timedelta(1))
HERE, TLS_HERE = Caller(secure=False, here=True), Caller(secure=True, here=True)
ELSEWHERE, TLS_ELSEWHERE = Caller(secure=False, here=False), Caller(secure=True, here=False)
MUTUAL = Caller(secure=True, here=False, shown=SHOWN)


class Transport:
    """A connection from an address; `reads` counts how often its certificate was asked for."""

    def __init__(self, peer: Any, der: bytes | None = None, *, secure: bool = True) -> None:
        self.given = {"peername": peer, "ssl_object": self if secure else None}
        self.der, self.reads = der, 0

    def get_extra_info(self, name: str) -> Any:
        return self.given[name]

    def getpeercert(self, *, binary_form: bool) -> bytes | None:
        assert binary_form
        self.reads += 1
        return self.der


@pytest.mark.parametrize(
    ("peer", "here"),
    [
        (("127.0.0.1", 1), True),
        (("127.9.9.9", 1), True),
        (("::1", 1, 0, 0), True),
        (("::ffff:127.0.0.1", 1, 0, 0), True),
        (("10.0.0.7", 1), False),
        (("::ffff:10.0.0.7", 1, 0, 0), False),
        (None, False),
        ("", False),
        (("nowhere", 1), False),
    ],
)
def test_only_a_loopback_address_is_this_machine(peer: Any, here: bool) -> None:
    assert caller_of(Transport(peer, secure=False)) == Caller(secure=False, here=here)
    assert caller_of(Transport(peer)) == Caller(secure=True, here=here)


def test_the_certificate_is_read_once_for_a_connection(tmp_path: Path) -> None:
    own = own_make(tmp_path / "own", "app")
    transport = Transport(("10.0.0.7", 1), own.der)
    caller = caller_of(transport)
    assert caller.shown is not None
    assert caller.shown.fingerprint == own.fingerprint
    callers = callers_of("mutual", {own.fingerprint: own.der})
    callers.now = lambda: caller.shown.since
    for _ in range(3):
        callers.check(ASKER, caller)
    assert transport.reads == 1


def callers_of(connection: str, certificates: dict[str, bytes] | None = None) -> Callers:
    snapshot = SimpleNamespace(
        subsystems={ASKER: ONE, DATA: TWO},
        connections={ASKER: connection},
        clients={ASKER: {SHOWN.fingerprint: b"der"} if certificates is None else certificates},
    )
    return Callers(SimpleNamespace(snapshot=snapshot), ONE, lambda: NOW)


@pytest.mark.parametrize(
    ("connection", "let_in"),
    [
        ("http", (HERE, TLS_HERE)),
        ("https", (TLS_HERE, TLS_ELSEWHERE, MUTUAL)),
        ("mutual", (MUTUAL,)),
        ("door", (HERE, MUTUAL)),
        ("of tomorrow", (MUTUAL,)),
    ],
)
def test_each_connection_type_lets_in_what_it_says(connection: str, let_in: tuple[Caller, ...]) -> None:
    callers = callers_of(connection)
    for caller in (HERE, TLS_HERE, ELSEWHERE, TLS_ELSEWHERE, MUTUAL):
        if caller in let_in:
            callers.check(ASKER, caller)
            continue
        with pytest.raises(XRoadError) as caught:
            callers.check(ASKER, caller)
        assert caught.value.kind.type("classic") == "Server.ClientProxy.SslAuthenticationFailed"
        assert caught.value.why is not None
        assert caught.value.next_step is not None


@pytest.mark.parametrize("moment", [SHOWN.since - timedelta(seconds=1), SHOWN.until + timedelta(seconds=1)])
def test_a_certificate_holds_for_its_time_alone(moment: datetime) -> None:
    callers = callers_of("mutual")
    callers.now = lambda: moment
    with pytest.raises(XRoadError, match="is valid from"):
        callers.check(ASKER, MUTUAL)


def test_a_strangers_name_is_left_to_others_only_at_a_door_without_tls() -> None:
    callers = callers_of("door")
    for name in (DATA, "VN/GOV/T01", "VN/GOV/T09/none"):
        callers.check(name, HERE)
        for caller in (TLS_HERE, MUTUAL, ELSEWHERE):
            with pytest.raises(XRoadError, match="unknown_member"):
                callers.check(name, caller)


def test_anchors_are_of_this_gateways_systems_and_the_same_until_they_change() -> None:
    callers = callers_of("door")
    snapshot = callers.keeper.snapshot
    snapshot.clients[DATA] = {"b" * 64: b"other"}
    first = callers.anchors()
    assert first == {b"der"}
    callers.keeper = SimpleNamespace(snapshot=SimpleNamespace(**vars(snapshot)))
    assert callers.anchors() is first
    callers.keeper = SimpleNamespace(snapshot=SimpleNamespace(**{**vars(snapshot), "clients": {ASKER: {}}}))
    assert callers.anchors() == frozenset()


def test_without_a_configuration_nobody_is_believed() -> None:
    class Nothing:
        @property
        def snapshot(self) -> Any:
            raise NoConfigurationError

    callers = Callers(Nothing(), ONE, lambda: NOW)
    assert callers.anchors() == frozenset()
    with pytest.raises(NoConfigurationError):
        callers.check(ASKER, MUTUAL)
