"""What was promised (承诺事项): a list in the caller's scope, one of them, making one, and what is done to it."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from typing import Any, Final

from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import Role
from api import docs, inputs, reference, shapes
from api.base import ApiView, body_of
from api.errors import InvalidInput
from api.idempotency import idempotent
from api.listing import Parameters, first_page_of, next_url, page_of
from commitments.enums import SUBJECT, CommitmentState
from commitments.models import Commitment
from commitments.querysets import CommitmentQuerySet, first_not_late
from commitments.scopes import sources
from commitments.services import NewMilestone, PromiseNotPermitted, make
from commitments.services.acting import act, offers
from common.clock import now
from common.keyset import Order
from communities.access import Access
from communities.actors import Actor
from communities.models import Community, Department
from deadlines.models import Deadline
from issues.reading.promises import PromiseReader
from issues.services.errors import Words

NEWEST = Order(("-id",))
_FLAGS: Final = ("true", "1", "false", "0")
_PLAIN: Final = frozenset({"page_size", "state", "overdue"})
"""Parameters that name no row."""


class Commitments(ApiView):
    """承诺事项."""

    @docs.commitment_list
    def get(self, request: Request) -> Response:
        """List the promises in the caller's scope, newest first."""
        at, access = now(), self.access
        parameters = Parameters(request.GET)
        rows = partial(_asked_for, access, parameters, at)
        if parameters.names <= _PLAIN:
            key = (Commitment, access, parameters.query.urlencode(), first_not_late(at))
            page = first_page_of(key, rows, NEWEST, parameters)
        else:
            page = page_of(rows(), NEWEST, parameters)
        words = PromiseReader(access, page.rows)
        results = [_row(row, words, at) for row in page.rows]
        return Response({"results": results, "next": next_url(request, page.next_cursor)})

    @docs.commitment_create
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a promise that stands for itself: the office, or a community on what it raised."""
        at, actor = now(), self.actor
        made = _make(inputs.cleaned_values(inputs.NewCommitmentInput, body_of(request)), actor, at)
        return Response(_in_full(_find(actor.access, made.pk), actor, at), status=status.HTTP_201_CREATED)


class OneCommitment(ApiView):
    """One promise in full."""

    @docs.commitment_detail
    def get(self, request: Request, id: int) -> Response:  # noqa: A002  the name in the address
        """The promise with its clocks, milestones, changes of date and what the caller may do now."""
        actor = self.actor
        return Response(_in_full(_find(actor.access, id), actor, now()))


class OneCommitmentAction(ApiView):
    """One action on one promise."""

    @docs.commitment_action
    @idempotent
    def post(self, request: Request, id: int, action: str) -> Response:  # noqa: A002
        """Carry out one action of the table and answer with the promise as it is then."""
        at, actor = now(), self.actor
        _find(actor.access, id)
        data = body_of(request)
        given = data.get("version")
        version = given if isinstance(given, int) and not isinstance(given, bool) else None
        act(commitment_id=id, action=action, by=actor, at=at, data=data, version=version)
        return Response(_in_full(_find(actor.access, id), actor, at))


def _find(access: Access, pk: int) -> Commitment:
    found = Commitment.objects.visible_to(access).with_owner().select_related("community").filter(pk=pk).first()
    if found is None:
        raise NotFound(_("没有找到"))
    return found


def _asked_for(access: Access, parameters: Parameters, at: datetime) -> CommitmentQuerySet:
    scope = None if access.installation_wide else list(access.subdistrict_ids)
    departments = parameters.found("department", lambda value: reference.department_ids(value, subdistrict_ids=scope))
    states = parameters.choices("state", CommitmentState.values)
    overdue = parameters.choices("overdue", _FLAGS)
    kinds = parameters.choices("source", [source.kind for source in sources()])
    source_id = _whole(parameters, "source_id")
    since, until = _day(parameters, "due_from"), _day(parameters, "due_until")
    rows = Commitment.objects.visible_to(access).in_brief()
    if departments is not None:
        rows = rows.filter(owner_id__in=departments)
    if states:
        rows = rows.filter(state__in=states)
    if overdue:
        rows = rows.overdue(at) if overdue[0] in ("true", "1") else rows.not_overdue(at)
    if kinds:
        rows = rows.filter(source_kind__in=kinds)
    if source_id is not None:
        rows = rows.filter(source_id=source_id)
    return rows.dated(since=since, until=until) if since or until else rows


def _day(parameters: Parameters, name: str) -> date | None:
    text = parameters.get(name, 10)
    try:
        found = parse_date(text) if text else None
    except ValueError:
        found = None
    if text and found is None:
        parameters.wrong[name] = _("请填写日期")
    return found


def _whole(parameters: Parameters, name: str) -> int | None:
    text = parameters.get(name, 18)
    found = reference.as_id(text) if text else None
    if text and found is None:
        parameters.wrong[name] = reference.NOT_AN_ID
    return found


def _make(given: Mapping[str, Any], actor: Actor, at: datetime) -> Commitment:
    access, by = actor.access, actor.user_id
    community = _community(given.get("community", ""), access)
    owners = _owners(given, community, access)
    owner = owners[0]
    mine = community is not None and community.pk in access.community_ids
    if by is None or not (mine or access.is_in(Role.SUPERVISOR, owner.subdistrict_id)):
        raise PromiseNotPermitted
    return make(
        subdistrict_id=owner.subdistrict_id,
        text=given["text"],
        owner_id=owner.pk,
        co_owner_ids=[one.pk for one in owners[1:]],
        community_id=community.pk if community is not None else None,
        due_on=given.get("due_on"),
        review_on=given.get("review_on"),
        milestones=[NewMilestone(one["text"], one["due_on"]) for one in given.get("milestones", ())],
        by_id=by,
        by_role=actor.role,
        at=at,
    )


def _community(name: str, access: Access) -> Community | None:
    if not name:
        return None
    scope = None if access.installation_wide else list(access.subdistrict_ids)
    try:
        return Community.objects.get(pk=reference.community_id(name, subdistrict_ids=scope))
    except reference.UnknownNameError as error:
        raise InvalidInput({"community": error.args[0]}) from error


def _owners(given: Mapping[str, Any], community: Community | None, access: Access) -> list[Department]:
    """Who promises, and who with them, of one sub-district. Raises InvalidInput."""
    areas = {community.subdistrict_id} if community is not None else access.subdistrict_ids
    codes = [given["department"], *given.get("co_departments", ())]
    rows = Department.objects.filter(code__in=codes, subdistrict_id__in=areas, retired_at__isnull=True)
    found = {row.code: row for row in rows.order_by("-pk")}
    wrong: dict[str, Words] = {}
    if codes[0] not in found:
        wrong["department"] = _("请选择单位")
    if any(code not in found for code in codes[1:]):
        wrong["co_departments"] = _("请选择单位")
    if wrong:
        raise InvalidInput(wrong)
    return [found[code] for code in codes]


def _row(row: Commitment, words: PromiseReader, at: datetime) -> dict[str, Any]:
    """A promise with the number of its issue, where the caller sees that."""
    issue = words.issue_of(row)
    return {"number": issue.number if issue is not None else None, **shapes.commitment(row, at, words.clean(row))}


def _in_full(row: Commitment, actor: Actor, at: datetime) -> dict[str, Any]:
    """A handful of statements, however much there is of anything."""
    words = PromiseReader(actor.access, [row])
    clocks = Deadline.objects.of(SUBJECT, row.pk).select_related("party").in_order()
    return _row(row, words, at) | {
        "version": row.version,
        "status": row.state,
        "community": shapes.coded(row.community) if row.community else None,
        "co_departments": [shapes.coded(one.department) for one in row.co_owners.select_related("department")],
        "released_at": shapes.moment(row.released_at),
        "milestones": [shapes.milestone(one, words.clean(row)) for one in row.milestones.order_by("due_on", "id")],
        "changes": [
            shapes.date_change(one, words.clean(row))
            for one in row.changes.select_related("asked_by", "decided_by").order_by("id")
        ],
        "deadlines": shapes.deadlines(list(clocks), at),
        "available_actions": [
            {
                "action": one.row.action.value,
                "label": str(one.row.label),
                "required": list(one.row.required),
                "optional": list(one.row.optional),
            }
            for one in offers(row, actor)
            if not one.refused
        ],
    }
