"""Whether a question may be put: an agreement of this client on this service and purpose, and its quota."""

from __future__ import annotations

from lienthong.gateway.core import Gateway, owner_of, service_of
from lienthong.gateway.envelope import Question
from lienthong.gateway.quotas import Quotas
from lienthong.gateway.snapshot import Right
from lienthong.gateway.xroad.errors import Kind, XRoadError
from lienthong.gateway.xroad.identifiers import endpoint_path
from lienthong.ground import clock
from lienthong.ground.text import Text


class Rights:
    """The provider's check; a refusal says which right is missing and who grants it."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.quotas = Quotas(gateway.pool)

    async def check(self, question: Question) -> None:
        """XRoadError where the client has no right to this, or has used it up for the day."""
        endpoint_path(question.target.split("?", 1)[0])
        service = service_of(question)
        today = clock.today()
        rights = self.gateway.keeper.snapshot.rights_of(question.client, service, today)
        right = next((right for right in rights if right.purpose == question.purpose), None)
        if right is None:
            granted = sorted({right.purpose for right in rights})
            raise _missing_right(question, service, granted)
        if question.provider not in self.gateway.config.systems:
            return  # it counts for itself, each message once
        if not await self.quotas.take(right, client=question.client, on=today):
            raise _used_up(question, right)


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
