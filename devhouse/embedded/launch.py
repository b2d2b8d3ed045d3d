"""Start a program that ends with its parent: `launch.py PARENT SIGNAL UID GID PROGRAM [ARGUMENT ...]`.

Run as a script by a bare interpreter between fork and exec. It gives up root where UID is not -1, asks the kernel for
SIGNAL when the parent dies (0: none; Linux only) and becomes PROGRAM. The order matters: a change of identity clears
the parent-death signal.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int, number: int) -> None:
    """Ask for signal `number` when the parent dies; leave at once where it is dead already. No-op outside Linux."""
    if not number or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    if parent and os.getppid() != parent:
        sys.exit("the parent process has ended")


def main() -> None:
    """Drop privileges, tie the life of the program to its parent and run it."""
    parent, number, uid, gid = (int(word) for word in sys.argv[1:5])
    if uid != -1:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    die_with_parent(parent, number)
    os.execv(sys.argv[5], sys.argv[5:])


if __name__ == "__main__":
    main()
