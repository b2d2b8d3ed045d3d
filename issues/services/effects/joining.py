"""Merging: one case, n persons. Whoever joined keeps an own number, link, contact and verdict.

Rules (docs/rules/issues.md#merging): the master takes the earliest open deadline; call-backs go to all up to five,
otherwise to at least five and to everyone who objected; any "not solved" goes to the supervisor; five reporters within
seven days are a collective matter (群体性诉求). All issues of the group are locked before the action begins.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from common.clock import local
from deadlines import services as deadlines
from deadlines.enums import DeadlineState
from deadlines.models import Deadline
from deadlines.reckoning import OUTSIDE, handed_on, reckon
from issues.clock_specs import SIDE
from issues.enums import SUBJECT, Action, EventKind, Outcome, Solved, Status, Turn, Verdict, VerdictCheck
from issues.models import Issue
from issues.policies import RETURNS_UNTIL_SUPERVISOR, is_sampled
from issues.reading.asked import open_requests, waiting_drafts
from issues.reading.persons import distinct_persons
from issues.sampling import NO_VERDICT
from issues.services.clocks import SINCE, Clocks, limits_of, redo_limits
from issues.services.effects.base import Change
from issues.services.effects.drafting import draw_again
from issues.services.effects.moving import settle_moves
from issues.services.effects.promising import promise_again, withdraw
from issues.services.effects.sampling import clock_of
from issues.services.errors import InvalidFields
from issues.services.letters import LetterKind, outside_of
from issues.workflow import STOP_ALL, start, stop
from journal.models import Event
from journal.services import Entry

CALL_ALL_UP_TO = 5
COLLECTIVE_PERSONS = 5
COLLECTIVE_DAYS = timedelta(days=7)
_COUNTED = ("persons", "joined_count")

_BACK = {Status.NEED_INFO: Status.SUBMITTED, Status.SUSPENDED: Status.IN_PROGRESS}
"""A matter that waited when it was merged does not wait any more when it comes back."""


def merge(change: Change) -> None:
    """Join another matter: this one ends, its persons count there, its clocks are the master's from now on.

    What stood still runs on before it ends: should the merge be taken back, it is due with the time that it kept.
    """
    issue, master = change.issue, _master(change)
    before = issue.status
    came = _joined(change)
    _write_joined(change, came, EventKind.MASTER_CHANGED, {"master": master.pk}, master=master)
    withdraw(change)
    change.set(master=master, persons=1, joined_count=0, info_expired=False)
    said = {name: getattr(issue, name) for name in NO_VERDICT}
    if said != NO_VERDICT:
        change.facts["said"] = said
    change.set(**NO_VERDICT)
    change.facts["master"] = master.pk
    change.end(Status.MERGED)
    deadlines.resume(change.clocks.rows, None, change.at, change.clocks.calendar)
    _take_over(change, master)
    change.facts["was"] = before
    if came:
        change.facts["came"] = [row.pk for row in came]


def _master(change: Change) -> Issue:
    """The open matter of that number that this person sees; the refusal does not tell which of these it is not."""
    wanted = change.values["master"]
    master = next((row for row in change.group.values() if row.number == wanted), None)
    if master is None or not _can_join(change, master):
        raise InvalidFields({"master": _("没有找到这个编号的在办工单，请核对编号")})
    return master


def _can_join(change: Change, master: Issue) -> bool:
    issue = change.issue
    if master.subdistrict_id != issue.subdistrict_id or master.pk == issue.pk or not master.is_open:
        return False
    return change.by.is_system or Issue.objects.filter(pk=master.pk).visible_to(change.by.access).exists()


def _write_joined(change: Change, rows: list[Issue], kind: str, facts: dict[str, object], **columns: Any) -> None:
    """Change issues that joined this one, all in one statement, and note the event that tells it of each."""
    if not rows:
        return
    given: dict[str, Any] = {**columns, "changed_at": change.at}
    Issue.objects.filter(pk__in=[row.pk for row in rows]).update(**given, version=F("version") + 1)
    for row in rows:
        for name, value in given.items():
            setattr(row, name, value)
        row.version += 1
        change.also.append(_entry(change, row, kind, {"status": row.status, **facts}))


def _entry(change: Change, issue: Issue, kind: str, data: dict[str, object]) -> Entry:
    return Entry(
        subject_kind=SUBJECT,
        subject_id=issue.pk,
        kind=kind,
        at=change.at,
        actor_id=change.by.user_id,
        actor_role=change.by.role,
        data={"version": issue.version, **data},
    )


def _clocks_of(master: Issue, change: Change) -> Clocks:
    rows = list(Deadline.objects.filter(subject_kind=SUBJECT, subject_id=master.pk).order_by("id"))
    return Clocks(master, change.at, change.clocks.calendar, change.clocks.team_id, rows)


def _take_over(change: Change, master: Issue) -> None:
    clocks = _clocks_of(master, change)
    joined = change.issue
    master.joined_dates = {**master.joined_dates, **_dates_of_joined(change), joined.number: _own_dates(change)}
    case = _case_of(change, master)
    facts: dict[str, object] = {"issue": joined.pk, **_count_persons(master, case)}
    if master.collective_at is None and _is_collective(case, change):
        master.collective_at = change.at
        facts["collective"] = True
    _save_master(change, master, {"collective_at", *_recap(change, master, clocks, facts)}, EventKind.JOIN, facts)


def _own_dates(change: Change) -> dict[str, str]:
    """When this matter's running clocks are due, the earliest of each kind, by itself: without those who joined it."""
    dates = {SINCE: local(change.at).isoformat()}
    running = [row for row in change.clocks.rows if row.is_running and row.kind not in SIDE]
    for row in sorted(running, key=lambda row: row.due_at, reverse=True):
        caps = tuple(cap for cap in row.facts.caps if cap[0] == OUTSIDE)
        alone = row.facts.caps == caps
        due_at = row.due_at if alone else reckon(replace(row.facts, caps=caps), change.clocks.calendar).due_at
        dates[row.kind] = local(due_at).isoformat()
    return dates


