"""Every package with a public code has example dossiers of each way that a dossier may go."""

from pathlib import Path

import pytest

from lienthong.ground import yamls
from lienthong.nation.acts import act_name
from lienthong.nation.examples import examples_of

PROCEDURES = Path(__file__).resolve().parents[3] / "content" / "procedures"
PACKAGES = {
    folder.name: yamls.load((folder / "package.yaml").read_text(encoding="utf-8"))
    for folder in sorted(PROCEDURES.iterdir())
}
PUBLIC = [code for code, package in PACKAGES.items() if package.get("form")]
GROUPS = {"9.000001", "9.000002"}
OF_GROUPS = {"1.003197", "2.002307", "9.060016"}
"""Parts of the death group that nobody applies for alone: its examples play them."""


def test_there_are_23_services_and_the_two_linked_groups() -> None:
    assert {code for code in PUBLIC if PACKAGES[code].get("linked")} == GROUPS
    assert len(PUBLIC) == 23 + len(GROUPS)


@pytest.mark.parametrize("code", PUBLIC)
def test_a_package_has_examples_granted_refused_supplemented_and_withdrawn(code: str) -> None:
    ends: dict[str, int] = dict.fromkeys(("granted", "refused", "supplemented", "withdrawn"), 0)
    for example in examples_of(PROCEDURES / code):
        acts = {act_name(act) for act in example.raw.get("acts", ())}
        outcome = example.raw["expect"].get("outcome", "")
        ends["supplemented" if "supplement" in acts else outcome] = 1
    missing = {"granted", "refused", "supplemented", "withdrawn"} - {
        end for end, found in ends.items() if found
    }
    assert not missing


def test_the_parts_of_the_linked_groups_are_decided_and_their_papers_expected() -> None:
    papers = {row["code"] for code in OF_GROUPS for row in PACKAGES[code]["results"]}
    expected: set[str] = set()
    decided: set[str] = set()
    for code in GROUPS:
        for example in examples_of(PROCEDURES / code):
            expected |= set(example.raw["expect"].get("results", ()))
            decided |= {
                act["of"] for act in example.raw.get("acts", ()) if isinstance(act, dict) and act.get("of")
            }
    assert decided >= OF_GROUPS | {"1.000656", "1.001193", "1.004222", "1.003077"}
    assert papers <= expected
