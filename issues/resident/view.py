"""Assembling what the page of one matter shows out of its story.

Reads nothing from the database but, where an answer names a phone, whether that is one of the office's.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.roles import OF_COMMUNITY
from common.clock import local
from common.masking import scrub
from communities.actors import Actor
from communities.lines import OfficeLines
from communities.models import Contact
from deadlines import services as deadlines
from deadlines.enums import DeadlineState
from deadlines.models import Deadline
from files.presenting import Shown
from issues import policies, workflow
from issues.discretion import without_secrets
from issues.enums import (
    OPEN,
    Action,
    Kind,
    MessageWish,
    Outcome,
    Proof,
    RejectReason,
    Status,
    SuspensionReason,
    VerdictVia,
)
from issues.models import Issue
from issues.reading.attachments import ids_in
from issues.resident.shapes import (
    ANSWERED,
    HANDED_OVER,
    IN_HAND,
    RECEIVED,
    AskedDepartment,
    Callback,
    Promise,
    ResidentAnswer,
    ResidentView,
    Step,
)
from issues.resident.story import Story
from issues.resident.words import callback_words, days_late, late_words, sentence_of
from issues.services.clocks import limits_of
from journal.models import Event
from reminders.enums import RECOUNT
from reminders.reference import gateway_of

STEP_OF: Final[Mapping[str, int]] = {
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
_ANSWERS: Final = frozenset({Action.REPLY, Action.ANSWER_NOW, Action.CLOSE_EXPLAINED, Action.REJECT})
_ON_THE_WAY: Final = frozenset({Action.PROGRESS, Action.GRANT_SUSPENSION})
_REPORTERS: Final = frozenset({"resident", "leader"})
_ASKS_VERDICT: Final = frozenset({Status.REPLIED, Status.FOLLOW_UP})


def why_paused(code: str) -> str:
    """Why a matter has to wait, in a resident's words; "" where the code says nothing."""
    words: dict[str, str] = {
        SuspensionReason.PUBLICITY: _("方案正在公示，公示期满才能动工。"),
        SuspensionReason.APPROVAL: _("要等上级部门审批。"),
        SuspensionReason.FUNDING: _("要等资金安排。"),
        SuspensionReason.LITIGATION: _("正在诉讼或仲裁，要等结果。"),
        SuspensionReason.NEGOTIATION: _("居民之间还在协商。"),
    }
    return words.get(code, "")


def reporter_actions(issue: Issue, actor: Actor, at: datetime, clocks: Sequence[Deadline] = ()) -> frozenset[str]:
    """What the table lets this reporter do now; ``clocks`` are the issue's own."""
    gateway = gateway_of(issue.subdistrict_id) is not None
    now = policies.Moment(at=at, calendar=deadlines.load_calendar(), clocks=clocks, gateway=gateway)
    who = policies.parties(actor, issue)
    if workflow.Party.REPORTER not in who:
        return frozenset()
    rows = (row for row in workflow.rows_from(issue.status) if workflow.Party.REPORTER in row.who)
    return frozenset(row.action for row in rows if not policies.refusal(row.action, issue, actor, who, now))


def view_of(story: Story, actor: Actor | None = None, *, proof: Proof) -> ResidentView:
    """The view of a story; ``actor`` is the leader who reads it as its reporter, None the resident."""
    return _Assembler(story, actor, proof).view()


def heading_of(issue: Issue) -> str:
    """Category and place: what a link that was forwarded may say of a matter; no word of the reporter."""
    place = issue.community.name
    if issue.neighbourhood is not None and not issue.confidential:
        place = issue.neighbourhood.name
    return " · ".join([*([issue.category.name] if issue.category is not None else []), place])


