from django.apps import AppConfig


class SocialSecurityConfig(AppConfig):
    name = "lienthong.systems.socialsecurity"
    label = "socialsecurity"
    verbose_name = "Cơ sở dữ liệu quốc gia về bảo hiểm"

    def ready(self) -> None:
        from lienthong.blocks.exchange.provide import provide  # noqa: PLC0415 - models are loaded now
        from lienthong.systems.socialsecurity import contract, handlers  # noqa: PLC0415

        provide(contract.CARDS_CHECK, handlers.cards_check)
        provide(contract.CARDS_ISSUE, handlers.cards_issue)
        provide(contract.CARDS_GET, handlers.cards_get)
        provide(contract.HOSPITALS_LIST, handlers.hospitals_list)
