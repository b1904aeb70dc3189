"""Time stamps: our authority's tokens before OpenSSL's eyes, OpenSSL's tokens before ours, and every byte changed."""

import hashlib
import random
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from lienthong.blocks.trust import timestamps, wire
from lienthong.blocks.trust.hashchain import EvidenceError
from lienthong.blocks.trust.timestamps import TimestampAuthority

FROM, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 12, 31, tzinfo=UTC)
AT = datetime(2026, 11, 23, 2, 0, 0, 250_000, tzinfo=UTC)
DIGEST = hashlib.sha256(b"a birth").digest()
SEEDED = random.Random(3161)  # noqa: S311 - chooses bytes to spoil
STAMPS = (ExtendedKeyUsageOID.TIME_STAMPING,)


@dataclass(frozen=True)
class Holder:
    key: wire.PrivateKey
    certificate: x509.Certificate


def issue(
    name: str,
    parent: Holder | None = None,
    *,
    ca: bool = False,
    rsa_key: bool = False,
    usages: tuple[x509.ObjectIdentifier, ...] = (),
    critical: bool = True,
    since: datetime = FROM,
    until: datetime = UNTIL,
    path_length: int | None = None,
    signs: bool = True,
) -> Holder:
    key = wire.key_generate(rsa_key=rsa_key)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(
        digital_signature=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder(subject_name=subject, public_key=key.public_key())
        .issuer_name(parent.certificate.subject if parent else subject)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=path_length), critical=True)
        .add_extension(usage, critical=True)
    )
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=critical)
    return Holder(key, builder.sign(parent.key if parent else key, hashes.SHA256()))


ROOT = issue("Root", ca=True)
ISSUING = issue("Nơi cấp <&>", ROOT, ca=True, path_length=0)
STAMPER = issue("Time stamps", ISSUING, usages=STAMPS)
RSA_STAMPER = issue("Time stamps, RSA", ISSUING, rsa_key=True, usages=STAMPS)
TRUSTED = [ROOT.certificate]


def authority(holder: Holder = STAMPER) -> TimestampAuthority:
    return TimestampAuthority(holder.key, holder.certificate, (ISSUING.certificate,))


def stamp(digest: bytes = DIGEST, holder: Holder = STAMPER, at: datetime = AT) -> bytes:
    request = timestamps.request_encode(digest)
    return timestamps.response_token(authority(holder).answer(request, at), request)


def openssl(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["openssl", "ts", *arguments], capture_output=True, text=True, check=False)


def refused(
    token: bytes, match: str, digest: bytes = DIGEST, trusted: list[x509.Certificate] = TRUSTED
) -> None:
    with pytest.raises(EvidenceError, match=match):
        timestamps.token_verify(token, digest, trusted=trusted)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "root.pem"
    path.write_text(wire.certificate_pem(ROOT.certificate))
    return path


@pytest.mark.parametrize("holder", [STAMPER, RSA_STAMPER])
def test_a_token_tells_its_second(holder: Holder) -> None:
    assert timestamps.token_verify(stamp(holder=holder), DIGEST, trusted=TRUSTED) == AT.replace(microsecond=0)


# OpenSSL as the other side


@pytest.mark.needs("openssl")
@pytest.mark.parametrize("holder", [STAMPER, RSA_STAMPER])
def test_openssl_verifies_our_answers(holder: Holder, tmp_path: Path, root: Path) -> None:
    data, query, answer = tmp_path / "data", tmp_path / "q.tsq", tmp_path / "a.tsr"
    data.write_bytes(b"a birth")
    query.write_bytes(timestamps.request_encode(DIGEST))
    answer.write_bytes(authority(holder).answer(query.read_bytes(), AT))
    for against in (("-queryfile", query), ("-data", data), ("-digest", DIGEST.hex())):
        done = openssl("-verify", *against, "-in", answer, "-CAfile", root)
        assert (done.returncode, done.stdout.strip()) == (0, "Verification: OK"), done.stderr
    wrong = openssl("-verify", "-digest", bytes(32).hex(), "-in", answer, "-CAfile", root)
    assert wrong.returncode
    assert "message imprint mismatch" in wrong.stderr


@pytest.mark.needs("openssl")
@pytest.mark.parametrize("options", [["-cert"], [], ["-cert", "-no_nonce"]])
def test_requests_made_by_openssl_are_answered(options: list[str], tmp_path: Path, root: Path) -> None:
    query, answer, signer = tmp_path / "q.tsq", tmp_path / "a.tsr", tmp_path / "signer.pem"
    assert not openssl("-query", "-digest", DIGEST.hex(), "-sha256", *options, "-out", query).returncode
    answer.write_bytes(authority().answer(query.read_bytes(), AT))
    signer.write_text("".join(wire.certificate_pem(one.certificate) for one in (STAMPER, ISSUING)))
    untrusted = () if "-cert" in options else ("-untrusted", signer)
    done = openssl("-verify", "-queryfile", query, "-in", answer, "-CAfile", root, *untrusted)
    assert done.stdout.strip() == "Verification: OK", done.stderr
    token = timestamps.response_token(answer.read_bytes(), query.read_bytes())
    known = [STAMPER.certificate, ISSUING.certificate]
    assert timestamps.token_verify(token, DIGEST, trusted=TRUSTED, known=known)


