"""Any bytes at all: a result or the module's own error, from everything that reads what others send.

Random bytes, and good examples with some of their bytes changed. LIENTHONG_FUZZ_EXAMPLES says how many each.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lienthong.blocks.exchange.openapi import openapi_read
from lienthong.blocks.exchange.sharedparams import SharedParamsError, pack, unpack
from lienthong.blocks.exchange.wire import Answer, Signature, SignedAnswer
from lienthong.blocks.exchange.wsdl import wsdl_read
from lienthong.blocks.trust import hashchain, timestamps
from lienthong.blocks.trust.asic import Check, container_check
from lienthong.blocks.trust.hashchain import EvidenceError
from lienthong.blocks.trust.xades import signature_read
from lienthong.gateway.bundles import FrameReader, bundle_decode, bundle_encode, frames_encode
from lienthong.gateway.envelope import (
    EnvelopeError,
    MessageSignature,
    Question,
    Reply,
    Sealed,
    head_bytes,
    head_parse,
    sealed_decode,
    sealed_encode,
)
from lienthong.gateway.evidence import WrongQueryError, wanted_of
from lienthong.gateway.frames import FrameError, answer_decode, answer_encode, request_decode
from lienthong.gateway.refusals import from_peer
from lienthong.gateway.signing import proof_decode, proof_encode
from lienthong.gateway.tls import tls_context
from lienthong.gateway.xroad.errors import XRoadError, error_render
from lienthong.gateway.xroad.headers import request_kept, request_meta
from lienthong.gateway.xroad.identifiers import (
    client_parse,
    endpoint_path,
    represented_parse,
    server_parse,
    target_parse,
)
from lienthong.gateway.xroad.metaservices import service_code_of
from lienthong.gateway.xroad.mime import media_type_parse, parts_of
from lienthong.gateway.xroad.soap import answer_read, request_read
from lienthong.ground.errors import Invalid
from tests.blocks.exchange.test_sharedparams import GIVEN
from tests.blocks.trust.test_asic import AT, BODY, HEAD, TRUSTED, batch, signed, single
from tests.blocks.trust.test_timestamps import authority, stamp
from tests.gateway import soap_texts
from tests.gateway.conftest import Exchange, tls_write
from tests.gateway.control import ASKER, DATA, ONE, OPENAPI, TWO, WSDL
from tests.gateway.peer import memory_kib

EXAMPLES = int(os.environ.get("LIENTHONG_FUZZ_EXAMPLES", "120"))
fuzzing = settings(
    max_examples=EXAMPLES,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
        HealthCheck.data_too_large,
    ],
)

QUESTION = Question(
    id="m-1",
    request_id="r-1",
    client=ASKER,
    provider=DATA,
    code="echo",
    method="POST",
    target="/a?b=1",
    purpose="testing",
    case="",
    user="",
    headers=[("Accept", "*/*")],
    body_hash="00" * 32,
    body_size=1,
    request_hash="",
    server=ONE,
    sent_at="2026-11-23T02:00:00+00:00",
)
REPLY = Reply(
    id="m-1",
    request_id="r-1",
    question_hash="00" * 32,
    status=200,
    problem="",
    headers=[("Content-Type", "application/json")],
    body_hash="00" * 32,
    body_size=1,
    server=TWO,
    answered_at="2026-11-23T02:00:00+00:00",
)
LEAF = bytes([2]) * 32
TREE = hashchain.tree_build([bytes([number]) * 32 for number in range(5)])
SIGNATURE = MessageSignature("AAAA", "ab" * 32, "2026-11-23T02:00:00+00:00", proof_encode(TREE.proof(2)))
ENVELOPE = sealed_encode(Sealed(head_bytes(QUESTION), SIGNATURE, b"body"))
FRAMES = b"".join(frames_encode([(0, 200, [ENVELOPE]), (1, 503, [b'{"error":"busy"}'])]))
CONTAINERS = (single(BODY), batch([(HEAD, []), (HEAD, [BODY])])[0])
FRAME = (
    b'{"body":{"a":1},"head":{"body_hash":"00","case":"","client":"VN/GOV/T01/app","message_id":"m","officer":"",'
    b'"provider":"VN/GOV/T02/data","purpose":"p","sent_at":"2026-11-23","service":"s"},'
    b'"signature":{"certificate":"c","value":"v"}}'
)
ANSWERED = answer_encode(
    SignedAnswer(Answer("m", DATA, "00", 200, "2026-11-23", "00"), {"a": 1}, Signature("v", "c"))
)
STAMP_ASKED = timestamps.request_encode(b"\x00" * 32, nonce=7)
PARAMETERS = replace(GIVEN, source=f"https://{ONE}")
SOAP = soap_texts.request()
MULTIPART = (
    b"--b\r\nContent-Type: text/xml\r\n\r\n"
    + SOAP
    + b"\r\n--b\r\nContent-ID: <x>\r\n\r\nattached\r\n--b--\r\n"
)
TOKENS = (
    b"\x00",
    b"\xff\xff\xff\xff",
    b"\xef\xbb\xbf",
    b"\r\n",
    b"\r\n--b\r\n",
    b"..",
    b"%2e%2e%2f",
    b"<!DOCTYPE x [<!ENTITY e 'e'>]>",
    b"&e;",
    b"<![CDATA[",
    b"[[[[[[[[",
    b'{"a":' * 50,
    b"&a *a",
    b"1e999",
    b"-1",
    b"99999999999999999999",
    "Đ\u0301".encode(),
    "\ud800".encode("utf-8", "surrogatepass"),
)


@st.composite
def changed(draw: st.DrawFn, samples: tuple[bytes, ...]) -> bytes:
    """A sample in which some bytes were taken out, doubled or replaced."""
    data = draw(st.sampled_from(samples))
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 40)))
        piece = draw(st.one_of(st.sampled_from(TOKENS), st.binary(max_size=12), st.just(data[start:end] * 2)))
        data = data[:start] + piece + data[end:]
    return data


def any_bytes(*samples: bytes) -> st.SearchStrategy[bytes]:
    return st.one_of(st.binary(max_size=200), changed(samples))


@dataclass(frozen=True)
class Reader:
    read: Callable[[bytes], Any]
    errors: tuple[type[Exception], ...]
    samples: tuple[bytes, ...]


def text(read: Callable[[str], Any]) -> Callable[[bytes], Any]:
    return lambda data: read(data.decode("latin-1"))


def as_text(read: Callable[[str], Any]) -> Callable[[bytes], Any]:
    return lambda data: read(data.decode("utf-8", "surrogateescape"))


def target(data: bytes) -> object:
    path, _, query = data.partition(b"?")
    return target_parse(path, query)


def headers(data: bytes) -> object:
    pairs = [line.partition(b": ")[::2] for line in data.split(b"\r\n")]
    kept = request_kept(pairs)
    return request_meta(kept, instance="VN", uuid="u", request_id="r")


def errors_said(data: bytes) -> object:
    """A refusal of a peer, and what a client would be shown of it."""
    try:
        raise from_peer("server.serverproxy.access_denied", data, TWO)
    except XRoadError as error:
        return [error_render(error, accept=accept, style="modern") for accept in (None, b"text/xml")]


READERS = {
    "envelope": Reader(sealed_decode, (EnvelopeError,), (ENVELOPE,)),
    "question": Reader(lambda data: head_parse(Question, data), (EnvelopeError,), (head_bytes(QUESTION),)),
    "reply": Reader(lambda data: head_parse(Reply, data), (EnvelopeError,), (head_bytes(REPLY),)),
    "signature": Reader(MessageSignature.parse, (EnvelopeError,), (SIGNATURE.text().encode(),)),
    "proof": Reader(text(proof_decode), (ValueError,), (proof_encode(TREE.proof(2)).encode(),)),
    "bundle": Reader(bundle_decode, (EnvelopeError,), (bundle_encode([ENVELOPE, b"x"]),)),
    "frames of a bundle": Reader(lambda data: FrameReader(4096).feed(data), (), (FRAMES,)),
    "frame asked": Reader(request_decode, (FrameError,), (FRAME,)),
    "frame answered": Reader(answer_decode, (FrameError,), (ANSWERED,)),
    "peer's refusal": Reader(errors_said, (), (b'{"sentence":{"vi":"v","en":"e"},"detail":"d"}',)),
    "SOAP asked": Reader(lambda data: request_read(b"text/xml", data), (XRoadError,), (SOAP,)),
    "SOAP answered": Reader(
        lambda data: answer_read(b"text/xml", data), (XRoadError,), (soap_texts.response(),)
    ),
    "SOAP with attachments": Reader(
        lambda data: request_read(b'multipart/related; boundary="b"', data), (XRoadError,), (MULTIPART,)
    ),
    "SOAP of any type": Reader(
        lambda data: request_read(data, MULTIPART), (XRoadError,), (b'multipart/related; boundary="b"; a=b',)
    ),
    "MIME": Reader(lambda data: parts_of(data, "b"), (XRoadError,), (MULTIPART,)),
    "media type": Reader(media_type_parse, (XRoadError,), (b'multipart/related; boundary="b\\""; x=y',)),
    "OpenAPI": Reader(
        openapi_read,
        (Invalid,),
        (OPENAPI, b'{"openapi":"3.1.0","info":{"title":"t"},"paths":{"/a":{"get":{"responses":{}}}}}'),
    ),
    "WSDL": Reader(wsdl_read, (Invalid,), (WSDL,)),
    "target": Reader(target, (XRoadError,), (f"/r1/{DATA}/echo/a%20b/c?d=e&f".encode(),)),
    "client": Reader(text(client_parse), (XRoadError,), (ASKER.encode(),)),
    "server": Reader(text(server_parse), (XRoadError,), (ONE.encode(),)),
    "represented": Reader(text(represented_parse), (XRoadError,), (b"GOV/T01",)),
    "endpoint": Reader(text(endpoint_path), (XRoadError,), (b"/persons/7/photo",)),
    "service code": Reader(as_text(service_code_of), (XRoadError,), (b"serviceCode=persons",)),
    "headers": Reader(
        headers,
        (XRoadError,),
        (
            f"X-Road-Client: {ASKER}\r\nX-Road-Id: m\r\nX-Road-Represented-Party: GOV/T01\r\nAccept: a".encode(),
        ),
    ),
    "query for evidence": Reader(
        wanted_of,
        (WrongQueryError,),
        (b"queryId=a&xRoadInstance=VN&memberClass=GOV&memberCode=T01&subsystemCode=a&unique",),
    ),
    "container": Reader(lambda data: container_check(data, trusted=TRUSTED, at=AT), (), CONTAINERS),
    "verification configuration": Reader(unpack, (SharedParamsError,), (pack(PARAMETERS),)),
    "XAdES": Reader(signature_read, (EvidenceError,), (signed({"/message.xml": HEAD}),)),
    "hash chain": Reader(hashchain.chain_read, (EvidenceError,), (TREE.chain(2),)),
    "hash chain result": Reader(hashchain.result_read, (EvidenceError,), (TREE.result(),)),
    "hash chain followed": Reader(
        lambda data: hashchain.chain_verify(
            TREE.result(), documents={"/hashchain.xml": data}, inputs={hashchain.MESSAGE: LEAF}
        ),
        (EvidenceError,),
        (TREE.chain(2),),
    ),
    "time-stamp answer": Reader(
        lambda data: timestamps.response_token(data, STAMP_ASKED),
        (EvidenceError,),
        (authority().answer(STAMP_ASKED, AT),),
    ),
    "time-stamp token": Reader(
        lambda data: timestamps.token_verify(data, b"\x00" * 32, trusted=TRUSTED),
        (EvidenceError,),
        (stamp(b"\x00" * 32, at=AT),),
    ),
}


@pytest.mark.parametrize("name", READERS)
@fuzzing
@given(data=st.data())
def test_any_bytes_are_understood_or_refused(name: str, data: st.DataObject) -> None:
    reader = READERS[name]
    with contextlib.suppress(*reader.errors):
        reader.read(data.draw(any_bytes(*reader.samples)))


@pytest.mark.parametrize("name", READERS)
def test_a_good_example_is_understood(name: str) -> None:
    """Otherwise only the first check of each reader would be tried above."""
    reader = READERS[name]
    for sample in reader.samples:
        found = reader.read(sample)
        assert not isinstance(found, Check) or found.valid


LINES = st.sampled_from(
    [
        b"GET / HTTP/1.1",
        b"POST /exchange HTTP/1.1",
        f"POST /r1/{DATA}/echo HTTP/1.1".encode(),
        f"X-Road-Client: {ASKER}".encode(),
        b"Host: x",
        b"Content-Length: 5",
        b"Content-Length: 99999999999999999999",
        b"Content-Length: -1",
        b"Transfer-Encoding: chunked",
        b"Transfer-Encoding: gzip, chunked",
        b"Connection: upgrade",
        b"Upgrade: websocket",
        b"Expect: 100-continue",
        b"5\r\nhello",
        b"ffffffffffffffff\r\nx",
        b"0\r\n",
        b"",
        b": no name",
        b"Name : x",
        b"CONNECT a:1 HTTP/1.1",
        b"OPTIONS * HTTP/1.1",
        b"PRI * HTTP/2.0",
        b"GET http://a:b@c/ HTTP/1.1",
        b"GET /\xff HTTP/1.1",
        b"GET /%ff%00?%ff HTTP/1.0",
    ]
)
JUNK = (
    st.lists(st.one_of(LINES, st.binary(max_size=60)), max_size=12)
    .map(b"\r\n".join)
    .map(lambda data: data + b"\r\n\r\n")
)


def sent(address: str, data: bytes, context: ssl.SSLContext | None) -> None:
    """Send, end, and read until the gateway ends too."""
    host, _, port = address.rpartition(":")
    with contextlib.ExitStack() as stack:
        plain = stack.enter_context(socket.create_connection((host, int(port)), timeout=20))
        connection = (
            stack.enter_context(context.wrap_socket(plain, server_hostname=host)) if context else plain
        )
        with contextlib.suppress(ConnectionError, ssl.SSLError):  # it may have closed in the middle
            connection.sendall(data)
            if context is None:
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass


@pytest.mark.parametrize(("server", "door"), [(ONE, "consumer"), (TWO, "provider")])
def test_junk_at_a_door_does_no_harm(exchange: Exchange, tmp_path: Path, server: str, door: str) -> None:
    context = tls_context(tls_write(tmp_path / "tls", ONE), server=False) if door == "provider" else None
    address = exchange.addresses[server].removeprefix("https://") if context else exchange.doors[server]
    sent(address, b"GET / HTTP/1.1\r\n\r\n", context)
    before = memory_kib(exchange, server)

    @fuzzing
    @given(data=JUNK)
    def junk(data: bytes) -> None:
        sent(address, data, context)

    junk()
    assert exchange.programs[server].poll() is None
    assert exchange.ask("POST", "echo", content=b"x").status_code == 200
    assert memory_kib(exchange, server) < before + 30 * 1024
