"""Browsers of Django's test client: nobody, a person, an officer; and what a page says."""

import re
from datetime import datetime
from html import unescape
from pathlib import Path

from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from lienthong.blocks.access import services as access
from lienthong.blocks.access.principals import Kind, Principal, Role
from lienthong.ground.text import Text


def nobody() -> Client:
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # WhiteNoise warns where it is absent
    return Client()


def person(number: str, name: str = "Nguyễn Thị Ánh") -> Client:
    """A browser in which this person signed in."""
    return _signed_in(Kind.PERSON, number, name)


def officer(code: str, agency: str, *roles: Role, at: datetime, name: str = "Lê Văn Cường") -> Client:
    """A browser in which an officer of the agency signed in, with these roles granted there."""
    access.officer_enter(code=code, agency=agency, name=name, title=Text("Chủ tịch", "Chair"))
    by = Principal(Kind.OFFICER, "quan-tri", "Quản trị", agency, frozenset({Role.ADMINISTRATOR}))
    for role in roles:
        access.role_grant(by=by, officer=code, role=role, at=at)
    return _signed_in(Kind.OFFICER, code, name)


def _signed_in(kind: Kind, subject: str, name: str) -> Client:
    client = nobody()
    session = client.session
    session.update({"kind": kind.value, "subject": subject, "name": name})
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def text_of(response: HttpResponse) -> str:
    """What a reader of the page sees, on one line."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body))).strip()
