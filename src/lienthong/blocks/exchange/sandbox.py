"""A newcomer's system in the sandbox: a member and a system behind the sandbox's gateway, with the group's rights.

The member's signing key lies with that gateway, as every member's does. The key of the newcomer's own connection is
made at the moment of its one download and kept nowhere.
"""

from __future__ import annotations

import io
import re
import secrets
import zipfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from lienthong.blocks.exchange import configuration, refusals
from lienthong.blocks.exchange.clients import certificate_register
from lienthong.blocks.exchange.granting import Actor
from lienthong.blocks.exchange.models import (
    Agreement,
    Gateway,
    Group,
    PublishedService,
    SandboxSystem,
)
from lienthong.blocks.exchange.services import member_join, subsystem_open
from lienthong.blocks.exchange.wire import GROUP
from lienthong.blocks.trust import selectors as trust_rows
from lienthong.blocks.trust import services as trust
from lienthong.blocks.trust.wire import sha256_hex
from lienthong.ground.text import Text

SANDBOX_GROUP: Final = "sandbox"
"""The group whose rights a newcomer's system gets; providers grant to it."""
CLASS: Final = "SBX"
HOUR: Final = timedelta(hours=1)
KEYS_AN_HOUR: Final = 60
KEYS_AN_HOUR_FROM_ONE: Final = 5
KEY_VALID: Final = timedelta(days=90)
NEWCOMER: Final = "sandbox"
"""Who registers a newcomer's certificate: nobody with an account."""
CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")


@dataclass(frozen=True, slots=True)
class Opened:
    name: str
    title: Text
    opened_at: datetime
    key_taken: bool


@dataclass(frozen=True, slots=True)
class SandboxService:
    """provider: the subsystem to ask; code: with its version, if it has one."""

    provider: str
    code: str
    purpose: str
    kind: str
    title: Text
    endpoints: tuple[tuple[str, str], ...]
    versions: tuple[str, ...]
    document: bytes | None


def is_open() -> bool:
    """Whether this installation has a sandbox."""
    return bool(settings.LIENTHONG_SANDBOX_GATEWAY)


def sandbox_join(*, agency_title: str, system: str, asked_from: str, at: datetime) -> str:
    """Open a member and its system; the system's name. Published at once, so that gateways know it in a moment.

    Errors: NotFound where there is no sandbox, Invalid for a code, 429 where too many were opened within the hour.
    """
    if not is_open() or not Gateway.objects.filter(server=settings.LIENTHONG_SANDBOX_GATEWAY).exists():
        raise refusals.sandbox_closed()
    if not CODE.fullmatch(system):
        raise refusals.name_wrong(system, "system")
    digest = sha256_hex(asked_from.encode())
    code = f"T{secrets.token_hex(4).upper()}"
    member = f"{settings.LIENTHONG_INSTANCE}/{CLASS}/{code}"
    name = f"{member}/{system}"
    with transaction.atomic():
        group, _ = Group.objects.get_or_create(
            code=SANDBOX_GROUP, defaults={"title_vi": "Môi trường thử", "title_en": "Sandbox"}
        )
        Group.objects.select_for_update().get(pk=group.pk)  # one newcomer after the other: the limit is exact
        lately = SandboxSystem.objects.filter(opened_at__gt=at - HOUR)
        if (
            lately.count() >= KEYS_AN_HOUR
            or lately.filter(asked_from=digest).count() >= KEYS_AN_HOUR_FROM_ONE
        ):
            raise refusals.sandbox_busy()
        title = agency_title.strip()[:200]
        member_join(name=member, code=code, title=Text(title, title), at=at)
        subsystem_open(name=name, hosted=False, gateway=settings.LIENTHONG_SANDBOX_GATEWAY, framed=False)
        SandboxSystem.objects.create(subsystem_id=name, asked_from=digest, opened_at=at)
        group.members.add(name)  # type: ignore[arg-type] - by its key
    configuration.publish_if_changed(at=at)
    return name


def sandbox_system(*, name: str) -> Opened:
    row = SandboxSystem.objects.select_related("subsystem__member").filter(subsystem_id=name).first()
    if row is None:
        raise refusals.no_such_subsystem(name)
    member = row.subsystem.member
    return Opened(name, Text(member.title_vi, member.title_en), row.opened_at, row.key_taken_at is not None)


def key_make(*, name: str, at: datetime) -> bytes:
    """A ZIP of certificate.pem, key.pem and trust.pem for connections of this system, made now; Conflict once it was.

    The certificate is registered for the system, so that the calls on its page are let in at a door with mutual TLS.
    The three files are what a gateway's setting `tls` names, so a gateway on the newcomer's machine starts with them.
    """
    with transaction.atomic():
        if not SandboxSystem.objects.filter(subsystem_id=name, key_taken_at=None).update(key_taken_at=at):
            sandbox_system(name=name)
            raise refusals.key_taken()
        certificate, key = trust.authority().tls_issue(
            name, hosts=["localhost", "127.0.0.1"], until=at + KEY_VALID
        )
        certificate_register(subsystem=name, content=certificate, by=Actor(NEWCOMER, ""), at=at)
    configuration.publish_if_changed(at=at)
    trusted = "".join(trust_rows.trust_anchors()).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, content in (("certificate.pem", certificate), ("key.pem", key), ("trust.pem", trusted)):
            archive.writestr(file, content)
    return packed.getvalue()


def sandbox_services(*, at: datetime, limit: int = 20) -> list[SandboxService]:
    """What the group may call today, of systems that describe what they offer."""
    today = at.date()
    rights = (
        Agreement.objects.filter(client=f"{GROUP}{SANDBOX_GROUP}", valid_from__lte=today)
        .exclude(valid_to__lt=today)
        .order_by("service", "purpose")[:limit]
    )
    wanted = {(row.granted_by, *row.service.split("/", 1)): row for row in rights}
    offered = PublishedService.objects.select_related("subsystem__member", "document").filter(
        code__in={code.split("/")[0] for _, _, code in wanted}
    )
    by_place = {(row.subsystem.member.code, row.subsystem.system, row.code): row for row in offered}
    found: list[SandboxService] = []
    for (agency, system, code), right in wanted.items():
        row = by_place.get((agency, system, code.split("/")[0]))
        if row is not None:
            own = tuple((method, path) for method, path in right.endpoints or row.endpoints)
            content = bytes(row.document.content) if row.document else None
            title = Text(row.title_vi, row.title_en)
            found.append(
                SandboxService(
                    row.subsystem_id,  # type: ignore[attr-defined]
                    code,
                    right.purpose,
                    row.type,
                    title,
                    own,
                    tuple(row.versions),
                    content,
                )
            )
    return found
