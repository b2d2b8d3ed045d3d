"""What a resident may read of one matter: masked, honest, in words of the moment. Four statements.

Used by the secret-link page, by look-up and by the public API. The first sentence says what is true now; the four
steps 已收到 → 已交办 → 办理中 → 已答复 carry dates; a moved date shows both; closed is never called solved unless the
resident said so (interface.md section 5).
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from common import dates
from common.masking import scrub
from common.prepared import Prepared, attach
from deadlines import services as deadlines
from deadlines.enums import DeadlineState
from deadlines.limits import Limit
from deadlines.models import Deadline
from issues import policies, workflow
from issues.actors import Actor
from issues.enums import SUBJECT, Outcome, RejectReason, Solved, Status, Verdict
from issues.models import Issue
from issues.policies import REOPEN_WITHIN
from issues.services.clocks import limits_of
from journal.models import Event, EventText

RECEIVED, HANDED_OVER, IN_HAND, ANSWERED = 1, 2, 3, 4
STEP_OF: dict[str, int] = {
    Status.SUBMITTED: RECEIVED,
    Status.NEED_INFO: RECEIVED,
    Status.ACCEPTED: HANDED_OVER,
    Status.DISPATCHED: HANDED_OVER,
    Status.IN_PROGRESS: IN_HAND,
    Status.SUSPENDED: IN_HAND,
    Status.REPLIED: ANSWERED,
    Status.FOLLOW_UP: ANSWERED,
    Status.CLOSED: ANSWERED,
    Status.REJECTED: 0,
    Status.WITHDRAWN: 0,
    Status.MERGED: 0,
}
_ANSWER_KINDS = ("reply", "answer_now", "close_explained", "reject")


@dataclass(frozen=True)
class Step:
    """One of the four steps; ``state`` is done, now or next; ``late`` is an expected date that has passed."""

    code: str
    label: str
    state: str
    at: datetime | None
    who: str
    note: str = ""
    expected: bool = False
    was_at: datetime | None = None
    late: bool = False


@dataclass(frozen=True)
class Answer:
    """Something said to the resident."""

    kind: str
    text: str
    department: str
    at: datetime


@dataclass(frozen=True)
class ResidentView:
    """Everything that the page of one matter shows. Free texts are scrubbed of phone and card numbers."""

    number: str
    version: int
    title: str
    status: str
    status_label: str
    step: int
    sentence: tuple[str, ...]
    below: str
    steps: tuple[Step, ...]
    department: str
    department_phone: str
    community: str
    community_phone: str
    promised_at: datetime | None
    promised_estimated: bool
    was_promised_at: datetime | None
    answers: tuple[Answer, ...]
    objection: Answer | None
    reject_reason: str
    outcome: str
    outcome_label: str
    verdict: str
    solved: str
    asks_verdict: bool
    can_reopen: bool
    raise_again: bool
    is_open: bool
    has_phone: bool
    confidential: bool
    redo_count: int = 0
    actions: frozenset[str] = frozenset()


_BY_TOKEN: Prepared[Issue] = Prepared(
    lambda token: (
        Issue.objects.select_related("community", "subdistrict", "lead_department", "category", "contact")
        .defer("lexemes", "description", "contact__name", "contact__phone", "contact__address")
        .filter(token=token)
    ),
    "the token",
)
_CLOCKS: Prepared[Deadline] = Prepared(
    lambda issue_id: (
        Deadline.objects.of(SUBJECT, issue_id)
        .order_by("id")
        .only("id", "kind", "state", "limit", "due_at", "original_due_at")
    ),
    -2,
)
_EVENTS: Prepared[Event] = Prepared(
    lambda issue_id: (
        Event.objects.of(SUBJECT, issue_id)
        .filter(visible=True)
        .order_by("seq")
        .only("id", "kind", "at", "actor_role", "data", "subject_kind", "subject_id", "seq")
    ),
    -2,
)
_TEXTS: Prepared[EventText] = Prepared(
    lambda issue_id: EventText.objects.filter(
        event__subject_kind=SUBJECT, event__subject_id=issue_id, event__visible=True
    ).only("id", "event_id", "key", "text"),
    -2,
)


def issue_by_token(token: str) -> Issue | None:
    """The issue behind a secret link, with what the page needs; one statement."""
    return next(iter(_BY_TOKEN(token)), None)


def resident_view(issue: Issue, at: datetime) -> ResidentView:
    """The view of ``issue`` at ``at``; ``issue`` as ``issue_by_token`` loads it. Three statements."""
    return _Reader(issue, at, _CLOCKS(issue.pk), _visible_events(issue.pk)).view()


def _visible_events(issue_id: int) -> list[Event]:
    """What the resident may read of the journal, with its texts; two statements."""
    events = _EVENTS(issue_id)
    texts: dict[int, list[EventText]] = {event.pk: [] for event in events}
    for text in _TEXTS(issue_id):
        texts[text.event_id].append(text)
    for event in events:
        attach(event, "texts_plain", texts[event.pk])
    return events


def resident_actions(issue: Issue, at: datetime) -> frozenset[str]:
    """What the table lets the reporter do now; nothing where no phone could prove who it is."""
    if issue.contact is None or not issue.contact.phone_last4:
        return frozenset()
    actor = Actor.reporter(issue)
    who, now = policies.parties(actor, issue), policies.Moment(at=at, calendar=deadlines.load_calendar())
    rows = (row for row in workflow.rows_from(issue.status) if row.who & who)
    return frozenset(row.action for row in rows if not policies.refusal(row.action, issue, actor, who, now))


class _Reader:
    """Works one view out of the loaded rows."""

    def __init__(self, issue: Issue, at: datetime, clocks: list[Deadline], events: list[Event]) -> None:
        self.issue, self.at, self.clocks, self.events = issue, at, clocks, events
        self.handle = self._clock("handle")

    def view(self) -> ResidentView:
        issue = self.issue
        promised, estimated, before = self._promise()
        sentence, below = self._sentence(promised)
        late = issue.closed_at is not None and self.at > issue.closed_at + REOPEN_WITHIN
        closed = issue.status == Status.CLOSED
        return ResidentView(
            number=issue.number,
            version=issue.version,
            title=scrub(issue.title),
            status=issue.status,
            status_label=str(Status(issue.status).label),
            step=STEP_OF[issue.status],
            sentence=sentence,
            below=below,
            steps=self._steps(promised, estimated, before),
            department=self._department(),
            department_phone=issue.lead_department.phone if issue.lead_department else "",
            community=issue.community.name,
            community_phone=issue.community.phone,
            promised_at=promised,
            promised_estimated=estimated,
            was_promised_at=before,
            answers=self._answers(),
            objection=self._objection(),
            reject_reason=self._reject_reason(),
            outcome=issue.outcome,
            outcome_label=str(Outcome(issue.outcome).label) if issue.outcome else "",
            verdict=issue.verdict,
            solved=issue.solved,
            asks_verdict=issue.status in (Status.REPLIED, Status.FOLLOW_UP) and not issue.verdict,
            can_reopen=closed and not late and issue.lead_department_id is not None,
            raise_again=closed and late,
            is_open=issue.is_open,
            has_phone=issue.contact is not None and bool(issue.contact.phone_last4),
            confidential=issue.confidential,
            redo_count=issue.redo_count,
            actions=resident_actions(issue, self.at),
        )

    def _clock(self, kind: str) -> Deadline | None:
        """The latest clock of a kind."""
        return next((row for row in reversed(self.clocks) if row.kind == kind), None)

    def _running(self, kind: str) -> Deadline | None:
        row = self._clock(kind)
        return row if row is not None and row.state == DeadlineState.RUNNING else None

    def _department(self) -> str:
        return self.issue.lead_department.name if self.issue.lead_department else ""

    def _promise(self) -> tuple[datetime | None, bool, datetime | None]:
        """The answering date, whether it is only expected, and the date it was before."""
        if not self.issue.is_open or self.issue.status in (Status.REPLIED, Status.FOLLOW_UP):
            return None, False, None
        if self.handle is not None:
            moved = self.handle.original_due_at if self.handle.original_due_at != self.handle.due_at else None
            return self.handle.due_at, False, moved
        choice = limits_of(self.issue).get("handle")
        if choice is None or self.issue.accepted_at is not None:
            return None, False, None
        return choice.limit.due(self.at, deadlines.load_calendar()).due_at, True, None

    def _sentence(self, promised: datetime | None) -> tuple[tuple[str, ...], str]:
        writer = getattr(self, f"_say_{self.issue.status}", None)
        if writer is None:
            return (str(Status(self.issue.status).label),), ""
        said: tuple[tuple[str, ...], str] = writer(promised)
        return said

    def _by(self, promised: datetime | None, words: str) -> str:
        return words % {"day": dates.day_weekday_long(promised)} if promised else ""

    def _say_submitted(self, promised: datetime | None) -> tuple[tuple[str, ...], str]:
        first = _("%(community)s已收到，") % {"community": self.issue.community.name}
        respond = self._running("respond")
        if promised is None:
            return (_("%(community)s已收到，谢谢您。") % {"community": self.issue.community.name},), ""
        below = ""
        if respond is not None and not respond.is_overdue(self.at):
            below = _("%(community)s会在 %(when)s前先联系您。") % {
                "community": self.issue.community.name,
                "when": _when(respond),
            }
        return (first, self._by(promised, _("预计 %(day)s前答复您。"))), below

    def _say_need_info(self, promised: datetime | None) -> tuple[tuple[str, ...], str]:
        return (_("社区需要您补充情况，"), _("补充后继续办理。")), ""

    def _say_accepted(self, promised: datetime | None) -> tuple[tuple[str, ...], str]:
        head = _("%(community)s已受理，") % {"community": self.issue.community.name}
        return self._waiting(head, promised)

    def _say_dispatched(self, promised: datetime | None) -> tuple[tuple[str, ...], str]:
        return self._waiting(_("已交%(department)s办理，") % {"department": self._department()}, promised)

    def _say_in_progress(self, promised: datetime | None) -> tuple[tuple[str, ...], str]:
        issue, again = self.issue, self._last("redo", "reopen")
        if again is not None and again.kind == "reopen":
            return self._renewed(promised)
        if issue.redo_count and issue.solved == Solved.NO:
            return self._again(_("您表示没有解决，"), promised)
        if issue.redo_count and issue.verdict == Verdict.DISSATISFIED:
            return self._again(_("您表示不满意，"), promised)
        if issue.redo_count:
            return self._again(_("社区核查后没有通过，"), promised)
        return self._waiting(_("%(department)s正在办理，") % {"department": self._department()}, promised)

    def _renewed(self, promised: datetime | None) -> tuple[tuple[str, ...], str]:
        """A closed matter that was taken up once more."""
        head = _("已重新办理，由%(department)s承办，") % {"department": self._department()}
        if promised is not None and self.at > promised:
            return (head, self._late(promised)), _("系统已催办，答复前会一直催办。")
        return (head, self._by(promised, _("新期限 %(day)s。"))), ""

    def _again(self, head: str, promised: datetime | None) -> tuple[tuple[str, ...], str]:
        middle = _("已退回重办（第%(n)d次），") % {"n": self.issue.redo_count}
        if promised is not None and self.at > promised:
            return (head, middle, self._late(promised)), _("%(department)s正在被催办。") % {
                "department": self._department()
            }
        return (head, middle, self._by(promised, _("新期限 %(day)s。"))), ""

    def _waiting(self, head: str, promised: datetime | None) -> tuple[tuple[str, ...], str]:
        if promised is None:
            return (head, _("按阶段推进，有进展会在这里告诉您。")), ""
        if self.at > promised:
            return (head, self._late(promised)), _("系统已催办，答复前会一直催办。")
        below = ""
        first_report = self._running("first_report")
        if first_report is not None and not first_report.is_overdue(self.at):
            below = _("%(when)s前先告诉您初步情况。") % {"when": _when(first_report)}
        return (head, self._by(promised, _("最迟 %(day)s答复您。"))), below

    def _late(self, promised: datetime) -> str:
        return _("原定 %(day)s，已经超期。") % {"day": dates.day_weekday_long(promised)}

    def _say_suspended(self, promised: datetime | None) -> tuple[tuple[str, ...], str]:
        review = self._running("suspension_review")
        return (_("目前还不能解决，"), self._by(review.due_at if review else None, _("%(day)s前复查后告诉您。"))), ""

    def _say_replied(self, promised: datetime | None) -> tuple[tuple[str, ...], str]:
        if self.issue.verdict:
            return (_("谢谢您的评价，"), _("社区正在核查。")), ""
        if self.issue.outcome in (Outcome.SOLVED, Outcome.PARTLY):
            return (_("社区说已处理完。"), _("您觉得解决了吗？")), _("没解决的，退回重办并给您新日期。")
        return (_("%(department)s已答复。") % {"department": self._department()}, _("您觉得解决了吗？")), _(
            "没解决的，退回重办并给您新日期。"
        )

    def _say_follow_up(self, promised: datetime | None) -> tuple[tuple[str, ...], str]:
        if self.issue.solved == Solved.NO or self.issue.verdict == Verdict.DISSATISFIED:
            said = _("您表示没有解决，") if self.issue.solved == Solved.NO else _("您表示不满意，")
            return (said, _("社区正在安排下一步。")), ""
        return self._say_replied(promised)

    def _say_closed(self, promised: datetime | None) -> tuple[tuple[str, ...], str]:
        issue = self.issue
        if issue.solved == Solved.YES:
            return (_("您表示已经解决。"), _("谢谢您。")), ""
        if issue.solved == Solved.PARTLY:
            return (_("您表示部分解决。"), _("15天内可以要求重新办理。")), ""
        if issue.solved == Solved.NO or issue.verdict == Verdict.DISSATISFIED:
            said = _("您表示没有解决，") if issue.solved == Solved.NO else _("您表示不满意，")
            return (said, _("街道社会治理办作了说明。")), _("15天内可以要求重新办理。")
        if issue.verdict == Verdict.UNREACHABLE:
            return (_("我们几次没有联系上您，"), _("先告一段落。")), _("15天内可以要求重新办理。")
        return (_("社区已经答复。"),), _("没有解决的，15天内可以要求重新办理。")

    def _say_rejected(self, promised: datetime | None) -> tuple[tuple[str, ...], str]:
        return (_("这件事社区不能受理，"), _("请看下面的原因和去处。")), ""

    def _say_withdrawn(self, promised: datetime | None) -> tuple[tuple[str, ...], str]:
        return (_("您已撤回这件诉求。"),), ""

    def _steps(self, promised: datetime | None, estimated: bool, before: datetime | None) -> tuple[Step, ...]:
        issue, now_step = self.issue, STEP_OF[self.issue.status]
        if not now_step:
            return ()
        department = self._department()
        again = self._last("redo", "reopen")
        progress = self._last("progress")
        if again is not None and progress is not None and progress.seq < again.seq:
            progress = None
        started_at = again.at if again is not None else issue.acknowledged_at
        in_hand = _("办理中（第%(n)d次重办）") % {"n": issue.redo_count} if issue.redo_count else _("办理中")
        if again is not None and again.kind == "reopen":
            in_hand = _("办理中（重新办理）")
        answered_at = self._last("reply", "answer_now") if now_step == ANSWERED else None
        facts = (
            ("received", _("已收到"), issue.created_at, issue.community.name, ""),
            ("handed_over", _("已交办"), issue.dispatched_at, department, ""),
            (
                "in_hand",
                in_hand,
                started_at,
                department,
                scrub(progress.text("note"), keep_landlines=True) if progress else "",
            ),
            ("answered", _("已答复"), answered_at.at if answered_at else promised, department, ""),
        )
        return tuple(
            Step(
                code=code,
                label=label,
                state="done" if place < now_step else "now" if place == now_step else "next",
                at=when if place <= now_step or code == "answered" else None,
                who=who if place <= now_step else "",
                note=note if place <= now_step else "",
                expected=code == "answered" and now_step < ANSWERED and when is not None,
                was_at=before if code == "answered" else None,
                late=code == "answered" and now_step < ANSWERED and when is not None and self.at > when,
            )
            for place, (code, label, when, who, note) in enumerate(facts, start=1)
        )

    def _last(self, *kinds: str) -> Event | None:
        return next((event for event in reversed(self.events) if event.kind in kinds), None)

    def _answers(self) -> tuple[Answer, ...]:
        """What was said to the resident, newest first: answers, then what was reported on the way."""
        told = [event for event in self.events if event.kind in (*_ANSWER_KINDS, "progress") or _staff_comment(event)]
        return tuple(
            Answer(
                kind=event.kind,
                text=scrub(event.text("note") or event.text("reason"), keep_landlines=True),
                department=self._speaker(event),
                at=event.at,
            )
            for event in reversed(told)
            if event.text("note") or event.text("reason")
        )

    def _speaker(self, event: Event) -> str:
        if event.kind in ("reply", "progress") and self.issue.lead_department:
            return self.issue.lead_department.name
        return self.issue.community.name if event.actor_role in ("clerk", "secretary") else _("街道社会治理办公室")

    def _objection(self) -> Answer | None:
        """The resident's last objection while it is being worked on."""
        event = self._last("redo", "reopen")
        if event is None or event.actor_role != "resident" or self.issue.status != Status.IN_PROGRESS:
            return None
        return Answer(kind=event.kind, text=scrub(event.text("reason")), department="", at=event.at)

    def _reject_reason(self) -> str:
        event = self._last("reject")
        code = event.value("reason", "") if event else ""
        return str(RejectReason(code).label) if code in RejectReason.values else ""


def _staff_comment(event: Event) -> bool:
    return event.kind == "comment" and event.actor_role not in ("resident", "leader")


def _when(row: Deadline) -> str:
    """A due time as precisely as its limit: the day for limits in days, else day and time."""
    if Limit.parse(row.limit).counts_days:
        return dates.day_weekday_long(row.due_at)
    return dates.moment(row.due_at)
