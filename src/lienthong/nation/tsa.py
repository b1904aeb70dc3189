"""The sandbox's time-stamp authority, in its own process: RFC 3161 over HTTP (§3.4), with a key made at its start."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lienthong.blocks.trust.authority import Authority
from lienthong.blocks.trust.timestamps import TimestampAuthority
from lienthong.ground import clock
from lienthong.nation import sandbox

NAME = "Lienthong sandbox time-stamp authority"
REQUEST_MAX = 4096


def stamping(keys: Path) -> TimestampAuthority:
    authority = Authority(keys / "authority")
    certificate, key = authority.tsa_issue(NAME)
    return TimestampAuthority(key, certificate, chain=(authority.issuing,))


def routes(authority: TimestampAuthority) -> list[Route]:
    async def stamp(request: Request) -> Response:
        asked = await request.body()
        if request.headers.get("content-type") != "application/timestamp-query" or len(asked) > REQUEST_MAX:
            return Response("POST an application/timestamp-query", status_code=400, media_type="text/plain")
        answer = authority.answer(asked, clock.now())
        return Response(answer, media_type="application/timestamp-reply")

    async def health(_request: Request) -> Response:
        return Response("ok", media_type="text/plain")

    return [Route("/", stamp, methods=["POST"]), Route("/health", health)]


if __name__ == "__main__":
    folder = Path(os.environ.get("LIENTHONG_KEYS") or sandbox.folder_var() / "keys")
    sandbox.serve(Starlette(routes=routes(stamping(folder))), sys.argv[1])
