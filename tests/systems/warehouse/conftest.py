from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture(autouse=True)
def _static_folder() -> None:
    """WhiteNoise warns of a missing folder of collected files, and a warning is an error here."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
