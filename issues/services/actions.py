"""The one function through which an issue moves: it executes rows of the workflow table."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db import connection, transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from common.prepared import Prepared
from communities.actors import Actor
from communities.models import Department
from deadlines import services as deadlines
from deadlines.models import Deadline
from files.models import StoredFile
from files.services import of_owner
from issues import policies, workflow
from issues.enums import SUBJECT, Action
from issues.fields import read_fields
from issues.models import Issue, Request
from issues.reading.asked import open_requests, waiting_drafts
from issues.reading.pages import promises_of
from issues.services import messages
from issues.services.clocks import Clocks, allowance_of, limits_of
from issues.services.effects import EFFECTS, Change
from issues.services.effects.answering import Before, settle_urges
from issues.services.effects.moving import settle_moves
from issues.services.effects.sampling import settle as settle_check
from issues.services.errors import (
    InvalidFields,
    NotPermitted,
    StateConflict,
    UnknownAction,
    VersionConflict,
    Words,
)
from journal.services import Entry, record_many
from reminders.reference import gateway_of

_PARTICIPATED = """
INSERT INTO issues_participation (issue_id, user_id, acted_at, watching) VALUES (%s, %s, %s, false)
ON CONFLICT (user_id, issue_id) DO UPDATE SET acted_at = EXCLUDED.acted_at
"""


def act(
    *, issue_id: int, action: str, by: Actor, at: datetime, data: Mapping[str, Any], version: int | None = None
) -> Issue:
    """Carry out one action of the table on one issue and return it as it is afterwards.

    ``data`` holds the action's fields as docs/api.md names them, plain. ``version`` is the one the person saw; actions
    that need none ignore it. Writes the row, its deadlines and exactly one event whose kind is the action.
    Refuses, in this order: UnknownAction; NotPermitted (role); VersionConflict; StateConflict; InvalidFields.
    """
    rows = workflow.rows_of(action)
    if not rows:
        raise UnknownAction
    with transaction.atomic():
        group = lock_group(issue_id, action, data)
        issue = group.pop(issue_id)
        whole = _is_whole(issue, group, action)
        who = policies.parties(by, issue)
        row = _row_for(rows, issue, who, version if whole else None)
        clocks = _clocks(issue, at)
        now = moment_of(issue, at, clocks.rows)
        reason = policies.refusal(action, issue, by, who, now)
        if reason:
            raise StateConflict(issue, reason)
        values, files = _read(row, issue, by, data)
        change = Change(
            issue=issue,
            row=row,
            by=by,
            who=who,
            at=at,
            values=values,
            clocks=clocks,
            requests=list(now.requests),
            drafts=waiting_drafts(issue),
            files=files,
            typed=data,
            group=group,
        )
        before = Before.of(issue)
        EFFECTS[action](change)
        settle_urges(change, before)
        _write(change, before.status)
    return issue


def moment_of(
    issue: Issue, at: datetime, clocks: Sequence[Deadline], requests: Sequence[Request] | None = None
) -> policies.Moment:
    """What the state rules look at.

    One statement where a request waits that is not given, and one where an issue that has ended left a promise (none
    of either for the rows of a list, which give no clocks).
    """
    return policies.Moment(
        at=at,
        calendar=deadlines.load_calendar(),
        clocks=clocks,
        requests=open_requests(issue) if requests is None else requests,
        extension=allowance_of(issue),
        promises=promises_of(issue.pk) if issue.promised and not issue.is_open and clocks else (),
        gateway=gateway_of(issue.subdistrict_id) is not None,
    )


def _read(
    row: workflow.Row, issue: Issue, by: Actor, data: Mapping[str, Any]
) -> tuple[dict[str, Any], list[StoredFile]]:
    """The cleaned fields and the files that the action carries. Raises InvalidFields naming everything wrong."""
    wrong: dict[str, Words] = {}
    values: dict[str, Any] = {}
    files: list[StoredFile] = []
    try:
        values = read_fields(row.action, row.required, row.optional, data)
    except InvalidFields as error:
        wrong |= error.fields
    try:
        files = read_files(issue, by, data.get("attachments"))
    except InvalidFields as error:
        wrong |= error.fields
    if wrong:
        raise InvalidFields(wrong)
    return values, files


def read_files(issue: Issue, by: Actor, given: Any) -> list[StoredFile]:
    """The files of this issue that ``given`` names by id. Raises InvalidFields.

    Staff use what any of them sent; a resident or a leader only what they sent themselves: an id can be guessed.
    """
    if given in (None, "", []):
        return []
    wrong = InvalidFields({"attachments": _("附件无效，请重新上传")})
    if not isinstance(given, list | tuple) or len(given) > workflow.MOST_FILES:
        raise wrong
    ids = {int(one) for one in given if re.fullmatch(r"[0-9]{1,18}", str(one), re.ASCII) and not isinstance(one, bool)}
    staff = by.access.is_staff
    found = [
        file
        for file in of_owner(SUBJECT, issue.pk)
        if file.pk in ids and (file.uploaded_by_id is not None if staff else file.uploaded_by_id == by.user_id)
    ]
    if len(found) != len(given):
        raise wrong
    return found


_LOCK = "SELECT id, master_id FROM issues_issue WHERE id = %(id)s FOR UPDATE"
_LOCK_GROUP = """
SELECT id, master_id FROM issues_issue WHERE id = %(id)s OR master_id = %(id)s
    OR id = (SELECT master_id FROM issues_issue WHERE id = %(id)s)
    OR master_id = (SELECT master_id FROM issues_issue WHERE id = %(id)s)
    OR number = %(number)s OR master_id = (SELECT id FROM issues_issue WHERE number = %(number)s)
