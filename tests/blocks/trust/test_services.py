"""Signers and signatures over bytes, on a real database."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings

from lienthong.blocks.trust import selectors, services, wire
from lienthong.blocks.trust.models import Certificate
from lienthong.blocks.trust.services import SignerInfo, SignerRequest
from lienthong.ground.errors import NotFound
from lienthong.ground.text import Text

pytestmark = pytest.mark.django_db


def commune(at: datetime) -> SignerInfo:
    return services.signer_ensure(
        subject_id="VN/GOV/H01.12", kind="member", name="UBND phường Hoàn Kiếm", organisation=None, at=at
    )


def officer(at: datetime) -> SignerInfo:
    return services.signer_ensure(
        subject_id="officer:7",
        kind="officer",
        name="Nguyễn Thị Ánh",
        organisation="UBND phường Hoàn Kiếm",
        at=at,
    )


def test_a_signer_has_one_valid_certificate_however_often_it_is_asked_for(at: datetime) -> None:
    first = commune(at)
    assert commune(at + timedelta(days=100)) == first
    assert Certificate.objects.get().fingerprint == first.fingerprint
    assert (first.kind, first.name, first.organisation) == (
        "member",
        "UBND phường Hoàn Kiếm",
        "UBND phường Hoàn Kiếm",
    )


def test_an_expired_certificate_is_followed_by_a_new_one(at: datetime) -> None:
    first = commune(at)
    later = at + timedelta(days=6 * 365)
    second = commune(later)
    assert first.fingerprint != second.fingerprint
    assert second.not_before == later
    assert services.bytes_sign(subject_id="VN/GOV/H01.12", data=b"x", at=later).certificate == (
        second.fingerprint
    )


def test_a_lost_key_is_replaced(at: datetime, settings: Settings, tmp_path: Path) -> None:
    first = commune(at)
    for key in (Path(settings.LIENTHONG_KEYS) / "authority" / "signers").rglob("*.key"):
        key.rename(tmp_path / key.name)
    services.caches_clear()
    assert commune(at).fingerprint != first.fingerprint


def test_a_certificate_that_was_rolled_back_signs_nothing_more(at: datetime) -> None:
    with transaction.atomic():
        commune(at)
        services.bytes_sign(subject_id="VN/GOV/H01.12", data=b"x", at=at)
        transaction.set_rollback(True)
    kept = commune(at)
    signed = services.bytes_sign(subject_id="VN/GOV/H01.12", data=b"x", at=at)
    assert signed.certificate == kept.fingerprint
    assert services.bytes_verify(
        data=b"x", signature=signed.signature, certificate=signed.certificate, at=at
    ).valid


def test_private_keys_never_reach_the_database(at: datetime) -> None:
    commune(at)
    assert "PRIVATE" not in Certificate.objects.get().pem


def test_hundreds_of_signers_take_a_handful_of_queries(
    at: datetime, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    requests = [SignerRequest(f"VN/GOV/T{n}", "member", f"Cơ quan thử {n}") for n in range(300)]
    with django_assert_max_num_queries(6):
        made = services.signers_ensure_many(requests=requests, at=at)
    assert set(made) == {request.subject_id for request in requests}
    assert Certificate.objects.count() == 300
    assert services.signers_ensure_many(requests=requests, at=at) == made


def test_what_is_signed_verifies_and_names_the_signer(at: datetime) -> None:
    officer(at)
    signed = services.bytes_sign(subject_id="officer:7", data=b"dossier", at=at)
    verified = services.bytes_verify(
        data=b"dossier", signature=signed.signature, certificate=signed.certificate, at=at
    )
    assert (verified.valid, verified.subject_id, verified.reason) == (True, "officer:7", None)


def test_other_data_does_not_verify_and_the_reason_says_so(at: datetime) -> None:
    signed_by = officer(at)
    signed = services.bytes_sign(subject_id="officer:7", data=b"dossier", at=at)
    verified = services.bytes_verify(
        data=b"dossiex", signature=signed.signature, certificate=signed_by.fingerprint, at=at
    )
    assert not verified.valid
    assert verified.reason is not None
    assert "thay đổi" in verified.reason.vi


def test_an_unknown_certificate_is_not_trusted(at: datetime) -> None:
    verified = services.bytes_verify(data=b"", signature="", certificate="0" * 64, at=at)
    assert (verified.valid, verified.subject_id) == (False, None)
    assert verified.reason is not None


def test_a_certificate_row_that_someone_forged_is_not_believed(at: datetime) -> None:
    from lienthong.blocks.trust.authority import Authority, Subject

    info = commune(at)
    forger = Authority(Path(services.authority().folder).with_name("forger"))
    forged = forger.issue(Subject("VN/GOV/H01.12", "member", "UBND phường Hoàn Kiếm", None), at=at)
    key = forger.key("VN/GOV/H01.12", forged)
    assert key is not None
    Certificate.objects.filter(fingerprint=info.fingerprint).update(
        pem=wire.certificate_pem(forged), fingerprint=wire.fingerprint(forged)
    )
    verified = services.bytes_verify(
        data=b"x", signature=wire.sign(key, b"x"), certificate=wire.fingerprint(forged), at=at
    )
    assert not verified.valid


def test_signing_without_a_certificate_says_what_to_do(at: datetime) -> None:
    with pytest.raises(NotFound) as caught:
        services.bytes_sign(subject_id="VN/GOV/nobody", data=b"", at=at)
    assert caught.value.code == "trust.signer_unknown"
    assert caught.value.next_step.vi


def test_a_certificate_signs_nothing_before_it_begins(at: datetime) -> None:
    info = commune(at)
    with pytest.raises(NotFound):
        services.bytes_sign(subject_id="VN/GOV/H01.12", data=b"", at=at - timedelta(days=1))
    signed = services.bytes_sign(subject_id="VN/GOV/H01.12", data=b"", at=at)
    early = services.bytes_verify(
        data=b"", signature=signed.signature, certificate=info.fingerprint, at=at - timedelta(days=1)
    )
    assert not early.valid


def test_revocation_counts_at_once_and_leaves_the_past_alone(at: datetime) -> None:
    info = commune(at)
    signed = services.bytes_sign(subject_id="VN/GOV/H01.12", data=b"x", at=at)
    revoked = at + timedelta(hours=1)
    services.certificate_revoke(fingerprint=info.fingerprint, reason="Lộ khóa", at=revoked)
    services.certificate_revoke(fingerprint=info.fingerprint, reason="Lần hai", at=at)
    assert Certificate.objects.get().revocation_reason == "Lộ khóa"

    def refusal_at(moment: datetime) -> Text | None:
        return services.bytes_verify(
            data=b"x", signature=signed.signature, certificate=info.fingerprint, at=moment
        ).reason

    assert refusal_at(at) is None
    refused = refusal_at(revoked)
    assert refused is not None
    assert "thu hồi" in refused.vi
    with pytest.raises(NotFound):
        services.bytes_sign(subject_id="VN/GOV/H01.12", data=b"x", at=revoked)
    assert commune(revoked).fingerprint != info.fingerprint


def test_revoking_what_nobody_holds_is_not_found(at: datetime) -> None:
    with pytest.raises(NotFound):
        services.certificate_revoke(fingerprint="f" * 64, reason="Lộ khóa", at=at)


def test_after_the_first_signature_no_query_is_made(
    at: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        commune(at)
    services.bytes_sign(subject_id="VN/GOV/H01.12", data=b"x", at=at)
    with django_assert_num_queries(0):
        for _ in range(50):
            signed = services.bytes_sign(subject_id="VN/GOV/H01.12", data=b"x", at=at)
            assert services.bytes_verify(
                data=b"x", signature=signed.signature, certificate=signed.certificate, at=at
            ).valid


def a_minute_passes() -> None:
    """For what this process remembers of certificates."""
    for fingerprint, record in list(services._records.items()):
        services._records[fingerprint] = replace(record, read=record.read - 60)
    for subject_id, (record, key) in list(services._signers.items()):
        services._signers[subject_id] = (replace(record, read=record.read - 60), key)


def test_a_revocation_by_another_process_counts_after_a_minute(
    at: datetime, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        info = commune(at)
    services.bytes_sign(subject_id="VN/GOV/H01.12", data=b"x", at=at)
    Certificate.objects.update(revoked_at=at, revocation_reason="Lộ khóa")
    assert services.bytes_sign(subject_id="VN/GOV/H01.12", data=b"x", at=at).certificate == info.fingerprint
    a_minute_passes()
    with pytest.raises(NotFound):
        services.bytes_sign(subject_id="VN/GOV/H01.12", data=b"x", at=at)


def test_selectors_give_certificates_and_trust_anchors(at: datetime) -> None:
    info = commune(at)
    assert selectors.certificate_by_fingerprint(fingerprint=info.fingerprint) == info
    assert selectors.certificate_by_fingerprint(fingerprint="0" * 64) is None
    issuing, root = selectors.trust_anchors()
    wire.certificate_load(info.pem).verify_directly_issued_by(wire.certificate_load(issuing))
    wire.certificate_load(issuing).verify_directly_issued_by(wire.certificate_load(root))


@pytest.mark.django_db(transaction=True)
def test_two_processes_that_ask_together_get_the_same_certificate(at: datetime) -> None:
    found: list[str] = []
    barrier = threading.Barrier(4)

    def ask() -> None:
        try:
            barrier.wait()
            with transaction.atomic():
                found.append(commune(at).fingerprint)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
