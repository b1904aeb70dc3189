"""Papers in the warehouse and at their holder, as the tests need them."""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from pypdf import PdfReader, PdfWriter

from lienthong.blocks.casework.files import check_code_new, file_keep
from lienthong.blocks.trust import pdf
from lienthong.blocks.trust import services as trust
from lienthong.blocks.trust.wire import sha256_hex
from lienthong.ground.text import Text
from lienthong.systems.warehouse import services
from lienthong.systems.warehouse.models import Document
from tests.systems.country import COMMITTEE, ONESTOP

MOTHER = "001195000001"
FATHER = "001093000002"
CHILD = "001326000003"
BIRTH = "KQ.G15.000001"
CASE = "H26.12-261123-0001"
OFFICER = "H26.12-C01"


def blank_pdf() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(width=300, height=300)
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def encrypted_pdf() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(blank_pdf())))
    writer.encrypt("mật khẩu")
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def signed_pdf(at: datetime) -> bytes:
    """Signed by an officer and sealed by the committee."""
    trust.signer_ensure(
        subject_id=OFFICER, kind="officer", name="Lê Văn Ký", organisation="UBND phường Hoàn Kiếm", at=at
    )
    signers = [
        pdf.SignerRef(OFFICER, "Giấy khai sinh", "Lê Văn Ký"),
        pdf.SignerRef(f"VN/GOV/{COMMITTEE}", "Giấy khai sinh", "UBND phường Hoàn Kiếm"),
    ]
    return pdf.pdf_sign(pdf=blank_pdf(), signers=signers, at=at)


@dataclass(frozen=True, slots=True)
class Deposited:
    document: Document
    content: bytes


def origin(issuer: str = COMMITTEE) -> services.Origin:
    return services.Origin(issuer, Text("UBND phường Hoàn Kiếm", "Hoan Kiem Committee"), ONESTOP, CASE)


def paper(content: bytes, at: datetime, *, number: str = "15/2026", code: str = BIRTH) -> services.Paper:
    title = Text("Giấy khai sinh", "Birth certificate")
    return services.Paper(
        code, number, title, at.date(), None, sha256_hex(content), len(content), check_code_new()
    )


def deposit(
    at: datetime, *, content: bytes = b"", number: str = "15/2026", owners: tuple[str, ...] = (CHILD, MOTHER)
) -> Deposited:
    content = content or signed_pdf(at)
    file_keep(content)
    (row,) = services.documents_deposit(
        origin=origin(), owners=owners, papers=[paper(content, at, number=number)], at=at
    )
    return Deposited(row, content)
