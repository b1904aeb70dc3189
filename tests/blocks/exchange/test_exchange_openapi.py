"""Uploaded OpenAPI documents: what is read, how each mistake is told. Nothing that a stranger sends breaks it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.exchange.descriptions import METHODS, SIZE_MAX, code_check, endpoint_check
from lienthong.blocks.exchange.globs import glob_match
from lienthong.blocks.exchange.openapi import DEPTH_MAX, OpenApi, openapi_read
from lienthong.blocks.exchange.wire import RESERVED_CODES
from lienthong.ground.errors import Invalid

OK: dict[str, Any] = {"responses": {"200": {"description": "ok"}}}


def document(**more: Any) -> dict[str, Any]:
    paths = {"/persons/{id}": {"get": OK, "parameters": []}, "/persons": {"post": OK, "get": OK}}
    return {"openapi": "3.1.0", "info": {"title": "Dân cư", "version": "1"}, "paths": paths, **more}


def read(tree: Any) -> OpenApi:
    return openapi_read(json.dumps(tree).encode())


def refused(content: bytes) -> Invalid:
    with pytest.raises(Invalid) as caught:
        openapi_read(content)
    problem = caught.value
    for text in (problem.what, problem.why, problem.next_step):
        assert text.vi
        assert text.en
    return problem


@pytest.mark.parametrize("version", ["3.0.0", "3.0.3", "3.1.0", "3.1.1", "3.1"])
def test_json_and_yaml_say_the_same(version: str) -> None:
    tree = document(openapi=version, servers=[{"url": "/v2/"}])
    ours = read(tree)
    assert ours.title == "Dân cư"
    assert ours.path == "/v2"
    assert ours.endpoints == (("GET", "/persons/*"), ("GET", "/persons"), ("POST", "/persons"))
    from_yaml = openapi_read(yaml.safe_dump(tree, allow_unicode=True, sort_keys=False).encode())
    assert (from_yaml.title, from_yaml.path, from_yaml.endpoints) == (ours.title, ours.path, ours.endpoints)


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("/", "/"),
        ("/a/{b}/c", "/a/*/c"),
        ("/a/{b}.{c}", "/a/*.*"),
        ("/a/{b}{c}", "/a/*"),  # never `**`, which would be anything
        ("/a/*/b", r"/a/\*/b"),
        ("/a%20b/{c}", "/a b/*"),
        ("/%7Bx%7D/{c}", None),
        ("a/{b}", None),
        ("/a/{b", None),
        ("/a?x=1", None),
        ("/a b", None),
        ("/" + "a" * 300, None),
    ],
)
def test_a_path_becomes_the_pattern_of_a_right(path: str, pattern: str | None) -> None:
    tree = document(paths={path: {"get": OK}})
    if pattern is None:
        assert path[:60] in refused(json.dumps(tree).encode()).why.en
    else:
        assert read(tree).endpoints == (("GET", pattern),)


@pytest.mark.parametrize(
    ("servers", "path", "urls"),
    [
        (None, "", None),
        ([], "", []),
        ([{"url": "https://10.0.0.7:8443/api/v1/"}, {"url": "http://dev"}], "/api/v1", ["/api/v1/", "/"]),
        ([{"url": "//host/x"}], "/x", ["/x"]),
        ([{"url": "v1"}], "/v1", ["v1"]),
        ([{"url": "./v1"}], "/v1", ["./v1"]),
        (
            [{"url": "https://{h}/{v}", "variables": {"h": {"default": "a"}, "v": {"default": "v3"}}}],
            "/v3",
            ["https://{h}/{v}"],
        ),
    ],
)
def test_the_first_server_says_where_it_begins_and_no_address_leaves(
    servers: Any, path: str, urls: list[str] | None
) -> None:
    tree = document() if servers is None else document(servers=servers)
    for content in (json.dumps(tree).encode(), yaml.safe_dump(tree).encode()):
        found = openapi_read(content)
        assert found.path == path
        given = yaml.safe_load(found.content).get("servers")
        assert (None if given is None else [one["url"] for one in given]) == urls


def test_a_document_that_names_no_address_stays_byte_for_byte() -> None:
    content = b"# kept\n" + yaml.safe_dump(document(servers=[{"url": "/x"}])).encode()
    assert openapi_read(content).content == content


def test_addresses_of_single_paths_and_operations_do_not_leave_either() -> None:
    inner = {"servers": [{"url": "http://10.0.0.9/secret"}]}
    tree = document(paths={"/a": {"get": {**OK, **inner}, **inner}})
    assert b"10.0.0.9" not in read(tree).content


@pytest.mark.parametrize(
    ("tree", "where", "said"),
    [
        ({"swagger": "2.0", "info": {}, "paths": {}}, "openapi", "Swagger 2.0"),
        (document(openapi="3.2.0"), "openapi", "3.0 or 3.1"),
        (document(openapi="2.0"), "openapi", "3.0 or 3.1"),
        (document(info={"version": "1"}), "info.title", "missing"),
        (document(info=None), "info", "no object"),
        (document(paths={}), "paths", "no operation"),
        (document(paths=[]), "paths", "no object"),
        (document(paths={"/a": None}), "paths./a", "no object"),
        (document(paths={"/a": {"get": "x"}}), "paths./a.get", "no object"),
        (document(paths={"/a/{x}": {"get": OK}, "/a/{y}": {"get": OK}}), "paths./a/{y}", "same as /a/{x}"),
        (document(paths={"/a": {"$ref": "https://elsewhere/x"}}), "paths./a", "out of the file"),
        (document(paths={"/a": {"$ref": "#/nowhere/x"}}), "#/nowhere/x", "no object"),
        (document(servers={}), "paths", None),
        (document(servers="x"), "servers", "no list"),
        (document(servers=[{}]), "servers[0].url", "missing"),
        (document(servers=[{"url": "http://[x"}]), "servers[0].url", "no address"),
        (document(servers=[{"url": "/a/../b"}]), "servers[0].url", "no path"),
        (document(servers=[{"url": "/{v}"}]), "servers[0].variables.v", "no object"),
        (document(servers=[{"url": "/{v}", "variables": {"v": {}}}]), "variables.v", "default is missing"),
        ([], "1:1", "no OpenAPI object"),
    ],
)
def test_each_mistake_is_told_with_its_place(tree: Any, where: str, said: str | None) -> None:
    if said is None:  # an empty mapping is no server
        assert read(tree).path == ""
        return
    problem = refused(json.dumps(tree).encode())
    assert (where in problem.why.en, said in problem.why.en) == (True, True), problem.why.en


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds nothing"),
        (b" \n", "holds nothing"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b'{"openapi": "3.1.0",}', "1:"),
        (b'{"openapi": "3.1.0", "openapi": "3.1.0"}', "stands there twice"),
        (b"openapi: 3.1.0\nopenapi: 3.1.0\n", "2:1: «openapi» stands there twice"),
        (b"a: [1\nb: }", "no YAML"),
        (b"--- 1\n--- 2\n", "no YAML"),
        (b"a: &x {b: 1}\nc: {<<: *x}\n", "merge"),
        (b"? [a]\n: b\n", "must be text"),
        (b"x: !!python/object/apply:os.system [id]\n", "no YAML"),
        (b"{" * 5000, ""),
        (b"[" * 5000, ""),
        (b'{"a":' + b"[" * 200_000, ""),
        (b"a: " + b"[" * 500 + b"]" * 500, "levels"),
        (b"[" * 1_000_000, "levels"),
        (b"a: {" * 1_000_000, "levels"),
        (b"- " * 1_000_000, "levels"),
        (b"? " * 1_000_000, "levels"),
        (b"a: [" + b"1," * 1_000_000 + b"]", "parts"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "too long"),
        (b"x" * (SIZE_MAX + 1), "bytes"),
    ],
)
def test_what_is_no_document_is_refused_with_a_reason(content: bytes, said: str) -> None:
    assert said in refused(content).why.en


def test_a_file_of_aliases_does_not_grow() -> None:
    """Ten levels of ten references each would be 10^10 values if they were written out."""
    lines = ["l0: &l0 [x]"] + [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 11)]
    tree = yaml.safe_dump(document(servers=[{"url": "http://host/a"}]))
    found = openapi_read(("\n".join(lines) + "\n" + tree).encode())
    assert found.path == "/a"
    assert len(found.content) < 10_000


def test_path_items_may_stand_elsewhere_in_the_file() -> None:
    tree = document(
        paths={"/a": {"$ref": "#/components/pathItems/A~1x"}},
        components={"pathItems": {"A/x": {"put": OK}}},
    )
    assert read(tree).endpoints == (("PUT", "/a"),)


@pytest.mark.parametrize("code", [*sorted(RESERVED_CODES), "", "a/b", "a b", "é", "a" * 200])
def test_reserved_and_impossible_codes_are_refused(code: str) -> None:
    with pytest.raises(Invalid):
        code_check(code)


@pytest.mark.parametrize(
    ("method", "path"),
    [("FETCH", "/a"), ("GET", "a"), ("GET", "/a?x"), ("GET", "/a b"), ("", "/a"), ("GET", "*")],
)
def test_an_endpoint_that_could_never_match_is_refused(method: str, path: str) -> None:
    with pytest.raises(Invalid):
        endpoint_check(method, path)


def test_methods_are_written_in_capitals() -> None:
    assert endpoint_check("get", "/a/**") == ("GET", "/a/**")


SEGMENT = st.text("abc*\\.-", min_size=1, max_size=4)


@given(
    st.lists(st.one_of(SEGMENT, SEGMENT.map(lambda name: f"{{{name.strip('*')}}}")), min_size=1, max_size=5)
)
def test_a_pattern_covers_the_path_that_it_was_made_of(segments: list[str]) -> None:
    found = read(document(paths={"/" + "/".join(segments): {"get": OK}}))
    [(_, pattern)] = found.endpoints
    filled = "/" + "/".join("7" if part.startswith("{") else part for part in segments)
    assert glob_match(pattern, filled)
    assert not glob_match(pattern, filled + "/more")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["openapi", "info", "paths", "servers", "title", "url", "variables", "get", "$ref", "/a/{x}"]
)
TREES = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(NAMES, TREES, max_size=5))
def test_no_tree_breaks_the_reader(tree: dict[str, Any]) -> None:
    for given_tree in (tree, {**document(), **tree}):
        try:
            found = read(given_tree)
        except Invalid:
            continue
        assert all(method in METHODS and path.startswith("/") for method, path in found.endpoints)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    with pytest.raises(Invalid):
        openapi_read(content)


@given(st.text("{}[]:-&*!<>|%@` \n\tab1'\"#?,.", max_size=80))
def test_no_text_breaks_the_reader(text: str) -> None:
    with pytest.raises(Invalid):
        openapi_read(text.encode())


def test_depth_has_a_limit() -> None:
    deep: Any = "x"
    for _ in range(DEPTH_MAX):
        deep = {"a": deep}
    for written in (json.dumps, yaml.safe_dump):
        assert "missing" in refused(written(deep).encode()).why.en
        assert "levels" in refused(written({"a": deep}).encode()).why.en
