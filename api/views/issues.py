"""Issues: list, create, detail, actions, journal."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Never

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import Permission
from api import docs
from api.base import ApiView, body_of
from api.detail import created_row, in_full
from api.drafts import staff_draft
from api.errors import InvalidInput
from api.idempotency import idempotent
from api.listing import Parameters, issues_asked_for, next_url
from api.rows import compiled_ids, first_page, read_page
from common.clock import now
from common.keyset import BadCursor
from communities.actors import Actor
from issues import policies, workflow
from issues.enums import Action
from issues.fields import read_fields
from issues.models import Issue
from issues.reading.finding import parse_number
from issues.services.actions import act, read_files
from issues.services.creation import create
from issues.services.errors import InvalidFields, NotPermitted, UnknownAction

_UNFILTERED = frozenset({"page_size", "ordering"})


class Issues(ApiView):
    """The caller's issues, and logging a new one."""

    @docs.issue_list
    def get(self, request: Request) -> Response:
        """List issues in the caller's scope, newest first."""
        at = now()
        parameters = Parameters(request.GET)
        size, cursor = parameters.size(), parameters.get("cursor", 400)
        parameters.check()
        asked = partial(issues_asked_for, self.actor, parameters, at)
        try:
            if cursor or set(request.GET) - _UNFILTERED:
                inner = compiled_ids(*asked(), cursor or None, size)
            else:
                inner = first_page(self.access, parameters.get("ordering"), size, asked)
        except BadCursor as error:
            raise InvalidInput({"cursor": error.message}) from error
        page, following = read_page(inner, size, at, self.access)
        return Response({"results": page, "next": next_url(request, following)})

    @docs.issue_create
    @idempotent
    def post(self, request: Request) -> Response:
        """Log a matter; it is ``submitted`` until somebody accepts it."""
        access, at = self.access, now()
        if not (access.has(Permission.CREATE_ISSUE) or access.has(Permission.REPORT_AS_LEADER)):
            raise NotPermitted
        issue = create(draft=staff_draft(body_of(request), access), by=self.actor, at=at)
        return Response(created_row(issue, at), status=status.HTTP_201_CREATED)


class OneIssue(ApiView):
    """One issue in full."""

    @docs.issue_detail
    def get(self, request: Request, number: str) -> Response:
        """The issue with its clocks, departments and what the caller may do now."""
        actor = self.actor
        return Response(in_full(find(actor, number), actor))


class OneAction(ApiView):
    """One action on one issue."""

    @docs.issue_action
    @idempotent
    def post(self, request: Request, number: str, action: str) -> Response:
        """Carry out one action of the workflow table and answer with the issue as it is then."""
        actor = self.actor
        issue = find(actor, number)
        return Response(in_full(perform(issue, action, actor, request), actor))


class IssueEvents(ApiView):
    """The journal of one issue."""

    @docs.issue_events
    def get(self, request: Request, number: str) -> Response:
        """What happened, oldest first."""
        from api.history import history

        actor = self.actor
        return Response(history(request, find(actor, number), self.access))


_PAGE = (
    "community", "category", "neighbourhood", "building", "lead_department", "officer", "contact", "subdistrict",
    "master",
)  # fmt: skip


def find(actor: Actor, number: str) -> Issue:
    """The issue with what its page needs, in one statement. Raises NotFound for a stranger."""
    if "\x00" in number or len(number) > 40:
        raise NotFound(_("没有找到"))
    found = (
        Issue.objects.visible_to(actor.access)
        .select_related(*_PAGE)
        .defer("lexemes", "master__lexemes", "master__description")
        .filter(number=number)
    )
    # Not first(): with an ORDER BY over so many joins PostgreSQL plans for 20 ms, without for 3.
    for issue in found:
        return issue
    raise NotFound(_("没有找到"))


class _Faulty(Mapping[str, Any]):
    """Fields that cannot be read: whoever reads them meets the refusal, so that it keeps its place in the order.

    ``master`` reads as missing: it is looked at before anything is refused, to lock it.
    """

    def __init__(self, error: Exception) -> None:
        self.error = error

    def get(self, name: str, default: Any = None) -> Any:
        """Raises the refusal."""
        return default if name == "master" else self[name]

    def __getitem__(self, name: str) -> Never:
        raise self.error

    def __iter__(self) -> Iterator[str]:
        raise self.error

    def __len__(self) -> int:
        raise self.error


def perform(issue: Issue, action: str, actor: Actor, request: Request, *, version_needed: bool = True) -> Issue:
    """Carry out ``action`` with the fields of the request; the issue as it is then. Refuses in the contract's order.

    ``issue`` was found for this caller; 404 for an unknown action, 403, both 409s and 400 follow in ``act``, which
    reads the fields last.
    """
    rows = workflow.rows_of(action)
    if not rows:
        raise UnknownAction
    needs_version = any(row.needs_version for row in rows)
    data: Mapping[str, Any]
    version: int | None = issue.version
    try:
        data = body_of(request)
        if action == Action.MERGE:
            data["master"] = _number(data.get("master"), issue)
        given = data.get("version")
        wrong = _wrong(data, given, needs_version and (version_needed or given is not None))
        if wrong:
            data = _Faulty(InvalidFields({**_also_wrong(issue, action, actor, data), **wrong}))
        if needs_version and isinstance(given, int) and "version" not in wrong:
            version = given
    except APIException as error:
        data = _Faulty(error)
    with transaction.atomic():
        after = act(issue_id=issue.pk, action=action, by=actor, at=now(), data=data, version=version)
        if isinstance(data, _Faulty):
            raise data.error
    for name in ("neighbourhood", "building", "officer"):
        if getattr(after, f"{name}_id") == getattr(issue, f"{name}_id"):
            setattr(after, name, getattr(issue, name))
    return after


def _number(given: Any, issue: Issue) -> Any:
    """A number in any form as the issue carries it; what is none stays as it is."""
    form = parse_number(given, now()) if isinstance(given, str) else None
    if form is None:
        return given
    return f"{form.area or issue.subdistrict.area}-{form.year}-{form.serial:06d}"


def _wrong(data: Mapping[str, Any], given: Any, needs_version: bool) -> dict[str, Any]:
    wrong: dict[str, Any] = {}
    if needs_version and given is None:
        wrong["version"] = _("必填")
    elif needs_version and (isinstance(given, bool) or not isinstance(given, int) or not 0 < given < 2**31):
        wrong["version"] = _("须为整数")
    return wrong


def _also_wrong(issue: Issue, action: str, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """What else is wrong with the fields, so that all of it is named at once."""
    row = workflow.find(action, issue.status, policies.parties(actor, issue))
    if row is None:
        return {}
    wrong: dict[str, Any] = {}
    for read in (
        lambda: read_fields(action, row.required, row.optional, data),
        lambda: read_files(issue, actor, data.get("attachments")),
    ):
        try:
            read()
        except InvalidFields as error:
            wrong |= error.fields
    return wrong
