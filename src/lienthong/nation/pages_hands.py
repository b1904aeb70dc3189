"""Hands at browsers: what the people of an example dossier do, done on the running system's pages, over HTTP.

They are patient: a page that does not come, or comes as an error of the server, is asked for again, and what was
pressed is pressed again. Whether an act was done already is read from the page, as a person would.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

import httpx
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from lienthong.blocks.registry.agencies import agency_serving
from lienthong.ground import expressions
from lienthong.nation import acts
from lienthong.nation.browsing import JourneyError, Page, Person
from lienthong.nation.half_year import Life
from lienthong.nation.journey_birth import sign_in

AGAIN_AT_MOST = 8
DOORS = {True: "/desk/sign-in/", False: "/sign-in/"}
Answer = TypeVar("Answer")
_NUMBER = re.compile(r"/dossiers/([^/]+)/")
_STEP = re.compile(r"/([0-9a-f-]{36})/(?:claim|decide)/")


def patiently(work: Callable[[], Answer]) -> Answer:
    """A database that was killed is back in a moment."""
    end = time.monotonic() + Person.patience_s
    while True:
        try:
            return work()
        except (OperationalError, InterfaceError):
            if time.monotonic() > end:
                raise
            connection.close()
            time.sleep(0.3)


class PagesHands:
    """contexts: by a life's serial, what its example's expressions see (`examples.people_ready`)."""

    def __init__(self, contexts: dict[int, dict[str, Any]]) -> None:
        self.contexts = contexts
        self.windows: dict[str, Person] = {}
        self.desks: dict[str, threading.Lock] = {}
        self.acts: dict[str, Callable[[Life, dict[str, Any]], None]] = {
            "decide": self._decide,
            "supplement": self._decide,
            "answer": self._answer,
            "pay": self._pay,
            "withdraw": self._withdraw,
            "sign": self._sign,
            "decline": self._sign,
            "opinion": self._opinion,
        }

    def act(self, life: Life) -> Life:
        """The life's next act, now; an error is noted in it and ends it."""
        try:
            self._act(life)
        except acts.NothingToDoError:  # free by this channel, or lapsed before
            pass
        except (JourneyError, acts.ExampleError, httpx.HTTPError) as error:
            life.error = str(error)
        finally:
            connection.close()
        life.done += 1
        if life.error or life.problem or life.done > len(life.acts):
            for who in self.contexts[life.serial]["sessions"]:
                self.windows.pop(who, None)
        return life

    def _act(self, life: Life) -> None:
        if life.done < 0:
            self._apply(life)
            if bool(life.problem) != bool(life.example.raw["expect"].get("problem")):
                life.error = f"refused for {life.problem!r}"
        elif life.done < len(life.acts):
            act = life.acts[life.done]
            if (name := acts.act_name(act)) != "wait_days":
                self.acts[name](life, act if isinstance(act, dict) else {name: True})
        elif life.score is not None:
            person, page = self._citizen(life, f"/dossiers/{life.number}/rate/")
            person.submit(page, {"score": life.score, "text": ""})

    def _at(self, subject: str, address: str, *, desk: bool = False) -> tuple[Person, Page]:
        """Signed in, and there; the window stays open for the next time."""
        for _ in range(AGAIN_AT_MOST):
            person = self.windows.get(subject) or patiently(
                lambda: sign_in(subject, subject, DOORS[desk], "vi")
            )
            page = person.open(address)
            if DOORS[desk] not in page.path:
                self.windows[subject] = person
                return person, page
            self.windows.pop(subject, None)
        raise JourneyError(f"{subject} cannot sign in")

    def _citizen(self, life: Life, address: str) -> tuple[Person, Page]:
        """The applicant; whoever acts for another chooses that first, as a choice does not hold for long."""
        context = self.contexts[life.serial]
        who = str(context["applicant"]["number"])
        source = expressions.fill(life.example.raw.get("acting_for"), context)
        if source is None:
            return self._window(life, who, address)
        person, page = self._window(life, who, "/acting/")
        person.submit(page, {"chosen": source})
        return person, person.open(address)

    def _window(self, life: Life, who: str, address: str) -> tuple[Person, Page]:
        """Somebody of the family, who signed in on the day before."""
        if who not in self.windows:
            self.windows[who] = Person(who, settings.LIENTHONG_URL)
            key = self.contexts[life.serial]["sessions"][who]
            self.windows[who].client.cookies.set(settings.SESSION_COOKIE_NAME, key)
        return self._at(who, address)

    def _desk(self, subject: str) -> threading.Lock:
        """An officer does one thing at a time."""
        return self.desks.setdefault(subject, threading.Lock())

    def _apply(self, life: Life) -> None:
        context = self.contexts[life.serial]
        code, applicant = life.example.procedure, context["applicant"]["number"]
        answers = expressions.fill(life.example.raw.get("answers", {}), context)
        if life.channel == "online":
            person, page = self._citizen(life, f"/apply/{code}/")
            self._typed(life, person, person.submit(page), answers)
            return
        centre = patiently(lambda: agency_serving(kind="commune-committee", unit=context["unit"]).code)
        with self._desk(officer := f"{centre}-A01"):
            person, page = self._at(officer, f"/desk/intake/{code}/", desk=True)
            source = expressions.fill(life.example.raw.get("acting_for"), context)
            party = {"party": "other"} if source else {}
            page = person.submit(page, {"number": applicant, "channel": life.channel, **party})
            if source:
                page = person.submit(page, {"chosen": source})
            draft = page.path.rstrip("/")
            first = next(link for link in page.links(draft) if link.rstrip("/") != page.url.rstrip("/"))
            self._typed(life, person, person.open(first), answers)

    def _typed(self, life: Life, person: Person, page: Page, answers: dict[str, Any]) -> None:
        """Question by question, then sent; `problem` or `number` is noted in the life."""
        while "/check/" not in page.path and "/receipt/" not in page.path:
            before = page.path
            values, uploads = boxes(page, answers)
            page = person.submit(page, values, uploads=uploads or None, expect=(200, 422))
            if page.status != 200 or page.path == before:  # noqa: PLR2004 - HTTP's OK
                life.problem = said(page)
                return
        page = person.submit(page, expect=(200, 403, 404, 409, 422))
        if page.status != 200:  # noqa: PLR2004 - HTTP's OK
            life.problem = said(page)
            return
        found = _NUMBER.search(page.path) or _NUMBER.search(page.text())
        if found is None:
            raise JourneyError(f"{page.path}: no number after sending: {page.text()[:300]}")
        life.number = found[1]

    def _decide(self, life: Life, act: dict[str, Any]) -> None:
        number = life.number
        dossier = patiently(lambda: acts.open_dossier(number, act.get("of")))
        if dossier.open_task is None:  # the channel of this playing may cost something
            self._pay(life, act)
            dossier = self._task_awaited(number, act.get("of"))
        if dossier.open_task is None:
            waits = [(step.key, step.state) for step in dossier.steps if step.closed_at is None]
            raise acts.ExampleError(f"{dossier.number}: no task is open; it waits at {waits}")
        outcome = "supplement" if "supplement" in act else str(act["decide"])
        reason = str(act.get("supplement", act.get("reason", "")))
        with self._desk(officer := f"{dossier.agency}-S01"):
            self._decided(officer, dossier.number, str(dossier.open_task.pk), outcome, reason)

    def _opinion(self, life: Life, act: dict[str, Any]) -> None:
        """At the desk of an agency that was asked."""
        number, kind = life.number, str(act["by"])
        request = patiently(lambda: acts.request_awaited(number, kind))
        if request.open_task is None:
            raise acts.NothingToDoError(f"{request.number} was answered meanwhile")
        with self._desk(officer := f"{request.agency}-S01"):
            step, reason = str(request.open_task.pk), str(act.get("reason", ""))
            self._decided(officer, request.number, step, str(act["opinion"]), reason)

    def _decided(self, officer: str, number: str, step: str, outcome: str, reason: str) -> None:
        address = f"/desk/dossiers/{number}/"
        for _ in range(AGAIN_AT_MOST):
            person, page = self._at(officer, address, desk=True)
            if step not in steps_shown(page):
                return
            if page.tree.xpath("//form[contains(@action, '/claim/')]"):
                page = person.submit(page, action="/claim/")
            if step not in steps_shown(page):
                continue
            pressed = ("outcome", outcome)
            person.submit(page, {"reason": reason}, action="/decide/", button=pressed, expect=(200, 409))
        raise JourneyError(f"{number}: {outcome} is not taken")

    def _task_awaited(self, number: str, procedure: str | None) -> Any:
        end = time.monotonic() + Person.patience_s
        while True:
            dossier = patiently(lambda: acts.open_dossier(number, procedure))
            if dossier.open_task is not None or time.monotonic() > end:
                return dossier
            time.sleep(0.2)

    def _answer(self, life: Life, act: dict[str, Any]) -> None:
        number = life.number
        dossier = patiently(lambda: acts.open_dossier(number, act.get("of")))
        person, page = self._citizen(life, f"/dossiers/{number}/supplement/{dossier.number}/")
        paper = ("bo-sung.pdf", acts.page_scanned("bo-sung"))
        person.submit(page, {"text": str(act["answer"])}, uploads={"files": paper})

    def _pay(self, life: Life, _act: dict[str, Any]) -> None:
        number = life.number
        person, page = self._citizen(life, f"/dossiers/{number}/")
        bills = list(dict.fromkeys(page.links("/pay/")))
        if not bills:
            raise acts.NothingToDoError(f"{number}: nothing is to pay")
        for bill in bills:
            bank = person.submit(person.open(bill))
            person.submit(bank, button=("action", "pay"))

    def _sign(self, life: Life, act: dict[str, Any]) -> None:
        signer = patiently(lambda: acts.signer_asked(life.number))
        person, page = self._window(life, signer.subject, f"/sign/{life.number}/")
        answer = "decline" if "decline" in act else "sign"
        person.submit(page, {"answer": answer, "reason": str(act.get("decline", ""))})

    def _withdraw(self, life: Life, _act: dict[str, Any]) -> None:
        number = life.number
        person, page = self._citizen(life, f"/dossiers/{number}/withdraw/")
        person.submit(page)


