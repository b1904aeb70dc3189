"""A gateway's settings: every mistake is named."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from lienthong.gateway.config import TLS_FILES, ConfigError, GatewayConfig, config_of, config_read, host_port
from tests.conftest import ROOT

GOOD = {
    "server": "VN/GOV/G22/gw1",
    "control": "postgresql:///control",
    "database": "postgresql:///log",
    "authority": "keys/authority",
    "consumer": "127.0.0.1:8080",
    "provider": "127.0.0.1:5500",
    "system_url": "http://127.0.0.1:8000",
    "copy": "configuration.json",
}


def test_what_is_not_set_suits() -> None:
    made = config_of(dict(GOOD))
    assert (made.body_max, made.error_style, made.systems) == (10 << 20, "modern", {})
    assert made.authority == Path("keys/authority")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"servr": "x"}, "unknown settings: servr"),
        ({"server": 5}, "server: str belongs here"),
        ({"body_mib": "ten"}, "body_mib: int belongs here"),
        ({"body_mib": True}, "body_mib: int belongs here"),
        ({"body_mib": 0}, "a number from 1 on"),
        ({"stream_mib": 9}, "stream_mib: body_mib at least"),
        ({"streams": 33}, "streams: a number from 1 to 32"),
        ({"consumer": "8080a"}, "consumer: address:port"),
        ({"provider": "gateway.example:5500"}, "provider: address:port"),
        ({"provider": "0.0.0.0:5500"}, "tls: needed"),
        ({"consumer": "0.0.0.0:8080"}, "consumer: 0.0.0.0:8080 is reached by other machines"),
        ({"consumer_tls": "/no/such/folder"}, "consumer_tls: certificate.pem, key.pem missing"),
        ({"tls": "/no/such/folder"}, "tls: certificate.pem, key.pem, trust.pem missing"),
        ({"error_style": "old"}, "modern or classic"),
        ({"memory_mib": 19}, "memory_mib: twice body_mib"),
        ({"head_timeout_s": 0}, "a number above 0"),
        ({"idle_timeout_s": -1}, "a number above 0"),
        ({"stamp_grace_s": -1}, "stamp_grace_s: a number from 0 on"),
        ({"record_days": -1}, "record_days: a number from 0 on"),
        ({"record_days": 30, "archive": "/archive"}, "record_days: only without archive"),
        ({"health_period_s": 0}, "health_period_s: a number from 1 to 86400"),
        ({"health_period_s": 86_401}, "health_period_s: a number from 1 to 86400"),
        ({"monitoring_client": "VN/GOV"}, "monitoring_client: instance/class/member"),
        ({"systems": "x"}, "systems: dict"),
    ],
)
def test_a_mistake_is_told_with_its_setting(change: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        config_of(GOOD | change)


def test_a_missing_setting_is_named() -> None:
    given = dict(GOOD)
    del given["control"]
    with pytest.raises(ConfigError, match="control"):
        config_of(given)


def test_a_file_that_is_absent_or_no_toml_is_told(tmp_path: Path) -> None:
    path = tmp_path / "gateway.toml"
    with pytest.raises(ConfigError, match="No such file"):
        config_read(path)
    path.write_text("server = ")
    with pytest.raises(ConfigError, match=r"gateway\.toml"):
        config_read(path)


def test_the_example_in_the_reference_is_one(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "reference" / "exchange.md").read_text(encoding="utf-8")
    [example] = re.findall(r"^```toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    for name in TLS_FILES:
        (tmp_path / name).touch()
    given = tomllib.loads(example)
    assert set(given) == set(GatewayConfig.__dataclass_fields__) - {"clock_offset_s"}
    made = config_of(given | {"tls": str(tmp_path), "consumer_tls": str(tmp_path)})
    assert made.systems == {"VN/GOV/G18/clinics": "http://10.0.0.7:8080"}


def test_an_address_has_a_host_and_a_port() -> None:
    assert host_port("0.0.0.0:80") == ("0.0.0.0", 80)  # noqa: S104 - an address to take apart
    assert host_port(":80") == ("127.0.0.1", 80)
