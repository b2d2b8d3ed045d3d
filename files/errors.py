"""What the files floor refuses, in words fit for the person."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _

Words = str | Promise


class FileRefused(Exception):
    """One file that is not taken: ``name`` as the person knows it, ``message`` why and what to do."""

    def __init__(self, name: str, message: Words) -> None:
        super().__init__(name)
        self.name = name
        self.message = message

    def __str__(self) -> str:
        return (
            _("“%(name)s”：%(message)s") % {"name": self.name, "message": self.message}
            if self.name
            else str(self.message)
        )