@pytest.mark.needs("openssl")
def test_a_token_with_a_changed_byte_is_refused_by_openssl_too(tmp_path: Path, root: Path) -> None:
    token, changed = stamp(), tmp_path / "changed.tst"
    content = timestamps._loaded(timestamps.cms.ContentInfo, token)["content"]
    signature = content["signer_infos"][0]["signature"].native
    info = content["encap_content_info"]["content"].contents
    for part in (signature, info):
        start = token.index(part)
        for place in SEEDED.sample(range(start, start + len(part)), 12):
            changed.write_bytes(token[:place] + bytes([token[place] ^ 1]) + token[place + 1 :])
            done = openssl("-verify", "-digest", DIGEST.hex(), "-token_in", "-in", changed, "-CAfile", root)
            assert done.returncode, place
            refused(changed.read_bytes(), "time stamp")


@pytest.mark.needs("openssl")
@pytest.mark.parametrize("holder", [STAMPER, RSA_STAMPER])
def test_tokens_made_by_openssl_hold_here(holder: Holder, tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("key", "cert", "chain", "serial", "conf", "q.tsq", "a.tsr")}
    files["key"].write_bytes(wire.key_pem(holder.key))
    files["cert"].write_text(wire.certificate_pem(holder.certificate))
    files["chain"].write_text(wire.certificate_pem(ISSUING.certificate))
    files["serial"].write_text("01")
    files["conf"].write_text(
        f"[tsa]\nserial={files['serial']}\nsigner_digest=sha256\ndigests=sha256\ndefault_policy=1.2.3.4\n"
        "accuracy=secs:1\ness_cert_id_alg=sha256\n"
    )
    request = timestamps.request_encode(DIGEST)
    files["q.tsq"].write_bytes(request)
    done = openssl(
        *("-reply", "-config", files["conf"], "-section", "tsa", "-queryfile", files["q.tsq"]),
        *("-signer", files["cert"], "-inkey", files["key"], "-chain", files["chain"], "-out", files["a.tsr"]),
    )
    assert not done.returncode, done.stderr
    token = timestamps.response_token(files["a.tsr"].read_bytes(), request)
    at = timestamps.token_verify(token, DIGEST, trusted=TRUSTED)
    assert abs(datetime.now(UTC) - at) < timedelta(hours=1)
    refused(token, "another digest", bytes(32))


# Every byte


def test_every_changed_byte_of_a_token_is_refused() -> None:
    token = stamp()
    for place in range(len(token)):
        changed = bytes([token[place] ^ SEEDED.randrange(1, 256)])
        refused(token[:place] + changed + token[place + 1 :], "time stamp|certificate")


def test_a_chains_signature_has_one_form() -> None:
    """A BIT STRING that ends in a zero bit can call that bit unused and mean the same signature."""
    even = issue("Issuing", ROOT, ca=True, path_length=0)
    while even.certificate.signature[-1] % 2:
        even = issue("Issuing", ROOT, ca=True, path_length=0)
    stamper = issue("Time stamps", even, usages=STAMPS)
    request = timestamps.request_encode(DIGEST)
    stamping = TimestampAuthority(stamper.key, stamper.certificate, (even.certificate,))
    token = timestamps.response_token(stamping.answer(request, AT), request)
    assert timestamps.token_verify(token, DIGEST, trusted=TRUSTED)
    unused = token.index(even.certificate.signature) - 1
    refused(token[:unused] + b"\x01" + token[unused + 1 :], "malformed token")


def test_a_token_that_names_no_certificate_is_refused() -> None:
    known = tsp.SigningCertificateV2({"certs": []}).dump()
    data = cms.ContentInfo.load(stamp())
    (signer_info,) = data["content"]["signer_infos"]
    binding = next(a for a in signer_info["signed_attrs"] if a["type"].native == "signing_certificate_v2")
    binding["values"] = [tsp.SigningCertificateV2.load(known)]
    refused(data.dump(force=True), "malformed token")


def test_changed_bytes_of_an_rsa_token_are_refused() -> None:
    token = stamp(holder=RSA_STAMPER)
    for place in SEEDED.sample(range(len(token)), 150):
        changed = bytes([token[place] ^ SEEDED.randrange(1, 256)])
        refused(token[:place] + changed + token[place + 1 :], "time stamp|certificate")


def test_bytes_after_a_token_and_half_a_token_are_refused() -> None:
    token = stamp()
    for other in (token + b"\0", token[:-1], b"", token + token, bytes(100_000)):
        refused(other, "malformed")


