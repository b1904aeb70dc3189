"""ASiC-E containers: other programs read them, every part at fault is named, and no byte can be changed."""

import hashlib
import io
import random
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from lienthong.blocks.trust import asic, hashchain, timestamps, wire, xades
from lienthong.blocks.trust.asic import ChainFiles, Check
from tests.blocks.trust.test_timestamps import (
    ISSUING,
    ROOT,
    STAMPER,
    TRUSTED,
    UNTIL,
    Holder,
    authority,
    issue,
    stamp,
)
from tests.conftest import ROOT as CHECKOUT

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HEAD = "GET /r1/VN/GOV/G01/population/check?mã=1 HTTP/1.1\r\nX-Road-Id: 7\r\n\r\n".encode()
BODY = b'{"answer": true}'
SIGNER = issue("Công an phường <&>", ISSUING)
RSA_SIGNER = issue("Seal, RSA", ISSUING, rsa_key=True)
SEEDED = random.Random(162)  # noqa: S311 - chooses bytes to spoil


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def signed(parts: dict[str, bytes], signer: Holder = SIGNER, at: datetime = AT) -> bytes:
    chain = [ISSUING.certificate]
    return xades.signature_build(parts, key=signer.key, certificate=signer.certificate, at=at, chain=chain)


def single(*attachments: bytes, signer: Holder = SIGNER, at: datetime = AT) -> bytes:
    """A message signed and time-stamped by itself."""
    signatures = signed(asic.message_parts(HEAD, attachments), signer, at)
    token = stamp(asic.stamp_digest(signatures), at=AT)
    return asic.container_build(HEAD, signatures, attachments=attachments, token=token)


def batch(messages: list[tuple[bytes, list[bytes]]]) -> list[bytes]:
    """Messages under one signature and one time stamp, each in a container of its own."""
    leaves = [[sha(part) for part in asic.message_parts(head, others).values()] for head, others in messages]
    tree = hashchain.tree_build(leaves)
    result = tree.result(uri="/sig-hashchain.xml")
    signatures = signed({"/sig-hashchainresult.xml": result})
    # The time-stamp authority's batch has signatures of others in it too.
    stamps = hashchain.tree_build([sha(b"another"), sha(signatures), sha(b"a third")])
    stamped = stamps.result(uri="/ts-hashchain.xml")
    token = stamp(asic.stamp_digest(signatures, stamped), at=AT)
    return [
        asic.container_build(
            head,
            signatures,
            attachments=others,
            signature_chain=ChainFiles(result, tree.chain(index)),
            token=token,
            token_chain=ChainFiles(stamped, stamps.chain(1, uri="/META-INF/signatures.xml")),
        )
        for index, (head, others) in enumerate(messages)
    ]


def entries_of(container: bytes) -> dict[str, bytes]:
    return asic._zip_read(container)


def with_entries(container: bytes, **changed: bytes) -> bytes:
    """Another archive in the one form, some entries replaced; names without folder and ending."""
    short = {Path(name).stem.replace("-", "_"): name for name in entries_of(container)}
    return asic._zip_write(entries_of(container) | {short[name]: data for name, data in changed.items()})


def refusal(container: bytes, **options: datetime) -> tuple[str, str]:
    check = asic.container_check(container, trusted=TRUSTED, **options)
    assert not check.valid
    assert check.problem
    assert check.problem.vi
    assert check == Check(problem=check.problem, detail=check.detail)
    return check.problem.en, check.detail


@pytest.fixture(scope="module")
def plain() -> bytes:
    return single(BODY)


@pytest.fixture(scope="module")
def unstamped() -> bytes:
    return asic.container_build(HEAD, signed(asic.message_parts(HEAD, [BODY])), attachments=[BODY])


@pytest.fixture(scope="module")
def batched() -> bytes:
    return batch([(HEAD, [BODY, b"scan"]), (b"another", []), (b"a third", [b""])])[0]


@pytest.mark.parametrize("signer", [SIGNER, RSA_SIGNER])
@pytest.mark.parametrize("attachments", [(), (BODY,), tuple(bytes([n]) for n in range(12))])
def test_a_container_tells_what_it_proves(signer: Holder, attachments: tuple[bytes, ...]) -> None:
    container = single(*attachments, signer=signer)
    check = asic.container_check(container, trusted=TRUSTED)
    assert check == Check(signer.certificate, AT, AT, HEAD, attachments)


