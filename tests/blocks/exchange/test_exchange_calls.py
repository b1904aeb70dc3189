"""A call: who may, what happens once, what is undone, and what is not believed."""

import threading
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from pydantic import BaseModel

from lienthong.blocks.exchange import dispatch, selectors, services
from lienthong.blocks.exchange.models import Agreement, Delivery, Inbox, Message, Subsystem
from lienthong.blocks.exchange.transport import Transports
from lienthong.blocks.exchange.wire import (
    Request,
    Signature,
    SignedAnswer,
    SignedRequest,
    body_hash,
)
from lienthong.blocks.trust import services as trust
from lienthong.ground import clock
from lienthong.ground.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from lienthong.ground.ids import derived
from tests.blocks.exchange.desk import (
    ASKER,
    COUNT,
    DESK,
    NOTE,
    Note,
    Person,
    ask,
    desk_close,
    desk_open,
    grant,
    notes,
)

pytestmark = pytest.mark.django_db
ID = str(derived("case", "step"))


class Seen(BaseModel):
    notes: int


def sides() -> list[tuple[str, int, str]]:
    return list(Message.objects.order_by("id").values_list("side", "status", "problem"))


def test_an_answer_is_logged_on_both_sides_with_purpose_case_and_officer(desk: datetime) -> None:
    assert ask(NOTE, Note(code="a"), case="C-1", officer="cb01") == {"notes": 1}
    assert sides() == [("provider", 200, ""), ("client", 200, "")]
    [row] = selectors.messages_of_case(case="C-1")
    assert (row.client, row.provider, row.service) == (ASKER, DESK, NOTE.name)
    assert (row.purpose, row.officer, row.sealed) == ("own-data", "cb01", False)


def test_an_answer_can_be_read_in_the_askers_own_shape(desk: datetime) -> None:
    seen = services.call(NOTE.name, {"code": "a"}, client=ASKER, purpose="own-data", shape=Seen)
    assert seen == Seen(notes=1)


def test_a_call_is_refused_inside_a_transaction(desk: datetime) -> None:
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        ask(NOTE, Note(code="a"))
    assert notes() == 0


def test_without_an_agreement_nothing_happens_and_the_refusal_is_logged(desk: datetime) -> None:
    Agreement.objects.filter(service=NOTE.name).delete()
    with pytest.raises(Forbidden) as raised:
        ask(NOTE, Note(code="a"))
    assert raised.value.code == "no-agreement"
    assert DESK in raised.value.next_step.vi
    assert sides() == [("provider", 403, "no-agreement"), ("client", 403, "no-agreement")]
    assert notes() == 0


def test_an_agreement_holds_for_its_purpose_only(desk: datetime) -> None:
    with pytest.raises(Forbidden) as other:
        ask(NOTE, Note(code="a"), purpose="fee-collection")
    assert other.value.code == "no-agreement"
    with pytest.raises(Forbidden) as unknown:
        ask(NOTE, Note(code="a"), purpose="curiosity")
    assert unknown.value.code == "purpose-undeclared"


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "holds"),
    [
        (date(2026, 11, 23), date(2026, 11, 23), True),
        (date(2026, 11, 24), date(2026, 12, 31), False),
        (date(2026, 1, 1), date(2026, 11, 22), False),
    ],
)
def test_an_agreement_holds_on_its_days(
    desk: datetime, valid_from: date, valid_to: date, holds: bool
) -> None:
    Agreement.objects.filter(service=NOTE.name).delete()
    grant(ASKER, NOTE, valid_from=valid_from, valid_to=valid_to)
    found = dispatch.agreement_for(client=ASKER, service=NOTE.name, purpose="own-data", on=desk.date())
    assert (found is not None) == holds


def test_an_own_agreement_goes_before_that_of_the_kind(desk: datetime) -> None:
    grant(ASKER, NOTE, quota=5)
    found = dispatch.agreement_for(client=ASKER, service=NOTE.name, purpose="own-data", on=desk.date())
    assert found is not None
    assert found.client == ASKER


