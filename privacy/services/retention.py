"""Retention: what ended long enough ago says nothing of persons any more (docs/privacy.md#retention).

A run is one night's of one office. It goes through what ended before a day in the order of the end, in batches: each
is one transaction with its figures, so that a worker that dies loses its batch and nothing else, and whoever comes next
goes on. What was masked leaves the index that is read; what was passed over stays in it for the next night.
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.roles import Permission
from common.clock import SHANGHAI, local
from common.phones import line_of
from common.texts import kept_text
from communities.actors import Actor
from communities.forgetting import forgetting
from communities.models import SubDistrict
from deadlines.arithmetic import add_months
from deadlines.models import Deadline
from issues.enums import SUBJECT, Status, VerdictCheck
from issues.models import Issue
from issues.services.errors import InvalidFields, NotPermitted, StateConflict, Words
from issues.services.masking import Masked, mask
from journal.services import Entry, record, record_many
from privacy.enums import OPEN_RIGHTS, RetentionOutcome
from privacy.models import LegalHold, RetentionLine, RetentionRule, RetentionRun, RightsRequest
from reminders.enums import OFFICE

logger = logging.getLogger(__name__)

USUAL_MONTHS: Final = 24
LEAST_MONTHS: Final = 6
MOST_MONTHS: Final = 240
"""At least as long as the journal must be kept; at most twenty years."""
BATCH: Final = 100
COUNTED: Final = 1000
RUN: Final = "retention_run"
"""The event of an office: a run has ended."""
CHANGED: Final = "retention_changed"
LONGEST_REASON: Final = 200


# How long


def months_of(subdistrict_id: int) -> int:
    """For how many months after their end matters of this office keep telling of persons. One statement."""
    rows = RetentionRule.objects.filter(Q(subdistrict_id=subdistrict_id) | Q(subdistrict__isnull=True))
    found: dict[int | None, int] = dict(rows.values_list("subdistrict_id", "months"))
    return found.get(subdistrict_id) or found.get(None) or USUAL_MONTHS


def before(at: datetime, months: int) -> datetime:
    """The midnight before which a matter must have ended, so many months before the day of ``at``."""
    return datetime.combine(add_months(local(at).date(), -months), time.min, SHANGHAI)


def ended_before(subdistricts: Sequence[int], moment: datetime) -> Any:
    """What ended before ``moment`` in these offices and still tells of persons."""
    return Issue.objects.filter(subdistrict_id__in=subdistricts, masked_at__isnull=True, closed_at__lt=moment)


def waiting(subdistrict_id: int | None, months: int, at: datetime) -> int:
    """How many matters of an office would be looked at now by such a rule; counted to COUNTED.

    None: those of all offices that have no rule of their own.
    """
    ruled = RetentionRule.objects.exclude(subdistrict=None).values("subdistrict_id")
    offices = (
        [subdistrict_id]
        if subdistrict_id
        else [*SubDistrict.objects.exclude(pk__in=ruled).values_list("pk", flat=True)]
    )
    found = ended_before(offices, before(at, months))
    return int(found.order_by().values("pk")[:COUNTED].count())


def next_due(subdistrict_id: int, months: int, at: datetime) -> datetime | None:
    """When the next matter will have been over long enough, None where none waits for that; one look into the index."""
    since = before(at, months)
    rows = Issue.objects.filter(subdistrict_id=subdistrict_id, masked_at__isnull=True, closed_at__gte=since)
    first: datetime | None = rows.order_by("closed_at", "id").values_list("closed_at", flat=True).first()
    return None if first is None else at + (first - since)


# The rule


def set_months(*, office: SubDistrict | None, months: int | None, reason: str, by: Actor, at: datetime) -> bool:
    """From now on matters of this office (None: of all that have no rule of their own) keep so long. False: they did.

    One event of the office, of each office where it is every one's. Raises NotPermitted, InvalidFields.
    """
    if by.user is None or not by.access.may(Permission.MANAGE_RETENTION, office.pk if office else None):
        raise NotPermitted(_("您不能修改这个街道的保留期限"))
    months, said = _check_rule(months, reason)
    with transaction.atomic():
        offices = SubDistrict.objects.select_for_update(no_key=True).only("pk").order_by("pk")
        concerned = list(offices.filter(pk=office.pk) if office else offices)
        rules = RetentionRule.objects.all()
        found = (rules.filter(subdistrict=office) if office else rules.filter(subdistrict__isnull=True)).first()
        was = found.months if found else months_of(office.pk) if office else USUAL_MONTHS
        if was == months:
            return False
        rule = found or RetentionRule(subdistrict=office)
        rule.months, rule.changed_at, rule.changed_by = months, at, by.user
        rule.save()
        data = {"months": [was, months], "everywhere": office is None}
        given: dict[str, Any] = {"actor_id": by.user_id, "actor_role": by.role, "data": data, "texts": {"reason": said}}
        record_many([Entry(OFFICE, one.pk, CHANGED, at, **given) for one in concerned])
    return True


def _check_rule(months: int | None, reason: str) -> tuple[int, str]:
    wrong: dict[str, Words] = {}
    said = ""
    if months is None or not LEAST_MONTHS <= months <= MOST_MONTHS:
        wrong["months"] = _("请填写 %(least)d 至 %(most)d 个月") % {"least": LEAST_MONTHS, "most": MOST_MONTHS}
    try:
        said = kept_text(reason, longest=LONGEST_REASON)
    except ValueError as error:
        wrong["reason"] = error.args[0]
    if not said and "reason" not in wrong:
        wrong["reason"] = _("请填写原因")
    if wrong or months is None:
        raise InvalidFields(wrong)
    return months, said


# One matter


class NotMaskable(StateConflict):
    """The matter must stay as it is; the message says why."""


_WHY: Final[Mapping[RetentionOutcome, Promise]] = {
    RetentionOutcome.HELD: _("此件依法保留，解除保留后才能清除个人信息"),
    RetentionOutcome.JOINED: _("此件并入的主件还没有办结，不能清除个人信息"),
    RetentionOutcome.UNFINISHED: _("此件还有未了的事项，不能清除个人信息"),
}


def mask_matter(*, issue: Issue, by: Actor, at: datetime, reason: str) -> Masked:
    """Take the persons out of a matter that has ended, before its time: because its reporter asked for it.

    Who may decide that is the caller's to say, and to say in the journal of what was asked. An open request about
    personal information does not stand against it. Raises NotMaskable, StateConflict where work on it goes on.
    """
    with transaction.atomic():
        issue = (
            Issue.objects.select_for_update(no_key=True, of=("self",))
            .select_related("contact", "master")
            .get(pk=issue.pk)
        )
        why = _reasons([issue], at, rights=False).get(issue.pk)
        if why is not None:
            raise NotMaskable(issue, _WHY[why])
        return mask(issue=issue, by=by, at=at, reason=reason)


def _reasons(issues: Sequence[Issue], moment: datetime, *, rights: bool = True) -> dict[int, RetentionOutcome]:
    """Why those of these stay as they are whose persons may not go; three statements.

    A master must have ended by ``moment``.
    """
    ids = [issue.pk for issue in issues]
    held = set(LegalHold.objects.standing().filter(issue_id__in=ids).values_list("issue_id", flat=True))
    asked = _asked(issues) if rights else frozenset()
    running = Deadline.objects.open().filter(subject_kind=SUBJECT, subject_id__in=ids)
    running_ids = set(running.values_list("subject_id", flat=True))
    found = {}
    for issue in issues:
        if issue.pk in held:
            found[issue.pk] = RetentionOutcome.HELD
        elif issue.pk in asked:
            found[issue.pk] = RetentionOutcome.RIGHTS
        elif issue.status == Status.MERGED and not _is_over(issue.master, moment):
            found[issue.pk] = RetentionOutcome.JOINED
        elif issue.pk in running_ids or _is_unfinished(issue):
            found[issue.pk] = RetentionOutcome.UNFINISHED
    return found


def _asked(issues: Sequence[Issue]) -> frozenset[int]:
    """Of which of these the reporter waits for an answer about the own data."""
    areas = {issue.subdistrict_id for issue in issues}
    rows = RightsRequest.objects.filter(status__in=OPEN_RIGHTS, subdistrict_id__in=areas).select_related("contact")
    asked = list(rows)
    ids, lines = {row.issue_id for row in asked}, {line_of(row.contact.phone) for row in asked} - {""}
    return frozenset(
        issue.pk
        for issue in issues
        if issue.pk in ids or (issue.contact is not None and line_of(issue.contact.phone) in lines)
    )


def _is_over(master: Issue | None, moment: datetime) -> bool:
    return master is not None and master.closed_at is not None and master.closed_at <= moment


def _is_unfinished(issue: Issue) -> bool:
    """Whether something is still owed although the matter has ended: a promise, an answer, a decision, a check."""
    return bool(issue.promised or issue.untold or issue.asks or issue.verdict_check == VerdictCheck.DUE)


# A night


def run_due(*, clock: Callable[[], datetime], for_seconds: float) -> dict[str, int]:
    """Go on with the night's runs of all offices until they are done or the time is up; counts by outcome.

    What else an office keeps of persons (``communities.forgetting``) goes with its matters, by the same rule.
    """
    began = clock()
    end, counts = began + timedelta(seconds=for_seconds), dict.fromkeys([*RetentionOutcome.values, *forgetting()], 0)
    for office in SubDistrict.objects.filter(retired_at__isnull=True).order_by("pk"):
        run = _run_of(office.pk, began)
        while run.finished_at is None and clock() < end:
            done = _batch(run.pk, clock())
            if done is None:
                break
            for outcome in done:
                counts[outcome] += 1
            run.refresh_from_db()
        for kind, forget in forgetting().items():
            masked = 1
            while masked and clock() < end:
                masked = forget(subdistrict_id=office.pk, before=local(run.before_at).date(), at=clock())
                counts[kind] += masked
    return {outcome: number for outcome, number in counts.items() if number}


def _run_of(subdistrict_id: int, at: datetime) -> RetentionRun:
    """The night's run, begun if it was not."""
    months = months_of(subdistrict_id)
    given = {"months": months, "before_at": before(at, months), "started_at": at}
    run, _made = RetentionRun.objects.get_or_create(subdistrict_id=subdistrict_id, on=local(at).date(), defaults=given)
    return run


