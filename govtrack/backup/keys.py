"""Who may read an archive, and which secrets of the installation are needed besides it."""

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

import pyrage
from django.conf import settings

from govtrack import env
from govtrack.backup.archive import Identity, Recipient
from govtrack.backup.errors import BackupError

_HOW = "`age-keygen` makes one (docs/operations.md)"


def recipients() -> list[Recipient]:
    """The public keys of BACKUP_RECIPIENT, comma-separated; none where it is unset. Raises BackupError."""
    try:
        return [Recipient.from_str(word) for word in env.env_list("BACKUP_RECIPIENT", default=[])]
    except pyrage.RecipientError as error:
        raise BackupError(f"BACKUP_RECIPIENT is no public key of age, age1…: {_HOW}.") from error


def identities(path: Path) -> list[Identity]:
    """The private keys of a file as `age-keygen` writes it; ``-`` is standard input. Raises BackupError."""
    try:
        lines = (sys.stdin.read() if path == Path("-") else path.read_text(encoding="utf-8")).splitlines()
        found = [Identity.from_str(line.strip()) for line in lines if line.strip() and not line.startswith("#")]
    except OSError as error:
        raise BackupError(f"The identity {path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, pyrage.IdentityError) as error:
        raise BackupError(f"{path} holds no identity of age, AGE-SECRET-KEY-1…: {_HOW}.") from error
    if not found:
        raise BackupError(f"{path} holds no identity of age.")
    return found


def fingerprint(secret: str) -> str:
    """What names a key without telling it, 12 hexadecimal digits; secrets are too strong to be guessed by it."""
    return hashlib.sha256(b"govtrack-backup-key:" + secret.encode()).hexdigest()[:12]


def of_personal_data() -> list[str]:
    """The fingerprints of PERSONAL_DATA_KEYS, newest first: each may be needed to read a row."""
    return [fingerprint(key) for key in settings.PERSONAL_DATA_KEYS]


def check(needed: Sequence[str]) -> None:
    """Raises BackupError where this installation lacks a key that the archive's rows may need."""
    missing = [one for one in needed if one not in of_personal_data()]
    if missing:
        raise BackupError(
            f"PERSONAL_DATA_KEYS lacks {len(missing)} of the keys with which this back-up was written (fingerprint "
            f"{', '.join(missing)}): put them there, in the order in which they stood, and try again."
        )
