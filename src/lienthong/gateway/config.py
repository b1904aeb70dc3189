"""What a gateway is told in its TOML file: who it is, where it listens, which databases and keys it uses.

Every mistake is told with the name of the setting and what belongs there. No secret but the database's
address stands in it: keys are files of their own.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, Literal

MIB: Final = 1024 * 1024
DAY_S: Final = 86_400
STREAMS_MAX: Final = 32
"""Half of the connections that a gateway keeps open (`peers`): the other half is left to small messages."""
TLS_FILES: Final = ("certificate.pem", "key.pem", "trust.pem")
DOOR_FILES: Final = ("certificate.pem", "key.pem")
ErrorStyle = Literal["modern", "classic"]


class ConfigError(ValueError):
    """The file cannot be used: which setting, and what belongs there."""


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """One gateway.

    server: its X-Road identifier, `VN/GOV/G22/gw1`; control: the control plane's database, read only;
    database: its own, for the message log; authority: the folder with its members' keys and the trust anchor;
    consumer, provider: IP address and port of the two doors; system_url: where its own Lienthong instance listens;
    consumer_tls: folder with certificate.pem and key.pem of the consumer's door; without it plain HTTP, and only on
    loopback;
    systems: subsystem -> address of each of its systems that speaks plain REST or SOAP;
    copy: where the last good configuration is kept; body_mib: the largest body that is held; stream_mib: the largest of
    a plain REST message, which streams through beyond body_mib; streams: so many of these at once on each side;
    in_flight: exchanges at once on each side, beyond which a caller is told to come back;
    memory_mib: bodies of questions and answers held at once, of both sides together, beyond which likewise (about three
    times as much is needed at worst: a body is taken apart and put together);
    head_timeout_s, idle_timeout_s: for the head of a request; for a body or an answer that makes no progress;
    tls: folder with certificate.pem, key.pem and trust.pem; without it the provider's door is plain HTTP, and only
    on loopback; tsa: address of a time-stamp authority (RFC 3161), without it nothing is stamped;
    stamp_grace_s: for how long exchanges go on while the authority is away, 0 without end;
    error_style: how errors are spelled, `modern` since X-Road 7.8, `classic` before; govstack: the directory services
    also in GovStack's form (`govstack.py`), which takes /listClients over;
    archive: folder for archive files of the log, without it nothing is archived; archive_every_h: how often the gateway
    does it by itself, 0: only the command does; archive_after_h: how old a time stamp must be;
    archive_keep_days: how long the log itself keeps what is archived; record_days: how long it keeps what nobody
    archives, by whole months, 0 without end; health_period_s: the last minutes that health data has statistics of;
    monitoring_client: a member or a subsystem that may ask for what otherwise the gateway's owner alone may.
    """

    server: str
    control: str
    database: str
    authority: Path
    consumer: str
    provider: str
    system_url: str
    copy: Path
    systems: dict[str, str] = field(default_factory=dict[str, str])
    body_mib: int = 10
    stream_mib: int = 1024
    streams: int = 16
    in_flight: int = 1000
    answer_timeout_s: int = 60
    memory_mib: int = 64
    head_timeout_s: float = 15.0
    idle_timeout_s: float = 30.0
    clock_offset_s: float = 0.0
    consumer_tls: str = ""
    tls: str = ""
    tsa: str = ""
    stamp_grace_s: int = 14_400
    error_style: ErrorStyle = "modern"
    govstack: bool = False
    archive: str = ""
    archive_every_h: float = 6.0
    archive_after_h: float = 24.0
    archive_keep_days: int = 30
    record_days: int = 0
    health_period_s: int = 600
    monitoring_client: str = ""

    @property
    def body_max(self) -> int:
        """Bytes."""
        return self.body_mib * MIB

    @property
    def stream_max(self) -> int:
        """Bytes."""
        return self.stream_mib * MIB


_KINDS: Final[dict[str, type | tuple[type, ...]]] = {
    "str": str,
    "Path": str,
    "int": int,
    "float": (int, float),
    "bool": bool,
    "ErrorStyle": str,
    "dict[str, str]": dict,
}


def config_read(path: Path) -> GatewayConfig:
    """ConfigError where the file is missing, no TOML, or a setting is unknown, missing or of the wrong kind."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from error
    return config_of(given)


