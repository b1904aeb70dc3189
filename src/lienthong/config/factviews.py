"""When fact views are made: dropped before migrations, and made again after them."""

from pathlib import Path
from typing import Any

from django.apps import apps

from lienthong.blocks.insight import views


def files() -> dict[str, Path]:
    """The `facts.sql` of each installed room, by the room: `systems.fees`."""
    paths = {
        config.name.removeprefix("lienthong."): Path(config.path) / "facts.sql"
        for config in apps.get_app_configs()
    }
    return {room: path for room, path in paths.items() if path.exists()}


def drop(**_: Any) -> None:
    views.views_drop()


def create() -> None:
    views.views_make(files())


def create_last(sender: Any, **_: Any) -> None:
    """After the last app's migrations every table is there. Apps without models send no signal."""
    told = [config for config in apps.get_app_configs() if config.models_module is not None]
    if sender.name == told[-1].name:
        create()
