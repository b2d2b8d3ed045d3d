"""How the channels speak HTTP: short time-outs, no redirects, no surprises from the environment, no secrets in words.

An administrator types the addresses, so this program can be made to knock at doors that only it reaches (SSRF). The
rule is simple: http and https only, no user name in the address, and never this machine itself, a link-local address
(169.254.169.254 answers with a cloud's credentials), multicast or an unspecified one. Private addresses stay allowed:
gateways, government clouds' own DingTalk and WeCom and other departments' systems sit on the intranet, and whoever may
type here administers the installation anyway. Loopback is allowed in the demonstration (DEMO) and in tests, where the
other ends run beside us. What comes back is never shown but for a few words of it.
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
from urllib3.exceptions import HTTPError

from reminders.channels.base import Clock, DeliveryError, Trouble

CONNECT_TIMEOUT: Final = 3.0
READ_TIMEOUT: Final = 10.0
"""Seconds between two bytes; the whole answer has as long again."""
MOST_BYTES: Final = 64 * 1024
"""Of an answer; the rest is not read."""

_SECRETIVE: Final = re.compile(r"https?:\S+|\S*@\S*|\b\d{1,3}(?:\.\d{1,3}){3}\b|[0-9A-Za-z_+/=-]{16,}|\d{7,}")
"""What a vendor may repeat in its answer that is nobody's business: addresses, keys, numbers of telephones."""

# With a level below this urllib3 logs whole addresses, keys and all.
logging.getLogger("urllib3").setLevel(logging.ERROR)


@dataclass(frozen=True)
class HttpAnswer:
    """What came back: the status and the JSON object of the body, empty where there was none."""

    status: int
    payload: Mapping[str, Any]
    is_json: bool
    retry_after: timedelta | None


class HttpSender:
    """What the senders over HTTP share: one session, one way to post, one way to read what came back."""

    read_timeout = READ_TIMEOUT

    def __init__(self, url: str, secret: str, *, clock: Clock) -> None:
        self.url = url.strip()
        self.secret = secret.strip()
        self.clock = clock
        self._allowed = False
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.update({"User-Agent": "GovTrack", "Accept-Encoding": "identity"})

    def close(self) -> None:
        """Give up the connections."""
        self._session.close()

    def post(self, body: bytes, *, url: str = "", headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """Post JSON to the channel's address, or to ``url`` of the same host; raises DeliveryError.

        A server's error (5xx), silence, a broken connection and a redirect are told here; what any other answer
        means is the vendor's affair.
        """
        if not self._allowed:
            check_address(self.url)
            self._allowed = True
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
        except requests.exceptions.SSLError:
            raise DeliveryError(Trouble.SETUP, _("对方的证书无效")) from None
        except (requests.exceptions.Timeout, TimeoutError):
            raise DeliveryError(Trouble.AWAY, _("对方没有应答")) from None
        except requests.exceptions.ConnectionError:
            raise DeliveryError(Trouble.AWAY, _("无法连接对方，或连接中断")) from None
        except (requests.exceptions.RequestException, HTTPError, OSError):
            raise DeliveryError(Trouble.AWAY, _("连接中断")) from None
        if answer.status >= 500:
            raise DeliveryError(Trouble.AWAY, f"HTTP {answer.status}", retry_after=answer.retry_after)
        if 300 <= answer.status < 400:
            raise DeliveryError(Trouble.SETUP, _("HTTP %(status)d：不接受转到别的地址") % {"status": answer.status})
        return answer


def check_address(url: str) -> None:
    """Refuse an address that no channel may have; raises DeliveryError (setup, or away where no name server knows it).

    The page of the channels asks the same when an address is typed.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise DeliveryError(Trouble.SETUP, _("地址格式不正确")) from None
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise DeliveryError(Trouble.SETUP, _("只接受 http、https 地址，且不含用户名"))
    try:
        found = socket.getaddrinfo(host, port or parts.scheme, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise DeliveryError(Trouble.AWAY, _("找不到地址中的主机")) from None
    if not all(_may_be_called(str(entry[4][0])) for entry in found):
        raise DeliveryError(Trouble.SETUP, _("不能指向本机或链路本地地址"))


def _may_be_called(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if ip.is_loopback:
        return bool(settings.DEMO)
    return not (ip.is_link_local or ip.is_multicast or ip.is_unspecified)


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
