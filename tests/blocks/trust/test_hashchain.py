"""Hash-chain documents: X-Road's published vectors, and our own trees of every size."""

import base64
import hashlib
from itertools import product
from typing import Any

import pytest
from asn1crypto import core
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from lienthong.blocks.trust import hashchain, wire
from lienthong.blocks.trust.hashchain import DataRef, EvidenceError, HashValue, Step, StepRef
from tests.conftest import ROOT

VECTORS = ROOT.parent / "shared/vectors/xroad-hashchain"
DIGESTS = st.lists(
    st.binary(max_size=8).map(lambda data: hashlib.sha256(data).digest()), min_size=1, max_size=64
)
XMLDSIG = b"""<schema xmlns="http://www.w3.org/2001/XMLSchema" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"
    targetNamespace="http://www.w3.org/2000/09/xmldsig#" elementFormDefault="qualified">
  <complexType name="DigestMethodType"><attribute name="Algorithm" type="anyURI" use="required"/></complexType>
  <complexType name="TransformType"><attribute name="Algorithm" type="anyURI" use="required"/></complexType>
  <complexType name="TransformsType"><sequence>
    <element name="Transform" type="ds:TransformType" maxOccurs="unbounded"/></sequence></complexType>
  <element name="DigestMethod" type="ds:DigestMethodType"/>
  <element name="Transforms" type="ds:TransformsType"/>
  <element name="DigestValue" type="base64Binary"/>
</schema>"""


def vector(name: str) -> bytes:
    return (VECTORS / f"hc-verifier{name}.xml").read_bytes()


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def proven(tree: hashchain.Tree, index: int, digests: list[bytes]) -> dict[str, bytes]:
    names = ["/message.xml", *(f"/attachment{n}" for n in range(1, len(digests)))]
    return hashchain.chain_verify(
        tree.result(),
        documents={"/hashchain.xml": tree.chain(index)},
        inputs=dict(zip(names, digests, strict=True)),
    )


# X-Road's vectors


def vector_verify(
    number: int, chain: str, message: str | None, inputs: dict[str, bytes | None], **more: str
) -> None:
    documents = {"/hashchain.xml": vector(chain)}
    if message:
        documents["/message.xml"] = vector(message)
    documents |= {f"/{name}.xml": vector(file) for name, file in more.items()}
    hashchain.chain_verify(vector(f"{number}-hashchainresult"), documents=documents, inputs=inputs)


def test_simple() -> None:
    digest = sha(vector("1-message"))
    vector_verify(1, "1-hashchain", "1-message", {"/message.xml": digest})


def test_unused_input() -> None:
    digest = sha(vector("1-message"))
    with pytest.raises(EvidenceError, match=r"unused inputs.*/attachment1"):
        vector_verify(1, "1-hashchain", "1-message", {"/message.xml": digest, "/attachment1": digest})


def test_digest_mismatch() -> None:
    digest = sha(vector("1-hashchain"))
    with pytest.raises(EvidenceError, match="invalid result"):
        vector_verify(1, "1-hashchain", "1-hashchain", {"/message.xml": digest})


def test_two_chains() -> None:
    vector_verify(4, "4-hashchain1", "4-message", {"/message.xml": None}, hashchain2="4-hashchain2")


def test_two_chains_of_which_one_is_absent() -> None:
    with pytest.raises(EvidenceError, match=r"no chain file /hashchain2\.xml"):
        vector_verify(4, "4-hashchain1", "4-message", {"/message.xml": None})


def test_attachments() -> None:
    names = ("/message.xml", "/attachment1", "/attachment2", "/attachment3")
    vector_verify(2, "2-hashchain", None, dict(zip(names, (b"\x0b", b"\x0c", b"\x0d", b"\x0e"), strict=True)))


def test_attachments_not_resolvable() -> None:
    vector_verify(2, "2-hashchain", None, {"/message.xml": b"\x0b"})


def test_transforms() -> None:
    vector_verify(3, "3-hashchain", "3-message", {"/message.xml": None})


def test_bad_reference() -> None:
    with pytest.raises(EvidenceError, match=r"invalid reference: /message\.xml"):
        vector_verify(3, "3-hashchain-invalid", "3-message", {"/message.xml": None})


def test_bad_schema() -> None:
    with pytest.raises(EvidenceError, match="malformed"):
        vector_verify(3, "5-hashchain-invalid-schema", "3-message", {"/message.xml": None})


# Other digests than ours, as real X-Road installations have them

