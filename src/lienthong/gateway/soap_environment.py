"""getSecurityServerMetrics (PR-ENVMONMES): what `environment` measures, in X-Road's form and under its names.

X-Road has histograms of a minute for load, memory and open files; this gateway samples nothing and tells the present
figures as numbers. With output fields those of `systemMetrics` alone that are named; a name that is not known is passed
over, for collectors ask each server for the same list.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Final

from lienthong.gateway.core import Gateway
from lienthong.gateway.environment import Metrics, environment, version
from lienthong.gateway.monitoring_asked import asked_element, asked_fields
from lienthong.gateway.xroad.errors import xml_text

CODE: Final = "getSecurityServerMetrics"
ENVIRONMENT: Final = "http://x-road.eu/xsd/monitoring"


async def content(gateway: Gateway, soap: bytes) -> bytes:
    """The response's element. XRoadError where the question is of another form."""
    fields = asked_fields(asked_element(soap, ENVIRONMENT, CODE), ENVIRONMENT)
    found = await environment(gateway)
    chosen: Metrics = {name: value for name, value in found.items() if not fields or name in fields}
    root = ET.Element(f"m:{CODE}Response", {"xmlns:m": ENVIRONMENT})
    told: Metrics = {"proxyVersion": version(), "systemMetrics": chosen}
    _set_add(root, f"SERVER:{gateway.config.server}", told)
    return ET.tostring(root)


def _set_add(parent: ET.Element, name: str, metrics: Metrics) -> None:
    """A set of nothing is left out: the schema knows none."""
    if not metrics:
        return
    made = ET.SubElement(parent, "m:metricSet")
    ET.SubElement(made, "m:name").text = xml_text(name)
    for inner, value in metrics.items():
        if isinstance(value, dict):
            _set_add(made, inner, value)
            continue
        metric = ET.SubElement(made, "m:stringMetric" if isinstance(value, str) else "m:numericMetric")
        ET.SubElement(metric, "m:name").text = xml_text(inner)
        ET.SubElement(metric, "m:value").text = _written(value)


def _written(value: str | float) -> str:
    """Numbers as xs:decimal, which knows no exponent."""
    if isinstance(value, str):
        return xml_text(value)
    return str(value) if isinstance(value, int) else f"{value:.3f}"
