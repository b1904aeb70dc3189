"""The room's pages in a real Chromium, by phone and at a desk: accessible, and no wider than the screen.

With LIENTHONG_PICTURES naming a folder, each page's picture is put there.
"""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import Route, sync_playwright

from lienthong.blocks.exchange import log
from lienthong.blocks.exchange.models import AgreementRequest, Message
from lienthong.blocks.exchange.services import agreement_grant, call, group_set, service_publish
from lienthong.channels.build_assets import BUILT, MODULES
from lienthong.ground.text import Text
from tests.conftest import CHROMIUM_ARGUMENTS
from tests.gateway.certificates import own_make
from tests.pages import nobody
from tests.systems.country import CIVILSTATUS, ONESTOP, country_join, family_enter
from tests.systems.ndxp.test_rights_pages import NEW, asked
from tests.systems.ndxp.two_agencies import APP, CLINICS, GATEWAY, OPENAPI, Two, offer, two_make

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.needs("chromium"),
    pytest.mark.needs("node_modules"),
]
CONSOLE = "/console/connections/"


def filled(two: Two, folder: Path) -> dict[str, bytes]:
    """The pages' bytes by name, of a country in which something happened."""
    family = family_enter(two.at)
    for _ in range(3):
        call(
            "population/persons-get/v1",
            {"number": family.mother},
            client=ONESTOP,
            purpose="birth-registration",
        )
    call(
        "population/persons-verify/v1",
        {"number": family.mother},
        client=CIVILSTATUS,
        purpose="birth-registration",
    )
    log.seal_pending()
    message = Message.objects.order_by("id").values_list("message_id", flat=True)[0]
    offer(two.at)
    service_publish(subsystem=APP, code="beds", title=Text("Giường bệnh còn trống", "Free beds"), at=two.at)
    group_set(code="sandbox", title=Text("Môi trường thử", "Sandbox"))
    right = {"purpose": "notification", "legal_basis": "Luật 15/2023/QH15", "granted_by": "N02"}
    for client in ("group:sandbox", APP):
        agreement_grant(
            client=client, service="clinics/clinics", valid_from=two.at.date(), daily_quota=1000, **right
        )
    two.asker.post(NEW, asked(two))
    number = AgreementRequest.objects.get().pk
    newcomer = nobody()
    newcomer.post("/sandbox/", {"agency": "Sở Y tế tỉnh thử", "system": "clinic-app"})
    publish = f"{CONSOLE}publish/{CLINICS}/"
    clients = f"{CONSOLE}clients/{APP}/"
    certificate = own_make(folder / "own", "Phần mềm quản lý khám chữa bệnh").der
    for name, content in (("app.crt", certificate), ("note.txt", b"xin chao")):
        given = {"act": "certificate", "certificate": SimpleUploadedFile(name, content)}
        mistake = two.asker.post(clients, given)
    broken = SimpleUploadedFile("api.yaml", OPENAPI.replace(b"/clinics/{id}:", b"clinics/{id}:"))
    good = SimpleUploadedFile("api.yaml", OPENAPI.replace(b"put:", b"delete:"))
    got = {
        "hub": two.provider.get(CONSOLE),
        "members": two.operator.get(f"{CONSOLE}members/"),
        "member": two.provider.get(f"{CONSOLE}members/VN/GOV/N02/"),
        "join": two.operator.post(f"{CONSOLE}members/join/", {"member_class": "GOV", "code": "a/b"}),
        "system": two.provider.get(f"{CONSOLE}systems/{CLINICS}/"),
        "clients": two.asker.get(f"{clients}?done=certificate"),
        "clients-mistake": mistake,
        "clients-read": two.committee.get(clients),
        "publish-mistake": two.provider.post(publish, {"code": "clinics", "description": broken}),
        "preview": two.provider.post(publish, {"code": "clinics", "description": good}),
        "request-new": two.asker.get(NEW),
        "requests": two.provider.get(f"{CONSOLE}requests/"),
        "request": two.provider.get(f"{CONSOLE}requests/{number}/"),
        "agreements": two.operator.get(f"{CONSOLE}agreements/"),
        "group": two.operator.get(f"{CONSOLE}groups/sandbox/"),
        "quotas": two.provider.get(f"{CONSOLE}quotas/"),
        "certificates": two.operator.get(f"{CONSOLE}certificates/"),
        "gateways": two.operator.get(f"{CONSOLE}gateways/"),
        "message": two.operator.get(f"{CONSOLE}messages/", {"id": str(message)}),
        "traffic": two.operator.get(f"{CONSOLE}traffic/"),
        "catalogue": nobody().get("/catalogue/", {"q": "kham benh"}),
        "service": nobody().get("/catalogue/N02/clinics/clinics/"),
        "sandbox": nobody().get("/sandbox/"),
        "sandbox-ready": newcomer.get("/sandbox/system/"),
    }
    return {name: response.content for name, response in got.items()}


def seen(pages: dict[str, bytes], width: int, folder: Path) -> list[str]:
    """What is wrong with the pages. In a thread of its own: Django does not run beside an event loop."""
    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS
        )
        page = browser.new_page(viewport={"width": width, "height": 844})

        def answer(route: Route) -> None:
            path = urlsplit(route.request.url).path
            if path.startswith("/static/"):
                route.fulfill(path=BUILT / path.removeprefix("/static/"))
            else:
                route.fulfill(body=pages[path.strip("/")], content_type="text/html; charset=utf-8")

        page.route("**/*", answer)
        for name in pages:
            page.goto(f"http://pages.test/{name}")
            page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
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
def test_every_page_fits_and_is_accessible(at: datetime, tmp_path: Path, settings: Any, width: int) -> None:
    settings.LIENTHONG_SANDBOX_GATEWAY = GATEWAY
    country_join(at)
    pages = filled(two_make(at), tmp_path)
    folder = Path(os.environ.get("LIENTHONG_PICTURES") or tmp_path)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(seen, pages, width, folder).result() == []
