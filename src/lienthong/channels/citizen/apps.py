from django.apps import AppConfig


class CitizenConfig(AppConfig):
    name = "lienthong.channels.citizen"
    label = "citizen"
