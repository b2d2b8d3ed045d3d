"""Why something of an office is not written; each message is fit for the person."""

from django import forms
from django.utils.translation import gettext as _


class OfficeError(Exception):
    """Why a row is not written; the message is fit for the person."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotAdministered(OfficeError):
    """This person does not administer this office."""


class ReferenceChanged(OfficeError):
    """Somebody else changed the row meanwhile."""


class InvalidReference(OfficeError):
    """``forms`` say what is wrong."""

    def __init__(self, *given: forms.BaseForm) -> None:
        super().__init__(_("请检查填写的内容"))
        self.forms = given

    @property
    def errors(self) -> dict[str, list[str]]:
        """What is wrong, by field."""
        return {name: [str(text) for text in texts] for form in self.forms for name, texts in form.errors.items()}


class StillUsed(OfficeError):
    """What is in use cannot be retired; the message says by what."""


class NotHandedOver(OfficeError):
    """Something would be nobody's; the message says what."""


class NoReason(OfficeError):
    """Nobody looks at a private number without saying why."""


class StillNeeded(OfficeError):
    """Without this person nobody could administer."""


class AlreadyThere(OfficeError):
    """The person is that already."""


class WrongLimit(OfficeError):
    """The text is no limit that may stand there."""
