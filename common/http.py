"""Typed helpers for views."""

from django.conf import settings
from django.http import HttpRequest

REOPENABLE = "X-Reopenable"
"""A header within the house, never sent: the page may be shown again by Back, whatever cookies have changed."""


def client_ip(request: HttpRequest) -> str:
    """The caller's address: the one that ``TRUSTED_PROXIES`` hops vouch for, else the socket's."""
    hops = settings.TRUSTED_PROXIES
    if hops:
        forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        if len(forwarded) >= hops:
            return str(forwarded[-hops])
    return str(request.META.get("REMOTE_ADDR", "0.0.0.0"))  # noqa: S104


def network(request: HttpRequest) -> str:
    """The caller's network for throttles: a whole IPv4 address, the /64 of an IPv6 one."""
    address = client_ip(request)
    return ":".join(address.split(":")[:4]) if ":" in address else address
