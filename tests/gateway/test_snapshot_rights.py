"""Facts §1.8 in memory: which agreements count for whom, where, and what of a service they show."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.exchange.globs import endpoints_cover
from lienthong.blocks.trust.authority import Authority
from lienthong.gateway.metaservices import allowed
from lienthong.gateway.snapshot import Right, Snapshot, snapshot_of
from lienthong.gateway.xroad.metaservices import Endpoint

TODAY = date(2026, 11, 23)
CLIENT, PROVIDER, NAMESAKE = "VN/GOV/T01/app", "VN/GOV/T02/registry", "VN/GOV/T03/registry"


def agreement(
    client: str, service: str, *endpoints: tuple[str, str], by: str = "T02", **more: Any
) -> dict[str, Any]:
    return {
        "client": client,
        "service": service,
        "purpose": "testing",
        "legal_basis": "-",
        "from": "2026-01-01",
        "to": None,
        "granted_by": by,
        "quota": None,
        "endpoints": [list(pair) for pair in endpoints],
        **more,
    }


def snapshot(*agreements: dict[str, Any], described: bool = True, **more: Any) -> Snapshot:
    given = {
        "instance": "VN",
        "gateways": {},
        "members": {},
        "subsystems": {
            name: {"gateway": "g", "framed": False, "described": described and name != CLIENT}
            for name in (CLIENT, PROVIDER, NAMESAKE)
        },
        "agreements": list(agreements),
        "services": {},
        "groups": {},
        "certificates": [],
        **more,
    }
    return snapshot_of(version=1, made_at=datetime(2026, 11, 23, tzinfo=UTC), given=given, anchor=anchor())


@cache
def anchor() -> x509.Certificate:
    """No certificate is in these configurations, so any would do."""
    return Authority(Path(os.environ["LIENTHONG_KEYS"]) / "authority").root


def services(found: list[Right]) -> list[str]:
    return [f"{right.client} {right.service}" for right in found]


def test_own_kinds_and_groups_agreements_count_and_those_without_a_version() -> None:
    made = snapshot(
        agreement(CLIENT, "registry/a/v1"),
        agreement(CLIENT, "registry/a"),
        agreement("VN/GOV/*/app", "registry/a/v1"),
        agreement("group:g", "registry/a"),
        agreement("group:h", "registry/a"),
        agreement("VN/GOV/T09/app", "registry/a"),
        agreement(CLIENT, "registry/b"),
        groups={"g": [CLIENT], "h": ["VN/GOV/T09/app"]},
    )
    assert services(made.rights_of(CLIENT, "registry/a/v1", TODAY)) == [
        f"{CLIENT} registry/a/v1",
        "VN/GOV/*/app registry/a/v1",
        f"{CLIENT} registry/a",
        "group:g registry/a",
    ]
    assert services(made.rights_of(CLIENT, "registry/a", TODAY)) == [
        f"{CLIENT} registry/a",
        "group:g registry/a",
    ]


def test_an_agreement_counts_from_its_first_to_its_last_day() -> None:
    made = snapshot(agreement(CLIENT, "registry/a", **{"from": "2026-11-23", "to": "2026-11-24"}))
    days = [date(2026, 11, day) for day in (22, 23, 24, 25)]
    assert [bool(made.rights_of(CLIENT, "registry/a", day)) for day in days] == [False, True, True, False]


def test_at_a_described_system_its_own_agency_grants() -> None:
    rows = (agreement(CLIENT, "registry/a", by="T02"), agreement(CLIENT, "registry/a", by="T03", purpose="x"))
    made = snapshot(*rows)
    assert [right.granted_by for right in made.rights_at(PROVIDER, CLIENT, "registry/a", TODAY)] == ["T02"]
    assert [right.granted_by for right in made.rights_at(NAMESAKE, CLIENT, "registry/a", TODAY)] == ["T03"]
    assert len(snapshot(*rows, described=False).rights_at(PROVIDER, CLIENT, "registry/a", TODAY)) == 2


def test_a_framed_system_offers_its_contract_and_a_plain_one_what_it_published() -> None:
    row = {"type": "OPENAPI", "title": {"vi": "", "en": ""}, "path": "", "endpoints": [["POST", "/v1"]]}
    made = snapshot(
        services={PROVIDER: {"own": {**row, "document": "a" * 64}}},
        contracts={"registry": {"get": {**row, "document": "b" * 64}}},
    )
    assert set(made.published(PROVIDER)) == {"own"}
    assert set(made.published(NAMESAKE)) == set()
    assert set(replace(made, framed=frozenset({NAMESAKE})).published(NAMESAKE)) == {"get"}
    assert made.documents() == {"a" * 64, "b" * 64}


def right(*endpoints: tuple[str, str]) -> Right:
    [found] = snapshot(agreement(CLIENT, "registry/a", *endpoints)).rights_of(CLIENT, "registry/a", TODAY)
    return found


OFFERED = (Endpoint("GET", "/a/*"), Endpoint("POST", "/a"), Endpoint("*", "/b/**"))


def test_a_right_to_one_segment_does_not_show_what_lies_deeper() -> None:
    deep = Endpoint("GET", "/a/**")
    assert allowed([deep], [right(("GET", "/a/*"))]) == (Endpoint("GET", "/a/*"),)
    assert allowed([deep], [right(("GET", "/**"))]) == (deep,)


def test_allowed_endpoints_are_those_covered_and_those_granted_more_narrowly() -> None:
    assert allowed(OFFERED, [right()]) == OFFERED
    assert allowed(OFFERED, [right(("GET", "/**"))]) == (Endpoint("GET", "/a/*"),)
    assert allowed(OFFERED, [right(("*", "/**"))]) == OFFERED
    assert allowed(OFFERED, [right(("PUT", "/b/x")), right(("POST", "/a"))]) == (
        Endpoint("POST", "/a"),
        Endpoint("PUT", "/b/x"),
    )
    assert allowed(OFFERED, [right(("GET", "/nothing"))]) == ()
    assert allowed(OFFERED, []) == ()


METHODS = st.sampled_from(["GET", "POST", "PUT"])
PATHS = st.lists(st.sampled_from(["a", "b", "1"]), min_size=1, max_size=3).map(
    lambda parts: "/" + "/".join(parts)
)
PATTERNS = st.lists(st.sampled_from(["a", "b", "*", "**"]), min_size=1, max_size=3).map(
    lambda p: "/" + "/".join(p)
)
PAIRS = st.tuples(st.one_of(METHODS, st.just("*")), PATTERNS)


@given(st.lists(PAIRS, max_size=4), st.lists(PAIRS, min_size=1, max_size=4), METHODS, PATHS)
def test_what_is_shown_as_allowed_may_be_called(
    offered: list[tuple[str, str]], granted: list[tuple[str, str]], method: str, path: str
) -> None:
    """Nothing is shown that the right does not cover."""
    own = right(*granted)
    shown = allowed([Endpoint(*pair) for pair in offered], [own])
    pairs = [(one.method, one.path) for one in shown]
    if endpoints_cover(pairs, method, path):
        assert own.covers(method, path)


@given(st.lists(PAIRS, min_size=1, max_size=4), METHODS, PATHS)
def test_a_right_covers_what_one_of_its_endpoints_does(
    granted: list[tuple[str, str]], method: str, path: str
) -> None:
    assert right(*granted).covers(method, path) is any(
        endpoints_cover([pair], method, path) for pair in granted
    )
    assert right().covers(method, path)
