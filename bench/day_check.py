"""A gateway's whole log, checked row by row: both signatures of each, and the time stamp that covers them."""

from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from cryptography import x509

from lienthong.blocks.trust import timestamps
from lienthong.blocks.trust.asic import stamp_digest
from lienthong.blocks.trust.hashchain import tree_build
from lienthong.blocks.trust.wire import certificate_load
from lienthong.gateway.envelope import MessageSignature, Sealed
from lienthong.gateway.signing import examine
from lienthong.gateway.snapshot import Holder, snapshot_verified
from lienthong.gateway.stamper import CHAIN_URI

BATCH = 2000


@dataclass
class Checked:
    """answered, refused: rows; broken: the first row or stamp that does not hold, else empty."""

    answered: int = 0
    refused: int = 0
    signatures: int = 0
    stamps: int = 0
    unstamped: int = 0
    broken: str = ""
    mix: dict[str, int] = field(default_factory=dict)


def log_check(database: str, control: str, authority: str) -> Checked:
    """database: the gateway's; control: the control plane's, for the members' certificates; authority: its folder."""
    checked = Checked()
    root = certificate_load((Path(authority) / "root.pem").read_bytes())
    holders, anchor = _holders(control, authority)
    with psycopg.connect(database) as connection:
        by_service = "select service, count(*) from gateway.message group by service"
        checked.mix = dict(connection.execute(by_service).fetchall())
        covered = _stamps_check(connection, root, checked)
        with connection.cursor("rows") as cursor:
            cursor.itersize = BATCH
            cursor.execute(
                "select serial, problem, question, question_signature, question_leaf, reply, reply_signature,"
                " reply_leaf from gateway.message"
            )
            for serial, problem, *sides in cursor:
                checked.refused += bool(problem)
                checked.answered += not problem
                checked.unstamped += serial > covered
                for head, signature, leaf in (sides[:3], sides[3:]):
                    checked.signatures += 1
                    if not checked.broken and not _holds(
                        bytes(head), signature, bytes(leaf), holders, anchor
                    ):
                        checked.broken = f"row {serial}"
    return checked


def _holders(control: str, authority: str) -> tuple[dict[str, Holder], x509.Certificate]:
    anchor = certificate_load((Path(authority) / "issuing.pem").read_bytes())
    names = ("version", "made_at", "document", "signature", "certificate")
    with psycopg.connect(control) as connection:
        row = connection.execute(
            "select id, made_at, document, signature, certificate from exchange_configuration order by id desc"
        ).fetchone()
    return snapshot_verified(**dict(zip(names, row, strict=True)), anchor=anchor).holders, anchor


def _holds(
    head: bytes, signature: str, leaf: bytes, holders: dict[str, Holder], anchor: x509.Certificate
) -> bool:
    sealed = Sealed(head, MessageSignature.parse(signature), b"")
    holder = holders.get(sealed.signature.certificate)
    if holder is None:
        return False
    examined = examine(sealed, holder.certificate, anchor)
    return examined.holds and examined.leaf == leaf


def _stamps_check(connection: psycopg.Connection, root: x509.Certificate, checked: Checked) -> int:
    """Rebuild every batch's tree and check its token; the last serial that is covered."""
    covered = 0
    stamps = connection.execute(
        "select first_serial, last_serial, token from gateway.stamp order by first_serial"
    ).fetchall()
    for first, last, token in stamps:
        rows = connection.execute(
            "select question_leaf, reply_leaf from gateway.message where serial between %s and %s order by serial",
            [first, last],
        ).fetchall()
        tree = tree_build([bytes(leaf) for row in rows for leaf in row])
        digest = stamp_digest(b"", tree.result(uri=CHAIN_URI))
        checked.stamps += 1
        try:
            timestamps.token_verify(bytes(token), digest, trusted=[root])
        except ValueError as error:
            checked.broken = checked.broken or f"stamp {first}-{last}: {error}"
        if first <= covered:
            checked.broken = checked.broken or f"stamp {first}-{last}: overlaps the one before it"
        covered = last
    return covered
