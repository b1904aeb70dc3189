"""Who acts: a person, or an officer at an agency in roles. Rows store the subject, never a user key."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
class Principal:
    """subject: a person's 12-digit number, or an officer's code; agency: the officer's agency identifier."""

    kind: Kind
    subject: str
    name: str
    agency: str = ""
    roles: frozenset[Role] = field(default_factory=frozenset)

    @property
    def is_person(self) -> bool:
        return self.kind is Kind.PERSON

    @property
    def is_officer(self) -> bool:
        return self.kind is Kind.OFFICER

    def holds(self, *roles: Role) -> bool:
        return self.is_officer and not self.roles.isdisjoint(roles)
