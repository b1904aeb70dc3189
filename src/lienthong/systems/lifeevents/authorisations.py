"""One adult authorises another to apply for them (Civil Code 91/2015/QH13, art. 138-140, 562-569).

The record lies in the declared register `authorisation`; the portal writes it for the person who gives it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from lienthong.blocks.access.principals import Principal
from lienthong.blocks.casework.in_force import procedure_in_force
from lienthong.blocks.exchange import selectors as exchange
from lienthong.blocks.exchange.services import call
from lienthong.blocks.registry.declarations import register_get
from lienthong.ground import clock, formats, names
from lienthong.ground.errors import Invalid, NotFound, Problem
from lienthong.ground.personal_number import PersonalNumber
from lienthong.ground.text import Text
from lienthong.systems.lifeevents import acting, mandates
from lienthong.systems.lifeevents.selectors import subsystem
from lienthong.systems.lifeevents.telling import person_tell

PURPOSE: Final = "authorisation"
TITLE: Final = Text("Bên ủy quyền", "Principal")


@dataclass(frozen=True, slots=True)
class Wanted:
    """procedures: none means all; some: the person wanted to name some."""

    agent_number: str
    agent_name: str
    procedures: tuple[str, ...]
    until: date
    some: bool = False


@dataclass(frozen=True, slots=True)
class Granted:
    """An authorisation in force, as its giver sees it."""

    key: str
    agent_name: str
    agent_number: str
    until: date
    procedures: list[Text]


def granted_by(person: str) -> list[Granted]:
    """What a person granted and what is in force today, the one that ends first at the top."""
    body = {"register_code": acting.AUTHORISATIONS, "claims": {"principal_number": person}}
    answer = _call("records-find", body, purpose=acting.PURPOSE)
    rows = [
        Granted(
            row["key"],
            row["data"]["agent_name"],
            row["data"]["agent_number"],
            date.fromisoformat(row["data"]["until"]),
            [_procedure(code) for code in row["data"]["procedures"]],
        )
        for row in answer["records"]
    ]
    return sorted(rows, key=lambda row: (row.until, row.key))


def _procedure(code: str) -> Text:
    row = procedure_in_force(code=code, on=clock.today())
    return Text(f"{row.name_vi} ({code})", f"{row.name_en} ({code})") if row else Text(code, code)


def grant(*, by: Principal, wanted: Wanted) -> str:
    """Write the authorisation, and tell the agent; its number.

    Errors: agent-not-matching, agent-under-age, procedure-unknown (422); those of the register's rules (422);
    person-unknown (404).
    """
    number = PersonalNumber(wanted.agent_number)
    for problem in _scope_problems(wanted):
        raise problem
    if number == by.subject:  # said by the register's rule, without a look at anybody
        agent = {"full_name": by.name, "alive": True, "birth_date": "1900-01-01"}
    else:
        agent = call("population/persons-get/v1", {"number": number}, client=subsystem(), purpose=PURPOSE)
        same_name = names.search_key(agent["full_name"]) == names.search_key(wanted.agent_name)
        found = mandates.agent_problem(agent, wanted.agent_name, today=clock.today(), same_name=same_name)
        if found:
            raise found
    data = {
        "principal_number": by.subject,
        "principal_name": by.name,
        "agent_number": number,
        "agent_name": agent["full_name"],
        "procedures": list(wanted.procedures),
        "until": wanted.until.isoformat(),
    }
    record = _call(
        "records-enter",
        {
            "register_code": acting.AUTHORISATIONS,
            "data": data,
            "valid_from": clock.today().isoformat(),
            "signer": _signer(by),
        },
        purpose=PURPOSE,
    )
    until = Text(formats.date(wanted.until), formats.date(wanted.until, "en"))
    subject = Text(f"{by.name} ủy quyền cho bạn", f"{by.name} authorised you")
    text = Text(
        f"Bạn được nộp hồ sơ thay {by.name} đến hết ngày {until.vi}. Vào «Làm thay» trên Cổng để bắt đầu.",
        f"You may apply for {by.name} until {until.en}. Open “Acting for” on the portal to begin.",
    )
    person_tell(to=str(number), subject=subject, text=text)
    return str(record["key"])


def _scope_problems(wanted: Wanted) -> list[Problem]:
    unknown = [code for code in wanted.procedures if procedure_in_force(code=code, on=clock.today()) is None]
    if not unknown and (wanted.procedures or not wanted.some):
        return []
    what = (
        Text(f"Không có thủ tục {', '.join(unknown)}.", f"There is no procedure {', '.join(unknown)}.")
        if unknown
        else Text("Chưa ghi thủ tục nào.", "No procedure is named.")
    )
    return [
        Invalid(
            "procedure-unknown",
            what,
            Text("Phạm vi ủy quyền phải rõ.", "The scope of an authorisation must be plain."),
            Text(
                "Xem mã trên trang của từng thủ tục, hoặc chọn mọi thủ tục.",
                "See the code on each procedure's page, or choose every procedure.",
            ),
            field="procedures",
        )
    ]


def withdraw(*, by: Principal, key: str, on: date) -> None:
    """The authorisation ends today, at once. Errors: authorisation-unknown (404), also for another's."""
    row = next((each for each in granted_by(by.subject) if each.key == key), None)
    if row is None:
        raise NotFound(
            "authorisation-unknown",
            Text("Không tìm thấy ủy quyền này.", "This authorisation is not here."),
            Text("Ủy quyền đã chấm dứt, hoặc không do bạn lập.", "It has ended, or is not yours."),
            Text("Xem lại danh sách ủy quyền của bạn.", "Look at the list of yours."),
        )
    body = {
        "register_code": acting.AUTHORISATIONS,
        "key": key,
        "valid_to": on.isoformat(),
        "reason": "Bên ủy quyền chấm dứt",
        "signer": _signer(by),
    }
    _call("records-end", body, purpose=PURPOSE)
    subject = Text(f"{by.name} chấm dứt ủy quyền", f"{by.name} withdrew the authorisation")
    text = Text(
        f"Từ lúc này bạn không nộp hồ sơ thay {by.name} được nữa.",
        f"From now on you cannot apply for {by.name}.",
    )
    person_tell(to=row.agent_number, subject=subject, text=text)


def _signer(by: Principal) -> dict[str, Any]:
    return {"code": by.subject, "name": by.name, "title": TITLE.as_dict()}


def _call(service: str, body: dict[str, Any], *, purpose: str) -> dict[str, Any]:
    owner = register_get(acting.AUTHORISATIONS).owner
    provider = exchange.subsystem_of(member=owner, system="registers")
    return call(f"registers/{service}/v1", body, client=subsystem(), provider=provider, purpose=purpose)
