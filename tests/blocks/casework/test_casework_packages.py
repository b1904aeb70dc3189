"""A package is checked whole: every mistake is named, and what was published stays."""

import copy
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from lienthong.blocks.casework import services
from lienthong.blocks.casework.models import StepDefinition, Transition
from lienthong.blocks.casework.packages import PackageError, package_read
from lienthong.ground.errors import Conflict
from tests.blocks.casework.casework_kit import package_of, procedures, task, unreachable_call

CONTENT = Path(__file__).resolve().parents[3] / "content" / "procedures"
STEPS: dict[str, Any] = {
    "review": task(approve="tell", refuse="end:refused"),
    "tell": unreachable_call(next="end:granted"),
}


def mistakes(folder: Path, steps: dict[str, Any], **more: Any) -> list[str]:
    with pytest.raises(PackageError) as caught:
        package_of(folder, steps, start="review", **more)
    return caught.value.mistakes


def changed(**steps: Any) -> dict[str, Any]:
    return {**copy.deepcopy(STEPS), **steps}


@pytest.mark.parametrize("folder", sorted(CONTENT.iterdir()), ids=lambda folder: folder.name)
def test_the_published_packages_have_no_mistake(folder: Path) -> None:
    assert package_read(folder).code == folder.name


def test_a_target_that_is_no_step_is_named(tmp_path: Path) -> None:
    assert mistakes(tmp_path, changed(tell=unreachable_call(next="nowhere"))) == [
        "step «tell»: «done» leads to «nowhere», which is no step and no end"
    ]


def test_an_end_that_no_dossier_has_is_named(tmp_path: Path) -> None:
    assert mistakes(tmp_path, changed(tell=unreachable_call(next="end:perhaps"))) == [
        "step «tell»: «done» leads to «end:perhaps», which is no step and no end"
    ]


def test_a_step_that_nothing_leads_to_is_named(tmp_path: Path) -> None:
    assert mistakes(tmp_path, changed(island=unreachable_call(next="end:granted"))) == [
        "step «island» is never reached"
    ]


def test_a_join_of_a_branch_that_does_not_exist_is_named(tmp_path: Path) -> None:
    joined = {
        "tell": unreachable_call(next="gather"),
        "gather": {"kind": "join", "of": ["tell", "ghost"], "next": "end:granted"},
    }
    assert mistakes(tmp_path, changed(**joined)) == ["step «gather»: it joins «ghost», which is no step"]


@pytest.mark.parametrize(
    "broken", [{"body": {"number": "=data.["}}, {"when": "data.(("}], ids=["in a body", "in a condition"]
)
def test_an_expression_that_is_not_jmespath_is_named(tmp_path: Path, broken: dict[str, Any]) -> None:
    (mistake,) = mistakes(tmp_path, changed(tell=unreachable_call(next="end:granted", **broken)))
    assert mistake.startswith("step «tell»: 'data.")
    assert "is not a JMESPath expression" in mistake


@pytest.mark.parametrize("name", ["service", "purpose", "body", "next"])
def test_a_missing_field_of_a_step_is_named(tmp_path: Path, name: str) -> None:
    call = unreachable_call(next="end:granted")
    del call[name]
    assert f"step «tell» (call): «{name}» is missing" in mistakes(tmp_path, changed(tell=call))


@pytest.mark.parametrize("name", ["name", "steps", "legal_basis"])
def test_a_missing_field_of_the_package_is_named(tmp_path: Path, name: str) -> None:
    package_of(tmp_path, STEPS, start="review")
    path = tmp_path / "package.yaml"
    raw = yaml.safe_load(path.read_text())
    del raw[name]
    path.write_text(yaml.safe_dump(raw))
    with pytest.raises(PackageError, match=f"«{name}» is missing"):
        package_read(tmp_path)


def test_a_page_that_asks_for_a_field_outside_the_schema_is_named(tmp_path: Path) -> None:
    form = {
        "schema": {"type": "object", "properties": {"name": {"type": "string"}}},
        "pages": [{"key": "a", "fields": ["name", "age"]}],
    }
    assert mistakes(tmp_path, STEPS, form=form) == ["form: page asks for «age», which the schema has not"]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path, changed(tell=unreachable_call(next="nowhere"), island=unreachable_call(next="end:granted"))
    )
    assert len(found) == 2


@pytest.mark.django_db
def test_publishing_the_same_package_twice_changes_nothing(tmp_path: Path, at: datetime) -> None:
    package = package_of(tmp_path, STEPS, start="review")
    first = services.procedure_publish(package=package, at=at)
    assert services.procedure_publish(package=package, at=at) == first
    assert procedures().count(("8.000001", 1)) == 1
    assert StepDefinition.objects.filter(procedure_id=first).count() == 2
    assert Transition.objects.filter(procedure_id=first).count() == 4


@pytest.mark.django_db
def test_another_content_needs_another_version(tmp_path: Path, at: datetime) -> None:
    services.procedure_publish(package=package_of(tmp_path, STEPS, start="review"), at=at)
    other = package_of(tmp_path, STEPS, start="review", time_limit={"working_days": 9})
    with pytest.raises(Conflict) as caught:
        services.procedure_publish(package=other, at=at)
    assert caught.value.code == "version-taken"
    newer = package_of(tmp_path, STEPS, start="review", time_limit={"working_days": 9}, version=2)
    services.procedure_publish(package=newer, at=at)
    assert procedures() == [("8.000001", 1), ("8.000001", 2)]
