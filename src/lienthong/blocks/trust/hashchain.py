"""X-Road's hash-chain documents: one signature or time stamp for a batch, and each message's own proof of being in it.

For the gateway and whoever checks evidence. A binary Merkle tree over message digests, one `hashchain.xml` a
message, one `hashchainresult.xml` a batch (ns http://cyber.ee/hashchain, X-Road's hashchain.xsd). Ours are made with
SHA-256; X-Road's are checked with whichever each part names: SHA-256, SHA-384 or SHA-512. Plain Python, no Django.
"""

import base64
import hashlib
import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue] - it has no stubs

from lienthong.blocks.trust.wire import XROAD_SHA256, hash_step, step_data
from lienthong.blocks.trust.xmlread import EvidenceError, xml_read

MESSAGE: Final = "/message.xml"

# X-Road's own limits (HashChainVerifier): far above any honest chain, low enough to stop a crafted one.
_MAX_DEPTH: Final = 64
_MAX_STEPS: Final = 1024
_MAX_VALUES: Final = 10_000

_HC: Final = "http://cyber.ee/hashchain"
_DS: Final = "http://www.w3.org/2000/09/xmldsig#"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACES: Final = f'xmlns:hc="{_HC}" xmlns="{_DS}"'
_METHOD: Final = f'DigestMethod Algorithm="{XROAD_SHA256}"'
_NAME: Final = re.compile(r"[^\W\d][\w.\-]*")
# By the URI that names them; X-Road's are those of XML encryption and of RFC 6931.
_DIGESTS: Final = {
    XROAD_SHA256: hashlib.sha256,
    "http://www.w3.org/2001/04/xmldsig-more#sha384": hashlib.sha384,
    "http://www.w3.org/2001/04/xmlenc#sha512": hashlib.sha512,
}
# What every step ends with: algorithm and empty transforms (see wire.step_data).
_STEP_ENDS: Final = tuple(algorithm.encode() + b"\x30\x00" for algorithm in _DIGESTS)
# Algorithm: (exclusive, with comments).
_TRANSFORMS: Final = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": (False, False),
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments": (False, True),
    "http://www.w3.org/2001/10/xml-exc-c14n#": (True, False),
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments": (True, True),
}


@dataclass(frozen=True, slots=True)
class HashValue:
    """A digest that is given as it stands: of another message, or of another branch."""

    digest: bytes
    algorithm: str = XROAD_SHA256


@dataclass(frozen=True, slots=True)
class StepRef:
    """The digest of another step: "#STEP1" in the same document, "/other.xml#STEP1" in another."""

    uri: str
    algorithm: str = XROAD_SHA256


@dataclass(frozen=True, slots=True)
class DataRef:
    """The digest of a message or an attachment, "/message.xml"; `transforms` are algorithm URIs, run before."""

    uri: str
    digest: bytes
    transforms: tuple[str, ...] = ()
    algorithm: str = XROAD_SHA256


Value = HashValue | StepRef | DataRef

Proof = tuple[tuple[bool, bytes], ...]
"""A message's way to its batch's root, from the leaf up: whether the other branch is the left one, and its digest."""


@dataclass(frozen=True, slots=True)
class Step:
    """One node of the tree: the digest of its values' digests."""

    step_id: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """`leaves[n]`: the part digests of message n; `levels[0]`: its leaves' digests; `levels[-1]`: the root alone."""

    leaves: tuple[tuple[bytes, ...], ...]
    levels: tuple[tuple[bytes, ...], ...]

    @property
    def root(self) -> bytes:
        return self.levels[-1][0]

    def chain(self, index: int, *, uri: str = MESSAGE) -> bytes:
        """`hashchain.xml` of message `index`; its attachments are called /attachment1, /attachment2 and on."""
        return chain_document(proof_steps(self.leaves[index], self.proof(index), uri=uri))

    def result(self, *, uri: str = "/hashchain.xml") -> bytes:
        """`hashchainresult.xml`, the same for every message of the batch; `uri` names the message's chain file."""
        return result_document(self.root, f"{uri}#STEP0")

    def proof(self, index: int) -> Proof:
        """What message `index` needs beside its own digest to come to the root."""
        found: list[tuple[bool, bytes]] = []
        place = index
        for level in self.levels[:-1]:
            if (place ^ 1) < len(level):
                found.append((bool(place & 1), level[place ^ 1]))
            place //= 2
        return tuple(found)


