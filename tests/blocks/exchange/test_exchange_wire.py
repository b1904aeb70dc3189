"""Envelopes: what a signature covers."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.exchange.wire import Answer, Request, Subsystem, body_hash

PARTS = st.text(st.characters(exclude_characters="/", exclude_categories=["Cs"]), min_size=1, max_size=12)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
REQUESTS = st.builds(Request, *[TEXTS] * 9)
BODIES = st.dictionaries(
    TEXTS, st.none() | st.booleans() | st.integers(-(10**15), 10**15) | TEXTS, max_size=4
)


@given(PARTS, PARTS, PARTS, PARTS)
def test_a_subsystem_is_named_by_its_four_parts(instance: str, kind: str, member: str, system: str) -> None:
    name = Subsystem(instance, kind, member, system)
    assert Subsystem.parse(str(name)) == name
    assert str(name) == f"{name.owner}/{system}"


@pytest.mark.parametrize("name", ["", "VN", "VN/GOV/G01", "VN/GOV/G01/a/b", "VN//G01/a", "VN/GOV/G01/"])
def test_a_name_without_four_parts_is_none(name: str) -> None:
    with pytest.raises(ValueError, match="not a subsystem name"):
        Subsystem.parse(name)


@given(REQUESTS, st.sampled_from([field.name for field in fields(Request)]), TEXTS)
def test_every_field_of_a_question_is_signed(request: Request, name: str, value: str) -> None:
    other = replace(request, **{name: value})
    assert (other.hash() == request.hash()) == (getattr(request, name) == value)


@given(TEXTS, st.integers(100, 599), st.integers(100, 599))
def test_the_status_of_an_answer_is_signed(text: str, one: int, other: int) -> None:
    first = Answer(text, text, text, one, text, text)
    second = replace(first, status=other)
    assert (first.signed_bytes() == second.signed_bytes()) == (one == other)


@given(BODIES, BODIES)
def test_equal_bodies_have_equal_hashes_whatever_their_order_and_others_have_not(
    one: dict[str, object], other: dict[str, object]
) -> None:
    assert body_hash(dict(reversed(one.items()))) == body_hash(one)
    same = one == other and all(type(one[key]) is type(other[key]) for key in one)
    assert (body_hash(one) == body_hash(other)) == same
