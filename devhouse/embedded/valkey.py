"""The embedded Valkey, which speaks the protocol of Redis: append-only file, no eviction, loopback address only."""

import os
import signal
import socket
import subprocess
from urllib.parse import quote

from devhouse.embedded import binaries, processes
from devhouse.embedded.ports import LOOPBACK
from devhouse.embedded.server import Server, trim_log


class Valkey(Server):
    """Valkey under `root/valkey`; database 0 is the application's."""

    name = "valkey"
    stop_signal = signal.SIGTERM

    @property
    def url(self) -> str:
        return self.url_for(0)

    def environment(self) -> dict[str, str]:
        """Its one URL."""
        return {"REDIS_URL": self.url}

    def url_for(self, database: int) -> str:
        """The URL of one of the 16 numbered databases."""
        return f"redis://:{quote(self.password)}@{LOOPBACK}:{self.port}/{database}"

    def _initialise(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _spawn(self, parent_death: int) -> "subprocess.Popen[bytes]":
        trim_log(self.log)
        return processes.spawn(
            [str(binaries.valkey_server()), str(self._configuration())],
            log=self.log,
            cwd=self.data,
            parent_death=parent_death,
        )

    def _configuration(self) -> str:
        lines = [
            f"bind {LOOPBACK}",
            f"port {self.port}",
            f"requirepass {self.password}",
            f'dir "{self.data}"',
            f"appendonly {'yes' if self.durable else 'no'}",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
            "daemonize no",
        ]
        path = self.data / "valkey.conf"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        return str(path)

    def _is_ready(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2:
                    part = connection.recv(256)
                    if not part:
                        return False
                    answer += part
        except OSError:
            return False
        return answer.startswith(b"+OK") and b"+PONG" in answer
