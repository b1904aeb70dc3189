"""Request and grant between two agencies: the state is seen by both, and nobody grants for another."""

from datetime import timedelta

import pytest

from lienthong.blocks.exchange import granting
from lienthong.blocks.exchange.models import Agreement, AgreementRequest
from lienthong.blocks.exchange.services import group_set
from lienthong.ground.errors import NotFound
from lienthong.ground.text import Text
from tests.pages import text_of
from tests.systems.ndxp.two_agencies import APP, CLINICS, OTHER, Two, offer

pytestmark = pytest.mark.django_db
NEW = f"/console/connections/requests/new/?provider={CLINICS}&service=clinics/clinics"


def day(name: str, value: object) -> dict[str, str]:
    return {f"{name}-day": str(value.day), f"{name}-month": str(value.month), f"{name}-year": str(value.year)}


def asked(two: Two, **more: object) -> dict[str, object]:
    return {
        "client": APP,
        "endpoints": ["GET /clinics", "GET /clinics/*"],
        "purpose": "notification",
        "legal_basis": "Luật Khám bệnh, chữa bệnh 15/2023/QH15",
        "reason": "Nhắc lịch tiêm chủng",
        **day("valid_from", two.at.date()),
        **day("valid_to", two.at.date() + timedelta(days=365)),
        "daily_quota": "1000",
        **more,
    }


@pytest.fixture
def sent(two: Two) -> AgreementRequest:
    offer(two.at)
    assert two.asker.post(NEW, asked(two)).status_code == 302
    return AgreementRequest.objects.get()


def page(row: AgreementRequest) -> str:
    return f"/console/connections/requests/{row.pk}/"


def answer(two: Two, **more: object) -> dict[str, object]:
    terms = {key: value for key, value in asked(two).items() if key not in {"client", "purpose", "reason"}}
    return {**terms, "act": "grant", **more}


def test_a_request_is_sent_seen_by_both_and_granted_as_asked(two: Two, sent: AgreementRequest) -> None:
    assert (sent.asker, sent.grantor, sent.asked_by, sent.state) == ("N01", "N02", "N01-E1", "waiting")
    for client in (two.asker, two.provider):
        said = text_of(client.get(page(sent)))
        assert "Nhắc lịch tiêm chủng" in said
        assert "chờ trả lời" in said
    assert "1 chờ trả lời" in text_of(two.provider.get("/console/connections/"))
    assert two.provider.post(page(sent), answer(two)).status_code == 302
    sent.refresh_from_db()
    assert (sent.state, sent.decided_by, sent.narrowed) == ("granted", "N02-E1", False)
    right = Agreement.objects.get()
    assert (right.client, right.service, right.granted_by) == (APP, "clinics/clinics", "N02")
    assert right.endpoints == [["GET", "/clinics"], ["GET", "/clinics/*"]]
    assert (right.daily_quota, right.valid_to) == (1000, two.at.date() + timedelta(days=365))
    said = text_of(two.asker.get(page(sent)))
    assert "đã cấp" in said
    assert "N02-E1" in said


def test_less_may_be_granted_and_the_asker_sees_it(two: Two, sent: AgreementRequest) -> None:
    less = answer(two, endpoints=["GET /clinics/*"], daily_quota="50", answer="Chỉ tra từng cơ sở")
    assert two.provider.post(page(sent), less).status_code == 302
    right = Agreement.objects.get()
    assert (right.endpoints, right.daily_quota) == ([["GET", "/clinics/*"]], 50)
    said = text_of(two.asker.get(page(sent)))
    assert "đã cấp một phần" in said
    assert "Chỉ tra từng cơ sở" in said


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"daily_quota": "1001"}, "Hạn mức cao hơn"),
        ({"daily_quota": ""}, "Hạn mức cao hơn"),
        ({"endpoints": []}, "Có điểm cuối ngoài phạm vi"),
        ({"valid_to-year": "2031"}, "Ngày kết thúc muộn hơn"),
        ({"valid_from-year": "2025"}, "Ngày bắt đầu sớm hơn"),
    ],
)
def test_more_than_was_asked_is_never_granted(
    two: Two, sent: AgreementRequest, more: dict[str, object], why: str
) -> None:
    response = two.provider.post(page(sent), answer(two, answer="đã gõ", **more))
    assert response.status_code == 422
    assert why in text_of(response)
    assert "đã gõ" in response.content.decode()
    assert not Agreement.objects.exists()


def test_a_refusal_needs_a_reason_and_is_shown_word_for_word(two: Two, sent: AgreementRequest) -> None:
    bare = two.provider.post(page(sent), answer(two, act="refuse"))
    assert bare.status_code == 422
    assert "Thiếu lý do" in text_of(bare)
    reason = "Chưa nêu điều luật; hãy ghi rõ điều, khoản."
    assert two.provider.post(page(sent), answer(two, act="refuse", answer=reason)).status_code == 302
    said = text_of(two.asker.get(page(sent)))
    assert "từ chối" in said
    assert reason in said
    assert not Agreement.objects.exists()


