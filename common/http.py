"""Typed helpers for views."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

REOPENABLE = "X-Reopenable"
"""A header within the house, never sent: the page may be shown again by Back, whatever cookies have changed."""
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")
"""What proxies add."""


def client_ip(request: HttpRequest) -> str:
    """The caller's address: the one that ``TRUSTED_PROXIES`` hops vouch for, else the socket's."""
    hops = settings.TRUSTED_PROXIES
    if hops:
        forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        if len(forwarded) >= hops and (address := _address(forwarded[-hops])):
            return str(address)
    return str(_address(request.META.get("REMOTE_ADDR", "")) or "0.0.0.0")  # noqa: S104


def is_this_machine(request: HttpRequest) -> bool:
    """Whether the caller is this machine itself: a loopback address, asked for by that name, and no proxy between."""
    if any(request.META.get(name) for name in _FORWARDED):
        return False
    caller, host = _address(request.META.get("REMOTE_ADDR", "")), request.META.get("HTTP_HOST", "")
    asked = _address(host) or _address(host.strip("[]"))
    by_name = host.partition(":")[0] == "localhost" or (asked is not None and asked.is_loopback)
    return caller is not None and caller.is_loopback and by_name


def network(request: HttpRequest) -> str:
    """The caller's network for throttles: a whole IPv4 address, the /64 of an IPv6 one."""
    return network_of(_address(client_ip(request)))


def network_of(address: IPv4Address | IPv6Address | None) -> str:
    """What stands for the network of an address."""
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False).network_address)
    return str(address)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """The address that the text names, with a port or in brackets too; an IPv4 one in its IPv6 form as IPv4."""
    text = text.strip()
    found = re.fullmatch(r"\[([0-9A-Fa-f:.]+)\](?::\d+)?|([0-9.]+):\d+", text)
    try:
        address = ip_address((found[1] or found[2]) if found else text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
