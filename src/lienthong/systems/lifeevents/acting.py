"""For whom a person may act: asked of the registers when it is chosen, and again when it counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from django.contrib.sessions.backends.base import SessionBase

from lienthong.blocks.access.principals import ActingFor, Basis, Principal
from lienthong.blocks.access.services import acting_choose
from lienthong.blocks.exchange import selectors as exchange
from lienthong.blocks.exchange.services import call
from lienthong.blocks.registry.declarations import Register, party_registers, register_get
from lienthong.ground import clock, formats, units
from lienthong.ground.errors import Problem
from lienthong.ground.text import Text
from lienthong.systems.lifeevents import mandates
from lienthong.systems.lifeevents.selectors import subsystem

PURPOSE: Final = "representation"
AUTHORISATIONS: Final = "authorisation"
BIRTHS: Final = "birth"
ASKED_AGAIN_AFTER: Final = timedelta(minutes=5)
"""A choice that is older is checked again before a page is shown; an act always checks."""
_NOT_FOUND: Final = 404


def mandates_of(person: str, *, officer: str = "") -> list[ActingFor]:
    """Everyone for whom a person may act today: organisations, children, who authorised them.

    officer: who asks for a person at the counter, and is named where the registers say who looked.
    """
    found = [*_organisations(person, officer), *_children(person, officer), *_authorisations(person, officer)]
    return sorted(found, key=lambda each: (list(Basis).index(each.basis), each.name))


def mandate_checked(*, person: str, chosen: ActingFor, officer: str = "") -> ActingFor:
    """The same right as it stands now. Errors (403): representation-ended and its like, with the reason."""
    source, _, key = chosen.source.partition(":")
    today = clock.today()
    if source == BIRTHS:
        birth = _birth(chosen.number, officer)
        if problem := mandates.parent_problem(birth, person, today=today):
            raise problem
        return _child(birth["child_number"], birth["full_name"], key)
    record = _record(source, key, officer)
    if source == AUTHORISATIONS:
        if record is None:
            raise mandates.authorisation_ended()
        if problem := mandates.authorisation_problem(record["data"], person, today=today):
            raise problem
        return _authorised(record)
    register = register_get(source)
    party = _party(register, record) if record else _nobody(chosen)
    if problem := mandates.representative_problem(party, person, today=today):
        raise problem
    return _representing(register, party, person)


def session_renew(*, session: SessionBase, by: Principal) -> Principal:
    """Check a choice that is some minutes old; one that no longer holds is taken back, and said.

    Errors (403): those of `mandate_checked`.
    """
    chosen = by.acting_for
    if chosen is None or clock.now() - chosen.checked_at < ASKED_AGAIN_AFTER:
        return by
    return checked_now(session=session, by=by)


def checked_now(*, session: SessionBase, by: Principal) -> Principal:
    """The person with a right that holds at this moment. Errors (403): those of `mandate_checked`."""
    if by.acting_for is None:
        return by
    try:
        again = mandate_checked(person=by.subject, chosen=by.acting_for)
    except Problem as problem:
        if not problem.unanswered:
            acting_choose(session=session, acting_for=None)
        raise
    acting_choose(session=session, acting_for=again)
    return Principal(by.kind, by.subject, by.name, acting_for=again)


def organisation_of(chosen: ActingFor, *, officer: str = "") -> dict[str, Any]:
    """The organisation as an applicant: what forms of packages see of it."""
    source, _, key = chosen.source.partition(":")
    register = register_get(source)
    record = _record(source, key, officer)
    party = _party(register, record) if record else _nobody(chosen)
    return _as_applicant(register, party)


def acting_record(by: Principal) -> dict[str, Any]:
    """What stays with a draft and a dossier of who acted, by what right; empty for one's own."""
    chosen = by.acting_for
    if chosen is None:
        return {}
    return {
        "number": by.subject,
        "name": by.name,
        "basis": chosen.basis.value,
        "role": chosen.role.as_dict(),
        "source": chosen.source,
        "until": chosen.until,
        "kind": chosen.kind,
    }


def chosen_of(*, number: str, name: str, acting: Mapping[str, Any]) -> ActingFor:
    """Whom a draft or a dossier is for, out of what stays with it (`acting_record`)."""
    return ActingFor(
        number=number,
        name=name,
        kind=acting["kind"],
        basis=Basis(acting["basis"]),
        role=Text(**acting["role"]),
        source=acting["source"],
        checked_at=clock.now(),
        until=acting["until"],
    )


def told_of(applicant: str, acting: dict[str, Any]) -> list[str]:
    """Who gets a notice: whoever acts, and the person who authorised them; a child's and a firm's go to who acts."""
    if not acting:
        return [applicant]
    also = [applicant] if acting["basis"] == Basis.AUTHORISATION else []
    return [str(acting["number"]), *also]


def _organisations(person: str, officer: str) -> list[ActingFor]:
    found = []
    for register in party_registers():
        view = register.party
        claims = view.claims(person) if view else {}
        answer = _ask_register("records-find", register, {"claims": claims}, officer)
        for record in answer["records"]:
            party = _party(register, record)
            if mandates.representative_problem(party, person, today=clock.today()) is None:
                found.append(_representing(register, party, person))
    return found


