from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "lienthong.blocks.registry"
    label = "registry"
