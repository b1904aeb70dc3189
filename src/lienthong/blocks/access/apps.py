from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "lienthong.blocks.access"
    label = "access"
