"""What a person wants to be sent by which channel."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from communities.models.base import in_choices
from reminders.enums import Channel, Mode, Topic


class Preference(models.Model):
    """One choice; where there is none the defaults of ``reminders.topics`` hold."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    topic = models.CharField(max_length=8, choices=Topic.choices)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    mode = models.CharField(max_length=6, choices=Mode.choices)

    class Meta:
        constraints = [
            # read by the fan-out for the recipients of a batch, and by the person's own page
            models.UniqueConstraint(fields=["user", "topic", "channel"], name="reminders_preference_once"),
            in_choices("topic", Topic, "reminders_preference_topic"),
            in_choices("mode", Mode, "reminders_preference_mode"),
            models.CheckConstraint(condition=Q(channel__in=["email", "sms"]), name="reminders_preference_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.topic} {self.channel} {self.mode}"
