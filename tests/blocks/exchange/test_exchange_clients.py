"""How a subsystem's programs connect, and their certificates: what is taken, what is refused, what is kept."""

import base64
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lienthong.blocks.exchange import clients, configuration
from lienthong.blocks.exchange.granting import Actor
from lienthong.blocks.exchange.models import ClientCertificate, ConnectionChange
from lienthong.ground.errors import Conflict, Invalid, NotFound
from tests.gateway.certificates import SERVERS_ONLY, Own, own_make
from tests.systems.ndxp.two_agencies import APP, CLINICS, two_make

pytestmark = pytest.mark.django_db
BY = Actor("N01-E1", "N01")


@pytest.fixture(autouse=True)
def agencies(db: None, at: datetime) -> None:
    two_make(at)


@pytest.fixture
def own(tmp_path: Path) -> Own:
    return own_make(tmp_path / "own", "app")


def register(content: bytes, at: datetime, subsystem: str = APP) -> str:
    return clients.certificate_register(subsystem=subsystem, content=content, by=BY, at=at)


def published() -> dict[str, list[str]]:
    return configuration.document()["clients"]


def test_pem_and_der_are_the_same_certificate_and_reach_the_configuration(own: Own, at: datetime) -> None:
    assert register(own.pem.read_bytes(), at) == own.fingerprint
    assert register(own.der, at, CLINICS) == own.fingerprint  # one program may call as two systems
    encoded = base64.b64encode(own.der).decode()
    assert published() == {APP: [encoded], CLINICS: [encoded]}
    [row] = clients.certificates_of(subsystem=APP)
    assert (row.subject, row.added_by, row.added_at) == ("CN=app", BY.officer, at)


def test_what_is_withdrawn_leaves_the_configuration_and_stays_on_record(own: Own, at: datetime) -> None:
    register(own.der, at)
    later = at + timedelta(hours=1)
    given = {"subsystem": APP, "fingerprint": own.fingerprint, "by": Actor("N01-E2", "N01"), "at": later}
    assert not clients.certificate_withdraw(**{**given, "subsystem": CLINICS})
    assert clients.certificate_withdraw(**given)
    assert not clients.certificate_withdraw(**given)
    assert published() == {}
    register(own.der, later)
    listed = clients.certificates_of(subsystem=APP)
    assert [(one.withdrawn_by, one.withdrawn_at) for one in listed] == [("", None), ("N01-E2", later)]


def files(folder: Path) -> dict[str, bytes]:
    """What cannot be registered, by the code of its refusal."""
    good = own_make(folder / "good", "app")
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - too weak on purpose
    expired = own_make(folder / "expired", "old", since=timedelta(-9), until=timedelta(-1))
    pem = good.pem.read_bytes()
    return {
        "certificate-with-key": pem + (good.folder / "key.pem").read_bytes(),
        "certificate-several": pem + expired.pem.read_bytes(),
        "certificate-expired": expired.der,
        "certificate-not-for-clients": own_make(folder / "servers", "web", usage=SERVERS_ONLY).der,
        "certificate-weak": own_make(folder / "weak", "weak", key=weak).der,
        "certificate-unreadable": good.key.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        ),
    }


@pytest.mark.parametrize(
    "code",
    [
        "certificate-with-key",
        "certificate-several",
        "certificate-expired",
        "certificate-not-for-clients",
        "certificate-weak",
        "certificate-unreadable",
    ],
)
def test_what_cannot_be_used_is_refused_with_why(tmp_path: Path, at: datetime, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        register(files(tmp_path)[code], at)
    assert (caught.value.code, caught.value.field) == (code, "certificate")
    assert not ClientCertificate.objects.exists()


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 500, b"-----BEGIN CERTIFICATE-----\nxx", b"0" * (1 << 20)]
)
def test_what_is_no_certificate_is_unreadable(content: bytes, at: datetime) -> None:
    with pytest.raises(Invalid, match="certificate-unreadable"):
        register(content, at)


def test_a_certificate_stands_once_and_there_are_not_too_many(
    own: Own, at: datetime, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    register(own.der, at)
    with pytest.raises(Conflict, match="certificate-there"):
        register(own.der, at)
    monkeypatch.setattr(clients, "CERTIFICATES_MAX", 1)
    other = own_make(tmp_path / "other", "app")
    with pytest.raises(Conflict, match="certificates-full"):
        register(other.der, at)
    with pytest.raises(NotFound):
        register(other.der, at, "VN/GOV/N01/none")


def test_a_renewal_may_be_prepared_before_it_is_valid(tmp_path: Path, at: datetime) -> None:
    register(own_make(tmp_path / "next", "app", since=timedelta(days=30)).der, at)
    assert len(published()[APP]) == 1


def test_who_changed_the_connection_type_and_when_is_kept(at: datetime) -> None:
    given = {"subsystem": APP, "by": BY, "at": at}
    assert clients.connection_set(connection="https", **given)
    assert not clients.connection_set(connection="https", **given)
    assert clients.connection_set(connection="door", **given)
    connection, changes = clients.connection_of(subsystem=APP)
    assert connection == "door"
    assert [(one.connection, one.changed_by, one.changed_at) for one in changes] == [
        ("door", BY.officer, at),
        ("https", BY.officer, at),
    ]
    assert configuration.document()["subsystems"][APP]["connection"] == "door"
    with pytest.raises(Invalid, match="connection-unknown"):
        clients.connection_set(connection="ftp", **given)
    with pytest.raises(NotFound):
        clients.connection_set(connection="http", **{**given, "subsystem": "VN/GOV/N01/none"})
    assert ConnectionChange.objects.count() == 2
