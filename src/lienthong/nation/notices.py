"""The sandbox's message provider: SMS by HTTP, mail by SMTP, an inbox to look into, and delivery reports.

    POST /sms {id, to, text, callback}    X-Signature over id + to + text; the same id is one message
    SMTP at LIENTHONG_SMTP                the same Message-ID is one message
    GET  /    the inbox; GET /messages?to=…    the same as JSON; GET /health

Each SMS is reported to its `callback` as {id, state}, signed over id + state.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape
from typing import Final, cast

from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lienthong.blocks.trust.secrets import hmac_holds
from lienthong.ground import clock
from lienthong.nation import sandbox

NAME: Final = "notices"
PARTY: Final = "Hộp thư thử nghiệm · Sandbox inbox"
SHOWN: Final = 200
SIZE_MAX: Final = 1024 * 1024
MESSAGES: Final = """
create table if not exists messages (
    id text primary key, way text not null, sent_to text not null, subject text not null, text text not null,
    received_at text not null
)
"""


class Provider:
    """Messages as they came, each once."""

    def __init__(self) -> None:
        self.store = sandbox.database(NAME, MESSAGES)
        self.callbacks = sandbox.Callbacks(self.store, NAME)

    def keep(self, *, number: str, way: str, to: str, subject: str, text: str) -> bool:
        """False where the message is here already."""
        done = self.store.execute(
            "insert into messages values (?, ?, ?, ?, ?, ?) on conflict do nothing",
            (number, way, to, subject, text, clock.now().isoformat()),
        )
        return done.rowcount == 1

    def newest(self, to: str) -> list[sqlite3.Row]:
        return self.store.execute(
            "select * from messages where ? = '' or sent_to = ? order by rowid desc limit ?", (to, to, SHOWN)
        ).fetchall()


provider = Provider()


async def sms(request: Request) -> Response:
    """Take a short message; the report of its delivery follows by callback."""
    try:
        body = json.loads(await request.body())
        number, to, text, callback = (str(body[key]) for key in ("id", "to", "text", "callback"))
    except (ValueError, KeyError, TypeError):
        return JSONResponse({"error": "send {id, to, text, callback}"}, status_code=400)
    if not hmac_holds(sandbox.secret(NAME), number + to + text, request.headers.get("X-Signature", "")):
        return JSONResponse({"error": "signature"}, status_code=403)
    with sandbox.transaction(provider.store):
        if provider.keep(number=number, way="sms", to=to, subject="", text=text):
            report = {"id": number, "state": "delivered"}
            provider.callbacks.add(url=callback, body=report, signed=number + report["state"])
    return JSONResponse({"id": number, "state": "accepted"})


class Mail:
    """The SMTP side."""

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        content = cast("bytes", envelope.content or b"")
        message = cast("EmailMessage", message_from_bytes(content, policy=policy.default))
        number = str(message["Message-ID"] or "").strip()
        if not number:
            return "550 5.6.0 a message needs a Message-ID"
        body = message.get_body(("plain",))
        text = str(body.get_content()) if body is not None else ""
        for to in envelope.rcpt_tos:
            provider.keep(
                number=f"{number} {to}", way="mail", to=to, subject=str(message["Subject"] or ""), text=text
            )
        return "250 2.0.0 kept"


async def mail_listen() -> None:
    """The SMTP server, in the loop that serves HTTP too."""
    host, _, port = os.environ.get("LIENTHONG_SMTP", "127.0.0.1:8025").partition(":")
    loop = asyncio.get_running_loop()
    await loop.create_server(
        lambda: SMTP(Mail(), data_size_limit=SIZE_MAX, hostname="sandbox", loop=loop), host, int(port)
    )


async def messages(request: Request) -> Response:
    rows = provider.newest(request.query_params.get("to", ""))
    return JSONResponse({"messages": [{key: row[key] for key in row.keys()} for row in rows]})  # noqa: SIM118 - a row iterates over its values


async def inbox(request: Request) -> Response:
    to = request.query_params.get("to", "")
    rows = "".join(
        f"<tr><td>{escape(row['received_at'][:16].replace('T', ' '))}</td><td>{row['way']}</td>"
        f"<td>{escape(row['sent_to'])}</td><td><strong>{escape(row['subject'])}</strong>"
        f"<br>{escape(row['text'])}</td></tr>"
        for row in provider.newest(to)
    )
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Lúc", "Cách", "Đến", "Nội dung"))
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return sandbox.page("Tin đã nhận", table if rows else "<p>Chưa có tin nào.</p>", party=PARTY)


async def health(_request: Request) -> Response:
    return JSONResponse({"ok": True})


app = Starlette(
    routes=[
        Route("/", inbox),
        Route("/sms", sms, methods=["POST"]),
        Route("/messages", messages),
        Route("/health", health),
    ],
    lifespan=provider.callbacks.lifespan,
)


def main() -> None:
    sandbox.serve(app, os.environ.get("LIENTHONG_NOTICES_URL", "http://127.0.0.1:8002"), mail_listen)


if __name__ == "__main__":
    main()
