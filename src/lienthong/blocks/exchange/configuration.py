"""What the gateways and the other instances work by: members, systems, rights, certificates, as one signed document.

The control plane publishes it anew when something changed, and says so on the channel `CHANNEL`.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from lienthong.blocks.exchange.clients import certificates_by_subsystem
from lienthong.blocks.exchange.log import instance_signer, signer_here
from lienthong.blocks.exchange.models import (
    Agreement,
    Configuration,
    ContractService,
    Gateway,
    Group,
    Member,
    PublishedService,
    Subscription,
    Subsystem,
)
from lienthong.blocks.exchange.publishing import contracts_publish, group_members, group_set
from lienthong.blocks.exchange.wire import CONFIGURATION_CHANNEL
from lienthong.blocks.registry import agencies, declared
from lienthong.blocks.registry.base import Provenance
from lienthong.blocks.trust import selectors as trust_rows
from lienthong.blocks.trust import services as trust
from lienthong.blocks.trust.wire import canonical_json, sha256_hex
from lienthong.ground import clock
from lienthong.ground.text import Text

KEPT = 20
"""Versions that are kept; the rest is swept away."""


def document() -> dict[str, Any]:
    """The state as it is now: one query for each kind of row."""
    return {
        "instance": settings.LIENTHONG_INSTANCE,
        "gateways": dict(Gateway.objects.order_by("server").values_list("server", "address")),
        "members": {
            row.name: {"code": row.code, "vi": row.title_vi, "en": row.title_en}
            for row in Member.objects.order_by("name")
        },
        "subsystems": {
            row.name: {
                "system": row.system,
                "gateway": row.gateway_id or "",  # type: ignore[attr-defined]
                "national": row.national,
                "framed": row.framed,
                "described": row.described,
                "connection": row.connection,
            }
            for row in Subsystem.objects.order_by("name")
        },
        "clients": certificates_by_subsystem(),
        "services": _services(),
        "contracts": _contracts(),
        "groups": _groups(),
        "agreements": [_agreement(row) for row in Agreement.objects.order_by("service", "client", "purpose")],
        "subscriptions": [
            list(row)
            for row in Subscription.objects.order_by("event", "subscriber", "service").values_list(
                "event", "subscriber", "service"
            )
        ],
        "agencies": [
            {
                "code": c.code,
                "kind": c.kind,
                "name": c.name.as_dict(),
                "short": c.short.as_dict(),
                "unit": c.unit,
            }
            for c in agencies.agencies_all()
        ],
        "catalogues": declared.catalogues(on=clock.today()),
        "certificates": trust_rows.certificates_of_members(),
    }


def _agreement(row: Agreement) -> dict[str, Any]:
    return {
        "client": row.client,
        "service": row.service,
        "purpose": row.purpose,
        "legal_basis": row.legal_basis,
        "from": row.valid_from.isoformat(),
        "to": row.valid_to.isoformat() if row.valid_to else None,
        "quota": row.daily_quota,
        "endpoints": row.endpoints,
        "granted_by": row.granted_by,
    }


def _services() -> dict[str, dict[str, Any]]:
    """By subsystem and code; `document` is the digest under which a gateway fetches the description."""
    found: dict[str, dict[str, Any]] = {}
    for row in PublishedService.objects.order_by("subsystem_id", "code"):
        found.setdefault(row.subsystem_id, {})[row.code] = {  # type: ignore[attr-defined]
            "type": row.type,
            "title": {"vi": row.title_vi, "en": row.title_en},
            "path": row.path,
            "endpoints": row.endpoints,
            "versions": row.versions,
            "document": row.document_id,  # type: ignore[attr-defined]
        }
    return found


def _contracts() -> dict[str, dict[str, dict[str, Any]]]:
    """By system and code: what every framed subsystem of that system offers."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for row in ContractService.objects.order_by("system", "code"):
        found.setdefault(row.system, {})[row.code] = {
            "type": "OPENAPI",
            "title": {"vi": row.title_vi, "en": row.title_en},
            "path": "",
            "endpoints": row.endpoints,
            "versions": [],
            "document": row.document_id,  # type: ignore[attr-defined]
        }
    return found


def _groups() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {
        code: [] for code in Group.objects.order_by("code").values_list("code", flat=True)
    }
    rows = Group.members.through.objects.order_by("group_id", "subsystem_id")
    for group, subsystem in rows.values_list("group_id", "subsystem_id"):
        found[group].append(subsystem)
    return found


def publish_if_changed(*, at: datetime) -> int:
    """Sign and store the state as a new version unless the newest says the same; 1 where it did.

    What the systems here offer under contract is described anew before.
    """
    with transaction.atomic():
        contracts_publish(at=at)
    text = canonical_json(document())
    digest = sha256_hex(text)
    newest = Configuration.objects.order_by("-id").values_list("digest", flat=True).first()
    if newest == digest:
        return 0
    with transaction.atomic():
        signer = signer_here(at)
        signed = trust.bytes_sign(subject_id=instance_signer(), data=text, at=at)
        row = Configuration.objects.create(
            made_at=at,
            document=text.decode(),
            digest=digest,
            signature=signed.signature,
            certificate=signer.pem,
        )
        Configuration.objects.filter(pk__lte=row.pk - KEPT).delete()
        with connection.cursor() as cursor:
            cursor.execute("select pg_notify(%s, %s)", [CONFIGURATION_CHANNEL, str(row.pk)])
    return 1


def document_newest() -> dict[str, Any] | None:
    text = Configuration.objects.order_by("-id").values_list("document", flat=True).first()
    return None if text is None else json.loads(text)


def document_apply(*, given: dict[str, Any], systems: frozenset[str], at: datetime) -> int:
    """Take the country's state over into an instance that runs only `systems`; the number of subsystems."""
    from lienthong.blocks.exchange import services  # noqa: PLC0415 - services stands on the log, and so do we

    with transaction.atomic():
        for server, address in given["gateways"].items():
            services.gateway_open(server=server, address=address)
        trust.certificates_take(given["certificates"])
        for card in given["agencies"]:
            agencies.agency_enter(
                code=card["code"],
                kind=card["kind"],
                name=Text(**card["name"]),
                short=Text(**card["short"]),
                unit=card["unit"],
                valid_from=at.date(),
            )
        declared.catalogues_take(
            given["catalogues"],
            provenance=Provenance("exchange", reason=given["instance"]),
            at=at,
            valid_from=at.date(),
        )
        for name, member in given["members"].items():
            Member.objects.update_or_create(
                name=name,
                defaults={
                    "code": member["code"],
                    "title_vi": member["vi"],
                    "title_en": member["en"],
                    "joined_at": at,
                },
            )
        for name, row in given["subsystems"].items():
            services.subsystem_open(
                name=name,
                national=row["national"],
                hosted=row["system"] in systems,
                gateway=row["gateway"] or None,
                framed=row["framed"],
            )
        for code, members in given["groups"].items():
            group_set(code=code, title=Text(code, code))
            group_members(code=code, members=members)
        for row in given["agreements"]:
            services.agreement_grant(
                client=row["client"],
                service=row["service"],
                purpose=row["purpose"],
                legal_basis=row["legal_basis"],
                granted_by=row["granted_by"],
                valid_from=date.fromisoformat(row["from"]),
                valid_to=date.fromisoformat(row["to"]) if row["to"] else None,
                daily_quota=row["quota"],
                endpoints=row["endpoints"],
            )
        for event, subscriber, service in given["subscriptions"]:
            services.subscribe(event=event, subscriber=subscriber, service=service)
    agencies.forget()
    return len(given["subsystems"])
