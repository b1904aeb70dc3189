"""Which HTTP headers pass through the gateway, which it sets itself, and what it reads from them.

PR-REST 1.0.4 §4.3. Names keep their case and all keep their order, because the request hash covers them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from lienthong.gateway.xroad.errors import Kind, XRoadError, bad_request, quoted
from lienthong.gateway.xroad.identifiers import (
    ClientId,
    RepresentedParty,
    ServerId,
    ServiceId,
    client_parse,
    represented_parse,
    server_parse,
)
from lienthong.ground.text import Text

Header: TypeAlias = tuple[bytes, bytes]
Headers: TypeAlias = Sequence[Header]

METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
COUNT_MAX: Final = 100
HEADER_MAX: Final = 16 * 1024
TOTAL_MAX: Final = 64 * 1024
VALUE_MAX: Final = 255

STRIPPED: Final = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"host",
        b"user-agent",
        b"server",
        b"content-length",
        b"expect",
    }
)
CLIENT: Final = b"x-road-client"
SERVICE: Final = b"x-road-service"
ID: Final = b"x-road-id"
USER_ID: Final = b"x-road-userid"
ISSUE: Final = b"x-road-issue"
SECURITY_SERVER: Final = b"x-road-security-server"
REPRESENTED_PARTY: Final = b"x-road-represented-party"
REQUEST_ID: Final = b"x-road-request-id"
REQUEST_HASH: Final = b"x-road-request-hash"
ERROR: Final = b"x-road-error"

_MADE_HERE: Final = frozenset({REQUEST_ID, REQUEST_HASH})
_READ: Final = frozenset({CLIENT, ID, USER_ID, ISSUE, SECURITY_SERVER, REPRESENTED_PARTY})
_FREE_TEXT: Final = frozenset({ID, USER_ID, ISSUE})
_ANSWERED: Final = frozenset({CLIENT, SERVICE, ID, REQUEST_ID, REQUEST_HASH, ERROR})
_NAME: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE: Final = re.compile(rb"[^\x00-\x08\x0a-\x1f\x7f]*")


@dataclass(frozen=True, slots=True)
class RequestMeta:
    """What the headers of one request say; of several with one name the last counts, and an empty one says nothing."""

    client: ClientId
    id: str
    id_generated: bool
    user_id: str | None
    issue: str | None
    security_server: ServerId | None
    represented_party: RepresentedParty | None
    request_id: str

    @property
    def added(self) -> list[Header]:
        """What the consumer's gateway adds at the end, as X-Road orders and spells it."""
        added = [(REQUEST_ID, self.request_id.encode())]
        return [*added, (ID, self.id.encode())] if self.id_generated else added


def method_check(method: str) -> None:
    """Raise XRoadError unless the method is one of the eight."""
    if method not in METHODS:
        raise XRoadError(
            Kind.INVALID_HTTP_METHOD,
            Text(f"Không có phương thức {quoted(method)}.", f"No method {quoted(method)}."),
            next_step=Text(f"Hãy dùng {', '.join(sorted(METHODS))}.", f"Use {', '.join(sorted(METHODS))}."),
        )


def headers_check(headers: Headers) -> None:
    """Raise XRoadError where they are too many or too large, or one could be read as two."""
    if len(headers) > COUNT_MAX:
        raise _too_much(
            Text("Yêu cầu có quá nhiều đầu mục HTTP", "There are too many HTTP headers"),
            len(headers),
            COUNT_MAX,
        )
    total = 0
    for name, value in headers:
        size = len(name) + len(value)
        total += size
        if size > HEADER_MAX:
            raise _too_much(
                Text(f"Đầu mục HTTP {quoted(name)} quá dài", f"The HTTP header {quoted(name)} is too long"),
                size,
                HEADER_MAX,
            )
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise bad_request(
                Text(
                    f"Đầu mục HTTP {quoted(name)} chứa ký tự không hợp lệ.",
                    f"The HTTP header {quoted(name)} holds a character that no header may hold.",
                )
            )
    if total > TOTAL_MAX:
        raise _too_much(
            Text("Các đầu mục HTTP quá dài", "The HTTP headers are too long together"), total, TOTAL_MAX
        )


