"""Two officers at two real browsers decide the same dossier in the same moment: one decision stands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.journeys.acting import Actor, Examiner, Stage
from tests.journeys.running import Running
from tests.journeys.test_services_in_chromium import DESK, TAX, Play, people

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.needs("node_modules")]
OUTCOMES = {"approve": "", "refuse": "Giấy tờ chưa khớp với dữ liệu dân cư."}


@pytest.fixture
def play(running: Running, chromium: Browser) -> Iterator[Play]:
    stage = Stage(chromium, running.url, Examiner(chromium, language="vi", scripts=True))
    yield Play(running, stage, running.ask(lambda: people(5))[-1])
    stage.close()


def press(officer: Actor, outcome: str) -> None:
    """Type the reason and press the button; the answer is not waited for."""
    form = officer.page.locator('form[action*="/decide/"]')
    form.locator('[name="reason"]').fill(OUTCOMES[outcome])
    form.locator(f"button[value={outcome}]").click(no_wait_after=True)


def test_two_browsers_deciding_the_same_dossier(play: Play) -> None:
    """Law on Tax Administration 38/2019/QH14, art. 30(3): one tax registration a person, so one decision.

    The dossier has one decision, one end and at most one paper; who came second reads in words that it is decided.
    """
    from lienthong.nation.evidence import evidence_of

    number = play.apply(TAX, "first")
    dossier = play.followed(number)
    agency = dossier.rsplit("-", 2)[0]
    officers = {
        outcome: play.enter(f"{agency}-{code}", "/desk/sign-in/", width=DESK)
        for outcome, code in (("approve", "S01"), ("refuse", "S02"))
    }
    for officer in officers.values():
        officer.go(f"/desk/dossiers/{dossier}/")
    for outcome, officer in officers.items():
        press(officer, outcome)
    won, lost = [], []
    for outcome, officer in officers.items():
        officer.page.locator(".govuk-notification-banner--success, .govuk-error-summary").wait_for()
        officer.examiner.look(officer.page)
        banner = officer.page.locator(".govuk-notification-banner--success").count()
        (won if banner else lost).append(outcome)
    assert len(won) == len(lost) == 1
    second = officers[lost[0]]
    said = second.text(".govuk-error-summary")
    assert "đã được quyết định" in said, said
    assert "Làm gì tiếp" in said
    assert second.path.endswith(f"/desk/dossiers/{dossier}/") or "/decide/" in second.path
    if OUTCOMES[lost[0]]:
        assert OUTCOMES[lost[0]] in second.text()  # what was typed is still there
    ended = "granted" if won == ["approve"] else "refused"
    play.phone.wait_for(
        f"/dossiers/{number}/", lambda page: bool(page.links("/rate/")), what="the end of the dossier"
    )
    left = play.running.ask(lambda: evidence_of(case=number))
    assert {row[2] for row in left["cases"]} == {ended}
    assert ["decided", 1] in left["decisions"]
    assert len(left["results"]) == (ended == "granted")
    assert [count for _, count in left["notices"]] == [1]
    told = [line for actor in play.stage.actors for line in actor.told if not line.endswith("409")]
    assert not [line for line in told if "status of 409" not in line]
    assert not play.stage.examiner.found, "\n".join(play.stage.examiner.found)
