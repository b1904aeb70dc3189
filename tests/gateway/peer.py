"""Another gateway, played by a test: it has the first gateway's keys and says what the test wants."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
from msgspec import structs

from lienthong.blocks.trust.hashchain import MESSAGE
from lienthong.blocks.trust.wire import sha256_hex
from lienthong.gateway.bundles import FrameReader, bundle_encode
from lienthong.gateway.envelope import (
    Question,
    Reply,
    Sealed,
    head_bytes,
    head_parse,
    sealed_decode,
    sealed_encode,
)
from lienthong.gateway.keys import Keys
from lienthong.gateway.snapshot import Snapshot, snapshot_verified
from lienthong.gateway.tls import tls_context
from tests.conftest import database_url
from tests.gateway.conftest import Exchange, tls_write
from tests.gateway.control import ASKER, DATA, ONE, PURPOSE, TWO

AUTHORITY = Path(os.environ["LIENTHONG_KEYS"]) / "authority"


class Peer:
    """Speaks to the second gateway."""

    def __init__(self, exchange: Exchange, folder: Path) -> None:
        self.url = f"{exchange.addresses[TWO]}/exchange"
        self.keys = Keys(AUTHORITY)
        self.snapshot = configuration(exchange, self.keys)
        context = tls_context(tls_write(folder, ONE), server=False)
        self.browser = httpx.Client(verify=context, timeout=20)

    def question(self, *, body: bytes = b"x", **given: Any) -> Question:
        made = Question(
            id=f"bad-{uuid4()}",
            request_id=str(uuid4()),
            client=ASKER,
            provider=DATA,
            code="echo",
            method="POST",
            target="",
            purpose=PURPOSE,
            case="",
            user="",
            headers=[],
            body_hash=sha256_hex(body),
            body_size=len(body),
            request_hash="",
            server=ONE,
            sent_at=datetime.now(UTC).isoformat(),
        )
        return structs.replace(made, **given)

    def sealed(self, question: Question, *, member: str = "VN/GOV/T01", body: bytes = b"x") -> Sealed:
        data = head_bytes(question)
        at = datetime.fromisoformat(question.sent_at)
        signed = self.keys.sign_parts(member=member, parts={MESSAGE: data}, snapshot=self.snapshot, at=at)
        return Sealed(data, signed, body)

    def problem(self, sealed: Sealed) -> str:
        """What the provider's gateway answered, in its signed reply; empty where it answered the question."""
        status, content = self.send(sealed_encode(sealed))
        assert status == 200, content
        return head_parse(Reply, sealed_decode(content).head).problem

    def send(self, envelope: bytes) -> tuple[int, bytes]:
        """One envelope alone; its frame's status and content."""
        [(status, content)] = self.send_all([envelope])
        return status, content

    def send_all(self, envelopes: list[bytes]) -> list[tuple[int, bytes]]:
        """Envelopes in one bundle; status and content of each, in their order."""
        got = self.browser.post(self.url, content=bundle_encode(envelopes))
        assert got.status_code == 200, got.text
        frames = sorted(FrameReader(1 << 20).feed(got.content), key=lambda frame: frame.place)
        assert [frame.place for frame in frames] == list(range(len(envelopes)))
        return [(frame.status, frame.content or b"") for frame in frames]


def configuration(exchange: Exchange, keys: Keys) -> Snapshot:
    """The newest, as the gateways read it."""
    with psycopg.connect(database_url(exchange.control)) as connection:
        row = connection.execute(
            "select id, made_at, document, signature, certificate from exchange_configuration order by id desc limit 1"
        ).fetchone()
    assert row is not None
    names = ("version", "made_at", "document", "signature", "certificate")
    return snapshot_verified(**dict(zip(names, row, strict=True)), anchor=keys.anchor)


def memory_kib(exchange: Exchange, server: str, kind: str = "VmRSS") -> int:
    """What the gateway's process has now; with VmHWM the most it ever had."""
    lines = Path(f"/proc/{exchange.programs[server].pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(f"{kind}:")))
