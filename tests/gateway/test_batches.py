"""Signed together: each message of a batch has its own proof, and nothing but that message has it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.trust import asic
from lienthong.blocks.trust.authority import Authority, Subject
from lienthong.blocks.trust.hashchain import proof_root, tree_build
from lienthong.gateway.batches import Batches
from lienthong.gateway.bundles import Frame, FrameReader, bundle_decode, bundle_encode, frames_encode
from lienthong.gateway.envelope import EnvelopeError, MessageSignature, Sealed
from lienthong.gateway.keys import Keys
from lienthong.gateway.signing import BATCH_MAX, documents_of, examine, proof_decode, proof_encode
from lienthong.gateway.snapshot import Holder, Snapshot

MEMBER = "VN/GOV/T01"
AT = datetime(2026, 11, 25, 8, 30, 15, 250000, tzinfo=UTC)


class Signer:
    """A member with a real key, and how often it signed."""

    def __init__(self, folder: Path) -> None:
        authority = Authority(folder)
        self.certificate = authority.issue(Subject(MEMBER, "member", "Cơ quan T01", "T01"), at=AT)
        self.keys = Keys(folder)
        self.root = authority.root
        self.holders = {"f": Holder(MEMBER, self.certificate, None)}
        self.signed = 0
        self.snapshot = Snapshot(
            1, AT, "VN", {}, {}, {}, frozenset(), {}, self.holders, newest_of={MEMBER: ["f"]}
        )
        self.batches = Batches(self.sign)

    def sign(self, member: str, parts: dict[str, bytes]) -> MessageSignature:
        self.signed += 1
        return self.keys.sign_parts(member=member, parts=parts, snapshot=self.snapshot, at=AT)

    def together(self, messages: list[bytes]) -> list[MessageSignature]:
        async def all_at_once() -> list[MessageSignature]:
            return await asyncio.gather(*(self.batches.sign(MEMBER, message) for message in messages))

        return asyncio.run(all_at_once())


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer(tmp_path_factory.mktemp("authority"))


def holds(signer: Signer, message: bytes, signature: MessageSignature) -> bool:
    return examine(Sealed(message, signature, b""), signer.certificate, signer.keys.anchor).holds


@pytest.mark.parametrize("count", [1, 2, 3, 17, BATCH_MAX, BATCH_MAX + 1])
def test_messages_of_one_moment_share_a_signature_that_holds_for_each(signer: Signer, count: int) -> None:
    before = signer.signed
    messages = [b'{"number":%d}' % number for number in range(count)]
    signatures = signer.together(messages)
    assert signer.signed - before == (2 if count > BATCH_MAX else 1)
    assert all(holds(signer, message, one) for message, one in zip(messages, signatures, strict=True))
    assert (signatures[0].proof == "") == (count == 1)
    assert not holds(signer, b'{"number":0} ', signatures[0])


@given(st.integers(2, 40), st.data())
def test_no_message_stands_on_another_ones_proof(signer: Signer, count: int, data: st.DataObject) -> None:
    messages = [b'{"number":%d}' % number for number in range(count)]
    signatures = signer.together(messages)
    mine, other = data.draw(st.lists(st.integers(0, count - 1), min_size=2, max_size=2, unique=True))
    assert not holds(signer, messages[mine], signatures[other])


@pytest.mark.parametrize("count", [1, 2, 7])
def test_a_container_of_each_message_of_a_batch_is_valid(signer: Signer, count: int) -> None:
    messages = [b'{"number":%d}' % number for number in range(count)]
    for message, signature in zip(messages, signer.together(messages), strict=True):
        made = documents_of(Sealed(message, signature, b""), signer.holders, signer.keys.anchor)
        assert made is not None
        container = asic.container_build(message, made.signatures, signature_chain=made.chain)
        check = asic.container_check(container, trusted=[signer.root], at=AT)
        assert (check.problem, check.message, bool(made.chain)) == (None, message, count > 1)
        leaf = examine(Sealed(message, signature, b""), signer.certificate, signer.keys.anchor).leaf
        assert leaf == hashlib.sha256(made.signatures).digest()


def test_whoever_waits_for_a_batch_that_cannot_be_signed_hears_why() -> None:
    def no_key(member: str, parts: dict[str, bytes]) -> MessageSignature:
        raise LookupError(member)

    async def both() -> list[object]:
        batches = Batches(no_key)
        asked = (batches.sign(MEMBER, b"1"), batches.sign(MEMBER, b"2"))
        return await asyncio.gather(*asked, return_exceptions=True)

    assert [type(one) for one in asyncio.run(both())] == [LookupError, LookupError]


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=60))
def test_a_proof_leads_to_the_root_and_reads_back(digests: list[bytes]) -> None:
    tree = tree_build(digests)
    for place, digest in enumerate(digests):
        proof = tree.proof(place)
        assert proof_decode(proof_encode(proof)) == proof
        if len(digests) > 1:
            assert proof_root(digest, proof) == tree.root


@given(st.binary(max_size=400))
def test_other_bytes_are_no_proof(data: bytes) -> None:
    import base64

    text = base64.b64encode(data).decode()
    with contextlib.suppress(ValueError):
        assert proof_encode(proof_decode(text)) == text


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=20))
def test_a_bundle_opens_to_what_was_put_in(messages: list[bytes]) -> None:
    assert bundle_decode(bundle_encode(messages)) == messages


@given(st.binary(max_size=300))
def test_other_bytes_are_no_bundle(data: bytes) -> None:
    with contextlib.suppress(EnvelopeError):
        assert bundle_encode(bundle_decode(data)) == data


FRAMES = st.lists(st.tuples(st.integers(0, 200), st.sampled_from([200, 400, 503]), st.binary(max_size=80)))


@given(FRAMES, st.integers(1, 50))
def test_frames_come_together_from_any_parts(frames: list[tuple[int, int, bytes]], part: int) -> None:
    data = b"".join(
        frames_encode((place, status, [content[:7], content[7:]]) for place, status, content in frames)
    )
    reader = FrameReader(content_max=40)
    found = [frame for at in range(0, len(data), part) for frame in reader.feed(data[at : at + part])]
    assert found == [
        Frame(place, status, content if len(content) <= 40 else None) for place, status, content in frames
    ]
