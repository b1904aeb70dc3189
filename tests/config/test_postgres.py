"""Which PostgreSQL starts by itself."""

from pathlib import Path

import pytest

from lienthong.config import postgres


def test_the_wheels_programs_serve_unless_a_folder_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIENTHONG_POSTGRES", raising=False)
    assert Path(postgres.binary("postgres")).is_file()
    monkeypatch.setenv("LIENTHONG_POSTGRES", "/usr/lib/postgresql/15/bin")
    assert postgres.binary("initdb") == "/usr/lib/postgresql/15/bin/initdb"
