"""Imports stand in the fixtures: this file may be read before Django is set up."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.systems.country import Family


@pytest.fixture
def country(db: None, at: datetime) -> datetime:
    """The small country stands; the clock too."""
    from tests.systems.country import country_join

    country_join(at)
    return at


@pytest.fixture
def family(country: datetime) -> Family:
    from tests.systems.country import family_enter

    return family_enter(country)
