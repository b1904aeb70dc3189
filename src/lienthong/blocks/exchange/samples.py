"""Example calls of a service in curl, Python and Java, with everything filled in that is known. Pure.

Each uses nothing but what comes with its language, so that it runs as it is copied. At a gateway with https it shows
the caller's certificate, from the files in TLS_FILES beside it.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Template
from typing import Any, Final, cast
from urllib.parse import quote

from lienthong.blocks.exchange.descriptions import is_json
from lienthong.ground import yamls

DEPTH_MAX: Final = 8
SOAP: Final = "SOAP"
TLS_FILES: Final = ("certificate.pem", "key.pem", "trust.pem")
"""The caller's certificate and private key, and whose certificates it trusts; as the sandbox hands them out."""
_VALUES: Final[dict[str, object]] = {"integer": 1, "number": 1.0, "boolean": True, "null": None}
_FORMATS: Final = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T08:00:00+07:00",
    "uuid": "01a20621-ad00-7000-b7cb-7aa17405211e",
}


@dataclass(frozen=True, slots=True)
class Call:
    """gateway: the consumer's door; path: behind the gateway's address; body: JSON or XML, None where it has none."""

    gateway: str
    client: str
    method: str
    path: str
    body: str | None = None
    purpose: str = ""
    media: str = "application/json"
    more: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def url(self) -> str:
        return f"{self.gateway.rstrip('/')}{self.path}"

    @property
    def secured(self) -> bool:
        return is_secured(self.gateway)

    @property
    def headers(self) -> dict[str, str]:
        found = {"X-Road-Client": encoded(self.client)} if self.media == "application/json" else {}
        if self.purpose:
            found["Lienthong-Purpose"] = self.purpose
        if self.body is not None:
            found["Content-Type"] = self.media
        return {**found, **self.more}


def is_secured(gateway: str) -> bool:
    """Whether calls to this address show a certificate."""
    return gateway.startswith("https://")


def encoded(identifier: str) -> str:
    """Each part of an identifier percent-encoded by itself, as X-Road wants it."""
    return "/".join(quote(part, safe="") for part in identifier.split("/"))


def rest_call(
    *,
    gateway: str,
    client: str,
    provider: str,
    code: str,
    endpoints: tuple[tuple[str, str], ...],
    document: bytes | None,
    purpose: str = "",
) -> Call:
    """The simplest endpoint: one that reads before one that writes, the shortest before a longer."""
    order = {"GET": 0, "*": 0, "POST": 1, "PUT": 2, "PATCH": 2, "DELETE": 3}
    method, pattern = min(endpoints, key=lambda pair: (order.get(pair[0], 4), pair[1].count("*"), pair[1]))
    method = "GET" if method == "*" else method
    tree = _tree(document)
    path, operation = _operation(tree, method, pattern)
    body = None
    if method in {"POST", "PUT", "PATCH"}:
        body = json.dumps(_body(tree, operation), ensure_ascii=False)
    place = f"/r1/{encoded(provider)}/{encoded(code)}{path}"
    return Call(gateway, client, method, place + _query(tree, operation), body, purpose)


def soap_call(
    *, gateway: str, client: str, provider: str, code: str, version: str, purpose: str = ""
) -> Call:
    """An envelope whose body names the operation; what it asks stands in the WSDL."""
    names = ("xRoadInstance", "memberClass", "memberCode", "subsystemCode")
    said = {
        "client": _parts(names, client),
        "service": _parts(names, provider)
        + f"<id:serviceCode>{code}</id:serviceCode>"
        + (f"<id:serviceVersion>{version}</id:serviceVersion>" if version else ""),
        "code": code,
    }
    return Call(gateway, client, "POST", "/", _ENVELOPE.substitute(said), purpose, "text/xml; charset=utf-8")


def curl(call: Call) -> str:
    lines = ["curl"] + ([] if call.method == "GET" else [f"-X {call.method}"])
    if call.secured:
        lines.append("--cert {} --key {} --cacert {}".format(*TLS_FILES))
    lines += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in call.headers.items()]
    if call.body is not None:
        lines.append(f"--data-binary {shlex.quote(call.body)}")
    return " \\\n  ".join([*lines, shlex.quote(call.url)])


