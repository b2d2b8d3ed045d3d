"""What the tests of the reminders floor share."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from django.test import override_settings

from reminders.reference import forget

if TYPE_CHECKING:
    from tests.support.smtp_sink import SmtpSink


@pytest.fixture(autouse=True)
def _fresh_ladder() -> Iterator[None]:
    """No ladder held in the process from an earlier test."""
    forget()
    yield
    forget()


@pytest.fixture
def sink() -> "Iterator[SmtpSink]":
    """A mail server on the loopback address, and settings that send to it."""
    from tests.support.smtp_sink import SmtpSink

    with (
        SmtpSink() as server,
        override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=server.port,
            EMAIL_HOST_USER="",
            EMAIL_HOST_PASSWORD="",
            EMAIL_TIMEOUT=5,
            PUBLIC_URL="https://gov.example.org",
        ),
    ):
        yield server
