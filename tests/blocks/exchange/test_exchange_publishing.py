"""What the control plane says of services, groups and rights to endpoints, and who may call by them."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from lienthong.blocks.exchange import configuration, dispatch, publishing, services
from lienthong.blocks.exchange.contract import Action, Service
from lienthong.blocks.exchange.contract_openapi import described
from lienthong.blocks.exchange.models import Agreement, ContractService, Document, PublishedService
from lienthong.blocks.exchange.openapi import openapi_read
from lienthong.blocks.exchange.provide import Offers
from lienthong.blocks.trust.wire import sha256_hex
from lienthong.ground.errors import Conflict, Forbidden, Invalid, NotFound
from lienthong.ground.text import Text
from tests.blocks.exchange.desk import ASKER, COUNT, DESK, NOTE, Count, Note, Person, ask, grant
from tests.blocks.exchange.test_exchange_wsdl import binding, service, wsdl

PLAIN = "VN/GOV/T02/plain"
PATHS = {"/a/{b}": {"get": {}}}
OPENAPI = json.dumps(
    {"openapi": "3.0.0", "info": {"title": "A"}, "paths": PATHS, "servers": [{"url": "/v1"}]}
)


@pytest.fixture
def plain(desk: datetime) -> datetime:
    services.subsystem_open(name=PLAIN, hosted=False, framed=False)
    return desk


def offered() -> dict[str, dict[str, object]]:
    return configuration.document()["services"].get(PLAIN, {})


def test_a_service_without_description_offers_everything_or_what_is_given(plain: datetime) -> None:
    assert services.service_publish(subsystem=PLAIN, code="any", at=plain) == ["any"]
    pairs = [("get", "/a/*"), ("GET", "/a/*")]
    services.service_publish(subsystem=PLAIN, code="some", endpoints=pairs, path="/base/", at=plain)
    found = offered()
    assert (found["any"]["type"], found["any"]["endpoints"], found["any"]["document"]) == (
        "REST",
        [["*", "/**"]],
        None,
    )
    assert found["some"]["endpoints"] == [["GET", "/a/*"]]
    assert found["some"]["path"] == "/base"


def test_a_described_service_offers_what_its_description_says(plain: datetime) -> None:
    more = [("POST", "/extra")]
    content = OPENAPI.encode()
    services.service_publish(subsystem=PLAIN, code="a", description=content, endpoints=more, at=plain)
    row = offered()["a"]
    assert (row["type"], row["path"], row["title"]) == ("OPENAPI", "/v1", {"vi": "A", "en": "A"})
    assert row["endpoints"] == [["GET", "/a/*"], ["POST", "/extra"]]
    assert row["document"] == sha256_hex(content)
    assert bytes(Document.objects.get(digest=row["document"]).content) == content


def test_a_new_edition_takes_the_place_of_the_old(plain: datetime) -> None:
    services.service_publish(subsystem=PLAIN, code="a", description=OPENAPI.encode(), at=plain)
    newer = OPENAPI.replace("/a/{b}", "/c").encode()
    services.service_publish(subsystem=PLAIN, code="a", description=newer, at=plain)
    assert offered()["a"]["endpoints"] == [["GET", "/c"]]


def test_each_operation_of_a_wsdl_is_a_service_and_a_new_edition_withdraws_the_missing(
    plain: datetime,
) -> None:
    port = service(("b", "http://x/soap"))
    first = wsdl(binding(("one", "v1"), ("two", "")), port)
    assert services.service_publish(subsystem=PLAIN, description=first, at=plain) == ["one", "two"]
    services.service_publish(subsystem=PLAIN, description=wsdl(binding(("own", "")), port), at=plain)
    assert {code: row["versions"] for code, row in offered().items()} == {"one": ["v1"], "two": [], "own": []}
    second = wsdl(binding(("one", "v2"), ("three", "")), port)
    services.service_publish(subsystem=PLAIN, description=second, at=plain)
    assert set(offered()) == {"one", "three", "own"}
    assert {(row["type"], row["path"]) for row in offered().values()} == {("SOAP", "/soap")}


def test_a_withdrawn_service_is_offered_no_longer_and_its_system_stays_a_described_one(
    plain: datetime,
) -> None:
    services.service_publish(subsystem=PLAIN, code="a", at=plain)
    assert services.service_withdraw(subsystem=PLAIN, code="a")
    assert not services.service_withdraw(subsystem=PLAIN, code="a")
    assert offered() == {}
    assert configuration.document()["subsystems"][PLAIN]["described"]


def test_a_wrong_description_changes_nothing(plain: datetime) -> None:
    for content in (b"{", b"<a/>", b"openapi: 2.0"):
        with pytest.raises(Invalid):
            services.service_publish(subsystem=PLAIN, code="a", description=content, at=plain)
    with pytest.raises(Invalid):
        services.service_publish(subsystem=PLAIN, code="getOpenAPI", at=plain)
    assert not PublishedService.objects.exists()
    assert not configuration.document()["subsystems"][PLAIN]["described"]


def test_only_plain_systems_that_are_there_are_described_by_hand(plain: datetime) -> None:
    with pytest.raises(NotFound):
        services.service_publish(subsystem="VN/GOV/T09/none", code="a", at=plain)
    with pytest.raises(Conflict):
        services.service_publish(subsystem=DESK, code="a", at=plain)


def test_descriptions_that_nobody_uses_go_after_a_while(plain: datetime) -> None:
    services.service_publish(subsystem=PLAIN, code="a", description=OPENAPI.encode(), at=plain)
    later = plain + publishing.UNUSED_KEPT
    newer = OPENAPI.replace("/a/{b}", "/c").encode()
    services.service_publish(subsystem=PLAIN, code="a", description=newer, at=later)
    assert Document.objects.filter(digest=sha256_hex(OPENAPI.encode())).exists()
    services.service_publish(
        subsystem=PLAIN, code="a", description=newer + b"\n", at=later + timedelta(seconds=1)
    )
    assert not Document.objects.filter(digest=sha256_hex(OPENAPI.encode())).exists()


def test_contracts_are_described_by_themselves_and_published_when_they_change(desk: datetime) -> None:
    while configuration.publish_if_changed(at=desk):  # the instance's own certificate is new once, too
        pass
    row = ContractService.objects.get(system="desk", code="notes-keep")
    content = bytes(row.document.content)
    assert configuration.document()["contracts"]["desk"]["notes-keep"]["document"] == sha256_hex(content)
    assert openapi_read(content).endpoints == (("POST", "/v1"),)
    described_ = json.loads(content)
    operation = described_["paths"]["/v1"]["post"]
    schemas = described_["components"]["schemas"]
    asked = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[-1]
    assert schemas[asked]["required"] == ["code"]
    assert schemas[asked]["additionalProperties"] is False
    assert configuration.publish_if_changed(at=desk) == 0
    second = Service("desk", "notes-keep", Text("Ghi", "Keep"), Action.WRITE, Note, Count, "-", version=2)
    Offers.services[second.name] = (second, lambda *_: Count(notes=0))
    try:
        assert configuration.publish_if_changed(at=desk) == 1
        assert ContractService.objects.get(system="desk", code="notes-keep").endpoints == [
            ["POST", "/v1"],
            ["POST", "/v2"],
        ]
    finally:
        del Offers.services[second.name]
    assert publishing.contracts_publish(at=desk) == 1


def test_a_contract_of_a_system_that_is_hosted_elsewhere_stays(desk: datetime) -> None:
    publishing.contracts_publish(at=desk)
    mine = {name: Offers.services.pop(name) for name in list(Offers.services) if name.startswith("desk/")}
    try:
        publishing.contracts_publish(at=desk)
        assert ContractService.objects.filter(system="desk").count() == 2
    finally:
        Offers.services.update(mine)
    gone = Offers.services.pop(COUNT.name)
    try:
        assert publishing.contracts_publish(at=desk) == 1
        assert ContractService.objects.filter(system="desk").count() == 1
    finally:
        Offers.services[COUNT.name] = gone


def test_a_contract_gives_the_same_bytes_each_time() -> None:
    offered_ = frozenset(service_ for service_, _ in Offers.services.values())
    first = {(one.system, one.code): one.document for one in described(offered_)}
    described.cache_clear()
    again = {(one.system, one.code): one.document for one in described(frozenset(reversed(list(offered_))))}
    assert first == again
    assert len(first) > 30  # every room's
    for content in first.values():
        assert openapi_read(content).content == content


def test_every_contracts_document_is_open_api_to_a_validator_of_others() -> None:
    for one in described(frozenset(service_ for service_, _ in Offers.services.values())):
        validate(json.loads(one.document), cls=OpenAPIV31SpecValidator)


def test_a_groups_agreement_is_its_members_alone(desk: datetime) -> None:
    services.agreement_grant(
        client=ASKER,
        service=NOTE.name,
        purpose="own-data",
        legal_basis="-",
        granted_by="T02",
        valid_from=date(2026, 1, 1),
    )
    Agreement.objects.filter(service=COUNT.name).delete()
    dispatch.agreements_forget()
    services.group_set(code="counters", title=Text("Người đếm", "Counters"))
    grant("group:counters", COUNT)
    with pytest.raises(Forbidden):
        ask(COUNT, Person(number="1"))
    services.group_members(code="counters", members=[ASKER])
    assert ask(COUNT, Person(number="1"))["notes"] >= 0
    services.group_members(code="counters", members=[DESK])
    with pytest.raises(Forbidden):
        ask(COUNT, Person(number="1"))


@pytest.mark.parametrize(
    ("endpoint", "allowed"),
    [(("POST", "/v1"), True), (("*", "/**"), True), (("GET", "/v1"), False), (("POST", "/v2"), False)],
)
def test_a_right_to_endpoints_counts_inside_the_process_too(
    desk: datetime, endpoint: tuple[str, str], allowed: bool
) -> None:
    Agreement.objects.filter(service=COUNT.name).update(endpoints=[list(endpoint)])
    found = dispatch.agreement_for(client=ASKER, service=COUNT.name, purpose="own-data", on=desk.date())
    assert (found is not None) is allowed


def test_the_clients_own_agreement_comes_before_its_kinds_and_its_groups(desk: datetime) -> None:
    services.group_set(code="a", title=Text("A", "A"))
    services.group_members(code="a", members=[ASKER])
    grant("group:a", NOTE, quota=1)
    found = dispatch.agreement_for(client=ASKER, service=NOTE.name, purpose="own-data", on=desk.date())
    assert found is not None
    assert found.client == "VN/GOV/*/asker"


def test_groups_and_endpoints_are_checked_when_they_are_written(desk: datetime) -> None:
    with pytest.raises(NotFound):
        grant("group:none", NOTE)
    with pytest.raises(NotFound):
        services.group_members(code="none", members=[])
    services.group_set(code="g", title=Text("G", "G"))
    with pytest.raises(NotFound):
        services.group_members(code="g", members=["VN/GOV/T09/none"])
    for code in ("", "a/b", "x" * 61, "a\n"):
        with pytest.raises(Invalid):
            services.group_set(code=code, title=Text("G", "G"))
    with pytest.raises(Invalid):
        services.agreement_grant(
            client=ASKER,
            service=NOTE.name,
            purpose="own-data",
            legal_basis="-",
            granted_by="T02",
            valid_from=date(2026, 1, 1),
            endpoints=[("GET", "no-slash")],
        )


def test_groups_cross_to_an_instance_that_joins(desk: datetime) -> None:
    services.group_set(code="empty", title=Text("Trống", "Empty"))
    services.group_set(code="full", title=Text("Đủ", "Full"))
    services.group_members(code="full", members=[ASKER, DESK])
    grant("group:full", NOTE)
    document = configuration.document()
    assert document["groups"] == {"empty": [], "full": sorted([ASKER, DESK])}
    configuration.document_apply(given=document, systems=frozenset({"desk"}), at=desk)
    assert configuration.document()["groups"] == document["groups"]
