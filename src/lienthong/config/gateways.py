"""What the worker does for gateways: asks each how it is, and renews the certificates of their connections."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import httpx
import structlog
from cryptography import x509
from django.conf import settings
from django.db import transaction

from lienthong.blocks.exchange import watching
from lienthong.blocks.trust import renewal
from lienthong.blocks.trust import services as trust
from lienthong.blocks.trust.wire import sha256_hex
from lienthong.gateway.tls import tls_context
from lienthong.ground import clock

TIMEOUT_S = 4.0
AT_ONCE = 8
TOLD_MAX = 20_000
log = structlog.get_logger("lienthong.gateways")


def health_ask() -> int:
    """Ask every gateway's `/health` at its address and keep what it says; how many answered."""
    context = _context()
    places = watching.gateways_to_ask()
    with ThreadPoolExecutor(AT_ONCE) as pool:  # the network only: rows are written by this thread
        answers = list(pool.map(lambda place: _ask(place[1], context), places))
    at = clock.now()
    for (server, _), answer in zip(places, answers, strict=True):
        watching.gateway_seen(server=server, at=at, **answer)
    return sum(not answer["problem"] for answer in answers)


def _context() -> Callable[[], ssl.SSLContext]:
    """The control plane's own connection certificate, made at first use: gateways answer nobody without one."""
    folder = Path(settings.LIENTHONG_KEYS) / "tls-control"
    if not (folder / "trust.pem").exists():
        server = f"{settings.LIENTHONG_INSTANCE}/control"
        trust.authority().tls_folder_write(folder, server, hosts=["localhost"])
    made = tls_context(folder, server=False)
    return lambda: made


def _ask(address: str, context: Callable[[], ssl.SSLContext]) -> dict[str, Any]:
    """{"status", "told", "problem", "tls_until"}; a problem is what the network said."""
    try:
        with (
            httpx.Client(verify=context(), timeout=TIMEOUT_S, trust_env=False) as client,
            client.stream("GET", f"{address.rstrip('/')}/health") as response,
        ):
            until = _until(response)
            told = response.read()[:TOLD_MAX]
            return {
                "status": response.status_code,
                "told": httpx.Response(200, content=told).json(),
                "problem": "",
                "tls_until": until,
            }
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        why = str(error) or type(error).__name__
        return {"status": 0, "told": {}, "problem": why[:200], "tls_until": None}


def _until(response: httpx.Response) -> datetime | None:
    """Until when the certificate holds that the gateway showed."""
    stream = response.extensions.get("network_stream")
    secured = None if stream is None else stream.get_extra_info("ssl_object")
    shown = None if secured is None else secured.getpeercert(True)  # noqa: FBT003 - it takes no name
    return None if not shown else x509.load_der_x509_certificate(shown).not_valid_after_utc


def certificates_take() -> int:
    """Learn the country's new and revoked certificates from the copy that this instance's gateway keeps; how many."""
    path = settings.LIENTHONG_CONFIGURATION
    if not path or not Path(path).exists():
        return 0
    content = Path(path).read_bytes()
    digest = sha256_hex(content)
    if digest == _Taken.digest:
        return 0
    # The authority's own signature on each certificate decides, so a damaged copy brings in nothing false.
    given = json.loads(json.loads(content)["document"])["certificates"]
    with transaction.atomic():
        made = trust.certificates_take(given)
    _Taken.digest = digest
    return made


class _Taken:
    """The copy that was read last in this process."""

    digest: ClassVar[str] = ""


def certificates_renew() -> int:
    """Renew what ends soon: members' signatures, and gateways' connections whose folder is reached from here."""
    at = clock.now()
    made = renewal.signers_renew(at=at)
    for server, folder in watching.gateways_with_folder():
        try:
            made += renewal.tls_renew(folder=Path(folder), server=server, at=at)
        except (OSError, ValueError) as error:
            # One gateway's folder that cannot be read must not keep the others from theirs.
            log.warning("certificate not renewed", gateway=server, problem=type(error).__name__)
    return made
