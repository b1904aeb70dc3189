"""Each component against the fixtures that GOV.UK Frontend publishes with its package."""

import json
from pathlib import Path
from typing import Any

import pytest

from lienthong.channels.build_assets import MODULES
from lienthong.kit.components import render
from tests.kit.markup import normalised

pytestmark = pytest.mark.needs("node_modules")

FIXTURES = MODULES / "govuk-frontend" / "dist" / "govuk" / "components"

# The fixtures of each component that we offer, as govuk-frontend 6.6 counts them.
OFFERED = {
    "back-link": 7,
    "breadcrumbs": 12,
    "button": 38,
    "checkboxes": 42,
    "date-input": 50,
    "details": 10,
    "error-message": 9,
    "error-summary": 19,
    "fieldset": 18,
    "file-upload": 22,
    "generic-header": 7,
    "hint": 6,
    "input": 45,
    "inset-text": 6,
    "label": 17,
    "language-navigation": 13,
    "notification-banner": 21,
    "pagination": 15,
    "panel": 19,
    "phase-banner": 7,
    "radios": 43,
    "select": 19,
    "service-navigation": 33,
    "skip-link": 9,
    "summary-list": 30,
    "table": 21,
    "tag": 12,
    "task-list": 11,
    "textarea": 18,
    "warning-text": 8,
}


def _fixtures(component: str) -> list[dict[str, Any]]:
    path: Path = FIXTURES / component / "fixtures.json"
    return json.loads(path.read_text(encoding="utf-8"))["fixtures"]


@pytest.mark.parametrize("component", OFFERED)
def test_a_component_renders_every_published_case_as_govuk_frontend_does(component: str) -> None:
    cases = _fixtures(component)
    failed = []
    for case in cases:
        ours = normalised(render(component, case["options"], language="en"))
        theirs = normalised(case["html"])
        if ours != theirs:
            failed.append((case["name"], case["options"], ours, theirs))
    print(f"{component:24}{len(cases) - len(failed):4} of {len(cases):3}")
    report = "\n".join(
        f"--- {name}: {options}\nours   {o}\ntheirs {t}"
        for name, options, ours, theirs in failed
        for o, t in _first_difference(ours, theirs)
    )
    assert not failed, f"{len(failed)} of {len(cases)} cases differ\n{report}"
    assert len(cases) == OFFERED[component]


def _first_difference(ours: list[str], theirs: list[str]) -> list[tuple[str, str]]:
    longest = max(len(ours), len(theirs))
    pairs = zip(ours + [""] * (longest - len(ours)), theirs + [""] * (longest - len(theirs)), strict=True)
    return [pair for pair in pairs if pair[0] != pair[1]][:1]


def test_the_comparison_sees_a_changed_attribute_and_a_changed_word() -> None:
    published = '<a class="x  y" href="#">Back</a>'
    assert normalised(published) == normalised('<a href="#" class="x y"> Back\n</a>')
    assert normalised(published) != normalised('<a href="#" class="x">Back</a>')
    assert normalised(published) != normalised('<a href="#" class="x y">Next</a>')
