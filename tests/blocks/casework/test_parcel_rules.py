"""Numbers of postal items: UPU S10 with its check digit, other series, and what was mistyped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.casework.parcel_rules import s10_check_digit, tracking_of
from lienthong.ground.errors import Invalid

serials = st.integers(0, 99_999_999).map("{:08}".format)


def s10(serial: str, digit: int) -> str:
    return f"EB{serial}{digit}VN"


def test_the_standards_own_example() -> None:
    assert s10_check_digit("47312482") == 9
    assert tracking_of(" eb 473 124 829 vn ") == "EB473124829VN"


@given(serials)
def test_only_the_right_digit_is_taken(serial: str) -> None:
    right = s10_check_digit(serial)
    assert tracking_of(s10(serial, right)) == s10(serial, right)
    for digit in set(range(10)) - {right}:
        with pytest.raises(Invalid, match="tracking-invalid"):
            tracking_of(s10(serial, digit))


@given(serials, st.integers(0, 7), st.integers(1, 9))
def test_one_mistyped_digit_is_found(serial: str, place: int, more: int) -> None:
    """But for the standard's one gap: sums that leave 0 and 6 modulo 11 have the same digit, 5."""
    wrong = serial[:place] + str((int(serial[place]) + more) % 10) + serial[place + 1 :]
    if s10_check_digit(wrong) == s10_check_digit(serial):
        assert s10_check_digit(serial) == 5
    else:
        with pytest.raises(Invalid):
            tracking_of(s10(wrong, s10_check_digit(serial)))


@given(st.text(max_size=60))
def test_anything_typed_gives_a_number_or_a_clear_word(typed: str) -> None:
    try:
        number = tracking_of(typed)
    except Invalid as problem:
        assert problem.field == "tracking"
    else:
        assert number == tracking_of(number)
        assert 8 <= len(number) <= 30


@pytest.mark.parametrize("typed", ["", "EB47312482VN", "EB4731248290VN", "VN12345", "số hiệu", "A" * 31])
def test_what_is_no_number(typed: str) -> None:
    with pytest.raises(Invalid):
        tracking_of(typed)


def test_another_series_of_the_post_is_taken() -> None:
    assert tracking_of("1900-2611-0001-2345") == "1900261100012345"
