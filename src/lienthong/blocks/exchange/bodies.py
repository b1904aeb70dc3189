"""Bodies that the exchange keeps so that a message takes effect once; the log holds hashes and signatures only."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from lienthong.blocks.exchange.models import Delivery, Message

_ANSWERS = """
update exchange_inbox i set answer = '{}' from exchange_message m
where m."case" = any(%s) and m."case" <> '' and m.side = 'provider' and i.client = m.client
  and i.message_id = m.message_id and i.answer <> '{}'
"""


def bodies_dispose(*, cases: Collection[str]) -> int:
    """Empty the bodies and answers kept here of messages for these cases; how many. The log's rows stay as they are.

    A message that is still on its way keeps its body. One repeated years later takes no effect again, and finds an
    answer without content.
    """
    numbers = [number for number in cases if number]
    logged = Message.objects.filter(case__in=numbers).exclude(case="")
    sent = Delivery.objects.filter(pk__in=logged.values("message_id")).exclude(delivered_at=None)
    emptied = sent.exclude(body={}).update(body={})
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERS, [numbers])
        return emptied + cursor.rowcount
