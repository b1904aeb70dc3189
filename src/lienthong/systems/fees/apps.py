from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class FeesConfig(AppConfig):
    name = "lienthong.systems.fees"
    label = "fees"

    def ready(self) -> None:
        from lienthong.blocks.casework import files  # noqa: PLC0415 - apps are loaded now
        from lienthong.blocks.exchange.provide import announce, provide  # noqa: PLC0415
        from lienthong.systems.fees import contract, handlers, receipts  # noqa: PLC0415

        files.referring("fees", receipts.files_referred)
        provide(contract.QUOTE, handlers.quote)
        provide(contract.BILLS_OPEN, handlers.bills_open)
        provide(contract.BILLS_GET, handlers.bills_get)
        provide(contract.BILLS_VOID, handlers.bills_void)
        announce(contract.EVENTS)
        post_migrate.connect(_publish, sender=self)


def _publish(**_: Any) -> None:
    """The policies of content/fees.yaml become rows, so that reports can count them."""
    from lienthong.systems.fees import services  # noqa: PLC0415 - apps are loaded now

    services.policies_publish()
