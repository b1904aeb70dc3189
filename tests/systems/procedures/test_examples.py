"""Every package's example dossiers, played through the real engine."""

from datetime import datetime
from pathlib import Path

import pytest

from lienthong.nation.examples import Example, example_play, examples_of
from lienthong.nation.families import Stage
from lienthong.systems.procedures.services import packages_publish
from tests.systems.country import BA_DINH, HOAN_KIEM

PROCEDURES = Path(__file__).resolve().parents[3] / "content" / "procedures"
EXAMPLES = [example for folder in sorted(PROCEDURES.iterdir()) for example in examples_of(folder)]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.procedure}-{example.name}")
def test_example(country: datetime, example: Example) -> None:
    packages_publish()
    example_play(example, Stage(HOAN_KIEM, BA_DINH))
