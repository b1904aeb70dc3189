from collections.abc import Generator
from pathlib import Path

import pytest
from pytest_django import Settings

from lienthong.blocks.trust import services


@pytest.fixture(autouse=True)
def _own_keys(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Generator[None]:
    """One folder of keys a test file; nothing remembered from another test's database."""
    settings.LIENTHONG_KEYS = _folder(tmp_path_factory, request.module.__name__)
    services.caches_clear()
    yield
    services.caches_clear()


_folders: dict[str, Path] = {}


def _folder(factory: pytest.TempPathFactory, name: str) -> Path:
    if name not in _folders:
        _folders[name] = factory.mktemp("keys")
    return _folders[name]
