"""What PR-OPMON §3 and PR-ENVMONMES say of their messages, as schemas and a WSDL that know nothing of ours."""

from __future__ import annotations

from tests.gateway.soap_texts import IDENTIFIERS

OPMON, ENVMON = "http://x-road.eu/xsd/op-monitoring.xsd", "http://x-road.eu/xsd/monitoring"
HEALTH, METRICS = "getSecurityServerHealthData", "getSecurityServerMetrics"
XSD, WSDL = "http://www.w3.org/2001/XMLSchema", "http://schemas.xmlsoap.org/wsdl/"
COUNTS = ("successfulRequestCount", "unsuccessfulRequestCount")
MEASURES = tuple(
    f"{subject}{words}"
    for subject, ends in (
        ("request", ("MinDuration", "AverageDuration", "MaxDuration", "DurationStdDev")),
        ("request", ("MinSize", "AverageSize", "MaxSize", "SizeStdDev")),
        ("response", ("MinSize", "AverageSize", "MaxSize", "SizeStdDev")),
    )
    for words in ends
)
"""In their order."""


def element(name: str, kind: str, *, optional: bool = False, many: bool = False) -> str:
    bounds = (' minOccurs="0"' if optional else "") + (' maxOccurs="unbounded"' if many else "")
    return f'<xs:element name="{name}" type="{kind}"{bounds}/>'


def sequence(name: str, *elements: str) -> str:
    return f'<xs:complexType name="{name}"><xs:sequence>{"".join(elements)}</xs:sequence></xs:complexType>'


def identifiers() -> str:
    """Client and service identifiers."""
    parts = [element(name, "xs:string") for name in ("xRoadInstance", "memberClass", "memberCode")]
    parts.append(element("subsystemCode", "xs:string", optional=True))
    service = [element("serviceCode", "xs:string"), element("serviceVersion", "xs:string", optional=True)]
    kinds = "".join(
        sequence(kind, *inner).replace(
            "</xs:complexType>", '<xs:attribute ref="id:objectType" use="required"/></xs:complexType>'
        )
        for kind, inner in (("client", parts), ("service", [*parts, *service]))
    )
    return schema(IDENTIFIERS, f'<xs:attribute name="objectType" type="xs:string"/>{kinds}')


def schema(namespace: str, content: str) -> str:
    known = f'xmlns:xs="{XSD}" xmlns:id="{IDENTIFIERS}" xmlns:t="{namespace}" elementFormDefault="qualified"'
    borrowed = f'<xs:import namespace="{IDENTIFIERS}"/>' if namespace == OPMON else ""
    return f'<xs:schema {known} targetNamespace="{namespace}">{borrowed}{content}</xs:schema>'


def health() -> str:
    statistics = [element(name, "xs:int") for name in COUNTS]
    for name in MEASURES:
        kind = "xs:long" if "Min" in name or "Max" in name else "xs:double"
        statistics.append(element(name, kind, optional=True))
    return schema(
        OPMON,
        sequence("Filter", element("client", "id:client", optional=True))
        + sequence("Asked", element("filterCriteria", "t:Filter", optional=True))
        + sequence("Statistics", *statistics)
        + sequence(
            "Events",
            element("service", "id:service"),
            element("lastSuccessfulRequestTimestamp", "xs:long", optional=True),
            element("lastUnsuccessfulRequestTimestamp", "xs:long", optional=True),
            element("serviceType", "xs:string", optional=True),
            element("lastPeriodStatistics", "t:Statistics"),
        )
        + sequence("AllEvents", element("serviceEvents", "t:Events", optional=True, many=True))
        + sequence(
            "Answered",
            element("monitoringStartupTimestamp", "xs:long"),
            element("statisticsPeriodSeconds", "xs:int"),
            element("servicesEvents", "t:AllEvents"),
        )
        + element(HEALTH, "t:Asked")
        + element(f"{HEALTH}Response", "t:Answered"),
    )


def metrics() -> str:
    name = element("name", "xs:string")
    inner = "".join(
        element(one, f"t:{one}") for one in ("metricSet", "numericMetric", "stringMetric", "histogramMetric")
    )
    figures = [
        element(one, "xs:decimal") for one in ("min", "max", "mean", "median", "stddev")
    ]  # after `updated`
    return schema(
        ENVMON,
        sequence("numericMetric", name, element("value", "xs:decimal"))
        + sequence("stringMetric", name, element("value", "xs:string"))
        + sequence("histogramMetric", name, element("updated", "xs:dateTime"), *figures)
        + sequence("metricSet", name, f'<xs:choice maxOccurs="unbounded">{inner}</xs:choice>')
        + sequence("Fields", element("outputField", "xs:string", optional=True, many=True))
        + sequence("Asked", element("outputSpec", "t:Fields", optional=True))
        + sequence("Answered", element("metricSet", "t:metricSet"))
        + element(METRICS, "t:Asked")
        + element(f"{METRICS}Response", "t:Answered"),
    )


def wsdl(code: str, namespace: str, content: str) -> bytes:
    """One operation, document/literal; content: the schema of its elements."""
    soap = "http://schemas.xmlsoap.org/wsdl/soap/"
    names = f'xmlns:w="{WSDL}" xmlns:s="{soap}" xmlns:n="{namespace}" xmlns:m="urn:m" targetNamespace="urn:m"'
    return f"""<w:definitions {names}>
<w:types>{identifiers()}{content}</w:types>
<w:message name="in"><w:part name="body" element="n:{code}"/></w:message>
<w:message name="out"><w:part name="body" element="n:{code}Response"/></w:message>
<w:portType name="p"><w:operation name="{code}"><w:input message="m:in"/><w:output message="m:out"/></w:operation>
</w:portType>
<w:binding name="b" type="m:p"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/>
<w:operation name="{code}"><s:operation soapAction=""/><w:input><s:body use="literal"/></w:input>
<w:output><s:body use="literal"/></w:output></w:operation></w:binding>
<w:service name="v"><w:port name="p" binding="m:b"><s:address location="http://gateway/"/></w:port></w:service>
</w:definitions>""".encode()
