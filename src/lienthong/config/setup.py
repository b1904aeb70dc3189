"""What every command needs before it works: the database, Django, migrations."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
from psycopg import sql

from lienthong.config import postgres


def django_ready(*, server: bool = True) -> None:
    """Start PostgreSQL when none is given, and Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lienthong.config.settings")
    if server and "LIENTHONG_DATABASE_URL" not in os.environ:
        data = Path(os.environ.get("LIENTHONG_VAR") or Path(__file__).resolve().parents[3] / "var") / "pg"
        postgres.ensure(data)
        _database_ensure(postgres.url(data, "postgres"), "lienthong")
    import django

    django.setup()
    from django.conf import settings

    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


def _database_ensure(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
        if found is None:
            connection.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))


def migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
