"""RFC 2045, RFC 2046 §5.1, PR-MESS §2.4: media types and the parts of a multipart message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.gateway.xroad.errors import Kind, XRoadError
from lienthong.gateway.xroad.mime import PARTS_MAX, media_type_parse, parts_of
from tests.gateway.soap_texts import multipart


def kind_of(error: pytest.ExceptionInfo[XRoadError]) -> Kind:
    return error.value.kind


@pytest.mark.parametrize(
    ("value", "name", "parameters"),
    [
        (b"text/xml", "text/xml", {}),
        (b"Text/XML; Charset=UTF-8", "text/xml", {"charset": "UTF-8"}),
        (
            b'multipart/related; boundary="a b"; type="text/xml"',
            "multipart/related",
            {"boundary": "a b", "type": "text/xml"},
        ),
        (
            b"multipart/related; type=text/xml; boundary=----=_Part_1.2;",
            "multipart/related",
            {"type": "text/xml", "boundary": "----=_Part_1.2"},
        ),
        (rb'a/b; c="d\"e"', "a/b", {"c": 'd"e'}),
    ],
)
def test_a_media_type_and_its_parameters_are_read(
    value: bytes, name: str, parameters: dict[str, str]
) -> None:
    found = media_type_parse(value)
    assert (found.name, found.parameters) == (name, parameters)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"text",
        b"text/",
        b"/xml",
        b"text/xml x",
        b'text/xml; a="b',
        b"text/xml; a=b; A=c",
        b"a/b;" + b" " * 2000,
    ],
)
def test_what_is_no_media_type_is_refused(value: bytes) -> None:
    with pytest.raises(XRoadError) as error:
        media_type_parse(value)
    assert kind_of(error) is Kind.INVALID_CONTENT_TYPE


def test_parts_are_places_in_the_messages_own_bytes() -> None:
    _, body = multipart(b"<soap/>", b"\x00\r\n\xff", b"")
    first, second, third = parts_of(body, "MIME_boundary")
    assert body[first.start : first.end] == b"<soap/>"
    assert body[second.start : second.end] == b"\x00\r\n\xff"
    assert body[third.start : third.end] == b""
    assert first.header("content-transfer-encoding") == b"8bit"
    assert first.header("content-disposition") is None


def test_a_preamble_an_epilogue_padding_and_bare_line_feeds_are_taken() -> None:
    body = b"before\n--b \t\nContent-Type: text/xml\n\n<a/>\n--b--\nafter --b"
    [part] = parts_of(body, "b")
    assert body[part.start : part.end] == b"<a/>"


def test_a_line_that_only_begins_like_the_boundary_is_content() -> None:
    body = b"--b\r\n\r\n--bc\r\nx--b\r\n--b--"
    [part] = parts_of(body, "b")
    assert body[part.start : part.end] == b"--bc\r\nx--b"


def test_folded_headers_are_one_line() -> None:
    [part] = parts_of(b'--b\r\nContent-Type: text/xml;\r\n charset="utf-8"\r\n\r\n.\r\n--b--', "b")
    assert part.header("content-type") == b'text/xml; charset="utf-8"'


@pytest.mark.parametrize(
    ("body", "boundary"),
    [
        (b"", "b"),
        (b"<soap/>", "b"),
        (b"--b\r\nContent-Type: text/xml\r\n\r\n<a/>\r\n", "b"),
        (b"--b--\r\n", "b"),
        (b"--b\r\nContent-Type: text/xml\r\n--b--\r\n", "b"),
        (b"--b\r\nno header\r\n\r\n<a/>\r\n--b--\r\n", "b"),
        (b"--b\r\n" + b"A: b\r\n" * 4000 + b"\r\n<a/>\r\n--b--\r\n", "b"),
        (b"--b\r\n\r\n.\r\n" * (PARTS_MAX + 2) + b"--b--\r\n", "b"),
        (b"--b\r\n\r\n.\r\n--b--", ""),
        (b"--b\r\n\r\n.\r\n--b--", "b" * 71),
        (b"--b\r\n\r\n.\r\n--b--", "b\r\n"),
    ],
    ids=[
        "empty",
        "no part",
        "cut short",
        "only the end",
        "no blank line",
        "no header",
        "headers too long",
        "too many parts",
        "no boundary",
        "boundary too long",
        "boundary of other signs",
    ],
)
def test_a_faulty_multipart_message_is_an_error(body: bytes, boundary: str) -> None:
    with pytest.raises(XRoadError) as error:
        parts_of(body, boundary)
    assert kind_of(error) is Kind.MIME_PARSING_FAILED


def test_a_header_that_comes_twice_in_a_part_is_an_error() -> None:
    [part] = parts_of(b"--b\r\nContent-Type: text/xml\r\nContent-type: a/b\r\n\r\n.\r\n--b--", "b")
    with pytest.raises(XRoadError) as error:
        part.header("content-type")
    assert kind_of(error) is Kind.MIME_PARSING_FAILED


@given(contents=st.lists(st.binary(max_size=60), min_size=1, max_size=4))
def test_whatever_the_parts_hold_they_come_back(contents: list[bytes]) -> None:
    boundary = "=_" + "q" * 40
    _, body = multipart(contents[0], *contents[1:], boundary=boundary)
    assert [body[one.start : one.end] for one in parts_of(body, boundary)] == contents


@given(
    body=st.lists(st.sampled_from([b"--b", b"--", b"\r\n", b"\n", b"A: b", b":", b" ", b"\x00\xff"])).map(
        b"".join
    ),
    value=st.one_of(st.binary(max_size=80), st.text('ab/;="\\ ').map(str.encode)),
)
def test_any_bytes_are_a_result_or_an_xroad_error(body: bytes, value: bytes) -> None:
    for read in (lambda: parts_of(body, "b"), lambda: media_type_parse(value)):
        try:
            read()
        except XRoadError as error:
            assert error.kind in {Kind.MIME_PARSING_FAILED, Kind.INVALID_CONTENT_TYPE}
