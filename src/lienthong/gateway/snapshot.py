"""The country as a gateway knows it: who is a member, where each system is found, who may call what.

Built from the document that the control plane signs; looking something up takes no query.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from lienthong.blocks.exchange.globs import endpoints_cover
from lienthong.blocks.exchange.wire import BY_DOOR, GROUP, Subsystem
from lienthong.blocks.trust import wire
from lienthong.gateway.xroad.metaservices import Endpoint
from lienthong.ground.text import Text


class SnapshotError(ValueError):
    """The document cannot be used: why."""


@dataclass(frozen=True, slots=True)
class Published:
    """A service behind a gateway, as its description says. path: where it begins on the system's address.

    type: REST, OPENAPI or SOAP; versions: those of a SOAP operation; document: SHA-256 of the description, for
    `Keeper.document`, empty where there is none.
    """

    code: str
    type: str
    title: Text
    path: str
    endpoints: tuple[Endpoint, ...]
    document: str
    versions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Right:
    """An agreement as a gateway reads it; `until` is the last day, `quota` calls a day, or None.

    endpoints: to which it is narrowed; none: the whole service.
    """

    client: str
    service: str
    purpose: str
    legal_basis: str
    since: date
    until: date | None
    granted_by: str
    quota: int | None
    endpoints: tuple[Endpoint, ...] = ()

    def in_force(self, on: date) -> bool:
        return self.since <= on and (self.until is None or on <= self.until)

    def covers(self, method: str, path: str) -> bool:
        """Whether a request is within it; path: as `endpoint_path` has it."""
        pairs = ((one.method, one.path) for one in self.endpoints)
        return not self.endpoints or endpoints_cover(pairs, method, path)


@dataclass(frozen=True, slots=True)
class Holder:
    """A certificate, whose it is, and since when it was revoked."""

    member: str
    certificate: x509.Certificate
    revoked_at: datetime | None

    def refusal(self, at: datetime) -> str:
        """Why nothing signed at that moment counts; empty where it does."""
        if not self.certificate.not_valid_before_utc <= at <= self.certificate.not_valid_after_utc:
            return "the certificate is not valid at this time"
        if self.revoked_at is not None and at >= self.revoked_at:
            return "the certificate was revoked"
        return ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """gateways: server -> address; subsystems: name -> server; rights: by (client or its pattern, service).

    framed: the subsystems that speak Lienthong's frames; services: by subsystem and code; contracts: by system and
    code, what each framed subsystem of that system offers; groups: those of a subsystem;
    described: the plain subsystems that have published services, and so offer those alone; agreed: the services that
    anyone has an agreement on; connections: how a subsystem's information systems connect;
    clients: their certificates in DER by subsystem and SHA-256 (hex).
    """

    version: int
    made_at: datetime
    instance: str
    gateways: dict[str, str]
    members: dict[str, str]
    subsystems: dict[str, str]
    framed: frozenset[str]
    rights: dict[tuple[str, str], list[Right]]
    holders: dict[str, Holder]
    newest_of: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    services: dict[str, dict[str, Published]] = field(default_factory=dict[str, dict[str, Published]])
    groups: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    contracts: dict[str, dict[str, Published]] = field(default_factory=dict[str, dict[str, Published]])
    described: frozenset[str] = frozenset()
    connections: dict[str, str] = field(default_factory=dict[str, str])
    clients: dict[str, dict[str, bytes]] = field(default_factory=dict[str, dict[str, bytes]])
    agreed: frozenset[str] = frozenset()

    def rights_of(self, client: str, service: str, on: date) -> list[Right]:
        """What lets this client call this service that day: its own agreements, its kind's, its groups'.

        An agreement that names no version is on all of them.
        """
        parts = Subsystem.parse(client)
        kinds = [client, f"{parts.instance}/{parts.member_class}/*/{parts.system}"]
        kinds += [f"{GROUP}{group}" for group in self.groups.get(client, [])]
        names = dict.fromkeys((service, "/".join(service.split("/", 2)[:2])))
        found = [right for name in names for kind in kinds for right in self.rights.get((kind, name), [])]
        return [right for right in found if right.in_force(on)]

    def rights_at(self, provider: str, client: str, service: str, on: date) -> list[Right]:
        """Those of them that count at this provider.

        Services are named after the system alone, and two agencies may call theirs alike: at a system that has
        described its services only its own agency grants.
        """
        found = self.rights_of(client, service, on)
        if provider not in self.described:
            return found
        owner = Subsystem.parse(provider).member
        return [right for right in found if right.granted_by == owner]

    def published(self, subsystem: str) -> dict[str, Published]:
        """What the system offers, by code; nothing where it has described nothing."""
        if subsystem in self.framed:
            return self.contracts.get(subsystem.rsplit("/", 1)[-1], {})
        return self.services.get(subsystem, {})

    def documents(self) -> frozenset[str]:
        """The digests of all descriptions that anything published has."""
        offered = (*self.services.values(), *self.contracts.values())
        return frozenset(one.document for rows in offered for one in rows.values() if one.document)

    def names(self, provider: str, code: str, service: str) -> bool:
        """Whether the configuration has the service: published by its provider, or in an agreement of anybody."""
        bare = "/".join(service.split("/", 2)[:2])
        return code in self.published(provider) or service in self.agreed or bare in self.agreed

    def services_of(self, subsystem: str) -> list[str]:
        """Names of the services that anyone has an agreement on, `<system>/<code>/v<version>`."""
        system = subsystem.rsplit("/", 1)[-1] + "/"
        return sorted({service for _, service in self.rights if service.startswith(system)})

    def fingerprints_of(self, member: str) -> list[str]:
        """The member's certificates, the newest first."""
        return self.newest_of.get(member, [])


