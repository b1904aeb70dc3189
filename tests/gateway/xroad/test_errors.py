"""PR-REST §4.6: an error's type, status, header and body, in both spellings."""

import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from lienthong.gateway.xroad.errors import Kind, Style, XRoadError, bad_request, error_render
from lienthong.ground.text import Text

DETAIL = "9bc95b6e-2f1d-4a41-a7e6-11eda7d734d5"
NEXT = Text("Hãy xin quyền.", "Ask for the right.")
DENIED = XRoadError(Kind.ACCESS_DENIED, Text("Không có quyền.", "No right."), next_step=NEXT, detail=DETAIL)


def rendered(
    error: XRoadError, accept: bytes | None = None, style: Style = "modern"
) -> tuple[int, dict[bytes, bytes], bytes]:
    status, headers, body = error_render(error, accept=accept, style=style)
    assert len(dict(headers)) == len(headers)
    return status, dict(headers), body


def test_the_body_is_type_message_and_detail() -> None:
    _, headers, body = rendered(DENIED)
    assert json.loads(body) == {
        "type": "server.serverproxy.access_denied",
        "message": "No right. Ask for the right.",
        "detail": DETAIL,
    }
    assert list(json.loads(body)) == ["type", "message", "detail"]
    assert headers[b"content-type"] == b"application/json;charset=utf-8"
    assert headers[b"content-length"] == str(len(body)).encode()


def test_the_detail_is_a_uuid_of_this_one_error() -> None:
    one, other = (bad_request(Text("Sai.", "Wrong.")).detail for _ in range(2))
    assert uuid.UUID(one) != uuid.UUID(other)


@pytest.mark.parametrize("style", ["modern", "classic"])
@pytest.mark.parametrize("kind", Kind)
def test_the_header_x_road_error_is_the_type(kind: Kind, style: Style) -> None:
    _, headers, body = rendered(XRoadError(kind, Text("Sai.", "Wrong.")), style=style)
    assert headers[b"x-road-error"] == kind.type(style).encode() == json.loads(body)["type"].encode()


@pytest.mark.parametrize("style", ["modern", "classic"])
@pytest.mark.parametrize("kind", Kind)
def test_the_status_is_500_for_servers_and_400_for_the_rest(kind: Kind, style: Style) -> None:
    status, _, _ = rendered(XRoadError(kind, Text("Sai.", "Wrong.")), style=style)
    assert status == (400 if kind.type("modern").partition(".")[0] == "client" else 500)


@pytest.mark.parametrize(
    ("kind", "modern", "classic"),
    [
        (Kind.ACCESS_DENIED, "server.serverproxy.access_denied", "Server.ServerProxy.AccessDenied"),
        (Kind.UNKNOWN_SERVICE, "server.serverproxy.unknown_service", "Server.ServerProxy.UnknownService"),
        (Kind.SERVICE_DISABLED, "server.serverproxy.service_disabled", "Server.ServerProxy.ServiceDisabled"),
        (Kind.SERVICE_FAILED, "server.serverproxy.service_failed", "Server.ServerProxy.ServiceFailed"),
        (Kind.NETWORK_ERROR, "server.serverproxy.network_error", "Server.ServerProxy.NetworkError"),
        (Kind.SERVICE_TYPE, "server.serverproxy.service_type", "Server.ServerProxy.ServiceType"),
        (Kind.UNKNOWN_MEMBER, "server.clientproxy.unknown_member", "Server.ClientProxy.UnknownMember"),
        (
            Kind.SSL_AUTHENTICATION_FAILED,
            "server.clientproxy.ssl_authentication_failed",
            "Server.ClientProxy.SslAuthenticationFailed",
        ),
        (
            Kind.GLOBAL_CONF_OUTDATED,
            "server.clientproxy.global_conf_outdated",
            "Server.ClientProxy.OutdatedGlobalConf",
        ),
        (Kind.BAD_REQUEST, "client.bad_request", "Client.BadRequest"),
    ],
)
def test_both_spellings_of_a_code_are_offered(kind: Kind, modern: str, classic: str) -> None:
    assert (kind.type("modern"), kind.type("classic")) == (modern, classic)


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (b"text/xml", b"text/xml"),
        (b"application/xml", b"application/xml"),
        (b"text/*", b"text/xml"),
        (b"TEXT/XML; q=0.1", b"text/xml"),
        (b"application/json, application/xml;q=0.1, text/xml", b"application/xml"),
        (b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", b"application/xml"),
    ],
)
def test_the_first_xml_type_of_accept_makes_it_xml_whatever_its_q(accept: bytes, content_type: bytes) -> None:
    _, headers, body = rendered(DENIED, accept, "classic")
    assert headers[b"content-type"] == content_type + b";charset=utf-8"
    root = etree.fromstring(body)
    assert root.tag == "error"
    assert [(part.tag, part.text) for part in root] == [
        ("type", "Server.ServerProxy.AccessDenied"),
        ("message", "No right. Ask for the right."),
        ("detail", DETAIL),
    ]


@pytest.mark.parametrize(
    "accept", [None, b"", b"*/*", b"application/json", b"text/plain", b"x-text/xml", b"\xff,;;"]
)
def test_it_is_json_otherwise(accept: bytes | None) -> None:
    _, headers, body = rendered(DENIED, accept)
    assert headers[b"content-type"] == b"application/json;charset=utf-8"
    assert json.loads(body)["detail"] == DETAIL


def test_what_why_and_next_are_kept_in_both_languages() -> None:
    error = bad_request(Text("A.", "B."), why=Text("C.", "D."), next_step=Text("E.", "F."))
    assert error.sentence == Text("A. C. E.", "B. D. F.")
    assert str(error) == "client.bad_request: B. D. F."


@given(st.text(max_size=40), st.binary(max_size=30))
def test_any_message_is_well_formed_in_either_form(message: str, accept: bytes) -> None:
    error = bad_request(Text(message, message))
    assert json.loads(rendered(error)[2])["message"] == message
    assert etree.fromstring(rendered(error, b"text/xml," + accept)[2]).tag == "error"
