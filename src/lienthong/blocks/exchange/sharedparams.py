"""The country's members as a file that travels with evidence: X-Road's verification configuration, written and read.

A ZIP of `verificationconf/instance-identifier` and, for each instance, `verificationconf/{instance}/shared-params.xml`
(PR-GCONF, configuration version 5). With it a container is checked without a network and without this installation.
Plain Python, no Django.
"""

from __future__ import annotations

import base64
import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.blocks.exchange.wire import Subsystem
from lienthong.blocks.trust.xmlread import EvidenceError, xml_read

FOLDER: Final = "verificationconf"
IDENTIFIER: Final = f"{FOLDER}/instance-identifier"
_FILE: Final = "shared-params.xml"
_CONF: Final = "http://x-road.eu/xsd/xroad.xsd"
_ID: Final = "http://x-road.eu/xsd/identifiers"
_MAX_BYTES: Final = 64 * 1024 * 1024
_MAX_ENTRIES: Final = 200
_PROFILE: Final = "organizationIdentifier (ETSI EN 319 412-3)"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError, RuntimeError)
"""What `zipfile` raises for bytes that are no ZIP, or a broken one."""


class SharedParamsError(ValueError):
    """The file is no verification configuration: why, in English, for engineers."""


@dataclass(frozen=True, slots=True)
class SharedParams:
    """One instance. source: where it was got; authorities: root first, then those under it; members: name -> title.

    subsystems: name -> its gateway, empty where it has none; gateways: name -> address; groups: code -> subsystems;
    stamping: certificates of time-stamp authorities that do not stand under `authorities`.
    """

    instance: str
    source: str
    authorities: tuple[x509.Certificate, ...]
    members: Mapping[str, str]
    subsystems: Mapping[str, str] = field(default_factory=dict[str, str])
    gateways: Mapping[str, str] = field(default_factory=dict[str, str])
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    stamping: tuple[x509.Certificate, ...] = ()

    @property
    def trusted(self) -> list[x509.Certificate]:
        """What to check evidence with; authorities under a root come with the evidence itself."""
        return [*self.authorities[:1], *self.stamping]


def render(given: SharedParams) -> bytes:
    """`shared-params.xml`, the same bytes for the same content."""
    ids = {name: f"m{number}" for number, name in enumerate(sorted(given.members))}
    ids |= {name: f"s{number}" for number, name in enumerate(sorted(given.subsystems))}
    body = [_tag("instanceIdentifier", given.instance), _around("source", _tag("address", given.source))]
    body.append(_authorities(given))
    body += [_member(given, name, ids) for name in sorted(given.members)]
    body += [_server(given, name, ids) for name in sorted(given.gateways) if _owner(name) in ids]
    body += [_group(code, names) for code, names in sorted(given.groups.items())]
    classes = sorted({name.split("/")[1] for name in given.members})
    kinds = [_around("memberClass", _tag("code", one), _tag("description", one)) for one in classes]
    # No OCSP answers are used: a certificate's revocation is told by the configuration.
    body.append(_around("globalSettings", *kinds, _tag("ocspFreshnessSeconds", "0")))
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<c:conf xmlns:c="{_CONF}" xmlns:id="{_ID}">'
    return (head + "\n".join(body) + "</c:conf>\n").encode()


def pack(given: SharedParams) -> bytes:
    """The ZIP."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(IDENTIFIER, _EPOCH), given.instance)
        name = f"{FOLDER}/{given.instance}/{_FILE}"
        archive.writestr(zipfile.ZipInfo(name, _EPOCH), render(given), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def unpack(data: bytes) -> list[SharedParams]:
    """Every instance of a ZIP, its own first. SharedParamsError where it is none, or is too large to be one."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > _MAX_ENTRIES or sum(one.file_size for one in entries) > _MAX_BYTES:
                raise SharedParamsError("too large for a verification configuration")
            own = archive.read(IDENTIFIER).decode().strip()
            names = [one.filename for one in entries if _is_params(one.filename)]
            by_folder = {name.split("/")[1]: read(archive.read(name)) for name in names}
    except _UNREADABLE as error:
        raise SharedParamsError(f"not a verification configuration: {error}") from error
    if own not in by_folder:
        raise SharedParamsError(f"{FOLDER}/{own}/{_FILE} is not there")
    if strange := [folder for folder, one in by_folder.items() if one.instance != folder]:
        raise SharedParamsError(f"{FOLDER}/{strange[0]}/{_FILE} is of another instance")
    return sorted(by_folder.values(), key=lambda one: one.instance != own)


