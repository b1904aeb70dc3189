"""Vietnamese names: family name first, marks kept as they were given.

Sort keys need no ICU and sort rightly under any database collation. Letters: a ă â b c d đ e ê g h i k l m
n o ô ơ p q r s t u ư v x y, the foreign f j w z in their Latin places. Tones, where the letters of a syllable
are equal: none, huyền, hỏi, ngã, sắc, nặng, the order of Vietnamese dictionaries and of CLDR.
"""

import unicodedata
from typing import Final

from lienthong.ground.errors import Invalid, Problem
from lienthong.ground.text import Text

LONGEST: Final = 60

_ALPHABET: Final = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES: Final = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_SHAPES: Final = {"\u0306", "\u0302", "\u031b"}
# Two hexadecimal digits a symbol: every collation sorts digits before letters, and ignores none of them.
_LETTER: Final = {letter: f"{16 + index:02x}" for index, letter in enumerate(_ALPHABET)}
_OTHER: Final = "ff"
_HYPHENS: Final = str.maketrans(dict.fromkeys("-‐‑–", " "))
_APOSTROPHES: Final = "'’ʼ`"


def display(name: str) -> str:
    """The name in Unicode NFC with single spaces; marks, case and order stay as they were given."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def sort_key(name: str) -> str:
    """A string of hexadecimal digits that sorts by given name, then by family and middle names as written."""
    words = display(name).split(" ")
    return "".join(_syllable_key(part) for word in (words[-1], *words[:-1]) for part in _syllables(word))


def search_key(name: str) -> str:
    """The words without marks, in lower case and alphabetical order: `Nguyễn Văn Đạt` is `dat nguyen van`."""
    return " ".join(sorted(_plain_words(name)))


def matches(query: str, name: str) -> bool:
    """Whether each word of `query` begins a word of `name`, in any order, marks and case aside."""
    words = _plain_words(name)
    # The longest first: what a shorter beginning could have taken, a longer one needs more.
    for beginning in sorted(_plain_words(query), key=len, reverse=True):
        found = next((word for word in words if word.startswith(beginning)), None)
        if found is None:
            return False
        words.remove(found)
    return True


def check(name: str, *, field: str = "name") -> list[Problem]:
    """What is wrong with a name: empty, longer than 60 characters, or with signs that no name has.

    A single name is in order: some peoples of Vietnam and some foreigners have one only.
    Civil Code 2015, art. 26(3).
    """
    tidy = display(name)
    if not tidy:
        return [_problem("name.empty", field, "Họ và tên còn để trống.", "The name is empty.")]
    found: list[Problem] = []
    if len(tidy) > LONGEST:
        found.append(
            _problem(
                "name.too_long",
                field,
                f"Họ và tên dài {len(tidy)} ký tự, tối đa là {LONGEST}.",
                f"The name has {len(tidy)} characters, the most is {LONGEST}.",
            )
        )
    if any(not _belongs(character) for character in tidy) or not any(map(str.isalpha, tidy)):
        found.append(
            _problem(
                "name.characters",
                field,
                "Họ và tên chỉ gồm chữ cái, không có chữ số hay ký hiệu (Điều 26 Bộ luật Dân sự 2015).",
                "A name has letters only, no digits or signs (Civil Code 2015, article 26).",
            )
        )
    return found


def _problem(code: str, field: str, why_vi: str, why_en: str) -> Problem:
    return Invalid(
        code,
        Text("Họ và tên chưa hợp lệ.", "The name is not valid."),
        Text(why_vi, why_en),
        Text("Hãy nhập họ và tên như trên giấy tờ.", "Enter the name as it stands on the papers."),
        field=field,
    )


def _belongs(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM" or character in " -‐‑–." or character in _APOSTROPHES


def _syllables(name: str) -> list[str]:
    """The words of a name in lower case, decomposed; `H'Hen` is one word, `Anh-Thư` two."""
    plain = "".join(character for character in name if character not in _APOSTROPHES)
    return unicodedata.normalize("NFD", plain.lower().translate(_HYPHENS)).split()


def _plain_words(name: str) -> list[str]:
    return [
        "".join(letter for letter in word.replace("đ", "d") if not unicodedata.combining(letter))
        for word in _syllables(name)
    ]


def _syllable_key(syllable: str) -> str:
    """Letters, then a digit for the tone, below every letter so that `An` comes before `Anh`."""
    letters: list[str] = []
    tone = 0
    for symbol in syllable:
        if symbol in _TONES:
            tone = _TONES[symbol]
        elif symbol in _SHAPES and letters:
            letters[-1] = unicodedata.normalize("NFC", letters[-1] + symbol)
        elif not unicodedata.combining(symbol):
            letters.append(symbol)
    return "".join(_LETTER.get(letter, f"{_OTHER}{ord(letter[0]):06x}") for letter in letters) + f"0{tone}"
