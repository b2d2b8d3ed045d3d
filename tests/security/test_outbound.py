"""M8: what an administrator types as the address of a channel calls nobody but public addresses, and draws no map."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import Any

import pytest
from django.test import override_settings

from reminders.channels import http
from reminders.channels.base import DeliveryError, Trouble
from reminders.channels.http import HttpSender, check_address
from tests.support.http_sink import Failure
from tests.support.robot_sinks import WebhookSink

FORBIDDEN = {
    "no scheme of ours": ("ftp://1.1.1.1/x", "file:///etc/passwd", "gopher://1.1.1.1/", "//1.1.1.1/x", "1.1.1.1/x", ""),
    "no address": ("http://", "http://[::1", "http://1.1.1.1:99999/"),
    "a name of a user": ("http://user@1.1.1.1/", "http://user:word@1.1.1.1/"),
    "loopback": (
        "http://127.0.0.1:8080/x",
        "http://localhost/x",
        "https://[::1]/",
        "http://127.1/",
        "http://2130706433/",
    ),
    "private": ("http://10.1.2.3/", "https://172.16.0.1/", "https://192.168.7.7/hook", "http://[fd00::7]/hook"),
    "shared by carriers": ("http://100.64.0.1/", "http://100.100.100.200/latest/meta-data/"),
    "link-local, metadata": ("http://169.254.169.254/latest/", "http://[fe80::1]/", "http://2852039166/"),
    "none, many, reserved": (
        "http://0.0.0.0/",
        "http://[::]/",
        "http://224.0.0.1/",
        "http://[ff02::1]/",
        "http://240.0.0.1/",
    ),
    "documentation, benchmarks": ("http://192.0.2.1/", "http://198.18.0.1/", "http://[2001:db8::1]/"),
    "mapped": ("http://[::ffff:127.0.0.1]/", "http://[::ffff:169.254.169.254]/", "http://[::ffff:10.0.0.1]/"),
    "compatible": ("http://[::127.0.0.1]/", "http://[::a9fe:a9fe]/"),
    "NAT64": ("http://[64:ff9b::7f00:1]/", "http://[64:ff9b::a9fe:a9fe]/", "http://[64:ff9b:1::a00:1]/"),
    "6to4, Teredo": ("http://[2002:7f00:1::]/", "http://[2002:a9fe:a9fe::1]/", "http://[2001:0:7f00:1::1]/"),
    "site-local": ("http://[fec0::1]/",),
}
ALL = [ip_network("0.0.0.0/0"), ip_network("::/0")]


def refused(url: str) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        check_address(url)
    return caught.value


@pytest.mark.parametrize("kind", FORBIDDEN)
@override_settings(OUTBOUND_NETWORKS=[])
def test_addresses_that_no_channel_may_have(kind: str) -> None:
    assert {url: refused(url).trouble for url in FORBIDDEN[kind]} == dict.fromkeys(FORBIDDEN[kind], Trouble.SETUP)


@pytest.mark.parametrize("url", ["https://1.1.1.1/x", "https://[2606:4700::1111]/x", "http://8.8.8.8:8080/sms"])
@override_settings(OUTBOUND_NETWORKS=[])
def test_public_addresses_may_be_called(url: str) -> None:
    check_address(url)


@override_settings(OUTBOUND_NETWORKS=[ip_network("10.1.0.0/16"), ip_network("fd00::/64")])
def test_an_intranet_is_called_where_it_was_named() -> None:
    check_address("http://10.1.2.3:8080/sms")
    check_address("http://[::ffff:10.1.2.3]:8080/sms")
    check_address("http://[fd00::7]/hook")
    for url in ("http://10.2.0.1/", "http://192.168.7.7/", "http://127.0.0.1/", "http://[fd01::7]/"):
        assert refused(url).trouble is Trouble.SETUP


@override_settings(OUTBOUND_NETWORKS=ALL)
def test_a_clouds_credentials_are_never_called() -> None:
    for url in ("http://169.254.169.254/latest/", "http://[fe80::1]/", "http://[::ffff:169.254.169.254]/"):
        assert refused(url).trouble is Trouble.SETUP


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """A name server that gives one answer after another, and the last for ever; empty: the real one."""
    answers: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host not in answers:
            return real(host, port, *args, **kwargs)
        given = answers[host].pop(0) if len(answers[host]) > 1 else answers[host][0]
        return [entry for address in given for entry in real(address, port, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return answers


@pytest.fixture
def sink() -> Iterator[WebhookSink]:
    with WebhookSink() as server:
        yield server


def sent(url: str, *, read_timeout: float = 60) -> DeliveryError:
    sender = HttpSender(url, "", clock=lambda: datetime.now(UTC))
    sender.read_timeout = read_timeout
    with contextlib.closing(sender), pytest.raises(DeliveryError) as caught:
        sender.post(b"{}")
    return caught.value


@override_settings(OUTBOUND_NETWORKS=[])
@pytest.mark.parametrize(
    "answers",
    [
        [["127.0.0.1"]],
        [["1.1.1.1", "127.0.0.1"]],
        [["::1"]],
        [["64:ff9b::7f00:1"]],
    ],
)
def test_a_name_of_this_machine_is_not_called(
    names: dict[str, list[list[str]]], sink: WebhookSink, answers: list[list[str]]
) -> None:
    names["hook.example.org"] = answers
    assert sent(f"http://hook.example.org:{sink.port}/").trouble is Trouble.SETUP
    assert not sink.requests


def test_a_name_is_resolved_once_and_that_address_is_called(
    names: dict[str, list[list[str]]], sink: WebhookSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebinding: the first answer is public, every later one is this machine."""
    called: list[Any] = []

    def connect(address: Any, *_args: Any, **_kwargs: Any) -> socket.socket:
        called.append(address)
        raise OSError

    monkeypatch.setattr(http, "create_connection", connect)
    with override_settings(OUTBOUND_NETWORKS=[]):
        names["hook.example.org"] = [["1.1.1.1"], ["127.0.0.1"]]
        assert sent(f"http://hook.example.org:{sink.port}/").trouble is Trouble.AWAY
    assert called == [("1.1.1.1", sink.port)]
    assert names["hook.example.org"] == [["127.0.0.1"]]
    assert not sink.requests