def test_every_message_of_a_batch_is_proven_by_its_own_container() -> None:
    messages = [(b"%d" % number, [BODY] * (number % 3)) for number in range(7)]
    for container, (head, others) in zip(batch(messages), messages, strict=True):
        check = asic.container_check(container, trusted=TRUSTED)
        assert (check.valid, check.message, check.attachments) == (True, head, tuple(others)), check.detail


def test_a_batch_of_one() -> None:
    (container,) = batch([(HEAD, [])])
    assert asic.container_check(container, trusted=TRUSTED).valid


def test_equal_parts_make_equal_containers(plain: bytes) -> None:
    entries = entries_of(plain)
    again = asic.container_build(
        HEAD,
        entries["META-INF/signatures.xml"],
        attachments=[BODY],
        token=entries["META-INF/timestamp.tst"],
    )
    assert again == plain


def test_without_a_time_stamp_the_signer_is_believed_about_the_time() -> None:
    container = asic.container_build(HEAD, signed(asic.message_parts(HEAD)))
    check = asic.container_check(container, trusted=TRUSTED)
    assert (check.valid, check.signed_at, check.stamped_at) == (True, AT, None)
    assert asic.container_check(container, trusted=TRUSTED, at=AT + timedelta(days=300)).valid
    assert "trusted at the time" in refusal(container, at=UNTIL + timedelta(days=1))[0]
    assert "from the future" in refusal(container, at=AT - timedelta(days=1))[1]


# The container as others see it


def test_any_zip_program_reads_it(plain: bytes, batched: bytes) -> None:
    for container in (plain, batched):
        with zipfile.ZipFile(io.BytesIO(container)) as archive:
            assert archive.testzip() is None
            assert {name: archive.read(name) for name in archive.namelist()} == entries_of(container)
            assert archive.namelist()[0] == "mimetype"
            assert archive.comment == b"mimetype=application/vnd.etsi.asic-e+zip"
        # ETSI TS 102 918 §6.2.1: the type can be read at a fixed place.
        assert container[30:].startswith(b"mimetype" + asic.MIMETYPE.encode())


def test_the_entries_are_x_road_s(batched: bytes) -> None:
    assert list(entries_of(batched)) == [
        "mimetype",
        "message.xml",
        "META-INF/signatures.xml",
        "sig-hashchainresult.xml",
        "sig-hashchain.xml",
        "ts-hashchainresult.xml",
        "ts-hashchain.xml",
        "attachment1",
        "attachment2",
        "META-INF/manifest.xml",
        "META-INF/ASiCManifest.xml",
        "META-INF/timestamp.tst",
    ]
    for name, content in entries_of(batched).items():
        if name.endswith(".xml") and name != "message.xml":
            etree.fromstring(content)


