"""XAdES signatures: xmlsec1 verifies them, lxml finds them canonical, and they have one form only."""

import subprocess
from pathlib import Path

import pytest
from lxml import etree

from lienthong.blocks.trust import asic, wire, xades
from tests.blocks.trust.test_asic import (
    AT,
    BODY,
    HEAD,
    RSA_SIGNER,
    SIGNER,
    batch,
    entries_of,
    refusal,
    signed,
    single,
)
from tests.blocks.trust.test_timestamps import ISSUING, ROOT, Holder


def xmlsec1(folder: Path, container: bytes, *, changed: tuple[str, bytes] | None = None) -> str:
    """What xmlsec1 says of signatures.xml, its references read from the container's own files."""
    entries = entries_of(container)
    if changed:
        entries[changed[0]] = changed[1]
    maps: list[str | Path] = []
    for name in ("message.xml", "attachment1", "sig-hashchainresult.xml"):
        if name in entries:
            (folder / name).write_bytes(entries[name])
            maps += [f"--url-map:/{name}", folder / name]
    (folder / "signatures.xml").write_bytes(entries["META-INF/signatures.xml"])
    for name, holder in (("root", ROOT), ("issuing", ISSUING)):
        (folder / name).write_text(wire.certificate_pem(holder.certificate))
    done = subprocess.run(
        [
            *("xmlsec1", "--verify", "--trusted-pem", folder / "root", "--untrusted-pem", folder / "issuing"),
            *("--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"),
            *("--verification-gmt-time", f"{AT:%Y-%m-%d %H:%M:%S}", *maps, folder / "signatures.xml"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) == done.stderr.startswith("OK\n"), done.stderr
    return done.stderr


@pytest.mark.needs("xmlsec1")
@pytest.mark.parametrize("signer", [SIGNER, RSA_SIGNER])
def test_xmlsec1_verifies_our_signatures(signer: Holder, tmp_path: Path) -> None:
    container = single(BODY, signer=signer)
    assert xmlsec1(tmp_path, container).startswith("OK\nSignedInfo References (ok/all): 3/3\n")
    for name in ("message.xml", "attachment1"):
        assert not xmlsec1(tmp_path, container, changed=(name, b"other")).startswith("OK")
    signatures = entries_of(container)["META-INF/signatures.xml"]
    for old, new in (
        (b"2026-11-23T02", b"2026-11-23T03"),
        (b'<ds:SignatureValue Id="signature-value">', b"A"),
    ):
        spoiled = signatures.replace(old, new if new != b"A" else old + new)
        assert not xmlsec1(tmp_path, container, changed=("META-INF/signatures.xml", spoiled)).startswith("OK")


@pytest.mark.needs("xmlsec1")
def test_xmlsec1_verifies_a_batch_signature(tmp_path: Path) -> None:
    container = batch([(HEAD, [BODY]), (b"another", [])])[0]
    assert xmlsec1(tmp_path, container).startswith("OK\nSignedInfo References (ok/all): 2/2\n")


def test_what_we_sign_is_canonical_xml() -> None:
    document = signed(asic.message_parts(HEAD, [BODY]))
    root = etree.fromstring(document)
    assert document.split(b"\n", 1)[1] == etree.tostring(root, method="c14n") + b"\n"
    signature = xades.signature_read(document)
    for name, ours in (
        ("{*}SignedInfo", signature.signed_info(xades._SPACES)),
        ("{*}SignedProperties", signature._properties(xades._SPACES)),
    ):
        element = root.find(f".//{name}")
        assert element is not None
        assert etree.tostring(element, method="c14n", with_tail=False).decode() == ours


def test_a_signature_document_with_anything_added_is_refused() -> None:
    signatures = signed(asic.message_parts(HEAD))
    for old, new in (
        (b"</ds:Object>", b"</ds:Object><ds:Object/>"),
        (b"<ds:KeyInfo>", b"<ds:KeyInfo >"),
        (b"<ds:KeyInfo>", b"<!-- --><ds:KeyInfo>"),
        (b"</ds:SignatureValue>", b"\n</ds:SignatureValue>"),
        (b"<?xml", b"<!DOCTYPE a><?xml"),
        (b"Z</xades:SigningTime>", b"</xades:SigningTime>"),
    ):
        container = asic.container_build(HEAD, signatures.replace(old, new))
        assert "signatures.xml" in refusal(container)[0]


def test_only_the_certificate_s_own_key_signs_and_only_plain_names() -> None:
    for key, parts in ((RSA_SIGNER.key, {"/message.xml": HEAD}), (SIGNER.key, {'/"': HEAD})):
        with pytest.raises(ValueError, match="plain paths"):
            xades.signature_build(parts, key=key, certificate=SIGNER.certificate, at=AT)
