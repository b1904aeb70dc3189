"""What an operator counts on: masked logs, health, metrics, and a backup that was rehearsed."""

import json
import logging
import os
import subprocess
import sys
import tarfile
from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from lienthong.config import logs
from tests.conftest import ROOT, clone_database, database_url, server_execute
from tests.pages import nobody


@pytest.mark.parametrize(
    ("said", "masked"),
    [
        ("đọc 001195000001", "đọc 001…001"),
        ("chứng minh 012345678", "chứng minh 01…78"),
        ("hồ sơ H26.12-261123-0001", "hồ sơ H26.12-261123-0001"),
        ("1234567890123", "1234567890123"),
    ],
)
def test_logs_mask_peoples_numbers_and_nothing_else(said: str, masked: str) -> None:
    assert logs.mask(said) == masked


def test_a_log_line_is_json_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    code = (
        "from lienthong.config import logs; import structlog; logs.configure(level='INFO');"
        "structlog.get_logger('x').info('signed in', subject='001195000001', password='mat-khau', ms=3)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    line = json.loads(done.stderr)
    assert (line["subject"], line["password"], line["ms"]) == ("001…001", "…", 3)
    assert logging.getLevelName(line["level"].upper()) == logging.INFO


@pytest.mark.django_db
def test_health_says_whether_the_database_answers() -> None:
    assert nobody().get("/health").json() == {"status": "ok", "database": True}


@pytest.mark.django_db
def test_metrics_count_requests_by_route_without_paths() -> None:
    client = nobody()
    client.get("/?q=001195000001")
    text = client.get("/metrics").content.decode()
    assert 'lienthong_requests_total{method="GET",route="citizen:home"' in text
    assert "001195000001" not in text


def lienthong(*arguments: str, database: str, var: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "LIENTHONG_DATABASE_URL": database_url(database),
        "LIENTHONG_VAR": str(var),
        "LIENTHONG_KEYS": str(var / "keys"),
        "LIENTHONG_FILES": str(var / "files"),
        "PYTHONPATH": str(ROOT / "src"),
    }
    command = [sys.executable, "-m", "lienthong.config.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def rows(database: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database_url(database)) as connection:
        return connection.execute(
            "select name, code, joined_at from exchange_member order by name"
        ).fetchall()


@pytest.mark.django_db
def test_a_backup_brings_everything_back_and_a_damaged_one_nothing(tmp_path: Path, at: datetime) -> None:
    source, target = f"backup_{os.getpid()}", f"restore_{os.getpid()}"
    clone_database(source, "lienthong_country")
    clone_database(target, "template0")
    before = tmp_path / "before"
    (before / "files" / "ab").mkdir(parents=True)
    (before / "files" / "ab" / "paper").write_bytes(b"giay khai sinh")
    (before / "keys").mkdir(mode=0o700)
    (before / "keys" / "shared-bank").write_text("bí mật")
    archive = tmp_path / "backup.tar"
    try:
        made = lienthong("backup", str(archive), database=source, var=before)
        assert made.returncode == 0, made.stderr
        assert archive.stat().st_mode & 0o777 == 0o600
        broken = tmp_path / "broken.tar"
        _damage(archive, broken)
        refused = lienthong("restore", str(broken), database=target, var=tmp_path / "none")
        assert refused.returncode != 0
        assert "damaged at files/ab/paper" in refused.stderr
        after = tmp_path / "after"
        back = lienthong("restore", str(archive), database=target, var=after)
        assert back.returncode == 0, back.stderr
        assert rows(target) == rows(source) != []
        assert (after / "files" / "ab" / "paper").read_bytes() == b"giay khai sinh"
        assert (after / "keys" / "shared-bank").read_text() == "bí mật"
        twice = lienthong("restore", str(archive), database=target, var=tmp_path / "again")
        assert "not empty" in twice.stderr
    finally:
        for name in (source, target):
            server_execute(
                psycopg.sql.SQL("drop database {} with (force)").format(psycopg.sql.Identifier(name))
            )


def _damage(whole: Path, broken: Path) -> None:
    """The same archive with one file's content changed."""
    import io

    with tarfile.open(whole) as source, tarfile.open(broken, "w") as target:
        for member in source.getmembers():
            content = source.extractfile(member)
            data = content.read() if content else b""
            if member.name == "files/ab/paper":
                data = b"giay khai sinX"
            target.addfile(member, io.BytesIO(data))
