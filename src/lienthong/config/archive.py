"""Backup and restore: one tar archive with the database's dump, the files, the keys, and a list of hashes."""

from __future__ import annotations

import json
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from lienthong.blocks.trust.wire import sha256_hex
from lienthong.config import postgres


@dataclass(frozen=True, slots=True)
class Backup:
    tables: int
    files: int


def _folders() -> dict[str, Path]:
    return {"files": settings.LIENTHONG_FILES, "keys": settings.LIENTHONG_KEYS}


def _paths(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.exists() else []


def backup(target: Path, *, at: datetime) -> Backup:
    """The archive is written beside `target` first and moved there whole; keys make it secret (mode 0600)."""
    with tempfile.TemporaryDirectory(dir=target.resolve().parent) as scratch:
        dump = Path(scratch) / "database.dump"
        _run("pg_dump", "--format=custom", "--no-owner", f"--file={dump}", settings.LIENTHONG_DATABASE_URL)
        hashes = {"database.dump": sha256_hex(dump.read_bytes())}
        made = Path(scratch) / "archive.tar"
        count = 0
        with tarfile.open(made, "w") as archive:
            archive.add(dump, "database.dump")
            for name, folder in _folders().items():
                for path in _paths(folder):
                    inside = f"{name}/{path.relative_to(folder)}"
                    hashes[inside] = sha256_hex(path.read_bytes())
                    archive.add(path, inside)
                    count += 1
            listing = Path(scratch) / "contents.json"
            listing.write_text(json.dumps({"made_at": at.isoformat(), "sha256": hashes}, indent=1))
            archive.add(listing, "contents.json")
        made.chmod(0o600)
        made.rename(target)
    return Backup(len(connection.introspection.table_names()), count)


def restore(source: Path) -> None:
    """Raise RuntimeError where the archive is not whole, or the database or a folder is not empty."""
    if connection.introspection.table_names():
        raise RuntimeError("the database is not empty: restore into a new one")
    for name, folder in _folders().items():
        if name == "files" and _paths(folder):
            raise RuntimeError(f"{folder} is not empty: restore into an empty folder")
    with tempfile.TemporaryDirectory() as scratch, tarfile.open(source) as archive:
        archive.extractall(scratch, filter="data")
        root = Path(scratch)
        hashes: dict[str, str] = json.loads((root / "contents.json").read_text())["sha256"]
        for inside, expected in hashes.items():
            path = root / inside
            if not path.is_file() or sha256_hex(path.read_bytes()) != expected:
                raise RuntimeError(f"the archive is damaged at {inside}")
        _run(
            "pg_restore",
            "--no-owner",
            "--exit-on-error",
            f"--dbname={settings.LIENTHONG_DATABASE_URL}",
            str(root / "database.dump"),
        )
        for name, folder in _folders().items():
            for path in _paths(root / name):
                wanted = folder / path.relative_to(root / name)
                wanted.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                wanted.write_bytes(path.read_bytes())
                wanted.chmod(0o600)


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run([postgres.binary(program), *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{program} failed: {done.stderr.strip()[-500:]}")