def request_kept(headers: Headers) -> list[Header]:
    """What is signed, hashed and sent on: without hop-by-hop headers and what only the gateway may set.

    Names that differ from those by `_` only go too: many servers hand both to their programs as one.
    """
    headers_check(headers)
    return [
        (name, value)
        for name, value in headers
        if (plain := _plain(name)) not in STRIPPED
        and plain not in _MADE_HERE
        and (plain not in _READ or b"_" not in name)
    ]


def request_meta(kept: Headers, *, instance: str, uuid: str, request_id: str) -> RequestMeta:
    """Raise XRoadError where X-Road-Client is missing or an X-Road header has a wrong form.

    `uuid` makes the message's id where the client gave none; `request_id` identifies this one attempt.
    """
    said = {name.lower(): _text(name, value) for name, value in kept if name.lower() in _READ}
    if not said.get(CLIENT):
        raise bad_request(
            Text("Yêu cầu thiếu đầu mục X-Road-Client.", "The header X-Road-Client is missing."),
            why=Text(
                "Mọi yêu cầu phải nêu phân hệ gửi yêu cầu.",
                "Every request names the subsystem that sends it.",
            ),
            next_step=Text(
                "Hãy thêm X-Road-Client: instance/class/member/subsystem.",
                "Add X-Road-Client: instance/class/member/subsystem.",
            ),
        )
    given = said.get(ID)
    server, party = said.get(SECURITY_SERVER), said.get(REPRESENTED_PARTY)
    return RequestMeta(
        client=client_parse(said[CLIENT]),
        id=given or f"{instance}-{uuid}",
        id_generated=not given,
        user_id=said.get(USER_ID) or None,
        issue=said.get(ISSUE) or None,
        security_server=server_parse(server) if server else None,
        represented_party=represented_parse(party) if party else None,
        request_id=request_id,
    )


def request_forwarded(kept: Headers, meta: RequestMeta, *, content_length: int | None) -> list[Header]:
    """What the provider's information system gets; `content_length` is None for a body of unknown length.

    Of repeated X-Road headers only the last goes out: the provider must not read another client than the one
    whose right was checked.
    """
    last = {name.lower(): place for place, (name, _) in enumerate(kept)}
    forwarded = [
        (name, value)
        for place, (name, value) in enumerate(kept)
        if name.lower() not in _READ or (value and last[name.lower()] == place)
    ]
    if b"accept" not in last:
        forwarded.append((b"accept", b"application/json"))
    if content_length is not None:
        forwarded.append((b"content-length", str(content_length).encode()))
    return forwarded + meta.added


def response_headers(
    headers: Headers, *, service: ServiceId, meta: RequestMeta, request_hash: str, date: bytes
) -> list[Header]:
    """The answer's headers from the provider's; `date` (IMF-fixdate) stands in where the provider gave none.

    X-Road-Error goes too: it says that the provider never answered, which only a gateway can say.
    """
    headers_check(headers)
    kept: list[Header] = []
    dated = False
    for name, value in headers:
        plain = _plain(name)
        if plain in STRIPPED or plain in _ANSWERED or (plain == b"date" and dated):
            continue
        dated = dated or plain == b"date"
        kept.append((name, value))
    if not dated:
        kept.append((b"date", date))
    return [
        *kept,
        (ID, meta.id.encode()),
        (CLIENT, meta.client.encoded().encode()),
        (SERVICE, service.encoded().encode()),
        (REQUEST_ID, meta.request_id.encode()),
        (REQUEST_HASH, request_hash.encode()),
    ]


def _plain(name: bytes) -> bytes:
    return name.lower().replace(b"_", b"-")


def _text(name: bytes, value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = None
    if text is None or not text.isprintable() or (name.lower() in _FREE_TEXT and len(text) > VALUE_MAX):
        raise bad_request(
            Text(f"Giá trị của {quoted(name)} không hợp lệ.", f"The value of {quoted(name)} is not valid."),
            why=Text(
                f"Giá trị là văn bản UTF-8 in được, tối đa {VALUE_MAX} ký tự.",
                f"It is printable UTF-8 text of {VALUE_MAX} characters at most.",
            ),
        )
    return text


def _too_much(what: Text, found: int, most: int) -> XRoadError:
    return bad_request(
        Text(f"{what.vi}: {found}, tối đa {most}.", f"{what.en}: {found}, {most} at most."),
        next_step=Text("Hãy gửi dữ liệu trong thân yêu cầu.", "Send the data in the body."),
    )
