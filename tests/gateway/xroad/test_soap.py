"""PR-MESS 4.0: each rule of the SOAP protocol, one test named after it (facts: exchange.md §1.4)."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from lienthong.gateway.xroad.errors import Kind, Style, XRoadError
from lienthong.gateway.xroad.identifiers import MemberId, ServerId, SubsystemId
from lienthong.gateway.xroad.soap import (
    SHA512,
    Message,
    action_check,
    answer_read,
    echo_check,
    request_read,
    with_request_hash,
)
from lienthong.gateway.xroad.soapanswers import (
    ENDPOINT,
    fault_render,
    methods_content,
    response_render,
    wsdl_asked,
    wsdl_attached,
    wsdl_content,
    wsdl_hidden,
)
from lienthong.gateway.xroad.soapheader import RequestHash, SoapService
from lienthong.ground.text import Text
from tests.gateway.soap_texts import (
    CLIENT,
    IDENTIFIERS,
    REPRESENTATION,
    SOAP,
    TEXT_XML,
    XROAD,
    client,
    envelope,
    fields,
    identified,
    multipart,
    request,
    response,
    service,
)

ECHO = "<t:echo/>"
FAULT = f'<s:Envelope xmlns:s="{SOAP}"><s:Body><s:Fault><faultcode>s:Server</faultcode></s:Fault></s:Body></s:Envelope>'


def read(body: bytes, content_type: bytes | None = TEXT_XML) -> Message:
    return request_read(content_type, body)


def refused(body: bytes, content_type: bytes | None = TEXT_XML) -> Kind:
    with pytest.raises(XRoadError) as error:
        request_read(content_type, body)
    return error.value.kind


def answered(body: bytes, content_type: bytes = TEXT_XML) -> Message:
    found = answer_read(content_type, body)
    assert found is not None
    return found


def hash_of(soap: bytes) -> str:
    return base64.b64encode(hashlib.sha512(soap).digest()).decode()


def test_the_header_says_client_service_id_user_and_issue() -> None:
    header = read(request()).header
    assert header.client == SubsystemId("VN", "GOV", "T01", "app")
    assert header.service == SoapService(SubsystemId("VN", "GOV", "T02", "data"), "echo", "v1")
    assert (header.id, header.user_id, header.issue) == ("m-1", "VN001", "H-7")
    assert (header.security_server, header.request_hash) == (None, None)


def test_user_and_issue_are_optional() -> None:
    header = read(request(user="", issue="")).header
    assert (header.user_id, header.issue) == ("", "")


def test_a_client_may_be_a_member_and_a_provider_too() -> None:
    changed = [client("VN/GOV/T01"), service(provider="VN/GOV/T02"), *fields()[2:]]
    header = read(envelope(changed, ECHO)).header
    assert header.client == MemberId("VN", "GOV", "T01")
    assert header.service.provider == MemberId("VN", "GOV", "T02")


def test_the_target_server_and_the_represented_party_are_read() -> None:
    server = identified("securityServer", "SERVER", "VN/GOV/T02", serverCode="gw2")
    party = (
        f'<r:representedParty xmlns:r="{REPRESENTATION}"><r:partyClass>COM</r:partyClass>'
        "<r:partyCode>123</r:partyCode></r:representedParty>"
    )
    header = read(envelope([*fields(), server, party], ECHO)).header
    assert header.security_server == ServerId("VN", "GOV", "T02", "gw2")
    assert ("representedParty", "COM", "123") in header.fields


@pytest.mark.parametrize(("version", "target"), [("v1", "/v1"), ("", ""), ("1.0", "/1.0"), ("a?b", "/a%3Fb")])
def test_the_services_version_becomes_the_path_that_a_rest_request_would_have(
    version: str, target: str
) -> None:
    assert read(request(version=version)).header.service.target == target


@pytest.mark.parametrize("place", [0, 1, 2, 5])
def test_a_mandatory_field_that_is_missing_is_named(place: int) -> None:
    given = fields()
    name = given.pop(place).split("xrd:")[1].split()[0].split(">")[0]
    with pytest.raises(XRoadError, match=name) as error:
        read(envelope(given, ECHO))
    assert error.value.kind is Kind.MISSING_HEADER_FIELD


def test_an_empty_id_is_no_id() -> None:
    assert refused(request(message_id="")) is Kind.MISSING_HEADER_FIELD


@pytest.mark.parametrize("place", range(6))
def test_a_field_that_comes_twice_is_refused(place: int) -> None:
    given = fields()
    assert refused(envelope([*given, given[place]], ECHO)) is Kind.DUPLICATE_HEADER_FIELD


def test_a_part_of_an_identifier_that_comes_twice_is_refused() -> None:
    twice = client().replace("</xrd:client>", "<id:memberCode>T09</id:memberCode></xrd:client>")
    assert refused(envelope([twice, *fields()[1:]], ECHO)) is Kind.DUPLICATE_HEADER_FIELD


def test_a_header_of_somebody_else_passes_unread() -> None:
    other = '<w:Security xmlns:w="urn:w" s:mustUnderstand="1"><w:deep><w:deeper>x</w:deeper></w:deep></w:Security>'
    sent = envelope([other, *fields(), "<t:id>7</t:id>", "<xrd:future>1</xrd:future>"], ECHO)
    assert read(sent).header.id == "m-1"
    assert read(sent).soap == sent


@pytest.mark.parametrize(
    ("protocol", "taken"), [("4.0", True), ("4.x", True), ("3.1", False), ("5.0", False), ("", False)]
)
def test_the_protocol_version_is_4(protocol: str, *, taken: bool) -> None:
    sent = request(protocol=protocol)
    if taken:
        assert read(sent).header.id == "m-1"
    else:
        assert refused(sent) is Kind.INVALID_PROTOCOL_VERSION


@pytest.mark.parametrize(
    "wrong",
    [
        identified("client", "SERVICE", CLIENT),
        identified("client", "subsystem", CLIENT),
        client().replace(' id:objectType="SUBSYSTEM"', ""),
        client().replace("id:objectType", "objectType"),
        identified("client", "MEMBER", CLIENT),
        identified("client", "SUBSYSTEM", "VN/GOV/T01"),
        identified("client", "SUBSYSTEM", CLIENT, serverCode="gw1"),
        client().replace("id:memberCode", "xrd:memberCode"),
        client().replace("T01", "<id:memberClass>T01</id:memberClass>"),
    ],
    ids=[
        "other type",
        "no type",
        "missing",
        "unqualified",
        "too many",
        "too few",
        "foreign part",
        "namespace",
        "nested",
    ],
)
def test_an_identifier_has_its_type_and_the_types_parts(wrong: str) -> None:
    assert refused(envelope([wrong, *fields()[1:]], ECHO)) in {
        Kind.INVALID_XML,
        Kind.INVALID_CLIENT_IDENTIFIER,
    }


@pytest.mark.parametrize("divider", ["<!-- -->", "<![CDATA[]]>", "<?p?>", "<id:x/>", "<t:x>9</t:x>"])
@pytest.mark.parametrize("field", ["T01", "m-1", "VN001", "4.0"])
def test_a_fields_text_is_of_one_piece(divider: str, field: str) -> None:
    """A server that reads only the first piece would know another client than was checked."""
    divided = field[:1] + divider + field[1:]
    sent = request().replace(f">{field}<".encode(), f">{divided}<".encode())
    assert divided.encode() in sent
    assert refused(sent) in {Kind.INVALID_XML, Kind.BAD_REQUEST}


def test_comments_and_cdata_stand_elsewhere_as_they_like() -> None:
    sent = envelope(
        ["<!-- a -->", *fields(), "<t:own><![CDATA[<]]><?p?></t:own>"], "<t:echo><!-- b --></t:echo>"
    )
    assert read(b"<!-- c --><?p?>" + sent).header.id == "m-1"


def test_an_agencys_own_message_may_be_as_long_as_it_likes_in_any_namespace() -> None:
    inner = f"<xrd:text>{'x' * 10_000}</xrd:text>" + "<xrd:item><xrd:deep/></xrd:item>" * 500
    assert read(envelope(fields("put"), f"<xrd:put>{inner}</xrd:put>")).header.service.code == "put"


@pytest.mark.parametrize("code", ["T 1", "T/1", "..", "Đ1", "T\n1", " T1", "T" * 300])
def test_an_identifier_is_of_the_characters_that_x_road_allows(code: str) -> None:
    wrong = client().replace("T01", code)
    assert refused(envelope([wrong, *fields()[1:]], ECHO)) is Kind.INVALID_CLIENT_IDENTIFIER


@pytest.mark.parametrize("value", ["a\nb", "x" * 256, "<t:a/>b"])
def test_an_id_is_printable_text_of_255_characters_at_most(value: str) -> None:
    assert refused(request(message_id=value)) is Kind.BAD_REQUEST
    assert read(request(message_id="x" * 255)).header.id == "x" * 255


def test_the_bodys_element_is_named_as_the_service() -> None:
    assert refused(envelope(fields("get"), "<t:getSecret/>")) is Kind.INCONSISTENT_HEADERS
    assert refused(envelope(fields("get"), "<t:Get/>")) is Kind.INCONSISTENT_HEADERS
    assert read(envelope(fields("get"), "<other:get xmlns:other='urn:o'/>")).header.service.code == "get"


def test_the_responses_element_is_named_response() -> None:
    assert answered(response()).header.id == "m-1"
    with pytest.raises(XRoadError) as error:
        answer_read(TEXT_XML, request())
    assert error.value.kind is Kind.INCONSISTENT_HEADERS


def test_a_missing_header_or_body_is_told_apart() -> None:
    assert refused(envelope(None, ECHO)) is Kind.MISSING_HEADER
    assert refused(envelope(fields(), None)) is Kind.MISSING_BODY


@pytest.mark.parametrize("body", ["", "  ", "text", f"{ECHO}<t:more/>", f"{ECHO}{ECHO}"])
def test_a_body_holds_exactly_one_element(body: str) -> None:
    assert refused(envelope(fields(), body)) is Kind.INVALID_BODY


def test_header_and_body_come_once_and_in_this_order() -> None:
    sent = request().decode()
    header = sent[sent.index("<s:Header>") : sent.index("<s:Body>")]
    body = sent[sent.index("<s:Body>") : sent.index("</s:Envelope>")]
    for wrong in (header + header + body, body + header, header + body + body):
        assert refused(sent.replace(header + body, wrong).encode()) is Kind.INVALID_SOAP


@pytest.mark.parametrize(
    "root",
    [
        "<a/>",
        f'<Envelope xmlns="{SOAP}x"/>',
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"/>',
    ],
)
def test_only_soap_1_1_is_taken(root: str) -> None:
    assert refused(root.encode()) is Kind.INVALID_SOAP


def test_a_request_is_no_fault() -> None:
    assert refused(FAULT.encode()) is Kind.INVALID_BODY


def test_a_fault_of_the_provider_is_known_as_one() -> None:
    assert answer_read(TEXT_XML, FAULT.encode()) is None
    with_header = (
        response().replace(b"<t:echoResponse>", b"<s:Fault>").replace(b"</t:echoResponse>", b"</s:Fault>")
    )
    assert answer_read(TEXT_XML, with_header) is None


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"no xml",
        b"<a>",
        b"\x00",
        request()[:-1],
        request() + b"<more/>",
        b"<!DOCTYPE s:Envelope>" + request(),
        b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + request(content="&e;"),
        request(content="&e;"),
        request(content="\x01"),
        request(content="<t:a>" * 300 + "</t:a>" * 300),
        request().replace(b"Ch\xc3\xa0o", b"Ch\xe0o"),
        envelope([*fields(), *["<t:x/>"] * 300], ECHO),
        request(issue="x" * 5000),
    ],
    ids=[
        "empty",
        "text",
        "cut",
        "nul",
        "short",
        "long",
        "doctype",
        "external entity",
        "unknown entity",
        "control character",
        "too deep",
        "no utf-8",
        "too many fields",
        "too long a field",
    ],
)
def test_what_is_no_xml_or_has_a_document_type_or_goes_too_far_is_refused(sent: bytes) -> None:
    assert refused(sent) is Kind.INVALID_XML


def test_a_billion_laughs_are_refused_before_the_first() -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE l [<!ENTITY l0 "ha">{entities}]>'.encode() + request(content="&l9;")
    assert refused(bomb) is Kind.INVALID_XML


@pytest.mark.parametrize(
    ("content_type", "declaration"),
    [
        (b"text/xml", ""),
        (b"text/xml; charset=UTF-8", '<?xml version="1.0" encoding="utf-8"?>'),
        (b'text/xml; charset="utf-8"', "\ufeff"),
        (b"text/xml", '\ufeff<?xml version="1.0" encoding="UTF-8"?>'),
        (b"application/xop+xml; charset=utf-8", ""),
    ],
)
def test_utf_8_is_taken_with_and_without_a_byte_order_mark(content_type: bytes, declaration: str) -> None:
    sent = declaration.encode() + request()
    assert read(sent, content_type).hash == hash_of(sent)


@pytest.mark.parametrize(
    ("content_type", "sent"),
    [
        (b"text/xml; charset=utf-16", request().decode().encode("utf-16")),
        (b"text/xml; charset=iso-8859-1", request(content="")),
        (TEXT_XML, b'<?xml version="1.0" encoding="windows-1258"?>' + request(content="")),
        (b"application/json", b"{}"),
        (b"application/soap+xml; charset=utf-8", request()),
        (b"text/plain", request()),
        (b"", request()),
    ],
)
def test_another_encoding_or_media_type_is_refused(content_type: bytes, sent: bytes) -> None:
    assert refused(sent, content_type) is Kind.INVALID_CONTENT_TYPE


def test_a_message_without_a_content_type_is_refused() -> None:
    assert refused(request(), None) is Kind.INVALID_REQUEST


def test_an_attachment_leaves_the_soap_the_first_part() -> None:
    content_type, body = multipart(request(), b"\x00\x01data")
    found = read(body, content_type)
    assert (found.soap, found.header.id) == (request(), "m-1")
    assert body[found.start :].startswith(request())


def test_mtom_is_taken() -> None:
    include = '<i:Include xmlns:i="http://www.w3.org/2004/08/xop/include" href="cid:data0"/>'
    sent = request(content=include)
    content_type, body = multipart(sent, b"\x00" * 10, kind="application/xop+xml")
    assert read(body, content_type).soap == sent


@pytest.mark.parametrize("encoding", ["8bit", "8BIT", "7bit", "binary"])
def test_the_soap_part_stands_as_it_is(encoding: str) -> None:
    content_type, body = multipart(request(), encoding=encoding)
    assert read(body, content_type).soap == request()


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "x"])
def test_an_encoded_soap_part_is_refused(encoding: str) -> None:
    content_type, body = multipart(base64.b64encode(request()), encoding=encoding)
    assert refused(body, content_type) is Kind.MIME_PARSING_FAILED


def test_a_start_that_names_another_part_than_the_first_is_refused() -> None:
    """Some servers go by it, and would read another message than the one whose right was checked."""
    content_type, body = multipart(request(), request("secret"), start="<data0>")
    assert refused(body, content_type) is Kind.MIME_PARSING_FAILED
    content_type, body = multipart(request(), start=None)
    assert read(body, content_type).soap == request()


def test_a_multipart_message_without_a_boundary_or_an_end_is_refused() -> None:
    content_type, body = multipart(request())
    assert refused(body, b"multipart/related") is Kind.MIME_PARSING_FAILED
    assert refused(body[:-10], content_type) is Kind.MIME_PARSING_FAILED
    assert refused(body, content_type.replace(b"MIME_boundary", b"other")) is Kind.MIME_PARSING_FAILED


def test_a_first_part_that_is_no_xml_is_refused() -> None:
    content_type, body = multipart(request(), kind="text/plain")
    assert refused(body, content_type) is Kind.INVALID_CONTENT_TYPE
    untyped = body.replace(b"Content-Type: text/plain; charset=UTF-8\r\n", b"")
    assert refused(untyped, content_type) is Kind.MIME_PARSING_FAILED


@pytest.mark.parametrize("value", [None, b"", b'""', b'"urn:a"', b'"http://x.test/a?b#c"'])
def test_a_soap_action_is_empty_or_a_uri_in_quotes(value: bytes | None) -> None:
    action_check(value)


@pytest.mark.parametrize("value", [b"urn:a", b'"', b'"a', b'"a b"', b'"a"b"', b'"\xc3\xa0"x', b'"a\r\nb"'])
def test_any_other_soap_action_is_refused(value: bytes) -> None:
    with pytest.raises(XRoadError) as error:
        action_check(value)
    assert error.value.kind is Kind.INVALID_SOAP_ACTION


def test_the_request_hash_is_over_the_exact_bytes_of_the_post() -> None:
    for sent in (request(), b"\xef\xbb\xbf" + request(), request() + b"\n"):
        assert read(sent).hash == hash_of(sent)


def test_the_request_hash_of_a_multipart_message_is_over_its_first_part() -> None:
    content_type, body = multipart(request(), b"attachment")
    assert read(body, content_type).hash == hash_of(request())


def test_the_response_gets_the_request_hash_after_its_id_and_is_else_unchanged() -> None:
    sent = response()
    made = with_request_hash(answered(sent), sent, "aGFzaA==")
    put = f'<xrd:requestHash xmlns:xrd="{XROAD}" algorithmId="{SHA512}">aGFzaA==</xrd:requestHash>'.encode()
    assert made == sent.replace(b"</xrd:id>", b"</xrd:id>" + put)
    assert answered(made).header.request_hash == RequestHash(SHA512, "aGFzaA==")


@pytest.mark.parametrize(
    "own",
    [
        '<xrd:requestHash algorithmId="urn:x">own\n  hash</xrd:requestHash>',
        "<xrd:requestHash algorithmId='&gt;>'/>",
        "<xrd:requestHash a='/>'>own</xrd:requestHash\n>",
    ],
)
@pytest.mark.parametrize("place", [0, 3, 6])
def test_a_request_hash_that_the_provider_wrote_is_replaced(own: str, place: int) -> None:
    given = fields()
    given.insert(place, own)
    sent = envelope(given, "<t:echoResponse/>")
    made = with_request_hash(answered(sent), sent, "aGFzaA==")
    assert made.count(b"requestHash") == 2  # its two tags
    assert own.encode() not in made
    assert answered(made).header.request_hash == RequestHash(SHA512, "aGFzaA==")
    assert answered(made).header.fields == answered(sent).header.fields


def test_in_a_multipart_response_only_the_soap_part_changes() -> None:
    content_type, body = multipart(response(), b"\x00requestHash")
    made = with_request_hash(answered(body, content_type), body, "aGFzaA==")
    assert made.endswith(body[body.index(b"--MIME_boundary", 5) :])
    assert answered(made, content_type).header.request_hash == RequestHash(SHA512, "aGFzaA==")


def echoed(sent: bytes, got: bytes, value: str | None = None) -> None:
    asked = read(sent)
    made = with_request_hash(answered(got), got, asked.hash if value is None else value)
    echo_check(asked, answered(made))


def test_a_response_repeats_the_fields_with_whatever_prefixes() -> None:
    echoed(request(), response())
    echoed(request(), response().replace(b"xrd:", b"q:").replace(b"xmlns:xrd", b"xmlns:q"))
    echoed(request(), envelope(["<t:own/>", *fields()], "<t:echoResponse/>"))


@pytest.mark.parametrize(
    "changed",
    [
        {"asker": "VN/GOV/T01/other"},
        {"provider": "VN/GOV/T02/other"},
        {"version": "v2"},
        {"message_id": "m-2"},
        {"user": "VN002"},
        {"user": ""},
        {"issue": "H-8"},
        {"protocol": "4.1"},
    ],
)
def test_a_response_with_another_value_is_inconsistent(changed: dict[str, str]) -> None:
    with pytest.raises(XRoadError) as error:
        echoed(request(), response(**changed))
    assert error.value.kind is Kind.SOAP_INCONSISTENT_RESPONSE


def test_a_response_with_the_fields_in_another_order_is_inconsistent() -> None:
    given = fields()
    with pytest.raises(XRoadError, match="client"):
        echoed(request(), envelope([given[1], given[0], *given[2:]], "<t:echoResponse/>"))


def test_a_response_with_one_field_more_or_less_is_inconsistent() -> None:
    server = identified("securityServer", "SERVER", "VN/GOV/T02", serverCode="g")
    for repeated in ([*fields()[:-2], fields()[-1]], [*fields(), server]):
        with pytest.raises(XRoadError) as error:
            echoed(request(), envelope(repeated, "<t:echoResponse/>"))
        assert error.value.kind is Kind.SOAP_INCONSISTENT_RESPONSE


def test_a_response_without_the_requests_hash_is_inconsistent() -> None:
    with pytest.raises(XRoadError, match="requestHash"):
        echo_check(read(request()), answered(response()))
    with pytest.raises(XRoadError, match="requestHash"):
        echoed(request(), response(), value=hash_of(b"another"))


@pytest.mark.parametrize(
    ("style", "code"),
    [("modern", "server.serverproxy.access_denied"), ("classic", "Server.ServerProxy.AccessDenied")],
)
def test_an_error_is_a_soap_fault_in_either_spelling(style: Style, code: str) -> None:
    error = XRoadError(Kind.ACCESS_DENIED, Text("Không có quyền <a>.", "No right <a>."), detail="d-1")
    status, headers, body = fault_render(error, style=style)
    fault = etree.fromstring(body).find(f"{{{SOAP}}}Body/{{{SOAP}}}Fault")
    assert (status, dict(headers)[b"content-type"]) == (200, b"text/xml;charset=utf-8")
    assert dict(headers)[b"content-length"] == str(len(body)).encode()
    assert fault.findtext("faultcode") == code
    assert fault.findtext("faultstring") == "No right <a>."
    assert fault.findtext("detail/faultDetail") == "d-1"


def test_list_methods_answers_in_the_questions_own_header() -> None:
    asked = read(envelope(fields("listMethods"), "<xrd:listMethods/>"))
    services = [
        SoapService(SubsystemId("VN", "GOV", "T02", "data"), "echo", "v1"),
        SoapService(SubsystemId("VN", "GOV", "T02", "data"), "plain", ""),
    ]
    made = response_render(asked, methods_content("listMethods", services))
    echo_check(asked, answered(made))
    found = etree.fromstring(made).findall(f".//{{{XROAD}}}listMethodsResponse/{{{XROAD}}}service")
    said = [[(etree.QName(part).localname, part.text) for part in one] for one in found]
    parts = [
        ("xRoadInstance", "VN"),
        ("memberClass", "GOV"),
        ("memberCode", "T02"),
        ("subsystemCode", "data"),
    ]
    assert said == [
        [*parts, ("serviceCode", "echo"), ("serviceVersion", "v1")],
        [*parts, ("serviceCode", "plain")],
    ]
    assert found[0].get(f"{{{IDENTIFIERS}}}objectType") == "SERVICE"


def test_get_wsdl_names_the_service_and_answers_with_an_attachment() -> None:
    inner = "<xrd:serviceCode>echo</xrd:serviceCode><xrd:serviceVersion>v1</xrd:serviceVersion>"
    asked = read(envelope(fields("getWsdl"), f"<xrd:getWsdl>{inner}</xrd:getWsdl>"))
    assert wsdl_asked(asked) == ("echo", "v1")
    made = response_render(asked, wsdl_content("echo", "v1"))
    content_type, body = wsdl_attached(made, b"<wsdl/>", "u-1")
    found = answered(body, content_type)
    echo_check(asked, found)
    assert [(part.name.rpartition(" ")[2], part.text) for part in found.wrapper.parts] == [
        ("serviceCode", "echo"),
        ("serviceVersion", "v1"),
    ]
    assert body.endswith(b"\r\n\r\n<wsdl/>\r\n--wsdl-u-1--\r\n")


@pytest.mark.parametrize("inner", ["", "<xrd:serviceCode/>", "<xrd:serviceVersion>v1</xrd:serviceVersion>"])
def test_get_wsdl_without_a_service_is_refused(inner: str) -> None:
    asked = read(envelope(fields("getWsdl"), f"<xrd:getWsdl>{inner}</xrd:getWsdl>"))
    with pytest.raises(XRoadError) as error:
        wsdl_asked(asked)
    assert error.value.kind is Kind.INVALID_REQUEST


def test_a_wsdl_goes_out_without_the_address_of_the_agencys_system() -> None:
    soap = "http://schemas.xmlsoap.org/wsdl/soap/"
    address = '<soap:address location="http://10.0.0.7/x"/>'
    given = f'<a xmlns:soap="{soap}" xmlns:t="urn:t"><!-- kept -->{address}<b type="t:c"/></a>'
    made = wsdl_hidden(given.encode(), SubsystemId("VN", "GOV", "T02", "data"))
    assert given.replace("http://10.0.0.7/x", ENDPOINT) in made.decode()
    with pytest.raises(XRoadError):
        wsdl_hidden(b"no xml", SubsystemId("VN", "GOV", "T02", "data"))


def test_every_kind_says_itself_in_both_spellings() -> None:
    for kind in Kind:
        modern, classic = kind.type("modern").split("."), kind.type("classic").split(".")
        assert len(modern) == len(classic)
        assert [part.replace("_", "") for part in modern[:-1]] == [part.lower() for part in classic[:-1]]


SNIPPETS = st.sampled_from(
    [
        *(
            "<s:Envelope xmlns:s='" + SOAP + "'>",
            "</s:Envelope>",
            "<s:Header>",
            "</s:Header>",
            "<s:Body>",
            "</s:Body>",
        ),
        *(
            client(),
            service(),
            "<xrd:id>",
            "</xrd:id>",
            "m",
            "<!-- -->",
            "<?pi ?>",
            "<![CDATA[<]]>",
            "&lt;",
            "&x;",
        ),
        *(
            "<!DOCTYPE a>",
            "<t:echo>",
            "</t:echo>",
            "<s:Fault/>",
            "\ufeff",
            "\r\n",
            "<a b='>'/>",
            "xrd:",
            "\u0001",
        ),
    ]
)


@given(
    sent=st.one_of(
        st.binary(max_size=200), st.lists(SNIPPETS, max_size=25).map(lambda them: "".join(them).encode())
    )
)
def test_any_bytes_are_a_message_or_an_xroad_error(sent: bytes) -> None:
    for reader in (request_read, answer_read):
        only_xroad_errors(lambda reader=reader: reader(TEXT_XML, sent))


@given(
    place=st.integers(0, len(request())),
    gone=st.integers(0, 30),
    put=st.one_of(st.binary(max_size=8), SNIPPETS.map(str.encode)),
)
def test_a_message_changed_anywhere_is_a_message_or_an_xroad_error(place: int, gone: int, put: bytes) -> None:
    sent = request()[:place] + put + request()[place + gone :]
    found = only_xroad_errors(lambda: request_read(TEXT_XML, sent))
    if isinstance(found, Message):
        # Whatever is understood can be answered, and the answer is understood to fit.
        echo_check(
            found, answered(response_render(found, b"<%bResponse/>" % found.header.service.code.encode()))
        )


@given(content_type=st.binary(max_size=60), place=st.integers(0, 200), put=st.binary(max_size=20))
def test_any_multipart_bytes_are_a_message_or_an_xroad_error(
    content_type: bytes, place: int, put: bytes
) -> None:
    said, body = multipart(request(), b"x")
    changed = body[:place] + put + body[place + len(put) :]
    only_xroad_errors(lambda: request_read(said, changed))
    only_xroad_errors(lambda: request_read(b"multipart/related;" + content_type, body))
    only_xroad_errors(lambda: request_read(content_type, body))


def only_xroad_errors(work: Callable[[], object]) -> object:
    try:
        return work()
    except XRoadError as error:
        assert uuid.UUID(error.detail)
        assert error.sentence.vi
        return None
