from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    name = "lienthong.blocks.casework"
    label = "casework"

    def ready(self) -> None:
        from lienthong.blocks.casework import disposal_parts, files  # noqa: PLC0415 - apps are loaded now

        files.referring("casework", disposal_parts.files_referred)
