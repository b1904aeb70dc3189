"""The law changes: fee, time limit and form of a procedure from a day on, published before it.

Dossiers before and after follow their own version; last month's report does not move (design.md, law 4).
"""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from lienthong.blocks.casework import selectors
from lienthong.blocks.casework.models import Case, Step
from lienthong.blocks.insight.services import report_build
from lienthong.ground import clock
from lienthong.nation.examples import Example, Played, example_begin, example_play, examples_of
from lienthong.nation.families import Stage
from lienthong.systems.procedures.services import package_publish, packages_publish
from tests.systems.country import BA_DINH, HOAN_KIEM

pytestmark = pytest.mark.django_db
CODE = "1.004194"
ANNOUNCED = datetime(2026, 12, 1, 9, tzinfo=clock.VIETNAM)
BEFORE = datetime(2026, 12, 29, 9, tzinfo=clock.VIETNAM)
AFTER = datetime(2027, 1, 5, 9, tzinfo=clock.VIETNAM)


@pytest.fixture
def law(country: datetime, tmp_path: Path, settings: Any) -> Iterator[Path]:
    """Content of this test alone, with the procedure in force as it is today."""
    content = tmp_path / "content"
    shutil.copytree(settings.LIENTHONG_CONTENT, content)
    settings.LIENTHONG_CONTENT = content
    packages_publish()
    return content


def change(content: Path) -> None:
    """From 2027: ten working days, a higher fee online, and one more question."""
    folder = content / "procedures" / CODE
    package = yaml.safe_load((folder / "package.yaml").read_text(encoding="utf-8"))
    package |= {"version": 2, "valid_from": "2027-01-01"}
    package["time_limit"]["working_days"] = 10
    package["steps"]["review"]["limit_working_days"] = 10
    form = package["form"]
    form["schema"]["properties"]["landlord"] = {
        "type": "string",
        "minLength": 3,
        "label": {"vi": "Chủ chỗ ở là ai?", "en": "Whose place is it?"},
    }
    form["schema"]["required"].append("landlord")
    form["pages"].append({"key": "landlord", "fields": ["landlord"]})
    (folder / "package.yaml").write_text(yaml.safe_dump(package, allow_unicode=True), encoding="utf-8")
    fees = yaml.safe_load((folder / "fees.yaml").read_text(encoding="utf-8"))
    for item in fees["items"]:
        for rate in [rate for rate in item["rates"] if rate.get("channel") == "online"]:
            rate["valid_to"] = "2026-12-31"
            item["rates"].append(
                {"amount": 12000, "valid_from": "2027-01-01", "channel": "online", "article": "Thông tư mới"}
            )
    text = yaml.safe_dump(fees, allow_unicode=True).replace("'2026-12-31'", "2026-12-31")
    (folder / "fees.yaml").write_text(text.replace("'2027-01-01'", "2027-01-01"), encoding="utf-8")


def example(content: Path, at: datetime, **answers: Any) -> Example:
    found = next(one for one in examples_of(content / "procedures" / CODE) if one.name == "granted")
    raw = found.raw | {"at": f"{at:%Y-%m-%dT%H:%M:%S}", "answers": found.raw["answers"] | answers}
    return replace(found, raw=raw)


def dossier(played: Played) -> Case:
    (child,) = selectors.case_get(number=played.number).children
    return Case.objects.get(number=child.number)


def fee(case: Case) -> int:
    return int(Step.objects.get(case=case, kind="pay").answer["total"])


def figures(month: str, as_of: datetime) -> list[Any]:
    return [
        (row["id"], row["value"]) for row in report_build(month=month, as_of=as_of).figures if row["rows"]
    ]


def test_dossiers_before_and_after_follow_their_own_version(law: Path) -> None:
    stage = Stage(HOAN_KIEM, BA_DINH)
    with clock.fixed(ANNOUNCED):
        change(law)
        package_publish(law / "procedures" / CODE)
    old = dossier(example_play(example(law, BEFORE), stage))
    with clock.fixed(BEFORE):  # filed under the old law, and decided after the new one came
        running, _ = example_begin(example(law, BEFORE), stage)
    new = dossier(example_play(example(law, AFTER, landlord="Bà Nguyễn Thị Hoa"), stage))
    late = dossier(running)
    assert [old.procedure.version, late.procedure.version, new.procedure.version] == [1, 1, 2]
    assert [fee(old), fee(late), fee(new)] == [7000, 7000, 12000]
    assert old.due_at is not None
    assert new.due_at is not None
    # three working days after 29 December, 1 January being a holiday; ten after 5 January
    assert clock.in_vietnam(old.due_at).date().isoformat() == "2027-01-04"
    assert clock.in_vietnam(new.due_at).date().isoformat() == "2027-01-19"


def test_the_new_question_is_asked_from_its_day_on(law: Path) -> None:
    with clock.fixed(ANNOUNCED):
        change(law)
        package_publish(law / "procedures" / CODE)
    stage = Stage(HOAN_KIEM, BA_DINH)
    example_play(example(law, BEFORE), stage)
    with pytest.raises(AssertionError, match=r"\(landlord\)"):
        example_play(example(law, AFTER), stage)


def test_last_months_report_does_not_move(law: Path) -> None:
    stage = Stage(HOAN_KIEM, BA_DINH)
    example_play(example(law, BEFORE), stage)
    as_of = datetime(2027, 1, 3, 12, tzinfo=clock.VIETNAM)
    told = figures("2026-12", as_of)
    with clock.fixed(AFTER):
        change(law)
        package_publish(law / "procedures" / CODE)
    example_play(example(law, AFTER, landlord="Bà Nguyễn Thị Hoa"), stage)
    assert figures("2026-12", as_of) == told
    assert told
