"""What the sending processes of the mail benchmark do. Nothing of the product is imported before it is set up."""

import os
import smtplib
import time
from collections.abc import Sequence
from typing import Any

SENDER = "no-reply@bench.example.org"


def set_up() -> None:
    """Once in each process."""
    import django

    django.setup()
    from reminders.channels import email_is_configured

    assert email_is_configured()


def deliver(barrier: Any, via: int) -> tuple[float, float]:
    """Ours; when it began and ended."""
    from common.clock import now
    from reminders.services.delivery import deliver_channel

    barrier.wait()
    start = time.time()
    deliver_channel(via, clock=now)
    return start, time.time()


def compose(barrier: Any, ids: Sequence[int]) -> list[tuple[str, bytes]]:
    """What ours would send of these messages."""
    from common.clock import now
    from reminders import emails
    from reminders.models import OutboxMessage
    from reminders.services.delivery.parcels import Batch
    from reminders.services.outlets import email_channel

    barrier.wait()
    made = []
    for start in range(0, len(ids), 500):
        rows = list(OutboxMessage.objects.filter(pk__in=ids[start : start + 500]).select_related("event", "recipient"))
        found = Batch(email_channel(now()), rows).sort(rows)
        assert not found.refused, found.refused[0]
        for load in found.loads:
            raw = emails.compose_parcel(load.parcel).message().as_bytes().replace(b"\n", b"\r\n")
            made.append((load.parcel.to, raw))
    return made


def hand_over(barrier: Any, messages: Sequence[tuple[str, bytes]]) -> tuple[float, float]:
    """The standard library's client alone; when it began and ended."""
    barrier.wait()
    start = time.time()
    with smtplib.SMTP("127.0.0.1", int(os.environ["BENCH_SMTP_PORT"])) as server:
        for address, raw in messages:
            server.sendmail(SENDER, [address], raw)
    return start, time.time()
