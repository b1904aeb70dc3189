"""Options from the registers, what a declaration is made of, and what the tracking page says."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.ground.clock import VIETNAM
from lienthong.ground.text import Text
from lienthong.systems.lifeevents import rules
from lienthong.systems.lifeevents.tracking import (
    Part,
    Phase,
    moment_said,
    phase_of,
    phase_unopened,
    sentence,
)

ME = {"number": "001195000001", "full_name": "Nguyễn Thị Ánh", "sex": "female", "birth_date": "1995-03-08"}
DUE = datetime(2026, 11, 25, 17, 0, tzinfo=VIETNAM)


def member(number: str, sex: str, born: str, relation: str) -> dict[str, str]:
    return {
        "number": number,
        "full_name": f"Người {number}",
        "sex": sex,
        "birth_date": born,
        "relation": relation,
    }


def known(*members: dict[str, str]) -> dict[str, Any]:
    return {
        "person": ME,
        "household": {"members": [member(ME["number"], "female", "1995-03-08", "head"), *members]},
    }


def test_the_spouse_comes_first_and_children_parents_and_oneself_are_no_other_parents() -> None:
    household = known(
        member("brother", "male", "1990-01-01", "sibling"),
        member("spouse", "male", "1993-05-20", "spouse"),
        member("grandfather", "male", "1960-01-01", "parent"),
        member("son", "male", "2026-01-01", "child"),
        member("sister", "female", "1994-01-01", "sibling"),
    )
    values = [option.value for option in rules.other_parent_options(household)]
    assert values == ["spouse", "brother", "number", "none"]


@pytest.mark.parametrize(
    ("answers", "number"),
    [
        ({}, ""),
        ({"other_parent": "none", "other_parent_number": "001"}, ""),
        ({"other_parent": "number", "other_parent_number": "001"}, "001"),
        ({"other_parent": "002", "other_parent_number": "001"}, "002"),
    ],
)
def test_the_other_parents_number_is_chosen_or_typed(answers: dict[str, str], number: str) -> None:
    assert rules.other_number(answers) == number


def test_two_parents_of_one_ethnicity_are_one_choice() -> None:
    father = {"number": "f", "full_name": "Cha", "ethnicity": "Kinh"}
    answers = {"other_parent": "f"}
    both = {"person": {**ME, "ethnicity": "Kinh"}, "others": {"f": father}}
    assert [row.value for row in rules.parent_options(answers, both, show="ethnicity")] == [ME["number"]]
    both["others"]["f"] = {**father, "ethnicity": "Tày"}
    options = rules.parent_options(answers, both, show="ethnicity")
    assert [row.text.vi for row in options] == ["Kinh", "Tày"]


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(-400, 400))
def test_a_birth_is_in_time_for_sixty_days_and_never_before_it(born: date, days: int) -> None:
    on = born + timedelta(days=days)
    problems = rules.answer_problems({"birth_date": born.isoformat()}, today=on)
    assert bool(problems) == (days < 0)
    assert rules.is_on_time(birth_date=born, declared_on=on) == (days <= 60)


@given(st.integers(0, 10), st.booleans())
def test_the_fee_is_asked_for_extracts_and_for_being_late_only(extracts: int, on_time: bool) -> None:
    items = {item["code"]: item["quantity"] for item in rules.fee_items(extracts=extracts, on_time=on_time)}
    assert items.get(rules.EXTRACT, 0) == extracts
    assert (rules.LATE in items) == (not on_time)


@given(st.permutations(["Trần", "Minh", "An"]))
def test_the_same_child_has_one_key_whoever_declares_it_and_however_the_name_is_ordered(
    words: list[str],
) -> None:
    key = rules.child_key(mother="m", father="f", birth_date="2026-11-20", name=" ".join(words))
    assert key == rules.child_key(mother="m", father="", birth_date="2026-11-20", name="tran minh an")


def test_a_twin_of_another_name_is_another_child() -> None:
    one, two = (
        rules.child_key(mother="m", father="f", birth_date="2026-11-20", name=n)
        for n in ("Trần An", "Trần Bình")
    )
    assert one != two


@pytest.mark.parametrize(
    ("field", "relation", "question"),
    [
        ("child.full_name", "mother", "child_name"),
        ("child.birth_date", "father", "birth_date"),
        ("mother.number", "mother", "birth_date"),
        ("father.number", "mother", "other_parent"),
        ("declarant.relation", "mother", "other_parent"),
        ("child_name", "mother", "child_name"),
        (None, "mother", ""),
    ],
)
def test_an_objection_of_the_register_leads_to_the_question_that_can_mend_it(
    field: str | None, relation: str, question: str
) -> None:
    assert rules.field_of_problem(field, relation) == question


def part(phase: Phase, *, results: bool = False, name: str = "Đăng ký khai sinh") -> Part:
    papers = [
        {"title": {"vi": "Giấy khai sinh", "en": "Birth certificate"}, "check_code": "A", "number": "1"}
    ]
    opened = phase not in {Phase.NOT_STARTED, Phase.SENDING, Phase.NOT_DONE}
    return Part(
        procedure="1",
        name=Text(name, f"{name} (en)"),
        agency=Text("Công an phường Hoàn Kiếm", "Hoàn Kiếm police"),
        phase=phase,
        number="H26-1" if opened else "",
        due_at=DUE if opened else None,
        results=papers if results else [],
    )


@pytest.mark.parametrize(
    ("outcome", "bill", "supplement", "paused", "phase"),
    [
        ("", None, None, False, Phase.WITH_AGENCY),
        ("", {"bill": "b"}, None, False, Phase.WITH_AGENCY),
        ("", {"bill": "b"}, None, True, Phase.WAITS_FOR_YOU),
        ("", None, {"reason": "r"}, True, Phase.WAITS_FOR_YOU),
        ("granted", None, None, False, Phase.DONE),
        ("refused", None, None, False, Phase.REFUSED),
        ("lapsed", None, None, False, Phase.REFUSED),
        ("withdrawn", None, None, False, Phase.WITHDRAWN),
    ],
)
def test_a_parts_phase_is_what_the_applicant_must_know(
    outcome: str, bill: Any, supplement: Any, paused: bool, phase: Phase
) -> None:
    assert phase_of(outcome=outcome, bill=bill, supplement=supplement, paused=paused) is phase


def test_a_part_that_no_agency_has_yet_is_on_its_way_or_not_started_or_will_not_be_done() -> None:
    assert phase_unopened(closed=False, first=True) is Phase.SENDING
    assert phase_unopened(closed=False, first=False) is Phase.NOT_STARTED
    assert phase_unopened(closed=True, first=True) is Phase.NOT_DONE


def test_the_sentence_tells_what_is_done_what_waits_and_by_when() -> None:
    parts = [
        part(Phase.DONE, results=True),
        part(Phase.WITH_AGENCY, name="Đăng ký thường trú"),
        part(Phase.NOT_STARTED, name="Thẻ"),
    ]
    said = sentence(parts, outcome="", due_at=None)
    assert (
        said.vi == "Đã có giấy khai sinh. Còn 2 việc chưa xong, dự kiến xong trước 17:00 thứ Tư 25/11/2026."
    )
    assert said.en == (
        "Done: birth certificate. 2 parts are not finished, "
        "expected before 17:00 on Wednesday 25 November 2026."
    )


def test_what_waits_for_the_applicant_is_said_before_the_rest() -> None:
    said = sentence([part(Phase.WAITS_FOR_YOU), part(Phase.NOT_STARTED)], outcome="", due_at=None)
    assert said.vi.startswith("1 việc đang chờ bạn.")
    assert said.en.startswith("1 part waits for you.")


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("granted", "Mọi việc đã xong."),
        ("withdrawn", "Bạn đã rút hồ sơ này."),
        ("partly", "Đã xong 1 việc. Chưa được chấp nhận: đăng ký thường trú."),
        ("refused", "Hồ sơ chưa được chấp nhận: đăng ký thường trú."),
    ],
)
def test_an_ended_case_says_how_it_ended(outcome: str, said: str) -> None:
    parts = [part(Phase.DONE, results=True), part(Phase.REFUSED, name="Đăng ký thường trú")]
    assert sentence(parts, outcome=outcome, due_at=DUE).vi == said


@given(
    st.lists(st.sampled_from(Phase), min_size=1, max_size=5),
    st.sampled_from(["", "granted", "partly", "refused"]),
)
def test_there_is_always_a_sentence_in_both_languages(phases: list[Phase], outcome: str) -> None:
    said = sentence([part(phase) for phase in phases], outcome=outcome, due_at=None)
    assert said.vi.endswith(".")
    assert said.en.endswith(".")
    assert said.vi != said.en


@given(st.sampled_from(Phase))
def test_every_phase_is_a_word_and_a_colour_and_says_who_has_it(phase: Phase) -> None:
    one = part(phase)
    assert one.word.vi
    assert one.word.en
    assert one.colour
    assert "Công an phường Hoàn Kiếm" in one.line.vi


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))
def test_a_moment_names_its_weekday(moment: datetime) -> None:
    local = moment.replace(tzinfo=VIETNAM)
    assert local.strftime("%A") in moment_said(local).en
    assert f"{local:%H:%M}" in moment_said(local).vi
