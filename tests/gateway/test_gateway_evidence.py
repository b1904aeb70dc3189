"""What a gateway's log proves to somebody else: containers that anyone checks offline."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from lxml import etree

from lienthong.blocks.exchange.sharedparams import pack, unpack
from lienthong.config.evidence import check
from lienthong.gateway.evidence import WrongQueryError, wanted_of
from tests.blocks.trust.test_timestamps import STAMPER
from tests.gateway.conftest import Exchange, environment
from tests.gateway.control import ASKER
from tests.nation.programs import wait_until

QUERY = dict(
    zip(("xRoadInstance", "memberClass", "memberCode", "subsystemCode"), ASKER.split("/"), strict=True)
)


@pytest.fixture(scope="module")
def message_id(exchange: Exchange) -> str:
    """Of a message among others, all of them time-stamped."""
    made = f"lt-{uuid4()}"
    for name in ("before", made, "after"):
        got = exchange.ask("POST", "echo", headers={"X-Road-Id": name}, content=b'{"a":1}')
        assert got.status_code == 200
    wait_until(lambda: late(exchange) == 0, seconds=20)
    return made


def late(exchange: Exchange) -> int:
    time.sleep(0.1)
    return int(httpx.get(f"{exchange.url}/health").json()["without_time_stamp"]["messages"])


def asic(exchange: Exchange, **given: str) -> httpx.Response:
    return httpx.get(f"{exchange.url}/asic", params={**QUERY, **given})


def checked(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """`lienthong evidence check`, as anybody would run it."""
    root = Path(os.environ["LIENTHONG_KEYS"]) / "authority" / "root.pem"
    options = options or ("--trust", str(root))
    return subprocess.run(
        [sys.executable, "-m", "lienthong.config.cli", "evidence", "check", str(path), *options],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )


def test_request_and_response_come_as_containers_that_hold(
    exchange: Exchange, message_id: str, tmp_path: Path
) -> None:
    got = asic(exchange, queryId=message_id)
    assert got.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        assert archive.namelist() == [f"{message_id}-request-1.asice", f"{message_id}-response-1.asice"]
        archive.extractall(tmp_path)
    for name, member in (("request", "T01"), ("response", "T02")):
        done = checked(tmp_path / f"{message_id}-{name}-1.asice")
        assert done.returncode == 0, done.stdout
        assert done.stdout.startswith("Hợp lệ")
        assert f"VN/GOV/{member}" in done.stdout
        assert message_id in done.stdout
        assert "Dấu thời gian / Time stamp: " in done.stdout
        assert "hash steps lead to the root" in done.stdout


def test_a_container_is_checked_with_the_verification_configuration_alone(
    exchange: Exchange, message_id: str, tmp_path: Path
) -> None:
    got = httpx.get(f"{exchange.url}/verificationconf")
    assert got.headers["Content-Type"] == "application/zip"
    conf, path = tmp_path / "verificationconf.zip", tmp_path / "question.asice"
    conf.write_bytes(got.content)
    path.write_bytes(container(exchange, message_id))
    done = checked(path, "--conf", str(conf))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The signer is a member: Cơ quan T01." in done.stdout
    (known,) = unpack(got.content)
    stranger = replace(known, authorities=(STAMPER.certificate,), members={})
    conf.write_bytes(pack(stranger))
    refused = checked(path, "--conf", str(conf))
    assert refused.returncode == 1
    assert "not trusted" in refused.stdout or "time stamp" in refused.stdout
    conf.write_bytes(got.content[:100])
    broken = checked(path, "--conf", str(conf))
    assert (broken.returncode, "verification configuration" in broken.stderr) == (1, True)


def test_the_verification_configuration_names_members_systems_gateways_and_groups(exchange: Exchange) -> None:
    with zipfile.ZipFile(io.BytesIO(httpx.get(f"{exchange.url}/verificationconf").content)) as archive:
        assert archive.read("verificationconf/instance-identifier") == b"VN"
        conf = etree.fromstring(archive.read("verificationconf/VN/shared-params.xml"))
    codes = {one.findtext("memberCode"): one for one in conf.iterfind("member")}
    assert {"T01", "T02"} <= set(codes)
    assert "app" in [one.text for one in codes["T01"].iterfind("subsystem/subsystemCode")]
    assert {one.findtext("serverCode") for one in conf.iterfind("securityServer")} == {"gw1", "gw2"}
    assert {one.findtext("groupCode") for one in conf.iterfind("globalGroup")} >= {"photographers", "second"}
    assert len(conf.findall("approvedCA/intermediateCA")) == 1


@pytest.mark.needs("openssl")
def test_openssl_calls_the_time_stamp_valid(exchange: Exchange, message_id: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(container(exchange, message_id))) as archive:
        archive.extractall(tmp_path)
    keys = Path(os.environ["LIENTHONG_KEYS"]) / "authority"
    command = ["openssl", "ts", "-verify", "-token_in", "-in", str(tmp_path / "META-INF" / "timestamp.tst")]
    command += ["-data", str(tmp_path / "ts-hashchainresult.xml")]
    command += ["-CAfile", str(keys / "root.pem"), "-untrusted", str(keys / "issuing.pem")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Verification: OK" in done.stdout + done.stderr, done.stdout + done.stderr


@pytest.mark.needs("xmlsec1")
def test_xmlsec1_calls_the_signature_valid(exchange: Exchange, message_id: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(container(exchange, message_id))) as archive:
        archive.extractall(tmp_path)
    keys = Path(os.environ["LIENTHONG_KEYS"]) / "authority"
    command = [
        "xmlsec1",
        "--verify",
        "--trusted-pem",
        str(keys / "root.pem"),
        "--untrusted-pem",
        str(keys / "issuing.pem"),
    ]
    command += ["--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"]
    command += [
        "--url-map:/message.xml",
        str(tmp_path / "message.xml"),
        str(tmp_path / "META-INF" / "signatures.xml"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "OK" in done.stdout + done.stderr, done.stdout + done.stderr


def container(exchange: Exchange, message_id: str) -> bytes:
    got = asic(exchange, queryId=message_id, requestOnly="", unique="")
    assert got.headers["Content-Type"] == "application/vnd.etsi.asic-e+zip"
    return got.content


def test_a_container_with_any_byte_changed_is_refused_and_the_part_is_named(
    exchange: Exchange, message_id: str, tmp_path: Path
) -> None:
    whole = container(exchange, message_id)
    root = Path(os.environ["LIENTHONG_KEYS"]) / "authority" / "root.pem"
    assert check(whole, root).valid
    for place in (*range(0, len(whole), 17), len(whole) - 1):
        changed = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        found = check(changed, root)
        assert not found.valid, place
        assert found.problem is not None
    path = tmp_path / "changed.asice"
    place = whole.index(b'"client"')
    path.write_bytes(whole[: place + 2] + b"X" + whole[place + 3 :])
    done = checked(path)
    assert done.returncode == 1
    assert "asic" in done.stdout.lower()


def test_what_is_not_in_the_log_or_not_asked_rightly_is_told_in_plain_text(
    exchange: Exchange, message_id: str
) -> None:
    assert asic(exchange, queryId="nothing").status_code == 404
    other = httpx.get(f"{exchange.url}/asic", params={**QUERY, "queryId": message_id, "memberCode": "T02"})
    assert other.status_code == 404
    got = httpx.get(f"{exchange.url}/asic", params={"queryId": message_id})
    assert (got.status_code, got.text.startswith("missing: ")) == (400, True)


def test_a_query_is_understood_or_refused() -> None:
    parts = "xRoadInstance=VN&memberClass=GOV&memberCode=T01&subsystemCode=app"
    wanted = wanted_of(f"queryId=a%2Fb&{parts}&responseOnly".encode())
    assert (wanted.query_id, wanted.client, wanted.sides) == ("a/b", ASKER, ("response",))
    with pytest.raises(WrongQueryError, match="exclude"):
        wanted_of(f"queryId=a&{parts}&requestOnly&responseOnly".encode())
