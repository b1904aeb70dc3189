"""getSecurityServerHealthData (PR-OPMON §3): how each service behind this gateway did in the last minutes.

One query over the log's rows of those minutes, whatever the number of services; when a service last answered, or last
did not, is told since the gateway's start (`lasts`). As in X-Road the provider's side alone counts, and durations and
sizes are of what succeeded. A duration is from the request's arrival to the moment before its row is written.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import timedelta
from typing import Any, Final

from psycopg import sql
from psycopg.rows import dict_row

from lienthong.gateway.core import Gateway, service_name
from lienthong.gateway.lasts import Last, Named
from lienthong.gateway.monitoring_asked import asked_client, asked_element
from lienthong.gateway.oprecord import service_type
from lienthong.gateway.oprecord_times import milliseconds
from lienthong.gateway.snapshot import Snapshot
from lienthong.gateway.soap_provider import SOAP_TYPE
from lienthong.gateway.xroad.identifiers import SubsystemId
from lienthong.gateway.xroad.soapanswers import service_add
from lienthong.gateway.xroad.soapheader import SoapService
from lienthong.gateway.xroad.soapxml import IDENTIFIERS

CODE: Final = "getSecurityServerHealthData"
MONITORING: Final = "http://x-road.eu/xsd/op-monitoring.xsd"
_MEASURES: Final = (
    ("requestMinDuration", "requestAverageDuration", "requestMaxDuration", "requestDurationStdDev"),
    ("requestMinSize", "requestAverageSize", "requestMaxSize", "requestSizeStdDev"),
    ("responseMinSize", "responseAverageSize", "responseMaxSize", "responseSizeStdDev"),
)
"""In the schema's order: of the milliseconds, of the request's bytes, of the response's."""
_OF: Final = ("response_out - request_in", "request_size", "response_size")
_STATISTICS: Final = sql.SQL(", ").join(
    sql.SQL(function).format(sql.SQL(of), sql.Identifier(name))
    for of, names in zip(_OF, _MEASURES, strict=True)
    for function, name in zip(
        (
            "min({}) filter (where good) as {}",
            "avg({}) filter (where good) as {}",
            "max({}) filter (where good) as {}",
            # Of a single request there is no deviation: 0, as X-Road has it.
            "coalesce(stddev_samp({}) filter (where good), 0) as {}",
        ),
        names,
        strict=True,
    )
)
_QUERY: Final = sql.SQL(
    "select provider, code, version, count(*) filter (where good) as good, count(*) filter (where not good) as bad,"
    " max(response_out) filter (where good) as last_good, max(response_out) filter (where not good) as last_bad, {}"
    " from (select *, fault_code = '' as good from gateway.message"
    " where side = 'provider' and recorded_at >= %(since)s and provider is not null"
    " and (%(own)s = '' or client = %(own)s or provider = %(own)s) and (%(of)s = '' or provider = %(of)s)) as rows"
    " group by provider, code, version"
).format(_STATISTICS)

Row = dict[str, Any]


async def content(gateway: Gateway, soap: bytes, own: str) -> bytes:
    """The response's element. own: the system whose exchanges alone are told; empty, all. XRoadError: another form."""
    element = asked_element(soap, MONITORING, CODE)
    criteria = element.find(f"{{{MONITORING}}}filterCriteria")
    of = "" if criteria is None else asked_client(criteria, MONITORING)
    period_s = gateway.config.health_period_s
    values = {"since": gateway.now() - timedelta(seconds=period_s), "own": own, "of": of}
    async with gateway.pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_QUERY, values)
        rows = {Named(row["provider"], row["code"], row["version"]): row for row in await cursor.fetchall()}
    # Who asked last is not kept: a system that sees its own exchanges alone is told the log's last minutes.
    lasts = {name: last for name, last in gateway.lasts.all().items() if own in ("", name.provider)}
    named = [
        one
        for one in sorted({*rows, *lasts}, key=_sorted)
        if of in ("", one.provider) and _known(gateway, one)
    ]
    return _rendered(gateway, [(one, rows.get(one, {}), lasts.get(one, Last())) for one in named])


def _sorted(service: Named) -> tuple[str, str, str]:
    return service.provider, service.code, service.version


def _known(gateway: Gateway, service: Named) -> bool:
    """Whether it is a service behind this gateway: a caller may have made its name up."""
    snapshot = gateway.keeper.snapshot
    if snapshot.subsystems.get(service.provider) != gateway.config.server:
        return False
    name = service_name(provider=service.provider, code=service.code, target=f"/{service.version}")
    return snapshot.names(service.provider, service.code, name)


def _rendered(gateway: Gateway, services: list[tuple[Named, Row, Last]]) -> bytes:
    root = ET.Element(f"om:{CODE}Response", {"xmlns:om": MONITORING, "xmlns:id": IDENTIFIERS})
    ET.SubElement(root, "om:monitoringStartupTimestamp").text = str(milliseconds(gateway.started_at))
    ET.SubElement(root, "om:statisticsPeriodSeconds").text = str(gateway.config.health_period_s)
    events = ET.SubElement(root, "om:servicesEvents")
    for service, row, last in services:
        _service_add(events, service, row, last, gateway.keeper.snapshot)
    return ET.tostring(root)


def _service_add(events: ET.Element, service: Named, row: Row, last: Last, snapshot: Snapshot) -> None:
    told = ET.SubElement(events, "om:serviceEvents")
    provider = SubsystemId(*service.provider.split("/"))
    service_add(told, "om:service", SoapService(provider, service.code, service.version))
    for name, in_log, in_memory in (
        ("lastSuccessfulRequestTimestamp", row.get("last_good"), last.good),
        ("lastUnsuccessfulRequestTimestamp", row.get("last_bad"), last.bad),
    ):
        if (at := max(in_log or 0, in_memory or 0)) > 0:
            ET.SubElement(told, f"om:{name}").text = str(at)
    published = snapshot.published(service.provider).get(service.code)
    soap = published is not None and published.type == SOAP_TYPE
    ET.SubElement(told, "om:serviceType").text = service_type(
        snapshot, service.provider, service.code, soap=soap
    )
    statistics = ET.SubElement(told, "om:lastPeriodStatistics")
    ET.SubElement(statistics, "om:successfulRequestCount").text = str(row.get("good", 0))
    ET.SubElement(statistics, "om:unsuccessfulRequestCount").text = str(row.get("bad", 0))
    if not row.get("good"):
        return
    for names in _MEASURES:
        for name in names:
            if (value := row[name]) is not None:
                whole = "Min" in name or "Max" in name
                ET.SubElement(statistics, f"om:{name}").text = str(int(value) if whole else float(value))
