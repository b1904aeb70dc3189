"""At the counter and by post: the officer types for the applicant, whatever the address; the receipt is printed."""

import re
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lienthong.blocks.access.principals import Role
from lienthong.blocks.casework.models import Case, CaseFile
from lienthong.blocks.exchange.models import Message
from lienthong.systems.lifeevents.models import Draft
from lienthong.systems.procedures.services import packages_publish
from tests.jobs import run_jobs
from tests.pages import officer, person, text_of
from tests.systems.country import COMMITTEE, OTHER_COMMITTEE, Family
from tests.systems.lifeevents.applying import answers
from tests.systems.lifeevents.test_apply_pages import PNG

pytestmark = pytest.mark.django_db
CENTRE = "H26.04-I01"


@pytest.fixture
def clerk(country: datetime) -> Client:
    """At the centre of another ward of the province."""
    packages_publish()
    return officer(CENTRE, OTHER_COMMITTEE, Role.INTAKE, at=country, name="Nguyễn Thu Lan")


def begun(clerk: Client, family: Family, channel: str = "counter") -> str:
    body = {"number": family.mother, "channel": channel}
    response = clerk.post("/desk/intake/9.000001/", body)
    assert response.status_code == 302, text_of(response)
    return str(response["Location"])


def filled(clerk: Client, family: Family, channel: str = "counter") -> str:
    """Every question answered as on the portal, with a scan that is an earlier result; the page to check."""
    address = f"{begun(clerk, family, channel)}name/"
    scan = SimpleUploadedFile("giay.png", PNG)
    notice = {"birth_notice": scan, "birth_notice_component": "earlier"}
    for page, answer in answers(family, birth_notice=notice).items():
        assert address.endswith(f"/{page}/"), address
        response = clerk.post(address, answer)
        assert response.status_code == 302, text_of(response)
        address = str(response["Location"])
    return address


def test_a_procedure_is_found_by_everyday_words(clerk: Client) -> None:
    assert b'href="/desk/intake/9.000001/"' in clerk.get("/desk/intake/", {"q": "sinh con"}).content
    assert "Hãy thử từ hằng ngày" in text_of(clerk.get("/desk/intake/", {"q": "xyzt"}))


def test_the_applicant_is_looked_up_shown_and_can_be_dropped(clerk: Client, family: Family) -> None:
    address = begun(clerk, family)
    page = text_of(clerk.get(address))
    assert "Nguyễn Thị Ánh" in page
    assert "12 phố Hàng Trống" in page
    asked = Message.objects.filter(service="population/persons-get/v1").latest("id")
    assert (asked.officer, asked.purpose) == (CENTRE, "birth-registration")
    assert clerk.post(f"{address}drop/").status_code == 302
    assert not Draft.objects.exists()


@pytest.mark.parametrize("number", ["123", "001195999999"])
def test_a_number_that_is_nobodys_is_told_at_its_field(clerk: Client, family: Family, number: str) -> None:
    response = clerk.post("/desk/intake/9.000001/", {"number": number, "channel": "post"})
    assert response.status_code == 422
    assert b'id="id_number-error"' in response.content
    assert f'value="{number}"'.encode() in response.content


@pytest.mark.parametrize(("channel", "said"), [("counter", "Tại quầy"), ("post", "Qua bưu chính công ích")])
def test_any_centre_takes_in_and_the_place_decides_who_settles_it(
    clerk: Client, family: Family, channel: str, said: str
) -> None:
    check = filled(clerk, family, channel)
    assert "Người nộp : Nguyễn Thị Ánh" in text_of(clerk.get(check)).replace("nộp:", "nộp :")
    sent = clerk.post(check)
    assert sent.status_code == 302
    run_jobs()
    receipt = clerk.get(sent["Location"])
    page = text_of(receipt)
    case, dossier = Case.objects.get(system="lifeevents"), Case.objects.get(system="onestop")
    assert (case.channel, dossier.channel, dossier.agency) == (channel, channel, COMMITTEE)
    assert CaseFile.objects.get(case=dossier).kind == "earlier"
    for words in (
        case.number,
        dossier.number,
        said,
        "17:00 ngày",
        "Kết quả của thủ tục trước",
        "Nguyễn Thu Lan",
    ):
        assert words in page
    assert b"<svg" in receipt.content
    assert clerk.post(check)["Location"] == sent["Location"].partition("?")[0]
    assert case.number in text_of(person(family.mother).get("/dossiers/"))
    assert case.number in text_of(clerk.get("/desk/intake/"))


def test_the_kind_of_a_scan_can_be_changed_without_sending_it_again(clerk: Client, family: Family) -> None:
    filled(clerk, family)
    draft = Draft.objects.get()
    page = f"/desk/intake/{draft.pk}/birth-notice/"
    assert re.search(r'value="earlier"[^>]*checked', clerk.get(page).content.decode())
    assert clerk.post(page, {"birth_notice_component": "management"}).status_code == 302
    draft.refresh_from_db()
    assert [file["kind"] for file in draft.files] == ["management"]


def test_another_agencys_officer_and_the_applicant_do_not_open_the_draft(
    clerk: Client, family: Family, at: datetime
) -> None:
    address = begun(clerk, family)
    other = officer("H26.12-I01", COMMITTEE, Role.INTAKE, at=at)
    for path in (address, f"{address}name/", f"{address}check/", f"{address}receipt/"):
        assert other.get(path).status_code == 404, path
    assert other.post(f"{address}drop/").status_code == 404
    assert "Nguyễn Thị Ánh" not in text_of(other.get("/desk/intake/"))
    assert person(family.mother).get(f"/apply/{Draft.objects.get().pk}/name/").status_code == 404
    signer = officer("H26.04-S01", OTHER_COMMITTEE, Role.SIGN, at=at)
    assert signer.get("/desk/intake/").status_code == 403
    assert clerk.get(address).status_code == 200
