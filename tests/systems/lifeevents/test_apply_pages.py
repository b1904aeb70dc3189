"""Applying, one question a page: prefilled, kept on error, checked, sent once."""

from datetime import date, datetime
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfWriter

from lienthong.blocks.casework.selectors import case_get
from lienthong.blocks.registry import services as registry
from lienthong.blocks.registry.base import Provenance
from lienthong.systems.lifeevents.models import Draft
from lienthong.systems.population.models import Person
from tests.pages import nobody, person, text_of
from tests.systems.country import Family
from tests.systems.lifeevents.applying import answers, begin, fill, send

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 40


def draft() -> Draft:
    return Draft.objects.get()


def locked_pdf() -> bytes:
    writer, made = PdfWriter(), BytesIO()
    writer.add_blank_page(200, 200)
    writer.encrypt("khóa")
    writer.write(made)
    return made.getvalue()


def test_the_start_page_says_what_is_needed_and_asks_nothing_before_it_is_pressed(family: Family) -> None:
    client = person(family.mother)
    address = begin(client)
    page = text_of(client.get("/apply/9.000001/"))
    assert "Giấy chứng sinh, nếu bệnh viện chưa gửi bản điện tử" in page
    assert "Làm tiếp tờ khai đó" in page
    assert address == f"/apply/{draft().pk}/name/"


def test_a_part_of_a_linked_procedure_is_applied_for_alone_too_and_an_unknown_one_not(family: Family) -> None:
    client = person(family.mother)
    begin(client)
    assert client.get("/apply/1.001193/").status_code == 200
    assert client.post("/apply/8.888888/").status_code == 404


def test_nothing_that_a_register_knows_is_typed(family: Family) -> None:
    client = person(family.mother)
    fill(client, family)
    typed = {name for answer in answers(family).values() for name in answer}
    assert not typed & {"mother_name", "father_name", "address", "nationality"}
    page = text_of(client.get(f"/apply/{draft().pk}/other-parent/"))
    assert "Trần Quốc Bảo" in page
    assert "sinh 20/05/1993" in page


def test_a_question_with_one_possible_answer_is_shown_with_it_chosen(family: Family) -> None:
    client = person(family.mother)
    fill(client, family)
    draft_now = draft()
    for name in ("ethnicity_of", "residence_with", "hospital"):
        draft_now.answers.pop(name)
    draft_now.save()
    for page in ("ethnicity", "residence", "clinic"):
        assert client.get(f"/apply/{draft_now.pk}/{page}/").content.count(b" checked") == 1


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_question_left_empty_is_asked_for_again_in_the_readers_language(
    family: Family, language: str
) -> None:
    client = person(family.mother)
    begin(client)
    said = {"vi": "Có chỗ cần sửa", "en": "There is a problem"}[language]
    for page, answer in answers(family).items():
        response = client.post(f"/apply/{draft().pk}/{page}/?lang={language}", {})
        if answer:
            assert response.status_code == 422, page
            assert said in text_of(response), page


def test_a_name_with_digits_is_refused_and_kept_as_typed(family: Family) -> None:
    client = person(family.mother)
    address = begin(client)
    response = client.post(address, {"child_name": "Trần An 2"})
    assert response.status_code == 422
    assert "chỉ gồm chữ cái" in text_of(response)
    assert b'value="Tr\xe1\xba\xa7n An 2"' in response.content
    assert draft().answers == {}


def test_a_birth_in_the_future_is_refused_on_its_page_with_the_date_kept(family: Family) -> None:
    client = person(family.mother)
    begin(client)
    typed = {"birth_date-day": "24", "birth_date-month": "11", "birth_date-year": "2026"}
    response = client.post(f"/apply/{draft().pk}/birth-date/", typed)
    assert response.status_code == 422
    assert "Ngày 24/11/2026 sau ngày hôm nay 23/11/2026" in text_of(response)
    assert b'value="24"' in response.content
    english = client.post(f"/apply/{draft().pk}/birth-date/?lang=en", typed)
    assert "24 November 2026 is after today" in text_of(english)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("", "Hãy nhập: Số định danh của người đó"),
        ("12345", "12 chữ số trên thẻ căn cước"),
        ("001093999999", "Không tìm thấy người mang số định danh này"),
        ("001195000001", "số định danh của chính bạn"),
    ],
)
def test_a_wrong_number_of_the_other_parent_is_told_and_kept(family: Family, number: str, said: str) -> None:
    client = person(family.mother)
    begin(client)
    typed = {"other_parent": "number", "other_parent_number": number}
    response = client.post(f"/apply/{draft().pk}/other-parent/", typed)
    assert response.status_code == 422
    assert said in text_of(response)
    assert f'value="{number}"'.encode() in response.content or not number


def test_an_unknown_other_parent_does_not_slip_through_to_the_end(family: Family) -> None:
    client = person(family.mother)
    check = fill(client, family)
    client.post(
        f"/apply/{draft().pk}/other-parent/",
        {"other_parent": "number", "other_parent_number": "001093999999"},
    )
    assert client.get(check)["Location"].endswith("/other-parent/")
    assert client.post(check)["Location"].endswith("/other-parent/")


def test_a_choice_that_a_changed_answer_made_void_is_asked_again(family: Family) -> None:
    client = person(family.mother)
    check = fill(client, family, ethnicity={"ethnicity_of": family.mother})
    stored = draft()
    stored.answers["home_town_of"] = family.father
    stored.save()
    client.post(f"/apply/{stored.pk}/other-parent/?change=1", {"other_parent": "none"})
    assert client.get(check)["Location"].endswith("/home-town/")


