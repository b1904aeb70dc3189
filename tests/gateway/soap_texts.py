"""SOAP messages for the tests, written by hand: what an agency's own client or system would send."""

from __future__ import annotations

from html import escape

CLIENT, PROVIDER = "VN/GOV/T01/app", "VN/GOV/T02/data"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XROAD = "http://x-road.eu/xsd/xroad.xsd"
IDENTIFIERS = "http://x-road.eu/xsd/identifiers"
REPRESENTATION = "http://x-road.eu/xsd/representation.xsd"
TESTING = "http://lienthong.test/soap"
_PARTS = ("xRoadInstance", "memberClass", "memberCode", "subsystemCode")
TEXT_XML = b"text/xml; charset=utf-8"


def identified(element: str, kind: str, name: str, **more: str) -> str:
    named = [*zip(_PARTS, name.split("/"), strict=False), *more.items()]
    parts = "".join(f"<id:{part}>{escape(value)}</id:{part}>" for part, value in named if value)
    return f'<xrd:{element} id:objectType="{kind}">{parts}</xrd:{element}>'


def client(name: str = CLIENT) -> str:
    return identified("client", "SUBSYSTEM" if name.count("/") == 3 else "MEMBER", name)


def service(code: str = "echo", version: str = "v1", provider: str = PROVIDER) -> str:
    return identified("service", "SERVICE", provider, serviceCode=code, serviceVersion=version)


def fields(
    code: str = "echo",
    *,
    version: str = "v1",
    provider: str = PROVIDER,
    asker: str = CLIENT,
    message_id: str = "m-1",
    protocol: str = "4.0",
    user: str = "VN001",
    issue: str = "H-7",
) -> list[str]:
    """The header's fields, one by one, in the order of PR-MESS's example."""
    made = [client(asker), service(code, version, provider), f"<xrd:id>{message_id}</xrd:id>"]
    made += [f"<xrd:userId>{user}</xrd:userId>"] if user else []
    made += [f"<xrd:issue>{issue}</xrd:issue>"] if issue else []
    return [*made, f"<xrd:protocolVersion>{protocol}</xrd:protocolVersion>"]


def envelope(header: list[str] | None, body: str | None, *, declaration: str = "") -> bytes:
    """header, body: None leaves the element out."""
    lines = "\n  ".join(header or [])
    inner = "" if header is None else f"<s:Header>\n  {lines}\n</s:Header>\n"
    inner += "" if body is None else f"<s:Body>{body}</s:Body>\n"
    names = f'xmlns:s="{SOAP}" xmlns:xrd="{XROAD}" xmlns:id="{IDENTIFIERS}" xmlns:t="{TESTING}"'
    return f"{declaration}<s:Envelope {names}>\n{inner}</s:Envelope>".encode()


def request(code: str = "echo", *, content: str = "<t:text>Chào</t:text>", **given: str) -> bytes:
    return envelope(fields(code, **given), f"<t:{code}>{content}</t:{code}>")


def response(code: str = "echo", **given: str) -> bytes:
    return envelope(fields(code, **given), f"<t:{code}Response><t:text>Chào</t:text></t:{code}Response>")


def multipart(
    soap: bytes,
    *attachments: bytes,
    kind: str = "text/xml",
    boundary: str = "MIME_boundary",
    encoding: str = "8bit",
    start: str | None = "<root>",
) -> tuple[bytes, bytes]:
    """Content-Type and body of a message with attachments (SwA); kind: application/xop+xml makes it MTOM."""
    said = f'multipart/related; type="{kind}"; boundary="{boundary}"'
    said += f'; start="{start}"' if start is not None else ""
    head = (
        f"Content-Type: {kind}; charset=UTF-8\r\nContent-Transfer-Encoding: {encoding}\r\nContent-ID: <root>"
    )
    body = f"--{boundary}\r\n{head}\r\n\r\n".encode() + soap + b"\r\n"
    for number, content in enumerate(attachments):
        part = f"Content-Type: application/octet-stream\r\nContent-ID: <data{number}>\r\n\r\n"
        body += f"--{boundary}\r\n{part}".encode() + content + b"\r\n"
    return said.encode(), body + f"--{boundary}--\r\n".encode()
