"""Facts §1.8: what an access right's path glob covers, and paths that could be read as another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.exchange.globs import glob_match
from lienthong.gateway.xroad.errors import XRoadError
from lienthong.gateway.xroad.identifiers import endpoint_path


@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        ("/pets/*", "/pets/1", True),
        ("/pets/*", "/pets/", True),
        ("/pets/*", "/pets/1/photo", False),
        ("/pets/*/photo", "/pets/1/photo", True),
        ("/*/", "/a/", True),
        ("/*/", "/a/b/", False),
        ("/a*c", "/abbc", True),
        ("/a*c", "/ab/c", False),
    ],
)
def test_one_star_stays_within_one_segment(pattern: str, path: str, covered: bool) -> None:
    assert glob_match(pattern, path) is covered


@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        ("**", "", True),
        ("**", "/a/b/c", True),
        ("***", "match/anything/*", True),
        ("/a/**", "/a/", True),
        ("/a/**", "/a", False),
        ("**/bar/**", "a/b/c/bar/e/f", True),
        ("**/bar/**", "a/b/c/foo/e/f", False),
        ("**/*/**", "/bar/", True),
        ("**/*/**", "something/else", False),
    ],
)
def test_two_stars_are_anything(pattern: str, path: str, covered: bool) -> None:
    assert glob_match(pattern, path) is covered


@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        (r"\*", "*", True),
        (r"\*", r"\*", False),
        (r"\*", "a", False),
        (r"\\", "\\", True),
        (r"**\*", "/what/ever*", True),
        (r"**\*", "/what/ever!", False),
        (r"\A", r"\A", True),
        ("aa\\", "aa\\", True),
    ],
)
def test_a_backslash_makes_a_star_or_itself_plain(pattern: str, path: str, covered: bool) -> None:
    assert glob_match(pattern, path) is covered


@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        ("simple", "simple", True),
        ("simple", "prefix.simple.suffix", False),
        ("", "", True),
        ("", " ", False),
        (".^$+{[]|()", ".^$+{[]|()", True),
        ("a.c", "abc", False),
        ("/A", "/a", False),
    ],
)
def test_the_whole_path_must_match_and_nothing_else_is_special(
    pattern: str, path: str, covered: bool
) -> None:
    assert glob_match(pattern, path) is covered


def test_a_pattern_that_would_explode_in_a_backtracking_matcher_is_answered() -> None:
    assert not glob_match("/" + "*a" * 200 + "b", "/" + "a" * 5000)
    assert not glob_match("**a" * 200 + "b", "/a" * 2500)


def reference(pattern: str, path: str) -> bool:
    """The rule read aloud, trying every way."""
    if pattern == "":
        return path == ""
    if pattern.startswith("**"):
        return any(reference(pattern[2:], path[n:]) for n in range(len(path) + 1))
    if pattern.startswith("*"):
        segment = len(path.split("/", 1)[0])
        return any(reference(pattern[1:], path[n:]) for n in range(segment + 1))
    if pattern[:2] in {r"\*", "\\\\"}:
        return path[:1] == pattern[1] and reference(pattern[2:], path[1:])
    return path[:1] == pattern[0] and reference(pattern[1:], path[1:])


@given(st.text("ab/*\\", max_size=7), st.text("ab/*\\", max_size=7))
def test_a_glob_agrees_with_the_rule_read_aloud(pattern: str, path: str) -> None:
    assert glob_match(pattern, path) == reference(pattern, path)


@given(st.text(max_size=12))
def test_an_escaped_path_covers_itself_only(path: str) -> None:
    pattern = path.replace("\\", "\\\\").replace("*", r"\*")
    assert glob_match(pattern, path)
    assert not glob_match(pattern, path + "x")


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("", "/"),
        ("/", "/"),
        ("/v1/persons/", "/v1/persons/"),
        ("/%70ets", "/pets"),
        ("/%E1%BA%BF", "/ế"),
        ("/a..b/.well-known/c...", "/a..b/.well-known/c..."),
        ("/100%25", "/100%"),
        ("/a;v=1/b", "/a;v=1/b"),
        ("/%2A", "/*"),
    ],
)
def test_a_path_is_decoded_once_before_it_is_matched(raw: str, path: str) -> None:
    assert endpoint_path(raw) == path


@pytest.mark.parametrize("raw", ["/a/../b", "/..", "/../", "/a/./b", "/.", "/a/..;x/b", "/..%3bx/b"])
def test_dot_segments_are_refused(raw: str) -> None:
    refused(raw)


@pytest.mark.parametrize(
    "raw", ["/%2e%2e/b", "/%2E./b", "/a%2fb", "/a%2Fb", "/a%5cb", "/a%5C..%5Cb", "/a\\b", "/v1%2e0"]
)
def test_encoded_dots_slashes_and_backslashes_are_refused(raw: str) -> None:
    refused(raw)


@pytest.mark.parametrize("raw", ["/%252e%252e/b", "/a%252fb", "/%25%32%65", "/%255c", "/%2541"])
def test_what_is_encoded_twice_is_refused(raw: str) -> None:
    refused(raw)


@pytest.mark.parametrize("raw", ["/a%00b", "/a\x00b", "/a%0d%0ab", "/a\nb", "/a%7f", "/a b", '/a"b'])
def test_nul_and_control_characters_are_refused(raw: str) -> None:
    refused(raw)


@pytest.mark.parametrize("raw", ["/%c0%ae%c0%ae/b", "/%ff", "/%e1%ba", "/%", "/%2", "/%zz", "/%u002e", "/ế"])
def test_what_is_no_percent_encoded_utf_8_is_refused(raw: str) -> None:
    refused(raw)


@pytest.mark.parametrize("raw", ["//", "//secret", "/a//b", "a", "a/b"])
def test_empty_segments_and_relative_paths_are_refused(raw: str) -> None:
    refused(raw)


def refused(raw: str) -> None:
    with pytest.raises(XRoadError, match="could be read as another"):
        endpoint_path(raw)


@given(st.text(st.characters(), max_size=30) | st.text("/.%25ef;\\a", max_size=12).map("/".__add__))
def test_any_path_is_normal_or_an_x_road_error(raw: str) -> None:
    try:
        path = endpoint_path(raw)
    except XRoadError:
        return
    assert path.startswith("/")
    assert ".." not in path.split("/")
    assert "\\" not in path
    assert "//" not in path
