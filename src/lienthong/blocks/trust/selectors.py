"""What others may read of certificates."""

from typing import Any

from lienthong.blocks.trust import services, wire
from lienthong.blocks.trust.models import Certificate
from lienthong.blocks.trust.services import SignerInfo


def certificate_by_fingerprint(*, fingerprint: str) -> SignerInfo | None:
    """The holder and PEM of a certificate that our authority issued, revoked or not."""
    record = services.record_find(fingerprint=fingerprint)
    return None if record is None else record.info


def trust_anchors() -> tuple[str, str]:
    """Issuing authority and root, PEM: what a peer or a verifier needs to check our signatures."""
    ours = services.authority()
    return wire.certificate_pem(ours.issuing), wire.certificate_pem(ours.root)


def certificates_of_members() -> list[dict[str, Any]]:
    """Every member's and the instance's certificates: `pem`, and since when it was revoked, or None."""
    rows = Certificate.objects.exclude(kind="officer").order_by("fingerprint")
    return [
        {"pem": row.pem, "revoked_at": row.revoked_at.isoformat() if row.revoked_at else None} for row in rows
    ]