def test_the_notice_of_birth_is_kept_shown_replaced_and_removed(family: Family) -> None:
    client = person(family.mother)
    check = fill(client, family, birth_notice={"birth_notice": SimpleUploadedFile("giay.png", PNG)})
    address = f"/apply/{draft().pk}/birth-notice/"
    assert "giay.png" in text_of(client.get(address))
    assert "giay.png" in text_of(client.get(check))
    client.post(address, {"birth_notice": SimpleUploadedFile("moi.png", PNG + b"1")})
    assert [file["name"] for file in draft().files] == ["moi.png"]
    client.post(address, {})
    assert [file["name"] for file in draft().files] == ["moi.png"]
    assert client.post(address, {"remove": "birth-notice"})["Location"] == address
    assert draft().files == []


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("giay.pdf", b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 60, "không phải PDF, PNG hoặc JPEG"),
        ("khoa.pdf", locked_pdf(), "đặt mật khẩu"),
        ("hong.pdf", b"%PDF-1.7\nnothing", "bị hỏng"),
        ("to.png", PNG + b"\x00" * (21 * 1024 * 1024), "lớn hơn 20 MB"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_at_its_field(
    family: Family, name: str, content: bytes, said: str
) -> None:
    client = person(family.mother)
    fill(client, family, birth_notice={"birth_notice": SimpleUploadedFile("giay.png", PNG)})
    address = f"/apply/{draft().pk}/birth-notice/"
    response = client.post(address, {"birth_notice": SimpleUploadedFile(name, content)})
    assert response.status_code == 422
    assert said in text_of(response)
    assert b'id="id_birth_notice-error"' in response.content
    assert [file["name"] for file in draft().files] == ["giay.png"]


def test_the_page_to_check_tells_what_was_typed_from_what_is_known(family: Family) -> None:
    client = person(family.mother)
    page = text_of(client.get(fill(client, family)))
    answered, known = page.split("Cơ quan đã biết")
    assert "Trần Minh An" in answered
    assert "20/11/2026" in answered
    assert f"Nguyễn Thị Ánh · {family.mother} · sinh 08/03/1995" in known
    assert "12 phố Hàng Trống" in known
    assert "Cơ sở dữ liệu quốc gia về dân cư" in known
    assert "Miễn phí." in known


def test_the_fee_stands_with_its_article_and_total(family: Family) -> None:
    client = person(family.mother)
    page = text_of(client.get(fill(client, family, extracts={"extracts": "2"})))
    assert "16.000 đồng" in page
    assert "Thông tư 281/2016/TT-BTC" in page


def test_a_changed_answer_leads_back_to_the_page_to_check(family: Family) -> None:
    client = person(family.mother)
    check = fill(client, family)
    response = client.post(f"/apply/{draft().pk}/name/?change=1", {"child_name": "Trần Minh Anh"})
    assert response["Location"] == check
    assert "Trần Minh Anh" in text_of(client.get(check))


def test_what_the_register_would_object_to_is_shown_with_a_way_to_change_it(family: Family) -> None:
    client = person(family.mother)
    check = fill(
        client, family, birth_date={"birth_date-day": "1", "birth_date-month": "1", "birth_date-year": "2000"}
    )
    page = client.get(check)
    assert "chưa đủ 12 tuổi" in text_of(page)
    assert f"/apply/{draft().pk}/birth-date/?change=1".encode() in page.content
    response = client.post(check)
    assert response.status_code == 422
    assert draft().case_number == ""


def test_a_dead_parent_is_named_as_the_reason(family: Family, country: datetime) -> None:
    registry.record_change(
        Person,
        key=family.father,
        content={"alive": False},
        provenance=Provenance("G01"),
        at=country,
        valid_from=date(2026, 1, 1),
    )
    client = person(family.mother)
    page = client.get(
        fill(client, family, other_parent={"other_parent": "number", "other_parent_number": family.father})
    )
    assert "đã mất" in text_of(page)


def test_pressing_send_twice_sends_once(family: Family) -> None:
    client = person(family.mother)
    check = fill(client, family)
    first, second = client.post(check), client.post(check)
    assert first["Location"].removesuffix("?sent=1") == second["Location"]
    card = case_get(number=draft().case_number)
    assert card.title == "Trần Minh An"
    assert client.get(f"/apply/{draft().pk}/name/")["Location"] == second["Location"]


def test_the_same_child_declared_by_both_parents_is_refused_to_the_second(family: Family) -> None:
    send(person(family.mother), family)
    father = person(family.father, "Trần Quốc Bảo")
    own = {"ethnicity": "ethnicity_of", "home_town": "home_town_of", "residence": "residence_with"}
    chosen = {page: {field: family.father} for page, field in own.items()}
    check = fill(father, family, other_parent={"other_parent": family.mother}, **chosen)
    response = father.post(check)
    assert response.status_code == 409
    page = text_of(response)
    assert "Việc này đã được khai" in page
    assert "Một người khác đã gửi tờ khai trước" in page


def test_a_draft_is_nobody_elses(family: Family) -> None:
    mother = person(family.mother)
    check = fill(mother, family)
    stranger = person("001195999999", "Người lạ")
    for address in (check, check.replace("check", "name")):
        assert stranger.get(address).status_code == 404
        assert stranger.post(address, {"child_name": "Khác"}).status_code == 404
        assert nobody().get(address)["Location"].startswith("/sign-in/")
    assert draft().answers["child_name"] == "Trần Minh An"
    assert mother.get(f"/apply/{uuid4()}/name/").status_code == 404
    assert mother.get(check.replace("check", "nothing")).status_code == 404
