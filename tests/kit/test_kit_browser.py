"""The demonstration pages in a real Chromium: accessible, within the policy, no wider than a phone."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from playwright.sync_api import Browser, Route

from lienthong.channels.build_assets import BUILT, MODULES

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.needs("node_modules"),
    pytest.mark.usefixtures("pages"),
]

PATHS = ["/", "/form", "/desk/", "/problem", "/nothing"]


def _answer(route: Route) -> None:
    """Pages from Django's own client, files from the built folder: no server and no port."""
    asked = urlsplit(route.request.url)
    if asked.path.startswith("/static/"):
        route.fulfill(path=BUILT / asked.path.removeprefix("/static/"))
        return
    address = f"{asked.path}?{asked.query}"
    with ThreadPoolExecutor(1) as pool:  # Django refuses to run inside the browser's event loop
        response = pool.submit(lambda: Client().get(address)).result()
    route.fulfill(status=response.status_code, headers=dict(response.items()), body=response.content)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_pages_are_accessible_and_fit_a_phone(chromium: Browser, language: str, scripts: bool) -> None:
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, java_script_enabled=scripts, bypass_csp=False
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.route("**/*", _answer)
    for path in PATHS:
        page.goto(f"http://kit.test{path}?lang={language}")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{path} is {width} px wide"
        if not scripts:
            assert page.locator("nav a.govuk-language-navigation__link").is_visible()
            assert page.locator(".govuk-service-navigation__toggle").is_hidden()
            continue
        axe = (MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
        page.evaluate(axe)
        found: dict[str, Any] = page.evaluate("axe.run(document)")
        assert not [(path, v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]]
        assert page.evaluate("document.body.classList.contains('govuk-frontend-supported')")
        assert page.evaluate("typeof htmx") == "object"
        assert page.evaluate("document.fonts.check('16px \"Be Vietnam Pro\"')")
    assert not [text for text in told if "Failed to load resource" not in text]
    context.close()
