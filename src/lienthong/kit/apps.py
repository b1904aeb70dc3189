from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "lienthong.kit"
    label = "kit"