def test_the_certificate_is_that_of_the_name_and_not_of_the_address(names: dict[str, list[list[str]]]) -> None:
    names["hook.example.org"] = [["127.0.0.1"]]
    asked: list[str | None] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.sni_callback = lambda _socket, name, _context: asked.append(name)

        def greet() -> None:
            with server.accept()[0] as peer, contextlib.suppress(OSError):
                context.wrap_socket(peer, server_side=True)

        thread = threading.Thread(target=greet)
        thread.start()
        assert sent(f"https://hook.example.org:{server.getsockname()[1]}/").trouble is Trouble.AWAY
        thread.join()
    assert asked == ["hook.example.org"]


def test_a_redirect_leads_nowhere(sink: WebhookSink) -> None:
    sink.fail(Failure.REDIRECT, 1)
    assert "302" in sent(sink.url).words
    assert not sink.requests


def test_words_draw_no_map_of_ports(sink: WebhookSink) -> None:
    """Nobody of that name, a closed port, an open and silent one, one without TLS, one that breaks off."""
    with socket.create_server(("127.0.0.1", 0)) as silent, socket.create_server(("127.0.0.1", 0)) as closed:
        silent_port, closed_port = silent.getsockname()[1], closed.getsockname()[1]
        closed.close()
        sink.fail(Failure.DIE, 1)
        told = {
            sent(url, read_timeout=0.3).words
            for url in (
                "http://no-such-host.invalid/",
                f"http://127.0.0.1:{closed_port}/",
                f"http://127.0.0.1:{silent_port}/",
                f"https://127.0.0.1:{sink.port}/",
                sink.url,
            )
        }
    assert len(told) == 1
