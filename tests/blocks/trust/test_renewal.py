"""Certificates are renewed before they end, once, and a new one is used only when everybody knows it."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from lienthong.blocks.trust import renewal, services
from lienthong.blocks.trust.models import Certificate

pytestmark = pytest.mark.django_db
MEMBER = "VN/GOV/R01"
RULE_DAYS, KNOWN_HOURS = 30, 24


def issue(at: datetime, subject: str = MEMBER, kind: str = "member") -> services.SignerInfo:
    return services.signer_ensure(
        subject_id=subject,
        kind=kind,  # type: ignore[arg-type]
        name="Cơ quan có tên rất dài để không vừa trong tên chung của chứng thư",
        organisation="R01",
        at=at,
    )


def held(subject: str = MEMBER) -> list[Certificate]:
    return list(Certificate.objects.filter(subject_id=subject).order_by("not_before"))


def test_a_certificate_is_renewed_within_the_rules_days_and_once(at: datetime) -> None:
    first = issue(at)
    early = first.not_after - timedelta(days=RULE_DAYS, seconds=1)
    assert renewal.signers_renew(at=early) == 0
    due = first.not_after - timedelta(days=RULE_DAYS - 1)
    assert renewal.signers_renew(at=due) == 1
    assert renewal.signers_renew(at=due + timedelta(hours=1)) == 0
    old, new = held()
    assert new.not_before - due <= timedelta(hours=KNOWN_HOURS)
    assert new.not_before - due > timedelta(hours=KNOWN_HOURS, seconds=-2)
    assert new.not_after > old.not_after + timedelta(days=4 * 365)
    assert x509.load_pem_x509_certificate(new.pem.encode()).subject == (
        x509.load_pem_x509_certificate(old.pem.encode()).subject
    )


def test_until_it_begins_the_old_one_signs_and_then_the_new_without_a_gap(at: datetime) -> None:
    first = issue(at)
    due = first.not_after - timedelta(days=10)
    renewal.signers_renew(at=due)
    old, new = held()
    for moment, expected in (
        (due, old),
        (new.not_before - timedelta(seconds=1), old),
        (new.not_before, new),
        (old.not_after + timedelta(days=1), new),
    ):
        services.caches_clear()
        signed = services.bytes_sign(subject_id=MEMBER, data=b"x", at=moment)
        assert signed.certificate == expected.fingerprint
        assert services.bytes_verify(
            data=b"x", signature=signed.signature, certificate=signed.certificate, at=moment
        ).valid


def test_in_the_last_hours_there_is_still_no_gap(at: datetime) -> None:
    first = issue(at)
    renewal.signers_renew(at=first.not_after - timedelta(hours=1))
    old, new = held()
    assert new.not_before <= old.not_after


def test_the_instances_own_signer_is_renewed_and_officers_and_strangers_keys_are_not(at: datetime) -> None:
    issue(at, "VN/EXCHANGE", "authority")
    issue(at, "R01-A", "officer")
    away = issue(at, "VN/GOV/R02")
    folder = services.authority().folder / "signers"
    [key] = folder.rglob(f"*-{int(Certificate.objects.get(fingerprint=away.fingerprint).serial, 16):x}.key")
    key.unlink()
    assert renewal.signers_renew(at=away.not_after - timedelta(days=3)) == 1
    assert len(held("VN/EXCHANGE")) == 2
    assert len(held("R01-A")) == 1
    assert len(held("VN/GOV/R02")) == 1


def test_a_revoked_certificate_is_not_renewed(at: datetime) -> None:
    first = issue(at)
    services.certificate_revoke(fingerprint=first.fingerprint, reason="thử", at=at)
    assert renewal.signers_renew(at=first.not_after - timedelta(days=3)) == 0


def test_holdings_are_told_by_the_certificate_that_ends_last(at: datetime) -> None:
    first = issue(at)
    issue(at, "VN/GOV/R02")
    renewal.signers_renew(at=first.not_after - timedelta(days=3))
    rows = {row.subject_id: row for row in renewal.holdings_page(subjects=[MEMBER, "VN/GOV/R02"])}
    assert rows[MEMBER].not_after == held()[1].not_after
    assert len(rows) == 2
    [only] = renewal.holdings_page(subjects=[MEMBER, "VN/GOV/R02"], after=MEMBER)
    assert only.subject_id == "VN/GOV/R02"


def test_a_connections_certificate_is_written_anew_with_the_same_names(at: datetime, tmp_path: Path) -> None:
    until = at + timedelta(days=40)
    authority = services.authority()
    authority.tls_folder_write(tmp_path, "VN/GOV/R01/gw", hosts=["gw.example", "10.0.0.7"])
    certificate, key = authority.tls_issue("VN/GOV/R01/gw", hosts=["gw.example", "10.0.0.7"], until=until)
    (tmp_path / "certificate.pem").write_bytes(certificate)
    (tmp_path / "key.pem").write_bytes(key)
    assert not renewal.tls_renew(folder=tmp_path, server="VN/GOV/R01/gw", at=at)
    assert (tmp_path / "certificate.pem").read_bytes() == certificate
    assert renewal.tls_renew(folder=tmp_path, server="VN/GOV/R01/gw", at=at + timedelta(days=11))
    new = x509.load_pem_x509_certificate((tmp_path / "certificate.pem").read_bytes())
    assert new.not_valid_after_utc > until
    names = new.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name.value) for name in names] == ["gw.example", "10.0.0.7"]
    assert (tmp_path / "key.pem").read_bytes() != key
    shutil.rmtree(tmp_path)
    with pytest.raises(FileNotFoundError):
        renewal.tls_renew(folder=tmp_path, server="VN/GOV/R01/gw", at=at)