def python(call: Call) -> str:
    body = "None" if call.body is None else f"{call.body!r}.encode()"
    headers = "".join(f"    {name!r}: {value!r},\n" for name, value in call.headers.items())
    return _PYTHON.substitute(
        url=repr(call.url),
        method=repr(call.method),
        headers=headers,
        body=body,
        ssl="import ssl\n" if call.secured else "",
        tls=_PYTHON_TLS if call.secured else "",
        context=", context=tls" if call.secured else "",
    )


def java(call: Call) -> str:
    """One file, `Call.java`, run by `java Call.java` (11 or newer)."""
    headers = "".join(
        f"\n            .header({json.dumps(name)},\n                {json.dumps(value)})"
        for name, value in call.headers.items()
    )
    publisher = "noBody()" if call.body is None else f"ofString({json.dumps(call.body)})"
    return _JAVA.substitute(
        url=json.dumps(call.url),
        method=json.dumps(call.method),
        headers=headers,
        publisher=publisher,
        imports=_JAVA_IMPORTS if call.secured else "",
        context="\n            .sslContext(tls())" if call.secured else "",
        tls=_JAVA_TLS if call.secured else "",
    )


def _parts(names: tuple[str, ...], identifier: str) -> str:
    return "".join(
        f"<id:{name}>{value}</id:{name}>" for name, value in zip(names, identifier.split("/"), strict=True)
    )


_ENVELOPE: Final = Template(
    """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"
    xmlns:xrd="http://x-road.eu/xsd/xroad.xsd" xmlns:id="http://x-road.eu/xsd/identifiers">
  <s:Header>
    <xrd:client id:objectType="SUBSYSTEM">$client</xrd:client>
    <xrd:service id:objectType="SERVICE">$service</xrd:service>
    <xrd:id>4894e35d-bf0f-44a6-867a-8e51f1daa7e0</xrd:id>
    <xrd:userId>VN001099000001</xrd:userId>
    <xrd:protocolVersion>4.0</xrd:protocolVersion>
  </s:Header>
  <s:Body><$code/></s:Body>
</s:Envelope>"""
)
_PYTHON: Final = Template(
    """${ssl}import urllib.request

url = $url
request = urllib.request.Request(url, method=$method, data=$body)
headers = {
$headers}
for name, value in headers.items():
    request.add_header(name, value)
${tls}with urllib.request.urlopen(request, timeout=60$context) as answer:
    print(answer.status, answer.headers["X-Road-Id"])
    print(answer.read().decode())
"""
)
_PYTHON_TLS: Final = """tls = ssl.create_default_context(cafile="trust.pem")
tls.load_cert_chain("certificate.pem", "key.pem")
"""
_JAVA: Final = Template(
    """import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
$imports
public class Call {
    public static void main(String[] args) throws Exception {
        String url = $url;
        var request = HttpRequest.newBuilder(URI.create(url))$headers
            .method($method,
                HttpRequest.BodyPublishers.$publisher)
            .build();
        var client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)$context
            .build();
        var answer = client.send(
            request, HttpResponse.BodyHandlers.ofString());
        System.out.println(answer.statusCode());
        System.out.println(answer.body());
    }
$tls}
"""
)
_JAVA_IMPORTS: Final = """import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
"""
_JAVA_TLS: Final = """
    static SSLContext tls() throws Exception {
        var read = CertificateFactory.getInstance("X.509");
        var own = read.generateCertificate(
            Files.newInputStream(Path.of("certificate.pem")));
        var text = Files.readString(Path.of("key.pem"))
            .replaceAll("-----[^-]+-----|\\\\s", "");
        var key = KeyFactory
            .getInstance(own.getPublicKey().getAlgorithm())
            .generatePrivate(new PKCS8EncodedKeySpec(
                Base64.getDecoder().decode(text)));
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("own", key, new char[0],
            new Certificate[] {own});
        for (var one : read.generateCertificates(
                Files.newInputStream(Path.of("trust.pem"))))
            store.setCertificateEntry("trusted" + store.size(), one);
        var keys = KeyManagerFactory.getInstance(
            KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        var trust = TrustManagerFactory.getInstance(
            TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(),
            trust.getTrustManagers(), null);
        return context;
    }
"""


def _tree(document: bytes | None) -> dict[str, Any]:
    """The description, which its reader has checked when it was published."""
    if document is None:
        return {}
    tree = json.loads(document) if is_json(document) else yamls.load(document.decode())
    return cast("dict[str, Any]", tree) if isinstance(tree, dict) else {}