def proof_root(digest: bytes, proof: Proof) -> bytes:
    """The root that a message of this digest has by this proof."""
    for left, other in proof:
        digest = hash_step((other, digest) if left else (digest, other))
    return digest


def proof_steps(parts: tuple[bytes, ...], proof: Proof, *, uri: str = MESSAGE) -> tuple[Step, ...]:
    """The steps of `hashchain.xml` for a message with these part digests."""
    last = tuple(DataRef(f"/attachment{n}" if n else uri, digest) for n, digest in enumerate(parts))
    grouped = len(parts) > 1 or not proof
    steps: list[Step] = []
    for number, (left, other) in enumerate(reversed(proof)):
        deepest = number == len(proof) - 1
        own: Value = last[0] if deepest and not grouped else StepRef(f"#STEP{number + 1}")
        pair = (HashValue(other), own) if left else (own, HashValue(other))
        steps.append(Step(f"STEP{number}", pair))
    return (*steps, Step(f"STEP{len(steps)}", last)) if grouped else tuple(steps)


def tree_build(digests: Sequence[bytes | Sequence[bytes]]) -> Tree:
    """The tree over the messages' SHA-256 digests; a message with attachments comes as its parts' digests, in order.

    Shaped as X-Road's HashChainBuilder shapes it: pairs from the left, an odd one moves up as it is. A batch of one
    plain message, which X-Road does not have, is one step. ValueError for an empty batch or an empty message.
    """
    leaves = tuple((one,) if isinstance(one, bytes) else tuple(one) for one in digests)
    if not leaves or not all(leaves):
        raise ValueError("a tree needs one message or more, and every message one part or more")
    alone = len(leaves) == 1
    level: tuple[bytes, ...] = tuple(hash_step(parts) if alone or parts[1:] else parts[0] for parts in leaves)
    levels = [level]
    while len(level) > 1:
        level = tuple(
            hash_step(level[at : at + 2]) if at + 1 < len(level) else level[at]
            for at in range(0, len(level), 2)
        )
        levels.append(level)
    return Tree(leaves, tuple(levels))


def chain_document(steps: Sequence[Step]) -> bytes:
    """`hashchain.xml` of these steps, the top one first. SHA-256: of steps with another digest, a different chain."""
    body = "".join(
        f'<hc:HashStep id="{step.step_id}">{"".join(map(_value_xml, step.values))}</hc:HashStep>'
        for step in steps
    )
    return f"{_HEAD}<hc:HashChain {_SPACES}><hc:Default{_METHOD}/>{body}</hc:HashChain>\n".encode()


def result_document(digest: bytes, uri: str, algorithm: str = XROAD_SHA256) -> bytes:
    """`hashchainresult.xml`: the tree's root, and where in the chain file its top step stands."""
    return (
        f'{_HEAD}<hc:HashChainResult {_SPACES} URI="{html.escape(uri)}"><DigestMethod Algorithm="{algorithm}"/>'
        f"{_digest_xml(digest)}</hc:HashChainResult>\n"
    ).encode()


def _value_xml(value: Value) -> str:
    if isinstance(value, StepRef):
        return f'<hc:StepRef URI="{html.escape(value.uri)}"/>'
    if isinstance(value, HashValue):
        return f"<hc:HashValue>{_digest_xml(value.digest)}</hc:HashValue>"
    each = "".join(f'<Transform Algorithm="{one}"/>' for one in value.transforms)
    transforms = f"<Transforms>{each}</Transforms>" if each else ""
    return f'<hc:DataRef URI="{html.escape(value.uri)}">{transforms}{_digest_xml(value.digest)}</hc:DataRef>'


def _digest_xml(digest: bytes) -> str:
    return f"<DigestValue>{base64.b64encode(digest).decode()}</DigestValue>"


