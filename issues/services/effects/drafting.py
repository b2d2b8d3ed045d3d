"""Documents of supervision: drawn up by a person or the clock, signed, lifted (docs/rules/supervision.md#papers).

What holds for a subject of any kind is ``papers``'; here is what it means for an issue, its clocks and its events.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from commitments.enums import CommitmentClock
from deadlines.enums import DeadlineState
from deadlines.models import Deadline
from issues.enums import SUBJECT, Action, DeadlineKind, Supervision, Turn
from issues.policies import signable
from issues.reading.pages import promises_of
from issues.services.clocks import Fixed
from issues.services.effects.base import Change, raise_supervision
from issues.services.errors import InvalidFields, StateConflict
from issues.workflow import start
from journal.models import Event
from journal.services import Entry
from papers import rules
from papers import services as papers
from papers.enums import DraftKind
from papers.models import Draft

REPLY = "supervision_reply"

_SUPERVISION_OF = {
    DraftKind.ORDER: Supervision.SUPERVISED,
    DraftKind.YELLOW_CARD: Supervision.YELLOW_CARD,
    DraftKind.RED_CARD: Supervision.RED_CARD,
}


def supervise(change: Change) -> None:
    """A draft that waits for a signature, by the supervisor or, for a deadline that was missed, by the clock."""
    kind = DraftKind(change.values["kind"])
    draft = _by_clock(change, kind) if change.by_time else _by_person(change, kind)
    change.drawn_up(draft)
    change.facts["request"] = kind.value


def _by_person(change: Change, kind: DraftKind) -> Draft:
    missed = _missed(change)
    refused = rules.why_not(kind, missed.kind if missed else "", change.issue.asks)
    if refused:
        raise InvalidFields({"kind": refused})
    about = papers.PaperAbout.clock(missed) if missed else papers.PaperAbout(_mover_id(change))
    change.facts |= _facts_of(missed) if missed else {}
    return papers.draw_up(change.supervised, kind, change.values["note"], about, at=change.at, by_id=change.by.user_id)


def _by_clock(change: Change, kind: DraftKind) -> Draft:
    """Raises StateConflict where the draft is not needed (any more): nothing is written then."""
    missed = _deadline(change, change.values["deadline"])
    draft = _drafted(change, kind, missed) if missed else None
    if missed is None or draft is None:
        raise StateConflict(change.issue, _("不需要再拟稿"))
    change.texts["note"] = draft.text
    change.facts |= _facts_of(missed)
    return draft


def _drafted(change: Change, kind: DraftKind, missed: Deadline) -> Draft | None:
    """What the clock draws up; None where it is not needed."""
    return papers.draw_up_by_clock(
        change.supervised,
        kind,
        missed,
        at=change.at,
        waiting=change.issue.asks,
        urges=change.issue.urge_count,
        reply_within=change.clocks.limits[REPLY].limit.label() if REPLY in change.clocks.limits else "",
        unanswered=missed.kind == DeadlineKind.URGE_REPLY,
    )


def _facts_of(missed: Deadline) -> dict[str, Any]:
    return {"deadline": missed.pk, "deadline_kind": missed.kind, "due_at": missed.due_at.isoformat()}


def _missed(change: Change) -> Deadline | None:
    """The limit that a supervisor's document is about: handling, a promise, else the first of the others."""
    at, rows = change.at, change.clocks.rows
    handle = [row for row in rows if row.kind == DeadlineKind.HANDLE]
    late = [row for row in handle if row.is_overdue(at)] or [row for row in handle if row.state == DeadlineState.LATE]
    if late:
        return late[-1]
    promised = [row for row in _promises(change) if row.kind == CommitmentClock.FULFIL and row.is_overdue(at)]
    others = [row for row in rows if row.is_overdue(at) and row.kind != "signature"]
    return next(iter(promised), None) or min(others, key=lambda row: row.due_at, default=None)


def _promises(change: Change) -> list[Deadline]:
    return promises_of(change.issue.pk) if change.issue.promised else []


def _deadline(change: Change, pk: int) -> Deadline | None:
    """The deadline that the clock names, if it still runs and has passed."""
    own = [row for row in change.clocks.rows if row.pk == pk]
    found = next((row for row in own or _promises(change) if row.pk == pk), None)
    return found if found is not None and found.is_running and found.due_at <= change.at else None


def _mover_id(change: Change) -> int | None:
    """Whose move it is: what the supervisor draws up beside any limit is addressed to them."""
    turn = change.issue.turn
    return change.clocks.team_id if turn == Turn.COMMUNITY else change.clocks.accountable_id()


# Signing


def _draft(change: Change) -> Draft:
    """The draft that is meant: the one named, else the gravest that this person may sign."""
    possible = signable(change.issue, change.by)
    wanted = change.values.get("kind")
    if wanted and wanted not in possible:
        raise InvalidFields({"kind": _("没有待您签发的%(kind)s") % {"kind": DraftKind(wanted).label}})
    kind = wanted or possible[-1]
    return next(row for row in change.drafts if row.kind == kind)


