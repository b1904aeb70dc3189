"""Who acts: a person, or an officer at an agency in roles. Rows store the subject, never a user key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from lienthong.ground.text import Text


class Kind(StrEnum):
    PERSON = "person"
    OFFICER = "officer"


class Role(StrEnum):
    """What an officer may do at the agency that granted it."""

    INTAKE = "intake"  # take in at the counter
    CASE = "case"  # examine a dossier and propose
    SIGN = "sign"  # decide and sign
    ADMINISTRATOR = "administrator"  # grant and take away roles at the own agency
    ENGINEER = "engineer"  # connect the own agency's systems: services, requests for rights, rights
    OPERATOR = "operator"  # run the instance: stuck work, health
    COMMITTEE = "committee"  # read reports and their rows


class Basis(StrEnum):
    """By what right somebody acts for another (Civil Code 91/2015/QH13, art. 134-140)."""

    REPRESENTATIVE = "representative"  # of an enterprise, an organisation, a household business
    PARENT = "parent"  # of a child under 18
    AUTHORISATION = "authorisation"  # granted by the other person


@dataclass(frozen=True, slots=True)
class ActingFor:
    """Whom a person acts for, as a register said when it was asked last.

    number: a person's, or an organisation's code; kind: person | organisation; source: the record that gives
    the right; procedures: those that it is for, none means all; until: the last day, ISO, empty without one.
    """

    number: str
    name: str
    kind: str
    basis: Basis
    role: Text
    source: str
    checked_at: datetime
    until: str = ""
    procedures: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            **asdict(self),
            "role": self.role.as_dict(),
            "basis": self.basis.value,
            "procedures": list(self.procedures),
            "checked_at": self.checked_at.isoformat(),
        }

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            **{
                **row,
                "basis": Basis(row["basis"]),
                "role": Text(**row["role"]),
                "procedures": tuple(row["procedures"]),
                "checked_at": datetime.fromisoformat(row["checked_at"]),
            }
        )

    @property
    def sees_all(self) -> bool:
        """Whoever is authorised sees what they did themselves; parents and representatives see everything."""
        return self.basis is not Basis.AUTHORISATION


@dataclass(frozen=True, slots=True)
class Principal:
    """subject: a person's 12-digit number, or an officer's code; agency: the officer's agency identifier.

    acting_for: whom the person chose to act for; None for themselves.
    """

    kind: Kind
    subject: str
    name: str
    agency: str = ""
    roles: frozenset[Role] = field(default_factory=frozenset)
    acting_for: ActingFor | None = None

    @property
    def party(self) -> str:
        """Whose dossiers, bills and papers are at hand: the number of the person, or of whom they act for."""
        return self.acting_for.number if self.acting_for else self.subject

    @property
    def owner(self) -> str:
        """Whose papers are shown: whoever is only authorised sees their own."""
        return self.party if self.acting_for and self.acting_for.sees_all else self.subject

    @property
    def is_person(self) -> bool:
        return self.kind is Kind.PERSON

    @property
    def is_officer(self) -> bool:
        return self.kind is Kind.OFFICER

    def holds(self, *roles: Role) -> bool:
        return self.is_officer and not self.roles.isdisjoint(roles)
