"""The main journey with civil status, residence and social security each in an instance of its own."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

from tests.conftest import ROOT
from tests.journeys.split_seen import AWAY, split_seen

LINE = re.compile(r"gateway VN/GOV/\w+/gateway-(\w+): (.*)")
SEEN_WITHIN = timedelta(seconds=5)


def test_the_journey_passes_through_four_instances_though_one_is_down_for_a_while() -> None:
    printed = split_seen()["printed"]
    assert printed.strip().splitlines()[-1].endswith("; 10 signatures verified")
    assert re.search(r"G01[.\d-]+ waits at \w+: VN/GOV/G01/residence was not reached", printed), printed
    assert "residence is back" in printed
    logged = dict(LINE.findall(printed))
    assert set(logged) == {"main", *AWAY}
    for name in AWAY:
        assert "as provider" in logged[name], logged
    assert "as consumer" in logged["main"]


def test_a_report_made_while_an_agency_is_away_says_so() -> None:
    printed = split_seen()["printed"]
    said = re.search(r"the report says: (.*)", printed)
    assert said, printed
    assert "(VN/GOV/G01/residence)" in said[1]
    assert "known" in said[1]
    assert "VN/GOV/G01/residence was not reached" in said[1]


def test_the_report_is_the_same_as_in_one_process() -> None:
    split = split_seen()
    report = split["report"]
    assert {source["subsystem"] for source in report["sources"]} == {
        "VN/GOV/G15/civilstatus",
        "VN/GOV/G01/residence",
        "VN/GOV/G24/socialsecurity",
    }
    assert all(source["complete"] for source in report["sources"])
    made, facts = split["single"]["report"], split["single"]["facts"]
    for view, rows in facts.items():
        assert rows, view
        assert split["facts"][view] == rows, view
    assert made["sources"] == []
    assert made["as_of"] == report["as_of"]
    assert [row["id"] for row in report["figures"]] == [row["id"] for row in made["figures"]]
    for ours, theirs in zip(report["figures"], made["figures"], strict=True):
        assert ours == theirs
    assert sum(row["value"] is not None for row in report["figures"]) >= 30


def test_the_facts_that_travelled_name_nobody() -> None:
    split = split_seen()
    told = {(row["source_id"].rsplit("/", 1)[1], row["view"]) for row in split["collected"]}
    assert {
        ("civilstatus", "births"),
        ("residence", "residences"),
        ("socialsecurity", "health_cards"),
    } <= told
    assert {name for name, view in told if view == "exchanges"} == set(AWAY)
    assert split["named"] == [{"count": 0}]


def test_every_exchange_about_a_person_is_in_their_access_log_within_five_seconds() -> None:
    split = split_seen()
    personal = {
        name: service["legal_basis"]
        for path in (ROOT / "contracts").glob("*.json")
        for name, service in json.loads(path.read_text())["services"].items()
        if service["personal"]
    }
    entries: dict[str, list[dict[str, Any]]] = {}
    for entry in split["entries"]:
        entries.setdefault(entry["message_id"], []).append(entry)
    seen: dict[str, int] = {}
    for name, messages in split["messages"].items():
        for message in messages:
            if message["service"] not in personal or message["status"] != 200:
                continue
            seen[name] = seen.get(name, 0) + 1
            listed = entries.pop(message["message_id"])
            for entry in listed:
                assert entry["reader"] == message["client"]
                assert entry["holder"] == message["provider"]
                assert entry["service"] == message["service"]
                assert entry["purpose"] == message["purpose"]
                assert entry["case"] == message["case"]
                assert entry["legal_basis"] == personal[message["service"]]
            recorded = datetime.fromisoformat(message["recorded_at"])
            assert datetime.fromisoformat(message["told_at"]) - recorded <= SEEN_WITHIN, message
    assert entries == {}  # and nobody's log holds what was not exchanged
    assert seen["main"] >= 10
    assert seen["civilstatus"] >= 1  # through two gateways
    (parent,) = split["parent"]
    shown = re.search(r"(?:sees who looked at their data): (\d+) entries", split["printed"])
    assert shown
    assert int(shown[1]) == sum(entry["subject"] == parent["applicant"] for entry in split["entries"])
