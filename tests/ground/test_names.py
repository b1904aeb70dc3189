"""Names: kept as given, sorted as a class register sorts them, found in any order without marks."""

import unicodedata
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.ground import names

SYLLABLES = st.sampled_from(
    [
        "An",
        "Ân",
        "Ấn",
        "Ăn",
        "Anh",
        "Ánh",
        "Ảnh",
        "Đan",
        "Dan",
        "Đạt",
        "Thị",
        "Văn",
        "Nguyễn",
        "Trần",
        "Lê",
        "Ý",
        "Ơn",
        "Ước",
        "Y",
        "Hòa",
        "Hoà",
        "H'Hen",
        "Niê",
        "Kbuôr",
    ]
)
NAMES = st.lists(SYLLABLES, min_size=1, max_size=6).map(" ".join)


def ordered(*given_names: str) -> bool:
    keys = [names.sort_key(name) for name in given_names]
    return keys == sorted(keys) and len(set(keys)) == len(keys)


def test_display_keeps_marks_and_case_and_tidies_spaces() -> None:
    decomposed = unicodedata.normalize("NFD", "  Nguyễn   Thị \u00a0Ánh ")
    assert names.display(decomposed) == "Nguyễn Thị Ánh"


def test_letters_sort_in_the_order_of_the_vietnamese_alphabet() -> None:
    assert ordered("An", "Ăn", "Ân", "Dan", "Đan", "En", "Ên", "On", "Ôn", "Ơn", "Un", "Ưn", "Xa", "Ya")


def test_tones_sort_after_letters_in_dictionary_order() -> None:
    assert ordered("An", "Àn", "Ản", "Ãn", "Án", "Ạn", "Anh", "Ánh", "Ăn", "Ẵn")


def test_the_given_name_sorts_first_then_family_and_middle() -> None:
    assert ordered("Vũ Văn An", "Lê Thị Bình", "Nguyễn Văn Bình", "Trần An Bình", "An Thị Châu")


def test_a_marked_middle_name_does_not_move_a_family() -> None:
    assert ordered("Lê Văn Hòa", "Lê Vân Hòa", "Nguyễn An Hòa")


def test_a_name_of_a_foreign_letter_sorts_without_harm() -> None:
    assert ordered("John", "Joseph", "Wang", "Zoë", "Жанна")


@pytest.mark.parametrize(
    "query", ["nguyen van dat", "đạt nguyễn", "VAN DAT", "dat", "ng v d", "Nguyễn  Văn Đạt"]
)
def test_a_name_is_found_in_any_order_without_marks(query: str) -> None:
    assert names.matches(query, "Nguyễn Văn Đạt")


@pytest.mark.parametrize("query", ["nguyen nguyen", "dat le", "guyen", "nguyen van dat an"])
def test_a_name_is_not_found_by_words_that_it_lacks(query: str) -> None:
    assert not names.matches(query, "Nguyễn Văn Đạt")


def test_the_search_key_is_plain_and_sorted() -> None:
    assert names.search_key("Nguyễn Văn Đạt") == "dat nguyen van"
    assert names.search_key("H'Hen Niê") == "hhen nie"
    assert names.search_key("Trần Anh-Thư") == "anh thu tran"


@pytest.mark.parametrize("name", ["Nguyễn Văn An", "Y", "H'Hen Niê", "Ma. Cristina Santos", "Đ" * 60])
def test_single_short_and_sixty_character_names_are_in_order(name: str) -> None:
    assert names.check(name) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "name.empty"),
        (" \t", "name.empty"),
        ("Đ" * 61, "name.too_long"),
        ("Nguyễn 2", "name.characters"),
        ("<b>An</b>", "name.characters"),
        ("...", "name.characters"),
    ],
)
def test_what_is_no_name_is_named_as_a_problem(name: str, code: str) -> None:
    (problem,) = names.check(name, field="child_name")
    assert problem.code == code
    assert problem.field == "child_name"


@given(st.text(max_size=80))
def test_display_is_stable_and_no_text_breaks_a_key(text: str) -> None:
    assert names.display(names.display(text)) == names.display(text)
    assert set(names.sort_key(text)) <= set("0123456789abcdef")
    names.check(text)


@given(NAMES)
def test_composed_and_decomposed_names_are_one_name(name: str) -> None:
    decomposed = unicodedata.normalize("NFD", name)
    assert names.display(decomposed) == names.display(name)
    assert names.sort_key(decomposed) == names.sort_key(name)
    assert names.search_key(decomposed.upper()) == names.search_key(name)


@given(NAMES, st.randoms(use_true_random=False))
def test_words_shuffled_still_match_and_have_one_search_key(name: str, random: Random) -> None:
    words = name.split()
    random.shuffle(words)
    assert names.search_key(" ".join(words)) == names.search_key(name)
    assert names.matches(" ".join(word[:2] for word in words), name)


@given(NAMES, NAMES)
def test_equal_sort_keys_mean_equal_names(one: str, other: str) -> None:
    if names.sort_key(one) == names.sort_key(other):
        assert names.search_key(one) == names.search_key(other)
