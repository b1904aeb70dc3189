from collections.abc import Iterator

import pytest

from tests.nation.programs import Portal


@pytest.fixture
def portal() -> Iterator[Portal]:
    """The platform's side of callbacks."""
    made = Portal()
    yield made
    made.close()
