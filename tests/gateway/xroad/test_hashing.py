"""PR-REST §4.3, X-Road-Request-Hash: which bytes are hashed, and how."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.gateway.xroad.errors import XRoadError
from lienthong.gateway.xroad.hashing import BodyDigest, request_hash, request_head, response_head
from lienthong.gateway.xroad.headers import Header, request_kept, request_meta

TARGET = b"/r1/VN/GOV/G01/population/verify/v1/persons?number=001085000123"
SENT = [
    (b"Host", b"gateway:8080"),
    (b"X-Road-Client", b"VN/GOV/G22/onestop"),
    (b"x-Road-ID", b"q-1"),
    (b"Content-Length", b"15"),
    (b"Content-Type", b"application/json"),
]

tokens = st.text("abXY-", min_size=1, max_size=8).map(str.encode)
values = st.text("ab :1", max_size=8).map(str.encode)


def test_the_head_is_method_target_and_kept_headers_with_the_request_id_last() -> None:
    assert request_head("POST", TARGET, request_kept(SENT), "r-1") == (
        b"POST\r\n"
        b"/r1/VN/GOV/G01/population/verify/v1/persons?number=001085000123\r\n"
        b"X-Road-Client:VN/GOV/G22/onestop\r\n"
        b"x-Road-ID:q-1\r\n"
        b"Content-Type:application/json\r\n"
        b"x-road-request-id:r-1\r\n"
    )


def test_a_generated_message_id_follows_the_request_id() -> None:
    meta = request_meta(SENT[:2], instance="VN", uuid="u-1", request_id="r-1")
    head = request_head("GET", TARGET, [], meta.request_id, generated_id=meta.id)
    assert head.endswith(b"x-road-request-id:r-1\r\nx-road-id:VN-u-1\r\n")
    assert head.splitlines()[2:] == [name + b":" + value for name, value in meta.added]


def test_a_response_head_is_status_reason_and_headers() -> None:
    assert response_head(200, "OK", [(b"Content-Type", b"text/plain"), (b"x-road-id", b"q-1")]) == (
        b"200\r\nOK\r\nContent-Type:text/plain\r\nx-road-id:q-1\r\n"
    )
    assert response_head(299, "", []) == b"299\r\n\r\n"


def test_only_a_known_method_is_hashed() -> None:
    with pytest.raises(XRoadError):
        request_head("GET\r\n/other", TARGET, [], "r-1")


def test_the_hash_with_a_body_equals_an_independent_computation() -> None:
    body = '{"name":"Nguyễn"}'.encode()
    head = (
        b"POST\r\n/r1/VN/GOV/G01/population/verify/v1/persons?number=001085000123\r\n"
        b"X-Road-Client:VN/GOV/G22/onestop\r\nx-Road-ID:q-1\r\nContent-Type:application/json\r\n"
        b"x-road-request-id:r-1\r\n"
    )
    both = hashlib.new("sha512", head).digest() + hashlib.new("sha512", body).digest()
    expected = base64.standard_b64encode(hashlib.new("sha512", both).digest()).decode("ascii")
    digest = BodyDigest()
    digest.update(body)
    assert request_hash(request_head("POST", TARGET, request_kept(SENT), "r-1"), digest.digest()) == expected


def test_the_hash_without_a_body_is_of_the_head_alone() -> None:
    expected = base64.b64encode(hashlib.sha512(b"GET\r\n/x\r\nx-road-request-id:r\r\n").digest()).decode()
    assert request_hash(request_head("GET", b"/x", [], "r"), None) == expected
    assert request_hash(request_head("GET", b"/x", [], "r"), BodyDigest().digest()) == expected


def test_an_empty_body_is_no_body() -> None:
    digest = BodyDigest()
    digest.update(b"")
    assert digest.digest() is None


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=6))
def test_a_streamed_body_is_digested_as_the_whole(chunks: list[bytes]) -> None:
    digest = BodyDigest()
    for chunk in chunks:
        digest.update(chunk)
    whole = b"".join(chunks)
    assert digest.size == len(whole)
    assert digest.digest() == (hashlib.sha512(whole).digest() if whole else None)


@given(st.lists(st.tuples(tokens, values), min_size=1, max_size=5), st.data())
def test_any_changed_byte_of_a_header_changes_the_hash(kept: list[Header], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(kept) - 1))
    name, value = kept[place]
    part = data.draw(st.integers(0, len(name) + len(value) - 1))
    joined = bytearray(name + value)
    joined[part] ^= 0x20 if joined[part : part + 1].isalpha() else 0x01
    changed = [*kept]
    changed[place] = (bytes(joined[: len(name)]), bytes(joined[len(name) :]))
    assert request_hash(request_head("GET", TARGET, kept, "r"), None) != request_hash(
        request_head("GET", TARGET, changed, "r"), None
    )


@given(st.lists(st.tuples(tokens, values), max_size=5), st.lists(st.tuples(tokens, values), max_size=5))
def test_different_headers_never_have_one_head(one: list[Header], other: list[Header]) -> None:
    same = request_head("GET", TARGET, one, "r") == request_head("GET", TARGET, other, "r")
    assert same == (one == other)
