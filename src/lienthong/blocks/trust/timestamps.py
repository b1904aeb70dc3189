"""Time stamps after RFC 3161: asking for one, giving one (a development authority), and checking one offline.

For the gateway, the message log and whoever checks evidence. SHA-256, with P-256 or RSA keys, ESSCertIDv2 (RFC
5816). A token counts only in DER and with nothing in it that its signature does not bind. Plain Python, no Django.
"""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from lienthong.blocks.trust import wire
from lienthong.blocks.trust.hashchain import EvidenceError

# An arc for examples (RFC 7229 gives 1.3.6.1.5.5.7.13 to test policies).
POLICY: Final = "1.3.6.1.5.5.7.13.1"

# What asn1crypto and cryptography raise at bytes that are not what they should be.
UNREADABLE: Final = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    OverflowError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)

_DIGEST_BYTES: Final = 32
_SERIAL_BITS: Final = 128
_NONCE_BITS: Final = 64
_MAX_PATH: Final = 8
_MAX_TOKEN_BYTES: Final = 64 * 1024
_SIGNED_ATTRIBUTES: Final = {"content_type", "message_digest", "signing_certificate_v2"}
_DIGEST_FORMS: Final = tuple(
    algos.DigestAlgorithm({"algorithm": "sha256", "parameters": parameters}).dump()
    for parameters in (None, core.Null())
)


class _Response(core.Sequence):
    """RFC 3161 §2.4.2; asn1crypto's own demands a token even of a refusal."""

    _fields = [
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


def request_encode(digest: bytes, *, nonce: int | None = None, certificates: bool = True) -> bytes:
    """A TimeStampReq (DER) for a SHA-256 digest; without `nonce` a random one; ValueError for another length."""
    if len(digest) != _DIGEST_BYTES:
        raise ValueError("a time stamp is asked for a SHA-256 digest")
    return tsp.TimeStampReq(
        {
            "version": "v1",
            "message_imprint": _imprint(digest),
            "nonce": secrets.randbits(_NONCE_BITS) if nonce is None else nonce,
            "cert_req": certificates,
        }
    ).dump()


def response_token(response: bytes, request: bytes) -> bytes:
    """The token (DER) in the answer to `request`; EvidenceError for a refusal and for another request's answer.

    Says nothing yet about the signature: `token_verify` does.
    """
    try:
        return _answered(_loaded(_Response, response), _loaded(tsp.TimeStampReq, request))
    except EvidenceError:
        raise
    except UNREADABLE as error:
        raise EvidenceError("time stamp: malformed answer") from error


def _answered(answer: Any, asked: Any) -> bytes:
    status, token = answer["status"]["status"].native, answer["time_stamp_token"]
    if status not in {"granted", "granted_with_mods"} or isinstance(token, core.Void):
        reasons = " ".join(sorted(answer["status"]["fail_info"].native or ()))
        raise EvidenceError(f"time stamp: the authority refused, {status} {reasons}")
    info = token["content"]["encap_content_info"]["content"].parsed
    if info["message_imprint"].native != asked["message_imprint"].native:
        raise EvidenceError("time stamp: the answer is for another digest")
    if info["nonce"].native != asked["nonce"].native:
        raise EvidenceError("time stamp: the answer has another nonce")
    return token.dump()


@dataclass(frozen=True)
class TimestampAuthority:
    """A development authority; `certificate` has timeStamping as its only, critical, extended key usage.

    `chain`: the certificates between it and its root, given along when a request asks for certificates.
    """

    key: wire.PrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()
    policy: str = POLICY

    def answer(self, request: bytes, at: datetime) -> bytes:
        """A TimeStampResp (DER): a token with `at`'s second as its time, or a refusal with its reason."""
        try:
            asked = _loaded(tsp.TimeStampReq, request)
            version, imprint = asked["version"].native, asked["message_imprint"]
            hashed, algorithm = (
                imprint["hashed_message"].native,
                imprint["hash_algorithm"]["algorithm"].native,
            )
            policy, extensions = asked["req_policy"].native, asked["extensions"].native
            nonce, wanted = asked["nonce"].native, asked["cert_req"].native
        except UNREADABLE:
            return _refusal("bad_data_format", "not a time-stamp request")
        if version != "v1" or (algorithm == "sha256" and len(hashed) != _DIGEST_BYTES):
            return _refusal("bad_request", "not a request of version 1 with a whole digest")
        if algorithm != "sha256":
            return _refusal("bad_alg", "only SHA-256 is stamped here")
        if policy not in {None, self.policy}:
            return _refusal("unaccepted_policy", f"the only policy here is {self.policy}")
        if extensions:
            return _refusal("unaccepted_extensions", "no extensions are known here")
        info = self._info(imprint, nonce, at)
        token = self._token(info, (self.certificate, *self.chain) if wanted else ())
        return _Response({"status": {"status": "granted"}, "time_stamp_token": token}).dump()

    def _info(self, imprint: Any, nonce: int | None, at: datetime) -> bytes:
        return tsp.TSTInfo(
            {
                "version": "v1",
                "policy": self.policy,
                "message_imprint": imprint,
                "serial_number": secrets.randbits(_SERIAL_BITS),
                "gen_time": at.astimezone(UTC).replace(microsecond=0),
                "accuracy": {"seconds": 1},
                "nonce": nonce,
            }
        ).dump()

    def _token(self, info: bytes, certificates: Sequence[x509.Certificate]) -> cms.ContentInfo:
        own = _asn1(self.certificate)
        known = tsp.ESSCertIDv2(
            {
                "cert_hash": hashlib.sha256(own.dump()).digest(),
                "issuer_serial": {
                    "issuer": [asn1_x509.GeneralName("directory_name", own.issuer)],
                    "serial_number": own.serial_number,
                },
            }
        )
        attributes = cms.CMSAttributes(
            [
                cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
                cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(info).digest()]}),
                cms.CMSAttribute({"type": "signing_certificate_v2", "values": [{"certs": [known]}]}),
            ]
        )
        return _render(
            info=info,
            certificates=[_asn1(one) for one in certificates],
            signer=own,
            digest_algorithm=algos.DigestAlgorithm({"algorithm": "sha256"}),
            attributes=attributes,
            algorithm=_signature_algorithm(self.certificate),
            signature=base64.b64decode(wire.sign(self.key, attributes.dump())),
        )