def _children(person: str, officer: str) -> list[ActingFor]:
    body = {"parent": person, "born_from": mandates.born_from(clock.today()).isoformat()}
    answer = call("civilstatus/children-find/v1", body, client=subsystem(), purpose=PURPOSE, officer=officer)
    return [
        _child(child["number"], child["full_name"], child["certificate_number"])
        for child in answer["children"]
    ]


def _authorisations(person: str, officer: str) -> list[ActingFor]:
    register = register_get(AUTHORISATIONS)
    answer = _ask_register("records-find", register, {"claims": {"agent_number": person}}, officer)
    return [_authorised(record) for record in answer["records"]]


def _birth(number: str, officer: str) -> dict[str, Any]:
    body = {"child_number": number}
    return call("civilstatus/births-get/v1", body, client=subsystem(), purpose=PURPOSE, officer=officer)


def _record(code: str, key: str, officer: str) -> dict[str, Any] | None:
    try:
        return _ask_register("records-get", register_get(code), {"key": key}, officer)
    except Problem as problem:
        if problem.status != _NOT_FOUND:
            raise
        return None


def _ask_register(service: str, register: Register, body: dict[str, Any], officer: str) -> dict[str, Any]:
    return call(
        f"registers/{service}/v1",
        {"register_code": register.code, **body},
        client=subsystem(),
        provider=exchange.subsystem_of(member=register.owner, system="registers"),
        purpose=PURPOSE,
        officer=officer,
    )


def _party(register: Register, record: dict[str, Any]) -> dict[str, Any]:
    if register.party is None:
        raise ValueError(f"{register.code} is no register of organisations")
    return register.party.party(key=record["key"], data=record["data"])


def _nobody(chosen: ActingFor) -> dict[str, Any]:
    """An organisation that its register no longer has."""
    return {"number": chosen.number, "name": chosen.name, "active": False, "representatives": []}


def _representing(register: Register, party: dict[str, Any], person: str) -> ActingFor:
    row = mandates.representative_of(party, person, today=clock.today()) or {}
    roles = register.party.roles if register.party else {}
    role = str(row.get("role", ""))
    return ActingFor(
        number=party["number"],
        name=party["name"],
        kind=mandates.ORGANISATION,
        basis=Basis.REPRESENTATIVE,
        role=roles.get(role, Text(role, role)),
        source=f"{register.code}:{party['number']}",
        checked_at=clock.now(),
        until=row.get("to") or "",
    )


def _child(number: str, name: str, certificate: str) -> ActingFor:
    role = Text("Cha, mẹ của con dưới 18 tuổi", "Parent of a child under 18")
    return ActingFor(
        number, name, mandates.PERSON, Basis.PARENT, role, f"{BIRTHS}:{certificate}", clock.now()
    )


def _authorised(record: dict[str, Any]) -> ActingFor:
    data = record["data"]
    role = Text(f"Người được ủy quyền, văn bản số {record['key']}", f"Authorised, no. {record['key']}")
    return ActingFor(
        number=data["principal_number"],
        name=data["principal_name"],
        kind=mandates.PERSON,
        basis=Basis.AUTHORISATION,
        role=role,
        source=f"{AUTHORISATIONS}:{record['key']}",
        checked_at=clock.now(),
        until=data["until"],
        procedures=tuple(data["procedures"]),
    )


def _as_applicant(register: Register, party: dict[str, Any]) -> dict[str, Any]:
    unit, today = party.get("unit") or "", clock.today()
    commune = units.commune(unit, today).name.vi if unit else ""
    code = party.get("province") or (units.commune(unit, today).province_code if unit else "")
    province = units.province(code, today).name.vi if code else ""
    form = register.party.forms.get(party["form"]) if register.party else None
    return {
        "kind": mandates.ORGANISATION,
        "number": party["number"],
        "full_name": party["name"],
        "form": party["form"],
        "form_name": (form or Text(party["form"], party["form"])).as_dict(),
        "unit": unit,
        "province": code,
        "address": party["address"],
        "full_address": ", ".join(_unsaid(party["address"], [commune, province])),
    }


def _unsaid(address: str, places: list[str]) -> list[str]:
    """The address, and the places that it does not name already."""
    return [address, *(place for place in places if place and place.casefold() not in address.casefold())]


def until_said(chosen: ActingFor) -> Text | None:
    """Until when a right lasts, where its end is known."""
    if not chosen.until:
        return None
    day = date.fromisoformat(chosen.until)
    return Text(f"đến hết ngày {formats.date(day)}", f"until {formats.date(day, 'en')}")


def hint_of(each: ActingFor) -> Text:
    """By what right, an organisation's number, until when: the line under a choice."""
    until = until_said(each)
    number = f" · {each.number}" if each.kind == mandates.ORGANISATION else ""
    return Text(
        f"{each.role.vi}{number}" + (f" · {until.vi}" if until else ""),
        f"{each.role.en}{number}" + (f" · {until.en}" if until else ""),
    )
