"""An agency's own system for large bodies, a process of its own: takes, pours, stops and breaks off as its path says.

`/seen` tells, to whoever asks it directly, how much of each request came and whether it was whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

MIB = 1 << 20
STOPS_S = 12.0
seen: list[dict[str, Any]] = []
over = threading.Event()


def pieces(size: int, seed: int = 0) -> Iterator[bytes]:
    """So many bytes, no two MiB alike, the same for the same seed."""
    block = hashlib.shake_256(str(seed).encode()).digest(MIB)
    for number in range(-(-size // MIB)):
        made = number.to_bytes(8, "big") + block[8:]
        yield made[: min(MIB, size - number * MIB)]


def digest(size: int, seed: int = 0) -> str:
    found = hashlib.sha256()
    for piece in pieces(size, seed):
        found.update(piece)
    return found.hexdigest()


class System(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cut = False

    def answer(self) -> None:
        parts = urlsplit(self.path)
        path, asked = parts.path, dict(parse_qsl(parts.query))
        if path == "/seen":
            self.say(200, seen)
            return
        row: dict[str, Any] = {"path": path, "id": self.headers.get("X-Road-Id"), "size": 0, "whole": False}
        seen.append(row)
        if path == "/early":
            self.close_connection = True
            self.say(413, {"error": "too much"})
            return
        if path == "/stop":  # reads no more, and keeps the connection
            over.wait(STOPS_S)
            self.close_connection = True
            return
        told = self.take(row)
        if path in {"/pour", "/short", "/stall"}:
            self.pour(path, int(asked["size"]), chunked="chunked" in asked, told=told)
        else:
            self.say(200, told)

    def take(self, row: dict[str, Any]) -> dict[str, Any]:
        """Read the request's body; row has how far it came."""
        found = hashlib.sha256()
        for part in self.body():
            found.update(part)
            row["size"] += len(part)
        row["whole"] = not self.cut
        length, coding = self.headers.get("Content-Length"), self.headers.get("Transfer-Encoding")
        return {"sha256": found.hexdigest(), "size": row["size"], "length": length, "coding": coding}

    def body(self) -> Iterator[bytes]:
        if self.headers.get("Transfer-Encoding"):
            while True:
                line = self.rfile.readline()
                size = int(line or b"-1", 16)
                if size < 0:
                    self.cut = self.close_connection = True
                    return
                yield from self.some(size)
                end = self.rfile.readline()
                self.cut = not end
                if not size or not end:
                    return
        yield from self.some(int(self.headers.get("Content-Length") or 0))

    def some(self, size: int) -> Iterator[bytes]:
        while size:
            part = self.rfile.read1(min(size, MIB))  # type: ignore[attr-defined]
            if not part:
                self.cut = self.close_connection = True
                return
            size -= len(part)
            yield part

    def pour(self, path: str, size: int, *, chunked: bool, told: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(size))))
        self.send_header("X-Got", told["sha256"])
        self.end_headers()
        sent = 0
        self.close_connection = path != "/pour"
        with contextlib.suppress(ConnectionError):
            for piece in pieces(size):
                if path != "/pour" and sent > size // 2:
                    break
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
                sent += len(piece)
            if path == "/stall":
                over.wait(STOPS_S)
            elif path == "/pour" and chunked:
                self.wfile.write(b"0\r\n\r\n")

    def say(self, status: int, told: Any) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(body)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def log_message(self, *_: Any) -> None:
        """Silent."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), System)
    server.daemon_threads = True
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
