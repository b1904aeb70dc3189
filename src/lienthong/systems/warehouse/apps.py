from django.apps import AppConfig


class WarehouseConfig(AppConfig):
    name = "lienthong.systems.warehouse"
    label = "warehouse"

    def ready(self) -> None:
        from lienthong.blocks.casework import files  # noqa: PLC0415 - apps are loaded now
        from lienthong.blocks.exchange.provide import provide  # noqa: PLC0415
        from lienthong.systems.warehouse import contract, handlers, selectors  # noqa: PLC0415

        files.referring("warehouse", selectors.files_referred)
        provide(contract.DOCUMENTS_DEPOSIT, handlers.documents_deposit)
        provide(contract.DOCUMENTS_FIND, handlers.documents_find)
        provide(contract.DOCUMENTS_STATE, handlers.documents_state)