def test_nobody_grants_for_another_agency(two: Two, sent: AgreementRequest) -> None:
    for client, status in ((two.asker, 422), (two.operator, 422), (two.committee, 422), (two.third, 404)):
        response = client.post(page(sent), answer(two))
        assert response.status_code == status
        assert client.post(page(sent), answer(two, act="refuse", answer="không")).status_code == status
    sent.refresh_from_db()
    assert sent.state == "waiting"
    assert not Agreement.objects.exists()


def test_a_request_is_answered_once(two: Two, sent: AgreementRequest) -> None:
    two.provider.post(page(sent), answer(two))
    again = two.provider.post(page(sent), answer(two, act="refuse", answer="đổi ý"))
    assert again.status_code == 422
    assert "Yêu cầu này đã được trả lời." in text_of(again)
    sent.refresh_from_db()
    assert sent.state == "granted"


def test_only_the_asker_withdraws_and_may_then_ask_anew(two: Two, sent: AgreementRequest) -> None:
    twice = two.asker.post(NEW, asked(two))
    assert twice.status_code == 422
    assert "Một yêu cầu như vậy đang chờ trả lời." in text_of(twice)
    assert two.provider.post(f"{page(sent)}withdraw/").status_code == 403
    assert two.third.post(f"{page(sent)}withdraw/").status_code == 404
    assert two.asker.post(f"{page(sent)}withdraw/").status_code == 302
    assert two.asker.post(NEW, asked(two)).status_code == 302
    assert AgreementRequest.objects.filter(state="withdrawn").count() == 1


def test_one_asks_for_the_own_agencys_system_and_for_a_service_that_is_offered(two: Two) -> None:
    offer(two.at)
    assert two.asker.post(NEW, asked(two, client=OTHER)).status_code == 422
    assert two.asker.get(NEW.replace("clinics/clinics", "clinics/none")).status_code == 404
    assert "đã gõ" in two.asker.post(NEW, asked(two, legal_basis="", reason="đã gõ")).content.decode()
    own = two.provider.post(NEW, asked(two, client=CLINICS))
    assert own.status_code == 422
    assert "Không cần thỏa thuận" in text_of(own)
    assert not AgreementRequest.objects.exists()


def test_either_side_ends_an_agreement_with_a_day(two: Two, sent: AgreementRequest) -> None:
    two.provider.post(page(sent), answer(two))
    right = Agreement.objects.get()
    address = f"/console/connections/agreements/{right.pk}/"
    assert two.third.get(address).status_code == 404
    until = two.at.date() + timedelta(days=30)
    assert two.operator.post(address, day("on", until)).status_code == 422
    past = two.asker.post(address, day("on", two.at.date() - timedelta(days=1)))
    assert "Ngày kết thúc đã qua." in text_of(past)
    assert past.status_code == 422
    assert two.asker.post(address, day("on", until)).status_code == 302
    right.refresh_from_db()
    assert (right.valid_to, right.ended_by) == (until, "N01-E1")
    later = two.provider.post(address, day("on", until + timedelta(days=1)))
    assert "vốn kết thúc" in text_of(later)
    assert two.provider.post(address, day("on", two.at.date())).status_code == 302
    right.refresh_from_db()
    assert (right.valid_to, right.ended_by) == (two.at.date(), "N02-E1")


def test_requests_and_agreements_are_listed_to_those_whom_they_concern(
    two: Two, sent: AgreementRequest
) -> None:
    two.provider.post(page(sent), answer(two))
    for address in ("/console/connections/requests/", "/console/connections/agreements/"):
        for client in (two.asker, two.provider, two.operator, two.committee):
            assert "clinics/clinics" in text_of(client.get(address))
        assert "clinics/clinics" not in text_of(two.third.get(address))


def test_a_provider_grants_a_group_its_own_service_and_no_other(two: Two) -> None:
    offer(two.at)
    group_set(code="readers", title=Text("Bên đọc", "Readers"))
    address = "/console/connections/groups/readers/grant/"
    terms = {key: value for key, value in asked(two).items() if key not in {"client", "endpoints", "reason"}}
    given = {**terms, "service": "clinics/clinics"}
    assert two.operator.post(address, given).status_code == 403
    others = two.third.post(address, given)
    assert others.status_code == 422
    assert "hãy chọn một trong các mục đã cho" in text_of(others)
    bare = granting.Terms("-", two.at.date())
    with pytest.raises(NotFound):
        granting.group_grant(
            by=granting.Actor("N03-E1", "N03"),
            group="readers",
            service="clinics/clinics",
            purpose="notification",
            terms=bare,
            at=two.at,
        )
    assert not Agreement.objects.exists()
    assert two.provider.post(address, given).status_code == 302
    right = Agreement.objects.get()
    assert (right.client, right.service, right.granted_by) == ("group:readers", "clinics/clinics", "N02")
    assert "group:readers" in text_of(two.provider.get(f"/console/connections/systems/{CLINICS}/"))
