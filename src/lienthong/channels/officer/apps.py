from django.apps import AppConfig


class OfficerConfig(AppConfig):
    name = "lienthong.channels.officer"
    label = "officer"
