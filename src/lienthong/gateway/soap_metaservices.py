"""What a SOAP client can find out: a system's SOAP services, those that it may call, and their WSDL."""

from __future__ import annotations

from uuid import uuid4

from lienthong.gateway import refusals
from lienthong.gateway.consumer import Answer
from lienthong.gateway.core import Gateway, service_name
from lienthong.gateway.metaservices import answer
from lienthong.gateway.rights import unknown_service
from lienthong.gateway.soap_monitoring import CODES as MONITORING_CODES
from lienthong.gateway.soap_monitoring import SoapMonitoring
from lienthong.gateway.soap_provider import SOAP_TYPE, rest_only, version_check
from lienthong.gateway.xroad.errors import Kind, XRoadError
from lienthong.gateway.xroad.identifiers import ClientId, SubsystemId
from lienthong.gateway.xroad.soap import Message
from lienthong.gateway.xroad.soapanswers import SOAP_TYPE as CONTENT_TYPE
from lienthong.gateway.xroad.soapanswers import (
    methods_content,
    response_render,
    wsdl_asked,
    wsdl_attached,
    wsdl_content,
    wsdl_hidden,
)
from lienthong.gateway.xroad.soapheader import SoapService
from lienthong.ground.text import Text


class SoapMetaservices:
    """Answered from the configuration; nothing leaves this gateway. REST services are not among them (PR-META §3)."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.monitoring = SoapMonitoring(gateway)

    async def answer(self, asked: Message) -> Answer | None:
        """The answer where the service is one of these, else None."""
        header = asked.header
        if header.service.code == "getWsdl":
            return await self._wsdl(asked)
        if header.service.code in MONITORING_CODES:
            return await self.monitoring.answer(asked)
        if header.service.code not in {"listMethods", "allowedMethods"}:
            return None
        client = str(header.client) if header.service.code == "allowedMethods" else None
        found = self._services(self._provider(header.service.provider), client)
        content = methods_content(header.service.code, found)
        return answer(CONTENT_TYPE, response_render(asked, content))

    def _provider(self, provider: ClientId) -> SubsystemId:
        if (
            not isinstance(provider, SubsystemId)
            or str(provider) not in self.gateway.keeper.snapshot.subsystems
        ):
            raise refusals.unknown_provider(str(provider))
        return provider

    def _services(self, provider: SubsystemId, client: str | None) -> list[SoapService]:
        """One for each version; with a client, only those that it has a right to."""
        snapshot, on = self.gateway.keeper.snapshot, self.gateway.now().date()
        found = [
            SoapService(provider, code, version)
            for code, published in snapshot.published(str(provider)).items()
            if published.type == SOAP_TYPE
            for version in published.versions or ("",)
        ]
        if client is None:
            return found
        if client not in snapshot.subsystems:
            return []
        return [one for one in found if snapshot.rights_at(str(provider), client, _name(one), on)]

    async def _wsdl(self, asked: Message) -> Answer:
        provider = self._provider(asked.header.service.provider)
        code, version = wsdl_asked(asked)
        document = await self._document(str(provider), code, version)
        response = response_render(asked, wsdl_content(code, version))
        return answer(*wsdl_attached(response, wsdl_hidden(document, provider), str(uuid4())))

    async def _document(self, provider: str, code: str, version: str) -> bytes:
        published = self.gateway.keeper.snapshot.published(provider).get(code)
        if published is None:
            raise unknown_service(provider, code)
        if published.type != SOAP_TYPE:
            raise rest_only(provider, code)
        if version:
            version_check(published, provider, version)
        document = await self.gateway.keeper.document(published.document)
        if document is None:
            raise XRoadError(
                Kind.INTERNAL_ERROR,
                Text(
                    f"Chưa đọc được WSDL của {provider}/{code}.",
                    f"The WSDL of {provider}/{code} was not read.",
                ),
                why=Text("Chưa liên lạc được với nơi quản lý kết nối.", "The control plane was not reached."),
                next_step=Text("Hãy hỏi lại sau ít phút.", "Ask again in a few minutes."),
            )
        return document


def _name(service: SoapService) -> str:
    return service_name(provider=str(service.provider), code=service.code, target=service.target)
