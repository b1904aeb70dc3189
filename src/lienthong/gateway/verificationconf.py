"""`GET /verificationconf`: whom to trust and who is a member, as a ZIP with which containers are checked offline.

X-Road's download interface (PR-META's companion, `verificationconf`). What a gateway believes for the instance's
signature is written in X-Road's form (`blocks/exchange/sharedparams.py`).
"""

from __future__ import annotations

from pathlib import Path

from cryptography import x509

from lienthong.blocks.exchange.sharedparams import SharedParams, pack
from lienthong.blocks.trust.timestamps import path_verify
from lienthong.blocks.trust.wire import certificate_load
from lienthong.gateway.core import Gateway
from lienthong.gateway.evidence import Answer
from lienthong.gateway.snapshot import Snapshot

HEADERS = [
    (b"content-type", b"application/zip"),
    (b"content-disposition", b'attachment; filename="verificationconf.zip"'),
]


def verification_conf(gateway: Gateway) -> Answer:
    """NoConfigurationError while nothing is known yet."""
    snapshot, keys = gateway.keeper.snapshot, gateway.keys
    authorities = authorities_of(keys.folder, keys.anchor)
    source = snapshot.gateways.get(gateway.config.server, gateway.config.server)
    return 200, HEADERS, pack(params_of(snapshot, authorities, source))


def params_of(snapshot: Snapshot, authorities: tuple[x509.Certificate, ...], source: str) -> SharedParams:
    groups: dict[str, list[str]] = {}
    for name, codes in snapshot.groups.items():
        for code in codes:
            groups.setdefault(code, []).append(name)
    return SharedParams(
        instance=snapshot.instance,
        source=source,
        authorities=authorities,
        members=snapshot.members,
        subsystems=snapshot.subsystems,
        gateways=snapshot.gateways,
        groups=groups,
    )


def authorities_of(folder: Path, anchor: x509.Certificate) -> tuple[x509.Certificate, ...]:
    """The root and the anchor under it; the anchor alone where its root is not in the folder or not its own."""
    try:
        root = certificate_load((folder / "root.pem").read_bytes())
        path_verify(anchor, (), trusted=[root], at=anchor.not_valid_before_utc)
    except (OSError, ValueError):
        return (anchor,)
    return (anchor,) if root == anchor else (root, anchor)
