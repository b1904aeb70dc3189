from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    name = "lienthong.systems.procedures"
    label = "procedures"

    def ready(self) -> None:
        from lienthong.blocks.exchange.provide import provide  # noqa: PLC0415 - apps are loaded now
        from lienthong.systems.procedures import contract, handlers  # noqa: PLC0415

        provide(contract.LIST, handlers.catalogue_list)
