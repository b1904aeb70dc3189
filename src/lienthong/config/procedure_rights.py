"""What a new package needs besides its rows: agreements for its purpose, and its registers' subsystems."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from lienthong.blocks.exchange import selectors as exchange
from lienthong.blocks.exchange import services
from lienthong.blocks.exchange.models import Agreement, Member
from lienthong.blocks.registry.declarations import register_get
from lienthong.ground import clock
from lienthong.nation.agencies import SHARED, grants_of, member_name, room_contracts


def rights_missing_grant(raw: dict[str, Any]) -> list[str]:
    """Grant what the rooms' contracts give every settling purpose and this one lacks; what was granted, in words.

    An agreement that an agency ended stays ended: only one that never was is made. Without a nation nothing is.
    """
    if not Member.objects.exists():
        return []
    return [*_registers_opened(raw), *_agreements_granted(str(raw.get("purpose", "")))]


def _agreements_granted(purpose: str) -> list[str]:
    granted = []
    for grant in (grant for contract in room_contracts() for grant in grants_of(contract)):
        known = Agreement.objects.filter(client=grant.client, service=grant.service, purpose=purpose)
        if grant.purpose != purpose or known.exists():
            continue
        services.agreement_grant(**asdict(grant), valid_from=clock.today())
        granted.append(f"granted: {grant.client} may call {grant.service} for {purpose}")
    return granted


def _registers_opened(raw: dict[str, Any]) -> list[str]:
    codes = {str(step["register"]) for step in raw["steps"].values() if step.get("register")}
    owners = {register_get(code).owner for code in codes}
    opened = []
    for owner in sorted(owners):
        if exchange.subsystem_of(member=owner, system=SHARED) is None:
            services.subsystem_open(name=f"{member_name(owner)}/{SHARED}", national=False)
            opened.append(f"opened: {member_name(owner)}/{SHARED}, which keeps the package's register")
    return opened