@given(st.binary())
def test_any_bytes_are_answered(data: bytes) -> None:
    refused(data, "malformed")
    with pytest.raises(EvidenceError, match="malformed"):
        timestamps.response_token(data, timestamps.request_encode(DIGEST))
    answer = timestamps._loaded(timestamps._Response, authority().answer(data, AT))
    assert answer["status"]["status"].native == "rejection"


# Who may stamp


def test_another_digest_and_another_root_are_refused() -> None:
    refused(stamp(), "another digest", bytes(32))
    refused(stamp(), "trusted authority", trusted=[issue("Root", ca=True).certificate])
    refused(stamp(), "trusted authority", trusted=[])


def test_the_authority_itself_may_be_what_is_trusted() -> None:
    request = timestamps.request_encode(DIGEST, certificates=False)
    token = timestamps.response_token(authority().answer(request, AT), request)
    assert timestamps.token_verify(token, DIGEST, trusted=[STAMPER.certificate])
    refused(token, "not there")
    assert timestamps.token_verify(stamp(), DIGEST, trusted=[STAMPER.certificate])


@pytest.mark.parametrize(
    ("usages", "critical"),
    [((), True), (STAMPS, False), ((*STAMPS, ExtendedKeyUsageOID.CODE_SIGNING), True)],
)
def test_a_key_for_other_uses_stamps_nothing(
    usages: tuple[x509.ObjectIdentifier, ...], critical: bool
) -> None:
    other = issue("Not for stamps", ISSUING, usages=usages, critical=critical)
    refused(stamp(holder=other), "not one of a time-stamp authority")


def test_a_certificate_counts_within_its_time_only() -> None:
    early = issue("Ended", ISSUING, usages=STAMPS, until=AT - timedelta(days=1))
    late = issue("Not begun", ISSUING, usages=STAMPS, since=AT + timedelta(days=1))
    for holder in (early, late):
        refused(stamp(holder=holder), "was not valid at 2026-11-23")
    assert timestamps.token_verify(stamp(holder=early, at=AT - timedelta(days=2)), DIGEST, trusted=TRUSTED)


def test_only_authorities_within_their_path_length_issue() -> None:
    below = issue("Below", ISSUING, ca=True)
    person = issue("A person", ISSUING)
    for parent in (below, person):
        holder = issue("Stamps", parent, usages=STAMPS)
        chain = (parent.certificate, ISSUING.certificate)
        request = timestamps.request_encode(DIGEST)
        answer = TimestampAuthority(holder.key, holder.certificate, chain).answer(request, AT)
        refused(timestamps.response_token(answer, request), "trusted authority")


def test_certificates_of_strangers_have_no_place_in_a_token() -> None:
    stranger = issue("Stranger").certificate
    request = timestamps.request_encode(DIGEST)
    chain = (ISSUING.certificate, stranger)
    answer = TimestampAuthority(STAMPER.key, STAMPER.certificate, chain).answer(request, AT)
    refused(timestamps.response_token(answer, request), "strangers")


def test_a_signature_for_other_content_than_a_time_is_no_time_stamp(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = timestamps.cms.CMSAttribute

    def other(value: dict[str, object]) -> object:
        return kind(value | {"values": ["data"]} if value["type"] == "content_type" else value)

    monkeypatch.setattr(timestamps.cms, "CMSAttribute", other)
    token = stamp()
    monkeypatch.undo()
    refused(token, "wrong type of content")


# The protocol


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"version": 2}, "bad_request"),
        ({"req_policy": "1.2.3"}, "unaccepted_policy"),
        ({"extensions": [{"extn_id": "1.2.3", "extn_value": b""}]}, "unaccepted_extensions"),
        (
            {"message_imprint": {"hash_algorithm": {"algorithm": "sha1"}, "hashed_message": bytes(20)}},
            "bad_alg",
        ),
        (
            {"message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": b""}},
            "bad_request",
        ),
    ],
)
def test_a_request_that_cannot_be_granted_is_told_why(change: dict[str, object], reason: str) -> None:
    request = timestamps._loaded(tsp.TimeStampReq, timestamps.request_encode(DIGEST))
    for name, value in change.items():
        request[name] = value
    answer = authority().answer(request.dump(force=True), AT)
    with pytest.raises(EvidenceError, match=f"refused, rejection {reason}"):
        timestamps.response_token(answer, timestamps.request_encode(DIGEST))


def test_an_answer_belongs_to_its_request() -> None:
    answer = authority().answer(timestamps.request_encode(DIGEST, nonce=7), AT)
    with pytest.raises(EvidenceError, match="another nonce"):
        timestamps.response_token(answer, timestamps.request_encode(DIGEST, nonce=8))
    with pytest.raises(EvidenceError, match="another digest"):
        timestamps.response_token(answer, timestamps.request_encode(bytes(32), nonce=7))


def test_only_whole_sha256_digests_are_asked_for() -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        timestamps.request_encode(b"short")


def test_no_two_tokens_have_one_serial_number() -> None:
    assert stamp() != stamp()
