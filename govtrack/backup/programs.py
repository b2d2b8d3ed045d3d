"""pg_dump and pg_restore: those of PATH. A clone puts those of its embedded PostgreSQL there, the image has its own."""

import os
import re
import shutil
import subprocess
from typing import IO, Any, Final

from django.db import connection

from govtrack.backup.errors import BackupError

_MISSING: Final = "{name} is not installed: it comes with the client programs of PostgreSQL {major} or newer."
_OLD: Final = "{name} is of PostgreSQL {own}, the {what} of {other}: install the client programs of {other} or newer."


def start(name: str, *options: str, errors: IO[bytes], **pipes: Any) -> "subprocess.Popen[bytes]":
    """The program ``name`` at work on the database of this connection; what it says goes to ``errors``."""
    own = connection.settings_dict
    login = {"HOST": own["HOST"], "PORT": str(own["PORT"]), "USER": own["USER"], "DATABASE": own["NAME"]}
    login |= {"PASSWORD": own["PASSWORD"]}
    login |= {key.upper(): str(value) for key, value in own["OPTIONS"].items() if key.startswith("ssl")}
    environment = os.environ | {f"PG{key}": value for key, value in login.items() if value}
    return subprocess.Popen([name, *options], env=environment, stderr=errors, **pipes)


def check(name: str, major: int, *, what: str = "server") -> int:
    """The major version of the program ``name``. Raises BackupError where it is missing or older than ``major``."""
    if shutil.which(name) is None:
        raise BackupError(_MISSING.format(name=name, major=major))
    said = subprocess.run([name, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\d+", said)
    if found is None or int(found[0]) < major:
        raise BackupError(_OLD.format(name=name, own=found[0] if found else "?", what=what, other=major))
    return int(found[0])


def server_major() -> int:
    """The major version of the server of this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10000


def reason(errors: IO[bytes]) -> str:
    """The line that says best why a program failed."""
    errors.seek(0)
    lines = [line.strip() for line in errors.read().decode(errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower() or "fatal" in line.lower()]
    return (telling or lines or ["no message"])[0]