def _dates_of_joined(change: Change) -> dict[str, dict[str, str]]:
    """The dates of those who had joined this matter, as the time that it was given since moved them."""
    found = {
        number: {**dates, SINCE: local(change.at).isoformat()} for number, dates in change.issue.joined_dates.items()
    }
    running = [row for row in change.clocks.rows if row.is_running]
    for row in sorted(running, key=lambda row: row.due_at, reverse=True):
        for number, at in handed_on(row.facts, change.clocks.calendar).items():
            if row.kind in found.get(number, {}):
                found[number][row.kind] = local(at).isoformat()
    return found


def _recap(change: Change, master: Issue, clocks: Clocks, facts: dict[str, object]) -> set[str]:
    """Let the master's clocks follow those who joined it now; returns the columns that may have changed."""
    clocks.recap()
    of_master = replace(
        change,
        issue=master,
        clocks=clocks,
        requests=open_requests(master),
        drafts=waiting_drafts(master),
        values={},
        files=[],
        columns=set(),
        facts={},
        texts={},
        more_clocks=[],
    )
    settle_moves(of_master)
    facts |= of_master.facts
    return {*_COUNTED, "joined_dates", *of_master.columns, *clocks.copy_governing()}


def _is_collective(case: list[Issue], change: Change) -> bool:
    since = change.at - COLLECTIVE_DAYS
    return distinct_persons(row for row in case if row.created_at >= since) >= COLLECTIVE_PERSONS


def _case_of(change: Change, master: Issue) -> list[Issue]:
    """The master and every matter that counts there from now on.

    Whoever joins or leaves holds the master's lock, so what is read here stands; what was locked with the group may
    lack somebody who joined while this action waited.
    """
    others = Issue.objects.filter(master=master).exclude(pk=change.issue.pk).select_related("contact")
    own = [change.issue] if change.issue.master_id == master.pk else []
    return [master, *others.only("created_at", "confidential", "contact__phone"), *own]


def _count_persons(master: Issue, case: list[Issue]) -> dict[str, object]:
    """Count the case anew: how many joined it, and how many different people they and its reporter are."""
    before = master.persons
    master.persons, master.joined_count = distinct_persons(case), len(case) - 1
    return {"persons": master.persons, "persons_before": before, "joined_count": master.joined_count}


def recount_persons(change: Change) -> None:
    """Contact or confidentiality of a case changed: whoever is now the same person, or another, is counted so."""
    issue = change.issue
    if not issue.joined_count:
        return
    case = _case_of(change, issue)
    counted = _count_persons(issue, case)
    if counted["persons"] == counted["persons_before"]:
        return
    change.set(persons=issue.persons)
    change.facts |= counted
    if issue.collective_at is None and _is_collective(case, change):
        change.set(collective_at=change.at)
        change.facts["collective"] = True


