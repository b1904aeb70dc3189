"""The sandbox's bank: a process that speaks as payment gateways do, by signed redirect and callback.

    GET  /pay?order&amount&description&return_url&callback_url&expires_at&signature    the payer's page
    POST the same address, `action` pay or cancel    callback to `callback_url`, browser to `return_url`
    GET  /orders/<order>    X-Signature over the order's number; the answer is signed the same way
    GET  /health

Signatures are HMAC-SHA-512 hex with the secret shared with the platform: over the parameters sorted by name
and encoded, over a body as sent. For tests, on the address of the page: `twice=1` tells the platform twice,
`amount_off=1` takes another amount, `silent=1` never tells it.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from datetime import datetime
from html import escape
from typing import Any, Final
from urllib.parse import parse_qs, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from lienthong.blocks.trust.secrets import hmac_holds, hmac_sign, params_text
from lienthong.ground import clock
from lienthong.ground.money import format_dong
from lienthong.ground.text import Text
from lienthong.nation import sandbox

NAME: Final = "bank"
PARTY: Final = "Ngân hàng thử nghiệm"
AMOUNT_OFF: Final = 1000
CONTROLS: Final = ("twice", "amount_off", "silent")
SIGNED: Final = ("order", "amount", "description", "return_url", "callback_url", "expires_at")
ORDERS: Final = """
create table if not exists orders (
    id text primary key, amount integer not null, description text not null, return_url text not null,
    callback_url text not null, expires_at text not null, state text not null default 'open',
    paid_amount integer not null default 0, bank_transaction text not null default '', paid_at text
)
"""
EXPIRED: Final = Text("Lệnh thanh toán đã hết hạn.", "The payment order has expired.")
FORGED: Final = Text("Lệnh thanh toán không hợp lệ.", "The payment order is not valid.")


class Bank:
    """Orders and what became of them."""

    def __init__(self) -> None:
        self.store = sandbox.database(NAME, ORDERS)
        self.callbacks = sandbox.Callbacks(self.store, NAME)

    def order_enter(self, params: dict[str, str]) -> sqlite3.Row | None:
        """The order, entered when it is new. None where it is known with other terms."""
        terms = [params[name] for name in SIGNED]
        self.store.execute(
            "insert into orders (id, amount, description, return_url, callback_url, expires_at)"
            " values (?, ?, ?, ?, ?, ?) on conflict do nothing",
            terms,
        )
        row = self.order(params["order"])
        same = row is not None and str(row["amount"]) == params["amount"]
        return row if same else None

    def order(self, order: str) -> sqlite3.Row | None:
        return self.store.execute("select * from orders where id = ?", (order,)).fetchone()

    def close(self, order: str, *, pay: bool, controls: frozenset[str]) -> sqlite3.Row:
        """Pay or cancel an open order, and tell the platform; one that is closed stays as it is."""
        with sandbox.transaction(self.store):
            changed = self._closed(order, pay=pay, off="amount_off" in controls)
            row = self.store.execute("select * from orders where id = ?", (order,)).fetchone()
            times = 0 if not changed or "silent" in controls else 2 if "twice" in controls else 1
            for _ in range(times):
                self.callbacks.add(url=row["callback_url"], body=told(row))
        return row

    def _closed(self, order: str, *, pay: bool, off: bool) -> bool:
        if not pay:
            done = self.store.execute(
                "update orders set state = 'cancelled' where id = ? and state = 'open'", (order,)
            )
        else:
            done = self.store.execute(
                "update orders set state = 'paid', paid_amount = amount - ?, bank_transaction = ?,"
                " paid_at = ? where id = ? and state = 'open'",
                (
                    AMOUNT_OFF if off else 0,
                    f"FT{secrets.token_hex(6).upper()}",
                    clock.now().isoformat(),
                    order,
                ),
            )
        return done.rowcount == 1


def told(row: sqlite3.Row) -> dict[str, Any]:
    """What the bank says of an order, in callbacks and answers."""
    return {
        "order": row["id"],
        "state": row["state"],
        "amount": row["paid_amount"],
        "transaction": row["bank_transaction"],
        "paid_at": row["paid_at"],
    }


bank = Bank()


def _secret() -> bytes:
    return sandbox.secret(NAME)


def _holds(params: dict[str, str]) -> bool:
    """All terms are there, the amount is whole đồng, and the platform signed them."""
    if any(not params.get(name) for name in SIGNED) or not params["amount"].isdecimal():
        return False
    terms = {name: params[name] for name in SIGNED}
    return hmac_holds(_secret(), params_text(terms), params.get("signature", ""))


def _controls(request: Request) -> frozenset[str]:
    asked = {name for name in CONTROLS if request.query_params.get(name) == "1"}
    return frozenset(asked | {name for name in CONTROLS if name == request.headers.get("X-Sandbox")})


def _error(text: Text, language: str, status: int) -> Response:
    body = escape(
        "Hãy quay lại Cổng dịch vụ công và bấm thanh toán lần nữa."
        if language == "vi"
        else "Go back to the portal and choose to pay again."
    )
    return sandbox.page(text.say(language), f"<p>{body}</p>", party=PARTY, language=language, status=status)


async def pay(request: Request) -> Response:
    """The payer's page, and what the payer decides on it."""
    params = dict(request.query_params)
    language = "en" if params.get("lang") == "en" else "vi"
    if not _holds(params):
        return _error(FORGED, language, 400)
    row = bank.order_enter(params)
    if row is None:
        return _error(FORGED, language, 409)
    if row["state"] == "open" and clock.now() > datetime.fromisoformat(row["expires_at"]):
        return _error(EXPIRED, language, 410)
    if request.method == "POST" and row["state"] == "open":
        chosen = parse_qs((await request.body()).decode(errors="replace")).get("action")
        row = bank.close(row["id"], pay=chosen == ["pay"], controls=_controls(request))
    if row["state"] != "open":
        return RedirectResponse(_back(row), status_code=303)
    return _page(row, params, language)


