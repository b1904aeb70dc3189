from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "lienthong.blocks.exchange"
    label = "exchange"
