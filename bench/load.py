"""The load: a process of its own that keeps connections alive and counts answers. ``python bench/load.py < job``.

A job is a JSON object: ``port``; ``requests`` (raw HTTP requests as text, taken in turn); ``clients``; ``seconds``;
``status`` (the one expected). Prints one JSON object: ``count``, ``wrong``, ``seconds``, ``median_ms``, ``p95_ms``.
"""

import json
import socket
import sys
import threading
import time
from itertools import count

GIVE_UP = 20
"""Wrong answers after which a client stops."""


class Client(threading.Thread):
    """One connection that asks as fast as it is answered."""

    def __init__(self, port: int, requests: list[bytes], turn: "count[int]", until: float, status: bytes) -> None:
        super().__init__()
        self.port, self.requests, self.turn, self.until, self.status = port, requests, turn, until, status
        self.times: list[float] = []
        self.wrong = 0
        self.example = b""

    def run(self) -> None:
        connection = self._connect()
        while time.perf_counter() < self.until and self.wrong < GIVE_UP:
            request = self.requests[next(self.turn) % len(self.requests)]
            began = time.perf_counter()
            try:
                connection.sendall(request)
                head, closes = self._answer(connection)
            except (OSError, ValueError):
                self.wrong += 1
                connection = self._connect()
                continue
            self.times.append(time.perf_counter() - began)
            if head[9:12] != self.status:
                self.wrong += 1
                self.example = self.example or head[:200]
            if closes:
                connection = self._connect()

    def _connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    @staticmethod
    def _answer(connection: socket.socket) -> tuple[bytes, bool]:
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += _received(connection)
        head = data[:end].lower()
        at = head.index(b"content-length:")
        length = int(head[at + 15 : head.find(b"\r\n", at) if head.find(b"\r\n", at) > 0 else len(head)])
        left = length - (len(data) - end - 4)
        while left > 0:
            left -= len(_received(connection))
        return data[:end], b"connection: close" in head


def _received(connection: socket.socket) -> bytes:
    data = connection.recv(262_144)
    if not data:
        raise ValueError("the server closed the connection")
    return data


def main() -> None:
    """Do the job on standard input."""
    job = json.load(sys.stdin)
    requests = [request.encode() for request in job["requests"]]
    turn = count(job.get("first", 0))
    began = time.perf_counter()
    until = began + job["seconds"]
    clients = [Client(job["port"], requests, turn, until, str(job["status"]).encode()) for _ in range(job["clients"])]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    seconds = time.perf_counter() - began
    times = sorted(time for client in clients for time in client.times)
    found = {
        "count": len(times),
        "wrong": sum(client.wrong for client in clients),
        "example": next((client.example.decode("latin-1") for client in clients if client.example), ""),
        "seconds": seconds,
        "median_ms": 1000 * times[len(times) // 2] if times else 0,
        "p95_ms": 1000 * times[int(len(times) * 0.95)] if times else 0,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