def _back(row: sqlite3.Row) -> str:
    result = {"order": row["id"], "state": row["state"], "transaction": row["bank_transaction"]}
    signature = hmac_sign(_secret(), params_text(result))
    joint = "&" if "?" in row["return_url"] else "?"
    return f"{row['return_url']}{joint}{urlencode({**result, 'signature': signature})}"


def _page(row: sqlite3.Row, params: dict[str, str], language: str) -> Response:
    english = language == "en"
    other = urlencode({**params, "lang": "vi" if english else "en"})
    words = {
        "title": "Confirm the payment" if english else "Xác nhận thanh toán",
        "amount": "Amount" if english else "Số tiền",
        "what": "For" if english else "Nội dung",
        "order": "Order" if english else "Mã lệnh",
        "pay": "Pay" if english else "Thanh toán",
        "cancel": "Cancel" if english else "Hủy",
        "note": "This bank is for trying out: no real money moves."
        if english
        else "Đây là ngân hàng để thử: không có tiền thật.",
    }
    body = (
        f'<p lang="{"vi" if english else "en"}"><a href="/pay?{escape(other)}">'
        f"{'Tiếng Việt' if english else 'English'}</a></p>"
        f"<p>{words['note']}</p><dl>"
        f"<dt>{words['amount']}</dt><dd>{escape(format_dong(row['amount'], language))}</dd>"
        f"<dt>{words['what']}</dt><dd>{escape(row['description'])}</dd>"
        f"<dt>{words['order']}</dt><dd>{escape(row['id'])}</dd></dl>"
        f'<form method="post" action="/pay?{escape(urlencode(params))}">'
        f'<button name="action" value="pay">{words["pay"]}</button>'
        f'<button class="plain" name="action" value="cancel">{words["cancel"]}</button></form>'
    )
    return sandbox.page(words["title"], body, party=PARTY, language=language)


async def order(request: Request) -> Response:
    """What became of an order, for the platform that has its number and the secret."""
    number = request.path_params["order"]
    if not hmac_holds(_secret(), number, request.headers.get("X-Signature", "")):
        return JSONResponse({"error": "signature"}, status_code=403)
    row = bank.order(number)
    if row is None:
        return JSONResponse({"error": "unknown order"}, status_code=404)
    text = json.dumps(told(row), ensure_ascii=False)
    headers = {"X-Signature": hmac_sign(_secret(), text)}
    return Response(text, media_type="application/json", headers=headers)


async def health(_request: Request) -> Response:
    waiting = bank.store.execute("select count(*) from callbacks where done = 0").fetchone()[0]
    return JSONResponse({"ok": True, "callbacks_waiting": waiting})


app = Starlette(
    routes=[
        Route("/pay", pay, methods=["GET", "POST"]),
        Route("/orders/{order}", order),
        Route("/health", health),
    ],
    lifespan=bank.callbacks.lifespan,
)


def main() -> None:
    sandbox.serve(app, os.environ.get("LIENTHONG_BANK_URL", "http://127.0.0.1:8001"))


if __name__ == "__main__":
    main()
