"""Imports stand in the fixture: this file may be read before Django is set up."""

from collections.abc import Generator
from datetime import datetime

import pytest


@pytest.fixture
def desk(db: None, at: datetime) -> Generator[datetime]:
    from tests.blocks.exchange.desk import desk_close, desk_open

    desk_open(at)
    yield at
    desk_close()
