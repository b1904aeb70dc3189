from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    name = "lienthong.blocks.casework"
    label = "casework"