class _Assembler:
    """Works one view out of a story: everything for the proven reporter, the office's part or dates only for others."""

    def __init__(self, story: Story, actor: Actor | None, proof: Proof) -> None:
        self.story, self.actor, self.proof = story, actor, proof
        self.issue, self.main, self.at = story.issue, story.main, story.at
        self.secrets = _secrets(self.main.contact) if story.joined else []
        if proof is not Proof.WHOLE:
            self.secrets += _secrets(self.issue.contact)
        self.lines = OfficeLines(self.main.subdistrict_id)

    @property
    def answered(self) -> bool:
        """Whether what the office said may be read."""
        return self.proof >= Proof.TAIL

    def view(self) -> ResidentView:
        issue, main = self.issue, self.main
        promised, estimated, before = self._promised()
        promise = self._promise()
        actions = self._actions()
        sentence, below = sentence_of(self.story, promised, promise, reopens=Action.REOPEN in actions)
        ended = issue.status == Status.CLOSED and Action.REOPEN not in actions and main.kind != Kind.PRAISE
        reject = self.story.last(Action.REJECT)
        objected = self.story.joined and main.status == Status.CLOSED and issue.solved == "no"
        return ResidentView(
            number=issue.number,
            version=issue.version,
            proof=self.proof,
            title=scrub(issue.title, keep=self.lines) if self.proof is Proof.WHOLE else heading_of(issue),
            status=main.status,
            status_label=str(Status(main.status).label),
            stage=_stage(main.status),
            step=STEP_OF[main.status],
            sentence=sentence,
            below=below,
            steps=self._steps(promised, before, promised is not None and not estimated),
            department=self._department,
            department_phone=main.lead_department.phone if main.lead_department else "",
            external=main.lead_department is not None and main.lead_department.is_external,
            community=main.community.name,
            community_phone=main.community.phone,
            promised_at=promised,
            promised_estimated=estimated,
            was_promised_at=before,
            answers=self._answers() if self.answered else (),
            objection=self._objection() if self.proof is Proof.WHOLE else None,
            reject_reason=_reject_reason(reject) if self.answered else "",
            outcome=main.outcome if self.answered else "",
            outcome_label=str(Outcome(main.outcome).label) if main.outcome and self.answered else "",
            verdict=issue.verdict if self.proof is Proof.WHOLE else "",
            solved=issue.solved if self.proof is Proof.WHOLE else "",
            asks_verdict=self._asks_verdict(),
            can_reopen=Action.REOPEN in actions,
            raise_again=ended or objected,
            is_open=main.status in OPEN,
            has_phone=self.actor is not None or (issue.contact is not None and bool(issue.contact.phone_last4)),
            confidential=issue.confidential,
            messages=self._messages() if self.proof is Proof.WHOLE else "",
            redo_count=main.redo_count,
            actions=actions,
            joined=self.story.joined,
            others=main.persons - 1,
            callback=self._callback(),
            can_correct=self._can_correct(actions),
            news_at=self._news_at(promised),
            said_here=issue.verdict_via == VerdictVia.WEB,
            begun_anew=bool(main.redo_count or main.reopen_count),
            asked=self._asked() if self.answered else None,
            asked_until=self._asked_until(),
            why_paused=self._why_paused(),
            organisations=self._organisations(),
            promise=promise,
            own_photos=self._own(photos=True) if self.proof is Proof.WHOLE else (),
            own_documents=self._own(photos=False) if self.proof is Proof.WHOLE else (),
            gallery=self.story.gallery,
        )

    @property
    def _department(self) -> str:
        return self.main.lead_department.name if self.main.lead_department else ""

    def _actions(self) -> frozenset[str]:
        clocks = () if self.story.joined else self.story.clocks
        if self.actor is not None:
            return reporter_actions(self.issue, self.actor, self.at, clocks)
        if self.issue.contact is None or not self.issue.contact.phone_last4:
            return frozenset()
        able = reporter_actions(self.issue, Actor.reporter(self.issue), self.at, clocks)
        return able if policies.has_mobile(self.issue) else able - {Action.SET_MESSAGES}

    def _messages(self) -> str:
        """Whether short messages go to the reporter: ``agreed`` or ``off``; "" where there is nothing to choose."""
        if Action.SET_MESSAGES not in self._actions():
            return ""
        return MessageWish.AGREED if policies.takes_messages(self.issue) else MessageWish.OFF

    def _asks_verdict(self) -> bool:
        if not self.story.joined and self.main.status == Status.CLOSED:
            return policies.was_never_asked(self.issue) and Action.RECORD_FOLLOW_UP in self._actions()
        if self.issue.verdict or self.issue.solved or self.main.kind == Kind.PRAISE:
            return False
        if self.story.joined:
            return self.main.status in (*_ASKS_VERDICT, Status.CLOSED)
        return self.main.status in _ASKS_VERDICT

    def _can_correct(self, actions: frozenset[str]) -> bool:
        """Whether what was said of the answer may still be said differently: until 15 days after the matter closed."""
        said = bool(self.issue.verdict or self.issue.solved) and self.main.status in (*_ASKS_VERDICT, Status.CLOSED)
        return said and Action.RECORD_FOLLOW_UP in actions and not self._asks_verdict()

    # Dates

    def _promised(self) -> tuple[datetime | None, bool, datetime | None]:
        """The answering date, whether it is only expected, and the date it was before."""
        main, handle = self.main, self.story.clock("handle")
        if main.status not in OPEN or main.status in (*_ASKS_VERDICT, Status.SUSPENDED):
            return None, False, None
        if handle is not None and main.accepted_at is not None:
            moved = handle.original_due_at if _day(handle.original_due_at) != _day(handle.due_at) else None
            moved = moved if self.answered else None
            return handle.due_at, False, moved
        choice = limits_of(main).get("handle")
        if choice is None or main.accepted_at is not None:
            return None, False, None
        return choice.limit.due(self.at, deadlines.load_calendar()).due_at, True, None

    def _news_at(self, promised: datetime | None) -> datetime | None:
        note = self.story.running("note") if promised is None and self.main.status in OPEN else None
        return note.due_at if note is not None else None

    def _why_moved(self, before: datetime | None, now_due: datetime | None) -> str:
        """Why the answering date moved, where what is told to the reporter says so."""
        if before is None or now_due is None:
            return ""
        event = self.story.last(Action.GRANT_EXTENSION, Action.RESUME, Action.GIVE_INFO, Action.ACCEPT, RECOUNT)
        if event is not None and event.kind == RECOUNT:
            return _("因节假日安排调整")
        if now_due < before:
            return _("已提前")
        kind = event.kind if event is not None else ""
        if event is not None and kind == Action.GRANT_EXTENSION:
            days = event.value("days", 0)
            return ngettext(
                "经街道同意延期%(n)d个工作日", "经街道同意延期%(n)d个工作日", days
            ) % {"n": days} if days else _("经街道同意延期")  # fmt: skip
        if kind == Action.RESUME:
            return _("暂缓后恢复办理")
        return _("等待补充情况") if self.story.last(Action.GIVE_INFO) is not None else ""

    def _promise(self) -> Promise | None:
        """What was promised with the answer, as long as that answer stands."""
        found = self.story.promised
        if found is None or self.main.status not in (*_ASKS_VERDICT, Status.CLOSED):
            return None
        reply = self.story.last(Action.REPLY)
        repeats = reply is not None and reply.text("note").startswith(found.text)
        late = 0 if found.kept_at else days_late(found.due_on or found.review_on, self.at)
        return Promise(
            text="" if repeats or not self.answered else self._clean(found.text),
            who=found.who,
            due_on=found.due_on,
            review_on=found.review_on,
            kept_at=found.kept_at,
            days_late=late,
            late_text=late_words(late) if late else "",
            evidence=self._clean(found.evidence) if self.answered else "",
            released=found.commitment_id if self.main.published_at and not self.main.confidential else None,
        )

    # Steps

    def _steps(self, promised: datetime | None, before: datetime | None, moved: bool) -> tuple[Step, ...]:
        main, now_step = self.main, STEP_OF[self.main.status]
        if not now_step:
            return ()
        department, review = self._department, self.story.running("suspension_review")
        answered = self.story.last(Action.REPLY, Action.ANSWER_NOW) if now_step == ANSWERED else None
        label, began_at, note = self._in_hand()
        handed = ("handed_over", _("已交办"), main.dispatched_at, department, "")
        if main.status == Status.ACCEPTED:
            handed = ("handed_over", _("正在交办"), None, "", "")
        facts = (
            ("received", _("已收到"), self.issue.created_at, self.issue.community.name, ""),
            handed,
            ("in_hand", label, began_at, department, note),
            ("answered", _("已答复"), answered.at if answered else promised, department, ""),
        )
        steps = []
        for place, (code, name, when, who, words) in enumerate(facts, start=1):
            last, reached = code == "answered", place <= now_step
            ahead = last and now_step < ANSWERED and when is not None
            steps.append(
                Step(
                    code=code,
                    label=name,
                    state="done" if place < now_step else "now" if place == now_step else "next",
                    at=when if last or (reached and not self._before_joining(when)) else None,
                    who=who if reached else "",
                    note=words if reached else "",
                    expected=ahead,
                    was_at=before if last else None,
                    why_moved=self._why_moved(before, promised) if last and moved else "",
                    late=ahead and when is not None and self.at > when,
                    review_at=review.due_at if review and code == "in_hand" else None,
                )
            )
        return tuple(steps)

    def _before_joining(self, when: datetime | None) -> bool:
        """Whether it happened before the reporter of a joined matter raised it: without a date it confuses nobody."""
        return self.story.joined and when is not None and when < self.issue.created_at

    def _in_hand(self) -> tuple[str, datetime | None, str]:
        """Label, beginning and latest word of the third step; work that began anew is dated anew."""
        main, again, progress = self.main, self.story.last(Action.REDO, Action.REOPEN), self.story.last(Action.PROGRESS)
        if again is not None and progress is not None and progress.seq < again.seq:
            progress = None
        label = _("办理中（第%(n)d次重办）") % {"n": main.redo_count} if main.redo_count else _("办理中")
        if again is not None and again.kind == Action.REOPEN:
            label = _("办理中（重新办理）")
        note = self._clean(progress.text("note")) if progress and self.answered else ""
        out = self.story.last(Action.TRANSFER_OUT)
        began_at = again.at if again is not None else main.acknowledged_at or (out.at if out is not None else None)
        return label, began_at, note

    # What was said

    def _answers(self) -> tuple[ResidentAnswer, ...]:
        """What was said to the reporter, newest first. A joiner is told the answers, not what was said to another."""
        kinds = _ANSWERS | _ON_THE_WAY
        told = [event for event in self.story.work if event.kind in kinds]
        told += [event for event in self.story.own if _staff_comment(event) or event.value("disclosed")]
        found = sorted(told, key=lambda event: (event.at, event.seq), reverse=True)
        last = next((event.pk for event in found if event.kind == Action.REPLY), None)
        answers = (self._answer(event, paired=event.pk == last) for event in found)
        return tuple(answer for answer in answers if answer.text or answer.photos or answer.pairs or answer.documents)

    def _answer(self, event: Event, *, paired: bool = False) -> ResidentAnswer:
        text = event.text("interim_answer") if event.kind == Action.GRANT_SUSPENSION else event.text("note")
        if event.value("disclosed"):
            text = _("此件的保密已解除，原因：%(reason)s") % {"reason": event.text("reason") or text}
        files = self.story.gallery.of_event.get(event.pk, [])
        pairs = tuple(self.story.gallery.pairs) if paired else ()
        in_pairs = {pair["after"]["id"] for pair in pairs}
        return ResidentAnswer(
            kind=event.kind,
            text=self._clean(text or event.text("reason")),
            department=self._speaker(event),
            at=event.at,
            photos=tuple(file for file in files if file["kind"] == "photo" and file["id"] not in in_pairs),
            pairs=pairs,
            documents=tuple(file for file in files if file["kind"] != "photo"),
            missing=self._missing(event),
        )

    def _missing(self, event: Event) -> tuple[str, ...]:
        """Co-departments that had not answered when the lead replied."""
        ids = event.value("co_missing", [])
        return tuple(self.story.names[pk] for pk in ids if pk in self.story.names) if isinstance(ids, list) else ()

    def _clean(self, text: str) -> str:
        """Without persons' numbers; the office's own lines stay. Without names and rooms where others may read it."""
        codes = [self.main.external_number]
        if self.proof is Proof.WHOLE and not self.story.joined:
            return scrub(text, keep=self.lines, codes=codes)
        return without_secrets(text, self.secrets, keep=self.lines, codes=codes)

    def _speaker(self, event: Event) -> str:
        if event.kind in (Action.REPLY, Action.PROGRESS, Action.GRANT_SUSPENSION) and self.main.lead_department:
            return self.main.lead_department.name
        clerk = event.actor_role in OF_COMMUNITY
        return self.main.community.name if clerk else _("街道社会治理办公室")

    def _objection(self) -> ResidentAnswer | None:
        """The reporter's last own objection while it is being worked on."""
        if self.story.joined:
            event = next((e for e in reversed(self.story.own) if e.kind == Action.RECORD_FOLLOW_UP), None)
            mine = event is not None and event.actor_role in _REPORTERS and self.issue.solved in ("no", "partly")
        else:
            event = self.story.last(Action.REDO, Action.REOPEN)
            mine = event is not None and event.actor_role in _REPORTERS and self.main.status == Status.IN_PROGRESS
        if event is None or not mine:
            return None
        text = scrub(event.text("reason"))
        return ResidentAnswer(
            event.kind, text, "", event.at, photos=tuple(self.story.gallery.of_event.get(event.pk, []))
        )

    def _asked(self) -> ResidentAnswer | None:
        """What the community wants to know, while it waits for it."""
        if self.issue.status != Status.NEED_INFO:
            return None
        event = self.story.last(Action.REQUEST_INFO)
        return self._answer(event) if event is not None else None

    def _callback(self) -> Callback | None:
        """The last call-back that the reporter asked for: until when it comes, and what came of it."""
        row = None if self.story.joined else self.story.clock("callback")
        asked = self.story.last(Action.REQUEST_CALLBACK)
        if row is None or asked is None:
            return None
        tried = self.story.last(Action.CONTACT, Action.RECORD_FOLLOW_UP)
        tried_at = tried.at if tried is not None and tried.seq > asked.seq and _is_staff(tried) else None
        waits = row.state == DeadlineState.RUNNING
        return Callback(asked.at, row.due_at, callback_words(asked.at, row, tried_at, self.at), waits=waits)

    def _asked_until(self) -> datetime | None:
        row = self.story.running("more_info")
        return row.due_at if row is not None and self.issue.status == Status.NEED_INFO else None

    def _why_paused(self) -> str:
        event = self.story.last(Action.GRANT_SUSPENSION)
        return why_paused(str(event.value("reason", ""))) if event and self.main.status == Status.SUSPENDED else ""

    def _organisations(self) -> tuple[AskedDepartment, ...]:
        """Who works on it beside the lead, by name only."""
        waiting = self.main.co_waiting_ids if self.main.status == Status.IN_PROGRESS else []
        return tuple(AskedDepartment(name, pk in waiting) for pk, name in self.story.names.items())

    def _own(self, *, photos: bool) -> tuple[Shown, ...]:
        """The reporter's own files, whatever they came with."""
        events = [event for event in self.story.own if event.actor_role in _REPORTERS or event.kind == Action.CREATE]
        mine = {pk for event in events for pk in ids_in(event)}
        named = {pk for event in (*self.story.own, *self.story.work) for pk in ids_in(event)}
        paired = {pair["before"]["id"] for pair in self.story.gallery.pairs}
        files: Sequence[Shown] = self.story.gallery.photos if photos else self.story.gallery.documents
        return tuple(
            file for file in files if file["id"] not in paired and (file["id"] in mine or file["id"] not in named)
        )


