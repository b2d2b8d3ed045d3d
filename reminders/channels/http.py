"""How the channels speak HTTP: short time-outs, no redirects, no surprises from the environment, no secrets in words.

An administrator types the addresses, so this program can be made to knock at doors that only it reaches (SSRF). The
rule is simple: http and https only, no user name in the address, and only public addresses, besides those of the
networks that whoever runs the installation names in ``OUTBOUND_NETWORKS``: gateways and government clouds on an
intranet. A name is resolved once, where the connection is opened, and what was judged is what is called: a second
answer of the name server (rebinding) is never asked for. Redirects are not followed. What comes back is never shown but
for a few words of it, and whether nobody is there, nobody answers or somebody speaks another language reads alike.
"""

import ipaddress
import json
import logging
import re
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.utils.translation import gettext as _
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.util.connection import create_connection

from reminders.channels.base import Clock, DeliveryError, Trouble

CONNECT_TIMEOUT: Final = 3.0
READ_TIMEOUT: Final = 10.0
"""Seconds between two bytes; the whole answer has as long again."""
MOST_BYTES: Final = 64 * 1024
"""Of an answer; the rest is not read."""

_SECRETIVE: Final = re.compile(r"https?:\S+|\S*@\S*|\b\d{1,3}(?:\.\d{1,3}){3}\b|[0-9A-Za-z_+/=-]{16,}|\d{7,}")
"""What a vendor may repeat in its answer that is nobody's business: addresses, keys, numbers of telephones."""

_GLOBAL_6: Final = ipaddress.ip_network("2000::/3")
"""All that is handed out for the world; mapped addresses, NAT64 and site-local ones lie outside."""
_TUNNELS: Final = tuple(map(ipaddress.ip_network, ("2001::/32", "2002::/16")))
"""Teredo and 6to4: addresses that carry another one within."""

# With a level below this urllib3 logs whole addresses, keys and all.
logging.getLogger("urllib3").setLevel(logging.ERROR)


@dataclass(frozen=True)
class HttpAnswer:
    """What came back: the status and the JSON object of the body, empty where there was none."""

    status: int
    payload: Mapping[str, Any]
    is_json: bool
    retry_after: timedelta | None


class _Judged(HTTPConnection):
    """Opens its socket to the address that was judged."""

    def _new_conn(self) -> socket.socket:
        """As urllib3 does, of one resolution; raises DeliveryError where an address may not be called."""
        for address in _resolved(self._dns_host, self.port):
            try:
                return create_connection((address, self.port), self.timeout, socket_options=self.socket_options)
            except OSError:
                continue
        raise DeliveryError(Trouble.AWAY, _unreached())


class _JudgedTls(_Judged, HTTPSConnection):
    """The same, and then TLS with the name that was typed."""


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Judged


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _JudgedTls


