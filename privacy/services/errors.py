"""Why something about personal information is not written; each message is fit for the person."""

from collections.abc import Mapping


class PrivacyError(Exception):
    """A refusal; the message is for the person."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotTheirs(PrivacyError):
    """This person may not do it."""


class HasEnded(PrivacyError):
    """It was answered meanwhile, or is not at that step."""


class AlreadyAsked(PrivacyError):
    """The same person waits for the same already."""


class CannotDelete(PrivacyError):
    """The law or a matter that is still open wants it kept; the message says which."""


class WrongFields(PrivacyError):
    """``errors`` say what is wrong, by field."""

    def __init__(self, message: str, errors: Mapping[str, str]) -> None:
        super().__init__(message)
        self.errors = dict(errors)