def token_verify(
    token: bytes,
    digest: bytes,
    *,
    trusted: Sequence[x509.Certificate],
    known: Sequence[x509.Certificate] = (),
) -> datetime:
    """The time (UTC) at which the authority saw `digest` (SHA-256). Offline, no revocation lists.

    `trusted`: roots, or the authority's own certificate; `known`: further certificates, for tokens without any.
    EvidenceError says which part is wrong: form, digest, signature, certificate.
    """
    try:
        return _verified(token, digest, trusted, known)
    except EvidenceError:
        raise
    except UNREADABLE as error:
        raise EvidenceError("time stamp: malformed token") from error


def _verified(
    token: bytes, digest: bytes, trusted: Sequence[x509.Certificate], known: Sequence[x509.Certificate]
) -> datetime:
    if len(token) > _MAX_TOKEN_BYTES:
        raise EvidenceError("time stamp: malformed token, too large")
    data = _loaded(cms.ContentInfo, token)["content"]
    (signer_info,) = data["signer_infos"]
    info_der = data["encap_content_info"]["content"].contents
    enclosed = [] if isinstance(data["certificates"], core.Void) else [c.chosen for c in data["certificates"]]
    given = [certificate_read(one.dump()) for one in enclosed]
    # What is signed has the tag of a SET, not the field's own (RFC 5652 §5.4).
    signed = b"\x31" + signer_info["signed_attrs"].dump()[1:]
    attributes = _attributes(cms.CMSAttributes.load(signed))
    signer = _signer(attributes["signing_certificate_v2"], (*given, *known, *trusted))
    same = _render(
        info=info_der,
        certificates=enclosed,
        signer=_asn1(signer),
        digest_algorithm=signer_info["digest_algorithm"],
        attributes=cms.CMSAttributes.load(signed),
        algorithm=_signature_algorithm(signer),
        signature=signer_info["signature"].native,
    )
    if signer_info["digest_algorithm"].dump() not in _DIGEST_FORMS or same.dump() != token:
        raise EvidenceError("time stamp: malformed token, not the one form that this content has")
    info = _loaded(tsp.TSTInfo, info_der)
    imprint = info["message_imprint"]
    if imprint["hash_algorithm"].dump() not in _DIGEST_FORMS or imprint["hashed_message"].native != digest:
        raise EvidenceError("time stamp: it is for another digest")
    signature = base64.b64encode(signer_info["signature"].native).decode()
    if attributes["content_type"].native != "tst_info":
        raise EvidenceError("time stamp: wrong type of content")
    if attributes["message_digest"].native != hashlib.sha256(info_der).digest():
        raise EvidenceError("time stamp: the content was changed")
    if not wire.verify(signer, signed, signature):
        raise EvidenceError("time stamp: the signature does not hold")
    at: datetime = info["gen_time"].native
    _authority_check(signer)
    path = path_verify(signer, given + list(known), trusted=trusted, at=at)
    rest = [one for one in given if one not in path and one not in trusted]
    while above := [one for one in rest if _issued(path[-1], one, len(path) - 1)]:
        # Trust may begin below the root: what stands above it in a token does no harm.
        path.append(above[0])
        rest.remove(above[0])
    if rest:
        raise EvidenceError("time stamp: it carries certificates of strangers")
    return at


