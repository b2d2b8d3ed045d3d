from django.apps import AppConfig


class DoorConfig(AppConfig):
    name = "door"

    def ready(self) -> None:
        """What happens to a block is told by its title alone."""
        from door.enums import BLOCK
        from door.tellings import TELLINGS
        from reminders import tellings

        tellings.register(BLOCK, TELLINGS)
