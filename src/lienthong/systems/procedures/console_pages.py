"""Procedures as officers read them: what is in force since when, what changed, and the steps as a picture."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lienthong.blocks.access.demands import demand, officer
from lienthong.blocks.casework.package_diff import package_changes
from lienthong.blocks.casework.versions import Version, codes_published, versions_of
from lienthong.ground import clock, formats
from lienthong.ground.errors import NotFound
from lienthong.ground.text import Text
from lienthong.kit.language import active
from lienthong.systems.procedures.picture import steps_picture
from lienthong.systems.procedures.sheet import period_said, sections, step_lines, target_said

ANY_OFFICER: Final = officer()
"""A published package holds no personal data: every officer may read it."""


@require_safe
@demand(ANY_OFFICER)
def procedure_list(request: HttpRequest) -> HttpResponse:
    """Every procedure that was ever published, with what it is today."""
    today = clock.today()
    rows = []
    for code in codes_published():
        versions = versions_of(code)
        current = _current(versions, today) or versions[0]
        rows.append((code, Text(**current.package["name"]), _state(versions, today), current.version))
    return render(request, "procedures/console_list.html", {"rows": rows})


@require_safe
@demand(ANY_OFFICER)
def procedure(request: HttpRequest, code: str) -> HttpResponse:
    """One procedure; `?version=` shows an earlier or a coming one."""
    versions = versions_of(code)
    if not versions:
        raise NotFound(
            "procedure-unknown",
            Text("Không có thủ tục này.", "There is no such procedure."),
            Text("Mã không đúng, hoặc chưa được công bố.", "The code is wrong, or it was never published."),
            Text("Chọn trong danh sách thủ tục.", "Choose from the list of procedures."),
        )
    asked = request.GET.get("version", "")
    shown = next((row for row in versions if str(row.version) == asked), None)
    shown = shown or _current(versions, clock.today()) or versions[0]
    raw, language = shown.package, active()
    steps = step_lines(raw)
    names = {step.key: step.name for step in steps}
    numbers = {step.key: index for index, step in enumerate(steps, 1)}
    name = Text(**raw["name"])
    title = Text(f"Sơ đồ các bước: {name.vi}", f"The steps: {name.en}")
    older = next((row for row in versions if row.version < shown.version), None)
    context = {
        "code": code,
        "name": name,
        "shown": shown,
        "sections": sections(raw),
        "steps": [
            (step, [(label, numbers.get(target), target_said(target, names)) for label, target in step.ways])
            for step in steps
        ],
        "picture": steps_picture(raw, title=title.say(language), language=language),
        "picture_label": title,
        "changes": package_changes(older.package, raw) if older else [],
        "older": older,
        "versions_said": [(row, period_said(row.valid_from, row.valid_to)) for row in versions],
    }
    return render(request, "procedures/console_procedure.html", context)


def _current(versions: list[Version], on: date) -> Version | None:
    return next((row for row in versions if _holds(row, on)), None)


def _holds(row: Version, on: date) -> bool:
    return row.valid_from is not None and row.valid_from <= on and (row.valid_to is None or on < row.valid_to)


def _state(versions: list[Version], on: date) -> Text:
    if _current(versions, on):
        return Text("Đang có hiệu lực", "In force")
    coming = [row.valid_from for row in versions if row.valid_from and row.valid_from > on]
    if coming:
        day = min(coming)
        return Text(f"Từ {formats.date(day)}", f"From {formats.date(day, 'en')}")
    return Text("Đã bãi bỏ", "Withdrawn")
