"""Whether a question may be put: an agreement of this client on this service and purpose, and its quota."""

from __future__ import annotations

from typing import Final

from lienthong.gateway.core import Gateway, owner_of, service_of
from lienthong.gateway.envelope import Question
from lienthong.gateway.quotas import Quotas
from lienthong.gateway.snapshot import Right
from lienthong.gateway.xroad.errors import Kind, XRoadError, quoted
from lienthong.gateway.xroad.identifiers import endpoint_path
from lienthong.ground import clock
from lienthong.ground.text import Text

SHOWN: Final = 10
"""So many of the endpoints that a client has are named to it."""


class Rights:
    """The provider's check; a refusal says which right is missing and who grants it.

    As in X-Road, a right to the whole service covers paths that its description does not know, and a right to
    endpoints no more than those.
    """

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.quotas = Quotas(gateway.pool)

    async def check(self, question: Question) -> None:
        """XRoadError where the client has no right to this, or has used it up for the day.

        Of several agreements for the purpose any one that covers the endpoint will do.
        """
        path = endpoint_path(question.target.split("?", 1)[0])
        service = service_of(question)
        snapshot, today = self.gateway.keeper.snapshot, clock.today()
        if question.provider in snapshot.described and question.code not in snapshot.published(
            question.provider
        ):
            raise unknown_service(question.provider, question.code)
        rights = snapshot.rights_at(question.provider, question.client, service, today)
        granted = [right for right in rights if right.purpose == question.purpose]
        if not granted:
            raise _missing_right(question, service, sorted({right.purpose for right in rights}))
        covering = [right for right in granted if right.covers(question.method, path)]
        if not covering:
            raise _missing_endpoint(question, service, path, granted)
        if question.provider not in self.gateway.config.systems:
            return  # it counts for itself, each message once
        if not await self.quotas.take(covering, client=question.client, on=today):
            raise _used_up(question, max(covering, key=lambda right: right.quota or 0))


def unknown_service(provider: str, code: str) -> XRoadError:
    return XRoadError(
        Kind.UNKNOWN_SERVICE,
        Text(f"{provider} không có dịch vụ {code}.", f"{provider} has no service {code}."),
        next_step=Text("Tìm dịch vụ bằng listMethods.", "Find its services by listMethods."),
    )


def _missing_right(question: Question, service: str, granted: list[str]) -> XRoadError:
    """What is missing, and who grants it."""
    owner = owner_of(question.provider)
    has = ", ".join(granted)
    return XRoadError(
        Kind.ACCESS_DENIED,
        Text(
            f"{question.client} chưa được quyền gọi {service} cho mục đích «{question.purpose}».",
            f"No agreement lets {question.client} call {service} for the purpose '{question.purpose}'.",
        ),
        why=Text(
            f"Các mục đích đã được phép: {has}." if has else "Chưa có thỏa thuận nào cho dịch vụ này.",
            f"The purposes agreed on are: {has}." if has else "There is no agreement on this service.",
        ),
        next_step=Text(f"Đề nghị {owner} cấp quyền.", f"Ask {owner}, which grants it."),
    )


def _missing_endpoint(question: Question, service: str, path: str, granted: list[Right]) -> XRoadError:
    """The client may call the service, but not this endpoint of it."""
    owner = owner_of(question.provider)
    pairs = {f"{one.method} {one.path}" for right in granted for one in right.endpoints}
    has = ", ".join(sorted(pairs)[:SHOWN]) + (" …" if len(pairs) > SHOWN else "")
    asked = f"{question.method} {quoted(path)}"
    return XRoadError(
        Kind.ACCESS_DENIED,
        Text(
            f"{question.client} chưa được quyền gọi {asked} của {service}.",
            f"No agreement lets {question.client} call {asked} of {service}.",
        ),
        why=Text(f"Chỉ được phép: {has}.", f"Its right ends at {has}."),
        next_step=Text(
            f"Đề nghị {owner} cấp quyền cho phương thức và đường dẫn này.",
            f"Ask {owner}, which grants it, for this method and path.",
        ),
    )


def _used_up(question: Question, right: Right) -> XRoadError:
    return XRoadError(
        Kind.QUOTA_USED,
        Text(
            f"{question.client} đã dùng hết {right.quota} lượt gọi {right.service} trong ngày.",
            f"{question.client} has used up its {right.quota} calls of {right.service} today.",
        ),
        next_step=Text(
            f"Gọi lại vào ngày mai, hoặc đề nghị {owner_of(question.provider)} tăng hạn mức.",
            f"Call again tomorrow, or ask {owner_of(question.provider)} for more.",
        ),
    )
