"""What a WSDL 1.1 says of an agency's SOAP services: one for each operation. Pure, as `descriptions` is.

No document type, entity, import or schema is followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeAlias

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue] - it has no stubs

from lienthong.blocks.exchange.descriptions import TITLE_MAX, address_path, code_check, refuse, size_check
from lienthong.ground.text import Text

WSDL: Final = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP: Final = "{http://schemas.xmlsoap.org/wsdl/soap/}"
ANY: Final = "{*}"
"""As in X-Road: `version` and `title` count in any namespace, for older files have older ones than x-road.eu's."""
HTTP: Final = "http://schemas.xmlsoap.org/soap/http"
VERSION_MAX: Final = 40
OPERATIONS_MAX: Final = 1_000
_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"

Element: TypeAlias = Any  # lxml has no stubs


@dataclass(frozen=True, slots=True)
class Operation:
    """One SOAP service. versions: each that the file has of it, none where it has none; path: of its address."""

    code: str
    versions: tuple[str, ...]
    title: Text
    path: str


def wsdl_read(content: bytes) -> tuple[Operation, ...]:
    """The operations of every SOAP 1.1 port over HTTP, in the file's order. Invalid with the place of a mistake."""
    size_check(content)
    root = _root(content)
    bindings = {_attribute(one, "name"): one for one in root.findall(f"{WSDL}binding")}
    titles = _titles(root)
    found: dict[str, Operation] = {}
    for port in root.iterfind(f"{WSDL}service/{WSDL}port"):
        address = port.find(f"{SOAP}address")
        if address is None:
            continue
        path = address_path(_attribute(address, "location"), f"soap:address ({_line(address)})")
        name = _attribute(port, "binding").rpartition(":")[2]
        if name not in bindings:
            _wrong(
                port, f"không có binding «{name[:80]}» trong tệp", f"the file has no binding «{name[:80]}»"
            )
        for operation in _operations(bindings[name], titles, path):
            found[operation.code] = _joined(found.get(operation.code), operation, port)
    if not found:
        _wrong(
            root,
            "không có thao tác SOAP 1.1 qua HTTP nào (soap:binding, soap:address)",
            "it has no operation by SOAP 1.1 over HTTP (soap:binding, soap:address)",
        )
    if len(found) > OPERATIONS_MAX:
        many = OPERATIONS_MAX
        _wrong(root, f"có quá {many} thao tác", f"there are more than {many} operations")
    return tuple(found.values())


def _root(content: bytes) -> Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(content.removeprefix(b"\xef\xbb\xbf"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line, column = getattr(error, "position", (1, 1))
        refuse(
            Text("Tệp mô tả không phải XML.", "The description is no XML."),
            Text(f"Tại {line}:{column}: XML không đúng.", f"At {line}:{column}: {str(error)[:120]}."),
            Text("Sửa chỗ này rồi tải lên lại.", "Mend this place and upload it again."),
        )
    information = root.getroottree().docinfo
    if information.doctype or information.internalDTD is not None:
        _wrong(root, "không nhận DOCTYPE", "a DOCTYPE is not taken")
    if root.tag != f"{WSDL}definitions":
        _wrong(
            root,
            "phần tử gốc không phải wsdl:definitions của WSDL 1.1",
            "the root is not the wsdl:definitions of WSDL 1.1",
        )
    return root


def _operations(binding: Element, titles: dict[tuple[str, str], Text], path: str) -> Iterator[Operation]:
    soap = binding.find(f"{SOAP}binding")
    if soap is None or soap.get("transport") != HTTP:
        return
    kind = _attribute(binding, "type").rpartition(":")[2]
    for one in binding.iterfind(f"{WSDL}operation"):
        code = code_check(_attribute(one, "name"))
        version = (one.findtext(f"{ANY}version") or "").strip()
        if version:
            code_check(version)
        if len(version) > VERSION_MAX:
            _wrong(one, f"phiên bản dài quá {VERSION_MAX} ký tự", f"its version has over {VERSION_MAX} signs")
        versions = (version,) if version else ()
        yield Operation(code, versions, titles.get((kind, code), Text(code, code)), path)


def _joined(before: Operation | None, now: Operation, port: Element) -> Operation:
    """Another port's or version's row of the same operation."""
    if before is None:
        return now
    if before.path != now.path:
        _wrong(
            port,
            f"thao tác «{now.code}» có hai địa chỉ: {before.path or '/'} và {now.path or '/'}",
            f"the operation «{now.code}» has two addresses, {before.path or '/'} and {now.path or '/'}",
        )
    versions = dict.fromkeys((*before.versions, *now.versions))
    return Operation(before.code, tuple(versions), before.title, before.path)


def _titles(root: Element) -> dict[tuple[str, str], Text]:
    """By port type and operation: `xroad:title` of the documentation, in either language where it says so."""
    found: dict[tuple[str, str], Text] = {}
    for kind in root.findall(f"{WSDL}portType"):
        for one in kind.findall(f"{WSDL}operation"):
            said = {
                str(title.get(_LANGUAGE) or ""): (title.text or "").strip()[:TITLE_MAX]
                for title in one.iterfind(f"{WSDL}documentation/{ANY}title")
            }
            if any(said.values()):
                first = next(text for text in said.values() if text)
                title = Text(said.get("vi") or first, said.get("en") or first)
                found[_attribute(kind, "name"), _attribute(one, "name")] = title
    return found


def _attribute(element: Element, name: str) -> str:
    value = element.get(name)
    if not value:
        _wrong(element, f"thiếu thuộc tính {name}", f"the attribute {name} is missing")
    return str(value)


def _line(element: Element) -> str:
    return f"{element.sourceline}"


def _wrong(element: Element, why_vi: str, why_en: str) -> NoReturn:
    name = etree.QName(element).localname
    refuse(
        Text("Mô tả WSDL không dùng được.", "The WSDL cannot be used."),
        Text(f"Tại {name}, dòng {_line(element)}: {why_vi}.", f"At {name}, line {_line(element)}: {why_en}."),
        Text("Sửa chỗ này trong tệp rồi tải lên lại.", "Mend this place in the file and upload it again."),
    )
