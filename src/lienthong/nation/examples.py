"""Example dossiers of a procedure package, played through the real engine with a clock that is set.

`content/procedures/<code>/examples/<name>.yaml`:

    title:      {vi, en}
    with_baby:  true, where the family has a baby too
    ages_on:    the day on which the family is as old as families are on 23 November 2026; `at` by default
    applicant:  father (default) | mother | son | neighbour: a person of the family that the example is given
    at:         "2026-11-23T09:00" (default)
    given:      records that registers hold before: [{register, key, data, valid_from}]
    answers:    what is typed, by field; files are made: {proof: file}
    acts:       [pay, {supplement: reason}, {answer: text}, {decide: approve}, {decide: refuse, reason: ...},
                 withdraw, {wait_days: 31}], in order
    expect:     {outcome, results: [codes], records: [{register, claims}], asked: [{service, body, claims}],
                 problem: code}

A string that begins with `=` is an expression over {father, mother, son, daughter, neighbour, applicant, today,
unit, other_unit, province}, in `asked` also over {results, answered}: the papers' numbers by code, and what was
answered before by service. `problem` names what the application is refused for before it is sent.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.db import transaction

from lienthong.blocks.access import services as access
from lienthong.blocks.access.principals import Kind, Principal, Role
from lienthong.blocks.casework import selectors
from lienthong.blocks.casework import services as casework
from lienthong.blocks.casework.forms import form_of
from lienthong.blocks.casework.selectors import CaseCard
from lienthong.blocks.registry import declared
from lienthong.blocks.registry.agencies import agency_get, agency_serving
from lienthong.blocks.registry.agency_kinds import agency_kinds
from lienthong.blocks.registry.base import Provenance
from lienthong.blocks.registry.declarations import register_get
from lienthong.blocks.trust import services as trust
from lienthong.ground import clock, expressions, units, yamls
from lienthong.ground.errors import Problem
from lienthong.nation import examples_end, paying
from lienthong.nation.agencies import agencies_make
from lienthong.nation.families import Stage
from lienthong.nation.jobs_now import run_jobs, settle
from lienthong.nation.people import communes
from lienthong.systems.lifeevents import selectors as applications
from lienthong.systems.lifeevents import services as lifeevents
from lienthong.systems.lifeevents.forms import page_incomplete
from lienthong.systems.lifeevents.plain import ONE_PROCEDURE
from lienthong.systems.procedures.services import package_publish

PATIENCE = 100
PREPARED_AT = datetime(2026, 11, 2, 9, 0, tzinfo=clock.VIETNAM)
"""Examples begin after this; certificates are issued then."""


@cache
def page_scanned(words: str) -> bytes:
    """A page of paper, as an applicant photographs it into a PDF."""
    return typst.compile(f"= {words}\n#v(2cm)\nBản chụp giấy tờ, dùng cho hồ sơ mẫu.".encode(), format="pdf")


class ExampleError(AssertionError):
    """An example did not end as it says."""


class NothingToDoError(ExampleError):
    """The act has no object: nothing is to pay by this channel, or the dossier has lapsed meanwhile."""


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
        "province": units.commune(stage.unit, at.date()).province_code,
    }
    for row in example.raw.get("given", ()):
        _given(row, context, at)
    return context


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
    by = Principal(Kind.PERSON, who["number"], who["full_name"])
    if channel == "online":
        draft = lifeevents.draft_start(by=by, procedure=example.procedure)
    else:
        centre = agency_serving(kind="commune-committee", unit=context["unit"]).code
        by = Principal(Kind.OFFICER, f"{centre}-A01", "Nguyễn Văn Tiếp", centre, frozenset({Role.INTAKE}))
        draft = lifeevents.intake_start(
            by=by, applicant=who["number"], procedure=example.procedure, channel=channel
        )
    answers = expressions.fill(example.raw.get("answers", {}), context)
    package = applications.package_of(example.procedure)
    fields = package["form"]["schema"]["properties"]
    try:
        for page in package["form"].get("pages", ()):
            for name in page["fields"]:
                if name in answers and fields[name].get("format") == "file":
                    document = fields[name]["document"]
                    lifeevents.draft_file_add(
                        draft=draft, code=document, name=f"{document}.pdf", content=page_scanned(document)
                    )
            typed = {
                name: answers[name]
                for name in page["fields"]
                if name in answers and fields[name].get("format") != "file"
            }
            if typed:
                for problem in lifeevents.answers_problems(draft=draft, answers=typed):
                    raise problem
                lifeevents.draft_answer(draft=draft, answers=typed)
        _complete(draft, package)
        number = lifeevents.draft_submit(draft_id=draft.pk, by=by, language="vi")
    except Problem as problem:
        return Played(problem=problem.code)
    run_jobs()
    return Played(number=number)


def _complete(draft: Any, package: dict[str, Any]) -> None:
    application = lifeevents.application_for(draft)
    missing = page_incomplete(application, form_of(package), draft.answers, draft.known)
    if missing is not None:
        raise ExampleError(f"{package['code']}: page «{missing.key}» is not answered: {draft.answers}")


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


def act_name(act: str | dict[str, Any]) -> str:
    return act if isinstance(act, str) else next(iter(act))


def act_do(number: str, act: str | dict[str, Any]) -> None:
    """One act on the application with this number, now. Errors: ExampleError, where it cannot be done."""
    if (name := act_name(act)) != "wait_days":
        ACTS[name](number, act if isinstance(act, dict) else {name: True})


def open_dossier(number: str, procedure: str | None) -> CaseCard:
    """The first open dossier of an application, of this procedure. Errors: NothingToDoError."""
    card = selectors.case_get(number=number)
    for child in card.children:
        dossier = selectors.case_get(number=child.number)
        if dossier.closed_at is None and procedure in {None, dossier.procedure_code}:
            return dossier
    raise NothingToDoError(f"{number}: no open dossier of {procedure or 'any procedure'}")


def officer_of(agency: str) -> Principal:
    """An officer of an agency who may decide and sign there, with a certificate."""
    at = clock.now()
    code = f"{agency}-S01"
    kind = agency_kinds()[agency_get(agency).kind]
    access.officer_enter(code=code, agency=agency, name="Lê Văn Cường", title=kind.signs)
    trust.signer_ensure(subject_id=code, kind="officer", name="Lê Văn Cường", organisation=agency, at=at)
    return Principal(Kind.OFFICER, code, "Lê Văn Cường", agency, frozenset({Role.SIGN, Role.CASE}))


def _decide(number: str, act: dict[str, Any]) -> None:
    dossier = open_dossier(number, act.get("of"))
    if dossier.open_task is None and bills_of(number):  # the channel of this playing costs something
        _pay(number, act)
        dossier = _task_awaited(number, act.get("of"))
    by, task = officer_of(dossier.agency), dossier.open_task
    if task is None:
        waits = [(step.key, step.state, step.problem) for step in dossier.steps if step.closed_at is None]
        raise ExampleError(f"{dossier.number}: no task is open; it waits at {waits}")
    kind = agency_kinds()[agency_get(dossier.agency).kind]
    casework.task_claim(number=dossier.number, step_id=task.pk, by=by)
    revision = selectors.case_get(number=dossier.number).revision
    common = {"number": dossier.number, "step_id": task.pk, "by": by, "revision": revision}
    if "supplement" in act:
        casework.supplement_ask(**common, reason=str(act["supplement"]))
    else:
        reason = str(act.get("reason", ""))
        casework.task_decide(**common, outcome=str(act["decide"]), title=kind.signs, reason=reason)


def _task_awaited(number: str, procedure: str | None) -> CaseCard:
    """The dossier, once what the payment set going has come to its task; another hand may be at it."""
    for _ in range(PATIENCE):
        run_jobs()
        if open_dossier(number, procedure).open_task is not None:
            break
        time.sleep(0.05)
    return open_dossier(number, procedure)


def _answer(number: str, act: dict[str, Any]) -> None:
    dossier = open_dossier(number, act.get("of"))
    lifeevents.supplement_send(
        parent=number,
        number=dossier.number,
        by=applicant_of(number),
        text=str(act["answer"]),
        uploads=[("bo-sung.pdf", page_scanned("bo-sung"))],
    )


def _pay(number: str, _act: dict[str, Any]) -> None:
    bills = bills_of(number)
    if not bills:
        raise NothingToDoError(f"{number}: nothing is to pay")
    for bill in bills:
        paying.bill_pay(bill=bill, payer=applicant_of(number).subject, at=clock.now())


def bills_of(number: str) -> list[str]:
    card = selectors.case_get(number=number)
    return [child.bill["bill"] for child in card.children if child.bill and not child.outcome]


def _withdraw(number: str, _act: dict[str, Any]) -> None:
    lifeevents.case_withdraw(number=number, by=applicant_of(number))


def rate(number: str, score: int) -> None:
    """The applicant's rating, 1 to 5. Errors: not-closed (409)."""
    lifeevents.case_rate(number=number, by=applicant_of(number), score=score, text="")


def applicant_of(number: str) -> Principal:
    card = selectors.case_get(number=number)
    return Principal(Kind.PERSON, card.applicant, card.applicant_name)


ACTS = {"decide": _decide, "supplement": _decide, "answer": _answer, "pay": _pay, "withdraw": _withdraw}
