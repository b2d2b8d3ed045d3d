"""Model fields that several floors share."""

from collections.abc import Sequence
from typing import Any

from django.db import models

from common.crypto import decrypt, encrypt


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that is encrypted in the database and plain in Python. It cannot be searched: store a look-up hash."""

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        return None if value is None else decrypt(value)

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return None if prepared is None else encrypt(str(prepared))


class LexemesField(models.Field):  # type: ignore[type-arg]
    """A ``tsvector`` written from a sequence of lexemes made in Python (see common.search)."""

    def db_type(self, connection: object) -> str:
        return "tsvector"

    def get_prep_value(self, value: Sequence[str] | str | None) -> str | None:
        if value is None or isinstance(value, str):
            return value
        return " ".join("'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'" for lexeme in sorted(set(value)))

    def get_placeholder(self, value: object, compiler: object, connection: object) -> str:
        return "%s::tsvector"
