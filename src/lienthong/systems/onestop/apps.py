from django.apps import AppConfig


class OnestopConfig(AppConfig):
    name = "lienthong.systems.onestop"
    label = "onestop"

    def ready(self) -> None:
        from lienthong.blocks.exchange.provide import announce, provide  # noqa: PLC0415 - apps are loaded now
        from lienthong.systems.onestop import contract, handlers  # noqa: PLC0415

        provide(contract.DOSSIERS_OPEN, handlers.dossiers_open)
        provide(contract.DOSSIERS_GET, handlers.dossiers_get)
        provide(contract.DOSSIERS_WITHDRAW, handlers.dossiers_withdraw)
        provide(contract.SUPPLEMENTS_ANSWER, handlers.supplements_answer)
        provide(contract.RATINGS_RECORD, handlers.ratings_record)
        provide(contract.PARCELS_ASK, handlers.parcels_ask)
        provide(contract.SETTLEMENTS_GET, handlers.settlements_get)
        provide(contract.DOSSIERS_RENEW, handlers.dossiers_renew)
        provide(contract.COMPLAINTS_DISCLOSE, handlers.complaints_disclose)
        provide(contract.RENEWALS_ORDER, handlers.renewals_order)
        provide(contract.RESULTS_FILE, handlers.results_file)
        provide(contract.NUMBERS_RESERVE, handlers.numbers_reserve)
        provide(contract.NUMBERS_USE, handlers.numbers_use)
        provide(contract.NUMBERS_VOID_LIST, handlers.numbers_void_list)
        provide(contract.EVENTS_RECEIVE, handlers.events_receive)
        provide(contract.OPINIONS_ASK, handlers.opinions_ask)
        provide(contract.OPINIONS_GIVE, handlers.opinions_give)
        provide(contract.OPINIONS_END, handlers.opinions_end)
        announce(contract.EVENTS)
