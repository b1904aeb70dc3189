"""The two languages that every page, letter and error exists in. Vietnamese is the first and the default."""

from typing import Final

LANGUAGES: Final = ("vi", "en")
VIETNAMESE: Final = "vi"
ENGLISH: Final = "en"
