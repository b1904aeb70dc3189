"""The schema `facts`: every room's public views, dropped before migrations and made again after them."""

from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection


def files() -> list[Path]:
    """The `facts.sql` of each installed room."""
    paths = [Path(config.path) / "facts.sql" for config in apps.get_app_configs()]
    return [path for path in paths if path.exists()]


def drop(**_: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("drop schema if exists facts cascade")


def create() -> None:
    with connection.cursor() as cursor:
        cursor.execute("drop schema if exists facts cascade")
        cursor.execute("create schema facts")
        for path in files():
            cursor.execute(path.read_text(encoding="utf-8"))


def create_last(sender: Any, **_: Any) -> None:
    """After the last app's migrations every table is there. Apps without models send no signal."""
    told = [config for config in apps.get_app_configs() if config.models_module is not None]
    if sender.name == told[-1].name:
        create()