def _save_master(change: Change, master: Issue, columns: set[str], kind: str, facts: dict[str, object]) -> None:
    """Write the master and note the event that tells it."""
    before = facts.pop("from", None)
    master.version += 1
    master.changed_at = change.at
    master.save(update_fields={*columns, "status", "turn", "version", "changed_at"})
    moved = {"from": before, "to": master.status} if before else {"status": master.status}
    change.also.append(_entry(change, master, kind, {**moved, **facts}))


def unmerge(change: Change) -> None:
    """Back to where it was on the same day, with those who came with it; its clocks run on with what is known of them.

    A matter that was deferred is worked on again; after an answer, when its own clock was met, with a redo's.
    """
    issue = change.issue
    master = change.group[issue.master_id or 0]
    merged_at = issue.closed_at
    last = Event.objects.of(SUBJECT, issue.pk).of_kinds(["merge"]).order_by("-seq").first()
    was = last.data if last else {}
    before = Status(str(was.get("was", Status.SUBMITTED)))
    back = _BACK.get(before, before)
    change.clocks.reinstated_at = merged_at
    came = set(was.get("came", ()))
    back_with_it = [row for row in change.group.values() if row.pk in came and row.master_id == master.pk]
    _write_joined(change, back_with_it, EventKind.MASTER_CHANGED, {"master": issue.pk}, master=issue)
    theirs = {row.number for row in back_with_it}
    change.set(
        master=None,
        closed_at=None,
        persons=distinct_persons([issue, *back_with_it]),
        joined_count=len(back_with_it),
        joined_dates={number: dates for number, dates in issue.joined_dates.items() if number in theirs},
    )
    if back_with_it:
        change.facts |= {"persons": issue.persons, "joined_count": issue.joined_count}
    _speak_as_before(change, was)
    if before == Status.NEED_INFO:
        change.more_clocks += start("accept")
    elif before == Status.SUSPENDED:
        if issue.replied_at is not None:
            change.limits = redo_limits(issue)
        change.more_clocks += start("handle", "note")
        if change.working_turn is Turn.DEPARTMENT:
            change.more_clocks += start("progress")
        change.set(replied_at=None, replied_by=None, verified_at=None, verified_by=None)
    if back in (Status.DISPATCHED, Status.IN_PROGRESS) and issue.lead_department_id is not None:
        change.hold(issue.lead_department_id)
    change.move(back, _turn(change, issue, back))
    change.facts["master"] = master.pk
    _leave(change, master, {issue.number, *theirs})


def _speak_as_before(change: Change, was: Mapping[str, Any]) -> None:
    """What its reporter said of its own answer, what that answer promised and what was drawn up holds again."""
    said = was.get("said", {})
    if said:
        change.facts["said"] = said
    change.set(**{**NO_VERDICT, **said}, objected=False)
    ended = [row for row in change.clocks.rows if row.stopped_at == change.clocks.reinstated_at]
    draw_again(change, (row for row in ended if row.state != DeadlineState.MET), was.get("lapsed", ()))
    if was.get("withdrawn") and was["was"] != Status.SUSPENDED:
        promise_again(change, was["withdrawn"])


def _leave(change: Change, master: Issue, numbers: set[str]) -> None:
    """The master goes on without them, as if they had never joined it."""
    master.joined_dates = {number: dates for number, dates in master.joined_dates.items() if number not in numbers}
    facts: dict[str, object] = {"issue": change.issue.pk, **_count_persons(master, _case_of(change, master))}
    staying = [row for row in change.group.values() if row.master_id == master.pk]
    if master.status in (Status.REPLIED, Status.FOLLOW_UP) and not any(_objects(row) for row in staying):
        master.turn = _turn(change, master, Status(master.status))
    _save_master(change, master, _recap(change, master, _clocks_of(master, change), facts), EventKind.LEAVE, facts)


def _turn(change: Change, issue: Issue, back: Status) -> Turn:
    """Whose move it is in the status that a matter comes back to."""
    if back in (Status.DISPATCHED, Status.IN_PROGRESS):
        return change.working_turn
    returned = back == Status.ACCEPTED and issue.return_count >= RETURNS_UNTIL_SUPERVISOR
    above = back == Status.REPLIED and (issue.outcome == Outcome.NOT_NOW or is_sampled(issue))
    return Turn.SUPERVISOR if returned or above else Turn.COMMUNITY


# Call-backs


