"""Nothing is disposed of earlier than any rule that applied allows; the table is whole, and its mistakes have lines."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.casework import retention_rules as rules
from lienthong.blocks.casework.retention_check import retention_mistakes
from lienthong.blocks.casework.retention_rules import DraftRule, Nomination, Part, Rule
from lienthong.ground import clock, yamls
from tests.conftest import ROOT

FILE = ROOT / "content" / "retention.yaml"
TABLE = rules.table_read(yamls.load(FILE.read_text(encoding="utf-8")))
DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
SPANS = st.tuples(DAYS, DAYS).map(sorted)
"""The day on which a dossier closed, and today."""


@st.composite
def some_rules(draw: st.DrawFn) -> list[Rule]:
    """Rules of one part, in any order, overlapping or not."""
    found = []
    for _ in range(draw(st.integers(0, 5))):
        first = draw(DAYS)
        last = draw(st.none() | st.integers(0, 20_000).map(lambda n, first=first: first + timedelta(days=n)))
        nomination = draw(st.sampled_from(Nomination))
        years = 0 if nomination is Nomination.KEEP else draw(st.integers(1, 80))
        found.append(Rule(Part.DOSSIER, nomination, years, first, last, f"Điều {len(found)}"))
    return found


@given(some_rules(), SPANS)
def test_a_dossier_is_never_disposed_of_earlier_than_any_rule_that_applied(
    known: list[Rule], span: list[date]
) -> None:
    closed, on = span
    found = rules.verdict(known, closed=closed, on=on)
    if not found.disposable(on):
        return
    # Day by day would take long; a rule applied if its period meets the time from closing to today.
    applied = [r for r in known if r.first <= on and (r.last or date.max) >= closed]
    assert applied
    assert all(r.nomination is Nomination.DISPOSE for r in applied)
    assert all(on.year > closed.year + r.years for r in applied)
    assert all(on > closed + timedelta(days=365 * r.years) for r in applied)


@given(some_rules(), some_rules(), SPANS)
def test_a_further_rule_never_makes_it_earlier(known: list[Rule], more: list[Rule], span: list[date]) -> None:
    closed, on = span
    known = [*known, Rule(Part.DOSSIER, Nomination.DISPOSE, 1, closed, None, "Luật")]  # one applies
    if rules.verdict([*known, *more], closed=closed, on=on).disposable(on):
        assert rules.verdict(known, closed=closed, on=on).disposable(on)


@given(some_rules(), SPANS, st.integers(1, 9_000))
def test_a_change_counts_from_its_date_on(known: list[Rule], span: list[date], later: int) -> None:
    closed, on = span
    change = on + timedelta(days=later)
    keeps = Rule(Part.DOSSIER, Nomination.KEEP, 0, change, None, "Luật mới")
    before = rules.verdict(known, closed=closed, on=on)
    assert rules.verdict([*known, keeps], closed=closed, on=on) == before
    assert not rules.verdict([*known, keeps], closed=closed, on=change).is_due(change)


@given(some_rules(), SPANS, st.sampled_from([Nomination.DISPOSE, Nomination.TRANSFER]))
def test_the_spans_asked_of_a_database_are_the_verdict(
    known: list[Rule], span: list[date], nomination: Nomination
) -> None:
    closed, on = span
    spans = rules.spans_due(known, on=on, nomination=nomination)
    found = rules.verdict(known, closed=closed, on=on)
    inside = any(span.first <= closed <= span.last for span in spans)
    assert inside == (found.nomination is nomination and found.is_due(on))


@given(
    st.lists(
        st.builds(
            lambda days, tell, first, more: DraftRule(days + tell, tell, first, first + more, "Điều"),
            st.integers(1, 400),
            st.integers(1, 30),
            DAYS,
            st.integers(0, 9_000).map(lambda n: timedelta(days=n)),
        ),
        max_size=4,
    ),
    st.datetimes(datetime(2001, 1, 1), datetime(2090, 1, 1), timezones=st.just(clock.VIETNAM)),
    st.integers(0, 900),
    st.none() | st.integers(-900, 900),
)
def test_a_draft_ends_after_every_rule_and_after_its_owner_was_told(
    known: list[DraftRule], changed_at: datetime, age: int, told: int | None
) -> None:
    now = changed_at + timedelta(days=age)
    told_at = now - timedelta(days=told) if told is not None else None
    term = rules.draft_term(known, changed_at=changed_at, now=now)
    applied = [r for r in known if r.first <= now.date() and (r.last is None or r.last >= changed_at.date())]
    assert (term is None) == (not applied)
    if term is not None and term.may_end(told_at=told_at, now=now):
        assert told is not None
        assert all(age >= rule.days and told >= rule.tell_days for rule in applied)


def test_the_country_keeps_births_for_good_and_a_notice_five_years_after_its_year() -> None:
    births = TABLE.class_of("1.001193").of(Part.DOSSIER)
    assert rules.verdict(births, closed=date(2026, 1, 5), on=date(2120, 1, 1)).kept_until is None
    stay = TABLE.class_of("2.001159")
    found = rules.verdict(stay.of(Part.DOSSIER), closed=date(2026, 1, 5), on=date(2031, 12, 31))
    assert (found.kept_until, found.disposable(date(2031, 12, 31))) == (date(2031, 12, 31), False)
    assert found.disposable(date(2032, 1, 1))
    # Closed under the earlier circular: its twenty years stand, although five would do since.
    old = rules.verdict(stay.of(Part.DOSSIER), closed=date(2023, 2, 14), on=date(2032, 1, 1))
    assert old.kept_until == date(2043, 12, 31)
    assert TABLE.class_of("8.000001").code == "administrative-procedure"
    assert TABLE.class_of("8.000001", "land").code == "land"


def test_the_countrys_table_has_no_mistake() -> None:
    procedures = frozenset(folder.name for folder in (ROOT / "content" / "procedures").iterdir())
    assert retention_mistakes(FILE, procedures=procedures) == []


@pytest.mark.parametrize(
    ("before", "after", "said", "at"),
    [
        (
            "years: 10, nomination: dispose",
            "nomination: dispose",
            "«None» is no number of years",
            "{part: dossier, nomination: dispose",
        ),
        (
            "{part: dossier, nomination: keep",
            "{part: dossier, years: 5, nomination: keep",
            "has no years",
            "years: 5, nomination: keep",
        ),
        (
            "valid_to: 2023-02-14",
            "valid_to: 2023-03-14",
            "two rules hold on 2023-02-15",
            "valid_from: 2023-02-15",
        ),
        (
            "valid_to: 2023-02-14",
            "valid_to: 2023-02-01",
            "no rule holds after 2023-02-01",
            "valid_from: 2023-02-15",
        ),
        ("part: messages, years: 2", "part: mesages, years: 2", "part «mesages» is unknown", "mesages"),
        ("part: messages, years: 2", "part: results, years: 2", "part «messages» has no rule", "rules:"),
        ('["1.013831"]', '["1.001193"]', "is of class «civil-status» already", 'procedures: ["1.001193"]'),
        ('["1.013831"]', '["1.999999"]', "the procedure «1.999999» is unknown", "1.999999"),
        (
            "default: administrative-procedure",
            "default: nothing",
            "class «nothing» is unknown",
            "default: nothing",
        ),
        ("tell_days: 14", "tell_days: 200", "tell_days lies not between", "tell_days: 200"),
        ("nomination: transfer", "nomination: sell", "nomination «sell» is unknown", "sell"),
        ("code: land", "code: civil-status", "class «civil-status» stands twice", "code: civil-status"),
        (
            "days: 180, tell_days: 14, valid_from: 2016-01-01",
            "days: 180, tell_days: 14",
            "is missing",
            "days: 180",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, before: str, after: str, said: str, at: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "retention.yaml"
    path.write_text(text.replace(before, after), encoding="utf-8")
    procedures = frozenset(folder.name for folder in (ROOT / "content" / "procedures").iterdir())
    told = [each for each in retention_mistakes(path, procedures=procedures) if said in each.what]
    assert told
    lines = path.read_text(encoding="utf-8").splitlines()
    assert any(at in lines[each.line - 1] for each in told), [str(each) for each in told]