def snapshot_verified(
    *,
    version: int,
    made_at: datetime,
    document: str,
    signature: str,
    certificate: str,
    anchor: x509.Certificate,
) -> Snapshot:
    """SnapshotError unless the instance's own key, certified by our anchor, signed the document."""
    signer = wire.certificate_load(certificate)
    try:
        signer.verify_directly_issued_by(anchor)
    except (InvalidSignature, TypeError, ValueError) as error:
        raise SnapshotError("its signer is not certified by the trust anchor") from error
    if not wire.verify(signer, document.encode(), signature):
        raise SnapshotError("it was changed after it was signed")
    return snapshot_of(version=version, made_at=made_at, given=json.loads(document), anchor=anchor)


def snapshot_of(
    *, version: int, made_at: datetime, given: dict[str, Any], anchor: x509.Certificate
) -> Snapshot:
    """From the document's content; a certificate that the anchor did not issue is left out."""
    rights: dict[tuple[str, str], list[Right]] = {}
    for row in given["agreements"]:
        right = Right(
            client=row["client"],
            service=row["service"],
            purpose=row["purpose"],
            legal_basis=row["legal_basis"],
            since=date.fromisoformat(row["from"]),
            until=date.fromisoformat(row["to"]) if row["to"] else None,
            granted_by=row["granted_by"],
            quota=row["quota"],
            endpoints=_endpoints(row["endpoints"]),
        )
        rights.setdefault((right.client, right.service), []).append(right)
    holders = _holders(given["certificates"], anchor)
    newest: dict[str, list[str]] = {}
    ordered = sorted(holders, key=lambda one: holders[one].certificate.not_valid_before_utc, reverse=True)
    for fingerprint in ordered:
        newest.setdefault(holders[fingerprint].member, []).append(fingerprint)
    return Snapshot(
        version=version,
        made_at=made_at,
        instance=given["instance"],
        gateways=given["gateways"],
        members={name: row["vi"] for name, row in given["members"].items()},
        subsystems={name: row["gateway"] for name, row in given["subsystems"].items()},
        framed=frozenset(name for name, row in given["subsystems"].items() if row["framed"]),
        described=frozenset(name for name, row in given["subsystems"].items() if row.get("described")),
        rights=rights,
        agreed=frozenset(service for _, service in rights),
        holders=holders,
        newest_of=newest,
        services={name: _services(rows) for name, rows in given["services"].items()},
        groups=_groups(given["groups"]),
        contracts={system: _services(rows) for system, rows in given.get("contracts", {}).items()},
        connections={name: row.get("connection", BY_DOOR) for name, row in given["subsystems"].items()},
        clients={name: _clients(rows) for name, rows in given.get("clients", {}).items()},
    )


def _clients(rows: list[str]) -> dict[str, bytes]:
    found = [base64.b64decode(row) for row in rows]
    return {wire.sha256_hex(one): one for one in found}


def _services(rows: dict[str, dict[str, Any]]) -> dict[str, Published]:
    return {
        code: Published(
            code=code,
            type=row["type"],
            title=Text(**row["title"]),
            path=row["path"],
            endpoints=_endpoints(row["endpoints"]),
            document=row["document"] or "",
            versions=tuple(row.get("versions", ())),
        )
        for code, row in rows.items()
    }


def _endpoints(rows: list[list[str]]) -> tuple[Endpoint, ...]:
    return tuple(Endpoint(method, path) for method, path in rows)


def _groups(rows: dict[str, list[str]]) -> dict[str, list[str]]:
    """Turned round: the groups of each subsystem."""
    found: dict[str, list[str]] = {}
    for group, names in rows.items():
        for name in names:
            found.setdefault(name, []).append(group)
    return found


def _holders(rows: list[dict[str, Any]], anchor: x509.Certificate) -> dict[str, Holder]:
    found: dict[str, Holder] = {}
    for row in rows:
        certificate = wire.certificate_load(row["pem"])
        try:
            certificate.verify_directly_issued_by(anchor)
        except (InvalidSignature, TypeError, ValueError):
            continue
        revoked = datetime.fromisoformat(row["revoked_at"]) if row["revoked_at"] else None
        member = member_of(certificate)
        found[wire.fingerprint(certificate)] = Holder(
            member, certificate, revoked.astimezone(UTC) if revoked else None
        )
    return found


def member_of(certificate: x509.Certificate) -> str:
    """The member's name in a certificate: organizationIdentifier, as ETSI EN 319 412-3 has it. Empty: none."""
    found = certificate.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_IDENTIFIER)
    return str(found[0].value) if found else ""