def _joined(change: Change) -> list[Issue]:
    """Those who joined the matter that this action is about, as they are locked."""
    return [row for row in change.group.values() if row.master_id == change.issue.pk]


def to_be_called(change: Change) -> bool:
    """Whether somebody who joined left a contact and has not said anything yet."""
    return any(row.contact_id is not None and not _has_said(row) for row in _joined(change))


def still_to_call(change: Change) -> int:
    """How many more have to be called before the master may close; it counts as called itself."""
    return _still_to_call(change.issue, _joined(change))


def _still_to_call(master: Issue, joined: list[Issue]) -> int:
    with_contact = [row for row in joined if row.contact_id is not None]
    persons = len(with_contact) + (master.contact_id is not None)
    wanted = min(persons, CALL_ALL_UP_TO)
    called = sum(_has_said(row) for row in with_contact) + (master.contact_id is not None and _has_said(master))
    objectors = sum(row.objected and not _has_said(row) for row in with_contact)
    return max(wanted - called, objectors, 0)


def someone_objects(change: Change) -> bool:
    """Whether somebody who joined says that it is not solved."""
    return any(_objects(row) for row in _joined(change))


def _has_said(row: Issue) -> bool:
    """Whether its reporter has said anything of the answer; who says "not solved" need not rate it too."""
    return bool(row.verdict or row.solved)


def _objects(row: Issue) -> bool:
    return row.solved == Solved.NO or row.verdict == Verdict.DISSATISFIED


def forget_verdicts(change: Change) -> None:
    """The work begins again: everybody will be asked again."""
    said = [row for row in _joined(change) if _has_said(row) or row.call_attempts]
    facts: dict[str, object] = {"master": change.issue.pk}
    checked = [row.pk for row in said if row.verdict_check == VerdictCheck.DUE]
    if checked:
        deadlines.cancel(list(Deadline.objects.of_many(SUBJECT, checked).open()), {"sample"}, change.at)
    _write_joined(change, said, EventKind.VERDICT_RESET, facts, **NO_VERDICT, call_attempts=0)


def tell_master(change: Change) -> None:
    """A joiner's verdict is an event of the master too: it may close it, or hand it to the supervisor."""
    issue = change.issue
    master = change.group[issue.master_id or 0]
    if _objects(issue):
        change.set(objected=True)
    facts: dict[str, object] = {"issue": issue.pk, "verdict": issue.verdict, "solved": issue.solved}
    joined = [row if row.pk != issue.pk else issue for row in change.group.values() if row.master_id == master.pk]
    columns: set[str] = set()
    if _objects(issue) and master.status in (Status.REPLIED, Status.FOLLOW_UP):
        columns |= _pass_on(change, master, facts)
    elif _may_close(master, joined):
        facts["from"] = master.status
        clocks = _clocks_of(master, change)
        master.status, master.turn, master.closed_at = Status.CLOSED, Turn.NOBODY, change.at
        clocks.limits = limits_of(master)
        clocks.apply((*stop("follow_up"), *STOP_ALL, *clock_of(master)))
        if master.urged_at is not None:
            facts["urges_ended"] = "moved_on"
        if master.untold:
            facts["untold"] = False
        facts |= outside_of(master, LetterKind.CLOSED, [master, *(row for row in joined if row.pk != issue.pk)])
        master.urged_at, master.untold = None, False
        columns |= {"closed_at", "urged_at", "untold", *clocks.copy_governing()}
    _save_master(change, master, columns, EventKind.JOINER_VERDICT, facts)


def _pass_on(change: Change, master: Issue, facts: dict[str, object]) -> set[str]:
    """The supervisor's move now; an urge that waited for the community's answer concerns nobody any more."""
    moved = master.turn != Turn.SUPERVISOR and master.urged_at is not None
    master.turn = Turn.SUPERVISOR
    if not moved:
        return set()
    deadlines.cancel(_clocks_of(master, change).rows, {"urge_reply"}, change.at)
    master.urged_at = None
    facts["urges_ended"] = "moved_on"
    return {"urged_at"}


def _may_close(master: Issue, joined: list[Issue]) -> bool:
    if master.status != Status.FOLLOW_UP or master.asks or (master.contact_id is not None and not _has_said(master)):
        return False
    return not _objects(master) and not any(_objects(row) for row in joined) and not _still_to_call(master, joined)


EFFECTS: Final = {
    Action.MERGE: merge,
    Action.UNMERGE: unmerge,
}
