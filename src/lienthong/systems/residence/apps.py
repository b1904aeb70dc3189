from django.apps import AppConfig


class ResidenceConfig(AppConfig):
    name = "lienthong.systems.residence"
    label = "residence"
    verbose_name = "Cơ sở dữ liệu về cư trú"

    def ready(self) -> None:
        from lienthong.blocks.exchange.provide import announce, provide  # noqa: PLC0415 - models are loaded now
        from lienthong.systems.residence import contract, handlers  # noqa: PLC0415

        provide(contract.REGISTRATIONS_CHECK, handlers.registrations_check)
        provide(contract.REGISTRATIONS_ENTER, handlers.registrations_enter)
        provide(contract.REGISTRATIONS_END, handlers.registrations_end)
        provide(contract.REGISTRATIONS_GET, handlers.registrations_get)
        announce(contract.EVENTS)