def test_a_quota_is_counted_by_day(desk: datetime) -> None:
    grant(ASKER, NOTE, quota=2)
    for code in "ab":
        ask(NOTE, Note(code=code))
    with pytest.raises(Problem) as raised:
        ask(NOTE, Note(code="c"))
    assert (raised.value.code, raised.value.status) == ("quota-used", 429)
    with clock.fixed(desk + timedelta(days=1)):
        assert ask(NOTE, Note(code="c")) == {"notes": 3}


def test_the_same_id_gives_the_same_answer_and_takes_effect_once(desk: datetime) -> None:
    first = ask(NOTE, Note(code="a"), message_id=ID)
    ask(NOTE, Note(code="b"))
    assert ask(NOTE, Note(code="a"), message_id=ID) == first == {"notes": 1}
    assert notes() == 2
    assert Inbox.objects.count() == 2
    answered = Message.objects.filter(side="provider", message_id=ID).order_by("pk")
    assert [row.repeats for row in answered] == [False, True]
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from facts.exchanges where message_id = %s", [ID])
        assert cursor.fetchone() == (1,)  # the report counts what took effect once


def test_the_same_id_with_another_body_is_an_error(desk: datetime) -> None:
    ask(NOTE, Note(code="a"), message_id=ID)
    with pytest.raises(Conflict) as raised:
        ask(NOTE, Note(code="b"), message_id=ID)
    assert raised.value.code == "message-id-reused"
    assert notes() == 1


def test_a_problem_undoes_what_the_handler_did_and_the_id_stays_free(desk: datetime) -> None:
    with pytest.raises(Conflict) as raised:
        ask(NOTE, Note(code="a", fate="refused"), message_id=ID)
    assert (raised.value.code, raised.value.next_step.en) == ("note-refused", "next")
    assert notes() == 0
    assert ask(NOTE, Note(code="a"), message_id=ID) == {"notes": 1}
    assert sides()[:2] == [("provider", 409, "note-refused"), ("client", 409, "note-refused")]


def test_a_handler_that_breaks_leaves_no_effect(desk: datetime) -> None:
    with pytest.raises(RuntimeError, match="the handler broke"):
        ask(NOTE, Note(code="a", fate="broken"), message_id=ID)
    assert notes() == 0
    assert Inbox.objects.count() == 0


def test_a_body_that_does_not_fit_names_the_field(desk: datetime) -> None:
    with pytest.raises(Invalid) as raised:
        services.call(NOTE.name, {"code": "a", "colour": 1}, client=ASKER, purpose="own-data")
    assert (raised.value.code, raised.value.field) == ("body-invalid", "colour")


def test_what_nobody_offers_is_unknown(desk: datetime) -> None:
    with pytest.raises(NotFound) as service:
        services.call("desk/other/v1", {}, client=ASKER, purpose="own-data")
    assert service.value.code == "unknown-service"
    with pytest.raises(NotFound) as provider:
        services.call("nowhere/other/v1", {}, client=ASKER, purpose="own-data")
    assert provider.value.code == "unknown-provider"


def signed(body: dict[str, Any], *, signer: str, at: datetime, client: str = ASKER) -> SignedRequest:
    head = Request(ID, client, DESK, NOTE.name, "own-data", "", "", at.isoformat(), body_hash(body))
    made = trust.bytes_sign(subject_id=signer, data=head.signed_bytes(), at=at)
    return SignedRequest(head, body, Signature(made.signature, made.certificate))


@pytest.mark.parametrize("forgery", ["other signer", "changed head", "changed body", "unknown certificate"])
def test_a_question_that_its_client_did_not_sign_is_refused(desk: datetime, forgery: str) -> None:
    request = signed(
        {"code": "a"}, signer="VN/GOV/T02" if forgery == "other signer" else "VN/GOV/T01", at=desk
    )
    if forgery == "changed head":
        request = replace(request, head=replace(request.head, officer="cb99"))
    elif forgery == "changed body":
        request = replace(request, body={"code": "b"})
    elif forgery == "unknown certificate":
        request = replace(request, signature=replace(request.signature, certificate="0" * 64))
    answer = dispatch.receive(request)
    assert (answer.head.status, answer.body["code"]) == (403, "signature-invalid")
    assert notes() == 0


