"""The ways out that an installation has from the start."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from reminders.enums import Channel
from reminders.models import DeliveryChannel


def email_channel(at: datetime) -> DeliveryChannel:
    """The installation's mail server as a channel; made where a flushed database has none.

    One that was retired before ``at`` stays so: another takes its place.
    """
    standing = Q(retired_at__isnull=True) | Q(retired_at__gt=at)
    rows = DeliveryChannel.objects.filter(standing, kind=Channel.EMAIL, subdistrict__isnull=True)
    found = rows.order_by("-id").first()
    if found is None:
        try:
            with transaction.atomic():
                found = DeliveryChannel.objects.create(kind=Channel.EMAIL, name=str(Channel.EMAIL.label))
        except IntegrityError:
            found = rows.latest("id")
    return found
