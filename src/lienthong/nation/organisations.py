"""A few enterprises of the simulated nation, with representatives from among its people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from lienthong.blocks.registry import declared
from lienthong.blocks.registry.base import Provenance
from lienthong.ground import units
from lienthong.nation.people import Maker
from lienthong.systems.population.bulk import NewHousehold, NewPerson

FOUNDED: Final = date(2024, 3, 1)
SINCE: Final = date(2025, 7, 1)
SEEDS: Final = (
    ("CÔNG TY TNHH CƠ KHÍ SAO MAI", "llc"),
    ("CÔNG TY CỔ PHẦN THƯƠNG MẠI HỒNG HÀ", "joint-stock"),
    ("CÔNG TY TNHH MỘT THÀNH VIÊN IN BÌNH MINH", "llc-one"),
    ("DOANH NGHIỆP TƯ NHÂN VẬN TẢI PHÚ AN", "private"),
    ("HỢP TÁC XÃ RAU SẠCH VEN SÔNG", "cooperative"),
    ("TRƯỜNG MẦM NON TƯ THỤC HOA SEN", "school"),
)
"""Name and legal form; the first is headed by the father of the main journey, and its second man has left."""
_WEIGHTS: Final = (31, 29, 23, 19, 17, 13, 7, 5, 3)


def enterprise_code(serial: int, province: str) -> str:
    """A code of ten digits: the province, a serial, and the check digit (10 less the weighted sum modulo 11)."""
    while True:
        digits = f"{province}{serial:07}"
        check = 10 - sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11
        if check < 10:  # noqa: PLR2004 - one digit
            return f"{digits}{check}"
        serial += 1


def organisations_make(*, maker: Maker, households: Sequence[NewHousehold], at: datetime) -> int:
    """Enter the enterprises; their heads are the first adults of the first households. How many."""
    heads = [(home, adult) for home in households for adult in home.members[:1] if maker.is_adult(adult)]
    made = 0
    for (name, form), (home, head) in zip(SEEDS, heads, strict=False):
        former = heads[-1][1] if made == 0 and len(heads) > len(SEEDS) else None
        _enter(name, form, serial=1_000_000 + made * 10, home=home, heads=(head, former), at=at)
        made += 1
    return made


def _enter(
    name: str,
    form: str,
    *,
    serial: int,
    home: NewHousehold,
    heads: tuple[NewPerson, NewPerson | None],
    at: datetime,
) -> None:
    province = units.commune(home.unit, SINCE).province_code
    code = enterprise_code(serial, province)
    head, former = heads
    rows = [_row(head, FOUNDED)]
    if former is not None:
        rows.append({**_row(former, FOUNDED), "to": "2026-06-30"})
    declared.declared_enter(
        register="organisation",
        key=code,
        data={
            "code": code,
            "name": name,
            "legal_form": form,
            "status": "active",
            "province": province,
            "unit": home.unit,
            "address": home.address,
            "founded_on": FOUNDED.isoformat(),
            "representatives": rows,
        },
        provenance=Provenance("G12", reason="Dữ liệu ban đầu của quốc gia mô phỏng"),
        at=at,
        valid_from=SINCE,
    )


def _row(person: NewPerson, since: date) -> dict[str, str]:
    return {
        "number": person.number,
        "name": person.full_name,
        "role": "legal",
        "from": since.isoformat(),
    }
