"""The log's chain: every row bound, every signature checked, every meddling found."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db.models import F

from lienthong.blocks.exchange import log, selectors
from lienthong.blocks.exchange.models import Message, Seal
from lienthong.ground import clock
from tests.blocks.exchange.desk import NOTE, Note, ask

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed(desk: datetime) -> datetime:
    """Two seals of four rows each."""
    for batch in ("ab", "cd"):
        for code in batch:
            ask(NOTE, Note(code=code))
        assert log.seal_pending() == 4
    return desk


def test_every_row_is_sealed_once_and_the_whole_chain_holds(sealed: datetime) -> None:
    assert log.seal_pending() == 0
    check = log.log_check()
    assert (check.seals, check.rows, check.signatures, check.broken) == (2, 8, 16, None)
    first, second = Seal.objects.order_by("id")
    assert second.previous == first.head
    health = selectors.health()
    assert (health.unsealed, health.last_seal_at) == (0, sealed)


def test_refusals_are_signed_and_sealed_too(desk: datetime) -> None:
    with pytest.raises(Exception, match="note-refused"):
        ask(NOTE, Note(code="a", fate="refused"))
    log.seal_pending()
    assert log.log_check().broken is None
    assert Message.objects.filter(status=409, seal=None).count() == 0


def change_answer() -> None:
    row = Message.objects.order_by("id")[1]
    row.answer_head = row.answer_head.replace('"status":200', '"status":409')
    row.save()


def swap_signatures() -> None:
    one, other = Message.objects.filter(side="provider").order_by("id")[:2]
    one.request_signature, other.request_signature = other.request_signature, one.request_signature
    one.save()
    other.save()


def remove_row() -> None:
    Message.objects.order_by("id")[2].delete()


def remove_seal() -> None:
    seal = Seal.objects.order_by("id")[0]
    Message.objects.filter(seal=seal).delete()
    seal.delete()


def add_row() -> None:
    row = Message.objects.order_by("id")[0]
    row.pk, row.seal_position = None, 99
    row.save()


def reorder_rows() -> None:
    Message.objects.update(seal_position=100 - F("seal_position"))


def forge_head() -> None:
    """Whoever re-computes the chain after a removal still lacks the instance's key."""
    seal = Seal.objects.order_by("-id")[0]
    Message.objects.filter(seal=seal).delete()
    seal.head = seal.previous
    seal.save()


@pytest.mark.parametrize(
    "meddle",
    [change_answer, swap_signatures, remove_row, remove_seal, add_row, reorder_rows, forge_head],
)
def test_meddling_with_the_log_is_found(sealed: datetime, meddle: Callable[[], None]) -> None:
    meddle()
    assert log.log_check().broken is not None


def test_a_row_reads_as_evidence_with_both_signed_heads(sealed: datetime) -> None:
    row = Message.objects.filter(side="provider").order_by("id")[0]
    request, answer = log.heads_of(row)
    assert (request.service, answer.request_hash) == (NOTE.name, request.hash())
    evidence = log.as_evidence(row)
    assert (evidence["seal"], evidence["position"]) == (row.seal_id, 1)


def test_a_certificate_that_expired_since_does_not_break_the_log(sealed: datetime) -> None:
    with clock.fixed(sealed + timedelta(days=30 * 365)):
        assert log.log_check().broken is None


def test_exchanges_are_paged_from_the_newest(sealed: datetime) -> None:
    first = selectors.messages_page(limit=3)
    second = selectors.messages_page(before=first[-1].id, limit=3)
    assert [len(first), len(second)] == [3, 1]
    ids = [row.id for row in [*first, *second]]
    assert ids == sorted(ids, reverse=True)
    assert all(row.sealed for row in first)