def config_of(given: dict[str, Any]) -> GatewayConfig:
    """The same from values. ConfigError as above."""
    known = {one.name: one for one in fields(GatewayConfig)}
    if unknown := sorted(set(given) - set(known)):
        raise ConfigError(f"unknown settings: {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    values: dict[str, Any] = {}
    for name, one in known.items():
        if name not in given:
            continue
        kind = str(one.type)
        if not isinstance(given[name], _KINDS[kind]) or isinstance(given[name], bool) != (kind == "bool"):
            raise ConfigError(f"{name}: {kind} belongs here, not {given[name]!r}")
        values[name] = Path(given[name]) if kind == "Path" else given[name]
    try:
        made = GatewayConfig(**values)
    except TypeError as error:
        raise ConfigError(str(error).removeprefix("GatewayConfig.__init__() ")) from error
    _check(made)
    return made


def _check(config: GatewayConfig) -> None:
    _doors_check(config)
    if config.error_style not in {"modern", "classic"}:
        raise ConfigError("error_style: modern or classic")
    for wrong, told in (
        (
            min(config.archive_every_h, config.archive_after_h, config.archive_keep_days) < 0,
            "archive_every_h, archive_after_h and archive_keep_days: a number from 0 on",
        ),
        (
            min(config.body_mib, config.in_flight, config.answer_timeout_s) < 1,
            "body_mib, in_flight and answer_timeout_s: a number from 1 on",
        ),
        (not 1 <= config.streams <= STREAMS_MAX, f"streams: a number from 1 to {STREAMS_MAX}"),
        (config.stream_mib < config.body_mib, "stream_mib: body_mib at least, and then nothing streams"),
        (
            config.memory_mib < config.body_mib * 2,
            "memory_mib: twice body_mib at least, for the largest question and its answer",
        ),
        (
            min(config.head_timeout_s, config.idle_timeout_s) <= 0,
            "head_timeout_s and idle_timeout_s: a number above 0",
        ),
        (config.stamp_grace_s < 0, "stamp_grace_s: a number from 0 on"),
        (config.record_days < 0, "record_days: a number from 0 on"),
        (
            bool(config.archive and config.record_days),
            "record_days: only without archive; archive_keep_days says it where the log is archived",
        ),
        (not 1 <= config.health_period_s <= DAY_S, f"health_period_s: a number from 1 to {DAY_S}"),
        (
            config.monitoring_client.count("/") not in ({2, 3} if config.monitoring_client else {0}),
            "monitoring_client: instance/class/member or instance/class/member/subsystem",
        ),
    ):
        if wrong:
            raise ConfigError(told)


def _doors_check(config: GatewayConfig) -> None:
    for name in ("consumer", "provider"):
        host, _, port = str(getattr(config, name)).rpartition(":")
        try:
            ip_address(host_port(f"{host}:{port}")[0])
            good = port.isdigit()
        except ValueError:
            good = False
        if not good:
            raise ConfigError(f"{name}: address:port belongs here, not {getattr(config, name)!r}")
    if not config.consumer_tls and not ip_address(host_port(config.consumer)[0]).is_loopback:
        raise ConfigError(
            f"consumer: {config.consumer} is reached by other machines, and nothing proves there which system asks;"
            " name a loopback address, or in consumer_tls the folder of the door's certificate and key"
        )
    if not config.tls and not ip_address(host_port(config.provider)[0]).is_loopback:
        raise ConfigError("tls: needed where other machines reach the provider's door")
    for setting, folder, files in (
        ("tls", config.tls, TLS_FILES),
        ("consumer_tls", config.consumer_tls, DOOR_FILES),
    ):
        if folder and (missing := [name for name in files if not (Path(folder) / name).exists()]):
            raise ConfigError(f"{setting}: {', '.join(missing)} missing in {folder}")


def host_port(address: str) -> tuple[str, int]:
    """`127.0.0.1:8080` in its two parts."""
    host, _, port = address.rpartition(":")
    return host or "127.0.0.1", int(port)
