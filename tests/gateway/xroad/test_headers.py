"""PR-REST §4.3: which headers pass, which are set, and what they say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.gateway.xroad.errors import Kind, XRoadError
from lienthong.gateway.xroad.headers import (
    COUNT_MAX,
    HEADER_MAX,
    METHODS,
    STRIPPED,
    TOTAL_MAX,
    VALUE_MAX,
    Header,
    RequestMeta,
    headers_check,
    method_check,
    request_forwarded,
    request_kept,
    request_meta,
    response_headers,
)
from lienthong.gateway.xroad.identifiers import RepresentedParty, ServerId, ServiceId, SubsystemId

CLIENT = (b"X-Road-Client", b"VN/GOV/G22/onestop")
ONESTOP = SubsystemId("VN", "GOV", "G22", "onestop")
VERIFY = ServiceId(SubsystemId("VN", "GOV", "G01", "population"), "BAR/SERVICE")
DATE = b"Thu, 21 Mar 2019 11:42:03 GMT"

names = st.sampled_from(
    [b"Accept", b"X-Road-Client", b"x-road-id", b"HOST", b"Connection", b"X-Pingback", b"X-Road-Request-Hash"]
) | st.text("abX-_9", min_size=1, max_size=8).map(str.encode)
values = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=12).map(str.encode)
headers = st.lists(st.tuples(names, values), max_size=12)


def meta_of(*kept: Header) -> RequestMeta:
    return request_meta(kept, instance="VN", uuid="u-1", request_id="r-1")


def answered(*provided: Header) -> list[Header]:
    return response_headers(
        provided,
        service=VERIFY,
        meta=meta_of(CLIENT, (b"X-Road-Id", b"q-1")),
        request_hash="aGFzaA==",
        date=DATE,
    )


@pytest.mark.parametrize("method", ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"])
def test_the_eight_methods_are_accepted(method: str) -> None:
    method_check(method)
    assert len(METHODS) == 8


@pytest.mark.parametrize("method", ["CONNECT", "get", "", "PROPFIND", "GET\r\n"])
def test_other_methods_are_refused(method: str) -> None:
    with pytest.raises(XRoadError) as caught:
        method_check(method)
    assert caught.value.kind is Kind.INVALID_HTTP_METHOD


def test_the_thirteen_headers_are_stripped_both_ways_in_any_case() -> None:
    assert len(STRIPPED) == 13
    stripped = [(spelled, b"x") for name in STRIPPED for spelled in (name, name.upper(), name.title())]
    assert request_kept(stripped) == []
    assert not {name.lower() for name, _ in answered(*stripped)} & STRIPPED


def test_client_sent_request_id_and_hash_are_dropped() -> None:
    assert request_kept([(b"X-Road-Request-Id", b"x"), (b"x-road-request-hash", b"y"), CLIENT]) == [CLIENT]


def test_all_others_pass_unmodified_in_order_and_case() -> None:
    others = [
        (b"X-Powered-By", b"PHP/5.2.17"),
        (b"cache-control", b"no-cache"),
        (b"Accept", b"application/xml"),
        (b"Content-Type", b"multipart/form-data; boundary=something"),
        (b"X-Powered-By", b"twice"),
        (b"X-Value", b"\xc3\xa9\xff\t"),
    ]
    assert request_kept([*others, CLIENT]) == [*others, CLIENT]
    assert request_forwarded([*others, CLIENT], meta_of(CLIENT), content_length=None)[:7] == [*others, CLIENT]


def test_of_several_clients_the_last_wins_and_alone_reaches_the_provider() -> None:
    other = (b"x-road-client", b"VN/GOV/G99/other")
    kept = request_kept([other, (b"X-A", b"1"), CLIENT])
    assert kept == [other, (b"X-A", b"1"), CLIENT]
    meta = meta_of(*kept)
    assert meta.client == ONESTOP
    forwarded = request_forwarded(kept, meta, content_length=None)
    assert [value for name, value in forwarded if name.lower() == b"x-road-client"] == [CLIENT[1]]


def test_a_name_that_a_server_may_read_as_ours_is_dropped() -> None:
    lookalikes = [
        (b"X_Road_Client", b"VN/GOV/G99/other"),
        (b"X-Road_Id", b"1"),
        (b"Transfer_Encoding", b"chunked"),
    ]
    assert request_kept([*lookalikes, (b"X_Own", b"1"), CLIENT]) == [(b"X_Own", b"1"), CLIENT]


@pytest.mark.parametrize(
    "kept", [(), ((b"X-Road-Client", b""),), ((b"X-Road-Clients", b"VN/GOV/G22/onestop"),)]
)
def test_a_request_without_client_is_refused(kept: tuple[Header, ...]) -> None:
    with pytest.raises(XRoadError, match="X-Road-Client is missing") as caught:
        meta_of(*kept)
    assert caught.value.kind is Kind.BAD_REQUEST


def test_the_message_id_is_generated_when_absent() -> None:
    meta = meta_of(CLIENT)
    assert (meta.id, meta.id_generated) == ("VN-u-1", True)
    assert meta.added == [(b"x-road-request-id", b"r-1"), (b"x-road-id", b"VN-u-1")]
    assert meta_of(CLIENT, (b"X-Road-Id", b"")).id == "VN-u-1"


def test_a_given_message_id_is_kept() -> None:
    meta = meta_of(CLIENT, (b"X-ROAD-ID", b"q-1"))
    assert (meta.id, meta.id_generated) == ("q-1", False)
    assert meta.added == [(b"x-road-request-id", b"r-1")]


def test_the_optional_headers_are_read() -> None:
    meta = meta_of(
        CLIENT,
        (b"X-Road-UserId", b"VN001085000123"),
        (b"X-Road-Issue", "hồ sơ 12".encode()),
        (b"X-Road-Security-Server", b"VN/GOV/G01/gw1"),
        (b"X-Road-Represented-Party", b"COM/0101234567"),
    )
    assert meta == RequestMeta(
        client=ONESTOP,
        id="VN-u-1",
        id_generated=True,
        user_id="VN001085000123",
        issue="hồ sơ 12",
        security_server=ServerId("VN", "GOV", "G01", "gw1"),
        represented_party=RepresentedParty("COM", "0101234567"),
        request_id="r-1",
    )


def test_an_absent_or_empty_optional_header_says_nothing() -> None:
    empty = [(name, b"") for name in (b"X-Road-UserId", b"X-Road-Issue", b"X-Road-Security-Server")]
    meta = meta_of(CLIENT, *empty)
    assert (meta.user_id, meta.issue, meta.security_server, meta.represented_party) == (None,) * 4
    forwarded = request_forwarded([CLIENT, *empty], meta, content_length=None)
    assert not {name for name, _ in empty} & {name for name, _ in forwarded}


@pytest.mark.parametrize("value", [b"\xff", "a\u202eb".encode(), b"a\tb", b"x" * (VALUE_MAX + 1)])
def test_an_x_road_value_is_short_printable_utf_8(value: bytes) -> None:
    for name in (b"X-Road-Id", b"X-Road-UserId", b"X-Road-Issue"):
        with pytest.raises(XRoadError, match="printable UTF-8"):
            meta_of(CLIENT, (name, value))


def test_the_default_accept_is_json() -> None:
    assert (b"accept", b"application/json") in request_forwarded(
        [CLIENT], meta_of(CLIENT), content_length=None
    )
    asked = request_forwarded([CLIENT, (b"ACCEPT", b"text/csv")], meta_of(CLIENT), content_length=None)
    assert [value for name, value in asked if name.lower() == b"accept"] == [b"text/csv"]


def test_content_length_reaches_the_provider() -> None:
    kept = request_kept([(b"Content-Length", b"17"), CLIENT])
    assert kept == [CLIENT]
    assert (b"content-length", b"17") in request_forwarded(kept, meta_of(CLIENT), content_length=17)
    assert (b"content-length", b"0") in request_forwarded(kept, meta_of(CLIENT), content_length=0)


def test_the_provider_gets_the_request_id_and_the_message_id() -> None:
    forwarded = request_forwarded([CLIENT], meta_of(CLIENT), content_length=None)
    assert forwarded[-2:] == [(b"x-road-request-id", b"r-1"), (b"x-road-id", b"VN-u-1")]


def test_the_gateways_five_headers_overwrite_the_providers() -> None:
    forged = [
        (name, b"forged")
        for name in (
            b"X-Road-Id",
            b"X-ROAD-CLIENT",
            b"x-road-service",
            b"X-Road-Request-Id",
            b"X-Road-Request-Hash",
        )
    ]
    assert answered((b"X-Own", b"1"), *forged) == [
        (b"X-Own", b"1"),
        (b"date", DATE),
        (b"x-road-id", b"q-1"),
        (b"x-road-client", b"VN/GOV/G22/onestop"),
        (b"x-road-service", b"VN/GOV/G01/population/BAR%2FSERVICE"),
        (b"x-road-request-id", b"r-1"),
        (b"x-road-request-hash", b"aGFzaA=="),
    ]


def test_a_providers_error_never_carries_x_road_error() -> None:
    assert b"x-road-error" not in [name.lower() for name, _ in answered((b"X-Road-Error", b"forged"))]


@pytest.mark.parametrize("dates", [0, 1, 3])
def test_an_answer_has_exactly_one_date(dates: int) -> None:
    given_dates = [(b"Date", f"Thu, 0{n + 1} Jan 1970 00:00:00 GMT".encode()) for n in range(dates)]
    found = [value for name, value in answered(*given_dates) if name.lower() == b"date"]
    assert found == [given_dates[0][1] if dates else DATE]


def test_redirects_pass_with_their_location() -> None:
    location = (b"Location", b"https://provider.example/elsewhere")
    assert location in answered(location)


def test_too_many_headers_are_refused() -> None:
    assert headers_check([(b"a", b"")] * COUNT_MAX) is None
    with pytest.raises(XRoadError, match=f"{COUNT_MAX} at most"):
        request_kept([(b"a", b"")] * (COUNT_MAX + 1))


def test_too_large_a_header_is_refused() -> None:
    assert headers_check([(b"a", b"x" * (HEADER_MAX - 1))]) is None
    with pytest.raises(XRoadError, match=f"{HEADER_MAX} at most"):
        request_kept([(b"a", b"x" * HEADER_MAX)])


def test_too_large_headers_together_are_refused() -> None:
    with pytest.raises(XRoadError, match=f"{TOTAL_MAX} at most"):
        answered(*[(b"a", b"x" * (HEADER_MAX - 1))] * 5)


@pytest.mark.parametrize(
    "header", [(b"A", b"1\r\nB:2"), (b"A:B", b"1"), (b"", b"1"), (b"A b", b"1"), (b"A", b"\x00")]
)
def test_a_header_that_could_be_read_as_two_is_refused(header: Header) -> None:
    with pytest.raises(XRoadError, match="no header may hold"):
        request_kept([header])


@given(headers)
def test_stripping_twice_is_stripping_once(some: list[Header]) -> None:
    once = request_kept(some)
    assert request_kept(once) == once


@given(
    st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=20)), max_size=6), st.binary(max_size=40)
)
def test_any_headers_are_understood_or_make_an_x_road_error(some: list[Header], client: bytes) -> None:
    try:
        kept = request_kept([*some, (b"X-Road-Client", client)])
        meta = meta_of(*kept)
        forwarded = request_forwarded(kept, meta, content_length=1)
    except XRoadError:
        return
    assert (b"X-Road-Client", client) in forwarded
