"""An application that a package describes by itself: look-ups, declaration and fees are its own templates.

Its expressions see

    applicant, household   as population knows them     answers    what was typed or chosen
    acting                 who applies for the applicant, or null
    known                  what `look_up` asked, by name files      papers that came with it
    today                  the day, ISO                  language   vi | en

and, in `place`, `title`, `once`, `check` and `fee_items`, also `declaration`, made by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lienthong.blocks.exchange import selectors as exchange
from lienthong.blocks.exchange.services import call
from lienthong.blocks.registry.agencies import agency_serving
from lienthong.blocks.registry.declarations import register_get
from lienthong.ground import clock, expressions
from lienthong.ground.errors import Invalid, Problem
from lienthong.ground.text import Text, same
from lienthong.systems.lifeevents import known, rules
from lienthong.systems.lifeevents.selectors import subsystem

ONE_PROCEDURE = "9.000000"
"""The linked procedure of one part, through which every single procedure is applied for."""


@dataclass(frozen=True, slots=True)
class PlainApplication:
    """See `applications.Application`."""

    package: dict[str, Any]

    @property
    def _linked(self) -> bool:
        return bool(self.package.get("linked"))

    def known(self, number: str, *, officer: str = "", party: dict[str, Any] | None = None) -> dict[str, Any]:
        purpose = self.package["purpose"]
        found = (
            known.known_of_party(party, officer=officer)
            if party
            else known.known_of(number, purpose=purpose, officer=officer)
        )
        return self._asked({}, {**found, "asked": {}, "asked_for": {}}, first=True)

    def looked_up(self, answers: Mapping[str, Any], known_: dict[str, Any]) -> dict[str, Any]:
        return self._asked(answers, known_, first=False)

    def _asked(self, answers: Mapping[str, Any], known_: dict[str, Any], *, first: bool) -> dict[str, Any]:
        """Each look-up whose question is new since it was asked last; what is not found is None."""
        asked, asked_for = dict(known_["asked"]), dict(known_["asked_for"])
        looks = {
            name: look
            for name, look in self.package.get("look_up", {}).items()
            if ("when" in look) is not first
        }
        for _ in looks:  # one may stand on another's answer, in whichever order the package has them
            before = dict(asked_for)
            for name, look in looks.items():
                context = _context(answers, {**known_, "asked": asked})
                if not expressions.holds(look.get("when", "`true`"), context):
                    continue
                body = expressions.fill(look["body"], context)
                if asked_for.get(name) != body:
                    asked[name] = _ask(look, body, self.package["purpose"], known_.get("officer", ""))
                    asked_for[name] = body
            if asked_for == before:
                break
        return {**known_, "asked": asked, "asked_for": asked_for}

    def page_problems(
        self, answers: Mapping[str, Any], known_: dict[str, Any], *, today: date
    ) -> list[Problem]:
        return _broken(self.package, "pages", _context(answers, known_, today=today), set(answers))

    def answer_problem(self, answers: Mapping[str, Any], known_: dict[str, Any]) -> Problem | None:
        context = _context(answers, known_)
        return next(iter(_broken(self.package, "look-ups", context, set(answers))), None)

    def declaration(
        self,
        answers: Mapping[str, Any],
        known_: dict[str, Any],
        files: list[dict[str, Any]],
        *,
        today: date,
        language: str,
    ) -> dict[str, Any]:
        context = _context(answers, known_, files=files, today=today, language=language)
        declared = expressions.fill(self.package["declaration"], context)
        context["declaration"] = declared
        place = self.package.get("place", "=applicant.unit")
        return {
            **declared,
            "unit": str(expressions.fill(place, context) or known_["person"]["unit"]),
            "province": known_["person"].get("province", ""),
            "fee_items": expressions.fill(self.package.get("fee_items", []), context) or [],
            "applicant_classes": expressions.fill(self.package.get("applicant_classes", []), context) or [],
            "title": str(expressions.fill(self.package.get("title", "=applicant.full_name"), context)),
            "once": str(expressions.fill(self.package.get("once", ""), context) or ""),
            "documents": files,
            "language": language,
            "acting": known_.get("acting"),
            "signers": self._signers(context),
        }

    def _signers(self, context: dict[str, Any]) -> list[dict[str, Any]]:
        """Who must sign besides the applicant: number, name, role."""
        rows = [
            row
            for row in self.package.get("signers", ())
            if expressions.holds(row.get("when", "`true`"), context)
        ]
        filled = [expressions.fill({k: v for k, v in row.items() if k != "when"}, context) for row in rows]
        return [row for row in filled if row["number"] and row["number"] != context["applicant"]["number"]]

    def problems(self, declaration: dict[str, Any]) -> list[Problem]:
        check = self.package.get("check")
        context = {"declaration": declaration, "today": clock.today().isoformat()}
        if check is None or not expressions.holds(check.get("when", "`true`"), context):
            return []
        answer = _call(check, expressions.fill(check["body"], context), self.package["purpose"])
        return [Problem.from_dict(row, status=422) for row in answer["problems"]]

    def quote_wanted(self, declaration: dict[str, Any], *, on: date, channel: str) -> dict[str, Any]:
        return {
            "procedure": self.package["code"],
            "province": declaration["province"],
            "channel": channel,
            "applicant_classes": declaration["applicant_classes"],
            "on": on.isoformat(),
            "items": declaration["fee_items"],
        }

    def opening(self, declaration: dict[str, Any]) -> rules.Opening:
        title, once = declaration["title"], declaration["once"]
        if self._linked:
            return rules.Opening(self.package["code"], declaration, title, once)
        data = {
            "procedure": self.package["code"],
            "procedure_name": self.package["name"],
            "agency_kind": self.package["agency_kind"],
            **{name: declaration[name] for name in ("unit", "title", "documents", "language", "signers")},
            "signing": self.package.get("signing"),
            "declaration": declaration,
        }
        return rules.Opening(ONE_PROCEDURE, data, title, once)

    def known_rows(self, declaration: dict[str, Any]) -> list[tuple[Text, Text]]:
        """What the package says is known already, and who will decide."""
        context = {"declaration": declaration}
        rows = [
            (Text(row["vi"], row["en"]), same(str(expressions.fill(row["value"], context) or "")))
            for row in self.package.get("known_rows", ())
        ]
        rows = [(label, value) for label, value in rows if value.vi]
        if not self._linked:
            agency = agency_serving(kind=self.package["agency_kind"], unit=declaration["unit"])
            rows.append((Text("Nơi giải quyết", "Who decides"), agency.name))
        return rows

    def field_of(self, problem: Problem, _declaration: dict[str, Any]) -> str:
        names = self.package.get("fields_of_problems", {})
        field = (problem.field or "").removeprefix("data.")
        return str(names.get(field, field))


def _context(
    answers: Mapping[str, Any],
    known_: dict[str, Any],
    *,
    files: list[dict[str, Any]] | None = None,
    today: date | None = None,
    language: str = "vi",
) -> dict[str, Any]:
    return {
        "answers": dict(answers),
        "applicant": known_["person"],
        "household": known_["household"],
        "acting": known_.get("acting"),
        "known": known_["asked"],
        "files": files or [],
        "today": (today or clock.today()).isoformat(),
        "language": language,
    }


def _broken(package: dict[str, Any], at: str, context: dict[str, Any], fields: set[str]) -> list[Problem]:
    """The package's `rules` about fields that are answered; `at: look-ups` are those that need a register."""
    found = []
    for rule in package.get("rules", ()):
        if (
            rule.get("at", "pages") == at
            and rule["field"] in fields
            and expressions.holds(rule["when"], context)
        ):
            said = [Text(rule[name]["vi"], rule[name]["en"]) for name in ("what", "why", "next")]
            if rule.get("article"):
                said[1] = Text(f"{said[1].vi} ({rule['article']})", f"{said[1].en} ({rule['article']})")
            found.append(Invalid(rule["code"], *said, field=rule["field"]))
    return found


def _ask(look: dict[str, Any], body: dict[str, Any], purpose: str, officer: str) -> Any:
    try:
        return _call(look, body, purpose, officer)
    except Problem as problem:
        if problem.status != 404:  # noqa: PLR2004 - HTTP's not found
            raise
        return None


def _call(question: dict[str, Any], body: dict[str, Any], purpose: str, officer: str = "") -> dict[str, Any]:
    """A register is asked at its owner's subsystem, anything else at the national one."""
    provider = None
    if register := question.get("register"):
        provider = exchange.subsystem_of(member=register_get(register).owner, system="registers")
        body = {"register_code": register, **body}
    purpose = str(question.get("purpose", purpose))
    return call(
        question["service"], body, client=subsystem(), provider=provider, purpose=purpose, officer=officer
    )
