"""Envelopes as they are signed and sent. No Django: the gateway speaks with the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from lienthong.blocks.trust.wire import canonical_json, sha256_hex

CONFIGURATION_CHANNEL: Final = "lienthong_configuration"
"""PostgreSQL's channel on which the control plane says that a new configuration is there."""

RESERVED_CODES: Final = frozenset(
    {
        "listClients",
        "listMethods",
        "allowedMethods",
        "getWsdl",
        "getOpenAPI",
        "getSecurityServerMetrics",
        "getSecurityServerOperationalData",
        "getSecurityServerHealthData",
    }
)
"""Codes of X-Road's own metaservices: no agency may publish a service under these (X-Road 7.7)."""

GROUP: Final = "group:"
"""Begins the client of an agreement that is a group's: `group:<code>`."""

HTTP: Final = "http"
HTTPS: Final = "https"
MUTUAL: Final = "mutual"
BY_DOOR: Final = "door"
CONNECTIONS: Final = (BY_DOOR, HTTP, HTTPS, MUTUAL)
"""How a subsystem's information systems connect to its gateway; BY_DOOR: mutual at a door with TLS, else http."""


@dataclass(frozen=True, slots=True)
class Subsystem:
    """A member's system, named as X-Road names it: `VN/GOV/G01/population`."""

    instance: str
    member_class: str
    member: str
    system: str

    @staticmethod
    def parse(name: str) -> Subsystem:
        """Raise ValueError unless the name has four parts."""
        parts = name.split("/")
        if len(parts) != 4 or not all(parts):  # noqa: PLR2004 - the four parts of the name
            raise ValueError(f"not a subsystem name: {name!r}")
        return Subsystem(*parts)

    @property
    def owner(self) -> str:
        """The member that signs for the subsystem: `VN/GOV/G01`."""
        return f"{self.instance}/{self.member_class}/{self.member}"

    def __str__(self) -> str:
        return f"{self.owner}/{self.system}"


def fields_of(flat: Any) -> dict[str, Any]:
    """The fields of a dataclass whose values are plain: `asdict` would copy each of them."""
    return {name: getattr(flat, name) for name in flat.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Request:
    """The head of a question; the signature covers it, and through `body_hash` the body."""

    message_id: str
    client: str
    provider: str
    service: str
    purpose: str
    case: str
    officer: str
    sent_at: str
    body_hash: str

    def signed_bytes(self) -> bytes:
        return canonical_json(fields_of(self))

    def hash(self) -> str:
        return sha256_hex(self.signed_bytes())


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of an answer: bound to its question by `request_hash`; status as HTTP has it."""

    message_id: str
    provider: str
    request_hash: str
    status: int
    answered_at: str
    body_hash: str

    def signed_bytes(self) -> bytes:
        return canonical_json(fields_of(self))


@dataclass(frozen=True, slots=True)
class Signature:
    """value: base64; certificate: SHA-256 fingerprint of the signer's certificate."""

    value: str
    certificate: str


@dataclass(frozen=True, slots=True)
class SignedRequest:
    head: Request
    body: dict[str, Any]
    signature: Signature


@dataclass(frozen=True, slots=True)
class SignedAnswer:
    head: Answer
    body: dict[str, Any]
    signature: Signature


def body_hash(body: dict[str, Any]) -> str:
    return sha256_hex(canonical_json(body))