def steps_shown(page: Page) -> set[str]:
    """The steps that a dossier's page lets its reader take in hand or decide."""
    return {step for action in page.tree.xpath("//form/@action") for step in _STEP.findall(action)}


def boxes(page: Page, answers: dict[str, Any]) -> tuple[dict[str, Any], dict[str, tuple[str, bytes]]]:
    """What of the answers this page asks for, as its boxes are named; and the files."""
    form = page.form("")
    values: dict[str, Any] = {}
    uploads: dict[str, tuple[str, bytes]] = {}
    for name, value in answers.items():
        if isinstance(value, list) and form.xpath(f".//*[@name='{name}-count']"):
            values[f"{name}-count"] = len(value)
            for place, row in enumerate(value):
                values |= {f"{name}-{place}-{question}": answer for question, answer in row.items()}
        elif form.xpath(f".//input[@type='file'][@name='{name}']"):
            uploads[name] = (f"{name}.pdf", acts.page_scanned(name))
        elif form.xpath(f".//*[@name='{name}']"):
            values[name] = value
        elif form.xpath(f".//*[@name='{name}-day']"):
            day = date.fromisoformat(str(value))
            values |= {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}
    return values, uploads


def said(page: Page) -> str:
    """What a page says is wrong."""
    text = page.text("//*[contains(@class, 'govuk-error-summary')]") or page.text()
    return " ".join(text.split())[:500]
