"""The page of a system's connections: who sees and changes it, and what an upload that is no good says."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lienthong.blocks.exchange.models import ClientCertificate, ConnectionChange, Subsystem
from tests.gateway.certificates import Own, own_make
from tests.pages import nobody, text_of
from tests.systems.ndxp.two_agencies import APP, Two

pytestmark = pytest.mark.django_db
PAGE = f"/console/connections/clients/{APP}/"


@pytest.fixture
def own(tmp_path: Path) -> Own:
    return own_make(tmp_path / "own", "Phần mềm của cơ quan")


def upload(client: Client, content: bytes, language: str = "vi") -> Any:
    sent = SimpleUploadedFile("app.crt", content)
    return client.post(f"{PAGE}?lang={language}", {"act": "certificate", "certificate": sent})


def test_an_engineer_registers_a_certificate_and_withdraws_it(two: Two, own: Own) -> None:
    for content in (own.pem.read_bytes(), own.der):
        response = upload(two.asker, content)
        assert response["Location"] == f"{PAGE}?done=certificate"
        page = two.asker.get(response["Location"])
        said = text_of(page)
        assert "Đã đăng ký chứng thư" in said
        assert own.fingerprint in said
        assert "CN=Phần mềm của cơ quan" in said
        assert "ngày)" in said
        sent = {"act": "withdraw", "fingerprint": own.fingerprint}
        assert two.asker.post(PAGE, sent)["Location"] == f"{PAGE}?done=withdrawn"
        assert not ClientCertificate.objects.filter(withdrawn_at=None).exists()
    said = text_of(two.asker.get(PAGE))
    assert said.count("Rút chứng thư") == 2
    assert "N01-E1" in said


def test_the_connection_type_is_changed_and_shown_on_the_systems_page(two: Two) -> None:
    response = two.asker.post(PAGE, {"act": "connection", "connection": "mutual"})
    assert response["Location"] == f"{PAGE}?done=connection"
    assert Subsystem.objects.get(name=APP).connection == "mutual"
    assert ConnectionChange.objects.get().changed_by == "N01-E1"
    system = two.asker.get(f"/console/connections/systems/{APP}/")
    assert "HTTPS với chứng thư của hệ thống" in text_of(system)
    assert PAGE in system.content.decode()
    wrong = two.asker.post(PAGE, {"act": "connection", "connection": "ftp"})
    assert wrong.status_code == 422
    assert Subsystem.objects.get(name=APP).connection == "mutual"


def test_a_bad_upload_says_why_in_both_languages_and_loses_nothing(two: Two, own: Own) -> None:
    upload(two.asker, own.der)
    two.asker.post(PAGE, {"act": "connection", "connection": "https"})
    for content, vi, en in (
        (b"xin chao", "không phải chứng thư X.509", "no X.509 certificate"),
        (
            own.pem.read_bytes() + (own.folder / "key.pem").read_bytes(),
            "có khóa bí mật",
            "holds a private key",
        ),
        (own.der, "đã đăng ký cho hệ thống", "registered for this system already"),
    ):
        response = upload(two.asker, content)
        assert response.status_code == 422
        assert vi in text_of(response)
        assert own.fingerprint in text_of(response)
        assert en in text_of(upload(two.asker, content, language="en"))
    empty = two.asker.post(PAGE, {"act": "certificate"})
    assert empty.status_code == 422
    assert ClientCertificate.objects.filter(withdrawn_at=None).count() == 1
    assert Subsystem.objects.get(name=APP).connection == "https"


def test_who_does_not_manage_the_system_changes_nothing(two: Two, own: Own) -> None:
    assert two.provider.get(PAGE).status_code == 404
    assert upload(two.provider, own.der).status_code == 404
    page = two.committee.get(PAGE)
    assert page.status_code == 200
    assert "Đăng ký chứng thư" not in text_of(page)
    assert upload(two.committee, own.der).status_code == 403
    assert two.committee.post(PAGE, {"act": "withdraw", "fingerprint": "x"}).status_code == 403
    assert nobody().get(PAGE).status_code in {302, 403}
    assert upload(two.operator, own.der).status_code == 302
    assert ClientCertificate.objects.get().added_by == "G22-O1"
