"""A small HTTP/1.1 load: keep-alive connections that send prepared requests and time each answer."""

import asyncio
import time
from dataclasses import dataclass, field


@dataclass
class Outcome:
    seconds: float = 0.0
    durations: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        return len(self.durations) / self.seconds if self.seconds else 0.0


async def _client(host: str, port: int, requests: list[bytes], outcome: Outcome) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        for request in requests:
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            status = int(head[9:12])
            length = next(
                int(line[16:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length: ")
            )
            await reader.readexactly(length)
            outcome.durations.append(time.perf_counter() - began)
            outcome.statuses[status] = outcome.statuses.get(status, 0) + 1
    finally:
        writer.close()


def send(host: str, port: int, requests: list[bytes], *, clients: int) -> Outcome:
    """Send all requests over `clients` connections at once."""
    outcome = Outcome()

    async def all_clients() -> None:
        shares = [requests[index::clients] for index in range(clients)]
        began = time.perf_counter()
        await asyncio.gather(*(_client(host, port, share, outcome) for share in shares))
        outcome.seconds = time.perf_counter() - began

    asyncio.run(all_clients())
    return outcome


def request_bytes(
    method: str, path: str, host: str, *, body: bytes = b"", headers: dict[str, str] | None = None
) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