def sign(change: Change) -> None:
    """签发: it gets its number; an order wants a written reply in 2 wd; a second yellow card brings on a red one."""
    draft = _draft(change)
    kind = DraftKind(draft.kind)
    change.texts.setdefault("document", draft.text)
    reply_due_at = _want_reply(change, draft) if kind == DraftKind.ORDER else None
    if kind != DraftKind.ORDER:
        change.not_started.add(REPLY)
    signed = papers.sign(
        draft,
        change.supervised,
        at=change.at,
        by_id=_signer_id(change),
        waiting=change.issue.asks,
        urges=change.issue.urge_count,
        reply_due_at=reply_due_at,
    )
    _settle(change, draft)
    change.facts |= {"paper": signed.paper.number, "party": draft.department_id}
    raise_supervision(change, _SUPERVISION_OF[kind])
    if signed.red_card is not None:
        _follow(change, signed.red_card, {"cards": signed.cards, "party": draft.department_id})
        change.without_clocks.discard("signature")


def _signer_id(change: Change) -> int:
    if change.by.user_id is None:
        raise AssertionError("a member of staff decides")
    return change.by.user_id


def _settle(change: Change, draft: Draft) -> None:
    """It waits no more; what could not wait beside it may come now."""
    change.decided(draft.kind)
    change.facts["kind"] = draft.kind
    _draw_next(change, draft)
    if set(DraftKind.values) & set(change.issue.asks):
        change.without_clocks.add("signature")


def lapse_about_part(change: Change, department_id: int) -> None:
    """A co-department owes its part no more: documents about it lapse, another organisation's may come."""
    about = [row for row in change.drafts if row.kind in change.issue.asks]
    about = [row for row in about if (row.deadline_kind, row.department_id) == (DeadlineKind.CO_REPLY, department_id)]
    change.lapse(row.kind for row in about)
    for row in about:
        _draw_next(change, row)


def _draw_next(change: Change, decided: Draft) -> None:
    """What the clock had to draw up for another organisation, while only one such document could wait, comes now."""
    overdue = [row for row in (*change.clocks.rows, *_promises(change)) if row.is_overdue(change.at)]
    others = {row.pk: row for row in overdue if row.party_id != decided.department_id and row.kind != "urge_reply"}
    if others:
        _draw_unsaid(change, others, rules.and_lighter(DraftKind(decided.kind)))


def draw_again(change: Change, rows: Iterable[Deadline], lapsed: Collection[str]) -> None:
    """What lapsed by mistake about these clocks, which have passed, waits for its signature again."""
    passed = {row.pk: row for row in rows if row.due_at <= change.at}
    kinds = [kind for kind in DraftKind if kind in lapsed]
    if passed and kinds:
        _draw_unsaid(change, passed, kinds)


def _draw_unsaid(change: Change, about: Mapping[int, Deadline], kinds: Collection[DraftKind]) -> None:
    """Draw up the latest document of these kinds that the clock came to and that nobody decided, if there is one."""
    reminded = Event.objects.of(SUBJECT, change.issue.pk).of_kinds(["remind"]).order_by("-seq")
    for rung, pk in reminded.values_list("data__rung", "data__deadline"):
        if pk in about and rung in kinds and not papers.was_refused(DraftKind(rung), about[pk]):
            draft = _drafted(change, DraftKind(rung), about[pk])
            if draft is not None:
                _follow(change, draft, {**_facts_of(about[pk]), "party": draft.department_id})
                return


def _follow(change: Change, draft: Draft, facts: dict[str, Any]) -> None:
    """What the clock drew up with this action waits, too, and an event of its own tells it."""
    change.drawn_up(draft)
    change.more_clocks += start("signature")
    change.also.append(
        Entry(
            subject_kind=SUBJECT,
            subject_id=change.issue.pk,
            kind=Action.SUPERVISE,
            at=change.at,
            data={
                "status": change.issue.status,
                "version": change.issue.version + 1,
                "kind": draft.kind,
                "request": draft.kind,
                **facts,
            },
            texts={"note": draft.text},
        )
    )


def _want_reply(change: Change, draft: Draft) -> datetime | None:
    """The clock of the written reply is owed by whom the order is addressed to; one that runs already goes on."""
    running = change.clocks.running(REPLY)
    if running is not None:
        return running.due_at
    choice = change.clocks.limits.get(REPLY)
    if choice is None:
        return None
    change.clocks.fixed[REPLY] = Fixed(None, choice.reason, choice.limit, draft.department_id)
    return choice.limit.due(change.at, change.clocks.calendar).due_at


def refuse_sign(change: Change) -> None:
    """不予签发, with the reason."""
    draft = _draft(change)
    papers.refuse(draft, at=change.at, by_id=_signer_id(change))
    _settle(change, draft)


def lift(change: Change) -> None:
    """解除: back to urged where anybody urged, else to nothing; its orders and cards stand no longer."""
    to = Supervision.URGED if change.issue.urge_count else Supervision.NONE
    change.facts |= {
        "lifted": change.issue.supervision,
        "supervision": to.value,
        "papers": papers.lift_papers(change.supervised, at=change.at, by_id=change.by.user_id),
    }
    change.set(supervision=to)


EFFECTS: Final = {
    Action.SUPERVISE: supervise,
    Action.SIGN: sign,
    Action.REFUSE_SIGN: refuse_sign,
    Action.LIFT: lift,
}