def _operation(tree: dict[str, Any], method: str, pattern: str) -> tuple[str, dict[str, Any]]:
    """The path with values for its parameters, and the operation as the description has it."""
    paths = tree.get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        one = _resolved(tree, item)
        operation = one.get(method.lower())
        if isinstance(operation, dict) and _glob_of(str(path)) == pattern:
            both = [*one.get("parameters", ()), *operation.get("parameters", ())]
            return _filled(tree, str(path), both), {**operation, "parameters": both}
    return pattern.replace("**", "1").replace("*", "1").replace("\\", ""), {}


def _glob_of(path: str) -> str:
    """`/persons/{id}` as `/persons/*`, as the reader of descriptions writes it."""
    out, depth = "", 0
    for sign in path:
        if sign == "{":
            out += "" if out.endswith("*") else "*"
            depth += 1
        elif sign == "}":
            depth -= 1
        elif not depth:
            out += sign
    return out


def _filled(tree: dict[str, Any], path: str, parameters: list[Any]) -> str:
    for given in parameters:
        one = _resolved(tree, given)
        if one.get("in") == "path":
            path = path.replace(f"{{{one.get('name')}}}", quote(str(_parameter(tree, one)), safe=""))
    while "{" in path:  # a parameter that the description does not describe
        begin, end = path.index("{"), path.index("}", path.index("{"))
        path = f"{path[:begin]}1{path[end + 1 :]}"
    return path


def _query(tree: dict[str, Any], operation: dict[str, Any]) -> str:
    wanted = [_resolved(tree, one) for one in operation.get("parameters", ())]
    pairs = [
        f"{quote(str(one['name']), safe='')}={quote(str(_parameter(tree, one)), safe='')}"
        for one in wanted
        if one.get("in") == "query" and one.get("required")
    ]
    return "?" + "&".join(pairs) if pairs else ""


def _parameter(tree: dict[str, Any], one: dict[str, Any]) -> object:
    return one["example"] if "example" in one else _sample(tree, one.get("schema", {"type": "integer"}), 0)


def _body(tree: dict[str, Any], operation: dict[str, Any]) -> object:
    content = _resolved(tree, operation.get("requestBody", {})).get("content", {})
    media = content.get("application/json", {}) if isinstance(content, dict) else {}
    return (
        media["example"] if "example" in media else _sample(tree, media.get("schema", {"type": "object"}), 0)
    )


def _resolved(tree: dict[str, Any], given: object) -> dict[str, Any]:
    """What a reference within the document leads to; nothing where it leads nowhere."""
    for _ in range(DEPTH_MAX):
        if not isinstance(given, dict) or not isinstance(given.get("$ref"), str):
            break
        found: Any = tree
        for part in given["$ref"].removeprefix("#/").split("/"):
            found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
        given = found
    return cast("dict[str, Any]", given) if isinstance(given, dict) else {}


def _sample(tree: dict[str, Any], schema: object, depth: int) -> object:
    """A value that the schema's author gives, or one of its kind; of an object, what is required."""
    one = _resolved(tree, schema)
    for key in ("example", "const", "default"):
        if key in one:
            return one[key]
    for key in ("examples", "enum"):
        if isinstance(one.get(key), list) and one[key]:
            return one[key][0]
    for key in ("allOf", "anyOf", "oneOf"):
        if isinstance(one.get(key), list) and one[key] and depth < DEPTH_MAX:
            return _sample(tree, one[key][0], depth + 1)
    kind = one.get("type", "object" if "properties" in one else "string")
    return _of_kind(tree, one, kind[0] if isinstance(kind, list) else kind, depth)


def _of_kind(tree: dict[str, Any], one: dict[str, Any], kind: str, depth: int) -> object:
    if kind == "object":
        fields = one.get("properties", {})
        wanted = [name for name in one.get("required", ()) if name in fields] if depth < DEPTH_MAX else []
        if not wanted and one.get("minProperties"):  # names that the schema leaves to the caller
            return {"x": _sample(tree, one.get("additionalProperties", {}), depth + 1)}
        return {name: _sample(tree, fields[name], depth + 1) for name in wanted}
    if kind == "array":
        return [_sample(tree, one.get("items", {}), depth + 1)] if depth < DEPTH_MAX else []
    if kind == "string":
        shortest = max(1, min(int(one.get("minLength", 1)), 100))
        return _FORMATS.get(one.get("format", ""), "x" * shortest)
    value = _VALUES.get(kind, "x")
    low = one.get("minimum")
    return low if isinstance(low, int | float) and isinstance(value, int | float) and low > value else value
