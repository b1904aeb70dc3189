"""Whether a kept connection still stands is seen at its socket, where Django would ask the server at each request."""

import select

from django.db.backends.postgresql import base
from psycopg.pq import ConnStatus, TransactionStatus


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own for PostgreSQL."""

    def is_usable(self) -> bool:
        """A connection that rests has nothing to say: where there is something to read, the server has hung up.

        What a server says unasked (it was told to read its settings again) costs a new connection, nothing else.
        """
        if self.connection is None:
            return False
        line = self.connection.pgconn
        if line.status != ConnStatus.OK or line.transaction_status != TransactionStatus.IDLE:
            return False
        poll = select.poll()
        poll.register(line.socket, select.POLLIN)
        return not poll.poll(0)
