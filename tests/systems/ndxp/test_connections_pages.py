"""Members, systems, services by upload, groups, quotas, gateways: who may, what is shown, what is kept of mistakes."""

from datetime import timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lienthong.blocks.exchange import watching
from lienthong.blocks.exchange.models import (
    AgreementUse,
    Group,
    Member,
    PublishedService,
    Subsystem,
)
from lienthong.blocks.exchange.services import agreement_grant, gateway_open, member_join
from lienthong.ground.text import Text
from tests.pages import text_of
from tests.systems.ndxp.two_agencies import APP, CLINICS, GATEWAY, OPENAPI, OTHER, WSDL, Two, offer

pytestmark = pytest.mark.django_db
PUBLISH = f"/console/connections/publish/{CLINICS}/"
SYSTEM = f"/console/connections/systems/{CLINICS}/"


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page's last form, as a browser sends them."""
    found = {}
    for part in page.split('<input type="hidden" name="')[1:]:
        name, rest = part.split('" value="', 1)
        found[name] = unescape(rest.split('"', 1)[0])
    return found


def upload(client: Client, content: bytes, code: str = "clinics", **more: str) -> object:
    return client.post(
        PUBLISH, {"description": SimpleUploadedFile("api.yaml", content), "code": code, **more}
    )


def test_an_operator_adds_a_member_with_a_key_and_opens_its_system(two: Two) -> None:
    sent = {"member_class": "GOV", "code": "N09", "title_vi": "Sở Y tế", "title_en": "Health"}
    response = two.operator.post("/console/connections/members/join/", sent)
    assert response["Location"] == "/console/connections/members/VN/GOV/N09/"
    page = text_of(two.operator.get(response["Location"]))
    assert "Sở Y tế" in page
    assert "còn 1.825 ngày" in page
    opened = two.operator.post(
        "/console/connections/open/VN/GOV/N09/", {"system": "registry", "gateway": GATEWAY}
    )
    assert opened.status_code == 302
    row = Subsystem.objects.get(name="VN/GOV/N09/registry")
    assert (row.gateway_id, row.framed, row.hosted) == (GATEWAY, False, False)


def test_a_member_that_is_there_is_not_joined_again_and_what_was_typed_stays(two: Two) -> None:
    before = Member.objects.get(name="VN/GOV/N01").joined_at
    sent = {"member_class": "GOV", "code": "N01", "title_vi": "Tên khác", "title_en": "Other"}
    response = two.operator.post("/console/connections/members/join/", sent)
    assert response.status_code == 422
    assert 'value="Tên khác"' in response.content.decode()
    assert "đã có" in text_of(response)
    assert Member.objects.get(name="VN/GOV/N01").joined_at == before
    wrong = two.operator.post("/console/connections/members/join/", {**sent, "code": "a/b"})
    assert "Không dùng được mã «a/b»" in text_of(wrong)


def test_an_engineer_sees_and_opens_only_what_is_the_own_agencys(two: Two) -> None:
    page = text_of(two.asker.get("/console/connections/members/"))
    assert "VN/GOV/N01" in page
    assert "VN/GOV/N02" not in page
    assert two.asker.get("/console/connections/members/VN/GOV/N02/").status_code == 404
    assert two.asker.get(SYSTEM).status_code == 404
    assert two.asker.get(PUBLISH).status_code == 404
    assert upload(two.asker, OPENAPI).status_code == 404
    sent = {"system": "mine", "gateway": GATEWAY}
    assert two.asker.post("/console/connections/open/VN/GOV/N02/", sent).status_code == 404
    assert not Subsystem.objects.filter(name="VN/GOV/N02/mine").exists()
    assert two.asker.post("/console/connections/open/VN/GOV/N01/", sent).status_code == 302


def test_the_committee_reads_and_changes_nothing(two: Two) -> None:
    assert "Công bố dịch vụ" not in text_of(two.committee.get(SYSTEM))
    for address in (
        "/console/connections/members/join/",
        PUBLISH,
        f"/console/connections/withdraw/{CLINICS}/",
    ):
        assert two.committee.post(address, {}).status_code == 403
    assert two.committee.post("/console/connections/groups/", {"code": "x"}).status_code == 403


def test_an_upload_is_shown_before_it_is_published_and_then_offered(two: Two) -> None:
    preview = upload(two.provider, OPENAPI)
    said = text_of(preview)
    assert "/clinics/*" in said
    assert "PUT" in said
    assert said.count("mới") >= 3
    assert not PublishedService.objects.exists()
    sent = hidden(preview.content.decode())
    response = two.provider.post(PUBLISH, {**sent, "title_vi": "Cơ sở khám bệnh", "title_en": "Clinics"})
    assert response["Location"].startswith(SYSTEM)
    row = PublishedService.objects.get(subsystem_id=CLINICS)
    assert (row.code, row.type, row.path, row.title_vi) == ("clinics", "OPENAPI", "/api", "Cơ sở khám bệnh")
    assert ["GET", "/clinics/*"] in row.endpoints
    assert b"10.0.0.7" not in bytes(row.document.content)
    assert "Cơ sở khám bệnh" in text_of(two.provider.get(SYSTEM))


def test_a_new_edition_says_what_is_new_and_what_goes(two: Two) -> None:
    offer(two.at)
    changed = OPENAPI.replace(b"put:", b"delete:")
    said = text_of(upload(two.provider, changed))
    assert "DELETE /clinics/* mới" in said
    assert "PUT /clinics/* bỏ" in said
    assert "GET /clinics như cũ" in said


