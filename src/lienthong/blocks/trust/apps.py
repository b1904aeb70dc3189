from django.apps import AppConfig


class TrustConfig(AppConfig):
    name = "lienthong.blocks.trust"
    label = "trust"
    verbose_name = "Chữ ký số và chứng thư số"
