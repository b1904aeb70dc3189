"""A person at a browser without scripts: opens pages, fills in forms, presses buttons, over HTTP."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urljoin

import httpx
from lxml import html

WAIT_S = 60


class JourneyError(RuntimeError):
    """A page was not what the person expected: which page, and what it says."""


@dataclass
class Page:
    """An opened page."""

    url: str
    status: int
    tree: html.HtmlElement

    @property
    def path(self) -> str:
        return httpx.URL(self.url).path

    def text(self, xpath: str = "//main") -> str:
        found = self.tree.xpath(xpath)
        return " ".join(" ".join(node.itertext()) for node in found).strip() if found else ""

    def texts(self, xpath: str) -> list[str]:
        return [" ".join(" ".join(node.itertext()).split()) for node in self.tree.xpath(xpath)]

    def links(self, part: str) -> list[str]:
        """Addresses of links whose address contains `part`."""
        return [urljoin(self.url, href) for href in self.tree.xpath("//a/@href") if part in href]

    def form(self, action: str = "", *, sends: bool = False) -> html.FormElement:
        """The first form whose action contains `action`; `sends` wants one that posts."""
        for form in self.tree.xpath("//body//form"):
            if action in (form.action or "") and (not sends or form.method.upper() == "POST"):
                return form
        raise JourneyError(f"{self.path}: no form for «{action}»: {self.text()[:300]}")


class Person:
    """One browser session. `name` is for what is printed.

    patience_s: for how long a page that does not come, or comes as an error of the server, is asked for again.
    """

    patience_s: ClassVar[float] = 0.0

    def __init__(self, name: str, base: str, *, language: str = "vi") -> None:
        self.name = name
        self.base = base
        self.client = httpx.Client(timeout=30, follow_redirects=True, cookies={"language": language})
        weakref.finalize(self, self.client.close)  # who leaves closes the window
        self.pressed_again = False

    def open(self, address: str) -> Page:
        return self._page(self._ask("GET", urljoin(self.base, address)), (200,))

    def bytes(self, address: str) -> bytes:
        answer = self._ask("GET", urljoin(self.base, address))
        if answer.status_code != httpx.codes.OK:
            raise JourneyError(f"{address}: {answer.status_code}")
        return answer.content

    def submit(
        self,
        page: Page,
        values: dict[str, Any] | None = None,
        *,
        action: str = "",
        button: tuple[str, str] | None = None,
        uploads: dict[str, tuple[str, bytes]] | None = None,
        expect: Collection[int] = (200,),
    ) -> Page:
        """Send a form with `values` over what it holds; `button` is the pressed one's (name, value).

        uploads: name and content of a file, by its box.
        """
        form = page.form(action, sends=uploads is not None)
        data: dict[str, Any] = dict(form.form_values())
        data |= {name: str(value) for name, value in (values or {}).items()}
        if button is not None:
            data[button[0]] = button[1]
        target = urljoin(page.url, form.action or page.url)
        if form.method.upper() == "GET":
            return self._page(self._ask("GET", target, params=data), expect)
        headers = {"Referer": page.url}
        return self._page(self._ask("POST", target, data=data, files=uploads, headers=headers), expect)

    def wait_for(self, address: str, ready: Callable[[Page], bool], *, what: str) -> Page:
        """Reload a page until it is as wanted."""
        end = time.monotonic() + WAIT_S
        while True:
            page = self.open(address)
            if ready(page):
                return page
            if time.monotonic() > end:
                raise JourneyError(f"{self.name} waited {WAIT_S} s for {what}: {page.text()[:600]}")
            time.sleep(0.3)

    def _ask(self, method: str, address: str, **more: Any) -> httpx.Response:
        end = time.monotonic() + self.patience_s
        self.pressed_again = False
        while True:
            try:
                answer = self.client.request(method, address, **more)
                if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR or time.monotonic() > end:
                    return answer
            except httpx.TransportError:
                if time.monotonic() > end:
                    raise
            self.pressed_again = True
            time.sleep(0.5)

    def _page(self, answer: httpx.Response, expect: Collection[int]) -> Page:
        page = Page(str(answer.url), answer.status_code, html.fromstring(answer.content or b"<html></html>"))
        if answer.status_code == httpx.codes.CONFLICT and self.pressed_again:
            return page  # the first press had reached the house after all
        if answer.status_code not in expect:
            said = page.text("//*[contains(@class, 'govuk-error-summary')]") or page.text()
            raise JourneyError(f"{page.path}: {answer.status_code}: {' '.join(said.split())[:500]}")
        return page
