"""PR-REST §4.1–4.3: who is meant by a path and by the headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.gateway.xroad.errors import Kind, XRoadError
from lienthong.gateway.xroad.identifiers import (
    IDENTIFIER_MAX,
    TARGET_MAX,
    MemberId,
    RepresentedParty,
    ServerId,
    ServiceId,
    SubsystemId,
    client_parse,
    represented_parse,
    server_parse,
    target_parse,
)

POPULATION = SubsystemId("VN", "GOV", "G01", "population")
SIGNS = "ABZaz09'()+,-.=?_"

codes = st.text(SIGNS, min_size=1, max_size=12).filter(lambda code: code not in {".", ".."})
subsystems = st.builds(SubsystemId, codes, codes, codes, codes)
services = st.builds(ServiceId, subsystems, st.lists(codes, min_size=1, max_size=3).map("/".join))
rests = st.sampled_from(["", "/", "/v1", "/v1/persons/*", "/%E1%BA%BF/x"])
queries = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters="\x7f#"), max_size=20
)


def refused(raw: bytes, query: bytes = b"") -> str:
    with pytest.raises(XRoadError) as caught:
        target_parse(raw, query)
    assert caught.value.kind is Kind.BAD_REQUEST
    return caught.value.sentence.en


def test_a_target_names_instance_class_member_subsystem_service_path_and_query() -> None:
    target = target_parse(b"/r1/VN/GOV/G01/population/verify/v1/persons", b"a=1&b=%20")
    assert target.service == ServiceId(POPULATION, "verify")
    assert str(target.service) == "VN/GOV/G01/population/verify"
    assert str(target.service.subsystem) == "VN/GOV/G01/population"
    assert (target.path, target.query) == ("/v1/persons", "a=1&b=%20")


def test_path_and_query_may_be_absent() -> None:
    target = target_parse(b"/r1/VN/GOV/G01/population/verify", b"")
    assert (target.path, target.query, target.endpoint) == ("", "", "/")
    assert target_parse(b"/r1/VN/GOV/G01/population/verify/", b"").path == "/"


def test_an_identifier_may_hold_an_encoded_slash() -> None:
    target = target_parse(b"/r1/INSTANCE/CLASS/MEMBER/SUBSYSTEM/BAR%2FSERVICE/x", b"")
    assert target.service.code == "BAR/SERVICE"
    assert target.path == "/x"
    assert target.service.encoded() == "INSTANCE/CLASS/MEMBER/SUBSYSTEM/BAR%2FSERVICE"


@pytest.mark.parametrize("raw", [b"/r1/VN/GOV/G01%2Fx/population/a", b"/r1/VN/GOV/G01/pop%2Fulation/a"])
def test_an_owner_never_holds_a_slash_for_two_owners_would_be_written_the_same(raw: bytes) -> None:
    refused(raw)


def test_a_whole_encoded_path_is_one_part_and_refused() -> None:
    refused(b"/r1/INSTANCE%2FCLASS%2FMEMBER%2FSUBSYSTEM%2FBARSERVICE")


@pytest.mark.parametrize("raw", [b"/r1/VN/GOV/G01/verify", b"/r1/VN/GOV/G01//verify", b"/r1/VN/GOV/G01/"])
def test_a_service_without_subsystem_is_refused(raw: bytes) -> None:
    refused(raw)


@pytest.mark.parametrize("version", [b"r0", b"r2", b"R1", b"r01", b"r", b"", b"%721"])
def test_only_r1_is_accepted(version: bytes) -> None:
    assert "protocol version" in refused(b"/" + version + b"/VN/GOV/G01/population/verify")


@pytest.mark.parametrize(
    "part", [b"a%20b", b"a:b", b"a%3Ab", b"a;b", b"%C3%A9", b"a%00", b"..", b".", b"%2e%2e"]
)
def test_an_identifier_keeps_to_the_allowed_characters(part: bytes) -> None:
    refused(b"/r1/VN/GOV/G01/" + part + b"/verify")
    refused(b"/r1/VN/GOV/G01/population/" + part)


@pytest.mark.parametrize("part", [b"a%", b"a%2", b"a%zz", b"a b", b"\xc3\xa9", b"%ff", b"a%25"])
def test_a_part_is_percent_encoded_utf_8(part: bytes) -> None:
    refused(b"/r1/VN/GOV/G01/population/" + part)


def test_every_allowed_character_is_accepted() -> None:
    letters = "ABCXYZabcxyz0189'()+,-.=?_"
    target = target_parse(f"/r1/VN/GOV/G01/population/{letters.replace('?', '%3F')}".encode(), b"")
    assert target.service.code == letters


def test_a_plus_is_a_plus_and_no_space() -> None:
    assert target_parse(b"/r1/VN/GOV/G01/population/a+b", b"").service.code == "a+b"


def test_an_identifier_and_a_target_have_a_largest_length() -> None:
    raw = b"/r1/VN/GOV/G01/population/"
    assert target_parse(raw + b"a" * IDENTIFIER_MAX, b"").service.code == "a" * IDENTIFIER_MAX
    refused(raw + b"a" * (IDENTIFIER_MAX + 1))
    assert str(TARGET_MAX) in refused(raw + b"a", b"q" * TARGET_MAX)


def test_the_query_is_passed_unmodified() -> None:
    query = b"a=%2e%2e&b=[1]&c=\xe1\xba\xbf&a=2&"
    assert target_parse(b"/r1/VN/GOV/G01/population/verify", query).query.encode("latin-1") == query


@pytest.mark.parametrize("query", [b"a=1\r\nX: y", b"a=1 b", b"\x00", b"a#b"])
def test_a_query_cannot_break_the_line_that_is_hashed(query: bytes) -> None:
    refused(b"/r1/VN/GOV/G01/population/verify", query)


def test_a_client_is_a_subsystem_or_a_member() -> None:
    assert client_parse("VN/GOV/G01/population") == POPULATION
    assert client_parse("VN/GOV/G01") == MemberId("VN", "GOV", "G01")
    assert POPULATION.owner == MemberId("VN", "GOV", "G01")
    assert client_parse("VN/GOV/G01/p%3Fq") == SubsystemId("VN", "GOV", "G01", "p?q")


@pytest.mark.parametrize(
    "value", ["", "VN", "VN/GOV", "VN/GOV/G01/a/b", "VN/GOV/G01/", "/VN/GOV/G01", "VN//G01", "VN/GOV/ế"]
)
def test_a_client_has_three_or_four_parts(value: str) -> None:
    with pytest.raises(XRoadError, match=r"has the wrong form|is no "):
        client_parse(value)


def test_a_security_server_has_four_parts() -> None:
    assert server_parse("VN/GOV/G22/gw1") == ServerId("VN", "GOV", "G22", "gw1")
    for value in ("VN/GOV/G22", "VN/GOV/G22/gw1/x", ""):
        with pytest.raises(XRoadError):
            server_parse(value)


def test_a_represented_party_is_a_member_with_or_without_class() -> None:
    assert represented_parse("0101234567") == RepresentedParty(None, "0101234567")
    assert represented_parse("COM/0101234567") == RepresentedParty("COM", "0101234567")
    for value in ("", "/", "COM/", "/x", "a/b/c"):
        with pytest.raises(XRoadError):
            represented_parse(value)


def test_a_refusal_quotes_no_more_than_a_little_and_nothing_unprintable() -> None:
    sentence = refused(b"/r1/VN/GOV/G01/population/" + b"\x1b[31m" + b"x" * 500)
    assert sentence.isprintable()
    assert len(sentence) < 300


@given(services, rests, queries)
def test_what_was_encoded_is_parsed_the_same(service: ServiceId, rest: str, query: str) -> None:
    target = target_parse(f"/r1/{service.encoded()}{rest}".encode(), query.encode("latin-1"))
    assert (target.service, target.path, target.query) == (service, rest, query)


@given(subsystems)
def test_a_clients_header_is_parsed_the_same(subsystem: SubsystemId) -> None:
    assert client_parse(subsystem.encoded()) == subsystem
    assert client_parse(subsystem.owner.encoded()) == subsystem.owner


@given(subsystems, subsystems)
def test_two_owners_are_never_written_the_same(one: SubsystemId, other: SubsystemId) -> None:
    assert (str(one) == str(other)) == (one == other)


@given(
    st.binary(max_size=60) | st.binary(max_size=40).map(b"/r1/VN/GOV/G01/population/v".__add__),
    st.binary(max_size=20),
)
def test_any_bytes_make_a_target_or_an_x_road_error(raw: bytes, query: bytes) -> None:
    try:
        target = target_parse(raw, query)
    except XRoadError:
        return
    assert raw.startswith(b"/r1/")
    assert raw.endswith(target.path.encode())
    assert target.endpoint.startswith("/")


@given(st.text(st.characters(), max_size=40) | st.lists(codes, max_size=5).map("/".join))
def test_any_header_makes_an_identifier_or_an_x_road_error(value: str) -> None:
    for parse in (client_parse, server_parse, represented_parse):
        try:
            parsed = parse(value)
        except XRoadError:
            continue
        assert parse(parsed.encoded()) == parsed
