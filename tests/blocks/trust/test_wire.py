"""Digests, signatures and chains without Django."""

import base64
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.trust import wire

SOURCE = Path(__file__).resolve().parents[3] / "src"
KEY = wire.key_generate()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def test_wire_needs_no_django() -> None:
    code = "import sys, lienthong.blocks.trust.wire; sys.exit('django' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(SOURCE)}, check=False).returncode
        == 0
    )


def test_canonical_json_is_sorted_tight_and_keeps_vietnamese() -> None:
    value = {"tên": "Nguyễn Thị Ánh", "a": [1, {"c": None, "b": True}]}
    assert wire.canonical_json(value).decode() == '{"a":[1,{"b":true,"c":null}],"tên":"Nguyễn Thị Ánh"}'


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"x": [-float("inf")]}, "\ud800"])
def test_canonical_json_refuses_what_json_cannot_carry(value: object) -> None:
    with pytest.raises(ValueError, match=r"JSON|surrogates"):
        wire.canonical_json(value)


@given(JSON)
def test_canonical_json_survives_a_round_trip(value: object) -> None:
    once = wire.canonical_json(value)
    assert wire.canonical_json(json.loads(once)) == once


@given(st.dictionaries(st.text(), st.integers(), min_size=2))
def test_canonical_json_does_not_depend_on_the_order_of_keys(value: dict[str, int]) -> None:
    assert wire.canonical_json(dict(reversed(value.items()))) == wire.canonical_json(value)


@pytest.mark.parametrize("rsa_key", [False, True])
def test_a_signature_holds_for_its_data_and_key_only(rsa_key: bool) -> None:
    key = wire.key_load(wire.key_pem(wire.key_generate(rsa_key=rsa_key)))
    signature = wire.sign(key, b"birth")
    assert wire.verify(key.public_key(), b"birth", signature)
    assert not wire.verify(key.public_key(), b"berth", signature)
    assert not wire.verify(KEY.public_key(), b"birth", signature)


@given(st.text())
def test_any_text_given_as_signature_is_a_plain_no(text: str) -> None:
    assert not wire.verify(KEY.public_key(), b"data", text)


@given(st.binary(max_size=200), st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_one_changed_byte_of_data_breaks_the_signature(data: bytes, place: int, change: int) -> None:
    signature = wire.sign(KEY, data)
    altered = bytearray(data or b"\x00")
    altered[place % len(altered)] ^= change
    assert wire.verify(KEY.public_key(), data, signature)
    assert not wire.verify(KEY.public_key(), bytes(altered), signature)


def test_other_kinds_of_keys_are_refused() -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519

    pem = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(ValueError, match="P-256"):
        wire.key_load(pem)


# chains


def links_of(digests: list[str]) -> list[tuple[str, str]]:
    links, head = [], wire.CHAIN_START
    for digest in digests:
        head = wire.chain_link(head, digest)
        links.append((digest, head))
    return links


DIGESTS = st.lists(st.binary(max_size=9).map(wire.sha256_hex), max_size=12)


def test_the_linking_rule_is_sha256_over_both_hex_strings() -> None:
    digest = wire.sha256_hex(b"row")
    expected = hashlib.sha256((wire.CHAIN_START + digest).encode()).hexdigest()
    assert wire.chain_link(wire.CHAIN_START, digest) == expected


@given(DIGESTS)
def test_an_untouched_chain_is_whole_and_ends_at_its_head(digests: list[str]) -> None:
    links = links_of(digests)
    check = wire.chain_check(links)
    assert check.whole
    assert (check.length, check.head) == (len(links), links[-1][1] if links else wire.CHAIN_START)


@given(DIGESTS.filter(bool), st.data())
def test_an_altered_row_is_found_where_it_stands(digests: list[str], data: st.DataObject) -> None:
    links = links_of(digests)
    place = data.draw(st.integers(0, len(links) - 1))
    links[place] = (wire.sha256_hex(b"forged, longer than nine bytes"), links[place][1])
    assert wire.chain_check(links).broken_at == place


@given(DIGESTS.filter(lambda digests: len(digests) > 1), st.data())
def test_a_row_taken_out_is_found_by_the_next(digests: list[str], data: st.DataObject) -> None:
    links = links_of(digests)
    place = data.draw(st.integers(0, len(links) - 2))
    del links[place]
    assert wire.chain_check(links).broken_at == place


def test_a_chain_can_be_checked_from_the_middle() -> None:
    links = links_of([wire.sha256_hex(bytes([n])) for n in range(6)])
    assert wire.chain_check(links[3:], previous=links[2][1]).whole


# X-Road's hash step


def test_the_hash_step_gives_the_published_value_of_hc_verifier2() -> None:
    # Values copied from X-Road's test resource hc-verifier2 (MIT).
    other = base64.b64decode("dynMNVGMaMzd8A/w/XwUOVpPUfnAcH3s/8ccAJlbvyo=")
    step2 = wire.hash_step([b"\x0b", b"\x0c", b"\x0d", b"\x0e"])
    step1 = wire.hash_step([b"\x00", step2])
    result = base64.b64encode(wire.hash_step([step1, other])).decode()
    assert result == "+OUG+0ewGfNJ47GuKe6OJOMCpQo8jOXozQ0/VajHJ7U="


def test_the_hash_step_leads_from_a_message_to_the_published_value_of_hc_verifier1() -> None:
    before = base64.b64decode("dpLDrTVAu4A8Ags67mbNiIcSMjTqDG5xQ8Ct1z/0Me0=")
    above = base64.b64decode("CJdduPWzdgD0PdwsNkHdAnS6wQgw2Okr5p++u4Wt+kk=")
    step1 = wire.hash_step([before, hashlib.sha256(b"two").digest()])
    result = base64.b64encode(wire.hash_step([step1, above])).decode()
    assert result == "D7oIIfhfp4ToT729xyx991PvstI5XvpW+d7oeWvXw8E="


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=5))
def test_the_hash_step_depends_on_order_and_grouping(digests: list[bytes]) -> None:
    assert wire.hash_step([b"".join(digests)]) != wire.hash_step([*digests, b""])
    if digests != digests[::-1]:
        assert wire.hash_step(digests) != wire.hash_step(digests[::-1])
