"""What callers send, as serializers: they check shapes and lengths and describe the input in the schema."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commitments.services import LONGEST as LONGEST_PROMISE
from common.clock import SHANGHAI, end_of_named_day, now
from deadlines.enums import Level
from issues.enums import Kind, Source
from issues.fields import LONGEST
from reminders.enums import PERSONAL_CHANNELS, Mode, Topic

EARLIEST = datetime(2000, 1, 1, tzinfo=SHANGHAI)
FARTHEST = timedelta(days=3653)
"""Ten years: a date beyond is a slip of the pen."""


@extend_schema_field({"oneOf": [{"type": "string", "minLength": 1, "maxLength": 120}, {"type": "integer"}]})
class NameOrId(serializers.CharField):
    """A row by its name, code or id."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=120, **options)


class _Moment(serializers.DateTimeField):
    """A moment between ``EARLIEST`` and ``latest``."""

    words = _("时间须在2000年之后")

    def latest(self) -> datetime:
        """The last moment that is taken."""
        raise NotImplementedError

    def to_internal_value(self, value: Any) -> datetime:
        """The aware moment. Raises ValidationError."""
        try:
            moment: datetime = super().to_internal_value(value)
        except OverflowError as error:  # years 1 and 9999 lie outside in other zones
            raise serializers.ValidationError(self.words) from error
        if not EARLIEST <= moment <= self.latest():
            raise serializers.ValidationError(self.words)
        return moment


class HappenedAt(_Moment):
    """A moment that has been, within living memory."""

    words = _("时间须在2000年之后且不晚于现在")

    def latest(self) -> datetime:
        """Now, with some grace for clocks that are fast."""
        return now() + timedelta(minutes=5)


class AllowedMoment(_Moment):
    """A moment until which somebody outside allows."""

    words = _("时间须在2000年之后且在十年以内")

    def latest(self) -> datetime:
        """Ten years from now."""
        return now() + FARTHEST


class AllowedUntil(AllowedMoment):
    """The same; a day alone means all of it."""

    def to_internal_value(self, value: Any) -> datetime:
        """The aware moment. Raises ValidationError."""
        day = end_of_named_day(value) if isinstance(value, str) else None
        return super().to_internal_value(day or value)


class _Matter(serializers.Serializer[Any]):
    description = serializers.CharField(max_length=LONGEST["description"])
    title = serializers.CharField(max_length=LONGEST["title"], required=False, allow_blank=True)
    kind = serializers.ChoiceField(Kind.choices, required=False)
    address = serializers.CharField(max_length=LONGEST["address"], required=False, allow_blank=True)
    occurred_at = HappenedAt(required=False, allow_null=True)
    contact_name = serializers.CharField(max_length=LONGEST["contact_name"], required=False, allow_blank=True)
    contact_address = serializers.CharField(max_length=LONGEST["contact_address"], required=False, allow_blank=True)
    confidential = serializers.BooleanField(required=False, allow_null=True, default=None)


class NewIssueInput(_Matter):
    """A matter as staff log it."""

    community = NameOrId()
    category = serializers.CharField(max_length=8)
    neighbourhood = NameOrId(required=False, allow_null=True)
    building = NameOrId(required=False, allow_null=True)
    source = serializers.ChoiceField(Source.choices, required=False)  # type: ignore[assignment]
    level = serializers.ChoiceField(Level.choices, required=False, allow_blank=True)
    contact_phone = serializers.CharField(max_length=LONGEST["contact_phone"], required=False, allow_blank=True)
    external_number = serializers.CharField(max_length=LONGEST["external_number"], required=False, allow_blank=True)
    external_due_at = AllowedUntil(
        required=False, allow_null=True, help_text="the earlier of it and our own limits wins"
    )


class ReportInput(_Matter):
    """A matter as a resident reports it without an account: ``community`` or ``building``, and a phone."""

    subdistrict = serializers.CharField(max_length=20, required=False)
    community = NameOrId(required=False, allow_null=True)
    building = NameOrId(required=False, allow_null=True)
    category = serializers.CharField(max_length=8, required=False, allow_blank=True)
    contact_phone = serializers.CharField(max_length=LONGEST["contact_phone"])


class LookupInput(serializers.Serializer[Any]):
    """A number in any form and the last four digits of the phone, or all of it."""

    number = serializers.CharField(max_length=60)
    phone_tail = serializers.CharField(max_length=40)


class SignInInput(serializers.Serializer[Any]):
    """User name and password."""

    username = serializers.CharField(max_length=60)
    password = serializers.CharField(max_length=128, trim_whitespace=False, write_only=True)
    code = serializers.CharField(
        max_length=20, required=False, write_only=True, help_text="of the second factor, where it is on"
    )


class SnoozeInput(serializers.Serializer[Any]):
    """Until when a notification is put off."""

    until = AllowedMoment(allow_null=True, help_text="within three months; null brings it back at once")


class _PreferenceInput(serializers.Serializer[Any]):
    topic = serializers.ChoiceField(Topic.choices)
    channel = serializers.ChoiceField([(channel.value, channel.label) for channel in PERSONAL_CHANNELS])
    mode = serializers.ChoiceField(Mode.choices)


class PreferencesInput(serializers.Serializer[Any]):
    """What is to be sent by which channel."""

    preferences = serializers.ListField(child=_PreferenceInput(), max_length=50)


class _MilestoneInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=200)
    due_on = serializers.DateField()


class NewCommitmentInput(serializers.Serializer[Any]):
    """A promise that stands for itself; without a date it is looked at again after 30 days."""

    text = serializers.CharField(max_length=LONGEST_PROMISE)
    department = serializers.CharField(max_length=32, help_text="code of the organisation that promises")
    co_departments = serializers.ListField(child=serializers.CharField(max_length=32), required=False, max_length=20)
    community = NameOrId(required=False, help_text="who raised it and will confirm that it was kept")
    due_on = serializers.DateField(required=False, allow_null=True)
    review_on = serializers.DateField(required=False, allow_null=True)
    milestones = serializers.ListField(child=_MilestoneInput(), required=False, max_length=20)


class CommitmentActionInput(serializers.Serializer[Any]):
    """Any field of any action; ``available_actions`` says what each needs."""

    version = serializers.IntegerField(min_value=1, required=False, help_text="all actions but `note` need it")
    note = serializers.CharField(max_length=LONGEST_PROMISE, required=False, allow_blank=True)
    reason = serializers.CharField(max_length=LONGEST_PROMISE, required=False, allow_blank=True)
    text = serializers.CharField(max_length=200, required=False, allow_blank=True)
    on = serializers.DateField(required=False)
    milestone = serializers.IntegerField(min_value=1, required=False)
    visible = serializers.BooleanField(required=False)
    stage = serializers.ChoiceField(["before", "after"], required=False)
    kind = serializers.CharField(max_length=20, required=False, help_text="of the document to be signed")
    attachments = serializers.ListField(child=serializers.IntegerField(min_value=1), required=False, max_length=9)


def cleaned_values(serializer: type[serializers.Serializer[Any]], data: dict[str, Any]) -> dict[str, Any]:
    """The cleaned values. Raises ValidationError (400) naming every field."""
    reader = serializer(data=data)
    reader.is_valid(raise_exception=True)
    return dict(reader.validated_data)
