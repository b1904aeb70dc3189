from datetime import datetime

import pytest

from tests.systems.country import Family, country_join, family_enter


@pytest.fixture
def country(db: None, at: datetime) -> datetime:
    """The small country stands; the clock too."""
    country_join(at)
    return at


@pytest.fixture
def family(country: datetime) -> Family:
    return family_enter(country)
