from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "lienthong.channels.console"
    label = "console"
