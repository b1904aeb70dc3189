from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "lienthong.systems.reporting"
    label = "reporting"
