"""The main journey: a birth declared once, three agencies that ask each other, three papers.

Everything goes through the running system's pages, as people would use them.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection

from lienthong.blocks.trust.pdf import PdfCheck, pdf_verify
from lienthong.ground import clock
from lienthong.ground.formats import date as say_date
from lienthong.nation.browsing import JourneyError, Page, Person
from lienthong.nation.build import PASSWORD, cast
from lienthong.nation.names import name_draw
from lienthong.systems.eid.services import code_fresh_in, code_now
from lienthong.systems.population.selectors import person_get

Echo = Callable[[str], Any]
PAPERS = {
    "birth certificate": ("Giấy khai sinh", "Birth certificate"),
    "residence registration": ("Thông báo kết quả đăng ký thường trú", "Notice of permanent residence"),
    "health card": ("Thẻ bảo hiểm y tế", "Health-insurance card"),
}
NAMES = {title: name for name, titles in PAPERS.items() for title in titles}


@dataclass
class JourneyResult:
    """What was declared and issued.

    typed: what the parent typed, by box; papers: result title -> number; files: each paper by a file's name;
    signatures: how many were verified on them.
    """

    child: str = ""
    case: str = ""
    typed: dict[str, Any] = field(default_factory=dict[str, Any])
    papers: dict[str, str] = field(default_factory=dict[str, str])
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    signatures: int = 0

    @property
    def numbers(self) -> dict[str, str]:
        """Each of PAPERS with its number."""
        return {NAMES[title]: number for title, number in self.papers.items() if title in NAMES}

    def keep(self, title: str, number: str, content: bytes) -> None:
        name = NAMES.get(title, "extract").replace(" ", "-")
        self.papers[title] = number
        self.files[f"{len(self.files) + 1}-{name}.pdf"] = content

    def last_line(self) -> str:
        listed = ", ".join(f"{name} {self.numbers[name]}" for name in PAPERS)
        return f"Issued for {self.child}: {listed}; {self.signatures} signatures verified"


@dataclass
class Stage:
    """Who plays, and where what happened is printed."""

    echo: Echo
    language: str
    result: JourneyResult
    step: int = 0

    def tell(self, who: str, what: str, evidence: str = "") -> None:
        self.step += 1
        self.echo(f"{self.step:>2}. {who:<16} {what}" + (f"\n    {evidence}" if evidence else ""))


def run(*, echo: Echo, language: str = "vi", extracts: int = 2, child: str | None = None) -> JourneyResult:
    """Play the journey from sign-in to rating. Raise JourneyError where a page is not as it should be."""
    stage = Stage(echo, language, JourneyResult())
    who = cast()
    parent = sign_in("mother", who.mother, "/sign-in/", language)
    stage.tell("parent", "signs in with password and one-time code")
    page = declare(stage, parent, extracts=extracts, child=child)
    pay(stage, parent, page)
    decide(stage, who.civil_status, "civil status")
    parent.wait_for(track(stage), lambda p: len(p.links("/check/")) >= 1, what="the birth certificate")
    stage.tell("civil status", "the birth is registered and the certificate signed")
    decide(stage, who.police, "police")
    decide(stage, who.social_security, "social security")
    wanted = len(PAPERS) + extracts
    parent.wait_for(
        track(stage),
        lambda p: len(p.links("/check/")) >= len(PAPERS) and bool(p.links("/rate/")),
        what="all three results",
    )
    collect(stage, parent, wanted)
    who_looked(stage, parent)
    rate(stage, parent)
    return stage.result


def sign_in(name: str, subject: str, path: str, language: str) -> Person:
    """Password, then the one-time code of the account's authenticator; a patient person tries again."""
    end = time.monotonic() + Person.patience_s
    while True:
        person = Person(name, settings.LIENTHONG_URL, language=language)
        try:
            page = person.submit(person.open(path), {"subject": subject, "password": PASSWORD}, action="")
            time.sleep(code_fresh_in(subject=subject, at=clock.now()))
            page = person.submit(page, {"code": code_now(subject=subject, at=clock.now())})
        except (JourneyError, OperationalError):
            if time.monotonic() > end:
                raise
            connection.close()
            time.sleep(5)
        else:
            # On the sign-in page still: the first press had used the code, and its answer was lost.
            if "/sign-in/" not in page.path or time.monotonic() > end:
                return person


def track(stage: Stage) -> str:
    return f"/dossiers/{stage.result.case}/"


def declare(stage: Stage, parent: Person, *, extracts: int, child: str | None) -> Page:
    """One question a page; what the registers know is there to choose, never to type."""
    found = parent.open("/?q=sinh+con")
    if not found.links("/services/9.000001/"):
        raise JourneyError("the search for «sinh con» does not find the linked birth procedure")
    stage.tell("parent", "searches «sinh con» and opens the service")
    page = parent.submit(parent.open("/apply/9.000001/"))
    born = clock.today() - timedelta(days=2)
    answers: dict[str, dict[str, Any]] = {
        "name": {"child_name": child or child_name(cast().father)},
        "sex": {"sex": "female"},
        "birth-date": {
            "birth_date-day": born.day,
            "birth_date-month": born.month,
            "birth_date-year": born.year,
        },
        "birth-place": {"birth_place": "Bệnh viện Phụ sản Hà Nội, phường Ngọc Hà, Hà Nội"},
        "extracts": {"extracts": extracts},
    }
    stage.result.child = answers["name"]["child_name"]
    while "/check/" not in page.path:
        key = page.path.rstrip("/").rsplit("/", 1)[-1]
        values = answers.get(key) or _choice(page, key)
        stage.result.typed |= answers.get(key, {})
        page = parent.submit(page, values)
    typed = len(stage.result.typed)
    stage.tell(
        "parent", f"answers the questions: {typed} boxes filled, the rest chosen from the registers' answers"
    )
    known = page.texts("//dl[2]//dd[contains(@class, 'value')]")
    stage.tell("parent", "checks the answers; already known to the agencies:", " · ".join(known))
    page = parent.submit(page)
    stage.result.case = page.path.rstrip("/").rsplit("/", 1)[-1]
    stage.tell(
        "parent", f"sends the application: {stage.result.case}, child born {say_date(born, stage.language)}"
    )
    return page