def certificate_read(der: bytes) -> x509.Certificate:
    """One of UNREADABLE when it is broken, which a serial number below 1 is too (RFC 5280 §4.1.2.2)."""
    parts = asn1_x509.Certificate.load(der, strict=True)
    # With unused bits at its end, the same signature would have several forms.
    if parts.serial_number < 1 or parts["signature_value"].contents[:1] != b"\x00":
        raise ValueError("a certificate's serial number is positive, and its signature whole bytes")
    return x509.load_der_x509_certificate(der)


def path_verify(
    certificate: x509.Certificate,
    others: Sequence[x509.Certificate],
    *,
    trusted: Sequence[x509.Certificate],
    at: datetime,
) -> list[x509.Certificate]:
    """The way from `certificate` over `others` to one of `trusted`, each valid at the moment `at`; both ends included.

    Names, signatures, validity, CA, path length and key usage (RFC 5280 §6.1, without policies, name constraints
    and revocation). EvidenceError when there is no such way.
    """
    path = [certificate]
    while True:
        here = path[-1]
        if not here.not_valid_before_utc <= at <= here.not_valid_after_utc:
            raise EvidenceError(f"certificate: {_name(here)} was not valid at {at.isoformat()}")
        if here in trusted:
            return path
        issuer = next((one for one in (*trusted, *others) if _issued(here, one, len(path) - 1)), None)
        if issuer is None or len(path) >= _MAX_PATH:
            raise EvidenceError(f"certificate: {_name(here)} does not come from a trusted authority")
        path.append(issuer)


def _issued(certificate: x509.Certificate, issuer: x509.Certificate, below: int) -> bool:
    """Whether `issuer`, with `below` authorities under it so far, may have signed and did sign this certificate."""
    try:
        certificate.verify_directly_issued_by(issuer)
        basic = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = issuer.extensions.get_extension_for_class(x509.KeyUsage).value
    except (InvalidSignature, x509.ExtensionNotFound, *UNREADABLE):
        return False
    room = basic.path_length is None or basic.path_length >= below
    return basic.ca and room and usage.key_cert_sign


