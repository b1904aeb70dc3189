"""The development authority: files, certificates, many processes at once."""

import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.trust import authority, wire
from lienthong.blocks.trust.authority import Authority, Subject

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SOURCE = Path(__file__).resolve().parents[3] / "src"
COMMUNE = Subject("VN/GOV/H01.12", "member", "Ủy ban nhân dân phường Hoàn Kiếm", None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "authority"


def test_a_certificate_names_its_holder_and_serves_for_documents_only(folder: Path) -> None:
    certificate = Authority(folder).issue(COMMUNE, at=AT)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.digital_signature, usage.content_commitment) == (True, True)
    assert (usage.key_cert_sign, usage.key_encipherment) == (False, False)
    assert certificate.not_valid_before_utc == AT
    assert certificate.not_valid_after_utc == AT + authority.SIGNER_VALIDITY
    assert authority.subject_of(certificate) == Subject("VN/GOV/H01.12", "member", COMMUNE.name, COMMUNE.name)


def test_the_chain_ends_at_a_root_that_signs_authorities_only(folder: Path) -> None:
    ours = Authority(folder)
    certificate = ours.issue(COMMUNE, at=AT)
    certificate.verify_directly_issued_by(ours.issuing)
    ours.issuing.verify_directly_issued_by(ours.root)
    ours.root.verify_directly_issued_by(ours.root)
    limits = ours.issuing.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (limits.ca, limits.path_length) == (True, 0)


def test_a_stranger_with_the_same_names_is_not_ours(folder: Path, tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "other").issue(COMMUNE, at=AT)
    assert not Authority(folder).issued(stranger)


def test_the_authority_is_made_once_and_found_again(folder: Path) -> None:
    assert Authority(folder).root == Authority(folder).root
    assert Authority(folder).issuing == Authority(folder).issuing


def test_only_the_owner_can_read_what_is_written(folder: Path) -> None:
    Authority(folder).issue(COMMUNE, at=AT)
    found = list(folder.rglob("*"))
    assert len(found) >= 6
    for path in found:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_every_certificate_has_a_key_of_its_own(folder: Path) -> None:
    ours = Authority(folder)
    first, second = ours.issue(COMMUNE, at=AT), ours.issue(COMMUNE, at=AT)
    for certificate in (first, second):
        key = ours.key(COMMUNE.subject_id, certificate)
        assert key is not None
        assert wire.verify(certificate, b"data", wire.sign(key, b"data"))
    assert first.public_key() != second.public_key()
    assert Authority(folder.parent / "elsewhere").key(COMMUNE.subject_id, first) is None


@pytest.mark.parametrize("missing", ["root.pem", "issuing.key", "issuing.pem"])
def test_a_process_killed_half_way_is_continued_by_the_next(folder: Path, missing: str) -> None:
    before = Authority(folder).root
    pieces = ["root.key", "root.pem", "issuing.key", "issuing.pem"]
    assert before.subject == Authority(folder).issuing.issuer
    for name in pieces[pieces.index(missing) :]:
        (folder / name).unlink()
    again = Authority(folder)
    assert again.root.public_key() == before.public_key()
    again.issue(COMMUNE, at=AT).verify_directly_issued_by(again.issuing)


def test_processes_that_start_together_share_one_authority(folder: Path) -> None:
    code = (
        "import sys, pathlib\n"
        "from lienthong.blocks.trust import authority, wire\n"
        "print(wire.fingerprint(authority.Authority(pathlib.Path(sys.argv[1])).issuing))"
    )
    command = [sys.executable, "-c", code, str(folder)]
    running = [
        subprocess.Popen(command, env={"PYTHONPATH": str(SOURCE)}, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    answers = {process.communicate()[0].strip() for process in running}
    assert answers == {wire.fingerprint(Authority(folder).issuing)}


@pytest.mark.parametrize("at", [datetime(2019, 12, 31, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)])
def test_outside_its_own_years_the_authority_issues_nothing(folder: Path, at: datetime) -> None:
    with pytest.raises(ValueError, match="2020 to 2049"):
        Authority(folder).issue(COMMUNE, at=at)


def test_no_certificate_outlives_its_authority(folder: Path) -> None:
    certificate = Authority(folder).issue(COMMUNE, at=authority.AUTHORITY_UNTIL - timedelta(days=30))
    assert certificate.not_valid_after_utc == authority.AUTHORITY_UNTIL


def test_a_strangers_certificate_names_no_subject(folder: Path) -> None:
    with pytest.raises(ValueError, match="not a signer"):
        authority.subject_of(Authority(folder).root)


NAMES = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=200).filter(str.strip)


@given(
    subject_id=st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=60),
    kind=st.sampled_from(["member", "officer", "authority"]),
    name=NAMES,
    organisation=NAMES,
)
def test_every_subject_comes_back_from_its_certificate(
    shared: Authority, subject_id: str, kind: str, name: str, organisation: str
) -> None:
    subject = Subject(subject_id, kind, name, organisation)
    assert authority.subject_of(shared.issue(subject, at=AT)) == subject


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))
