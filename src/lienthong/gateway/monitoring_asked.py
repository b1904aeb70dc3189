"""What a monitoring question says in its body: the element, the client that it is about, the fields that it wants."""

from __future__ import annotations

from typing import Any, Final

from lienthong.blocks.trust.xmlread import EvidenceError, xml_read
from lienthong.gateway.xroad.errors import Kind, XRoadError
from lienthong.gateway.xroad.soapxml import IDENTIFIERS, SOAP
from lienthong.ground.text import Text

_PARTS: Final = ("xRoadInstance", "memberClass", "memberCode", "subsystemCode")


def asked_element(soap: bytes, namespace: str, code: str) -> Any:
    """The element named by the service (lxml). XRoadError where the Body has another."""
    try:
        found = xml_read(soap, code).find(f"{{{SOAP}}}Body/{{{namespace}}}{code}")
    except EvidenceError as error:
        raise wrong(code, code) from error
    if found is None:
        raise wrong(
            code,
            f"{code} ({namespace})",
            Text(
                f"Đặt phần tử {code} trong không gian tên {namespace}.",
                f"Put the element {code} into the namespace {namespace}.",
            ),
        )
    return found


def asked_client(criteria: Any, namespace: str) -> str:
    """The identifier in `client` right below; empty where there is none."""
    client = criteria.find(f"{{{namespace}}}client")
    if client is None:
        return ""
    parts = [client.findtext(f"{{{IDENTIFIERS}}}{part}") or "" for part in _PARTS]
    return "/".join(part.strip() for part in parts if part)


def asked_fields(element: Any, namespace: str) -> tuple[str, ...]:
    """The output fields that are asked for; none: all."""
    found = element.iterfind(f"{{{namespace}}}outputSpec/{{{namespace}}}outputField")
    return tuple((one.text or "").strip() for one in found)


def wrong(code: str, part: str, next_step: Text | None = None) -> XRoadError:
    """A part of the question is missing or not of its form."""
    return XRoadError(
        Kind.INVALID_REQUEST,
        Text(f"{code}: {part} thiếu hoặc không đúng.", f"{code}: {part} is missing or not of its form."),
        next_step=next_step,
    )
