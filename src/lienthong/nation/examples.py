"""Example dossiers of a procedure package, played through the real engine with a clock that is set.

`content/procedures/<code>/examples/<name>.yaml`:

    title:      {vi, en}
    with_baby:  true, where the family has a baby too
    ages_on:    the day on which the family is as old as families are on 23 November 2026; `at` by default
    applicant:  father (default) | mother | son | neighbour: a person of the family that the example is given
    acting_for: the record by which that person applies for another, "=join(':', ['organisation', ...])"
    at:         "2026-11-23T09:00" (default)
    given:      records that registers hold before: [{register, key, data, valid_from}]
    answers:    what is typed, by field; files are made: {proof: file}
    acts:       [sign, {decline: reason}, pay, {supplement: reason}, {answer: text}, {decide: approve},
                 {decide: refuse, reason: ...}, withdraw, {wait_days: 31},
                 {opinion: disagree, by: tax, reason: ...}], in order
    expect:     {outcome, results: [codes], records: [{register, claims}], asked: [{service, body, claims}],
                 problem: code}

A string that begins with `=` is an expression over {father, mother, son, daughter, neighbour, applicant, today,
unit, other_unit, province, clinic, tag}, in `asked` also over {results, answered}: the papers' numbers by code, and
what was answered before by service. `problem` names what the application is refused for before it is sent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from lienthong.blocks.access.principals import ActingFor, Kind, Principal, Role
from lienthong.blocks.casework import selectors
from lienthong.blocks.casework.forms import FieldKind, form_of
from lienthong.blocks.casework.selectors import CaseCard
from lienthong.blocks.registry import declared
from lienthong.blocks.registry.agencies import agency_serving
from lienthong.blocks.registry.base import Provenance
from lienthong.blocks.registry.declarations import register_get
from lienthong.ground import clock, expressions, units, yamls
from lienthong.ground.errors import Problem
from lienthong.nation import examples_end
from lienthong.nation.acts import ExampleError, act_do, page_scanned
from lienthong.nation.agencies import agencies_make
from lienthong.nation.families import Stage
from lienthong.nation.jobs_now import run_jobs, settle
from lienthong.nation.people import communes
from lienthong.systems.lifeevents import acting, intake
from lienthong.systems.lifeevents import selectors as applications
from lienthong.systems.lifeevents import services as lifeevents
from lienthong.systems.lifeevents.filling import ANSWERS_MISSING, draft_fill
from lienthong.systems.lifeevents.plain import ONE_PROCEDURE
from lienthong.systems.procedures.services import package_publish

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
PREPARED_AT = datetime(2026, 11, 2, 9, 0, tzinfo=clock.VIETNAM)
"""Examples begin after this; certificates are issued then."""


@dataclass(frozen=True)
class Example:
    """One file of a package's examples; raw: as read."""

    procedure: str
    name: str
    raw: dict[str, Any]

    @property
    def begins(self) -> datetime:
        given = self.raw.get("at")
        return clock.in_vietnam(datetime.fromisoformat(str(given or "2026-11-23T09:00:00")))


@dataclass
class Played:
    """What came of an example: the case of the portal, the agencies' dossiers, what was refused."""

    number: str = ""
    problem: str = ""
    children: list[CaseCard] = field(default_factory=list[CaseCard])
    card: CaseCard | None = None
    ended_at: datetime = PREPARED_AT

    @property
    def said(self) -> str:
        """How it ended, in one line."""
        if self.problem:
            return f"not sent ({self.problem})"
        papers = [f"{result.title_en} {result.number}" for child in self.children for result in child.results]
        return ", ".join([self.card.outcome if self.card else "", *papers])


def examples_of(folder: Path) -> list[Example]:
    """The examples of the package in a folder, by name."""
    found = sorted((folder / "examples").glob("*.yaml"))
    return [Example(folder.name, path.stem, yamls.load(path.read_text(encoding="utf-8"))) for path in found]


def stage_ready(at: datetime | None = None) -> Stage:
    """Agencies in an empty database, with the portal's own package; the stage in the nation's first two communes."""
    with clock.fixed(at or PREPARED_AT) as began, transaction.atomic():
        package_publish(settings.LIENTHONG_CONTENT / "procedures" / ONE_PROCEDURE)
        agencies_make(at=began)
    first, second = communes()[:2]
    return Stage(first.commune, second.commune)


def example_play(example: Example, stage: Stage) -> Played:
    """Play it, and compare with what it expects. Errors: ExampleError."""
    with clock.fixed(example.begins):
        played, context = example_begin(example, stage)
    if not played.problem:
        _acted(example, played)
    where, expect = f"{example.procedure}/{example.name}", example.raw["expect"]
    if played.problem != expect.get("problem", ""):
        raise ExampleError(f"{where}: the application was refused for {played.problem or 'nothing'!r}")
    if played.card is not None:
        on = example.begins.date()
        with clock.fixed(played.ended_at):
            said = examples_end.difference(expect, played.card, played.children, context, on)
        if said:
            raise ExampleError(f"{where}: {said}")
    return played


def example_begin(
    example: Example, stage: Stage, *, channel: str = "online"
) -> tuple[Played, dict[str, Any]]:
    """Its people, and their application: sent now, or refused for a problem; the second is `people_ready`'s."""
    context = people_ready(example, stage)
    return _applied(example, context, channel), context


