"""`lienthong gateway`: both doors in one process and one event loop, until told to stop."""

from __future__ import annotations

import asyncio
import gc
import resource
import signal
import ssl
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn

from lienthong.gateway.config import GatewayConfig, host_port
from lienthong.gateway.consumer_door import ConsumerDoor
from lienthong.gateway.core import Gateway
from lienthong.gateway.protocol import Limits, Protocol
from lienthong.gateway.provider import Provider
from lienthong.gateway.provider_door import ProviderDoor
from lienthong.gateway.tls import DoorTls, tls_context, tls_follow

BACKLOG = 2048
GARBAGE = 20_000
"""Objects made before the youngest are collected: hundreds of exchanges at once are no garbage (measured)."""
LEAVE_S = 10.0
KEEP_ALIVE_S = 60
TLS_FOLLOW_S = 10.0


def run(config: GatewayConfig) -> None:
    """Serve until SIGTERM or SIGINT; what is under way is answered first."""
    gc.collect()
    gc.freeze()  # what was imported stays: no collection needs to walk over it again
    gc.set_threshold(GARBAGE)
    _files_raise()
    with asyncio.Runner(loop_factory=_loop) as runner:
        runner.run(_serve(config))


def _loop() -> asyncio.AbstractEventLoop:
    import uvloop  # noqa: PLC0415 - absent on Windows, where asyncio's own loop serves

    return uvloop.new_event_loop()


async def _serve(config: GatewayConfig) -> None:
    gateway = Gateway(config)
    outer = (
        DoorTls(Path(config.consumer_tls), gateway.callers.anchors).context if config.consumer_tls else None
    )
    await gateway.start()
    provider = Provider(gateway)
    limits = Limits(config.head_timeout_s, config.idle_timeout_s, config.error_style)
    inner = tls_context(Path(config.tls), server=True) if config.tls else None
    servers = [
        _server(ConsumerDoor(gateway, provider), config.consumer, limits, outer),
        _server(ProviderDoor(gateway, provider), config.provider, limits, inner),
    ]
    tasks = [asyncio.create_task(server.serve()) for server in servers]
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    waiting = asyncio.create_task(stop.wait())
    following = asyncio.create_task(_tls_follow())
    await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    with suppress(TimeoutError):
        await asyncio.wait_for(gateway.idle.wait(), LEAVE_S)
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*tasks)
    waiting.cancel()
    following.cancel()
    await gateway.stop()


async def _tls_follow() -> None:
    while True:
        await asyncio.sleep(TLS_FOLLOW_S)
        tls_follow()


class _Server(uvicorn.Server):
    """Leaves the signals to us: two servers share one process."""

    def capture_signals(self) -> Any:
        return nullcontext()


def _files_raise() -> None:
    """As many connections as the system allows: slow ones keep nobody out before their time is up."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, hard), hard))


def _server(door: Any, address: str, limits: Limits, secured: ssl.SSLContext | None) -> uvicorn.Server:
    host, port = host_port(address)
    return _Server(
        uvicorn.Config(
            door,
            host=host,
            port=port,
            http=partial(Protocol, limits),  # pyright: ignore[reportArgumentType] - it is called like the class
            ws="none",
            lifespan="off",
            access_log=False,
            log_level="warning",
            server_header=False,
            date_header=False,
            proxy_headers=False,
            backlog=BACKLOG,
            timeout_graceful_shutdown=int(LEAVE_S),
            timeout_keep_alive=KEEP_ALIVE_S,
            ssl_context_factory=(lambda _config, _default: secured) if secured else None,
        )
    )
