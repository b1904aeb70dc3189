"""A gateway's descriptions while the control plane is away: from memory or their copies, and never changed ones."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from lienthong.blocks.trust.authority import Authority
from lienthong.blocks.trust.wire import sha256_hex
from lienthong.gateway import keeper
from lienthong.gateway.keeper import Keeper

NOBODY = "host=/nonexistent dbname=none"


def keeper_of(folder: Path) -> Keeper:
    anchor = Authority(Path(os.environ["LIENTHONG_KEYS"]) / "authority").root
    made = Keeper(control=NOBODY, copy=folder / "configuration.json", anchor=anchor)
    made.documents.mkdir(exist_ok=True)
    return made


def copied(made: Keeper, content: bytes, under: str = "") -> str:
    digest = under or sha256_hex(content)
    (made.documents / digest).write_bytes(content)
    return digest


def test_a_copy_serves_and_stays_in_memory(tmp_path: Path) -> None:
    made = keeper_of(tmp_path)
    digest = copied(made, b"openapi: 3.1.0")
    assert asyncio.run(made.document(digest)) == b"openapi: 3.1.0"
    (made.documents / digest).unlink()
    assert asyncio.run(made.document(digest)) == b"openapi: 3.1.0"


@pytest.mark.parametrize("digest", ["a" * 64, "", "../configuration.json", "A" * 64, "a" * 65])
def test_what_is_nowhere_is_none(tmp_path: Path, digest: str) -> None:
    made = keeper_of(tmp_path)
    made.copy.write_bytes(b"{}")
    assert asyncio.run(made.document(digest)) is None


def test_a_changed_copy_is_none(tmp_path: Path) -> None:
    made = keeper_of(tmp_path)
    digest = copied(made, b"openapi: 3.1.0 # changed", under=sha256_hex(b"openapi: 3.1.0"))
    assert asyncio.run(made.document(digest)) is None


def test_memory_holds_the_ones_used_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "DOCUMENTS_BYTES", 250)
    made = keeper_of(tmp_path)
    first, second, third = (copied(made, letter * 100) for letter in (b"1", b"2", b"3"))

    async def asked() -> None:
        for digest in (first, second, first, third):
            assert await made.document(digest)

    asyncio.run(asked())
    for digest in (first, second, third):
        (made.documents / digest).unlink()
    found = [asyncio.run(made.document(digest)) for digest in (first, second, third)]
    assert found == [b"1" * 100, None, b"3" * 100]
