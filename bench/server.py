"""The product's own gunicorn, and the load against it."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.encoding import iri_to_uri

BASE = Path(__file__).resolve().parent.parent
LOAD = Path(__file__).resolve().parent / "load.py"


@dataclass(frozen=True)
class Web:
    """The running server."""

    port: int

    def request(self, method: str, path: str, *, token: str = "", body: str = "") -> str:
        """A raw request that keeps the connection."""
        lines = [f"{method} {iri_to_uri(path)} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "Accept-Language: zh-hans"]
        lines += [f"Authorization: Token {token}"] if token else []
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body.encode())}"]
        return "\r\n".join([*lines, "", body])

    def load(
        self, requests: Sequence[str], *, clients: int, seconds: float, status: int = 200, first: int = 0
    ) -> dict[str, Any]:
        """Ask from a separate process. Raises RuntimeError where answers are wrong."""
        job = {
            "port": self.port, "requests": list(requests), "clients": clients, "seconds": seconds, "status": status,
            "first": first,
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, str(LOAD)], input=json.dumps(job), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        found: dict[str, Any] = json.loads(done.stdout)
        if found["wrong"] or not found["count"]:
            raise RuntimeError(f"{found['wrong']} of {found['count']} answers were not {status}: {found['example']}")
        return found


@contextmanager
def gunicorn() -> Iterator[Web]:
    """gunicorn with the product's configuration and the benchmark's settings."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--config", "govtrack/gunicorn_conf.py"]
    command += ["--bind", f"127.0.0.1:{port}", "--log-level", "error", "govtrack.wsgi:application"]
    process = subprocess.Popen(command, cwd=BASE, env=os.environ, stdout=sys.stderr)
    try:
        _wait(port, process)
        yield Web(port)
    finally:
        process.terminate()
        process.wait(30)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _attempt in range(600):
        if process.poll() is not None:
            raise RuntimeError("gunicorn ended")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("gunicorn did not answer")
