"""Addresses that open something by themselves stand in no log: not the application's, not the proxy's."""

import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from common.logs import WithoutSecrets

NGINX = (Path(__file__).resolve().parents[2] / "deploy" / "nginx.conf").read_text(encoding="utf-8")
SECRET = "Zq7-secret_of_an-address9"
OTHERS = {"pk": 1, "action": "verdict", "public_id": "0" * 32, "size": "small", "name": "a.jpg", "uidb64": "MQ"}


def _patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern)
        else:
            yield pattern


PATHS = [
    reverse(pattern.name or "", kwargs={name: OTHERS.get(name, SECRET) for name in pattern.pattern.converters})
    for pattern in _patterns(get_resolver())
    if "token" in pattern.pattern.converters
]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, as the product's own handler writes it."""
    handlers: Any = settings.LOGGING["handlers"]
    assert handlers["console"]["filters"] == ["secrets"]
    handler = logging.StreamHandler(stream := io.StringIO())
    handler.addFilter(WithoutSecrets())
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    loggers = [logging.getLogger(name) for name in ("", "django", "django.request", "django.security.csrf")]
    levels = [logger.level for logger in loggers]
    logging.root.addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.INFO)
    yield stream
    logging.root.removeHandler(handler)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.mark.django_db
def test_no_log_of_the_application_has_one(log: io.StringIO) -> None:
    assert len(PATHS) > 10
    browser = Client(enforce_csrf_checks=True)
    for path in PATHS:
        browser.get(path)
        browser.post(path, {"a": "b"})
    assert SECRET not in log.getvalue()
    assert "Forbidden" in log.getvalue(), "something was logged at all"


def test_no_log_of_the_proxy_has_one() -> None:
    hidden = [re.compile(found) for found in re.findall(r"^ +~(\^\S+) \S+-;$", NGINX, re.MULTILINE)]
    assert [path for path in PATHS if not any(one.search(path) for one in hidden)] == []
