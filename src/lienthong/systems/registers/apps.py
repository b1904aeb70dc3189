from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "lienthong.systems.registers"
    label = "registers"
    verbose_name = "Sổ đăng ký khai báo bằng dữ liệu"

    def ready(self) -> None:
        from lienthong.blocks.exchange.provide import provide  # noqa: PLC0415 - apps are loaded now
        from lienthong.systems.registers import contract, handlers  # noqa: PLC0415

        provide(contract.RECORDS_CHECK, handlers.records_check)
        provide(contract.RECORDS_ENTER, handlers.records_enter)
        provide(contract.RECORDS_CHANGE, handlers.records_change)
        provide(contract.RECORDS_END, handlers.records_end)
        provide(contract.RECORDS_GET, handlers.records_get)
        provide(contract.RECORDS_FIND, handlers.records_find)
        provide(contract.RECORDS_VERIFY, handlers.records_verify)
