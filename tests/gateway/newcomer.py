"""A newcomer's browser at the control plane's pages: gets a sandbox system, copies the calls, downloads the key."""

from __future__ import annotations

import base64
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

from django.test import Client

from lienthong.blocks.exchange import configuration, services
from lienthong.ground import clock
from lienthong.ground.text import Text
from tests.gateway.control import PURPOSE, REGISTRY, grant


def sandbox_prepare() -> None:
    """What a provider does once: services for trials are granted to the group of newcomers."""
    services.group_set(code="sandbox", title=Text("Môi trường thử", "Sandbox"))
    grant("registry/persons", PURPOSE, client="group:sandbox", endpoints=[("GET", "/persons/*")])
    grant("registry/notes", PURPOSE, client="group:sandbox")
    grant("registry/askOldWay", PURPOSE, client="group:sandbox")
    services.service_publish(
        subsystem=REGISTRY,
        code="notes",
        description=NOTES,
        title=Text("Ghi chú của «tôi»", "Notes"),
        at=clock.now(),
    )
    configuration.publish_if_changed(at=clock.now())


NOTES = """openapi: 3.1.0
info: {title: Notes, version: '1'}
paths:
  /notes:
    post:
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Note'}
      responses: {'200': {description: ok}}
components:
  schemas:
    Note:
      type: object
      required: [text, count]
      properties: {text: {type: string, example: "Xin chào, it's «Đào»"}, count: {type: integer, minimum: 3}}
""".encode()


def walk(folder: str) -> None:
    """Writes `walk.json`: the system's name, its calls, the key's ZIP, what the second try said."""
    sandbox_prepare()
    browser = Client()
    form = browser.get("/sandbox/")
    sent = browser.post("/sandbox/", {"agency": "Sở Y tế tỉnh thử", "system": "clinic-app"})
    page = browser.get(sent["Location"]).content.decode()
    first = browser.post("/sandbox/key/")
    second = browser.post("/sandbox/key/")
    told: dict[str, Any] = {
        "form": form.status_code,
        "name": unescape(re.search(r'<code class="lt-code">(VN/SBX/[^<]+)<', page)[1]),  # type: ignore[index]
        "calls": calls(page),
        "key": base64.b64encode(first.content).decode(),
        "second": [second.status_code, second.content.decode()],
        "public": calls(browser.get("/catalogue/T02/registry/notes/").content.decode()),
    }
    Path(folder, "walk.json").write_text(json.dumps(told))


def calls(page: str) -> list[dict[str, str]]:
    """One dictionary a service, by language, in the page's order."""
    found = re.findall(
        r'<h3 class="govuk-heading-s">(curl|Python|Java)[^<]*</h3>.*?<pre[^>]*>(.*?)</pre>', page, re.DOTALL
    )
    listed: list[dict[str, str]] = []
    for language, text in found:
        if language == "curl":
            listed.append({})
        listed[-1][language] = unescape(text)
    return listed
