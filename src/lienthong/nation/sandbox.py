"""What the sandbox's outside parties share: a SQLite store, signed callbacks that are repeated, one process.

They stand for machines of other organisations, so they know nothing of Django, nor of the house's database.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, Response

from lienthong.blocks.trust.secrets import hmac_sign, secret_read

ROOT: Final = Path(__file__).resolve().parents[3]
AGAIN_MOST_S: Final = 60.0
TRY_AGAIN: Final = frozenset({408, 425, 429})
CALLBACKS: Final = """
create table if not exists callbacks (
    id integer primary key, url text not null, body text not null, signature text not null,
    tries integer not null default 0, next_at real not null, done integer not null default 0, answer integer
)
"""
STYLE: Final = """
body{font:1.0625rem/1.5 "Be Vietnam Pro",system-ui,sans-serif;margin:0;color:#0b0c0c;background:#fff}
header{background:#1d3557;color:#fff;padding:.75rem 1rem;font-weight:600}
main{max-width:40rem;margin:0 auto;padding:1rem}
h1{font-size:1.75rem;line-height:1.3}
dt{font-weight:600}dd{margin:0 0 .75rem;overflow-wrap:anywhere}
button{font:inherit;font-weight:600;padding:.6rem 1.2rem;border:2px solid #1d3557;background:#1d3557;
color:#fff;width:100%;margin:0 0 .75rem;cursor:pointer}
button.plain{background:#fff;color:#1d3557}
button:focus,a:focus{outline:3px solid #ffdd00;outline-offset:0}
a{color:#1d3557}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.4rem;border-bottom:1px solid #b1b4b6;vertical-align:top;overflow-wrap:anywhere}
@media(min-width:40rem){button{width:auto;margin-right:1rem}}
"""


def folder_var() -> Path:
    return Path(os.environ.get("LIENTHONG_VAR") or ROOT / "var").resolve()


def secret(name: str) -> bytes:
    """The secret that this party shares with the platform."""
    keys = Path(os.environ.get("LIENTHONG_KEYS") or folder_var() / "keys").resolve()
    return secret_read(keys, name)


def database(name: str, *tables: str) -> sqlite3.Connection:
    """`<name>.sqlite` under LIENTHONG_VAR, durable at each commit, so that a killed process loses nothing."""
    folder_var().mkdir(parents=True, exist_ok=True)
    opened = sqlite3.connect(folder_var() / f"{name}.sqlite", isolation_level=None, check_same_thread=False)
    opened.row_factory = sqlite3.Row
    opened.execute("pragma journal_mode = wal")
    opened.execute("pragma synchronous = full")
    for table in (*tables, CALLBACKS):
        opened.execute(table)
    return opened


@contextlib.contextmanager
def transaction(store: sqlite3.Connection) -> Iterator[None]:
    """All of it or none; durable when it is left."""
    store.execute("begin immediate")
    try:
        yield
    except BaseException:
        store.execute("rollback")
        raise
    store.execute("commit")


class Callbacks:
    """Messages to the platform, kept until it answered 200, or refused for good (another 4xx)."""

    def __init__(self, store: sqlite3.Connection, name: str) -> None:
        self.store = store
        self.name = name
        self.more = asyncio.Event()

    def add(self, *, url: str, body: dict[str, Any], signed: str | None = None) -> None:
        """`signed`: the text under the signature; the body as sent where it is not given."""
        text = json.dumps(body, ensure_ascii=False)
        signature = hmac_sign(secret(self.name), text if signed is None else signed)
        self.store.execute(
            "insert into callbacks (url, body, signature, next_at) values (?, ?, ?, ?)",
            (url, text, signature, time.time()),
        )
        self.more.set()

    async def run(self) -> None:
        """Send what is due, for ever; what a process before this one left is sent too."""
        async with httpx.AsyncClient(timeout=10) as client:
            while True:
                self.more.clear()
                due = self.store.execute(
                    "select * from callbacks where done = 0 and next_at <= ? order by id limit 50",
                    (time.time(),),
                ).fetchall()
                for row in due:
                    await self._send(client, row)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.more.wait(), self._pause())

    async def _send(self, client: httpx.AsyncClient, row: sqlite3.Row) -> None:
        headers = {"Content-Type": "application/json", "X-Signature": row["signature"]}
        try:
            answer = await client.post(row["url"], content=row["body"].encode(), headers=headers)
            status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL):
            status = 0
        refused = 400 <= status < 500 and status not in TRY_AGAIN  # noqa: PLR2004 - HTTP's 4xx
        done = status == httpx.codes.OK or refused
        wait = min(0.5 * 2 ** min(row["tries"], 10), AGAIN_MOST_S)
        self.store.execute(
            "update callbacks set tries = tries + 1, done = ?, answer = ?, next_at = ? where id = ?",
            (int(done), status, time.time() + wait, row["id"]),
        )

    def _pause(self) -> float:
        row = self.store.execute("select min(next_at) from callbacks where done = 0").fetchone()
        return 5.0 if row[0] is None else max(0.05, min(5.0, row[0] - time.time()))

    @contextlib.asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(self.run())
        yield
        task.cancel()


def page(title: str, body: str, *, party: str, language: str = "vi", status: int = 200) -> Response:
    """One plain page. `body` is markup; every value in it was escaped."""
    content = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>'
        f"<body><header>{escape(party)}</header><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    headers = {
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(content, status_code=status, headers=headers)


def serve(app: Starlette, address: str, beside: Callable[[], Any] | None = None) -> None:
    """Serve until SIGTERM, in this one process: killed, it leaves nothing behind that holds the port.

    `beside`: a coroutine function that starts something else in the same loop.
    """
    place = urlsplit(address)

    async def work() -> None:
        if beside is not None:
            await beside()
        server = Server(
            app,
            address=place.hostname or "127.0.0.1",
            port=place.port or 80,
            interface=Interfaces.ASGI,
            log_level=LogLevels.warning,
        )
        await server.serve()

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(work())
