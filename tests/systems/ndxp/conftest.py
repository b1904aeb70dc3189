"""Imports stand in the fixture: this file may be read before Django is set up."""

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.systems.ndxp.two_agencies import Two


@pytest.fixture
def two(db: None, at: datetime) -> "Two":
    from tests.systems.ndxp.two_agencies import two_make

    return two_make(at)
