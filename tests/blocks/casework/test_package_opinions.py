"""The step `opinions`: what it becomes, how officers read it back, and each mistake with its line."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.casework.package_check import package_mistakes
from lienthong.blocks.casework.package_diff import package_changes
from lienthong.blocks.casework.package_known import known_of
from lienthong.blocks.casework.package_opinions import expanded, folded, missing
from lienthong.blocks.casework.packages import PackageError, package_read
from lienthong.ground import expressions, yamls
from lienthong.systems.procedures.picture import steps_picture
from lienthong.systems.procedures.sheet import package_text
from tests.blocks.casework.casework_kit import package_of, task
from tests.conftest import ROOT

LAND = ROOT / "content" / "procedures" / "1.013831"
SHOWN = re.search(
    r"```yaml\n(ask:\n.*?)```", (ROOT / "docs" / "reference" / "procedure-packages.md").read_text(), re.DOTALL
)
assert SHOWN is not None
DOCUMENTED: dict[str, Any] = yamls.load(SHOWN[1])
REVIEW = {"review": task(approve="end:granted", refuse="end:refused")}


def written(folder: Path, text: str) -> list[str]:
    """The mistakes of the land package with this text: `line: what`."""
    folder = folder / LAND.name
    folder.mkdir(exist_ok=True)
    (folder / "package.yaml").write_text(text, encoding="utf-8")
    offered = [json.loads(path.read_text())["services"] for path in (ROOT / "contracts").glob("*.json")]
    known = known_of(ROOT / "content", services=frozenset(name for each in offered for name in each))
    found = [each for each in package_mistakes(folder, known) if not each.warning]
    return [f"{each.line}: {each.what}" for each in found]


def test_what_the_reference_shows_runs(tmp_path: Path) -> None:
    package = package_of(tmp_path, {**DOCUMENTED, **REVIEW}, start="ask", time_limit={"working_days": 10})
    steps = {step.key: str(step.kind) for step in package.steps}
    assert steps == {
        "ask": "fork",
        "ask_commune_sent": "call",
        "ask_commune": "wait",
        "ask_tax_sent": "call",
        "ask_tax": "wait",
        "ask_all": "join",
        "review": "task",
    }
    ways = {(source, outcome): target for source, outcome, target in package.transitions}
    assert {ways["ask_tax", outcome] for outcome in ("agree", "conditions", "disagree", "timeout")} == {
        "ask_all"
    }
    assert ways["ask_all", "done"] == "review"
    text = (LAND / "package.yaml").read_text(encoding="utf-8")
    begin, end = text.index("  ask: #"), text.index("  review:\n")
    shown = "".join(f"  {line}\n" for line in SHOWN[1].splitlines()) if SHOWN else ""
    assert written(tmp_path, text[:begin] + shown + text[end:]) == []


def test_a_package_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    package = package_of(tmp_path, {**DOCUMENTED, **REVIEW}, start="ask")
    assert folded(package.raw["steps"]) == {**DOCUMENTED, **REVIEW}


ASKED = st.fixed_dictionaries(
    {
        "to": st.just({"agency_kind": "tax", "unit": "=data.unit"}),
        "question": st.just({"vi": "Có không?", "en": "Is it?"}),
        "working_days": st.integers(1, 60),
    },
    optional={"when": st.sampled_from(["data.a", "data.a || data.b"]), "article": st.just("Luật")},
)


@given(
    asked=st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9]{0,9}", fullmatch=True), ASKED, min_size=1, max_size=6
    ),
    when=st.none() | st.just("data.c"),
)
def test_whoever_is_asked_it_can_be_read_back_and_every_way_comes_together(
    asked: dict[str, Any], when: str | None
) -> None:
    written = {"kind": "opinions", "asked": asked, "next": "review"} | ({"when": when} if when else {})
    steps = expanded("ask", written, {"vi": "Thử", "en": "Trial"})
    assert folded({**steps, **REVIEW}) == {"ask": written, **REVIEW}
    assert len(steps) == 2 + 2 * len(asked) or "all" in asked
    for who, question in asked.items():
        if who == "all":
            assert missing("ask", written) == ["step «ask»: «ask_all» stands twice"] * 2
            return
        sent, wait = steps[f"ask_{who}_sent"], steps[f"ask_{who}"]
        assert sent["next"] == sent["on_problem"] == f"ask_{who}"
        assert {*wait["outcomes"].values(), wait["on_timeout"]} == {"ask_all"}
        assert wait["timeout_working_days"] == question["working_days"]
        for a in (True, False):
            holds = expressions.holds(sent.get("when", "`true`"), {"data": {"a": a, "b": False, "c": a}})
            assert holds == (a or not (when or "when" in question))
    assert steps["ask_all"]["of"] == [f"ask_{who}" for who in asked]
    assert missing("ask", written) == []


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("working_days: 5", "working_days: 10", "may answer for 10 working days, and the procedure has 10"),
        ("working_days: 5", "working_days: soon", "«commune» of step «ask» has no time to answer"),
        ("working_days: 5", "working_day: 5", "agency «commune» of step «ask» has no key «working_day»"),
        ("agency_kind: tax,", "agency_kind: taxes,", "the kind of agency «taxes» is unknown"),
        ("agency_kind: tax,", "agency_kind: linked,", "the kind of agency «linked» is unknown"),
        ("agency_kind: tax, unit", "agency_kind: tax, units", "«to» of agency «tax» of step «ask» has no key «units»"),
        ("      tax:\n", "      tax-office:\n", "agency «tax-office» of step «ask» has no fitting name"),
        ("      tax:\n", "      all:\n", "«ask_all» is a step that «ask» makes itself"),
        ('en: "Heir", value: ', 'en: "Heir", valeu: ', "what is disclosed to agency «commune» of step «ask» has"),
        ('=data.receiver.full_name"}\n      tax', '=data.receiver.["}\n      tax', "is not a JMESPath expression"),
        ("when: \"data.kind == 'inheritance'\"\n    asked", 'when: "("\n    asked', "is not a JMESPath expression"),
        ("    next: review\n  review:", "    next: reviews\n  review:", "step «ask» leads to «reviews», which is"),
        ("  parcel:\n    kind: call", "  ask_tax:\n    kind: call", "«ask_tax» is a step that «ask» makes itself"),
        ('          en: "Is any duty', '          fr: "Is any duty', "the question to agency «tax» of step «ask»"),
        ('en: "Ask for opinions on the inheritance"', "en: ''", "the title of step «ask» is not said in en"),
        ("    asked:\n      commune:", "    askt:\n      commune:", "step «ask» (opinions): «asked» is missing"),
    ],
)  # fmt: skip
def test_each_mistake_is_named_with_its_line(tmp_path: Path, before: str, after: str, what: str) -> None:
    text = (LAND / "package.yaml").read_text(encoding="utf-8")
    assert written(tmp_path, text) == []
    assert text.count(before) == 1, text.count(before)
    found = [each for each in written(tmp_path, text.replace(before, after)) if what in each]
    assert found, written(tmp_path, text.replace(before, after))
    begins = text[: text.index("  fee:\n    kind: pay")].count("\n")
    assert begins < int(found[0].split(":")[0]) <= text.count("\n")


@pytest.mark.parametrize("part", ["to", "question", "working_days"])
def test_what_cannot_run_is_refused_also_without_the_check(tmp_path: Path, part: str) -> None:
    asked = {name: value for name, value in DOCUMENTED["ask"]["asked"]["tax"].items() if name != part}
    steps = {"ask": {**DOCUMENTED["ask"], "asked": {"tax": asked}}, **REVIEW}
    with pytest.raises(PackageError, match=rf"«ask» \(opinions\): «asked.tax.{part}» is missing"):
        package_of(tmp_path, steps, start="ask")


def test_officers_read_one_step_with_who_is_asked_and_for_how_long() -> None:
    raw = package_read(LAND).raw
    text = package_text(raw, "vi")
    assert (
        "Lấy ý kiến về thừa kế [hỏi ý kiến cùng lúc: Ủy ban nhân dân cấp xã (trong 5 ngày làm việc), " in text
    )
    assert "Thuế cấp tỉnh (trong 3 ngày làm việc)" in text
    assert "ask_" not in text
    assert "within 3 working days" in package_text(raw, "en")
    picture = str(steps_picture(raw, title="x", language="vi"))
    assert picture.count("Lấy ý kiến về thừa kế") == 1
    asked = package_text(package_read(LAND.parent / "9.000010").raw, "vi")
    assert "Cơ quan được cơ quan khác hỏi" in asked


def test_what_changed_in_whom_is_asked_is_said(tmp_path: Path) -> None:
    def raw(**change: Any) -> dict[str, Any]:
        copied = yaml.safe_load(yaml.safe_dump(DOCUMENTED))
        copied["ask"]["asked"]["tax"] |= change
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        return package_of(folder, {**copied, **REVIEW}, start="ask").raw

    before = raw()
    assert package_changes(before, raw()) == []
    said = [row.vi for row in package_changes(before, raw(working_days=4))]
    assert said == [
        "Bước «ask», cơ quan được hỏi ý kiến: bỏ «tax (tax, 3 ngày làm việc)».",
        "Bước «ask», cơ quan được hỏi ý kiến: thêm «tax (tax, 4 ngày làm việc)».",
    ]
    up = {**REVIEW["review"], "escalate": {"working_days": 2, "role": "sign"}}
    (passed,) = package_changes(before, {**before, "steps": {**before["steps"], "review": up}})
    assert "passed up when it waits too long" in passed.en
    question = {"vi": "Đã nộp đủ chưa?", "en": "Is all paid?"}
    (told,) = package_changes(before, raw(question=question))
    assert told.en == "Step «ask», agencies asked for an opinion: changed."
