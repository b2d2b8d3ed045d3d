"""Who runs PostgreSQL: it refuses root, so a set-up under root needs another user for it."""

import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from devhouse.embedded.errors import EmbeddedError
from devhouse.embedded.processes import LAUNCHER

UNPRIVILEGED = 65534
UNSHARE = ("unshare", "--user", f"--map-user={UNPRIVILEGED}", f"--map-group={UNPRIVILEGED}")
NO_USER = (
    "PostgreSQL does not run as root and no other user can reach this directory: "
    "run as an ordinary user, or set DATABASE_URL."
)


@dataclass(frozen=True)
class ServerIdentity:
    """How to become the server's user: a command to put in front, a (uid, gid) to take, and who owns its files."""

    prefix: tuple[str, ...] = ()
    user: tuple[int, int] | None = None

    @property
    def owner(self) -> tuple[int, int]:
        """The (uid, gid) that the server's files must have, seen from outside."""
        return self.user or (os.geteuid(), os.getegid())

    def own(self, path: Path) -> None:
        """Give `path` and everything below it to the server's user, where it is not theirs yet."""
        if os.geteuid() != 0 or path.stat().st_uid == self.owner[0]:
            return
        os.chown(path, *self.owner)
        for directory, _names, files in os.walk(path):
            os.chown(directory, *self.owner)
            for name in files:
                os.chown(Path(directory) / name, *self.owner, follow_symlinks=False)


def choose_identity(program: Path, home: Path, *, allowed: tuple[str, ...] = ("postgres", "nobody")) -> ServerIdentity:
    """The identity for a server whose `program` and `home` directory exist.

    An ordinary user runs it as themselves. Root runs it as `postgres` or `nobody` where that user reaches both, else
    in a user namespace in which root's files belong to an unprivileged user. Raises EmbeddedError where none works.
    """
    if os.geteuid() != 0:
        return ServerIdentity()
    for name in allowed:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        candidate = ServerIdentity(user=(entry.pw_uid, entry.pw_gid))
        if _reaches(candidate, program, home):
            return candidate
    separate = ServerIdentity(prefix=UNSHARE)
    if shutil.which(UNSHARE[0]) and _reaches(separate, program, home):
        return separate
    raise EmbeddedError(NO_USER)


def _reaches(identity: ServerIdentity, program: Path, home: Path) -> bool:
    """True where this identity can enter `home` and run `program --version`."""
    check = ["/bin/sh", "-c", 'cd "$1" && exec "$2" --version', "sh", str(home), str(program)]
    return run_as(identity, check, timeout=20).returncode == 0


def run_as(identity: ServerIdentity, command: list[str], *, timeout: float) -> "subprocess.CompletedProcess[str]":
    """Run a short command as the server's user and return what it said."""
    uid, gid = identity.user or (-1, -1)
    launcher = [sys.executable, "-S", "-E", str(LAUNCHER), "0", "0", str(uid), str(gid)]
    return subprocess.run(
        [*identity.prefix, *launcher, *command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout,
        check=False,
        cwd="/",
    )
