"""The supervisor's call-back about confirmations by web: which are marked, which are due, and how long that stands."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from common.clock import local
from common.phones import line_of
from communities.models import DepartmentKind, Membership
from issues.enums import SUBJECT, DepartmentRole, Kind, Solved, Verdict, VerdictCheck, VerdictVia
from issues.models import Issue, IssueDepartment
from issues.sampling import ANSWERED, is_due, series_of
from issues.services.effects.base import Change
from issues.workflow import ClockEffect, cancel, start
from journal.models import Event

_COUNT = """
INSERT INTO issues_verdictseries (subdistrict_id, series, last) VALUES (%s, %s, 1)
ON CONFLICT (subdistrict_id, series) DO UPDATE SET last = issues_verdictseries.last + 1
RETURNING last
"""


@dataclass(frozen=True)
class Weighed:
    """What an earlier confirmation of the same answer came to: ``once`` it was counted, and whether it is ``due``."""

    once: bool
    due: bool

    @classmethod
    def of(cls, issue: Issue) -> "Weighed":
        """As the matter stands before the reporter says something again."""
        confirmed = issue.verdict in (Verdict.SATISFIED, Verdict.FAIRLY) and issue.solved != Solved.NO
        return cls(issue.verdict_via == VerdictVia.WEB and confirmed, issue.verdict_check == VerdictCheck.DUE)


def weigh(change: Change, before: Weighed) -> None:
    """The reporter just confirmed by web: mark it where the handling side knew the number, and see whether it is due.

    Where there is no number nobody can be asked, and praise is in no rate. An answer counts once: one that waits for
    its call waits on, and who confirms again what is not due makes nothing due.
    """
    issue = change.issue
    if issue.contact is None or not issue.contact.phone_last4 or issue.kind == Kind.PRAISE:
        return
    answered = change.group.get(issue.master_id or 0, issue)
    known = _is_known(issue, answered)
    change.set(verdict_known=known)
    change.facts["known"] = known
    if before.due or (not before.once and _is_due(change, answered, known=known)):
        change.set(verdict_check=VerdictCheck.DUE.value)
        change.facts["sampled"] = True


def _is_due(change: Change, answered: Issue, *, known: bool) -> bool:
    officer_id = answered.replied_by_id or answered.answered_by_id
    series = series_of(known=known, officer_id=officer_id, on=local(change.at).date())
    counted = _count(change.issue.subdistrict_id, series)
    return is_due(known=known, officers_nth=counted[0] if len(counted) > 1 else None, nth=counted[-1])


def _count(subdistrict_id: int, series: Sequence[str]) -> list[int]:
    """The next number of each series; its row stays locked until the transaction ends (issues.services.numbering)."""
    found = []
    with connection.cursor() as cursor:
        for name in series:
            cursor.execute(_COUNT, [subdistrict_id, name])
            found.append(int(cursor.fetchone()[0]))
    return found


def _is_known(issue: Issue, answered: Issue) -> bool:
    """Whether somebody of those who handle or handled it typed the number, or looked at it in full.

    The number of who joined is what the master's contact shows only where that is the same number. One statement.
    """
    subjects = [issue.pk]
    if answered.contact is not None and issue.contact is not None:
        if answered.pk != issue.pk and line_of(answered.contact.phone) == line_of(issue.contact.phone):
            subjects.append(answered.pk)
    learnt = Q(kind__in=("create", "reveal")) | Q(kind="edit", data__changed__has_key="contact")
    events = Event.objects.filter(learnt, subject_kind=SUBJECT, subject_id__in=subjects)
    theirs = Membership.objects.filter(_handles(issue, answered), user_id=OuterRef("actor_id"))
    persons = [answered.replied_by_id, answered.officer_id, answered.answered_by_id]
    return events.filter(Exists(theirs) | Q(actor_id__in=[pk for pk in persons if pk is not None])).exists()


def _handles(issue: Issue, answered: Issue) -> Q:
    """Memberships of the organisations that lead, led or help; a community acts for its team, for a body without
    accounts, and where it was answered at once.
    """
    parts = IssueDepartment.objects.filter(issue_id__in=[issue.pk, answered.pk]).exclude(role=DepartmentRole.CC)
    teams = parts.filter(department__kind=DepartmentKind.COMMUNITY_TEAM)
    handles = Q(department_id__in=parts.values("department_id"))
    handles |= Q(community_id__in=teams.values("department__community_id"))
    lead = answered.lead_department
    if lead is None or lead.is_external:
        handles |= Q(community_id=answered.community_id)
    return handles


def settle(change: Change) -> None:
    """Work that begins anew ends the check; its clock runs once the matter has ended, when a call can settle it.

    Until then the clock of what is to be done next (verifying, calling back) runs.
    """
    issue = change.issue
    if issue.status not in ANSWERED and (issue.verdict_known or issue.verdict_check):
        change.set(verdict_known=False, verdict_check="")
    change.more_clocks += clock_of(issue)


def clock_of(issue: Issue) -> tuple[ClockEffect, ...]:
    """What the clock ``sample`` does after an action on this matter."""
    waits = issue.verdict_check == VerdictCheck.DUE and not issue.is_open
    return start("sample") if waits else cancel("sample")