def chain_verify(
    result: bytes, *, documents: Mapping[str, bytes], inputs: Mapping[str, bytes | None]
) -> dict[str, bytes]:
    """Whether the inputs are in the batch that `result` stands for: every data URI met, with its digest.

    `documents`: URI → content, of chain files and of messages. `inputs`: URI → digest by the algorithm that the chain
    names, or None where the document's own is to be taken; all must be met. Data that is in neither counts with the
    digest the chain gives it, as at X-Road. EvidenceError for malformed documents, an invalid reference, an invalid
    result, unused inputs.
    """
    digest, uri, algorithm = result_read(result)
    walk = _Walk(documents, inputs)
    if _DIGESTS[algorithm](walk.step(uri, "")).digest() != digest:
        raise EvidenceError("invalid result: the hash chain leads to another digest")
    if unused := sorted(set(inputs) - set(walk.met)):
        raise EvidenceError(f"unused inputs: the hash chain does not name {', '.join(unused)}")
    return walk.met


class _Walk:
    """Works out steps from the top; each once, however often it is named: what it is hashed with, its reader says."""

    def __init__(self, documents: Mapping[str, bytes], inputs: Mapping[str, bytes | None]) -> None:
        self.met: dict[str, bytes] = {}
        self._documents = documents
        self._inputs = inputs
        self._chains: dict[str, dict[str, Step]] = {}
        self._done: dict[tuple[str, str], bytes | None] = {}
        self._depth = self._values = 0

    def step(self, uri: str, current: str) -> bytes:
        document, _, name = uri.partition("#")
        key = (document or current, name)
        if key in self._done:
            if (known := self._done[key]) is None:
                raise EvidenceError(f"malformed hash chain: step {uri} contains itself")
            return known
        self._done[key] = None
        step = self._chain(key[0]).get(name)
        if step is None:
            raise EvidenceError(f"malformed hash chain: there is no step {uri}")
        self._depth += 1
        self._values += len(step.values)
        if self._depth > _MAX_DEPTH or len(self._done) > _MAX_STEPS or self._values > _MAX_VALUES:
            raise EvidenceError("malformed hash chain: too deep or too large")
        made = step_data([(self._digest(value, key[0]), value.algorithm) for value in step.values])
        self._depth -= 1
        self._done[key] = made
        return made

    def _chain(self, uri: str) -> dict[str, Step]:
        if uri not in self._chains:
            if uri not in self._documents:
                raise EvidenceError(f"invalid reference: there is no chain file {uri}")
            self._chains[uri] = {step.step_id: step for step in chain_read(self._documents[uri])}
        return self._chains[uri]

    def _digest(self, value: Value, current: str) -> bytes:
        if isinstance(value, HashValue):
            return value.digest
        if isinstance(value, StepRef):
            return _DIGESTS[value.algorithm](self.step(value.uri, current)).digest()
        self.met[value.uri] = digest = self._data(value)
        return digest

    def _data(self, ref: DataRef) -> bytes:
        if (given := self._inputs.get(ref.uri)) is not None:
            return given
        if ref.uri not in self._documents:
            if ref.uri in self._inputs:
                raise EvidenceError(f"invalid reference: {ref.uri} is asked for and not there")
            return ref.digest
        content = self._documents[ref.uri]
        if content.startswith(b"0") and content.endswith(_STEP_ENDS):
            # The tree does not tell leaves from nodes: a node's own bytes would pass for a message.
            raise EvidenceError(f"invalid reference: {ref.uri} is a step of a tree, not a message")
        for algorithm in ref.transforms:
            content = _transformed(content, algorithm, ref.uri)
        digest = _DIGESTS[ref.algorithm](content).digest()
        if digest != ref.digest:
            raise EvidenceError(f"invalid reference: {ref.uri} does not have the digest of the hash chain")
        return digest


def _transformed(content: bytes, algorithm: str, uri: str) -> bytes:
    if algorithm not in _TRANSFORMS:
        raise EvidenceError(f"invalid reference: {uri} asks for the transform {algorithm}")
    exclusive, with_comments = _TRANSFORMS[algorithm]
    tree = xml_read(content, uri, comments=True).getroottree()
    return etree.tostring(tree, method="c14n", exclusive=exclusive, with_comments=with_comments)


def result_read(data: bytes) -> tuple[bytes, str, str]:
    """Digest, step URI and digest algorithm of a `hashchainresult.xml`. EvidenceError when it is not one."""
    element = xml_read(data, "hash chain result")
    _shape(element, f"{{{_HC}}}HashChainResult", {"URI"})
    digest, algorithm = _digested(element, "hash chain result")
    return digest, element.get("URI"), algorithm


