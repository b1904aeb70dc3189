"""Renewal of certificates before they end, by a dated rule that officials can read (content/certificates.yaml).

A new certificate begins to hold some hours after it was issued, so that every gateway and instance knows it by then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import yaml
from cryptography import x509
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, OuterRef, Subquery

from lienthong.blocks.trust import wire
from lienthong.blocks.trust.authority import subject_of
from lienthong.blocks.trust.models import Certificate
from lienthong.blocks.trust.services import authority
from lienthong.ground import clock

BATCH = 500
_LOCK = 0x5EA2


@dataclass(frozen=True, slots=True)
class Rule:
    """before: how long before its end a certificate is renewed; known_for: how long before it is used."""

    valid_from: date
    before: timedelta
    known_for: timedelta
    legal_basis: str


@cache
def _rules(path: Path) -> tuple[Rule, ...]:
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    made = (
        Rule(
            row["from"],
            timedelta(days=row["days_before"]),
            timedelta(hours=row["known_hours"]),
            row["legal_basis"],
        )
        for row in rows
    )
    return tuple(sorted(made, key=lambda rule: rule.valid_from))


def rule_on(day: date) -> Rule:
    """The rule in force on that day; the first one before it began."""
    rules = _rules(settings.LIENTHONG_CONTENT / "certificates.yaml")
    return [rule for rule in rules if rule.valid_from <= day][-1] if rules[0].valid_from <= day else rules[0]


@dataclass(frozen=True, slots=True)
class Holding:
    """A subject's certificate that holds longest: until when, and whether its key is one of ours to renew."""

    subject_id: str
    kind: str
    fingerprint: str
    not_before: datetime
    not_after: datetime


def holdings_page(*, subjects: list[str] | None = None, after: str = "", limit: int = 50) -> list[Holding]:
    """Of members and the instance's own signers, by name: the certificate of each that ends last."""
    rows = Certificate.objects.exclude(kind="officer").filter(revoked_at=None, subject_id__gt=after)
    if subjects is not None:
        rows = rows.filter(subject_id__in=subjects)
    last = rows.filter(subject_id=OuterRef("subject_id")).order_by("-not_after", "-id").values("pk")[:1]
    newest = rows.filter(pk=Subquery(last)).order_by("subject_id")[:limit]
    return [
        Holding(row.subject_id, row.kind, row.fingerprint, row.not_before, row.not_after) for row in newest
    ]


def signers_renew(*, at: datetime) -> int:
    """Issue the next certificate of every member and instance whose last one ends soon; how many.

    One whose key is not on this machine is left to its owner. A revoked certificate is not renewed.
    """
    rule = rule_on(at.date())
    made = 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        ending = (
            Certificate.objects.exclude(kind="officer")
            .filter(revoked_at=None)
            .values("subject_id")
            .annotate(until=Max("not_after"))
            .filter(until__lt=at + rule.before, until__gte=at)
            .order_by("until")
            .values_list("subject_id", "until")
        )
        for subject_id, until in ending[:BATCH]:
            row = Certificate.objects.filter(subject_id=subject_id, not_after=until, revoked_at=None).first()
            made += 0 if row is None else _renew(row, at + rule.known_for)
    return made


def _renew(row: Certificate, at: datetime) -> int:
    old = wire.certificate_load(row.pem)
    if authority().key(row.subject_id, old) is None:
        return 0
    subject = subject_of(old)
    # X.509 knows no fractions of a second; it must hold before the old one has ended.
    begins = min(at, row.not_after).replace(microsecond=0)
    new = authority().issue(subject, at=begins)
    Certificate.objects.create(
        subject_id=row.subject_id,
        kind=row.kind,
        serial=f"{new.serial_number:x}",
        fingerprint=wire.fingerprint(new),
        pem=wire.certificate_pem(new),
        not_before=new.not_valid_before_utc,
        not_after=new.not_valid_after_utc,
    )
    return 1


def tls_renew(*, folder: Path, server: str, at: datetime) -> bool:
    """Write a gateway's next connection certificate and key over the old ones when these end soon; whether it did.

    The names that the old certificate stands for stay. FileNotFoundError where there is none.
    """
    old = wire.certificate_load((folder / "certificate.pem").read_bytes())
    if old.not_valid_after_utc >= at + rule_on(clock.in_vietnam(at).date()).before:
        return False
    names = old.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    authority().tls_folder_write(folder, server, hosts=[str(name.value) for name in names])
    return True
