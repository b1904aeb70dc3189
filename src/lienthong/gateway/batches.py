"""Signs together what waits at the same moment, in each member's name: one signature over the root of a hash tree.

Nothing waits for a batch to fill: under load messages meet in one turn of the event loop, alone they are signed alone.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping

from msgspec import structs

from lienthong.blocks.trust.hashchain import MESSAGE, tree_build
from lienthong.gateway.envelope import MessageSignature
from lienthong.gateway.signing import BATCH_MAX, batch_result, proof_encode

SignParts = Callable[[str, Mapping[str, bytes]], MessageSignature]
"""Member, and what is signed by its name in the container."""
Waiting = list[tuple[bytes, asyncio.Future[MessageSignature]]]


class Batches:
    """One a gateway."""

    def __init__(self, sign: SignParts) -> None:
        self._sign = sign
        self._waiting: dict[str, Waiting] = {}

    async def sign(self, member: str, message: bytes) -> MessageSignature:
        """The member's signature, with the message's proof. What `sign` raises is raised to all who waited."""
        loop = asyncio.get_running_loop()
        signed: asyncio.Future[MessageSignature] = loop.create_future()
        waiting = self._waiting.setdefault(member, [])
        if not waiting:
            loop.call_soon(self._flush, member)
        waiting.append((message, signed))
        try:
            return await signed
        finally:
            del (
                signed
            )  # it and its error's traceback would keep each other alive, with all the bodies on the way

    def _flush(self, member: str) -> None:
        waiting = self._waiting.pop(member)
        for at in range(0, len(waiting), BATCH_MAX):
            self._sign_batch(member, waiting[at : at + BATCH_MAX])

    def _sign_batch(self, member: str, batch: Waiting) -> None:
        try:
            signatures = self._signatures(member, [message for message, _ in batch])
        except Exception as error:  # noqa: BLE001 - each waiting exchange answers it in its own way
            for _, signed in batch:
                if not signed.done():
                    signed.set_exception(error)
            return
        for (_, signed), signature in zip(batch, signatures, strict=True):
            if not signed.done():
                signed.set_result(signature)

    def _signatures(self, member: str, messages: list[bytes]) -> list[MessageSignature]:
        if len(messages) == 1:
            return [self._sign(member, {MESSAGE: messages[0]})]
        tree = tree_build([hashlib.sha256(message).digest() for message in messages])
        signature = self._sign(member, batch_result(tree.root))
        return [
            structs.replace(signature, proof=proof_encode(tree.proof(index)))
            for index in range(len(messages))
        ]
