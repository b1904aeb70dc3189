"""The receipt as a sealed PDF, made once and kept."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from django.conf import settings

from lienthong.blocks.casework import files, papers
from lienthong.blocks.registry.agencies import agency_get
from lienthong.blocks.trust import pdf
from lienthong.ground import clock, units
from lienthong.ground.errors import NotFound
from lienthong.ground.language import VIETNAMESE
from lienthong.systems.fees import problems, selectors
from lienthong.systems.fees.models import Bill, Receipt
from lienthong.systems.fees.services import subsystem

FORM = "01BLP0-001"


def receipt_file(*, bill: Bill, language: str = VIETNAMESE) -> bytes:
    """The PDF with the fee system's seal; the same file ever after. Errors: receipt-unknown (404)."""
    receipt = selectors.receipt_of(bill)
    if receipt is None:
        raise problems.receipt_unknown()
    if not receipt.sha256:
        made = files.file_keep(_sealed(bill, receipt, language))
        # Of two who ask first at once, the first one's file stays.
        Receipt.objects.filter(pk=receipt.pk, sha256="").update(sha256=made)
        receipt.refresh_from_db(fields=["sha256"])
    return files.file_read(receipt.sha256)


def files_referred(hashes: Collection[str]) -> set[str]:
    """Of these, those that are receipts."""
    rows = Receipt.objects.filter(sha256__in=hashes).exclude(sha256="")
    return set(rows.values_list("sha256", flat=True))


def _sealed(bill: Bill, receipt: Receipt, language: str) -> bytes:
    unsigned = papers.paper_render(
        template=Path(settings.LIENTHONG_CONTENT) / "papers" / "receipt.typ",
        data=_data(bill, receipt),
        number=bill.reference or str(bill.pk),
        check_url=f"{settings.LIENTHONG_URL}/receipt/check/{receipt.check_code}/",
        language=language,
    )
    owner = subsystem().rsplit("/", 1)[0]
    seal = pdf.SignerRef(owner, f"Biên lai {receipt.text}", "Hệ thống thu phí, lệ phí")
    return pdf.pdf_sign(pdf=unsigned, signers=[seal], at=clock.now())


def _data(bill: Bill, receipt: Receipt) -> dict[str, Any]:
    agency = agency_get(bill.agency)
    payment = selectors.payment_taken(bill)
    issued_at = clock.in_vietnam(receipt.issued_at)
    paid_at = clock.in_vietnam(payment.paid_at) if payment and payment.paid_at else issued_at
    return {
        "issued_at": issued_at.isoformat(),
        "place": _place(agency.unit or bill.province),
        "parent_agency": None,
        "agency": agency.name.vi,
        "signer": {"authority": None, "title": "Hệ thống thu phí, lệ phí", "name": "Văn phòng Chính phủ"},
        "form": FORM,
        "symbol": f"LT-{receipt.year % 100:02}E",
        "paper_number": receipt.text,
        "payer": {"name": bill.payer_name, "personal_number": bill.payer, "address": ""},
        "items": [
            {
                "name": line.title.vi,
                "quantity": line.quantity,
                "unit_vnd": line.unit_price,
                "amount_vnd": line.amount,
            }
            for line in selectors.bill_lines(bill)
        ],
        "total_vnd": bill.total,
        "paid_by": "Thanh toán trực tuyến",
        "transaction": payment.transaction if payment else "",
        "paid_at": paid_at.isoformat(),
    }


def _place(unit: str) -> str:
    """The name of the commune or province, as a paper is dated from."""
    today = clock.today()
    for find in (units.commune, units.province):
        try:
            return find(unit, today).short.vi
        except NotFound:
            continue
    return "Hà Nội"
