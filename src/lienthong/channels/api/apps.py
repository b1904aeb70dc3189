from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "lienthong.channels.api"
    label = "api"
