"""Uploaded WSDL files: what is read of them, how each mistake is told. No entity, import or network."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.exchange.wsdl import Operation, wsdl_read
from lienthong.ground.errors import Invalid
from lienthong.ground.text import Text

HTTP = "http://schemas.xmlsoap.org/soap/http"
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
 xmlns:s12="http://schemas.xmlsoap.org/wsdl/soap12/" xmlns:x="http://x-road.eu/xsd/xroad.xsd" xmlns:t="urn:t">
"""
PORT_TYPE = """<w:portType name="kinds"><w:operation name="getPerson"><w:documentation>
 <x:title xml:lang="vi">Lấy một người</x:title><x:title xml:lang="en">Get a person</x:title>
</w:documentation></w:operation></w:portType>"""


def binding(*operations: tuple[str, str], name: str = "b", transport: str = HTTP, soap: str = "s") -> str:
    rows = "".join(
        f'<w:operation name="{code}">{f"<x:version>{version}</x:version>" if version else ""}</w:operation>'
        for code, version in operations
    )
    kind = f'<{soap}:binding style="document" transport="{transport}"/>'
    return f'<w:binding name="{name}" type="t:kinds">{kind}{rows}</w:binding>'


def service(*ports: tuple[str, str], soap: str = "s") -> str:
    rows = "".join(
        f'<w:port name="p{n}" binding="t:{name}"><{soap}:address location="{where}"/></w:port>'
        for n, (name, where) in enumerate(ports)
    )
    return f'<w:service name="x">{rows}</w:service>'


def wsdl(*parts: str) -> bytes:
    return (HEAD + "".join(parts) + "</w:definitions>").encode()


def refused(content: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        wsdl_read(content)
    assert caught.value.why.vi
    assert caught.value.next_step.en
    return f"{caught.value.what.en} {caught.value.why.en}"


WHERE = ("b", "https://10.0.0.7/services/People/")


def test_each_operation_is_a_service_with_version_title_and_path() -> None:
    content = wsdl(PORT_TYPE, binding(("getPerson", "v1"), ("findPerson", "")), service(WHERE))
    assert wsdl_read(content) == (
        Operation("getPerson", ("v1",), Text("Lấy một người", "Get a person"), "/services/People"),
        Operation("findPerson", (), Text("findPerson", "findPerson"), "/services/People"),
    )


def test_versions_and_titles_in_x_roads_older_namespaces_count() -> None:
    content = wsdl(PORT_TYPE, binding(("getPerson", "v1")), service(WHERE))
    older = content.replace(b"http://x-road.eu/xsd/xroad.xsd", b"http://x-rd.net/xsd/xroad.xsd")
    assert wsdl_read(older) == wsdl_read(content)


def test_versions_of_one_operation_are_one_service() -> None:
    content = wsdl(
        binding(("getPerson", "v1")),
        binding(("getPerson", "v2"), name="c"),
        service(WHERE, ("c", "http://other/services/People")),
    )
    [found] = wsdl_read(content)
    assert found.versions == ("v1", "v2")


def test_ports_of_other_protocols_are_passed_over() -> None:
    other = binding(("getPerson", "v9"), name="c", soap="s12")
    mail = binding(("mailPerson", ""), name="d", transport="http://schemas.xmlsoap.org/soap/smtp")
    ports = service(WHERE, ("d", "mailto:x")) + service(("c", "http://x/12"), soap="s12")
    [found] = wsdl_read(wsdl(binding(("getPerson", "v1")), other, mail, ports))
    assert (found.code, found.versions) == ("getPerson", ("v1",))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<a", "no XML"),
        (b"<a/>", "root is not the wsdl:definitions"),
        (wsdl(), "no operation by SOAP 1.1 over HTTP"),
        (wsdl(binding(("a", "")), service(("missing", "http://x"))), "no binding «missing»"),
        (wsdl(binding(("a", ""), soap="s12"), service(WHERE)), "no operation by SOAP 1.1"),
        (wsdl(binding(("getWsdl", "")), service(WHERE)), "reserved"),
        (wsdl(binding(("a b", "")), service(WHERE)), "«a b»"),
        (wsdl(binding(("a", "v 1")), service(WHERE)), "«v 1»"),
        (wsdl(binding(("a", "v" * 50)), service(WHERE)), "40 signs"),
        (wsdl(binding(("", "")), service(WHERE)), "attribute name is missing"),
        (wsdl(binding(("a", "")), service(("b", "http://[x"))), "no address"),
        (
            wsdl(
                binding(("a", "")),
                binding(("a", ""), name="c"),
                service(("b", "http://x/1"), ("c", "http://x/2")),
            ),
            "two addresses, /1 and /2",
        ),
    ],
)
def test_each_mistake_is_told_with_its_place(content: bytes, said: str) -> None:
    assert said in refused(content)


def test_a_document_type_is_refused_and_its_entities_never_read() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    for inside in ('<!ENTITY l SYSTEM "file:///etc/passwd">', f'<!ENTITY l0 "x">{laughs}', ""):
        text = wsdl(binding(("a", "")), service(WHERE)).decode()
        text = text.replace("<w:definitions", f"<!DOCTYPE w:definitions [{inside}]><w:definitions", 1)
        assert "DOCTYPE" in refused(text.encode())


def test_imports_are_not_followed() -> None:
    outside = '<w:import namespace="urn:t" location="http://127.0.0.1:9/other.wsdl"/>'
    assert "no binding «b»" in refused(wsdl(outside, service(WHERE)))


@given(st.binary(max_size=100))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    refused(content)
    refused(b"<" + content)


PIECES = st.sampled_from(
    [
        PORT_TYPE,
        binding(("a", "v1")),
        binding(("a", ""), name="c"),
        service(WHERE),
        service(("c", "x")),
        "<w:port/>",
        "<w:service><w:port binding='b'/></w:service>",
        "<w:binding/>",
        "<!-- x -->",
        "<?x y?>",
        "text",
        "&amp;",
    ]
)


@given(st.lists(PIECES, max_size=8))
def test_no_arrangement_breaks_the_reader(pieces: list[str]) -> None:
    try:
        found = wsdl_read(wsdl(*pieces))
    except Invalid:
        return
    assert {one.code for one in found} == {"a"}
