"""Meetings (会议) and what is raised at them: lists in the caller's scope, announcing one, writing items."""

from datetime import date
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api import errors, reference
from api import meeting_shapes as shapes
from api.base import ApiView, body_of
from api.errors import InvalidInput
from api.idempotency import idempotent
from api.inputs import cleaned_values
from api.listing import Parameters, first_page_of, next_url, page_of
from common.clock import local, now
from common.keyset import Order
from communities.access import Access
from communities.models import Community, Department, SubDistrict
from issues.services.errors import NotPermitted, Words
from meetings import minutes
from meetings.enums import LeftOver, MeetingState
from meetings.minutes_reading import read_minutes
from meetings.models import Meeting, MeetingItem, MeetingKind, listed
from meetings.querysets import MeetingQuerySet
from meetings.services import planning, recording
from meetings.services.errors import ItemChanged
from meetings.services.recording import Writing
from meetings.words import left_over_of

NEWEST = Order(("-on", "-id"))
RAISED = Order(("number", "id"))
_PLAIN: Final = frozenset({"page_size", "state"})
"""Parameters that name no row."""


class Meetings(ApiView):
    """The caller's meetings, and announcing one."""

    @shapes.meeting_list
    def get(self, request: Request) -> Response:
        """List the meetings in the caller's scope, newest first."""
        parameters = Parameters(request.GET)
        access = self.access

        def asked() -> MeetingQuerySet:
            return _asked_for(access, parameters).in_brief()

        if parameters.names <= _PLAIN:
            page = first_page_of((Meeting, access, parameters.query.urlencode()), asked, NEWEST, parameters)
        else:
            page = page_of(asked(), NEWEST, parameters)
        results = [shapes.meeting(row) for row in page.rows]
        return Response({"results": results, "next": next_url(request, page.next_cursor)})

    @shapes.meeting_create
    @idempotent
    def post(self, request: Request) -> Response:
        """Announce a meeting; whoever is invited is told."""
        values = cleaned_values(shapes.NewMeetingInput, body_of(request))
        given = _given(values, self.access)
        made = planning.add_meeting(given=given, on=values["on"], by=self.actor, at=now())
        return Response(_in_full(find(self.access, made.pk), self.access), status=status.HTTP_201_CREATED)


class OneMeeting(ApiView):
    """One meeting."""

    @shapes.meeting_detail
    def get(self, request: Request, id: int) -> Response:  # noqa: A002
        """The meeting, who is invited, and its minutes once they are confirmed."""
        return Response(_in_full(find(self.access, id), self.access))


class MeetingItems(ApiView):
    """What was raised at a meeting, and adding to it."""

    @shapes.item_list
    def get(self, request: Request, id: int) -> Response:  # noqa: A002
        """List the items of a meeting, as they were raised."""
        parameters, today = Parameters(request.GET), local(now()).date()
        lists = parameters.choices("left_over", LeftOver.values)
        rows = MeetingItem.objects.filter(meeting=find(self.access, id))
        if lists:
            rows = rows.raised().left_over(lists[0], today)
        page = page_of(rows.read_by(self.access), RAISED, parameters)
        results = [shapes.item(row, left_over_of(row, today)) for row in page.rows]
        return Response({"results": results, "next": next_url(request, page.next_cursor)})

    @shapes.item_create
    @idempotent
    def post(self, request: Request, id: int) -> Response:  # noqa: A002
        """Write down what was raised, with its answer or without."""
        values = cleaned_values(shapes.NewItemInput, body_of(request))
        return _written(self, find(self.access, id), values, Writing())


class OneMeetingItem(ApiView):
    """One item of a meeting."""

    @shapes.item_change
    def patch(self, request: Request, id: int, place: int) -> Response:  # noqa: A002
        """Change an item, as it was opened at ``version``; 409 with what somebody else wrote meanwhile."""
        values = cleaned_values(shapes.ItemInput, body_of(request))
        meeting = find(self.access, id)
        if not MeetingItem.objects.filter(meeting=meeting, number=place).read_by(self.access).exists():
            raise NotFound(_("没有找到"))
        writing = Writing(version=values.pop("version"))
        return _written(self, meeting, values, writing, place)


def find(access: Access, pk: int) -> Meeting:
    """The meeting with what its row names. Raises NotFound for a stranger."""
    found = Meeting.objects.visible_to(access).with_names().filter(pk=pk).first()
    if found is None:
        raise NotFound(_("没有找到"))
    return found


