"""`lienthong evidence check`: what a container of a signed message proves, in both languages. Needs no database."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography import x509

from lienthong.blocks.trust.asic import Check, container_check
from lienthong.ground import clock


def check(container: bytes, trust: Path | None) -> Check:
    """trust: a PEM file of roots; without it, this installation's own root."""
    folder = Path(os.environ.get("LIENTHONG_KEYS") or Path(os.environ.get("LIENTHONG_VAR") or "var") / "keys")
    roots = x509.load_pem_x509_certificates((trust or folder / "authority" / "root.pem").read_bytes())
    return container_check(container, trusted=roots)


def told(found: Check) -> list[str]:
    """Lines for a reader: who signed when, and what; or which part does not hold."""
    if found.problem is not None:
        return [found.problem.vi, f"  {found.problem.en}", f"  ({found.detail})"]
    if found.signer is None or found.signed_at is None:
        raise ValueError("a valid check names its signer")
    lines = [
        "Hợp lệ: nội dung và chữ ký còn nguyên vẹn.",
        "  Valid: content and signature are whole.",
        f"  {found.signer.subject.rfc4514_string()}",
        f"  {clock.in_vietnam(found.signed_at).isoformat()}",
    ]
    if found.stamped_at is not None:
        lines.append(f"  time stamp: {clock.in_vietnam(found.stamped_at).isoformat()}")
    return [*lines, found.message.decode("utf-8", "replace")]