def chain_read(data: bytes) -> tuple[Step, ...]:
    """The steps of a `hashchain.xml`. EvidenceError when it is not one by the schema, or a step has no id."""
    chain = xml_read(data, "hash chain")
    _shape(chain, f"{{{_HC}}}HashChain", set())
    children = list(chain)
    default = ""
    if children and children[0].tag == f"{{{_HC}}}DefaultDigestMethod":
        default = _method(children.pop(0), f"{{{_HC}}}DefaultDigestMethod")
    steps = tuple(_step(element, default=default) for element in children)
    if len({step.step_id for step in steps}) != len(steps):
        raise _malformed("two steps of one name")
    return steps


def _step(element: Any, *, default: str) -> Step:
    _shape(element, f"{{{_HC}}}HashStep", {"id"})
    name = element.get("id")
    if not _NAME.fullmatch(name):
        raise _malformed(f"step id {name!r}")
    return Step(name, tuple(_value(child, default=default) for child in element))


def _value(element: Any, *, default: str) -> Value:
    kind = element.tag.removeprefix(f"{{{_HC}}}")
    if kind not in {"HashValue", "StepRef", "DataRef"}:
        raise _malformed(f"element {element.tag}")
    _shape(element, f"{{{_HC}}}{kind}", set() if kind == "HashValue" else {"URI"})
    children = list(element)
    algorithm = default
    if children and children[0].tag == f"{{{_DS}}}DigestMethod":
        algorithm = _method(children.pop(0), f"{{{_DS}}}DigestMethod")
    if not algorithm:
        raise _malformed(f"{kind} without a digest method")
    if kind == "StepRef":
        if children:
            raise _malformed(f"element {children[0].tag}")
        return StepRef(element.get("URI"), algorithm)
    transforms: tuple[str, ...] = ()
    if children and children[0].tag == f"{{{_DS}}}Transforms":
        transforms = _transforms(children.pop(0))
    if len(children) != 1:
        raise _malformed(f"{kind} needs one DigestValue")
    digest = _base64(children[0])
    # A given digest may name its transforms; nothing is left to do for them, as at X-Road.
    if kind == "HashValue":
        return HashValue(digest, algorithm)
    return DataRef(element.get("URI"), digest, transforms, algorithm)


def _digested(element: Any, what: str) -> tuple[bytes, str]:
    """A digest and its algorithm."""
    children = list(element)
    if len(children) != 2:  # noqa: PLR2004 - a method and a value
        raise _malformed(f"{what} needs DigestMethod and DigestValue")
    algorithm = _method(children[0], f"{{{_DS}}}DigestMethod")
    return _base64(children[1]), algorithm


def _transforms(element: Any) -> tuple[str, ...]:
    _shape(element, f"{{{_DS}}}Transforms", set())
    for child in element:
        _shape(child, f"{{{_DS}}}Transform", {"Algorithm"})
        if len(child):
            raise _malformed("a transform with parameters")
    if not len(element):
        raise _malformed("Transforms without a Transform")
    return tuple(child.get("Algorithm") for child in element)


def _method(element: Any, tag: str) -> str:
    _shape(element, tag, {"Algorithm"})
    algorithm = element.get("Algorithm")
    if len(element) or algorithm not in _DIGESTS:
        raise _malformed(f"digest method {algorithm}, only SHA-256, SHA-384 and SHA-512 are used here")
    return algorithm


def _base64(element: Any) -> bytes:
    if element.tag != f"{{{_DS}}}DigestValue" or element.attrib or len(element):
        raise _malformed(f"element {element.tag}")
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except ValueError as error:
        raise _malformed("DigestValue is not base64") from error


def _shape(element: Any, tag: str, attributes: set[str]) -> None:
    """Its name, exactly these attributes, and no text between its elements."""
    if element.tag != tag:
        raise _malformed(f"element {element.tag}")
    if set(element.attrib) != attributes:
        raise _malformed(f"attributes of {element.tag}")
    if any(text and text.strip() for text in (element.text, *(child.tail for child in element))):
        raise _malformed(f"text in {element.tag}")


def _malformed(why: str) -> EvidenceError:
    return EvidenceError(f"malformed hash chain: {why}")
