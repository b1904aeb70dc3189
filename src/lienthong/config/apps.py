"""The wiring of an instance: fact views around migrations, and the way out through a gateway."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class WiringConfig(AppConfig):
    name = "lienthong.config"
    label = "wiring"

    def ready(self) -> None:
        from lienthong.config import factviews, transport

        pre_migrate.connect(factviews.drop)
        post_migrate.connect(factviews.create_last)
        transport.register()
