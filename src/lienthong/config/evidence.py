"""`lienthong evidence check`: what a container of a signed message proves, in both languages. Needs no database.

It says what the public check page says (`systems/warehouse/evidence.py`).
"""

from __future__ import annotations

import os
from pathlib import Path

import click
from cryptography import x509

from lienthong.blocks.exchange.heads import facts_of, signer_of
from lienthong.blocks.exchange.sharedparams import SharedParams, SharedParamsError, unpack
from lienthong.blocks.trust.asic import Check, container_check
from lienthong.ground.text import Text


def roots_of(trust: Path | None) -> list[x509.Certificate]:
    """trust: a PEM file of roots; without it, this installation's own root."""
    folder = Path(os.environ.get("LIENTHONG_KEYS") or Path(os.environ.get("LIENTHONG_VAR") or "var") / "keys")
    return x509.load_pem_x509_certificates((trust or folder / "authority" / "root.pem").read_bytes())


def trusted_of(trust: Path | None, conf: list[SharedParams] | None) -> list[x509.Certificate]:
    """conf: a verification configuration, in place of `trust`."""
    return roots_of(trust) if conf is None else [one for each in conf for one in each.trusted]


def conf_of(path: Path) -> list[SharedParams]:
    """A verification configuration, as /verificationconf hands it out."""
    try:
        return unpack(path.read_bytes())
    except SharedParamsError as error:
        raise click.ClickException(f"{path}: {error}") from error


def member_told(found: Check, conf: list[SharedParams]) -> list[str]:
    """Whether that configuration names the signer a member; one that has left it since signed well all the same."""
    if not found.valid:
        return []
    member = signer_of(found)[1]
    title = next((one.members[member] for one in conf if member in one.members), None)
    if title is None:
        return _both(
            Text("Bên ký không có trong cấu hình này.", "The signer is no member in this configuration.")
        )
    return _both(Text(f"Bên ký là thành viên: {title}.", f"The signer is a member: {title}."))


def check(container: bytes, trust: Path | None, conf: list[SharedParams] | None = None) -> Check:
    return container_check(container, trusted=trusted_of(trust, conf))


def told(found: Check) -> list[str]:
    """Lines for a reader: who signed when, and what; or which part does not hold, and what to do."""
    if found.problem is not None and found.advice is not None:
        lines = [*_both(found.problem), *_both(found.advice)]
        return [*lines, f"  ({found.detail})"]
    lines = _both(
        Text("Hợp lệ: nội dung và chữ ký còn nguyên vẹn.", "Valid: content and signature are whole.")
    )
    section: Text | None = None
    for fact in facts_of(found):
        if fact.section != section:
            section = fact.section
            lines += ["", _line(section)]
        lines.append(f"  {_line(fact.label)}: {_line(fact.value)}")
    return [*lines, "", found.message.decode("utf-8", "replace")]


def _both(text: Text) -> list[str]:
    return [text.vi, f"  {text.en}"]


def _line(text: Text) -> str:
    return text.vi if text.vi == text.en else f"{text.vi} / {text.en}"
