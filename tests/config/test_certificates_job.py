"""What the worker does about certificates: the control plane's renews, every other instance's learns of it."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lienthong.blocks.exchange import configuration
from lienthong.blocks.exchange.services import gateway_open, member_join
from lienthong.blocks.trust import services as trust
from lienthong.blocks.trust.models import Certificate
from lienthong.config import gateways, worker
from lienthong.ground import clock
from lienthong.ground.text import Text

pytestmark = pytest.mark.django_db
MEMBER = "VN/GOV/J01"


@pytest.fixture
def renewed(at: datetime) -> Certificate:
    """The member's next certificate, made by the job some days before the first one ends."""
    member_join(name=MEMBER, code="J01", title=Text("Cơ quan", "Agency"), at=at)
    first = Certificate.objects.get(subject_id=MEMBER)
    with clock.fixed(first.not_after - timedelta(days=5)):
        assert gateways.certificates_renew() >= 1
    return Certificate.objects.filter(subject_id=MEMBER).order_by("-not_after")[0]


def copy_write(path: Path) -> None:
    """As a gateway keeps the configuration."""
    path.write_text(json.dumps({"version": 1, "document": json.dumps(configuration.document(), default=str)}))


def test_an_instance_learns_a_renewed_certificate_from_its_gateways_copy(
    renewed: Certificate, tmp_path: Path, settings: Any
) -> None:
    moment = renewed.not_before + timedelta(hours=1)
    signed = trust.bytes_sign(subject_id=MEMBER, data=b"x", at=moment)
    assert signed.certificate == renewed.fingerprint
    copy = tmp_path / "copy.json"
    copy_write(copy)
    renewed.delete()  # as in the database of an instance that joined before
    trust.caches_clear()
    given = {"data": b"x", "signature": signed.signature, "certificate": signed.certificate, "at": moment}
    assert not trust.bytes_verify(**given).valid
    settings.LIENTHONG_CONFIGURATION = str(copy)
    assert gateways.certificates_take() == 1
    assert trust.bytes_verify(**given).valid
    assert gateways.certificates_take() == 0


def test_without_a_copy_there_is_nothing_to_learn(tmp_path: Path, settings: Any) -> None:
    settings.LIENTHONG_CONFIGURATION = ""
    assert gateways.certificates_take() == 0
    settings.LIENTHONG_CONFIGURATION = str(tmp_path / "none.json")
    assert gateways.certificates_take() == 0


def test_one_gateways_broken_folder_keeps_the_others_from_nothing(at: datetime, tmp_path: Path) -> None:
    good = tmp_path / "good"
    authority = trust.authority()
    authority.tls_folder_write(good, "VN/GOV/J01/good", hosts=["127.0.0.1"])
    pair = authority.tls_issue("VN/GOV/J01/good", hosts=["127.0.0.1"], until=at + timedelta(days=2))
    (good / "certificate.pem").write_bytes(pair[0])
    gateway_open(server="VN/GOV/J01/broken", address="https://127.0.0.1:9", tls_folder=str(tmp_path / "none"))
    gateway_open(server="VN/GOV/J01/good", address="https://127.0.0.1:9", tls_folder=str(good))
    assert gateways.certificates_renew() == 1
    assert (good / "certificate.pem").read_bytes() != pair[0]


def test_only_the_control_plane_renews(settings: Any) -> None:
    assert {"renewal", "gateways"} <= {sweep.name for sweep in worker.sweeps()}
    settings.LIENTHONG_SYSTEMS = ["residence"]
    names = {sweep.name for sweep in worker.sweeps()}
    assert "certificates" in names
    assert names.isdisjoint({"renewal", "gateways"})
