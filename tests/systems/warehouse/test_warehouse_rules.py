import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.casework.files import check_code_new
from lienthong.systems.warehouse import rules
from lienthong.systems.warehouse.rules import Signed

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
codes = st.text(ALPHABET, min_size=16, max_size=16)


def grouped(bare: str) -> str:
    return "-".join(bare[start : start + 4] for start in range(0, 16, 4))


@given(codes, st.data())
def test_a_code_is_understood_however_it_is_typed(bare: str, data: st.DataObject) -> None:
    misread = {"0": "0Oo", "1": "1IiLl"}
    typed = ""
    for sign in bare:
        typed += data.draw(st.sampled_from(misread.get(sign, sign + sign.lower())))
        typed += data.draw(st.sampled_from(["", "", "", " ", "-", " - ", "\t"]))
    assert rules.check_code(typed) == grouped(bare)


@given(codes)
def test_a_tidy_code_stays_as_it_is(bare: str) -> None:
    assert rules.check_code(grouped(bare)) == grouped(bare)


def test_codes_as_they_are_issued_are_understood() -> None:
    code = check_code_new()
    assert rules.check_code(code) == code


@given(st.text(max_size=40))
def test_anything_else_is_no_code_or_sixteen_signs_of_the_alphabet(typed: str) -> None:
    found = rules.check_code(typed)
    assert found is None or (len(found) == 19 and set(found) <= set(ALPHABET + "-"))


@pytest.mark.parametrize(
    "typed", ["", "7K2M-94QX-B0TC", "7K2M-94QX-B0TC-H3WZ-1", "7K2M-94QX-B0TC-H3WU", "Đ" * 16]
)
def test_what_is_too_short_too_long_or_of_other_letters_is_no_code(typed: str) -> None:
    assert rules.check_code(typed) is None


@given(codes, st.text(max_size=20))
def test_the_code_is_found_in_the_address_printed_on_a_paper(bare: str, before: str) -> None:
    text = f"https://dichvu.example/check/\n{grouped(bare)}/ Số hồ sơ"
    assert rules.code_in_text(text) == grouped(bare)
    assert rules.code_in_text("https://dichvu.example/kiem-tra/") is None


def test_initials_are_enough_to_compare_and_too_little_to_find() -> None:
    assert rules.initials("Nguyễn Minh An") == "N. M. A."
    assert rules.initials("đặng  thị Ánh ") == "Đ. T. Á."
    assert rules.initials("") == ""


@given(st.text(max_size=60))
def test_initials_hold_one_letter_of_each_name(name: str) -> None:
    assert len(rules.initials(name).split()) == len(name.split())


GOOD = Signed("Lê Văn Ký", intact=True, trusted=True, last=True)
BROKEN = Signed("UBND phường", intact=False, trusted=True, last=False)
EARLY = Signed("Lê Văn Ký", intact=True, trusted=True, last=False)


def test_a_check_says_which_part_of_a_file_was_changed() -> None:
    content = rules.changed_part([BROKEN, BROKEN])
    one = rules.changed_part([GOOD, BROKEN])
    added = rules.changed_part([GOOD, EARLY])
    assert content is not None
    assert "chính nội dung" in content.vi
    assert one is not None
    assert "UBND phường" in one.vi
    assert "Lê Văn Ký" not in one.vi
    assert added is not None
    assert "cuối tệp" in added.vi
    assert rules.changed_part([GOOD, GOOD]) is None
    assert rules.changed_part([]) is None


@given(st.lists(st.builds(Signed, st.just("A"), st.booleans(), st.booleans(), st.booleans()), max_size=4))
def test_something_is_said_exactly_when_some_part_is_not_as_it_was_signed(signed: list[Signed]) -> None:
    wrong = any(not one.intact or not one.last for one in signed)
    assert (rules.changed_part(signed) is not None) == wrong
