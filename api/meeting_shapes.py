"""Meetings and items as the API gives and takes them, and what the OpenAPI document says of it."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from api import schemas
from api.docs import _PAGED, _POST, _call, _query, _several
from api.inputs import NameOrId
from api.schemas import CodeName, Shape, day, one_of, page, text, whole, yes
from api.shapes import Row, coded
from commitments.enums import Precision
from meetings.enums import AnswerKind, LeftOver, MeetingState
from meetings.models import Invitation, Meeting, MeetingItem
from meetings.recurrence import MOST_DATES
from meetings.services.base import LONGEST

# What is given


class MeetingShapeRow(Shape):
    """A meeting of a list."""

    id = whole()
    number = text()
    title = text()
    kind = CodeName()
    series = text(allow_null=True)
    on = day()
    precision = one_of(Precision)
    estimated = yes(help_text="the notice that decides about its date is not out")
    starts = text(allow_null=True, help_text="HH:MM")
    community = text(allow_null=True)
    place = text()
    convener = CodeName(allow_null=True)
    state = one_of(MeetingState)
    historic = yes(help_text="told by a press report: no clock, no rate, read only")
    minutes_drafted = yes()
    minutes_confirmed = yes()
    version = whole()


class InvitedRow(Shape):
    """Who is invited or came without that, and whether they came."""

    name = text()
    invited = yes()
    present = yes()


class MeetingShape(MeetingShapeRow):
    """One meeting."""

    invited = InvitedRow(many=True)
    minutes = text(help_text="as the convener confirmed them, without items of matters that the caller does not see")


class MeetingItemRow(Shape):
    """Something raised, and what was answered."""

    id = whole(help_text="as commitments name their source (`meeting_item`)")
    number = whole()
    version = whole()
    community = text(allow_null=True)
    raised_by = text()
    category = CodeName(allow_null=True)
    words = text()
    answer = text()
    answer_kind = one_of(AnswerKind, allow_null=True)
    department = CodeName(allow_null=True, help_text="who answered or owes it")
    answered_by = text()
    due_on = day(allow_null=True)
    left_over = one_of(LeftOver, allow_null=True, help_text="the list on which it stands")
    issue = text(allow_null=True, help_text="the number of the matter that came of it, where the caller sees it")
    commitment = whole(allow_null=True, help_text="the id of the promise that came of it")
    historic = yes()


class ItemConflict(schemas.Refusal):
    """409: somebody else wrote the item meanwhile, or the meeting is not at that step, or the key was used before."""

    version = whole(required=False, help_text="as it is now")
    item = MeetingItemRow(required=False, help_text="as it is now")


# What is taken


class NewMeetingInput(serializers.Serializer[Any]):
    """A meeting, announced at once. ``kind`` and organisations by code."""

    title = serializers.CharField(max_length=LONGEST["name"])
    kind = serializers.CharField(max_length=32)
    convener = serializers.CharField(max_length=40)
    on = serializers.DateField()
    starts = serializers.TimeField(required=False, allow_null=True)
    community = NameOrId(required=False, allow_null=True)
    place = serializers.CharField(max_length=LONGEST["place"], required=False, allow_blank=True)
    communities = serializers.ListField(child=NameOrId(), required=False, max_length=MOST_DATES)
    departments = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, max_length=MOST_DATES
    )
    guests = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST["guest"]), required=False, max_length=MOST_DATES
    )


class NewItemInput(serializers.Serializer[Any]):
    """What was raised and answered; what is missing stays as it is, or empty."""

    words = serializers.CharField(max_length=LONGEST["words"])
    community = NameOrId(required=False, allow_null=True)
    raised_by = serializers.CharField(max_length=LONGEST["raised_by"], required=False, allow_blank=True)
    category = serializers.CharField(max_length=8, required=False, allow_blank=True, allow_null=True)
    answer = serializers.CharField(max_length=LONGEST["answer"], required=False, allow_blank=True)
    answer_kind = serializers.ChoiceField(AnswerKind.choices, required=False, allow_null=True)
    department = serializers.CharField(max_length=40, required=False, allow_blank=True, allow_null=True)
    answered_by = serializers.CharField(max_length=LONGEST["answered_by"], required=False, allow_blank=True)
    due_on = serializers.DateField(required=False, allow_null=True)


class ItemInput(NewItemInput):
    """A change of an item that was opened at ``version``; after the minutes were confirmed with a ``reason``."""

    words = serializers.CharField(max_length=LONGEST["words"], required=False)
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    reason = serializers.CharField(max_length=LONGEST["reason"], required=False, allow_blank=True)


# Rows


def meeting(row: Meeting) -> Row:
    """Of a meeting ``with_names``."""
    return {
        "id": row.pk,
        "number": row.number,
        "title": row.title,
        "kind": coded(row.kind),
        "series": row.series.name if row.series else None,
        "on": row.on.isoformat(),
        "precision": row.precision,
        "estimated": row.estimated,
        "starts": f"{row.starts:%H:%M}" if row.starts else None,
        "community": row.community.name if row.community else None,
        "place": row.place,
        "convener": coded(row.convener),
        "state": row.state,
        "historic": row.historic,
        "minutes_drafted": row.drafted_at is not None,
        "minutes_confirmed": row.is_locked,
        "version": row.version,
    }


def invited(row: Invitation) -> Row:
    """With its community and organisation."""
    place = row.community or row.department
    return {"name": place.name if place else row.by_name, "invited": row.invited, "present": row.present}


def item(row: MeetingItem, left_over: str) -> Row:
    """Of an item ``read_by`` the caller."""
    return {
        "id": row.pk,
        "number": row.number,
        "version": row.version,
        "community": row.community.name if row.community else None,
        "raised_by": row.raised_by,
        "category": coded(row.category),
        "words": row.words,
        "answer": row.answer,
        "answer_kind": row.answer_kind or None,
        "department": coded(row.department),
        "answered_by": row.answered_by,
        "due_on": row.due_on.isoformat() if row.due_on else None,
        "left_over": left_over or None,
        "issue": row.issue.number if row.issue and getattr(row, "shows_issue", False) else None,
        "commitment": row.commitment_id,
        "historic": row.record_id is not None,
    }


# The document

_ID: Final = OpenApiParameter("id", int, OpenApiParameter.PATH)
_ITEM: Final = OpenApiParameter("place", int, OpenApiParameter.PATH, description="its place in the meeting")
_DAY: Final = {"type": "string", "format": "date"}

meeting_list = _call(
    "list_meetings",
    "meetings",
    {200: page(MeetingShapeRow)},
    (400, 401, 429),
    parameters=[
        _several("state", MeetingState.values, "Several by comma."),
        _query("convener", "Code of the organisation that convenes it."),
        _query("community", "Name, code or id of a community."),
        _query("since", "From this day on.", schema=_DAY),
        _query("until", "Through this day.", schema=_DAY),
        *_PAGED,
    ],
)
meeting_create = _call("announce_meeting", "meetings", {201: MeetingShape}, (*_POST, 401, 403), request=NewMeetingInput)
meeting_detail = _call("read_meeting", "meetings", {200: MeetingShape}, (401, 404, 429), parameters=[_ID])
item_list = _call(
    "list_meeting_items",
    "meetings",
    {200: page(MeetingItemRow)},
    (400, 401, 404, 429),
    parameters=[_ID, _several("left_over", LeftOver.values, "One of the three lists."), *_PAGED],
)
item_create = _call(
    "add_meeting_item",
    "meetings",
    {201: MeetingItemRow, 409: ItemConflict},
    (400, 401, 403, 404, 413, 415, 429),
    parameters=[_ID],
    request=NewItemInput,
)
item_change = _call(
    "change_meeting_item",
    "meetings",
    {200: MeetingItemRow, 409: ItemConflict},
    (400, 401, 403, 404, 413, 415, 429),
    parameters=[_ID, _ITEM],
    request=ItemInput,
)
