from django.apps import AppConfig


class LifeEventsConfig(AppConfig):
    name = "lienthong.systems.lifeevents"
    label = "lifeevents"

    def ready(self) -> None:
        from lienthong.blocks.casework import disposal_parts, files  # noqa: PLC0415 - apps are loaded now
        from lienthong.blocks.exchange.provide import provide  # noqa: PLC0415
        from lienthong.systems.lifeevents import contract, disposal, handlers  # noqa: PLC0415

        files.referring("lifeevents", disposal.files_referred)
        disposal_parts.clearing("lifeevents", disposal.cases_clear)
        provide(contract.DOSSIER_EVENTS, handlers.dossier_events)
        provide(contract.FILES_GET, handlers.files_get)
