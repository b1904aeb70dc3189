"""What travels between gateways: every envelope comes back as it was, and nothing else is taken for one."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.trust.wire import canonical_json
from lienthong.gateway import envelope
from lienthong.gateway.envelope import EnvelopeError, MessageSignature, Question, Reply, Sealed

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
HEADERS = st.lists(st.tuples(st.binary(max_size=12), st.binary(max_size=12)), max_size=5)
QUESTIONS = st.builds(
    Question,
    headers=HEADERS.map(envelope.headers_text),
    body_size=st.integers(0, 10**9),
    **dict.fromkeys(set(Question.__struct_fields__) - {"headers", "body_size"}, TEXT),
)
REPLIES = st.builds(
    Reply,
    headers=HEADERS.map(envelope.headers_text),
    status=st.integers(100, 599),
    body_size=st.integers(0, 10**9),
    **dict.fromkeys(set(Reply.__struct_fields__) - {"headers", "status", "body_size"}, TEXT),
)


@given(st.one_of(QUESTIONS, REPLIES))
def test_a_head_reads_back_as_it_was_written(head: Question | Reply) -> None:
    assert envelope.head_parse(type(head), envelope.head_bytes(head)) == head


@given(st.one_of(QUESTIONS, REPLIES))
def test_a_head_is_canonical_json(head: Question | Reply) -> None:
    assert envelope.head_bytes(head) == canonical_json(msgspec.to_builtins(head))


@given(HEADERS)
def test_headers_keep_every_byte(headers: list[tuple[bytes, bytes]]) -> None:
    assert envelope.headers_raw(envelope.headers_text(headers)) == headers


@given(st.binary(max_size=200), st.builds(MessageSignature, TEXT, TEXT, TEXT, TEXT), st.binary(max_size=500))
def test_an_envelope_opens_to_what_was_put_in(head: bytes, signature: MessageSignature, body: bytes) -> None:
    sealed = Sealed(head, signature, body)
    assert envelope.sealed_decode(envelope.sealed_encode(sealed)) == sealed


@given(st.binary(max_size=300))
def test_other_bytes_are_refused_and_nothing_breaks(data: bytes) -> None:
    with pytest.raises(EnvelopeError):
        envelope.head_parse(Question, envelope.sealed_decode(data).head)


@given(QUESTIONS, st.data())
def test_an_envelope_cut_short_in_its_heads_is_refused(question: Question, data: st.DataObject) -> None:
    sealed = Sealed(envelope.head_bytes(question), MessageSignature("v", "c", "a"), b"")
    whole = envelope.sealed_encode(sealed)
    with pytest.raises(EnvelopeError):
        envelope.sealed_decode(whole[: data.draw(st.integers(0, len(whole) - 1))])


@given(QUESTIONS, st.sampled_from(sorted(Question.__struct_fields__)), st.sampled_from([None, 1.5, {}, [1]]))
def test_a_field_of_another_kind_is_refused(question: Question, field: str, wrong: object) -> None:
    head = json.loads(envelope.head_bytes(question)) | {field: wrong}
    with pytest.raises(EnvelopeError, match=field):
        envelope.head_parse(Question, json.dumps(head).encode())


def test_a_head_that_claims_to_be_huge_is_not_waited_for() -> None:
    with pytest.raises(EnvelopeError, match="at most"):
        envelope.sealed_decode(b"\xff\xff\xff\xff" + b"x" * 100)
