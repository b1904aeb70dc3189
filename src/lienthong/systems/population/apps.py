from django.apps import AppConfig


class PopulationConfig(AppConfig):
    name = "lienthong.systems.population"
    label = "population"
    verbose_name = "Cơ sở dữ liệu quốc gia về dân cư"

    def ready(self) -> None:
        from lienthong.blocks.exchange.provide import provide  # noqa: PLC0415 - models are loaded now
        from lienthong.systems.population import contract, handlers  # noqa: PLC0415

        provide(contract.PERSONS_GET, handlers.persons_get)
        provide(contract.PERSONS_VERIFY, handlers.persons_verify)
        provide(contract.HOUSEHOLDS_GET, handlers.households_get)
        provide(contract.NUMBERS_ALLOCATE, handlers.numbers_allocate)
        provide(contract.BIRTHS_RECEIVE, handlers.births_receive)
        provide(contract.RESIDENCE_RECEIVE, handlers.residence_receive)
        provide(contract.DEATHS_RECEIVE, handlers.deaths_receive)
        provide(contract.READS_RECORD, handlers.reads_record)
