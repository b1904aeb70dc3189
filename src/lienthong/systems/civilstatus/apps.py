from django.apps import AppConfig


class CivilStatusConfig(AppConfig):
    name = "lienthong.systems.civilstatus"
    label = "civilstatus"
    verbose_name = "Cơ sở dữ liệu hộ tịch điện tử"

    def ready(self) -> None:
        from lienthong.blocks.exchange.provide import announce, provide  # noqa: PLC0415 - models are loaded now
        from lienthong.systems.civilstatus import contract, handlers  # noqa: PLC0415

        provide(contract.BIRTHS_CHECK, handlers.births_check)
        provide(contract.BIRTHS_REGISTER, handlers.births_register)
        provide(contract.BIRTHS_GET, handlers.births_get)
        provide(contract.BIRTHS_CORRECT, handlers.births_correct)
        provide(contract.BIRTHS_REVOKE, handlers.births_revoke)
        provide(contract.DEATHS_CHECK, handlers.deaths_check)
        provide(contract.DEATHS_REGISTER, handlers.deaths_register)
        provide(contract.DEATHS_GET, handlers.deaths_get)
        provide(contract.CHILDREN_FIND, handlers.children_find)
        announce(contract.EVENTS)
