"""What a process remembers: for some seconds, not for ever, and never that something is absent."""

import pytest

from lienthong.ground import kept
from lienthong.ground.kept import Kept


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(kept.time, "monotonic", lambda: now[0])
    return now


def test_a_value_is_read_once_within_its_seconds(moment: list[float]) -> None:
    remembered: Kept[str, str] = Kept(seconds=5)
    assert remembered.get("a", lambda: "first") == "first"
    moment[0] += 4.9
    assert remembered.get("a", lambda: "second") == "first"
    moment[0] += 0.1
    assert remembered.get("a", lambda: "second") == "second"


def test_what_was_not_there_is_looked_for_again(moment: list[float]) -> None:
    remembered: Kept[str, str] = Kept(seconds=5)
    assert remembered.get("a", lambda: None) is None
    assert remembered.get("a", lambda: "there now") == "there now"
    moment[0] += 6
    assert remembered.get("a", lambda: None) is None


def test_it_holds_no_more_than_it_may(moment: list[float]) -> None:
    remembered: Kept[int, int] = Kept(most=3)
    for number in range(10):
        remembered.get(number, lambda number=number: number)
        assert len(remembered._values) <= 3


def test_everything_can_be_forgotten(moment: list[float]) -> None:
    one: Kept[str, int] = Kept()
    other: Kept[str, int] = Kept()
    one.get("a", lambda: 1)
    other.get("a", lambda: 1)
    one.forget()
    assert (one.get("a", lambda: 2), other.get("a", lambda: 2)) == (2, 1)
    Kept.all_forget()
    assert (one.get("a", lambda: 3), other.get("a", lambda: 3)) == (3, 3)