@transaction.atomic
def _batch(run_id: int, at: datetime) -> Collection[RetentionOutcome] | None:
    """What came of the next matters, none where the run is done; None where another worker is at it."""
    run = RetentionRun.objects.select_for_update(skip_locked=True).filter(pk=run_id, finished_at__isnull=True).first()
    if run is None:
        return None
    issues = _next(run)
    if not issues:
        _finish(run, at)
        return []
    outcomes = _treat(issues, run, at)
    _write_lines(run, outcomes)
    for outcome in outcomes.values():
        run.counts[outcome] = run.counts.get(outcome, 0) + 1
    last = issues[-1]
    run.after_at, run.after_id = last.closed_at, last.pk
    run.save(update_fields=["counts", "after_at", "after_id"])
    return list(outcomes.values())


def _next(run: RetentionRun) -> list[Issue]:
    """In the order of their end; who works on one keeps it until the next night."""
    rows = ended_before([run.subdistrict_id], run.before_at)
    if run.after_at is not None:
        rows = rows.filter(closed_at__gte=run.after_at).exclude(closed_at=run.after_at, pk__lte=run.after_id)
    rows = rows.select_for_update(no_key=True, skip_locked=True, of=("self",)).select_related("contact", "master")
    return list(rows.defer("lexemes", "description").order_by("closed_at", "id")[:BATCH])