ORDER BY id FOR UPDATE
"""
_TOUCHES_GROUP = frozenset(
    {Action.MERGE, Action.UNMERGE, Action.VERIFY_PASS, Action.REDO, Action.REOPEN, Action.RECORD_FOLLOW_UP}
)


def lock_group(issue_id: int, action: str, data: Mapping[str, Any]) -> dict[int, Issue]:
    """The issue, and for actions that concern a whole group all of it, locked in the order of their ids.

    They are locked first and read then: a statement that waits for a lock goes on with the rows that it had joined
    before it waited, and would find the old category, the old department, or no community at all.
    Issue.DoesNotExist where there is none.
    """
    whole = action in _TOUCHES_GROUP
    master = data.get("master") if action == Action.MERGE else None
    number = master if isinstance(master, str) and len(master) <= 40 and master.isprintable() else ""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_GROUP if whole else _LOCK, {"id": issue_id, "number": number})
        locked = dict(cursor.fetchall())
    alone = len(locked) == 1 and not any(locked.values())
    rows = _ALONE(*locked) if alone else _with_masters(*locked)
    # An ORDER BY beside so many columns would double the time that Django takes to write the statement.
    found = {row.pk: row for row in sorted(rows, key=attrgetter("pk"))}
    if issue_id not in found:
        raise Issue.DoesNotExist
    return found


def _without_masters(*ids: int) -> QuerySet[Issue]:
    team = Department.objects.filter(community_id=OuterRef("community_id"), kind="community_team")
    return (
        Issue.objects.select_related("category", "contact", "community", "subdistrict", "lead_department")
        .annotate(team_id=Subquery(team.values("pk")[:1]))
        .defer("lexemes")
        .filter(pk__in=ids)
    )


def _with_masters(*ids: int) -> QuerySet[Issue]:
    return _without_masters(*ids).select_related("master").defer("master__lexemes", "master__description")


_ALONE: Prepared[Issue] = Prepared(_without_masters, -1)
"""An issue that joined no other and is joined by none, as nearly all are: the statement is written once, and short."""


def _is_whole(issue: Issue, group: Mapping[int, Issue], action: str) -> bool:
    """Whether the group that was locked is still the group: somebody may have joined or left just before."""
    if action not in _TOUCHES_GROUP:
        return True
    joined = sum(row.master_id == issue.pk for row in group.values())
    return joined == issue.joined_count and (issue.master_id is None or issue.master_id in group)


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


_CLOCKS: Prepared[Deadline] = Prepared(
    lambda pk: Deadline.objects.filter(subject_kind=SUBJECT, subject_id=pk).order_by("id"), -1
)


def _clocks(issue: Issue, at: datetime) -> Clocks:
    rows = _CLOCKS(issue.pk)
    return Clocks(issue, at, deadlines.load_calendar(), issue.team_id, rows, limits_of(issue))  # type: ignore[attr-defined]


def _write(change: Change, before: str) -> None:
    """Clocks, the row itself, the actor's part and the event."""
    issue, row, clocks = change.issue, change.row, change.clocks
    clocks.limits = change.limits if change.limits is not None else limits_of(issue)
    if not policies.waits_for_a_call(issue):
        change.not_started.add("inform")
    if workflow.Party.REPORTER in change.who:
        change.more_clocks += workflow.stop("inform")
    settle_check(change)
    outside = messages.of(change, before)
    effects = [
        clock
        for clock in row.clocks + tuple(change.more_clocks)
        if clock.effect is not workflow.Effect.START or clock.kind not in change.not_started
    ]
    clocks.apply(effects, skip=frozenset(change.without_clocks), hands_over=change.hands_over)
    settle_moves(change)
    change.facts |= outside or messages.of_moved(change)
    columns = clocks.copy_governing()
    _mark_untold(change)
    issue.version += 1
    issue.changed_at = change.at
    issue.save(update_fields={*change.columns, *columns, "status", "turn", "version", "changed_at"})
    if change.by.user_id is not None:
        with connection.cursor() as cursor:
            cursor.execute(_PARTICIPATED, [issue.pk, change.by.user_id, change.at])
    record_many([_entry(change, before), *change.also])


def _mark_untold(change: Change) -> None:
    """待告知 is a column, for its tab; the clock ``inform`` is what it says. The journal notes each change."""
    untold = change.clocks.running("inform") is not None
    if untold != change.issue.untold:
        change.set(untold=untold)
        change.facts["untold"] = untold


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