def child_name(father: str) -> str:
    """A girl's name with the father's family name, such as no earlier run drew: nobody is declared twice."""
    known = person_get(number=father, on=clock.today())
    seed = hashlib.sha256(clock.now().isoformat().encode()).hexdigest()
    return name_draw(random.Random(seed), "female", known.full_name.split(" ")[0])


def _choice(page: Page, key: str) -> dict[str, Any]:
    """The first choice of a question that the registers answered; an upload may stay empty."""
    form = page.form()
    for name in form.fields:
        values = form.xpath(f".//input[@type='radio'][@name='{name}']/@value")
        if values:
            return {name: values[0]}
        options = form.xpath(f".//select[@name='{name}']/option[@value != '']/@value")
        if options:
            return {name: options[0]}
    if key == "birth-notice":
        return {}
    raise JourneyError(f"{page.path}: nothing to choose: {page.text()[:300]}")


def pay(stage: Stage, parent: Person, _page: Page) -> None:
    """The fee waits on the tracking page; the bank's page takes the money and sends back."""
    page = parent.wait_for(track(stage), lambda p: bool(p.links("/pay/")), what="the bill")
    bill = page.links("/pay/")[0]
    bank = parent.submit(parent.open(bill))
    if settings.LIENTHONG_BANK_URL not in bank.url:
        raise JourneyError(f"paying led to {bank.url}, not to the bank")
    back = parent.submit(bank, button=("action", "pay"))
    receipt = parent.wait_for(back.url, lambda p: bool(p.links("/receipt/")), what="the receipt")
    stage.tell("parent", "pays at the bank and comes back", " ".join(receipt.text("//h1").split()))


def decide(stage: Stage, officer: str, name: str) -> None:
    """The officer finds the dossier in the queue, opens the evidence, takes it and approves."""
    person = sign_in(name, officer, "/desk/sign-in/", stage.language)

    def mine(page: Page) -> bool:
        return any(stage.result.child in " ".join(row.itertext()) for row in page.tree.xpath("//tbody/tr"))

    queue = person.wait_for("/desk/", mine, what=f"the dossier in the queue of {name}")
    row = next(r for r in queue.tree.xpath("//tbody/tr") if stage.result.child in " ".join(r.itertext()))
    address = row.xpath(".//a/@href")[0]
    page = person.open(address)
    if page.tree.xpath("//form[contains(@action, '/claim/')]"):
        page = person.submit(page, action="/claim/")
    person.submit(page, {"reason": ""}, action="/decide/", button=("outcome", "approve"))
    number = page.path.rstrip("/").rsplit("/", 1)[-1]
    stage.tell(name, f"reads the evidence of {number}, approves and signs")


def collect(stage: Stage, parent: Person, wanted: int) -> None:
    """Every paper is downloaded, its signatures verified here, and checked on the public page."""
    page = parent.wait_for(
        "/documents/",
        lambda p: len(set(_documents(p))) >= wanted,
        what=f"{wanted} documents in the warehouse",
    )
    for address in list(dict.fromkeys(_documents(page)))[:wanted]:
        detail = parent.open(address)
        content = parent.bytes(detail.links("/file/")[0])
        check = _verified(content)
        if not check.valid:
            raise JourneyError(f"{address}: a signature does not verify")
        stage.result.signatures += len(check.signatures)
        title = " ".join(detail.text("//h1").split())
        public = Person("anybody", settings.LIENTHONG_URL, language=stage.language)
        answer = public.submit(public.open("/check/"), uploads={"file": ("paper.pdf", content)}, action="")
        signers = ", ".join(signature.signer for signature in check.signatures)
        stage.tell("family", f"{title}: signed by {signers}", " ".join(answer.text("//h1").split()))
        number = detail.text("//main//span[contains(@class, 'caption')]").split()[-1]
        stage.result.keep(title, number, content)


def _verified(content: bytes) -> PdfCheck:
    """The paper's signatures, checked here; a patient person waits for the authority's records."""
    end = time.monotonic() + Person.patience_s
    while True:
        try:
            return pdf_verify(pdf=content, at=clock.now())
        except OperationalError:
            if time.monotonic() > end:
                raise
            connection.close()
            time.sleep(0.5)


def _documents(page: Page) -> list[str]:
    return [link for link in page.links("/documents/") if not link.endswith("/documents/")]


def who_looked(stage: Stage, parent: Person) -> None:
    page = parent.open("/who-looked/")
    readers = page.texts("//main//h2[following-sibling::dl]")
    if not readers:
        raise JourneyError("the access log shows nobody")
    stage.tell(
        "parent", f"sees who looked at their data: {len(readers)} entries", " · ".join(dict.fromkeys(readers))
    )


def rate(stage: Stage, parent: Person) -> None:
    page = parent.submit(parent.open(f"{track(stage)}rate/"), {"score": 5, "text": ""})
    stage.tell("parent", "rates the service 5 of 5", page.path)