def _name(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string() or "a certificate without a name"


def _authority_check(signer: x509.Certificate) -> None:
    """RFC 3161 §2.3: the key is for time stamps and for nothing else."""
    try:
        usage = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (x509.ExtensionNotFound, *UNREADABLE) as error:
        raise EvidenceError("time stamp: the certificate is not one of a time-stamp authority") from error
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise EvidenceError("time stamp: the certificate is not one of a time-stamp authority")


def _attributes(attributes: Any) -> dict[str, Any]:
    """Type → its only value; what RFC 3161 and RFC 5816 demand must be there."""
    found = {one["type"].native: one["values"] for one in attributes}
    if not set(found) >= _SIGNED_ATTRIBUTES or any(len(values) != 1 for values in found.values()):
        raise EvidenceError("time stamp: malformed token, signed attributes")
    return {name: values[0] for name, values in found.items()}


def _signer(binding: Any, candidates: Sequence[x509.Certificate]) -> x509.Certificate:
    """The certificate that ESSCertIDv2 names by its SHA-256."""
    first = binding["certs"][0]
    if first["hash_algorithm"]["algorithm"].native != "sha256":
        raise EvidenceError("time stamp: the certificate is named by another digest than SHA-256")
    wanted = first["cert_hash"].native.hex()
    for one in candidates:
        if wire.fingerprint(one) == wanted:
            return one
    raise EvidenceError("time stamp: the authority's certificate is not there")


def _signature_algorithm(signer: x509.Certificate) -> algos.SignedDigestAlgorithm:
    """The one form per kind of key that OpenSSL and Bouncy Castle use too."""
    public = signer.public_key()
    if isinstance(public, ec.EllipticCurvePublicKey):
        return algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"})
    if isinstance(public, rsa.RSAPublicKey):
        return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pkcs1v15", "parameters": core.Null()})
    raise EvidenceError("time stamp: only P-256 and RSA keys are used here")


def _render(
    *,
    info: bytes,
    certificates: Sequence[asn1_x509.Certificate],
    signer: asn1_x509.Certificate,
    digest_algorithm: algos.DigestAlgorithm,
    attributes: cms.CMSAttributes,
    algorithm: algos.SignedDigestAlgorithm,
    signature: bytes,
) -> cms.ContentInfo:
    """The one token these parts make. A token equal to it has no byte that is bound by nothing."""
    sid = cms.IssuerAndSerialNumber({"issuer": _plain(signer.issuer), "serial_number": signer.serial_number})
    signer_info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier("issuer_and_serial_number", _plain(sid)),
            "digest_algorithm": _plain(digest_algorithm),
            "signed_attrs": _plain(attributes),
            "signature_algorithm": _plain(algorithm),
            "signature": signature,
        }
    )
    encapsulated = cms.EncapsulatedContentInfo(
        {"content_type": "tst_info", "content": core.ParsableOctetString(info)}
    )
    content = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": cms.DigestAlgorithms(contents=digest_algorithm.dump()),
            "encap_content_info": _plain(encapsulated),
            "signer_infos": cms.SignerInfos(contents=signer_info.dump()),
        }
    )
    if certificates:
        # In the order given: OpenSSL does not sort this set.
        content["certificates"] = cms.CertificateSet(contents=b"".join(one.dump() for one in certificates))
    return cms.ContentInfo({"content_type": "signed_data", "content": _plain(content)})


def _plain(value: Any) -> Any:
    """The same value as bytes: what is put together from parts, asn1crypto would write out at every level again."""
    return type(value).load(value.dump())


def _refusal(reason: str, why: str) -> bytes:
    status = {"status": "rejection", "status_string": [why], "fail_info": {reason}}
    return _Response({"status": status}).dump()


def _imprint(digest: bytes) -> tsp.MessageImprint:
    return tsp.MessageImprint({"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest})


def _loaded(kind: Any, der: bytes) -> Any:
    """One whole value of this kind, with nothing after it; read lazily, so any use may raise one of UNREADABLE."""
    return kind.load(der, strict=True)


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
