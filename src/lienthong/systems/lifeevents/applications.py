"""What the pages ask of an application, whichever it is: the birth with its rules, or a package by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

from lienthong.ground.errors import Problem
from lienthong.ground.text import Text
from lienthong.systems.lifeevents.birth import BirthApplication
from lienthong.systems.lifeevents.plain import PlainApplication
from lienthong.systems.lifeevents.rules import Opening

Answers = Mapping[str, Any]
Known = dict[str, Any]


class Application(Protocol):
    """One procedure's application. `known` is what the registers answered, and stays with the draft."""

    def known(self, number: str, /, *, officer: str = "", party: Known | None = None) -> Known:
        """What the registers know of the applicant, asked as the draft begins.

        officer: who asks for them; party: the organisation that applies, as its register knows it.
        """
        ...

    def looked_up(self, answers: Answers, known: Known, /) -> Known:
        """`known` with what these answers give cause to ask."""
        ...

    def page_problems(self, answers: Answers, known: Known, /, *, today: date) -> list[Problem]:
        """What speaks against the answers of one page by themselves."""
        ...

    def answer_problem(self, answers: Answers, known: Known, /) -> Problem | None:
        """What the registers said against an answer, at its field."""
        ...

    def declaration(
        self, answers: Answers, known: Known, files: list[dict[str, Any]], /, *, today: date, language: str
    ) -> dict[str, Any]: ...

    def problems(self, declaration: dict[str, Any], /) -> list[Problem]:
        """What the deciding agency's register would object to, asked before anything is sent."""
        ...

    def quote_wanted(self, declaration: dict[str, Any], /, *, on: date, channel: str) -> dict[str, Any]:
        """The body of `fees/quote/v1`; without items it costs nothing."""
        ...

    def opening(self, declaration: dict[str, Any], /) -> Opening: ...

    def known_rows(self, declaration: dict[str, Any], /) -> list[tuple[Text, Text]]:
        """What nobody had to type."""
        ...

    def field_of(self, problem: Problem, declaration: dict[str, Any], /) -> str:
        """The question to change for a problem."""
        ...


def application_of(package: dict[str, Any]) -> Application:
    """A package that says how its declaration is made speaks for itself."""
    return PlainApplication(package) if "declaration" in package else BirthApplication(package)
