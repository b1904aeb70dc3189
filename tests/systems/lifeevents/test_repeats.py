"""Repeated groups of questions: one more, one less, nothing lost, without any script."""

from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.casework.forms import FieldSpec, PageSpec, form_of
from lienthong.systems.lifeevents import repeats
from lienthong.systems.lifeevents.models import Draft
from lienthong.systems.procedures.services import packages_publish
from tests.pages import person, text_of
from tests.systems.country import Family

WORDS = {"vi": "Tên", "en": "Name"}
INSURANCE = "1.001646"


def page(**limits: int) -> PageSpec:
    schema = {
        "type": "array",
        "label": WORDS,
        "one": {"vi": "Người", "en": "Person"},
        "items": {
            "type": "object",
            "required": ["who"],
            "properties": {
                "who": {"type": "string", "minLength": 2, "label": WORDS},
                "kin": {"type": "string", "label": WORDS, "when": "row.who != 'tôi'"},
            },
        },
        **limits,
    }
    form = {
        "schema": {"required": ["people"], "properties": {"people": schema}},
        "pages": [{"key": "people", "fields": ["people"]}],
    }
    return form_of({"form": form}).pages[0]


def people(**limits: int) -> FieldSpec:
    return page(**limits).fields[0]


def typed(rows: list[str], **pressed: str) -> QueryDict:
    data = QueryDict(mutable=True)
    data["people-count"] = str(len(rows))
    for index, row in enumerate(rows):
        data[f"people-{index}-who"] = row
        data[f"people-{index}-born-day"] = row  # a date has boxes of its own, which go along
    data.update(pressed)
    return data


def rows_of(data: QueryDict) -> list[tuple[str, str]]:
    count = int(data["people-count"])
    return [(data.get(f"people-{i}-who", ""), data.get(f"people-{i}-born-day", "")) for i in range(count)]


ROWS = st.lists(st.text(max_size=4), min_size=1, max_size=12)


@given(ROWS)
def test_one_more_loses_nothing(rows: list[str]) -> None:
    changed = repeats.turned(page(), typed(rows, add="people"))
    assert changed is not None
    assert rows_of(changed) == [*((row, row) for row in rows), ("", "")]


@given(ROWS, st.data())
def test_one_less_takes_that_one_alone(rows: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    changed = repeats.turned(page(), typed(rows, drop=f"people-{place}"))
    assert changed is not None
    left = rows[:place] + rows[place + 1 :]
    assert rows_of(changed) == [(row, row) for row in left or [""]]
    assert not [key for key in changed if key.startswith(f"people-{max(len(left), 1)}-")]


@given(st.text(max_size=6), st.integers(0, 4), st.integers(1, 8))
def test_a_page_never_shows_fewer_or_more_groups_than_it_may(told: str, least: int, room: int) -> None:
    field = people(minItems=least, maxItems=least + room)
    count = repeats.shown(field, {}, {"people-count": told})
    assert max(least, 1) <= count <= least + room


def test_other_buttons_turn_nothing() -> None:
    for pressed in ({}, {"add": "others"}, {"drop": "people-9"}, {"drop": "people-x"}, {"drop": ""}):
        assert repeats.turned(page(), typed(["a"], **pressed)) is None


def test_each_group_is_checked_by_itself_and_says_which_it_is() -> None:
    field = people(maxItems=2)
    found = field.mistakes([{"who": "An", "kin": "con"}, {"who": "B", "kin": ""}], {})
    assert set(found) == {(1, "who"), (1, "kin")}
    assert found[1, "who"].vi.startswith("Người 2: ")
    assert field.mistakes([{"who": "tôi"}], {}) == {}
    assert set(field.mistakes([], {})) == {(0, "")}
    assert set(field.mistakes([{"who": "An", "kin": "con"}] * 3, {})) == {(0, "")}


def test_empty_groups_at_the_end_are_not_kept() -> None:
    rows: list[dict[str, Any]] = [{"who": "An"}, {"who": ""}, {"who": "Ba"}, {"who": ""}, {"who": None}]
    assert repeats.kept(people(), rows) == rows[:3]
    assert repeats.kept(people(), [{"who": ""}]) == [{"who": ""}]


def begin(client: Client) -> str:
    packages_publish()
    return str(client.post(f"/apply/{INSURANCE}/")["Location"])


@pytest.mark.django_db
def test_a_page_adds_and_removes_members_keeps_what_is_chosen_and_says_what_is_wrong(family: Family) -> None:
    client = person(family.father, "Trần Quốc Bảo")
    address = begin(client)
    assert address.endswith("/members/")
    first = client.get(address).content.decode()
    assert 'name="add" value="members"' in first
    assert 'name="drop"' not in first
    me, wife = f"{family.father}|Trần Quốc Bảo", f"{family.mother}|Nguyễn Thị Ánh"
    one = {"members-count": "1", "members-0-who": me}
    added = client.post(address, {**one, "add": "members"})
    assert added.status_code == 200
    page_ = added.content.decode()
    assert page_.count(f'value="{me}" checked') == 1
    assert "Người thứ 2" in text_of(added)
    assert "Có chỗ cần sửa" not in text_of(added)
    assert Draft.objects.get().answers == {}
    two = {"members-count": "2", "members-0-who": me, "members-1-who": me}
    twice = client.post(address, two)
    assert twice.status_code == 422
    assert "Một người được chọn hai lần." in text_of(twice)
    assert "#id_members-0-who" in twice.content.decode()
    spare = {**two, "members-count": "3", "members-1-who": wife, "members-2-who": ""}
    assert client.post(address, spare).status_code == 302  # an empty group at the end is not kept
    assert Draft.objects.get().answers["members"] == [{"who": me}, {"who": wife}]
    gap = client.post(address, {**spare, "members-1-who": "", "members-2-who": wife})
    assert gap.status_code == 422
    assert "Người thứ 2: " in text_of(gap)
    less = client.post(address, {**two, "members-1-who": wife, "drop": "members-0"})
    assert less.content.decode().count(f'value="{wife}" checked') == 1
    done = client.post(address, {**two, "members-1-who": wife})
    assert done.status_code == 302
    assert Draft.objects.get().answers["members"] == [{"who": me}, {"who": wife}]
    again = client.get(address).content.decode()
    assert again.count(" checked") == 2
    client.post(done["Location"], {"before": "new"})
    check = client.post(done["Location"].replace("/before/", "/months/"), {"months": "6"})["Location"]
    assert "1) Trần Quốc Bảo; 2) Nguyễn Thị Ánh" in text_of(client.get(check))


@pytest.mark.django_db
def test_who_is_not_offered_is_refused_in_any_group(family: Family) -> None:
    client = person(family.father, "Trần Quốc Bảo")
    address = begin(client)
    wrong = client.post(address, {"members-count": "1", "members-0-who": "001199000009|Người Lạ"})
    assert wrong.status_code == 422
    assert client.post(address, {"members-count": "1"}).status_code == 422
    assert "Người thứ 1" in text_of(client.post(address, {"members-count": "1"}))
