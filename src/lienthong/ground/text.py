"""A sentence in both languages, Vietnamese first."""

from dataclasses import dataclass

from lienthong.ground.language import ENGLISH


@dataclass(frozen=True, slots=True)
class Text:
    vi: str
    en: str

    def say(self, language: str) -> str:
        """The sentence in `language`; anything but "en" is answered in Vietnamese."""
        return self.en if language == ENGLISH else self.vi

    def as_dict(self) -> dict[str, str]:
        return {"vi": self.vi, "en": self.en}


def same(words: str) -> Text:
    """What is written alike in both languages: a name, an address, a number."""
    return Text(words, words)
