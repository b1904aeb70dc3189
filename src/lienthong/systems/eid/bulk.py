"""Many accounts at once, for a simulated nation: one password for all, a one-time-code secret for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from lienthong.blocks.registry.bulk import rows_copy
from lienthong.blocks.trust.secrets import text_encrypt
from lienthong.systems.eid.models import Account
from lienthong.systems.eid.services import NewAccount, password_hash


def accounts_load(
    *,
    accounts: Iterable[tuple[NewAccount, str]],
    password: str,
    at: datetime,
    progress: Callable[[int], Any] | None = None,
) -> int:
    """Each account comes with its one-time-code secret (base32). The number of accounts."""
    hashed = password_hash(password)
    with transaction.atomic():
        return rows_copy(
            Account,
            (
                Account(
                    subject=new.subject,
                    kind=new.kind,
                    name=new.name,
                    level=new.level,
                    password=hashed,
                    totp=text_encrypt(totp),
                    email=new.email,
                    phone=new.phone,
                    activated_at=at,
                    recorded_at=at,
                )
                for new, totp in accounts
            ),
            progress=progress,
        )
