"""The verification configuration: written as X-Road's schema has it, read back, and refused where it is none."""

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from lxml import etree

from lienthong.blocks.exchange.sharedparams import (
    IDENTIFIER,
    SharedParams,
    SharedParamsError,
    pack,
    read,
    render,
    unpack,
)
from tests.blocks.trust.test_timestamps import ISSUING, ROOT, STAMPER

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
GIVEN = SharedParams(
    instance="VN",
    source="https://gw.example:5500",
    authorities=(ROOT.certificate, ISSUING.certificate),
    members={"VN/GOV/T01": "Cơ quan <một> & hai", "VN/COM/T02": "Công ty"},
    subsystems={"VN/GOV/T01/app": "VN/GOV/T01/gw1", "VN/COM/T02/data": ""},
    gateways={"VN/GOV/T01/gw1": "https://gw.example:5500", "VN/GOV/GONE/gw9": "https://gone.example"},
    groups={"readers": ["VN/COM/T02/data"]},
)


def names(element: Any) -> list[str]:
    return [etree.QName(child).localname for child in element]


def test_it_is_written_in_the_order_of_the_schema_with_every_reference_resolved() -> None:
    conf = etree.fromstring(render(GIVEN))
    assert names(conf) == [
        "instanceIdentifier",
        "source",
        "approvedCA",
        "member",
        "member",
        "securityServer",
        "globalGroup",
        "globalSettings",
    ]
    ids = {one.get("id") for one in conf.iter() if one.get("id")}
    server = conf.find("securityServer")
    assert server.findtext("address") == "gw.example"
    assert {server.findtext("owner"), server.findtext("client")} <= ids
    assert names(conf.find("approvedCA")) == ["name", "topCA", "intermediateCA", "certificateProfileInfo"]
    assert conf.findtext("member[@id='m1']/name") == "Cơ quan <một> & hai"


def test_what_was_packed_is_read_back() -> None:
    (found,) = unpack(pack(GIVEN))
    assert (found.instance, found.source, found.members) == (GIVEN.instance, GIVEN.source, GIVEN.members)
    assert found.trusted == [ROOT.certificate]
    assert pack(GIVEN) == pack(replace(GIVEN))
    with zipfile.ZipFile(io.BytesIO(pack(GIVEN))) as archive:
        assert archive.namelist() == [IDENTIFIER, "verificationconf/VN/shared-params.xml"]


def test_stamping_authorities_of_their_own_are_trusted_and_those_for_connections_are_not() -> None:
    text = render(replace(GIVEN, authorities=(STAMPER.certificate,))).decode()
    stamping = text[text.index("<topCA>") + 7 : text.index("</topCA>")]
    tsa = f"<approvedTSA><name>t</name><url>u</url>{stamping}</approvedTSA>"
    more = text.replace("</approvedCA>", f"</approvedCA>{tsa}").replace(
        "<topCA>", "<authenticationOnly>true</authenticationOnly><topCA>"
    )
    found = read(more.encode())
    assert (found.authorities, found.trusted) == ((), [STAMPER.certificate])


def zipped(**entries: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        pack(GIVEN)[:200],
        zipped(x=b""),
        zipped(**{IDENTIFIER: b"VN"}),
        zipped(**{IDENTIFIER: b"VN", "verificationconf/VN/shared-params.xml": b"<a/>"}),
        zipped(**{IDENTIFIER: b"VN", "verificationconf/XX/shared-params.xml": render(GIVEN)}),
        zipped(**{IDENTIFIER: b"X", "verificationconf/VN/shared-params.xml": render(GIVEN)}),
        zipped(
            **{
                IDENTIFIER: b"VN",
                "verificationconf/VN/shared-params.xml": render(GIVEN).replace(b"<cert>", b"<cert>AAAA"),
            }
        ),
        zipped(
            **{
                IDENTIFIER: b"VN",
                "verificationconf/VN/shared-params.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x/>',
            }
        ),
    ],
    ids=[
        "empty",
        "header",
        "cut",
        "other",
        "no params",
        "other xml",
        "renamed",
        "no own",
        "certificate",
        "doctype",
    ],
)
def test_what_is_no_configuration_is_refused(data: bytes) -> None:
    with pytest.raises(SharedParamsError):
        unpack(data)


def test_a_packed_flood_is_refused_before_it_is_unpacked() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(IDENTIFIER, "VN")
        archive.writestr("verificationconf/VN/shared-params.xml", bytes(65 << 20))
    with pytest.raises(SharedParamsError, match="too large"):
        unpack(made.getvalue())
