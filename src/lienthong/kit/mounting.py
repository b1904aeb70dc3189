"""A channel mounts what the installed rooms offer to it."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps


def room_routes(name: str) -> list[Any]:
    """`urlpatterns` of every installed room's module of this name, in the order of the installed rooms."""
    found = [
        f"{config.name}.{name}" for config in apps.get_app_configs() if config.name.startswith("lienthong.")
    ]
    return [import_module(module).urlpatterns for module in found if find_spec(module) is not None]
