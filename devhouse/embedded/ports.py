"""TCP ports on the loopback address."""

import secrets
import socket

LOOPBACK = "127.0.0.1"
FIRST, LAST = 20000, 29999


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """True where a server could listen on this port now. Raises OverflowError for a number that is no port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def choose(preferred: int = 0) -> int:
    """`preferred` where it is free, else a random free port below the range that the kernel hands out to clients."""
    if preferred and is_free(preferred):
        return preferred
    for _attempt in range(200):
        port = FIRST + secrets.randbelow(LAST - FIRST + 1)
        if is_free(port):
            return port
    raise OSError(f"no free port between {FIRST} and {LAST}")
