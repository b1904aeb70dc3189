"""The services of `contract.py`."""

from __future__ import annotations

from lienthong.blocks.exchange.contract import Done
from lienthong.blocks.exchange.provide import CallContext
from lienthong.ground.errors import NotFound
from lienthong.ground.ids import derived
from lienthong.ground.text import Text
from lienthong.systems.eid import contract, services
from lienthong.systems.eid.models import Account


def contacts_get(request: contract.ContactAsk, context: CallContext) -> contract.Contact:
    account = Account.objects.filter(subject=request.number).first()
    if account is None:
        raise NotFound(
            "account-unknown",
            Text("Người này chưa có tài khoản định danh.", "This person has no e-ID account."),
            Text("Chưa kích hoạt tài khoản.", "None was activated."),
            Text("Liên hệ bằng giấy.", "Write to them on paper."),
        )
    context.note_read(request.number, Text("thư điện tử, số điện thoại", "mail address, telephone number"))
    return contract.Contact(email=account.email, phone=account.phone, language=account.language)


def notices_send(request: contract.NoticeSend, context: CallContext) -> contract.NoticeSent:
    others = [(to, str(derived(context.message_id, to))) for to in request.also if to != request.to]
    sent = [
        services.notice_send(
            to=to,
            subject=Text(request.subject.vi, request.subject.en),
            text=Text(request.text.vi, request.text.en),
            case=request.case,
            link=request.link,
            message_id=message_id,
            at=context.at,
        )
        for to, message_id in [(request.to, context.message_id), *others]
    ]
    return contract.NoticeSent(notice=sent[0])


def deaths_receive(request: contract.DeathTold, context: CallContext) -> Done:
    services.account_close(subject=request.person_number, at=context.at)
    return Done()
