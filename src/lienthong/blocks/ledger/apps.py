from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "lienthong.blocks.ledger"
    label = "ledger"
    verbose_name = "Sổ cái"