def _in_full(row: Meeting, access: Access) -> dict[str, Any]:
    rows = listed(row.invitations.standing().with_names())
    told = minutes.shown_text(read_minutes(row, access)) if row.is_locked else ""
    return shapes.meeting(row) | {"invited": [shapes.invited(one) for one in rows], "minutes": told}


def _written(
    view: ApiView, meeting: Meeting, values: dict[str, Any], writing: Writing, number: int | None = None
) -> Response:
    code = status.HTTP_201_CREATED if number is None else status.HTTP_200_OK
    reason = values.pop("reason", "")
    today = local(now()).date()
    given = values | _named(values, meeting)
    try:
        made = recording.write_item(
            meeting_id=meeting.pk, given=given, writing=writing, number=number, by=view.actor, at=now(), reason=reason
        )
    except ItemChanged as error:
        theirs = MeetingItem.objects.read_by(view.access).get(pk=error.item.pk)
        body = errors.body(error.code, error.message)
        body |= {"version": theirs.version, "item": shapes.item(theirs, left_over_of(theirs, today))}
        return Response(body, status=status.HTTP_409_CONFLICT)
    row = MeetingItem.objects.read_by(view.access).get(pk=made.pk)
    return Response(shapes.item(row, left_over_of(row, today)), status=code)


def _named(values: dict[str, Any], meeting: Meeting) -> dict[str, Any]:
    """The community by its id, as the service takes it."""
    if not values.get("community"):
        return {}
    try:
        return {"community": reference.community_id(values["community"], subdistrict_ids=[meeting.subdistrict_id])}
    except reference.UnknownNameError as error:
        raise InvalidInput({"community": error.args[0]}) from error


def _asked_for(access: Access, parameters: Parameters) -> MeetingQuerySet:
    scope = None if access.installation_wide else list(access.subdistrict_ids)
    states = parameters.choices("state", MeetingState.values)
    convener = parameters.found("convener", lambda value: reference.department_ids(value, subdistrict_ids=scope))
    community = parameters.found("community", lambda value: reference.community_id(value, subdistrict_ids=scope))
    since, until = _day(parameters, "since"), _day(parameters, "until")
    rows: MeetingQuerySet = Meeting.objects.visible_to(access)
    if states:
        rows = rows.filter(state__in=states)
    if convener is not None:
        rows = rows.filter(convener_id__in=convener)
    if community is not None:
        rows = rows.filter(community_id=community)
    if since:
        rows = rows.filter(on__gte=since)
    return rows.filter(on__lte=until) if until else rows


def _day(parameters: Parameters, name: str) -> date | None:
    text = parameters.get(name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        parameters.wrong[name] = _("请填写日期，例如 2026-12-31")
        return None


def _given(values: dict[str, Any], access: Access) -> planning.NewMeeting:
    office = SubDistrict.objects.filter(pk__in=sorted(access.subdistrict_ids)).order_by("pk").first()
    if office is None:
        raise NotPermitted
    wrong: dict[str, Words] = {}
    own = Q(subdistrict__isnull=True) | Q(subdistrict=office)
    kind = MeetingKind.objects.filter(own, code=values["kind"], retired_at__isnull=True).first()
    departments = {row.code: row for row in Department.objects.filter(subdistrict=office, retired_at__isnull=True)}
    convener = departments.get(values["convener"])
    if kind is None:
        wrong["kind"] = _("请选择会议类型")
    if convener is None:
        wrong["convener"] = _("请选择召集单位")
    if unknown := set(values.get("departments", ())) - set(departments):
        wrong["departments"] = _("没有这个选项：%(value)s") % {"value": min(unknown)}
    names = [*values.get("communities", ()), *([values["community"]] if values.get("community") else [])]
    places = _communities(names, office, wrong)
    if wrong or kind is None or convener is None:
        raise InvalidInput(wrong)
    return planning.NewMeeting(
        subdistrict=office,
        kind=kind,
        title=values["title"],
        convener=convener,
        community=places[-1] if values.get("community") else None,
        place=values.get("place", ""),
        starts=values.get("starts"),
        communities=list(dict.fromkeys(places[: len(values.get("communities", ()))])),
        departments=[departments[code] for code in dict.fromkeys(values.get("departments", ()))],
        guests=values.get("guests", ()),
    )


def _communities(names: list[str], office: SubDistrict, wrong: dict[str, Words]) -> list[Community]:
    """The communities that these name, in their order; one statement each."""
    try:
        ids = [reference.community_id(name, subdistrict_ids=[office.pk]) for name in names]
    except reference.UnknownNameError as error:
        wrong["communities"] = error.args[0]
        return []
    found = Community.objects.in_bulk(ids)
    return [found[pk] for pk in ids]
