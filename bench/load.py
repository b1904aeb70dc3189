"""A small HTTP/1.1 load: keep-alive connections that send prepared requests and time each answer."""

import asyncio
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field


@dataclass
class Outcome:
    seconds: float = 0.0
    durations: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    def add(self, more: "Outcome") -> None:
        """What was measured in another stretch of time."""
        self.seconds += more.seconds
        self.durations += more.durations
        for status, count in more.statuses.items():
            self.statuses[status] = self.statuses.get(status, 0) + count

    @property
    def per_second(self) -> float:
        return len(self.durations) / self.seconds if self.seconds else 0.0


Talk = Generator[bytes, bytes, None]
"""Requests of which each may depend on the answer to the one before: it is sent the answers' bodies."""

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _answer(connection: Connection, request: bytes, outcome: Outcome) -> bytes:
    reader, writer = connection
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    length = next(
        int(line[16:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length: ")
    )
    body = await reader.readexactly(length)
    outcome.statuses[status] = outcome.statuses.get(status, 0) + 1
    return body


async def _ask(connection: Connection, request: bytes, outcome: Outcome, *, began: float) -> None:
    await _answer(connection, request, outcome)
    outcome.durations.append(time.perf_counter() - began)


async def _talk(connection: Connection, talk: Talk, outcome: Outcome) -> None:
    began = time.perf_counter()
    request = next(talk)
    try:
        while True:
            request = talk.send(await _answer(connection, request, outcome))
    except StopIteration:
        outcome.durations.append(time.perf_counter() - began)


async def _client(host: str, port: int, requests: Sequence[bytes | Talk], outcome: Outcome) -> None:
    connection = await asyncio.open_connection(host, port)
    try:
        for request in requests:
            if isinstance(request, bytes):
                await _ask(connection, request, outcome, began=time.perf_counter())
            else:
                await _talk(connection, request, outcome)
    finally:
        connection[1].close()


def steady(host: str, port: int, request: bytes, *, rate: float, seconds: float, clients: int) -> Outcome:
    """The request so many times a second, one after the other at even distances, whatever the answers take.

    A duration counts from when its request was due: waiting for one of the connections is part of it.
    """
    outcome = Outcome()

    async def all_requests() -> None:
        free: asyncio.Queue[Connection] = asyncio.Queue()
        for _ in range(clients):
            free.put_nowait(await asyncio.open_connection(host, port))

        async def one(due: float) -> None:
            connection = await free.get()
            await _ask(connection, request, outcome, began=due)
            free.put_nowait(connection)

        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for number in range(int(rate * seconds)):
                due = began + number / rate
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                tasks.create_task(one(due))
        outcome.seconds = time.perf_counter() - began
        while not free.empty():
            free.get_nowait()[1].close()

    asyncio.run(all_requests())
    return outcome


def send(host: str, port: int, requests: Sequence[bytes | Talk], *, clients: int) -> Outcome:
    """Send all requests over `clients` connections at once; a talk of several requests counts and is timed as one."""
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
