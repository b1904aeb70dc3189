"""Evidence containers as a gateway makes them, of the small country's agencies."""

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path

from django.conf import settings

from lienthong.blocks.trust import asic, hashchain, timestamps, xades
from lienthong.blocks.trust import services as trust
from lienthong.blocks.trust.asic import ChainFiles
from lienthong.blocks.trust.timestamps import TimestampAuthority
from lienthong.gateway.envelope import Question, Reply, head_bytes
from lienthong.nation import tsa
from tests.systems.country import CIVILSTATUS, ONESTOP

BODY = b'{"child":"001326000003"}'


@cache
def _stamping(keys: str) -> TimestampAuthority:
    return tsa.stamping(Path(keys))


def question(at: datetime, *, purpose: str = "birth-registration") -> bytes:
    head = Question(
        id="VN-7d1f0c",
        request_id="3c5e4a5e-0000-4000-8000-000000000001",
        client=ONESTOP,
        provider=CIVILSTATUS,
        code="births-register",
        method="POST",
        target="/v1",
        purpose=purpose,
        case="H26.12-261123-0001",
        user="H26.12-C01",
        headers=[("Content-Type", "application/json")],
        body_hash=hashlib.sha256(BODY).hexdigest(),
        body_size=len(BODY),
        request_hash="",
        server="VN/GOV/H26.12/gw1",
        sent_at=at.isoformat(),
    )
    return head_bytes(head)


def reply(at: datetime, *, status: int = 200, problem: str = "") -> bytes:
    head = Reply(
        id="VN-7d1f0c",
        request_id="3c5e4a5e-0000-4000-8000-000000000001",
        question_hash=hashlib.sha256(question(at)).hexdigest(),
        status=status,
        problem=problem,
        headers=[],
        body_hash=hashlib.sha256(b"").hexdigest(),
        body_size=0,
        server="VN/GOV/G15/gw1",
        answered_at=at.isoformat(),
    )
    return head_bytes(head)


def container(message: bytes, at: datetime, *, member: str = "VN/GOV/H26.12", stamped: bool = True) -> bytes:
    """Signed by the member in a batch of three, and stamped in a batch of five."""
    record, key = trust.signer_load(subject_id=member, at=at)
    digests = [hashlib.sha256(one).digest() for one in (b"before", message, b"after")]
    tree = hashchain.tree_build(digests)
    result = tree.result(uri="/sig-hashchain.xml")
    signatures = xades.signature_build(
        {"/sig-hashchainresult.xml": result},
        key=key,
        certificate=record.certificate,
        at=at,
        chain=[trust.authority().issuing],
    )
    signed = ChainFiles(result, tree.chain(1))
    if not stamped:
        return asic.container_build(message, signatures, signature_chain=signed)
    leaves = [hashlib.sha256(str(one).encode()).digest() for one in range(4)]
    stamps = hashchain.tree_build([*leaves[:2], hashlib.sha256(signatures).digest(), *leaves[2:]])
    files = ChainFiles(
        stamps.result(uri="/ts-hashchain.xml"), stamps.chain(2, uri="/META-INF/signatures.xml")
    )
    request = timestamps.request_encode(asic.stamp_digest(signatures, files.result))
    answer = _stamping(str(settings.LIENTHONG_KEYS)).answer(request, at)
    token = timestamps.response_token(answer, request)
    return asic.container_build(message, signatures, signature_chain=signed, token=token, token_chain=files)
