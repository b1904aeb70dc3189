"""`lienthong gateway`: both doors in one process and one event loop, until told to stop."""

from __future__ import annotations

import asyncio
import gc
import signal
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from lienthong.gateway.asgi import AS_SENT
from lienthong.gateway.config import GatewayConfig, host_port
from lienthong.gateway.consumer_door import ConsumerDoor
from lienthong.gateway.core import Gateway
from lienthong.gateway.provider import Provider
from lienthong.gateway.provider_door import ProviderDoor
from lienthong.gateway.tls import tls_context

BACKLOG = 2048
GARBAGE = 20_000
"""Objects made before the youngest are collected: hundreds of exchanges at once are no garbage (measured)."""
LEAVE_S = 10.0
KEEP_ALIVE_S = 60


def run(config: GatewayConfig) -> None:
    """Serve until SIGTERM or SIGINT; what is under way is answered first."""
    gc.collect()
    gc.freeze()  # what was imported stays: no collection needs to walk over it again
    gc.set_threshold(GARBAGE)
    with asyncio.Runner(loop_factory=_loop) as runner:
        runner.run(_serve(config))


def _loop() -> asyncio.AbstractEventLoop:
    import uvloop  # noqa: PLC0415 - absent on Windows, where asyncio's own loop serves

    return uvloop.new_event_loop()


async def _serve(config: GatewayConfig) -> None:
    gateway = Gateway(config)
    await gateway.start()
    provider = Provider(gateway)
    servers = [
        _server(ConsumerDoor(gateway, provider), config.consumer),
        _server(ProviderDoor(gateway, provider), config.provider, tls=config.tls),
    ]
    tasks = [asyncio.create_task(server.serve()) for server in servers]
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    with suppress(TimeoutError):
        await asyncio.wait_for(gateway.idle.wait(), LEAVE_S)
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*tasks)
    waiting.cancel()
    await gateway.stop()


class _Server(uvicorn.Server):
    """Leaves the signals to us: two servers share one process."""

    def capture_signals(self) -> Any:
        return nullcontext()


class _Protocol(HttpToolsProtocol):
    """Keeps the names of headers as they were sent: ASGI has them in lower case only."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._as_sent: list[tuple[bytes, bytes]] = []
        self.scope[AS_SENT] = self._as_sent  # type: ignore[typeddict-unknown-key]

    def on_header(self, name: bytes, value: bytes) -> None:
        self._as_sent.append((name, value))
        super().on_header(name, value)


def _server(door: Any, address: str, *, tls: str = "") -> uvicorn.Server:
    host, port = host_port(address)
    secured = tls_context(Path(tls), server=True) if tls else None
    return _Server(
        uvicorn.Config(
            door,
            host=host,
            port=port,
            http=_Protocol,
            lifespan="off",
            access_log=False,
            log_level="warning",
            server_header=False,
            date_header=False,
            proxy_headers=False,
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE_S,
            ssl_context_factory=(lambda _config, _default: secured) if secured else None,
        )
    )
