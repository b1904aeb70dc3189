"""Imports stand in the fixtures: this file may be read before Django is set up."""

from __future__ import annotations

from datetime import datetime

import pytest


@pytest.fixture
def agency(db: None, at: datetime) -> datetime:
    """The agency of the cases is there; the clock stands."""
    from tests.blocks.casework.casework_kit import agency_enter

    agency_enter()
    return at


@pytest.fixture
def country(db: None, at: datetime) -> datetime:
    """The whole small country, where a case's steps call others."""
    from tests.systems.country import country_join

    country_join(at)
    return at
