from django.apps import AppConfig


class NdxpConfig(AppConfig):
    name = "lienthong.systems.ndxp"
    label = "ndxp"
