"""The new desk pages in a real Chromium at both widths, and the keyboard path with scripts and without."""

import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from playwright.sync_api import Page, Route, sync_playwright

from lienthong.blocks.access.principals import Role
from lienthong.channels.build_assets import BUILT, MODULES
from tests.conftest import CHROMIUM_ARGUMENTS
from tests.jobs import run_jobs
from tests.pages import officer
from tests.systems.country import COMMITTEE, OTHER_COMMITTEE, Family
from tests.systems.lifeevents.applying import decide
from tests.systems.lifeevents.test_intake_pages import clerk, filled
from tests.systems.onestop.test_desk_pages import desk, dossier
from tests.systems.onestop.test_work_pages import another

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.needs("chromium"),
    pytest.mark.needs("node_modules"),
]
__all__ = ["another", "clerk", "desk", "dossier"]
HOST = "http://pages.test"


def shown(page: Page, pages: dict[str, bytes]) -> None:
    """Answer the browser with these pages, by path and query."""

    def answer(route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.path.startswith("/static/"):
            route.fulfill(path=BUILT / address.path.removeprefix("/static/"))
        else:
            where = address.path + (f"?{address.query}" if address.query else "")
            if where in pages:
                route.fulfill(body=pages[where], content_type="text/html; charset=utf-8")
            else:
                route.fulfill(status=204)  # a page asks for itself again while a case is on its way: it stays

    page.route("**/*", answer)


def looked(pages: dict[str, bytes], width: int, folder: Path) -> list[str]:
    """What is wrong with the pages; their pictures lie in the folder, or the one that LIENTHONG_PICTURES names.

    In a thread of its own: Django does not run beside an event loop.
    """
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(
            _looked, pages, width, Path(os.environ.get("LIENTHONG_PICTURES") or folder)
        ).result()


def _looked(pages: dict[str, bytes], width: int, folder: Path) -> list[str]:
    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS
        )
        page = browser.new_page(viewport={"width": width, "height": 844})
        shown(page, pages)
        for number, name in enumerate(pages):
            page.goto(HOST + name)
            page.screenshot(path=folder / f"desk-{number}-{width}.png", full_page=True)
            page.evaluate((MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
            found: dict[str, Any] = page.evaluate("axe.run(document)")
            wrong += [
                f"{name}: {one['id']} {[node['html'][:120] for node in one['nodes'][:2]]}"
                for one in found["violations"]
            ]
            wide = page.evaluate("document.documentElement.scrollWidth")
            wrong += [f"{name} is {wide} px wide"] if wide > width else []
        browser.close()
    return wrong


@pytest.mark.parametrize("width", [390, 1200])
def test_every_page_fits_and_is_accessible(
    clerk: Client, family: Family, at: datetime, tmp_path: Path, width: int
) -> None:
    check = filled(clerk, family)
    base = check.removesuffix("check/")
    got = {path: clerk.get(path) for path in (base, f"{base}birth-notice/", f"{base}name/", check)}
    sent = str(clerk.post(check)["Location"])
    run_jobs()
    chair = officer("H26.12-C01", COMMITTEE, Role.SIGN, at=at)
    officer("H26.04-C01", OTHER_COMMITTEE, Role.SIGN, at=at)
    found = re.search(r'/desk/dossiers/([^/]+)/"', chair.get("/desk/").content.decode())
    assert found is not None
    number = found[1]
    for path in (sent, "/desk/intake/", "/desk/intake/?q=sinh+con", "/desk/intake/9.000001/"):
        got[path] = clerk.get(path)
    for path in ("/desk/", "/desk/work/", f"/desk/dossiers/{number}/?decided=1"):
        got[path] = chair.get(path)
    got[f"/desk/dossiers/{number}/redate/"] = chair.get(f"/desk/dossiers/{number}/redate/")
    tick = re.search(r'name="chosen" value="([^"]+)"', chair.get("/desk/").content.decode())
    assert tick is not None
    got["/desk/several/"] = chair.post("/desk/several/", {"act": "claim", "chosen": tick[1]})
    assert {response.status_code for response in got.values()} == {200}
    pages = {path: response.content for path, response in got.items()}
    assert looked(pages, width, tmp_path) == []


def pressed(page: Page, key: str) -> None:
    """Alt and a key, as a keyboard sends them: Playwright's own keys carry no text where Alt is held."""
    keyboard = page.context.new_cdp_session(page)
    for kind in ("keyDown", "keyUp"):
        keyboard.send(
            "Input.dispatchKeyEvent",
            {
                "type": kind,
                "modifiers": 1,
                "key": key,
                "text": key,
                "unmodifiedText": key,
                "windowsVirtualKeyCode": ord(key.upper()),
            },
        )


def walked(pages: dict[str, bytes], stops: list[str], *, scripts: bool) -> list[str]:
    """Open, read, decide, next by keys alone; where the browser went."""
    been: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS
        )
        page = browser.new_context(java_script_enabled=scripts).new_page()
        shown(page, pages)
        page.goto(f"{HOST}/desk/")
        for key, stop in zip(("1", "1", "t"), stops, strict=True):
            pressed(page, key)
            page.wait_for_url(HOST + stop)
            been.append(stop)
        browser.close()
    return been


@pytest.mark.parametrize("scripts", [True, False])
def test_a_dossier_is_opened_decided_and_left_for_the_next_without_a_mouse(
    desk: Client, dossier: str, another: str, scripts: bool
) -> None:
    queue = desk.get("/desk/").content
    # Both are due at the same minute, so either may lead the queue.
    dossier, another = re.findall(r'href="/desk/dossiers/([^/]+)/"', queue.decode())
    first = desk.get(f"/desk/dossiers/{dossier}/").content
    action = re.search(r'action="([^"]+/decide/)"', first.decode())
    assert action is not None
    landed = desk.get(decide(desk, dossier, "approve")["Location"]).content
    following = f"/desk/dossiers/{another}/"
    # What the form is answered with is the page that the browser is led to.
    pages = {
        "/desk/": queue,
        f"/desk/dossiers/{dossier}/": first,
        action[1]: landed,
        following: desk.get(following).content,
    }
    stops = [f"/desk/dossiers/{dossier}/", action[1], following]
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(walked, pages, stops, scripts=scripts).result() == stops
