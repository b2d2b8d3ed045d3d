from django.apps import AppConfig


class OfficesConfig(AppConfig):
    name = "offices"

    def ready(self) -> None:
        from common import rotation
        from offices.sealing import rotate_seals

        rotation.register("offices_rowseal", rotate_seals)
