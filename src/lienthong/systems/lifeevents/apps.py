from django.apps import AppConfig


class LifeEventsConfig(AppConfig):
    name = "lienthong.systems.lifeevents"
    label = "lifeevents"

    def ready(self) -> None:
        from lienthong.blocks.exchange.provide import provide  # noqa: PLC0415 - apps are loaded now
        from lienthong.systems.lifeevents import contract, handlers  # noqa: PLC0415

        provide(contract.DOSSIER_EVENTS, handlers.dossier_events)
        provide(contract.FILES_GET, handlers.files_get)
