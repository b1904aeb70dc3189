"""The services of `contract.py`."""

from __future__ import annotations

from lienthong.blocks.casework.selectors import procedures_in_force
from lienthong.blocks.exchange.provide import CallContext
from lienthong.systems.procedures import contract


def catalogue_list(request: contract.Wanted, _context: CallContext) -> contract.Catalogue:
    return contract.Catalogue(
        procedures=[
            contract.Entry(
                code=row.code,
                version=row.version,
                name=contract.Words(vi=row.name_vi, en=row.name_en),
                level=row.level,
                agency_kind=row.agency_kind,
            )
            for row in procedures_in_force(on=request.on)
            if not row.package.get("internal")  # envelopes of the software, which nobody applies for
        ]
    )
