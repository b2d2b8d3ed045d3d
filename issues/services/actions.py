"""The one function through which an issue moves: it executes rows of the workflow table."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from communities.models import Department
from deadlines import services as deadlines
from deadlines.models import Deadline
from issues import policies, workflow
from issues.actors import Actor
from issues.enums import SUBJECT
from issues.fields import read_fields
from issues.models import Issue
from issues.services.clocks import Clocks, limits_of
from issues.services.effects import EFFECTS, Change
from issues.services.errors import NotPermitted, StateConflict, UnknownAction, VersionConflict
from journal.services import Entry, record_many

_PARTICIPATED = """
INSERT INTO issues_participation (issue_id, user_id, acted_at, watching) VALUES (%s, %s, %s, false)
ON CONFLICT (user_id, issue_id) DO UPDATE SET acted_at = EXCLUDED.acted_at
"""


def act(
    *, issue_id: int, action: str, by: Actor, at: datetime, data: Mapping[str, Any], version: int | None = None
) -> Issue:
    """Carry out one action of the table on one issue and return it as it is afterwards.

    ``data`` holds the action's fields as contract.md names them, plain. ``version`` is the one the person saw; actions
    that need none ignore it. Writes the row, its deadlines and exactly one event whose kind is the action.
    Refuses, in this order: UnknownAction; NotPermitted (role); VersionConflict; StateConflict; InvalidFields.
    """
    rows = workflow.rows_of(action)
    if not rows:
        raise UnknownAction
    with transaction.atomic():
        issue = lock(issue_id)
        who = policies.parties(by, issue)
        row = _row_for(rows, issue, who, version)
        reason = policies.refusal(action, issue, by, who, policies.Moment(at=at, calendar=deadlines.load_calendar()))
        if reason:
            raise StateConflict(issue, reason)
        change = Change(
            issue=issue,
            row=row,
            by=by,
            who=who,
            at=at,
            values=read_fields(action, row.required, row.optional, data),
            clocks=_clocks(issue, at),
        )
        before = issue.status
        EFFECTS[action](change)
        _write(change, before)
    return issue


def lock(issue_id: int) -> Issue:
    """The issue with its row locked until the transaction ends; Issue.DoesNotExist where there is none."""
    team = Department.objects.filter(community_id=OuterRef("community_id"), kind="community_team")
    issue: Issue = (
        Issue.objects.select_for_update(of=("self",))
        .select_related("category", "contact", "community", "subdistrict", "lead_department")
        .annotate(team_id=Subquery(team.values("pk")[:1]))
        .defer("lexemes")
        .get(pk=issue_id)
    )
    return issue


def _row_for(
    rows: tuple[workflow.Row, ...], issue: Issue, who: frozenset[workflow.Party], version: int | None
) -> workflow.Row:
    """The row that holds for this person now; refuses by role, then by version, then by status."""
    mine = [row for row in rows if row.who & who]
    if not mine:
        raise NotPermitted
    if mine[0].needs_version and version != issue.version:
        raise VersionConflict(issue)
    row = next((row for row in mine if issue.status in row.sources), None)
    if row is None:
        raise StateConflict(issue, _("工单当前为“%(status)s”，不能进行此操作") % {"status": issue.get_status_display()})
    return row


def _clocks(issue: Issue, at: datetime) -> Clocks:
    rows = list(Deadline.objects.filter(subject_kind=SUBJECT, subject_id=issue.pk).order_by("id"))
    return Clocks(issue, at, deadlines.load_calendar(), issue.team_id, rows, limits_of(issue))  # type: ignore[attr-defined]


def _write(change: Change, before: str) -> None:
    """Clocks, the row itself, the actor's part and the event."""
    issue, row = change.issue, change.row
    change.clocks.limits = change.limits if change.limits is not None else limits_of(issue)
    change.clocks.apply(row.clocks + tuple(change.more_clocks), skip=frozenset(change.without_clocks))
    change.after_clocks()
    columns = change.clocks.copy_governing()
    issue.version += 1
    issue.changed_at = change.at
    issue.save(update_fields={*change.columns, *columns, "status", "turn", "version", "changed_at"})
    if change.by.user_id is not None:
        with connection.cursor() as cursor:
            cursor.execute(_PARTICIPATED, [issue.pk, change.by.user_id, change.at])
    record_many([_entry(change, before)])


def _entry(change: Change, before: str) -> Entry:
    issue = change.issue
    moved = {"from": before, "to": issue.status} if issue.status != before else {"status": issue.status}
    return Entry(
        subject_kind=SUBJECT,
        subject_id=issue.pk,
        kind=change.row.action,
        at=change.at,
        actor_id=change.by.user_id,
        actor_role=change.by.role,
        visible=change.visible,
        data={**moved, "version": issue.version, **change.facts},
        texts=change.texts,
    )
