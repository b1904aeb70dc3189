from django.apps import AppConfig


class EidConfig(AppConfig):
    name = "lienthong.systems.eid"
    label = "eid"

    def ready(self) -> None:
        from lienthong.blocks.exchange.provide import provide  # noqa: PLC0415 - apps are loaded now
        from lienthong.systems.eid import contract, handlers  # noqa: PLC0415

        provide(contract.CONTACTS_GET, handlers.contacts_get)
        provide(contract.NOTICES_SEND, handlers.notices_send)
        provide(contract.DEATHS_RECEIVE, handlers.deaths_receive)
