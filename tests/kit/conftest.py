"""The demonstration pages behind the kit's own middleware: they need no database and no account."""

import pytest
from pytest_django import Settings


@pytest.fixture
def pages(settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.kit.demo"
    settings.MIDDLEWARE = [
        "csp.middleware.CSPMiddleware",
        "lienthong.kit.middleware.LanguageMiddleware",
    ]
