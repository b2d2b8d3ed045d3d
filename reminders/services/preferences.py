"""What a person wants to be sent by which channel, and the number that short messages go to."""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.phones import normalise_phone
from journal import services as journal
from reminders.channels import email_is_configured
from reminders.enums import PERSONAL_CHANNELS, Channel, Mode, Topic
from reminders.models import DeliveryChannel, Preference
from reminders.topics import default_mode, modes

PERSON: Final = "user"
"""The subject of events that are about an account."""

Key = tuple[Topic, Channel]
Choices = dict[Key, Mode]


class PreferenceError(ValidationError):
    """This cannot be chosen."""


def preferences_of(user_id: int) -> Choices:
    """How each topic is sent to this person by each personal channel, the defaults where nothing was chosen."""
    chosen = {(topic, channel): default_mode(topic, channel) for topic in Topic for channel in PERSONAL_CHANNELS}
    rows = Preference.objects.filter(user_id=user_id).values_list("topic", "channel", "mode")
    for topic, channel, mode in rows:
        if Mode(mode) in modes(Topic(topic), Channel(channel)):
            chosen[Topic(topic), Channel(channel)] = Mode(mode)
    return chosen


def set_preferences(*, user_id: int, chosen: Mapping[Key, Mode]) -> None:
    """Keep these choices; those not named stay as they were. Of two at once the later one holds, cell by cell.

    Raises PreferenceError for a mode that the topic does not offer by that channel; then nothing is kept.
    """
    for (topic, channel), mode in chosen.items():
        if channel not in PERSONAL_CHANNELS or mode not in modes(topic, channel):
            raise PreferenceError(
                _("“%(topic)s”不能选“%(mode)s”"), code="mode", params={"topic": topic.label, "mode": mode.label}
            )
    rows = [
        Preference(user_id=user_id, topic=topic.value, channel=channel.value, mode=mode.value)
        for (topic, channel), mode in sorted(chosen.items(), key=lambda row: (row[0][0].value, row[0][1].value))
    ]
    Preference.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["user", "topic", "channel"], update_fields=["mode"]
    )


def forget_preferences(*, user_id: int) -> None:
    """Back to the defaults."""
    Preference.objects.filter(user_id=user_id).delete()


def channels_for(subdistrict_ids: Collection[int]) -> frozenset[Channel]:
    """The personal channels by which people of these sub-districts can be reached at all. One statement."""
    sms = DeliveryChannel.objects.filter(
        kind=Channel.SMS, subdistrict_id__in=list(subdistrict_ids), retired_at__isnull=True
    ).exists()
    return frozenset(
        channel for channel, there in ((Channel.EMAIL, email_is_configured()), (Channel.SMS, sms)) if there
    )


def set_mobile(*, user_id: int, number: str, at: datetime, by_role: str) -> str:
    """Keep a person's own mobile number ("" removes it) and return it as it is kept; the journal says that it changed.

    Raises ValidationError where it is no mobile number of the mainland.
    """
    mobile = normalise_phone(number)
    if mobile and not re.fullmatch(r"1[3-9]\d{9}", mobile):
        raise ValidationError(_("请输入 11 位手机号"), code="mobile")
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).only("mobile").get(pk=user_id)
        if user.mobile == mobile:
            return mobile
        data = {"had": bool(user.mobile), "has": bool(mobile)}
        user.mobile = mobile
        user.save(update_fields=["mobile"])
        journal.record(
            journal.Entry(
                subject_kind=PERSON,
                subject_id=user_id,
                kind="mobile_change",
                at=at,
                actor_id=user_id,
                actor_role=by_role,
                data=data,
            )
        )
    return mobile