@pytest.mark.needs("openssl")
def test_openssl_verifies_the_time_stamp_of_a_container(plain: bytes, batched: bytes, tmp_path: Path) -> None:
    (tmp_path / "root").write_text(wire.certificate_pem(ROOT.certificate))
    for container in (plain, batched):
        entries = entries_of(container)
        digest = asic.stamp_digest(entries["META-INF/signatures.xml"], entries.get("ts-hashchainresult.xml"))
        (tmp_path / "tst").write_bytes(entries["META-INF/timestamp.tst"])
        done = subprocess.run(
            [
                *("openssl", "ts", "-verify", "-token_in", "-in", tmp_path / "tst"),
                *("-digest", digest.hex(), "-CAfile", tmp_path / "root"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout.strip() == "Verification: OK", done.stderr


# Every byte


@pytest.mark.parametrize("kind", ["plain", "unstamped", "batched"])
def test_no_changed_byte_is_accepted(kind: str, request: pytest.FixtureRequest) -> None:
    container: bytes = request.getfixturevalue(kind)
    for place in range(len(container)):
        changed = bytes([container[place] ^ SEEDED.randrange(1, 256)])
        refusal(container[:place] + changed + container[place + 1 :])


@pytest.mark.parametrize("kind", ["plain", "unstamped", "batched"])
def test_no_changed_byte_is_accepted_where_the_archive_is_made_to_fit(
    kind: str, request: pytest.FixtureRequest
) -> None:
    """The stronger attack: checksums, sizes and manifests are right again, only the evidence can tell."""
    container: bytes = request.getfixturevalue(kind)
    entries = entries_of(container)
    for name, content in entries.items():
        for place in SEEDED.sample(range(len(content)), min(len(content), 60)):
            changed = bytes([content[place] ^ SEEDED.randrange(1, 256)])
            spoiled = entries | {name: content[:place] + changed + content[place + 1 :]}
            for manifest, make in (
                ("META-INF/manifest.xml", asic._manifest),
                ("META-INF/ASiCManifest.xml", asic._stamp_manifest),
            ):
                if manifest in entries and name not in {manifest, "mimetype"}:
                    body = {
                        key: data
                        for key, data in spoiled.items()
                        if key[:9] != "META-INF/" or key == asic.SIGNATURES
                    }
                    spoiled[manifest] = make(body)
            refusal(asic._zip_write(spoiled))


def test_bytes_before_after_and_between_are_refused(plain: bytes) -> None:
    middle = plain.index(b"PK\x01\x02")
    for other in (b"", b"\0" + plain, plain + b"\0", plain[:-1], plain[:middle] + b"\0" + plain[middle:]):
        assert "ASiC-E" in refusal(other)[0]


@given(st.binary() | st.binary().map(lambda data: b"PK\x03\x04" + data))
def test_any_bytes_are_answered(data: bytes) -> None:
    assert "ASiC-E" in refusal(data)[0]


# Archives that are no containers


def test_an_archive_of_another_program_is_refused(plain: bytes) -> None:
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", method) as archive:
            for name, content in entries_of(plain).items():
                archive.writestr(name, content)
        assert "ASiC-E" in refusal(file.getvalue())[0]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "attachment3", "attachment01", "META-INF/x"]
)
def test_other_entries_are_refused(plain: bytes, name: str) -> None:
    refusal(asic._zip_write(entries_of(plain) | {name: b"x"}))


def test_missing_entries_and_another_order_are_refused(plain: bytes, batched: bytes) -> None:
    for container in (plain, batched):
        entries = entries_of(container)
        for name in entries:
            refusal(asic._zip_write({key: data for key, data in entries.items() if key != name}))
        refusal(asic._zip_write(dict(reversed(entries.items()))))


def test_two_entries_of_one_name_and_crowds_of_them_are_refused(plain: bytes) -> None:
    first = plain[: 30 + len("mimetype") + len(asic.MIMETYPE)]
    assert "two entries" in refusal(first + plain)[1]
    assert "ASiC-E" in refusal(asic._zip_write({f"attachment{n}": b"" for n in range(1, 99)}))[0]


def test_limits(monkeypatch: pytest.MonkeyPatch, plain: bytes) -> None:
    with pytest.raises(ValueError, match="20 attachments"):
        asic.container_build(HEAD, b"", attachments=[b""] * 21)
    with pytest.raises(ValueError, match="needs its time stamp"):
        asic.container_build(HEAD, b"", token_chain=ChainFiles(b"", b""))
    monkeypatch.setattr(asic, "_MAX_BYTES", 1000)
    with pytest.raises(ValueError, match="64 MiB"):
        asic.container_build(bytes(1001), b"")
    monkeypatch.setattr(asic, "_MAX_OVERHEAD", 0)
    assert "too large" in refusal(plain)[1]


# Which part is wrong


def test_the_part_at_fault_is_named(plain: bytes, batched: bytes) -> None:
    other = single(b"something else")
    foreign = entries_of(other)
    assert "manifest" in refusal(with_entries(plain, manifest=b"<manifest/>"))[0]
    assert "message or an attachment" in refusal(with_entries(plain, message=b"GET /other"))[0]
    assert "/attachment1" in refusal(with_entries(plain, attachment1=b"{}"))[1]
    chain = hashchain.tree_build([sha(HEAD)]).chain(0)
    assert "sig-hashchain.xml" in refusal(with_entries(batched, sig_hashchain=chain))[0]
    assert "sig-hashchain.xml" in refusal(with_entries(batched, message=b"GET /other"))[0]
    assert "ts-hashchain.xml" in refusal(with_entries(batched, ts_hashchain=chain))[0]
    assert "timestamp.tst" in refusal(with_entries(plain, timestamp=foreign["META-INF/timestamp.tst"]))[0]
    check = asic.container_check(plain, trusted=[STAMPER.certificate])
    assert check.problem
    assert check.problem.vi == "Chứng thư của bên ký không được tin cậy tại thời điểm ký."


def test_a_signature_over_less_than_the_container_is_refused() -> None:
    for parts in (
        {"/message.xml": HEAD},
        {"/attachment1": BODY},
        {"/attachment1": BODY, "/message.xml": HEAD},
    ):
        container = asic.container_build(HEAD, signed(parts), attachments=[BODY])
        assert refusal(container) == (
            "The electronic signature (signatures.xml) is not valid.",
            "signature: it must name /message.xml, /attachment1",
        )


def test_a_chain_that_names_more_than_the_container_holds_is_refused() -> None:
    tree = hashchain.tree_build([[sha(HEAD), sha(BODY)]])
    result = tree.result(uri="/sig-hashchain.xml")
    chain = ChainFiles(result, tree.chain(0))
    signatures = signed({"/sig-hashchainresult.xml": result})
    assert "other data" in refusal(asic.container_build(HEAD, signatures, signature_chain=chain))[1]
    spaced = ChainFiles(result, chain.chain + b"\n")
    whole = asic.container_build(HEAD, signatures, attachments=[BODY], signature_chain=spaced)
    assert "one form" in refusal(whole)[1]


def test_certificates_are_the_way_to_the_root_and_nothing_else() -> None:
    parts = asic.message_parts(HEAD)
    for chain in ([], [ISSUING.certificate, issue("Stranger").certificate]):
        signatures = xades.signature_build(
            parts, key=SIGNER.key, certificate=SIGNER.certificate, at=AT, chain=chain
        )
        assert "certificate" in refusal(asic.container_build(HEAD, signatures))[1]


def test_a_signer_counts_within_its_certificate_s_time_and_use() -> None:
    ended = issue("Ended", ISSUING, until=AT - timedelta(days=1))
    assert "was not valid" in refusal(single(signer=ended))[1]
    other = issue("Not for signatures", ISSUING, signs=False)
    assert "not for signatures" in refusal(single(signer=other))[1]


def test_a_time_stamp_older_than_its_signature_or_from_the_future_is_refused(plain: bytes) -> None:
    assert "older than the signature" in refusal(single(at=AT + timedelta(minutes=5)))[1]
    assert "from the future" in refusal(plain, at=AT - timedelta(minutes=5))[1]
    assert asic.container_check(plain, trusted=TRUSTED, at=AT).valid


def test_the_evidence_formats_need_no_django() -> None:
    code = (
        "import sys; from lienthong.blocks.trust import asic, hashchain, timestamps, xades;"
        "sys.exit('django' in sys.modules)"
    )
    environment = {"PYTHONPATH": str(CHECKOUT / "src")}
    assert not subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode


def test_a_time_stamp_made_for_the_message_s_answer_is_asked_and_given() -> None:
    signatures = signed(asic.message_parts(HEAD))
    request = timestamps.request_encode(asic.stamp_digest(signatures))
    token = timestamps.response_token(authority().answer(request, AT), request)
    assert asic.container_check(asic.container_build(HEAD, signatures, token=token), trusted=TRUSTED).valid


def test_our_own_containers_have_chains_of_sha256_alone() -> None:
    tree = hashchain.tree_build([sha(HEAD), sha(b"another")])
    digest, uri, _ = hashchain.result_read(tree.result(uri="/sig-hashchain.xml"))
    strong = hashlib.sha512(
        wire.step_data([(sha(HEAD), wire.XROAD_SHA256), (sha(b"another"), wire.XROAD_SHA256)])
    )
    result = hashchain.result_document(strong.digest(), uri, "http://www.w3.org/2001/04/xmlenc#sha512")
    assert hashchain.result_read(result)[0] != digest
    signatures = signed({"/sig-hashchainresult.xml": result})
    container = asic.container_build(HEAD, signatures, signature_chain=ChainFiles(result, tree.chain(0)))
    assert "ours are made with SHA-256" in refusal(container)[1]