class _Adapter(HTTPAdapter):
    """The only way out: every connection is judged where it is opened."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As requests does, with pools of our connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}


class HttpSender:
    """What the senders over HTTP share: one session, one way to post, one way to read what came back."""

    read_timeout = READ_TIMEOUT

    def __init__(self, url: str, secret: str, *, clock: Clock) -> None:
        self.url = url.strip()
        self.secret = secret.strip()
        self.clock = clock
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.mount("http://", _Adapter())
        self._session.mount("https://", _Adapter())
        self._session.headers.update({"User-Agent": "GovTrack", "Accept-Encoding": "identity"})

    def close(self) -> None:
        """Give up the connections."""
        self._session.close()

    def post(self, body: bytes, *, url: str = "", headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """Post JSON to the channel's address, or to ``url`` of the same host; raises DeliveryError.

        A server's error (5xx), silence, a broken connection and a redirect are told here; what any other answer
        means is the vendor's affair.
        """
        _host_of(self.url)
        try:
            with self._session.post(
                url or self.url,
                data=body,
                headers={"Content-Type": "application/json; charset=utf-8", **(headers or {})},
                timeout=(CONNECT_TIMEOUT, self.read_timeout),
                allow_redirects=False,
                stream=True,
            ) as response:
                answer = _read(response, self.read_timeout)
        # nobody's own words: they hold the address, and with it the key
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader, UnicodeError):
            raise DeliveryError(Trouble.SETUP, _("地址或密钥无法使用")) from None
        except requests.exceptions.SSLError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise DeliveryError(Trouble.SETUP, _("对方的证书无效")) from None
            raise DeliveryError(Trouble.AWAY, _unreached()) from None
        except (requests.exceptions.RequestException, HTTPError, OSError):
            raise DeliveryError(Trouble.AWAY, _unreached()) from None
        if answer.status >= 500:
            raise DeliveryError(Trouble.AWAY, f"HTTP {answer.status}", retry_after=answer.retry_after)
        if 300 <= answer.status < 400:
            raise DeliveryError(Trouble.SETUP, _("HTTP %(status)d：不接受转到别的地址") % {"status": answer.status})
        return answer


def check_address(url: str) -> None:
    """Refuse an address that no channel may have; raises DeliveryError (setup, or away where no name server knows it).

    The page of the channels asks this when an address is typed; when it is called the connection judges it again.
    """
    host, port = _host_of(url)
    _resolved(host, port)


def _host_of(url: str) -> tuple[str, int]:
    """Host and port of an address that a channel may be given. Raises DeliveryError."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise DeliveryError(Trouble.SETUP, _("地址格式不正确")) from None
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise DeliveryError(Trouble.SETUP, _("只接受 http、https 地址，且不含用户名"))
    return host, port or (443 if parts.scheme == "https" else 80)


def _resolved(host: str, port: int) -> list[str]:
    """The addresses behind a host, each of which may be called. Raises DeliveryError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise DeliveryError(Trouble.AWAY, _unreached()) from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not all(map(_may_be_called, addresses)):
        raise DeliveryError(Trouble.SETUP, _("只能指向公网地址；内网网段须由运维在 OUTBOUND_NETWORKS 中列出"))
    return addresses


def _may_be_called(address: str) -> bool:
    """Whether it is public, or in a network that was named. Never link-local (a cloud's credentials) nor multicast."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        return False
    if any(ip in network for network in settings.OUTBOUND_NETWORKS):
        return True
    if ip.version == 6 and (ip not in _GLOBAL_6 or any(ip in network for network in _TUNNELS)):
        return False
    return bool(ip.is_global)


def _unreached() -> str:
    """The same for no such host, nobody there, no answer, no TLS, a broken connection: words draw no map of ports."""
    return _("无法连接对方，或对方没有应答")


def _read(response: requests.Response, seconds: float) -> HttpAnswer:
    """At most MOST_BYTES of an answer, and for at most ``seconds``; a longer one counts as no JSON."""
    until = time.monotonic() + seconds
    body = b""
    while len(body) <= MOST_BYTES and (chunk := response.raw.read1(MOST_BYTES + 1 - len(body))):
        body += chunk
        if time.monotonic() > until:
            raise requests.exceptions.ReadTimeout
    payload = _parsed(body) if len(body) <= MOST_BYTES else None
    return HttpAnswer(response.status_code, payload or {}, payload is not None, _retry_after(response))


def _parsed(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _retry_after(response: requests.Response) -> timedelta | None:
    """``Retry-After`` in seconds, at most an hour; a date is not understood."""
    value = response.headers.get("Retry-After", "")
    return timedelta(seconds=min(int(value), 3600)) if value.isascii() and value.isdigit() and len(value) < 9 else None


def dumps(payload: Mapping[str, Any]) -> bytes:
    """JSON as it is measured and sent: UTF-8, not escaped, which would double a Chinese message's size."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def clean(words: object, *secrets: str) -> str:
    """A vendor's words without addresses, keys and numbers that it may repeat."""
    text = str(words)
    for secret in filter(None, secrets):
        text = text.replace(secret, "…")
    return " ".join(_SECRETIVE.sub("…", text).split())[:160]
