"""What a command answers where a back-up cannot be taken or restored: one line, and no traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError
from django.core.management.base import CommandError
from django.db import Error as DatabaseError

from govtrack.backup.errors import BackupError


@contextmanager
def one_line() -> Iterator[None]:
    """Raises CommandError for what database, storage or archive refused inside."""
    try:
        yield
    except BackupError as error:
        raise CommandError(str(error)) from error
    except DatabaseError as error:
        raise CommandError(f"The database refused: {str(error).strip().splitlines()[0]}") from error
    except (OSError, BotoCoreError, ClientError) as error:
        raise CommandError(f"The storage of files refused: {error}") from error
