from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "lienthong.blocks.insight"
    label = "insight"