DIGESTS_URI = {
    "sha256": "http://www.w3.org/2001/04/xmlenc#sha256",
    "sha384": "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "sha512": "http://www.w3.org/2001/04/xmlenc#sha512",
}


class SingleDigest(core.Sequence):
    """X-Road's structure of a value in a step, written by another library."""

    _fields = [
        ("digest", core.OctetString),
        ("algorithm", core.UTF8String),
        ("transforms", core.SequenceOf, {"spec": core.Any}),
    ]


class DigestList(core.SequenceOf):
    _child_spec = SingleDigest


def combined(*values: tuple[str, bytes]) -> bytes:
    rows = [{"digest": digest, "algorithm": DIGESTS_URI[name], "transforms": []} for name, digest in values]
    return DigestList(rows).dump()


def method(name: str) -> str:
    return f'<d:DigestMethod Algorithm="{DIGESTS_URI[name]}"/>'


def valued(digest: bytes) -> str:
    return f"<d:DigestValue>{base64.b64encode(digest).decode()}</d:DigestValue>"


def foreign(top: str, middle: str, leaf: str) -> tuple[bytes, dict[str, bytes]]:
    """A result and its documents: the top step, the step below and the message each by another digest."""
    message, other = b"<message/>", b"another branch"
    digest = hashlib.new(leaf, message).digest()
    below = combined((leaf, digest), (leaf, other))
    above = combined((leaf, other), (middle, hashlib.new(middle, below).digest()))
    spaces = 'xmlns:h="http://cyber.ee/hashchain" xmlns:d="http://www.w3.org/2000/09/xmldsig#"'
    chain = (
        f'<h:HashChain {spaces}><h:DefaultDigestMethod Algorithm="{DIGESTS_URI[leaf]}"/>'
        f'<h:HashStep id="A"><h:HashValue>{valued(other)}</h:HashValue>'
        f'<h:StepRef URI="#B">{method(middle)}</h:StepRef></h:HashStep>'
        f'<h:HashStep id="B"><h:DataRef URI="/message.xml">{valued(digest)}</h:DataRef>'
        f"<h:HashValue>{valued(other)}</h:HashValue></h:HashStep></h:HashChain>"
    )
    root = hashlib.new(top, above).digest()
    result = f'<h:HashChainResult {spaces} URI="/chain.xml#A">{method(top)}{valued(root)}</h:HashChainResult>'
    return result.encode(), {"/chain.xml": chain.encode(), "/message.xml": message}


@pytest.mark.parametrize("names", list(product(DIGESTS_URI, repeat=3)), ids="-".join)
def test_chains_of_any_of_the_three_digests_are_proven(names: tuple[str, str, str]) -> None:
    result, documents = foreign(*names)
    met = hashchain.chain_verify(result, documents=documents, inputs={"/message.xml": None})
    assert met == {"/message.xml": hashlib.new(names[2], documents["/message.xml"]).digest()}
    assert hashchain.result_read(result)[2] == DIGESTS_URI[names[0]]
    changed = documents | {"/message.xml": b"<massage/>"}
    with pytest.raises(EvidenceError, match="does not have the digest"):
        hashchain.chain_verify(result, documents=changed, inputs={"/message.xml": None})
    node = documents | {"/message.xml": combined((names[2], b"x"))}
    with pytest.raises(EvidenceError, match="is a step of a tree"):
        hashchain.chain_verify(result, documents=node, inputs={"/message.xml": None})


def test_a_chain_that_names_another_digest_than_it_was_made_with_is_refused() -> None:
    result, documents = foreign("sha512", "sha512", "sha512")
    for part in (b"DefaultDigestMethod Algorithm", b"d:DigestMethod Algorithm"):
        chain = documents["/chain.xml"].replace(
            part + b'="http://www.w3.org/2001/04/xmlenc#sha512', part + b'="' + DIGESTS_URI["sha256"].encode()
        )
        with pytest.raises(EvidenceError):
            hashchain.chain_verify(
                result, documents=documents | {"/chain.xml": chain}, inputs={"/message.xml": None}
            )


# Trees


@given(DIGESTS)
def test_every_message_of_a_batch_is_proven_by_its_own_document(digests: list[bytes]) -> None:
    tree = hashchain.tree_build(digests)
    for index, digest in enumerate(digests):
        assert proven(tree, index, [digest]) == {"/message.xml": digest}


