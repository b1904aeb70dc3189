"""Names of synthetic people: plausible, varied, and the same for the same seed."""

# ruff: noqa: S311 - a seeded generator is what is tested

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.ground import names
from lienthong.ground.tables import rows
from lienthong.nation.names import family_draw, name_draw

SEXES = ["male", "female"]


def table(path: str) -> list[dict[str, str]]:
    return rows("lienthong.nation", f"data/{path}")


@given(st.integers(0, 2**32), st.sampled_from(SEXES))
def test_a_drawn_name_is_a_name_and_the_same_for_the_same_seed(seed: int, sex: str) -> None:
    name = name_draw(random.Random(seed), sex)
    assert name == name_draw(random.Random(seed), sex)
    assert names.check(name) == []
    assert names.display(name) == name
    assert 2 <= len(name.split()) <= 5


@given(st.integers(0, 2**32), st.sampled_from(SEXES), st.sampled_from(["Nguyễn", "Văn", "Tôn Nữ"]))
def test_a_child_keeps_the_family_name_that_it_is_given(seed: int, sex: str, family: str) -> None:
    name = name_draw(random.Random(seed), sex, family)
    assert name.startswith(f"{family} ")
    assert len(set(name.split())) == len(name.split())


def test_families_are_as_frequent_as_in_vietnam() -> None:
    rng = random.Random(1)
    met = Counter(family_draw(rng) for _ in range(20_000))
    assert met["Nguyễn"] / 20_000 == pytest.approx(0.38, abs=0.03)
    assert met["Trần"] / 20_000 == pytest.approx(0.11, abs=0.02)
    assert [name for name, _ in met.most_common(4)] == ["Nguyễn", "Trần", "Lê", "Phạm"]
    assert len(met) > 50


def test_thi_is_a_womans_middle_name_and_van_a_mans() -> None:
    rng = random.Random(2)
    women = [name_draw(rng, "female") for _ in range(2000)]
    men = [name_draw(rng, "male") for _ in range(2000)]
    assert sum(" Thị " in name for name in women) > 400
    assert not any(" Thị " in name for name in men)
    assert sum(name.split()[1] == "Văn" for name in men) > 200
    assert len(set(women)) > 1700


@pytest.mark.parametrize("sex", SEXES)
def test_the_tables_hold_enough_names_once_each(sex: str) -> None:
    for path, least in [("given_names.csv", 150), ("middle_names.csv", 40)]:
        of_sex = [row["name"] for row in table(path) if row["sex"] == sex]
        assert len(of_sex) == len(set(of_sex)) >= least
        assert all(names.check(name) == [] for name in of_sex)


def test_an_unknown_sex_is_refused() -> None:
    with pytest.raises(ValueError, match="no names are known"):
        name_draw(random.Random(0), "M")
