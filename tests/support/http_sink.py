"""A real HTTP server on the loopback address that keeps what it accepts, and fails the way real ones do.

``robot_sinks`` puts the vendors' rules on top. Everything is counted by stable ids: ``ids`` holds each acceptance in
order, repeats too. With a ``log`` every acceptance is on disk before it is answered, so that nothing is forgotten
when the sink's process is killed, and a sink that starts again on the same log goes on where it was.
"""

import json
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

Clock = Callable[[], float]
"""Seconds since 1970."""


class Failure(StrEnum):
    """How a sink fails. Only ``die_after`` accepts the message first; the others never look at it.

    ``hang``: takes the request and says nothing until ``release()``. ``drip``: a byte of the answer every half second,
    without end. ``die``: breaks off in the middle of the answer. ``error``: 500. ``garbage``: 200 and no JSON.
    ``redirect``: 302 to another path of its own. ``huge``: 200 and 8 MB of JSON. ``gone``: 410. ``busy``: 429 with
    Retry-After 7.
    """

    HANG = "hang"
    DRIP = "drip"
    DIE = "die"
    DIE_AFTER = "die_after"
    ERROR = "error"
    GARBAGE = "garbage"
    REDIRECT = "redirect"
    HUGE = "huge"
    GONE = "gone"
    BUSY = "busy"


@dataclass(frozen=True)
class Request:
    """What came in."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    at: float


@dataclass(frozen=True)
class Accepted:
    """A message that was taken. ``id`` is the parcel's, found where the vendor's form carries it."""

    id: str
    at: float
    text: str
    payload: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What is said to the client."""

    status: int
    payload: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


class HttpSink:
    """The server; use it in a ``with`` block. Subclasses say what a request deserves (``judge``).

    ``received`` are acceptances, ``refused`` the vendor codes of refusals in order, ``violations`` what no well-behaved
    client may do (too fast, during a mute, bad signature, too big). ``clock`` may be replaced at any time.
    While ``hold`` is cleared a message is accepted and not yet answered.
    """

    kind = ""
    path = "/"

    def __init__(self, *, secret: str = "", clock: Clock = time.time, log: Path | None = None, port: int = 0) -> None:
        self.secret = secret
        self.clock = clock
        self.received: list[Accepted] = []
        self.refused: list[int] = []
        self.violations: list[str] = []
        self.requests: list[Request] = []
        self.hold = threading.Event()
        self.hold.set()
        self._log = log
        self._port = port
        self._lock = threading.RLock()
        self._arrived = threading.Condition(self._lock)
        self._failures: list[tuple[Failure, int | None]] = []
        self._released = threading.Event()
        self._remember()

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", self._port), _Handler)
        self._server.sink = self
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.hold.set()
        self._released.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The address to configure a channel with, key and all."""
        return f"http://127.0.0.1:{self.port}{self.path}"

    @property
    def ids(self) -> list[str]:
        """The stable ids of what was accepted, repeats too."""
        with self._lock:
            return [accepted.id for accepted in self.received]

    @property
    def repeats(self) -> int:
        """How many acceptances were repeats of one before."""
        ids = self.ids
        return len(ids) - len(set(ids))

    def fail(self, failure: Failure, times: int | None = None) -> None:
        """Fail that way from now on, or so many times; failures asked for one after the other queue up."""
        with self._lock:
            self._failures.append((failure, times))

    def recover(self) -> None:
        """Fail no more, and let go who hangs."""
        with self._lock:
            self._failures.clear()
        self.release()

    def release(self) -> None:
        """Let go the requests that hang now (their connections are closed without an answer)."""
        self._released.set()
        self._released = threading.Event()

    def wait_for(self, count: int, seconds: float) -> bool:
        """Wait until that many messages have been accepted, at most ``seconds``."""
        with self._arrived:
            return self._arrived.wait_for(lambda: len(self.received) >= count, seconds)

    def judge(self, request: Request) -> Answer:
        """What the vendor would say; calls ``accept`` where it takes the message."""
        raise NotImplementedError

    def accept(self, accepted: Accepted) -> None:
        """Take a message in."""
        with self._arrived:
            self.received.append(accepted)
            self._write("accepted", id=accepted.id, at=accepted.at)
            self._arrived.notify_all()

    def refuse(self, code: int) -> None:
        """Note a refusal."""
        self.refused.append(code)
        self._write("refused", code=code)

    def violate(self, words: str) -> None:
        """Note what no well-behaved client does."""
        self.violations.append(words)
        self._write("violation", words=words)

    def _write(self, what: str, **facts: object) -> None:
        if self._log is None:
            return
        with self._log.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"what": what, **facts}, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _remember(self) -> None:
        for line in read_log(self._log) if self._log else []:
            if line["what"] == "accepted":
                self.received.append(Accepted(id=line["id"], at=line["at"], text="", payload={}))
            elif line["what"] == "refused":
                self.refused.append(line["code"])
            else:
                self.violations.append(line["words"])

    def next_failure(self) -> Failure | None:
        """Which failure is due for this request."""
        with self._lock:
            if not self._failures:
                return None
            failure, times = self._failures[0]
            if times is not None:
                self._failures[0] = (failure, times - 1)
                if times <= 1:
                    del self._failures[0]
            return failure

    def waiting(self) -> threading.Event:
        """What a hanging request waits for."""
        return self._released

    def respond(self, request: Request) -> Answer:
        """One request at a time meets the vendor's rules."""
        with self._lock:
            self.requests.append(request)
            return self.judge(request)


def read_log(path: Path) -> list[dict[str, Any]]:
    """The lines of a sink's log: ``what`` accepted (id, at), refused (code) or violation (words). A torn last line,
    which a killed process may leave, was never answered and counts for nothing."""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        with suppress(json.JSONDecodeError):
            lines.append(json.loads(line))
    return lines


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128
    sink: HttpSink

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        sink = self.server.sink
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(parts.path, query, headers, body, sink.clock())
        failure = sink.next_failure()
        if failure and failure is not Failure.DIE_AFTER:
            self._fail(failure)
            return
        answer = sink.respond(request)
        sink.hold.wait(60)
        if failure is Failure.DIE_AFTER:
            self._reset()
            return
        self._send(answer.status, json.dumps(answer.payload).encode(), answer.headers)

    def _fail(self, failure: Failure) -> None:
        match failure:
            case Failure.HANG:
                self.server.sink.waiting().wait(120)
                self._reset()
            case Failure.DRIP:
                self._drip()
            case Failure.DIE:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{")
                self._reset()
            case Failure.ERROR:
                self._send(500, b"<h1>Internal Server Error</h1>", {})
            case Failure.GARBAGE:
                self._send(200, b"<html>please sign in to the hotel's network</html>", {})
            case Failure.REDIRECT:
                self._send(302, b"", {"Location": "/elsewhere"})
            case Failure.HUGE:
                self._send(200, b'{"errcode": 0, "code": 0, "ok": true, "x": "' + b"x" * 8_000_000 + b'"}', {})
            case Failure.GONE:
                self._send(410, b"{}", {})
            case Failure.BUSY:
                self._send(429, b"{}", {"Retry-After": "7"})

    def _drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n")
        released = self.server.sink.waiting()
        with suppress(OSError):
            while not released.wait(0.5):
                self.wfile.write(b" ")
        self._reset()

    def _reset(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        with suppress(OSError):
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Nothing to say."""
