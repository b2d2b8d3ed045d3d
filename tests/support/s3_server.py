"""A real server of the S3 protocol for tests: rclone, which checks signatures and keeps objects as files."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devhouse.embedded import ports

KEY, SECRET, BUCKET = "GOVTRACKTESTKEY", "only/for+tests", "govtrack-files"
_PATIENCE = 60.0


@dataclass(frozen=True)
class S3Server:
    """Where it listens, and where the objects of its bucket are on disk."""

    port: int
    objects: Path


def program() -> str:
    """The rclone of the virtual environment, else one that is installed."""
    beside = Path(sys.executable).with_name("rclone")
    found = str(beside) if beside.is_file() else shutil.which("rclone")
    assert found, "rclone is missing: pip install -r requirements-dev.txt"
    return found


@contextmanager
def s3_server(directory: Path) -> Iterator[S3Server]:
    """Serve ``directory``, in which the bucket is a directory, until the block ends."""
    objects = directory / BUCKET
    objects.mkdir(parents=True)
    port = ports.choose()
    command = [program(), "serve", "s3", "--config", "", "--addr", f"127.0.0.1:{port}"]
    command += ["--auth-key", f"{KEY},{SECRET}", str(directory)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait(port, server)
            yield S3Server(port, objects)
        finally:
            server.terminate()


def _wait(port: int, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        assert server.poll() is None, f"rclone ended with {server.returncode}"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("rclone does not listen")