def people_ready(example: Example, stage: Stage) -> dict[str, Any]:
    """A new family, and what the registers hold of it: what the example's expressions see."""
    at = clock.now()
    ages_on = example.raw.get("ages_on")
    people = stage.family(
        at,
        f"{example.procedure}-{example.name}",
        baby=bool(example.raw.get("with_baby")),
        ages_on=date.fromisoformat(str(ages_on)) if ages_on else None,
    )
    context = {
        **people,
        "applicant": people[example.raw.get("applicant", "father")],
        "today": at.date().isoformat(),
        "tag": f"{stage.serial:08}",
        "unit": stage.unit,
        "other_unit": stage.other_unit,
        "province": (province := units.commune(stage.unit, at.date()).province_code),
        "clinic": _clinic(province, at.date()),
    }
    for row in example.raw.get("given", ()):
        _given(row, context, at)
    return context


def _clinic(province: str, on: date) -> str:
    """The province's first hospital, as forms offer it: code and name."""
    found = declared.declared_find(register="hospital", claims={"province": province}, on=on, limit=1)
    return "|".join([declared.declared_key(found[0]), found[0].data["name"]]) if found else ""


def example_moved(example: Example, day: date) -> Example:
    """The example as if it had been written for that day: it begins then, and dates that would lie ahead move."""
    begins = example.begins.date()
    known, later = min(begins, day), day - begins

    def moved(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: moved(item) for key, item in value.items()}
        if isinstance(value, list):
            return [moved(item) for item in value]
        if isinstance(value, str) and _DATE.fullmatch(value) and date.fromisoformat(value) > known:
            return (date.fromisoformat(value) + later).isoformat()
        return value

    parts = {name: moved(example.raw[name]) for name in ("given", "answers", "expect") if name in example.raw}
    if ages_on := example.raw.get("ages_on"):
        parts["ages_on"] = date.fromisoformat(str(ages_on)) + later
    at = datetime.combine(day, example.begins.time()).isoformat()
    return replace(example, raw={**example.raw, **parts, "at": at})


def _given(row: dict[str, Any], context: dict[str, Any], at: datetime) -> None:
    declared.declared_enter(
        register=row["register"],
        key=expressions.fill(row.get("key"), context),
        data=expressions.fill(row["data"], context),
        provenance=Provenance(register_get(row["register"]).owner, reason="Có trước hồ sơ mẫu"),
        at=at,
        valid_from=date.fromisoformat(str(expressions.fill(row.get("valid_from", "2025-07-01"), context))),
    )


def _applied(example: Example, context: dict[str, Any], channel: str) -> Played:
    who = context["applicant"]
    by = Principal(Kind.PERSON, who["number"], who["full_name"], acting_for=_acting_for(example, context))
    if channel == "online":
        draft = lifeevents.draft_start(by=by, procedure=example.procedure)
    else:
        centre = agency_serving(kind="commune-committee", unit=context["unit"]).code
        chosen = by.acting_for
        by = Principal(Kind.OFFICER, f"{centre}-A01", "Nguyễn Văn Tiếp", centre, frozenset({Role.INTAKE}))
        draft = intake.intake_start(
            by=by, applicant=who["number"], procedure=example.procedure, channel=channel, chosen=chosen
        )
    answers = expressions.fill(example.raw.get("answers", {}), context)
    pages = form_of(applications.package_of(example.procedure)).pages
    fields = [field for page in pages for field in page.fields if field.kind is FieldKind.FILE]
    documents = {field.document for field in fields if field.name in answers}
    papers = {code: (f"{code}.pdf", page_scanned(code)) for code in documents}
    try:
        draft_fill(draft=draft, answers=answers, papers=papers)
        number = lifeevents.draft_submit(draft_id=draft.pk, by=by, language="vi")
    except Problem as problem:
        if problem.code == ANSWERS_MISSING:
            raise ExampleError(
                f"{example.procedure}: {problem.why.en} ({problem.field}): {draft.answers}"
            ) from problem
        return Played(problem=problem.code)
    run_jobs()
    return Played(number=number)


def _acting_for(example: Example, context: dict[str, Any]) -> ActingFor | None:
    """Of those for whom the registers let the person act, the one that the example names."""
    source = expressions.fill(example.raw.get("acting_for"), context)
    if source is None:
        return None
    found = {each.source: each for each in acting.mandates_of(context["applicant"]["number"])}
    if source not in found:
        raise ExampleError(
            f"{example.procedure}/{example.name}: nobody acts by {source}, but by {list(found)}"
        )
    return found[source]


def _acted(example: Example, played: Played) -> None:
    now = example.begins
    for act in example.raw.get("acts", ()):
        now += timedelta(minutes=7)
        if isinstance(act, dict) and "wait_days" in act:
            now += timedelta(days=int(act["wait_days"]))
        with clock.fixed(now):
            settle()
            act_do(played.number, act)
            settle()
    with clock.fixed(now + timedelta(minutes=1)) as played.ended_at:
        played.card = selectors.case_get(number=played.number)
        played.children = [selectors.case_get(number=child.number) for child in played.card.children]
