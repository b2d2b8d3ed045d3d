"""A mail server that keeps what it is given: real bytes over a real socket, on a free port of the loopback address.

``refuse[address]`` answers RCPT for this address with a code; ``refuse_data`` answers the end of DATA with one,
``refuse_sender`` MAIL FROM. With ``refuse_login`` it wants a password and likes none. After ``most`` messages it ends a
connection without a word, as a server does that has had enough of one. ``greeting`` other than 220 turns everybody
away; with ``mute`` it never says anything. With ``pipelining`` it takes several commands at once.
While ``hold`` is cleared the server has taken a message but says nothing yet: what a client sees that dies just then.
"""

import socketserver
import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast


@dataclass
class Received:
    """One accepted message."""

    sender: str
    recipients: list[str]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The parsed message."""
        return message_from_bytes(self.raw, policy=policy.default)

    @property
    def message_id(self) -> str:
        """Its Message-ID."""
        return str(self.message["Message-ID"])

    @property
    def text(self) -> str:
        """Every word of it: subject, plain part and HTML part, decoded."""
        parts = [part.get_content() for part in self.message.walk() if part.get_content_maintype() == "text"]
        return "\n".join([str(self.message["Subject"]), *parts])


@dataclass
class SmtpSink:
    """The server; use it in a ``with`` block."""

    received: list[Received] = field(default_factory=list)
    refuse: dict[str, int] = field(default_factory=dict)
    refuse_data: int = 0
    refuse_sender: int = 0
    refuse_login: bool = False
    most: int = 0
    greeting: int = 220
    mute: bool = False
    pipelining: bool = False
    connections: int = 0
    hold: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def __enter__(self) -> "SmtpSink":
        self.hold.set()
        self._server = _Server(("127.0.0.1", 0), _Session)
        self._server.sink = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """EMAIL_URL for it."""
        return f"smtp://127.0.0.1:{self.port}"

    def keep(self, received: Received) -> None:
        """Take a message in."""
        with self.arrived:
            self.received.append(received)
            self.arrived.notify_all()

    def wait_for(self, count: int, seconds: float) -> bool:
        """Wait until that many messages have come, at most ``seconds``."""
        with self.arrived:
            return self.arrived.wait_for(lambda: len(self.received) >= count, seconds)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    sink: SmtpSink


class _Session(socketserver.StreamRequestHandler):
    timeout = 60

    def handle(self) -> None:
        sink = cast(_Server, self.server).sink
        sink.connections += 1
        sender = ""
        recipients: list[str] = []
        taken = 0
        if sink.mute:
            self.rfile.readline()
            return
        self._say(sink.greeting, "sink")
        try:
            while line := self.rfile.readline():
                words = line.decode("utf-8", "replace").strip()
                verb = words[:4].upper()
                if verb in ("EHLO", "HELO"):
                    login = b"250-AUTH PLAIN LOGIN\r\n" if sink.refuse_login else b""
                    more = b"250-PIPELINING\r\n" if sink.pipelining else b""
                    self.wfile.write(b"250-sink\r\n250-8BITMIME\r\n" + login + more + b"250 SMTPUTF8\r\n")
                elif verb == "AUTH":
                    self._say(535, "5.7.8 Error: authentication failed: clerk@example.org")
                elif verb == "MAIL":
                    if sink.most and taken >= sink.most:
                        return
                    sender, recipients = _address(words), []
                    self._say(sink.refuse_sender or 250, "noted")
                elif verb == "RCPT":
                    address = _address(words)
                    code = 503 if sink.refuse_sender else sink.refuse.get(address, 250)
                    recipients += [address] if code == 250 else []
                    self._say(code, f"<{address}> noted")
                elif verb == "DATA":
                    self._data(sink, sender, recipients)
                    taken += 1
                elif verb == "QUIT":
                    self._say(221, "bye")
                    return
                else:
                    self._say(250, "as you like")
        except (ConnectionError, TimeoutError):
            return

    def _data(self, sink: SmtpSink, sender: str, recipients: list[str]) -> None:
        if not recipients:
            self._say(554, "no valid recipients")
            return
        self._say(354, "end with a dot")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if sink.refuse_data:
            self._say(sink.refuse_data, "not this one")
            return
        sink.keep(Received(sender, recipients, b"".join(lines)))
        sink.hold.wait(60)
        self._say(250, "taken")

    def _say(self, code: int, words: str) -> None:
        self.wfile.write(f"{code} {words}\r\n".encode())


def _address(words: str) -> str:
    return words.partition("<")[2].partition(">")[0]
