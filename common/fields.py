"""Model fields that several floors share."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import models

from common.crypto import AES_256_GCM, decrypt, decrypt_bytes, encrypt, encrypt_bytes, lookup_hash


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that is encrypted in the database and plain in Python. It cannot be searched: store a look-up hash.

    ``hashed_in`` names the column of that hash, ``as_looked_up`` what of the text is hashed: for the rotation of keys.
    """

    def __init__(
        self, *args: Any, hashed_in: str = "", as_looked_up: Callable[[str], str] = str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.hashed_in, self.as_looked_up = hashed_in, as_looked_up

    def hash_of(self, text: str) -> str:
        """What belongs in the column ``hashed_in``, by the newest key."""
        return lookup_hash(self.as_looked_up(text))

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        return None if value is None else decrypt(value)

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return None if prepared is None else encrypt(str(prepared))


class EncryptedBytesField(models.Field):  # type: ignore[type-arg]
    """As EncryptedTextField in a column of bytes, a quarter less room; for texts of which there are millions.

    ``before`` names a column of the same table that has the text, plain, of rows from before the encryption: where this
    column is NULL, that one is read.
    """

    def __init__(self, *args: Any, before: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = before

    def db_type(self, connection: object) -> str:
        return "bytea"

    def select_format(self, compiler: object, sql: str, params: Any) -> tuple[str, Any]:
        table, _dot, column = sql.rpartition(".")
        if not self.before or column != f'"{self.column}"':  # an expression of such columns has read them already
            return sql, params
        return f"COALESCE({sql}, convert_to({table}.\"{self.before}\", 'UTF8'))", params

    def from_db_value(self, value: memoryview | None, expression: object, connection: object) -> str | None:
        return None if value is None else text_of(bytes(value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return None if value is None else connection.Database.Binary(encrypt_bytes(str(value)))


def text_of(value: bytes) -> str:
    """The text of such a column, encrypted or from before. Raises UnreadablePersonalData."""
    return decrypt_bytes(value) if value[:1] == AES_256_GCM else value.decode()


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