def read(data: bytes) -> SharedParams:
    """X-Road's and ours. SharedParamsError where it is no shared-params.xml, or a certificate in it is broken.

    Authorities that only certify connections are left out.
    """
    try:
        conf = xml_read(data, _FILE)
    except EvidenceError as error:
        raise SharedParamsError(str(error)) from error
    if conf.tag != f"{{{_CONF}}}conf":
        raise SharedParamsError(f"{_FILE}: element {conf.tag}")
    instance = conf.findtext("instanceIdentifier") or ""
    members = {
        f"{instance}/{one.findtext('memberClass/code')}/{one.findtext('memberCode')}": one.findtext("name")
        or ""
        for one in conf.iterfind("member")
    }
    signing = [
        one for one in conf.iterfind("approvedCA") if one.findtext("authenticationOnly") not in {"true", "1"}
    ]
    roots = [cert for one in signing for cert in one.iterfind("topCA/cert")]
    stamping = list(conf.iterfind("approvedTSA/cert"))
    try:
        return SharedParams(
            instance=instance,
            source=conf.findtext("source/address") or "",
            authorities=tuple(map(_read_certificate, roots)),
            members=members,
            stamping=tuple(map(_read_certificate, stamping)),
        )
    except ValueError as error:
        raise SharedParamsError(f"{_FILE}: a certificate cannot be read") from error


def _member(given: SharedParams, name: str, ids: Mapping[str, str]) -> str:
    _, kind, code = name.split("/")
    own = [one for one in sorted(given.subsystems) if Subsystem.parse(one).owner == name]
    systems = "".join(
        f'<subsystem id="{ids[one]}">{_tag("subsystemCode", one.rsplit("/", 1)[-1])}</subsystem>'
        for one in own
    )
    described = _around("memberClass", _tag("code", kind), _tag("description", kind))
    title = _tag("name", given.members[name])
    return f'<member id="{ids[name]}">{described}{_tag("memberCode", code)}{title}{systems}</member>'


def _server(given: SharedParams, name: str, ids: Mapping[str, str]) -> str:
    """Its address without scheme and port, as X-Road has it."""
    address = given.gateways[name]
    clients = [one for one in sorted(given.subsystems) if given.subsystems[one] == name]
    return _around(
        "securityServer",
        _tag("owner", ids[_owner(name)]),
        _tag("serverCode", name.rsplit("/", 1)[-1]),
        _tag("address", urlsplit(address).hostname or address),
        *(_tag("client", ids[one]) for one in clients),
    )


def _group(code: str, names: Sequence[str]) -> str:
    members = "".join(
        f'<groupMember id:objectType="SUBSYSTEM">{_identifier(Subsystem.parse(one))}</groupMember>'
        for one in sorted(names)
    )
    return _around("globalGroup", _tag("groupCode", code), _tag("description", code), members)


def _identifier(one: Subsystem) -> str:
    return (
        f"<id:xRoadInstance>{escape(one.instance)}</id:xRoadInstance>"
        f"<id:memberClass>{escape(one.member_class)}</id:memberClass>"
        f"<id:memberCode>{escape(one.member)}</id:memberCode>"
        f"<id:subsystemCode>{escape(one.system)}</id:subsystemCode>"
    )


def _authorities(given: SharedParams) -> str:
    """One certification service: what is trusted, and what stands under it."""
    if not given.authorities:
        return ""
    top, *under = given.authorities
    return _around(
        "approvedCA",
        _tag("name", _common_name(top)),
        _around("topCA", _certificate(top)),
        *(_around("intermediateCA", _certificate(one)) for one in under),
        _tag("certificateProfileInfo", _PROFILE),
    )


def _owner(server: str) -> str:
    return server.rpartition("/")[0]


def _is_params(name: str) -> bool:
    parts = name.split("/")
    return len(parts) == 3 and parts[0] == FOLDER and parts[2] == _FILE  # noqa: PLR2004 - folder, instance, file


def _common_name(certificate: x509.Certificate) -> str:
    found = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(found[0].value) if found else certificate.subject.rfc4514_string()


def _certificate(certificate: x509.Certificate) -> str:
    return _tag("cert", base64.b64encode(certificate.public_bytes(Encoding.DER)).decode())


def _read_certificate(element: Any) -> x509.Certificate:
    """ValueError where it is none."""
    return x509.load_der_x509_certificate(
        base64.b64decode("".join((element.text or "").split()), validate=True)
    )


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(text, quote=False)}</{name}>"


def _around(name: str, *parts: str) -> str:
    return f"<{name}>{''.join(parts)}</{name}>"
