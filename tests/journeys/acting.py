"""People of the birth journey at a real Chromium; every page they see is looked at from all sides."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Response, Route

from lienthong.channels.build_assets import MODULES

TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
AXE_RUN = """tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']}).then(found =>
    found.violations.map(v => [v.id, v.help, v.nodes.slice(0, 3).map(n => n.html.slice(0, 300))]))"""
AXE = MODULES / "axe-core" / "axe.min.js"
PATIENCE_S = 60.0
TIMEOUT_MS = 20_000


class Examiner:
    """Looks at pages: accessible by axe's rules, no wider than the screen, in the language that was asked for.

    Without scripts axe cannot run in the page itself: the page as it stands is shown once more, its scripts
    left out, where axe can.
    """

    def __init__(self, browser: Browser, *, language: str, scripts: bool) -> None:
        self.browser = browser
        self.language = language
        self.scripts = scripts
        self.found: list[str] = []
        self.seen: set[str] = set()
        self.paths: list[str] = []
        self._mirrors: dict[int, Page] = {}
        self._shown = ("", "")

    def look(self, page: Page) -> None:
        html = page.content()
        path = urlsplit(page.url).path
        alike = path + re.sub(r"csrfmiddlewaretoken\"[^>]*", "", html)
        if alike in self.seen:
            return
        self.seen.add(alike)
        self.paths.append(path)
        width = page.viewport_size["width"] if page.viewport_size else 0
        real = page.evaluate("document.documentElement.scrollWidth")
        if real > width:
            self.found.append(f"{path}: {real} px wide on a screen of {width}")
        if (said := page.evaluate("document.documentElement.lang")) != self.language:
            self.found.append(f"{path}: in «{said}»")
        subject = page if self.scripts else self._mirror(page, html, width)
        self.found += [f"{path}: {violation}" for violation in subject.evaluate(AXE_RUN, TAGS)]

    def _mirror(self, page: Page, html: str, width: int) -> Page:
        if width not in self._mirrors:
            context = self.browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=True)
            context.add_init_script(path=AXE)
            context.route("**/*", self._answer)
            self._mirrors[width] = context.new_page()
        mirror = self._mirrors[width]
        self._shown = (page.url, html)
        mirror.goto(page.url)
        return mirror

    def _answer(self, route: Route) -> None:
        asked = route.request
        if asked.resource_type == "script":
            route.fulfill(body="", content_type="text/javascript")
        elif asked.is_navigation_request() and asked.url == self._shown[0]:
            route.fulfill(body=self._shown[1], content_type="text/html; charset=utf-8")
        else:
            route.continue_()

    def close(self) -> None:
        for mirror in self._mirrors.values():
            mirror.context.close()


@dataclass
class Actor:
    """One person at one browser window. `told` is what the browser's console said that is no good."""

    context: BrowserContext
    base: str
    examiner: Examiner
    page: Page = field(init=False)
    told: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.context.set_default_timeout(TIMEOUT_MS)
        self.page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.told.append(f"{self.page.url}: {error}"))
        self.page.on("response", self._response)

    def _console(self, message: Any) -> None:
        # That a page says what is missing is an answer, though Chromium's console calls it a failure.
        if message.type in {"error", "warning"} and "status of 422" not in message.text:
            self.told.append(f"{self.page.url}: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status != 422:
            self.told.append(f"{response.url}: {response.status}")

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def go(self, address: str) -> None:
        self.page.goto(urljoin(self.base, address))
        self.examiner.look(self.page)

    def text(self, selector: str = "main") -> str:
        return " ".join(self.page.locator(selector).first.inner_text().split())

    def links(self, part: str) -> list[str]:
        """Addresses of links whose address contains `part`, each once."""
        found = self.page.locator(f'a[href*="{part}"]')
        return list(
            dict.fromkeys(str(found.nth(place).get_attribute("href")) for place in range(found.count()))
        )

    def follow(self, selector: str) -> None:
        """Press a link or a button, and look at where it leads."""
        self._press(self.page.locator(selector).first)

    def _press(self, target: Locator) -> None:
        with self.page.expect_navigation():
            target.click()
        self.examiner.look(self.page)

    def submit(self, values: dict[str, Any] | None = None, *, within: str = "main", button: str = "") -> None:
        """Fill in the boxes of `values`, choose its radios and options, press the button."""
        form = (
            self.page.locator(f"{within} form:has(button)").first if not button else self.page.locator(within)
        )
        for name, value in (values or {}).items():
            self._fill(form, name, str(value))
        pressed = form.locator(button or "button").first
        self._press(pressed)

    def _fill(self, form: Locator, name: str, value: str) -> None:
        box = form.locator(f'[name="{name}"]')
        kind = box.first.evaluate("box => box.type")
        if kind == "radio":
            form.locator(f'[name="{name}"][value="{value}"]').check()
        elif kind == "select-one":
            box.select_option(value)
        else:
            box.fill(value)

    def choose_first(self) -> bool:
        """Answer with the first of what the registers offer; False where there is nothing to choose."""
        radios = self.page.locator("main input[type=radio]")
        if radios.count():
            radios.first.check()
            return True
        select = self.page.locator("main select")
        if select.count():
            value = select.first.locator('option[value]:not([value=""])').first.get_attribute("value")
            select.first.select_option(value)
            return True
        return False

    def wait_for(self, address: str, ready: Callable[[Actor], bool], *, what: str) -> None:
        """Open a page again and again until it is as wanted."""
        end = time.monotonic() + PATIENCE_S
        while True:
            self.page.goto(urljoin(self.base, address))
            if ready(self):
                break
            assert time.monotonic() < end, f"waited for {what}: {self.text()[:600]}"
            time.sleep(0.25)
        self.examiner.look(self.page)

    def download(self, selector: str) -> bytes:
        with self.page.expect_download() as waiting:
            self.page.locator(selector).first.click()
        return waiting.value.path().read_bytes()

    def sign_in(self, path: str, subject: str, password: str, code: Callable[[], str]) -> None:
        self.go(path)
        self.submit({"subject": subject, "password": password})
        self.submit({"code": code()})


@dataclass
class Stage:
    """Opens windows for the people of one journey, all in one language, with scripts or without."""

    browser: Browser
    base: str
    examiner: Examiner
    actors: list[Actor] = field(default_factory=list[Actor])

    def actor(self, *, width: int, height: int = 844) -> Actor:
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=self.examiner.scripts
        )
        if self.examiner.scripts:
            context.add_init_script(path=AXE)
        context.add_cookies([{"name": "language", "value": self.examiner.language, "url": self.base}])
        made = Actor(context, self.base, self.examiner)
        self.actors.append(made)
        return made

    def close(self) -> None:
        for actor in self.actors:
            actor.context.close()
        self.examiner.close()
