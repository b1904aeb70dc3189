"""The provider's side: verify, check the right, ask the member's own system, sign the answer, write it down.

Whatever is refused is refused in a signed answer that says which right is missing and who grants it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from lienthong.blocks.trust.wire import canonical_json, sha256_hex
from lienthong.gateway import oprecord_times, refusals
from lienthong.gateway.core import BusyError, Gateway, owner_of
from lienthong.gateway.envelope import (
    Question,
    Reply,
    Sealed,
    head_parse,
    headers_raw,
    headers_text,
)
from lienthong.gateway.frames import MEDIA_TYPE as FRAME
from lienthong.gateway.memory import MemoryFullError
from lienthong.gateway.peers import Answered, AwayError, Opened
from lienthong.gateway.provider_streams import Parked, ProviderStreams, kept_of
from lienthong.gateway.rights import Rights
from lienthong.gateway.soap_provider import question_hash, soap_answered, soap_headers, soap_service
from lienthong.gateway.xroad.errors import Kind, XRoadError
from lienthong.ground.text import Text

CLOCKS_APART: Final = timedelta(minutes=5)
"""A message signed earlier or later than this is refused: a clock is wrong, or somebody sends an old one again."""


class Replays:
    """Tries seen lately; each is one try of one message, and no try is made twice.

    By the minute in which each was signed: once that is too long ago to be taken, the minute is forgotten. Kept is
    a hash of 64 bits that nobody outside can foresee, so that a million of them are some tens of megabytes.
    """

    def __init__(self) -> None:
        self._seen: dict[int, set[int]] = {}

    def first(self, request_id: str, *, sent_at: datetime, now: datetime) -> bool:
        """sent_at: as `_sent_at` let it pass, so that the same try is always looked for in the same minute."""
        minute = int(sent_at.timestamp() // 60)
        if minute not in self._seen:
            oldest = int((now - CLOCKS_APART).timestamp() // 60)
            self._seen = {one: seen for one, seen in self._seen.items() if one >= oldest}
        seen, key = self._seen.setdefault(minute, set()), hash(request_id)
        if key in seen:
            return False
        seen.add(key)
        return True


class Provider:
    """Answers other gateways."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.replays = Replays()
        self.started_at = gateway.now()
        self.rights = Rights(gateway)
        self.streams = ProviderStreams(self)

    async def answer(self, asked: Sealed) -> Sealed | Parked:
        """The signed answer, or where a large one waits to be fetched.

        EnvelopeError where the head is no question; NoKeyError where we cannot sign.
        """
        question = head_parse(Question, asked.head)
        try:
            async with self.gateway.place("provider"):
                return await self._answered(question, asked)
        except BusyError:
            return await self.refused(question, asked, refusals.busy(self.gateway.config.server, Kind.BUSY))
        except MemoryFullError:
            full = refusals.memory_full(self.gateway.config.server, Kind.BUSY)
            return await self.refused(question, asked, full)

    async def _answered(self, question: Question, asked: Sealed) -> Sealed | Parked:
        fits = question.body_hash == sha256_hex(asked.body) and question.body_size == len(asked.body)
        try:
            sent_at = self.check(question, asked, fits=fits)
            self.check_stamps()
            await self.check_replay(question, sent_at)
            soap = soap_service(question, self.gateway.keeper.snapshot)
            await self.rights.check(question)
            answer = await (
                self._soap(question, asked.body, soap.path) if soap else self._system(question, asked.body)
            )
            if isinstance(answer, Opened):
                return self.streams.park(question, asked, answer)
        except XRoadError as refusal:
            return await self.refused(question, asked, refusal)
        return await self.signed(question, asked, answer)

    async def refused(self, question: Question, asked: Sealed, refusal: XRoadError) -> Sealed:
        told = {"sentence": refusal.sentence.as_dict(), "detail": refusal.detail}
        status = 500 if refusal.kind.type("modern").startswith("server.") else 400
        answer = Answered(status, [], canonical_json(told))
        return await self.signed(question, asked, answer, problem=refusal.kind.type("modern"))

    async def signed(self, question: Question, asked: Sealed, answer: Answered, problem: str = "") -> Sealed:
        body_hash, size = sha256_hex(answer.body), len(answer.body)
        reply = self.reply_of(question, asked, answer, body_hash=body_hash, size=size, problem=problem)
        answered = await self.sealed(question, reply, answer.body)
        await self.gateway.record(
            side="provider", question=question, asked=asked, reply=reply, answered=answered
        )
        return answered

    def reply_of(
        self,
        question: Question,
        asked: Sealed,
        answer: Answered | Opened,
        *,
        body_hash: str,
        size: int,
        problem: str = "",
    ) -> Reply:
        return Reply(
            id=question.id,
            request_id=question.request_id,
            question_hash=asked.head_hash(),
            status=answer.status,
            problem=problem,
            headers=headers_text(answer.headers),
            body_hash=body_hash,
            body_size=size,
            server=self.gateway.config.server,
            answered_at=self.gateway.now().isoformat(),
        )

    async def sealed(self, question: Question, reply: Reply, body: bytes = b"") -> Sealed:
        """Signed for the provider's member, or for the gateway's own where the provider is not here. NoKeyError."""
        server = self.gateway.config.server
        signer = owner_of(question.provider if self._ours(question.provider) else server)
        return await self.gateway.seal(reply, member=signer, body=body)

    def _ours(self, provider: str) -> bool:
        return self.gateway.keeper.snapshot.subsystems.get(provider) == self.gateway.config.server

    def check(self, question: Question, asked: Sealed, *, fits: bool) -> datetime:
        """When the question was signed. XRoadError where it is not to be trusted. fits: its body is the signed one."""
        gateway, now = self.gateway, self.gateway.now()
        if not self._ours(question.provider):
            raise XRoadError(Kind.UNKNOWN_SERVICE, _not_here(question.provider, gateway.config.server))
        if question.client not in gateway.keeper.snapshot.subsystems:
            raise XRoadError(Kind.UNKNOWN_CLIENT, _no_client(question.client))
        why = gateway.verify(asked, question, member=owner_of(question.client), at=now)
        if not why and not fits:
            why = "the body is not the one that was signed"
        if why:
            raise XRoadError(
                Kind.INVALID_SIGNATURE, _UNTRUSTED, why=Text(f"Lý do: {why}.", f"Because {why}.")
            )
        return _sent_at(question, now)

    def check_stamps(self) -> None:
        gateway = self.gateway
        if since := gateway.stamper.overdue(gateway.now()):
            grace_s, kind = gateway.config.stamp_grace_s, Kind.NOT_STAMPED
            raise refusals.not_stamped(gateway.config.server, since, grace_s, kind)

    async def check_replay(self, question: Question, sent_at: datetime) -> None:
        """What was signed before this process began may have been answered by the one before it: the log knows."""
        first = self.replays.first(question.request_id, sent_at=sent_at, now=self.gateway.now())
        if first and sent_at <= self.started_at:
            first = not await self.gateway.log.answered(question.id, question.request_id)
        if not first:
            raise XRoadError(Kind.REPLAYED, _answered_before(question.request_id))

    async def _system(self, question: Question, body: bytes) -> Answered | Opened:
        """Ask the provider's own system; what it answers is passed on as it is."""
        if (way := self.plain_way(question)) is not None:
            method, url = way
            got = await self._got_open(question, method, url, headers_raw(question.headers), body)
        else:
            url = f"{self.gateway.config.system_url}/api/exchange/"
            got = await self._got(question, "POST", url, [(b"Content-Type", FRAME.encode())], body)
        return replace(got, headers=kept_of(got.headers))

    def plain_way(self, question: Question) -> tuple[str, str] | None:
        """Method and address at the member's own system, where that is a plain one."""
        plain = self.gateway.config.systems.get(question.provider)
        if plain is None:
            return None
        published = self.gateway.keeper.snapshot.published(question.provider).get(question.code)
        begins = published.path if published else ""
        return question.method, plain.rstrip("/") + begins + question.target

    async def _soap(self, question: Question, body: bytes, path: str) -> Answered:
        """Bring the member's system the SOAP message as it came; path: where its endpoint stands."""
        plain = self.gateway.config.systems.get(question.provider)
        if plain is None:
            raise XRoadError(Kind.SERVICE_MISSING_URL, _no_address(question.provider))
        request_hash = await question_hash(question, body)
        url = plain.rstrip("/") + path
        got = await self._got(question, "POST", url, soap_headers(question), body)
        return await soap_answered(got, request_hash)

    async def _got(
        self, question: Question, method: str, url: str, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> Answered:
        """What the system said, or XRoadError where it said nothing or too much."""
        got = await self._got_open(question, method, url, headers, body)
        if isinstance(got, Opened):
            got.close()
            raise refusals.system_too_large(self.gateway.config.body_mib)
        return got

    async def _got_open(
        self, question: Question, method: str, url: str, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> Answered | Opened:
        """The same, but what is too large to be held is still coming."""
        oprecord_times.sent(self.gateway.now())
        try:
            got = await self.gateway.peers.ask_open(method, url, headers=headers, body=body)
        except AwayError as error:
            raise refusals.silent(question.provider, str(error)) from error
        oprecord_times.received(self.gateway.now())
        return got


def _sent_at(question: Question, now: datetime) -> datetime:
    """XRoadError where it is no moment, or too far from now."""
    try:
        sent_at = datetime.fromisoformat(question.sent_at)
        apart = abs(now - sent_at)
    except (ValueError, TypeError) as error:
        raise XRoadError(
            Kind.INVALID_MESSAGE,
            Text("Thông điệp không ghi đúng lúc gửi.", "The message does not say when it was sent."),
        ) from error
    if apart > CLOCKS_APART:
        minutes = int(CLOCKS_APART.total_seconds() // 60)
        raise XRoadError(
            Kind.OUTDATED,
            Text(
                f"Thông điệp ký lúc {question.sent_at} nhưng đến lúc {now.isoformat()}.",
                f"The message was signed at {question.sent_at} and came at {now.isoformat()}.",
            ),
            next_step=Text(
                f"Chỉnh lại đồng hồ của hai bên; chỉ được lệch {minutes} phút.",
                f"Set the clocks; they may be {minutes} minutes apart.",
            ),
        )
    return sent_at


_UNTRUSTED: Final = Text(
    "Chữ ký của bên hỏi không được chấp nhận.", "The asking side's signature is not accepted."
)


def _not_here(provider: str, server: str) -> Text:
    return Text(f"{provider} không nằm sau {server}.", f"{provider} is not behind {server}.")


def _no_client(client: str) -> Text:
    return Text(f"{client} không phải hệ thống của thành viên.", f"{client} is not a member's system.")


def _answered_before(request_id: str) -> Text:
    return Text(f"Lần gửi {request_id} đã được trả lời.", f"The try {request_id} was answered before.")


def _no_address(provider: str) -> Text:
    return Text(
        f"Cổng chưa được khai địa chỉ của {provider}.",
        f"Its gateway was not told the address of {provider} (setting systems).",
    )
