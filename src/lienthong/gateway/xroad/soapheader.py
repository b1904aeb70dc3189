"""X-Road's fields in the header of a SOAP message: which there must be, of which form, and what they say.

PR-MESS 4.0 §2.1–2.2, with the target server of PR-TARGETSS and the represented party of PR-REPR. Every other
element of a header passes through unread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from lienthong.gateway.xroad.errors import Kind, XRoadError, bad_request, quoted
from lienthong.gateway.xroad.headers import VALUE_MAX
from lienthong.gateway.xroad.identifiers import ClientId, MemberId, ServerId, SubsystemId, is_code
from lienthong.gateway.xroad.soapxml import IDENTIFIERS, REPRESENTATION, XROAD, Entry
from lienthong.ground.text import Text

_IN_ID: Final = ("xRoadInstance", "memberClass", "memberCode")
_SHAPES: Final = {
    "client": {"MEMBER": (_IN_ID, ()), "SUBSYSTEM": ((*_IN_ID, "subsystemCode"), ())},
    "service": {"SERVICE": ((*_IN_ID, "serviceCode"), ("subsystemCode", "serviceVersion"))},
    "securityServer": {"SERVER": ((*_IN_ID, "serverCode"), ())},
}
"""By field and object type: the parts that an identifier has, and those that it may have."""
_TEXTS: Final = ("id", "userId", "issue", "protocolVersion")


@dataclass(frozen=True, slots=True)
class SoapService:
    provider: ClientId
    code: str
    version: str

    @property
    def target(self) -> str:
        """The version as a path, where a REST request has it, so that agreements name both alike."""
        return f"/{quote(self.version, safe='-._~!$()*,=+')}" if self.version else ""


@dataclass(frozen=True, slots=True)
class RequestHash:
    algorithm: str
    value: str


@dataclass(frozen=True, slots=True)
class Header:
    """fields: what a provider must repeat, in its order: name, object type where it has one, values.

    userId and issue are empty where the message has none; hash_at: where `requestHash` belongs in the SOAP's bytes.
    """

    client: ClientId
    service: SoapService
    id: str
    user_id: str
    issue: str
    security_server: ServerId | None
    request_hash: RequestHash | None
    fields: tuple[tuple[str, ...], ...]
    hash_at: int
    hash_given: tuple[int, int] | None


def header_read(entries: list[Entry]) -> Header:
    """XRoadError where a field is missing, there twice, or not of its form."""
    found = _fields(entries)
    for name in ("protocolVersion", "client", "id", "service"):
        if name not in found or (name == "id" and not found[name].text):
            raise _missing(name)
    if not found["protocolVersion"].text.startswith("4."):
        raise XRoadError(
            Kind.INVALID_PROTOCOL_VERSION,
            Text(
                f"protocolVersion {quoted(found['protocolVersion'].text)} không được nhận.",
                f"protocolVersion {quoted(found['protocolVersion'].text)} is not taken.",
            ),
            next_step=Text("Hãy dùng 4.0.", "Use 4.0."),
        )
    values = {name: _values(name, entry) for name, entry in found.items()}
    server = found.get("securityServer")
    given = found.get("requestHash")
    return Header(
        client=_owner(found["client"]),
        service=_service(found["service"]),
        id=found["id"].text,
        user_id=_text_of(found, "userId"),
        issue=_text_of(found, "issue"),
        security_server=_server(server) if server else None,
        request_hash=RequestHash(given.attributes.get("algorithmId", ""), given.text.strip())
        if given
        else None,
        fields=tuple(values[name] for name in found if name != "requestHash"),
        hash_at=found["id"].end,
        hash_given=(given.start, given.end) if given else None,
    )


def _fields(entries: list[Entry]) -> dict[str, Entry]:
    """X-Road's own fields in their order; any other element of the header passes through unread."""
    found: dict[str, Entry] = {}
    known = {f"{XROAD} {name}": name for name in (*_SHAPES, *_TEXTS, "requestHash")}
    known[f"{REPRESENTATION} representedParty"] = "representedParty"
    for entry in entries:
        name = known.get(entry.name)
        if name is None:
            continue
        if name in found:
            raise XRoadError(
                Kind.DUPLICATE_HEADER_FIELD,
                Text(f"Header chứa {name} hai lần.", f"The SOAP header holds {name} twice."),
            )
        found[name] = entry
    return found


