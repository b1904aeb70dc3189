from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "lienthong.blocks.insight"
    label = "insight"

    def ready(self) -> None:
        """Every system that this instance hosts tells its facts."""
        from django.conf import settings  # noqa: PLC0415 - models are loaded now

        from lienthong.blocks.exchange.provide import provide  # noqa: PLC0415
        from lienthong.blocks.insight import contract, publish  # noqa: PLC0415

        for system in settings.LIENTHONG_SYSTEMS:
            provide(contract.facts_service(system), publish.facts_list)