def _treat(issues: Sequence[Issue], run: RetentionRun, at: datetime) -> dict[int, RetentionOutcome]:
    reasons = _reasons(issues, run.before_at)
    return {issue.pk: reasons.get(issue.pk) or _masked(issue, at) for issue in issues}


def _masked(issue: Issue, at: datetime) -> RetentionOutcome:
    """One that cannot be masked holds up no other: what is wrong with it is in the log and on the page."""
    try:
        mask(issue=issue, by=Actor.system(), at=at)
    except Exception:
        logger.exception("matter %s could not be masked", issue.pk)
        return RetentionOutcome.FAILED
    return RetentionOutcome.MASKED


def _write_lines(run: RetentionRun, outcomes: Mapping[int, RetentionOutcome]) -> None:
    lines = [RetentionLine(issue_id=pk, run=run, outcome=outcome) for pk, outcome in outcomes.items()]
    RetentionLine.objects.bulk_create(
        lines, update_conflicts=True, unique_fields=["issue"], update_fields=["run", "outcome"]
    )


def _finish(run: RetentionRun, at: datetime) -> None:
    run.finished_at = at
    run.save(update_fields=["finished_at"])
    record(Entry(OFFICE, run.subdistrict_id, RUN, at, data={"run": run.pk, "months": run.months, "counts": run.counts}))