def _values(name: str, entry: Entry) -> tuple[str, ...]:
    """What is compared between question and answer."""
    if name in _SHAPES:
        return name, *_identifier(name, entry)
    if name == "representedParty":
        parts = _parts(entry, REPRESENTATION, ("partyCode",), ("partyClass",))
        return name, parts.get("partyClass", ""), parts["partyCode"]
    if entry.parts or len(entry.text) > VALUE_MAX or not entry.text.isprintable():
        if name == "requestHash":  # a stranger's line breaks do no harm here: it is replaced
            return name, ""
        raise bad_request(
            Text(f"Giá trị của {name} không hợp lệ.", f"The value of {name} is not valid."),
            why=Text(
                f"Giá trị là văn bản in được, tối đa {VALUE_MAX} ký tự.",
                f"It is printable text of {VALUE_MAX} characters at most.",
            ),
        )
    return name, entry.text


def _identifier(name: str, entry: Entry) -> tuple[str, ...]:
    """Object type, then the parts in the order of the schema; '' for one that may be missing and is."""
    kind = entry.attributes.get(f"{IDENTIFIERS} objectType", "")
    shape = _SHAPES[name].get(kind)
    if shape is None:
        raise _invalid(
            Text(f"{name} có objectType {quoted(kind)}", f"{name} has the objectType {quoted(kind)}")
        )
    must, may = shape
    parts = _parts(entry, IDENTIFIERS, must, may)
    for part, value in parts.items():
        if not is_code(value):
            raise XRoadError(
                Kind.INVALID_CLIENT_IDENTIFIER,
                Text(f"{quoted(value)} không phải là {part}.", f"{quoted(value)} is no {part}."),
                why=Text(
                    "Mã chỉ gồm các ký tự A-Z a-z 0-9 '()+,-.=?_.",
                    "It is made of the characters A-Z a-z 0-9 '()+,-.=?_ only.",
                ),
            )
    return kind, *(parts.get(part, "") for part in (*must, *may))


def _parts(entry: Entry, namespace: str, must: tuple[str, ...], may: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    name = entry.name.rpartition(" ")[2]
    for part in entry.parts:
        space, _, local = part.name.rpartition(" ")
        if space != namespace or local not in {*must, *may} or part.parts:
            raise _invalid(
                Text(f"{quoted(local)} không thuộc {name}", f"{quoted(local)} has no place in {name}")
            )
        if local in found:
            raise XRoadError(
                Kind.DUPLICATE_HEADER_FIELD,
                Text(f"{name} chứa {local} hai lần.", f"{name} holds {local} twice."),
            )
        found[local] = part.text
    if missing := [part for part in must if part not in found]:
        raise _invalid(Text(f"{name} thiếu {missing[0]}", f"{name} has no {missing[0]}"))
    return found


def _owner(entry: Entry) -> ClientId:
    """The member or the subsystem that an identifier names; its parts have been checked."""
    parts = {part.name.rpartition(" ")[2]: part.text for part in entry.parts}
    instance, member_class, member = (parts[name] for name in _IN_ID)
    subsystem = parts.get("subsystemCode")
    if subsystem is None:
        return MemberId(instance, member_class, member)
    return SubsystemId(instance, member_class, member, subsystem)


def _server(entry: Entry) -> ServerId:
    parts = {part.name.rpartition(" ")[2]: part.text for part in entry.parts}
    return ServerId(parts["xRoadInstance"], parts["memberClass"], parts["memberCode"], parts["serverCode"])


def _service(entry: Entry) -> SoapService:
    parts = {part.name.rpartition(" ")[2]: part.text for part in entry.parts}
    return SoapService(_owner(entry), parts["serviceCode"], parts.get("serviceVersion", ""))


def _text_of(found: dict[str, Entry], name: str) -> str:
    return found[name].text if name in found else ""


def _missing(name: str) -> XRoadError:
    return XRoadError(
        Kind.MISSING_HEADER_FIELD,
        Text(f"Header thiếu {name}.", f"The SOAP header has no {name}."),
        next_step=Text(
            f"Thêm {name} (không gian tên {XROAD}).",
            f"Add {name} in the namespace {XROAD}.",
        ),
    )


def _invalid(why: Text) -> XRoadError:
    return XRoadError(
        Kind.INVALID_XML,
        Text(f"Định danh không đúng: {why.vi}.", f"An identifier is not right: {why.en}."),
    )
