"""A mail server that throws everything away, as a process of its own: ``python -m bench.smtp`` prints its port.

It speaks just enough SMTP for any client and does as little as it can, so that what is measured is the sender.
"""

import asyncio
import sys


class Sink(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._waiting = b""
        self._data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._out = transport
        self._out.write(b"220 bench\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer each command; swallow what comes after DATA until the lonely dot."""
        self._waiting += data
        while True:
            if self._data:
                end = self._waiting.find(b"\r\n.\r\n")
                if end < 0:
                    return
                self._waiting = self._waiting[end + 5 :]
                self._data = False
                self._out.write(b"250 taken\r\n")
                continue
            line, found, rest = self._waiting.partition(b"\r\n")
            if not found:
                return
            self._waiting = rest
            self._answer(line[:4].upper())

    def _answer(self, verb: bytes) -> None:
        if verb == b"DATA":
            self._data = True
            self._out.write(b"354 go on\r\n")
        elif verb == b"EHLO":
            self._out.write(b"250-bench\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")
        elif verb == b"QUIT":
            self._out.write(b"221 bye\r\n")
            self._out.close()
        else:
            self._out.write(b"250 ok\r\n")


async def main() -> None:
    """Serve until standard input is closed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