def test_a_mistake_is_told_with_its_place_and_the_other_fields_stay(two: Two) -> None:
    broken = OPENAPI.replace(b"/clinics/{id}:", b"clinics/{id}:")
    response = upload(two.provider, broken, title_vi="Tên đã gõ")
    assert response.status_code == 422
    said = text_of(response)
    assert "Tại paths" in said
    assert "Sửa chỗ này trong tệp rồi tải lên lại." in said
    assert 'value="Tên đã gõ"' in response.content.decode()
    assert not PublishedService.objects.exists()
    assert "Chưa có tệp mô tả." in text_of(two.provider.post(PUBLISH, {"code": "clinics"}))


def test_with_a_wrong_code_the_file_need_not_be_sent_again(two: Two) -> None:
    response = upload(two.provider, OPENAPI, code="bad/code")
    assert response.status_code == 422
    assert "Không dùng được mã dịch vụ" in text_of(response)
    digest = hidden(response.content.decode())["digest"]
    again = two.provider.post(PUBLISH, {"digest": digest, "code": "good"})
    assert again.status_code == 200
    assert "/clinics/*" in text_of(again)


def test_a_wsdl_publishes_one_service_for_each_operation(two: Two) -> None:
    preview = upload(two.provider, WSDL, code="")
    assert "findOldWay" in text_of(preview)
    two.provider.post(PUBLISH, hidden(preview.content.decode()))
    assert set(PublishedService.objects.values_list("code", "type")) == {
        ("findOldWay", "SOAP"),
        ("countOldWay", "SOAP"),
    }
    fewer = WSDL.replace(b'<w:operation name="countOldWay"/>', b"")
    assert "sẽ bị rút: countOldWay" in text_of(upload(two.provider, fewer, code=""))


def test_a_withdrawn_service_is_offered_no_longer(two: Two) -> None:
    offer(two.at)
    assert two.third.post(f"/console/connections/withdraw/{CLINICS}/", {"code": "clinics"}).status_code == 404
    assert PublishedService.objects.exists()
    done = two.provider.post(f"/console/connections/withdraw/{CLINICS}/", {"code": "clinics"}, follow=True)
    assert "Đã rút dịch vụ." in text_of(done)
    assert not PublishedService.objects.exists()


def test_groups_are_filled_by_the_operator_and_a_mistake_keeps_the_list(two: Two) -> None:
    sent = {"code": "readers", "title_vi": "Bên đọc", "title_en": "Readers"}
    assert two.asker.post("/console/connections/groups/", sent).status_code == 403
    assert two.operator.post("/console/connections/groups/", sent).status_code == 302
    assert "đã có" in text_of(two.operator.post("/console/connections/groups/", sent))
    page = "/console/connections/groups/readers/"
    wrong = two.operator.post(page, {"members": f"{APP}\nVN/GOV/N01/none"})
    assert wrong.status_code == 422
    assert "VN/GOV/N01/none" in text_of(wrong)
    assert not Group.objects.get(code="readers").members.exists()
    assert two.operator.post(page, {"members": f"{APP}\n{OTHER}"}).status_code == 302
    shown = text_of(two.asker.get(page))
    assert APP in shown
    assert OTHER not in shown


def test_lists_go_on_by_cursor_each_row_once(two: Two) -> None:
    for number in range(55):
        title = Text("Cơ quan", "Agency")
        member_join(name=f"VN/COM/C{number:03}", code=f"C{number:03}", title=title, at=two.at)
    first = two.operator.get("/console/connections/members/").content.decode()
    cursor = unescape(first.split('rel="next" href="')[1].split('"')[0])
    second = two.operator.get(f"/console/connections/members/{cursor}").content.decode()
    seen = [f">VN/COM/C{number:03}<" for number in range(55)]
    assert len([name for name in seen if name in first]) == 50
    assert not [name for name in seen if name in first and name in second]
    assert ">VN/GOV/N01<" in second


def test_quotas_show_what_is_used_of_today(two: Two) -> None:
    row = agreement_grant(
        client=APP,
        service="clinics/clinics",
        purpose="notification",
        legal_basis="Nghị định 47/2024/NĐ-CP",
        granted_by="N02",
        valid_from=two.at.date(),
        daily_quota=1000,
    )
    AgreementUse.objects.create(agreement=row, day=two.at.date(), calls=250)
    AgreementUse.objects.create(agreement=row, day=two.at.date() - timedelta(days=1), calls=999)
    said = text_of(two.asker.get("/console/connections/quotas/"))
    assert "250 1.000 750" in said
    assert "Không thỏa thuận nào có hạn mức." in text_of(two.third.get("/console/connections/quotas/"))


def test_gateways_are_shown_as_they_were_last_seen(two: Two) -> None:
    gateway_open(server="VN/GOV/N03/quiet", address="http://127.0.0.1:9")
    told = {"in_flight": 4, "configuration": {"version": 12}, "without_time_stamp": {"messages": 3}}
    seen = {"status": 200, "told": told, "problem": "", "tls_until": two.at + timedelta(days=10)}
    watching.gateway_seen(server=GATEWAY, at=two.at, **seen)
    said = text_of(two.operator.get("/console/connections/gateways/"))
    assert "đang chạy" in said
    assert "12 4 3" in said
    assert "chưa hỏi" in said
    away = {"status": 0, "told": {}, "problem": "connection refused", "tls_until": None}
    watching.gateway_seen(server=GATEWAY, at=two.at, **away)
    said = text_of(two.provider.get("/console/connections/gateways/"))
    assert "không trả lời" in said
    assert "connection refused" in said
    assert "quiet" not in said
    assert "còn 10 ngày" in text_of(two.operator.get("/console/connections/certificates/"))
    assert "sắp hết hạn" in text_of(two.operator.get("/console/connections/certificates/"))
    assert "1 không trả lời" in text_of(two.provider.get("/console/connections/"))
