"""The sandbox is there only where it is switched on, gives each key once, and not too many."""

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.test import Client

from lienthong.blocks.exchange import configuration, sandbox
from lienthong.blocks.exchange.models import ClientCertificate, Group, Member, SandboxSystem, Subsystem
from lienthong.blocks.exchange.services import agreement_grant, group_set
from lienthong.ground import clock
from lienthong.ground.text import Text
from tests.pages import nobody, text_of
from tests.systems.ndxp.two_agencies import GATEWAY, Two, offer

pytestmark = pytest.mark.django_db
TYPED = {"agency": "Sở Y tế tỉnh thử", "system": "clinic-app"}


@pytest.fixture
def switched_on(two: Two, settings: Any) -> Two:
    settings.LIENTHONG_SANDBOX_GATEWAY = GATEWAY
    settings.LIENTHONG_SANDBOX_URL = "http://127.0.0.1:8765"
    offer(two.at)
    group_set(code="sandbox", title=Text("Môi trường thử", "Sandbox"))
    agreement_grant(
        client="group:sandbox",
        service="clinics/clinics",
        purpose="notification",
        legal_basis="-",
        granted_by="N02",
        valid_from=two.at.date(),
        endpoints=[("GET", "/clinics/*")],
    )
    return two


def join(client: Client, **more: str) -> object:
    return client.post("/sandbox/", {**TYPED, **more})


def test_without_the_setting_there_is_none(two: Two) -> None:
    client = nobody()
    for method in (client.get, client.post):
        assert method("/sandbox/").status_code == 404
    assert client.get("/sandbox/system/").status_code == 404
    assert client.post("/sandbox/key/").status_code == 404
    assert "hệ thống thử" not in text_of(client.get("/catalogue/"))
    assert not SandboxSystem.objects.exists()


def test_two_boxes_give_a_system_with_rights_and_calls_in_its_own_name(switched_on: Two) -> None:
    client = nobody()
    page = client.get(join(client)["Location"])
    row = SandboxSystem.objects.get()
    name = row.subsystem_id
    assert name.startswith("VN/SBX/T")
    assert name.endswith("/clinic-app")
    said = text_of(page)
    assert said.count(f"X-Road-Client: {name}") == 1
    assert f"'X-Road-Client': '{name}'" in said
    assert "http://127.0.0.1:8765/r1/VN/GOV/N02/clinics/clinics/clinics/17" in said
    assert Group.objects.get(code="sandbox").members.filter(name=name).exists()
    assert Subsystem.objects.get(name=name).gateway_id == GATEWAY
    published = configuration.document_newest()
    assert published is not None
    assert name in published["subsystems"]
    assert name in published["groups"]["sandbox"]


def test_the_key_is_made_at_its_one_download_and_kept_nowhere(switched_on: Two) -> None:
    client = nobody()
    join(client)
    got = client.post("/sandbox/key/")
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        assert sorted(archive.namelist()) == ["certificate.pem", "key.pem", "trust.pem"]
        assert b"PRIVATE KEY" in archive.read("key.pem")
    assert got["Cache-Control"] == "no-store"
    again = client.post("/sandbox/key/")
    assert again.status_code == 409
    assert "Khóa chỉ tải một lần" in text_of(again)
    assert "Đã tải về" in text_of(client.get("/sandbox/system/"))
    assert client.get("/sandbox/key/").status_code == 405


def test_at_a_gateway_with_tls_the_calls_show_the_certificate_that_was_registered(
    switched_on: Two, settings: Any
) -> None:
    settings.LIENTHONG_SANDBOX_URL = "https://127.0.0.1:8443"
    client = nobody()
    said = text_of(client.get(join(client)["Location"]))
    assert "Giải nén vào thư mục chạy các lời gọi" in said
    assert "--cert certificate.pem --key key.pem --cacert trust.pem" in said
    assert 'tls.load_cert_chain("certificate.pem", "key.pem")' in said
    with zipfile.ZipFile(io.BytesIO(client.post("/sandbox/key/").content)) as archive:
        shown = x509.load_pem_x509_certificate(archive.read("certificate.pem"))
    row = ClientCertificate.objects.get()
    assert bytes(row.content) == shown.public_bytes(Encoding.DER)
    assert row.subsystem_id == SandboxSystem.objects.get().subsystem_id
    published = configuration.document_newest()
    assert published is not None
    assert list(published["clients"]) == [row.subsystem_id]
    offered = text_of(client.get("/catalogue/N02/clinics/clinics/"))
    assert "chứng thư phải được đăng ký cho hệ thống" in offered


def test_nobody_gets_the_key_of_anothers_system(switched_on: Two) -> None:
    join(nobody())
    stranger = nobody()
    assert stranger.get("/sandbox/system/")["Location"] == "/sandbox/"
    assert stranger.post("/sandbox/key/")["Location"] == "/sandbox/"
    assert SandboxSystem.objects.get().key_taken_at is None


def test_so_many_an_hour_and_what_was_typed_stays(switched_on: Two) -> None:
    for _ in range(sandbox.KEYS_AN_HOUR_FROM_ONE):
        assert join(nobody()).status_code == 302
    refused = join(nobody(), agency="Tên đã gõ")
    assert refused.status_code == 429
    assert "Thử lại sau một giờ" in text_of(refused)
    assert 'value="Tên đã gõ"' in refused.content.decode()
    elsewhere = nobody().post("/sandbox/", TYPED, REMOTE_ADDR="10.1.2.3")
    assert elsewhere.status_code == 302
    with clock.fixed(switched_on.at + timedelta(hours=1, minutes=1)):
        assert join(nobody()).status_code == 302
    assert SandboxSystem.objects.count() == sandbox.KEYS_AN_HOUR_FROM_ONE + 2


def test_all_together_are_limited_too(switched_on: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "KEYS_AN_HOUR", 2)
    answers = [nobody().post("/sandbox/", TYPED, REMOTE_ADDR=f"10.0.0.{n}").status_code for n in range(3)]
    assert answers == [302, 302, 429]
    assert Member.objects.filter(name__startswith="VN/SBX/").count() == 2


@pytest.mark.parametrize("system", ["", "có dấu", "a/b", "x" * 40, "../etc"])
def test_a_code_that_cannot_be_used_opens_nothing(switched_on: Two, system: str) -> None:
    response = join(nobody(), system=system, agency="Tên đã gõ")
    assert response.status_code == 422
    assert 'value="Tên đã gõ"' in response.content.decode()
    assert not SandboxSystem.objects.exists()
