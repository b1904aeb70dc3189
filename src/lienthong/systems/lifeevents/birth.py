"""The birth application: two parents, one child, options that the registers give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lienthong.blocks.exchange.services import call
from lienthong.blocks.registry.agencies import agency_serving
from lienthong.ground import formats
from lienthong.ground.errors import Problem
from lienthong.ground.text import Text, same
from lienthong.systems.lifeevents import known, rules
from lienthong.systems.lifeevents.selectors import subsystem


@dataclass(frozen=True, slots=True)
class BirthApplication:
    """See `applications.Application`."""

    package: dict[str, Any]

    def known(
        self,
        number: str,
        *,
        officer: str = "",
        party: dict[str, Any] | None = None,  # noqa: ARG002 - no organisation is born
    ) -> dict[str, Any]:
        return known.known_of_birth(number, officer=officer)

    def looked_up(self, answers: Mapping[str, Any], known_: dict[str, Any]) -> dict[str, Any]:
        return known.other_added(known_, rules.other_number(answers))

    def page_problems(
        self, answers: Mapping[str, Any], _known: dict[str, Any], *, today: date
    ) -> list[Problem]:
        return rules.answer_problems(answers, today=today)

    def answer_problem(self, answers: Mapping[str, Any], known_: dict[str, Any]) -> Problem | None:
        number = rules.other_number(answers)
        return rules.other_parent_problem(known_["person"], known_["others"].get(number)) if number else None

    def declaration(
        self,
        answers: Mapping[str, Any],
        known_: dict[str, Any],
        files: list[dict[str, Any]],
        *,
        today: date,
        language: str,
    ) -> dict[str, Any]:
        return rules.declaration(answers, known_, files, today=today, language=language)

    def problems(self, declaration: dict[str, Any]) -> list[Problem]:
        child = declaration["child"]
        body = {
            "child": {name: child[name] for name in child if name != "home_town"},
            "mother": declaration["mother"],
            "father": declaration["father"],
            "declarant": {name: declaration["declarant"][name] for name in ("number", "relation")},
        }
        answer = call("civilstatus/births-check/v1", body, client=subsystem(), purpose=known.BIRTH)
        return [Problem.from_dict(row, status=422) for row in answer["problems"]]

    def quote_wanted(self, declaration: dict[str, Any], *, on: date, channel: str) -> dict[str, Any]:
        return {
            "procedure": "1.001193",
            "province": declaration["province"],
            "channel": channel,
            "applicant_classes": declaration["applicant_classes"],
            "on": on.isoformat(),
            "items": declaration["fee_items"],
        }

    def opening(self, declaration: dict[str, Any]) -> rules.Opening:
        once = rules.child_key(
            mother=(declaration["mother"] or {}).get("number", ""),
            father=(declaration["father"] or {}).get("number", ""),
            birth_date=declaration["child"]["birth_date"],
            name=declaration["child"]["full_name"],
        )
        return rules.Opening(self.package["code"], declaration, declaration["child"]["full_name"], once)

    def known_rows(self, declaration: dict[str, Any]) -> list[tuple[Text, Text]]:
        """The parents, their home, who will decide."""
        residence = declaration["residence"]
        agency = agency_serving(kind="commune-committee", unit=declaration["registration_unit"])
        rows = [
            (label, _parent_said(declaration[role]))
            for role, label in (("mother", Text("Mẹ", "Mother")), ("father", Text("Cha", "Father")))
            if declaration[role]
        ]
        return [
            *rows,
            (Text("Quốc tịch của con", "The child's nationality"), same(declaration["child"]["nationality"])),
            (Text("Nơi thường trú", "Permanent residence"), same(residence["full_address"])),
            (Text("Chủ hộ", "Head of household"), same(residence["head_name"])),
            (Text("Nơi đăng ký khai sinh", "Where the birth is registered"), agency.name),
        ]

    def field_of(self, problem: Problem, declaration: dict[str, Any]) -> str:
        return rules.field_of_problem(problem.field, declaration["declarant"]["relation"])


def _parent_said(parent: dict[str, Any]) -> Text:
    day = date.fromisoformat(parent["birth_date"])
    return Text(
        f"{parent['full_name']} · {parent['number']} · sinh {formats.date(day, 'vi')}",
        f"{parent['full_name']} · {parent['number']} · born {formats.date(day, 'en')}",
    )
