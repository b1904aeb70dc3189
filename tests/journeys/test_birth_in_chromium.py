"""The main journey in a real Chromium, in both languages, with scripts and without.

Parents hold a phone, officers sit at a desk; axe finds nothing on any page, and no page is wider than its screen.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser

from lienthong.ground import clock
from lienthong.ground.formats import date as say_date
from tests.journeys.acting import Actor, Examiner, Stage
from tests.journeys.running import Running

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.needs("node_modules")]
PHONE, DESK = 390, 1200
CHILDREN = {"vi": "Lê Thị Bảo Ngọc", "en": "Lê Khánh Vy"}
PAPERS = 5
TITLES = {
    "vi": {"Giấy khai sinh", "Thông báo kết quả đăng ký thường trú", "Thẻ bảo hiểm y tế"},
    "en": {"Birth certificate", "Notice of permanent residence", "Health-insurance card"},
}
GENUINE = {"vi": "Giấy tờ có thật và còn hiệu lực", "en": "The document is genuine and in force"}
REFUSED = {"vi": "Không thể tin tệp này", "en": "This file cannot be trusted"}


class Play:
    """One journey: who plays it, in which windows."""

    def __init__(self, running: Running, stage: Stage, child: str) -> None:
        from lienthong.nation.build import cast

        self.running = running
        self.stage = stage
        self.language = stage.examiner.language
        self.child = child
        self.who = running.ask(cast)
        self.case = ""
        self.paper = b""

    def enter(self, subject: str, path: str, *, width: int) -> Actor:
        from lienthong.nation.build import PASSWORD
        from lienthong.systems.eid.services import code_now

        actor = self.stage.actor(width=width)
        actor.sign_in(
            path,
            subject,
            PASSWORD,
            lambda: self.running.ask(lambda: code_now(subject=subject, at=clock.now())),
        )
        return actor

    @property
    def track(self) -> str:
        return f"/dossiers/{self.case}/"

    def declare(self, parent: Actor) -> None:
        parent.go("/")
        parent.submit({"q": "sinh con"})
        parent.follow('a[href*="/services/9.000001/"]')
        parent.follow('a[href*="/apply/9.000001/"]')
        parent.submit()
        born = self.running.ask(clock.today) - timedelta(days=2)
        answers: dict[str, dict[str, Any]] = {
            "name": {"child_name": self.child},
            "sex": {"sex": "female"},
            "birth-date": {
                "birth_date-day": born.day,
                "birth_date-month": born.month,
                "birth_date-year": born.year,
            },
            "birth-place": {"birth_place": "Bệnh viện Phụ sản Hà Nội, phường Ngọc Hà, Hà Nội"},
            "extracts": {"extracts": 2},
        }
        parent.submit()  # nothing answered: the page says what is missing
        assert parent.page.locator(".govuk-error-summary").is_visible()
        while "/check/" not in parent.path:
            key = parent.path.rstrip("/").rsplit("/", 1)[-1]
            if key not in answers:
                assert parent.choose_first() or key == "birth-notice"
            parent.submit(answers.get(key))
        assert self.child in parent.text()
        assert say_date(born, self.language) in parent.text()
        parent.submit()
        assert parent.page.locator(".govuk-panel").is_visible()
        self.case = parent.path.rstrip("/").rsplit("/", 1)[-1]

    def pay(self, parent: Actor) -> None:
        parent.wait_for(self.track, lambda page: bool(page.links("/pay/")), what="the bill")
        parent.follow('a[href*="/pay/"]')
        parent.submit()
        assert parent.page.url.startswith(self.running.bank_url)
        parent.submit(within="main form", button="button[value=pay]")
        assert parent.page.url.startswith(self.running.url)
        parent.wait_for(parent.page.url, lambda page: bool(page.links("/receipt/")), what="the receipt")
        parent.follow('a[href*="/receipt/"]')
        assert parent.download('a[href*="/pdf/"]').startswith(b"%PDF")

    def decide(self, subject: str) -> None:
        officer = self.enter(subject, "/desk/sign-in/", width=DESK)
        row = f'tbody tr:has-text("{self.child}")'
        officer.wait_for(
            "/desk/", lambda page: page.page.locator(row).count() > 0, what=f"{subject}'s dossier"
        )
        officer.follow(f"{row} a")
        officer.follow('form[action*="/claim/"] button')
        officer.submit(within='form[action*="/decide/"]', button="button[value=supplement]")
        assert officer.page.locator(".govuk-error-summary").is_visible()
        officer.submit(within='form[action*="/decide/"]', button="button[value=approve]")
        assert not officer.page.locator('form[action*="/decide/"]').count()

    def collect(self, parent: Actor) -> None:
        parent.wait_for(
            "/documents/",
            lambda page: len([a for a in page.links("/documents/") if a != "/documents/"]) >= PAPERS,
            what="the papers",
        )
        addresses = [address for address in parent.links("/documents/") if address != "/documents/"]
        titles = set()
        for address in addresses[:PAPERS]:
            parent.go(address)
            titles.add(parent.text("h1"))
        assert titles >= TITLES[self.language]
        self.paper = parent.download('a[href*="/file/"]')
        assert self.paper.startswith(b"%PDF")
        code = parent.text('a[href*="/check/"]')
        self.check(code)

    def check(self, code: str) -> None:
        anybody = self.stage.actor(width=PHONE)
        for content, verdict in (
            (self.paper, GENUINE),
            (self.paper.replace(b"/Type", b"/Tupe", 1), REFUSED),
        ):
            anybody.go("/check/")
            anybody.page.locator("input[type=file]").set_input_files(
                {"name": "giay-to.pdf", "mimeType": "application/pdf", "buffer": content}
            )
            anybody.submit(within="form[method=post]", button="button")
            assert anybody.text("h1") == verdict[self.language]
        anybody.go("/check/")
        anybody.submit({"code": code.lower()})
        assert anybody.text("h1") == GENUINE[self.language]

    def look_back(self, parent: Actor) -> None:
        parent.go("/who-looked/")
        assert parent.page.locator("main dl").count() >= 4
        parent.go("/dossiers/")
        parent.follow(f'a[href*="{self.case}"]')
        parent.follow('a[href*="/rate/"]')
        parent.submit({"score": 5, "text": ""})
        assert parent.page.locator(".govuk-notification-banner").is_visible()

    def oversee(self) -> None:
        operator = self.enter(self.who.operator, "/desk/sign-in/", width=DESK)
        for path in ("/console/stuck/", "/console/exchange/", "/console/payments/"):
            operator.go(path)
            assert operator.path == path
        committee = self.enter(self.who.committee, "/desk/sign-in/", width=DESK)
        committee.go("/console/report/")
        rows = committee.links("/rows/")
        assert len(rows) >= 25
        committee.follow(f'a[href="{rows[0]}"]')
        committee.go("/console/figures/")
        committee.go(urljoin("/console/figures/", committee.links("/console/figures/")[1]))


# The other two pairs are those of the journey of five services.
@pytest.fixture(params=[("vi", False), ("en", True)], ids=["vi-without-scripts", "en-with-scripts"])
def play(request: pytest.FixtureRequest, running: Running, chromium: Browser) -> Iterator[Play]:
    language, scripts = request.param
    examiner = Examiner(chromium, language=language, scripts=scripts)
    stage = Stage(chromium, running.url, examiner)
    yield Play(running, stage, CHILDREN[language])
    stage.close()


def test_a_birth_is_declared_decided_and_delivered_on_accessible_pages(play: Play) -> None:
    parent = play.enter(play.who.mother, "/sign-in/", width=PHONE)
    play.declare(parent)
    play.pay(parent)
    play.decide(play.who.civil_status)
    parent.wait_for(play.track, lambda page: bool(page.links("/check/")), what="the birth certificate")
    play.decide(play.who.police)
    play.decide(play.who.social_security)
    parent.wait_for(play.track, lambda page: bool(page.links("/rate/")), what="all results")
    play.collect(parent)
    play.look_back(parent)
    play.oversee()
    assert not play.stage.examiner.found, "\n".join(play.stage.examiner.found)
    told = [line for actor in play.stage.actors for line in actor.told]
    assert not told, "\n".join(told)
    assert len(play.stage.examiner.paths) > 40
