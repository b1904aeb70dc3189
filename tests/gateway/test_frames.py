"""Frames: what was encoded is decoded the same; anything else is refused with its reason."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.exchange.wire import (
    Answer,
    Request,
    Signature,
    SignedAnswer,
    SignedRequest,
    Subsystem,
    body_hash,
)
from lienthong.gateway.frames import (
    SIZE_MAX,
    FrameError,
    answer_decode,
    answer_encode,
    request_decode,
    request_encode,
)

texts = st.text(st.characters(codec="utf-8"), max_size=30)
bodies = st.dictionaries(texts, st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts, max_size=5)
signatures = st.builds(Signature, texts, texts)
requests = st.builds(
    SignedRequest,
    st.builds(Request, texts, texts, texts, texts, texts, texts, texts, texts, texts),
    bodies,
    signatures,
)
answers = st.builds(
    SignedAnswer,
    st.builds(Answer, texts, texts, texts, st.integers(100, 599), texts, texts),
    bodies,
    signatures,
)


@given(requests)
def test_a_question_survives_the_way(request: SignedRequest) -> None:
    assert request_decode(request_encode(request)) == request


@given(answers)
def test_an_answer_survives_the_way(answer: SignedAnswer) -> None:
    assert answer_decode(answer_encode(answer)) == answer


@given(requests, st.data())
def test_one_changed_character_of_the_body_changes_its_hash(
    request: SignedRequest, data: st.DataObject
) -> None:
    changed = {**request.body, data.draw(texts): "thêm vào"}
    if changed != request.body:
        assert body_hash(changed) != body_hash(request.body)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_frame_are_refused(data: bytes) -> None:
    with pytest.raises(FrameError):
        request_decode(data)


@pytest.mark.parametrize(
    "frame",
    [
        {},
        [],
        {"head": {}, "body": {}, "signature": {}},
        {"head": [], "body": {}, "signature": {}},
        {"head": {"message_id": 1}, "body": {}, "signature": {"value": "", "certificate": ""}},
    ],
)
def test_json_of_another_form_is_refused(frame: object) -> None:
    with pytest.raises(FrameError):
        request_decode(json.dumps(frame).encode())


def test_a_field_of_another_type_is_named(request: pytest.FixtureRequest) -> None:
    whole = SignedAnswer(Answer("m", "p", "h", 200, "t", "b"), {}, Signature("v", "c"))
    frame = json.loads(answer_encode(whole))
    frame["head"]["status"] = "200"
    with pytest.raises(FrameError, match="status is int"):
        answer_decode(json.dumps(frame).encode())


def test_a_frame_over_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(FrameError, match="at most"):
        request_decode(b" " * (SIZE_MAX + 1))


@pytest.mark.parametrize("name", ["VN/GOV/G01", "VN/GOV/G01/population/x", "VN//G01/population", ""])
def test_a_subsystems_name_has_four_parts(name: str) -> None:
    with pytest.raises(ValueError, match="not a subsystem name"):
        Subsystem.parse(name)


def test_a_subsystem_knows_who_signs_for_it() -> None:
    found = Subsystem.parse("VN/GOV/G01/population")
    assert found.owner == "VN/GOV/G01"
    assert str(found) == "VN/GOV/G01/population"
