"""A mail server as a process of its own, for tests that kill it; it goes on with the same log when it starts again.

``python -m tests.kill.mail_server --port 2525 --log accepted.jsonl``
"""

import argparse
import json
import threading
from pathlib import Path

from tests.support.smtp_sink import Received, SmtpSink, _Server, _Session


class LoggedSink(SmtpSink):
    """Writes what it accepts to a file before it says so. ``listen``: where, so that it is found there again."""

    def __init__(self, log: Path, listen: int) -> None:
        super().__init__()
        self._log = log
        self._listen = listen
        self._lock = threading.Lock()

    def __enter__(self) -> "LoggedSink":
        self.hold.set()
        self._server = _Server(("127.0.0.1", self._listen), _Session)
        self._server.sink = self
        return self

    def serve(self) -> None:
        """Until the process is ended."""
        self._server.serve_forever(poll_interval=0.05)

    def keep(self, received: Received) -> None:
        head = received.raw.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
        lines = head.replace("\r\n ", " ").split("\r\n")
        identity = next(line.partition(":")[2].strip() for line in lines if line.lower().startswith("message-id:"))
        with self._lock, self._log.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"what": "accepted", "id": identity, "to": received.recipients}) + "\n")


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description="A mail server for tests.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True)
    options = parser.parse_args()
    with LoggedSink(options.log, options.port) as sink:
        sink.serve()


if __name__ == "__main__":
    main()