def test_a_question_that_its_client_signed_is_answered(desk: datetime) -> None:
    answer = dispatch.receive(signed({"code": "a"}, signer="VN/GOV/T01", at=desk))
    assert (answer.head.status, answer.body) == (200, {"notes": 1})


class Meddler:
    """A way to the provider on which somebody changes the answer."""

    def __init__(self, change: str) -> None:
        self.change = change

    def send(self, request: SignedRequest) -> SignedAnswer:
        answer = dispatch.receive(request)
        if self.change == "body":
            return replace(answer, body={"notes": 99})
        if self.change == "status":
            return replace(answer, head=replace(answer.head, status=409))
        if self.change == "of another question":
            other = replace(request.head, message_id=str(derived("other")))
            made = trust.bytes_sign(subject_id="VN/GOV/T01", data=other.signed_bytes(), at=clock.now())
            resent = SignedRequest(other, request.body, Signature(made.signature, made.certificate))
            return dispatch.receive(resent)
        if self.change == "signed by another":
            made = trust.bytes_sign(subject_id="VN/GOV/T01", data=answer.head.signed_bytes(), at=clock.now())
            return replace(answer, signature=Signature(made.signature, made.certificate))
        return answer


@pytest.mark.parametrize("change", ["body", "status", "of another question", "signed by another"])
def test_an_answer_that_its_provider_did_not_sign_is_not_believed(
    desk: datetime, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Subsystem.objects.filter(name=DESK).update(hosted=False)
    monkeypatch.setattr(Transports, "current", Meddler(change))
    with pytest.raises(Forbidden) as raised:
        ask(NOTE, Note(code="a"))
    assert raised.value.code == "signature-invalid"
    monkeypatch.setattr(Transports, "current", Meddler("nothing"))
    assert ask(NOTE, Note(code="b"))["notes"] >= 1


def test_a_provider_that_no_gateway_reaches_is_out_of_reach_for_now(desk: datetime) -> None:
    Subsystem.objects.filter(name=DESK).update(hosted=False)
    with pytest.raises(Problem) as raised:
        ask(NOTE, Note(code="a"))
    assert (raised.value.code, raised.value.status) == ("out-of-reach", 503)


def test_a_person_whose_data_was_disclosed_is_told_once_for_each_matter(desk: datetime) -> None:
    services.member_join(name="VN/GOV/T03", code="T03", title=NOTE.title, at=desk)
    services.subsystem_open(name="VN/GOV/T03/population", national=True)
    ask(COUNT, Person(number="001195000001"), case="C-1", officer="cb01")
    [notice] = Delivery.objects.all()
    assert (notice.sender, notice.receiver) == (DESK, "VN/GOV/T03/population")
    assert notice.service == "population/reads-record/v1"
    [read] = notice.body["reads"]
    assert read["what"] == {"vi": "số ghi chú", "en": "number of notes"}
    assert (read["subject"], read["reader"], read["holder"]) == ("001195000001", ASKER, DESK)
    assert (read["purpose"], read["case"], read["officer"]) == ("own-data", "C-1", "cb01")


@pytest.mark.django_db(transaction=True)
def test_of_two_equal_messages_at_once_one_takes_effect_and_both_get_its_answer(at: datetime) -> None:
    with transaction.atomic():
        desk_open(at)
    start, answers = threading.Barrier(2), []

    def write() -> None:
        start.wait()
        try:
            answers.append(ask(NOTE, Note(code="a", fate="slow"), message_id=ID))
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    desk_close()
    assert answers == [{"notes": 1}, {"notes": 1}]
    assert Inbox.objects.get().answer == {"notes": 1}
