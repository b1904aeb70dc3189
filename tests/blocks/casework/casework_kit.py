"""Small packages and cases for the tests of casework: one agency, one applicant, steps as the test writes them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from django.db import transaction

from lienthong.blocks.access.principals import Kind, Principal, Role
from lienthong.blocks.casework import hearing, selectors, services
from lienthong.blocks.casework.models import Case, Procedure, Step
from lienthong.blocks.casework.packages import Package, package_read
from lienthong.blocks.registry import agencies
from lienthong.ground import clock
from lienthong.ground.ids import uuid7
from lienthong.ground.text import Text
from tests.systems import country

APPLICANT = "001195000001"
AGENCY = country.COMMITTEE
TITLE = Text("Phó Chủ tịch", "Vice Chair")
LABELS = {"vi": "Việc", "en": "Work"}


def agency_enter(code: str = AGENCY) -> None:
    agencies.agency_enter(
        code=code,
        kind="commune-committee",
        name=TITLE,
        short=TITLE,
        unit=country.HOAN_KIEM,
        valid_from=country.FROM,
    )


def task(**outcomes: str) -> dict[str, Any]:
    """An officer's step: outcome=target."""
    targets = {name: {"to": to, "label": {"vi": name, "en": name}} for name, to in outcomes.items()}
    return {"kind": "task", "title": LABELS, "role": "sign", "outcomes": targets}


def unreachable_call(**more: Any) -> dict[str, Any]:
    """A call to a service that nobody provides: a problem for good."""
    return {"kind": "call", "service": "nobody/here/v1", "purpose": "own-data", "body": {}, **more}


def package_of(folder: Path, steps: Mapping[str, Any], *, start: str, **more: Any) -> Package:
    raw = {
        "code": "8.000001",
        "version": 1,
        "valid_from": "2026-01-01",
        "name": {"vi": "Thử", "en": "Trial"},
        "agency_kind": "commune-committee",
        "level": "full",
        "legal_basis": ["Luật thử"],
        "time_limit": {"working_days": 5},
        "start": start,
        "steps": dict(steps),
        **more,
    }
    (folder / "package.yaml").write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return package_read(folder)


def case_of(
    folder: Path,
    steps: Mapping[str, Any],
    *,
    start: str,
    at: datetime,
    data: dict[str, Any] | None = None,
    **more: Any,
) -> Case:
    """A case under a package with these steps."""
    services.procedure_publish(package=package_of(folder, steps, start=start, **more), at=at)
    return open_case(at, data=data)


def open_case(at: datetime, *, data: dict[str, Any] | None = None, agency: str = AGENCY, **more: Any) -> Case:
    opening = services.Opening(
        system="onestop",
        agency=agency,
        procedure="8.000001",
        applicant=APPLICANT,
        applicant_name="Nguyễn Thị Ánh",
        channel="online",
        data=data or {},
        **more,
    )
    return services.case_open(opening=opening, at=at)


def officer(number: int = 1, agency: str = AGENCY) -> Principal:
    return Principal(
        Kind.OFFICER, f"{agency}-S{number:02}", f"Cán bộ {number}", agency, frozenset({Role.SIGN})
    )


def step_of(case: Case, key: str) -> Step:
    """The newest round of a step."""
    return Step.objects.filter(case=case, key=key).latest("round")


def states(case: Case) -> dict[str, str]:
    return {step.key: step.state for step in Step.objects.filter(case=case).order_by("round")}


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def decide(case: Case, key: str, outcome: str, *, by: Principal | None = None, **more: Any) -> None:
    act = {"revision": fresh(case).revision, **more}
    services.task_decide(
        number=case.number,
        step_id=step_of(case, key).pk,
        outcome=outcome,
        by=by or officer(),
        title=TITLE,
        **act,
    )


def ask(case: Case, key: str, *, reason: str = "Thiếu giấy chứng sinh") -> None:
    services.supplement_ask(
        number=case.number,
        step_id=step_of(case, key).pk,
        by=officer(),
        reason=reason,
        revision=fresh(case).revision,
    )


def answer(case: Case, at: datetime) -> None:
    services.supplement_answer(number=case.number, applicant=APPLICANT, answer="Gửi kèm", files=[], at=at)


def tell(case: Case, name: str, payload: dict[str, Any], *, signal_id: UUID | None = None) -> None:
    with transaction.atomic():
        hearing.case_signal(
            number=case.number,
            name=name,
            payload=payload,
            signal_id=signal_id or uuid7(clock.now()),
            at=clock.now(),
        )


def problem_of(case: Case, key: str) -> str:
    return str((step_of(case, key).problem or {}).get("code"))


def days(count: int) -> timedelta:
    return timedelta(days=count)


def card_of(case: Case) -> selectors.CaseCard:
    return selectors.case_get(number=case.number)


def procedures() -> list[tuple[str, int]]:
    """Versions of the tests' own procedure."""
    return list(Procedure.objects.filter(code="8.000001").order_by("version").values_list("code", "version"))