def _secrets(contact: Contact | None) -> list[str]:
    return [contact.name, contact.phone] if contact is not None else []


def _day(at: datetime) -> date:
    return local(at).date()


def _stage(status: str) -> str:
    """Where it is, in a resident's word or two, for lists."""
    words: dict[str, str] = {
        Status.SUBMITTED: _("已收到"),
        Status.NEED_INFO: _("等您补充"),
        Status.REJECTED: _("不予受理"),
        Status.ACCEPTED: _("已受理"),
        Status.DISPATCHED: _("已交办"),
        Status.IN_PROGRESS: _("办理中"),
        Status.SUSPENDED: _("暂缓"),
        Status.REPLIED: _("已答复"),
        Status.FOLLOW_UP: _("已答复"),
        Status.CLOSED: _("已答复"),
        Status.MERGED: _("一并办理"),
        Status.WITHDRAWN: _("已撤回"),
    }
    return words[status]


def _reject_reason(event: Event | None) -> str:
    code = event.value("reason", "") if event else ""
    return str(RejectReason(code).label) if code in RejectReason.values else ""


def _staff_comment(event: Event) -> bool:
    return event.kind == Action.COMMENT and _is_staff(event)


def _is_staff(event: Event) -> bool:
    return event.actor_role not in _REPORTERS