@given(DIGESTS, st.data())
def test_another_digest_is_refused(digests: list[bytes], data: st.DataObject) -> None:
    tree = hashchain.tree_build(digests)
    index = data.draw(st.integers(0, len(digests) - 1))
    changed = bytearray(digests[index])
    changed[data.draw(st.integers(0, 31))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(EvidenceError, match="invalid result"):
        proven(tree, index, [bytes(changed)])
    replaced = [*digests[:index], bytes(changed), *digests[index + 1 :]]
    assert hashchain.tree_build(replaced).root != tree.root


@given(st.lists(st.integers(1, 4), min_size=1, max_size=20), st.data())
def test_attachments_are_proven_with_their_message(sizes: list[int], data: st.DataObject) -> None:
    leaves = [[sha(bytes([index, part])) for part in range(size)] for index, size in enumerate(sizes)]
    tree = hashchain.tree_build(leaves)
    for index, digests in enumerate(leaves):
        assert list(proven(tree, index, digests).values()) == digests
    index = data.draw(st.integers(0, len(leaves) - 1))
    part = data.draw(st.integers(0, sizes[index] - 1))
    leaves[index][part] = sha(b"forged")
    with pytest.raises(EvidenceError, match="invalid result"):
        proven(tree, index, leaves[index])


def test_the_tree_is_shaped_as_x_road_shapes_it() -> None:
    a, b, c, d, e = (sha(bytes([n])) for n in range(5))
    left = wire.hash_step([wire.hash_step([a, b]), wire.hash_step([c, d])])
    tree = hashchain.tree_build([a, b, c, d, e])
    assert tree.root == wire.hash_step([left, e])
    steps = hashchain.chain_read(tree.chain(4))
    assert steps == (Step("STEP0", (HashValue(left), DataRef("/message.xml", e))),)


def test_an_empty_batch_and_an_empty_message_are_refused() -> None:
    for empty in ([], [[]]):
        with pytest.raises(ValueError, match="one message or more"):
            hashchain.tree_build(empty)


class Stub(etree.Resolver):
    """The few types of XML Signature that the hash chain's schema uses."""

    def resolve(self, system_url: str | None, _public_id: str | None, context: Any) -> Any:
        if system_url and system_url.endswith("xmldsig-core-schema.xsd"):
            return self.resolve_string(XMLDSIG, context)
        return None


def test_our_documents_are_valid_by_the_published_schema() -> None:
    parser = etree.XMLParser()
    parser.resolvers.add(Stub())
    schema = etree.XMLSchema(etree.parse(VECTORS / "hashchain.xsd", parser))
    tree = hashchain.tree_build([[sha(b"a"), sha(b"b")], sha(b"c"), sha(b"d")])
    for document in (tree.chain(0), tree.chain(1), tree.chain(2), tree.result()):
        schema.assertValid(etree.fromstring(document))
    assert not schema.validate(etree.fromstring(vector("5-hashchain-invalid-schema")))


@given(DIGESTS, st.data())
def test_a_document_that_was_read_is_written_the_same(digests: list[bytes], data: st.DataObject) -> None:
    tree = hashchain.tree_build(digests)
    chain = tree.chain(data.draw(st.integers(0, len(digests) - 1)), uri="/m&<'\">.xml")
    assert hashchain.chain_document(hashchain.chain_read(chain)) == chain
    assert hashchain.result_document(*hashchain.result_read(tree.result())) == tree.result()
    with_transforms = vector("3-hashchain")
    steps = hashchain.chain_read(with_transforms)
    assert hashchain.chain_read(hashchain.chain_document(steps)) == steps


# What an attacker or a broken peer may send


def chain_of(*steps: Step) -> dict[str, bytes]:
    return {"/hashchain.xml": hashchain.chain_document(steps)}


def refused(match: str, documents: dict[str, bytes], result: bytes | None = None, **inputs: None) -> None:
    result = result or hashchain.result_document(bytes(32), "/hashchain.xml#STEP0")
    with pytest.raises(EvidenceError, match=match):
        hashchain.chain_verify(result, documents=documents, inputs={f"/{name}": None for name in inputs})


def test_a_chain_in_a_circle() -> None:
    refused("contains itself", chain_of(Step("STEP0", (StepRef("#B"),)), Step("B", (StepRef("#STEP0"),))))


def test_a_chain_without_its_step() -> None:
    refused("no step #B", chain_of(Step("STEP0", (StepRef("#B"),))))


def test_a_chain_too_deep_or_too_wide() -> None:
    deep = [Step(f"STEP{n}", (StepRef(f"#STEP{n + 1}"),)) for n in range(80)]
    refused("too deep", chain_of(*deep, Step("STEP80", ())))
    refused("too large", chain_of(Step("STEP0", (HashValue(b""),) * 10_001)))


def test_a_step_named_many_times_is_worked_out_once() -> None:
    doubled = [Step(f"STEP{n}", (StepRef(f"#STEP{n + 1}"),) * 2) for n in range(60)]
    refused("invalid result", chain_of(*doubled, Step("STEP60", (HashValue(b""),))))


def test_data_that_is_asked_for_and_not_there() -> None:
    refused("asked for", chain_of(Step("STEP0", (DataRef("/m", b""),))), m=None)


def test_a_node_of_the_tree_does_not_pass_for_a_message() -> None:
    digests = [sha(b"one"), sha(b"two")]
    tail = b"\x0c\x27" + wire.XROAD_SHA256.encode() + b"\x30\x00"
    node = b"\x30\x81\x9e" + b"".join(b"\x30\x4d\x04\x20" + digest + tail for digest in digests)
    tree = hashchain.tree_build(digests)
    assert sha(node) == tree.root
    above = hashchain.tree_build([sha(node), sha(b"three")])
    documents = {"/hashchain.xml": above.chain(0), "/message.xml": node}
    refused("step of a tree", documents, above.result(), **{"message.xml": None})


def test_transforms_that_nobody_knows() -> None:
    steps = chain_of(Step("STEP0", (DataRef("/m", b"", ("http://www.w3.org/TR/1999/REC-xslt-19991116",)),)))
    refused("transform", steps | {"/m": b"<a/>"}, m=None)


def test_exclusive_canonical_form() -> None:
    message = b'<a xmlns:unused="urn:x"><!--gone--><b   c="1"/></a>'
    digest = sha(b'<a><b c="1"></b></a>')
    ref = DataRef("/message.xml", digest, ("http://www.w3.org/2001/10/xml-exc-c14n#",))
    result = hashchain.result_document(wire.hash_step([digest]), "/hashchain.xml#STEP0")
    documents = chain_of(Step("STEP0", (ref,))) | {"/message.xml": message}
    hashchain.chain_verify(result, documents=documents, inputs={"/message.xml": None})


@pytest.mark.parametrize(
    ("find", "replace"),
    [
        (b'"STEP1"', b'"STEP0"'),
        (b'"STEP1"', b'"1"'),
        (b"sha256", b"sha1"),
        (b"<DigestValue>", b"<DigestValue>*"),
        (b"<DigestValue>", b'<DigestValue a="">'),
        (b"</ns2:HashStep>", b"text</ns2:HashStep>"),
        (b"<ns2:HashStep", b'<ns2:HashStep more=""'),
        (b'<ns2:StepRef URI="#STEP1"/>', b'<ns2:StepRef URI="#STEP1"><DigestValue/></ns2:StepRef>'),
        (b'<ns2:StepRef URI="#STEP1"/>', b"<ns2:StepRef/>"),
        (b'<ns2:StepRef URI="#STEP1"/>', b"<ns2:Other/>"),
        (b"<ns2:DefaultDigestMethod", b"<ns2:HashStep/><ns2:DefaultDigestMethod"),
        (b"<Transforms>", b"<Transforms><Transforms/>"),
        (b"<Transforms>", b"<Transforms/><Transforms>"),
        (b"<ns2:HashChain ", b"<!DOCTYPE a [<!ENTITY b 'c'>]><ns2:HashChain "),
        (b"</ns2:HashChain>", b""),
    ],
)
def test_malformed_documents(find: bytes, replace: bytes) -> None:
    chain = vector("3-hashchain").replace(find, replace)
    refused("malformed", {"/hashchain.xml": chain}, vector("3-hashchainresult"))


def test_without_a_default_every_value_names_its_method() -> None:
    line = b'<ns2:DefaultDigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
    chain = vector("1-hashchain").replace(line, b"")
    refused("without a digest method", {"/hashchain.xml": chain}, vector("1-hashchainresult"))
    own = b'<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
    chain = chain.replace(b"<DigestValue>", own + b"<DigestValue>")
    chain = chain.replace(b'"#STEP1"/>', b'"#STEP1">' + own + b"</ns2:StepRef>")
    result, digest = vector("1-hashchainresult"), sha(b"two")
    hashchain.chain_verify(result, documents={"/hashchain.xml": chain}, inputs={"/message.xml": digest})


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_answered_with_a_plain_no(data: bytes) -> None:
    refused("malformed", {}, data or b" ")
    refused("malformed", {"/hashchain.xml": data})
