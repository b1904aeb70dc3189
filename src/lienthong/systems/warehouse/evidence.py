"""Checking an evidence container, the signed message of an exchange, for whoever holds it. Nothing of it is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from lienthong.blocks.access.purposes import purpose_get
from lienthong.blocks.exchange.heads import Fact, facts_of, signer_of
from lienthong.blocks.exchange.selectors import member_title
from lienthong.blocks.trust import services as trust
from lienthong.blocks.trust.asic import MIMETYPE, Check, container_check
from lienthong.blocks.trust.asictexts import REVOKED
from lienthong.blocks.trust.wire import fingerprint
from lienthong.ground.errors import Problem
from lienthong.ground.text import Text

ARCHIVE: Final = b"PK\x03\x04"
_NAME_AT: Final = 30  # of an entry in a ZIP, behind its header
_FIRST: Final = b"mimetype" + MIMETYPE.encode()


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under one heading."""

    heading: Text
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a container proves, or what is wrong with it; signer: the name, for the page's first sentence."""

    check: Check
    signer: str
    sections: tuple[Section, ...]


def is_container(head: bytes) -> bool:
    """By its first bytes: a ZIP whose first entry says what it is, as ASiC-E demands."""
    return head.startswith(ARCHIVE) and head[_NAME_AT : _NAME_AT + len(_FIRST)] == _FIRST


def check_container(*, content: bytes, at: datetime) -> Evidence:
    """With this instance's root, and with what it knows of revocations."""
    found = container_check(content, trusted=[trust.authority().root], at=at)
    if found.signer is not None and _revoked(found):
        found = Check(problem=REVOKED, detail=fingerprint(found.signer))
    facts = [_titled(fact) for fact in facts_of(found)]
    headings = dict.fromkeys(fact.section for fact in facts)
    sections = tuple(
        Section(heading, tuple(fact for fact in facts if fact.section == heading)) for heading in headings
    )
    return Evidence(found, signer_of(found)[0], sections)


def _revoked(found: Check) -> bool:
    """A certificate that is not known here cannot be told to be revoked."""
    signed = found.stamped_at or found.signed_at
    if found.signer is None or signed is None:
        return False
    record = trust.record_find(fingerprint=fingerprint(found.signer))
    return record is not None and record.revoked_at is not None and signed >= record.revoked_at


def _titled(fact: Fact) -> Fact:
    """A purpose and an agency by their titles, where they are known here."""
    name = fact.value.vi
    if fact.names == "purpose":
        try:
            title = purpose_get(name).title
        except Problem:
            return fact
    elif fact.names == "system":
        found = member_title(name=name.rpartition("/")[0])
        if found is None:
            return fact
        title = found
    else:
        return fact
    return replace(fact, value=Text(f"{title.vi} ({name})", f"{title.en} ({name})"))
