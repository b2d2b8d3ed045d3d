"""Documents of supervision: drawn up by a person or the clock, signed, lifted (docs/rules/supervision.md#papers)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commitments.enums import CommitmentClock
from communities.models import Department
from deadlines.enums import DeadlineState
from deadlines.models import Deadline
from issues.enums import (
    DRAFTS,
    SUBJECT,
    DeadlineKind,
    DraftKind,
    PaperKind,
    RequestKind,
    RequestState,
    Supervision,
    Turn,
)
from issues.models import Paper, Request
from issues.policies import signable
from issues.reading.pages import promises_of
from issues.services.clocks import Fixed
from issues.services.effects.base import Change, raise_supervision
from issues.services.errors import InvalidFields, StateConflict
from issues.services.papers import PaperAbout, issue_paper, lift_papers
from issues.wording import drafts
from issues.workflow import start
from journal.models import Event
from journal.services import Entry

CARDS = (RequestKind.YELLOW_CARD, RequestKind.RED_CARD)
FOR_CARDS = (DeadlineKind.HANDLE, CommitmentClock.FULFIL)
"""Cards are for a handling limit or a promise that was missed."""

REPLY = "supervision_reply"

_SUPERVISION_OF = {
    RequestKind.ORDER: Supervision.SUPERVISED,
    RequestKind.YELLOW_CARD: Supervision.YELLOW_CARD,
    RequestKind.RED_CARD: Supervision.RED_CARD,
}


def supervise(change: Change) -> None:
    """A draft that waits for a signature, by the supervisor or, for a deadline that was missed, by the clock."""
    kind = RequestKind(change.values["kind"])
    if change.by_time:
        _by_clock(change, kind)
    else:
        _by_person(change, kind)


def _by_person(change: Change, kind: RequestKind) -> None:
    if kind in change.issue.asks:
        raise InvalidFields({"kind": _("已有一份待签发的%(kind)s") % {"kind": kind.label}})
    missed = _missed(change)
    if kind in CARDS and (missed is None or missed.kind not in FOR_CARDS):
        raise InvalidFields({"kind": _("办理时限未超期，不能拟黄牌或红牌")})
    _ask(change, kind, change.values["note"], missed)


def _by_clock(change: Change, kind: RequestKind) -> None:
    """Raises StateConflict where the draft is not needed (any more): nothing is written then."""
    missed = _deadline(change, change.values["deadline"])
    if missed is None or _is_done(change, kind, missed):
        raise StateConflict(change.issue, _("不需要再拟稿"))
    words = _words(change, kind, missed)
    change.texts["note"] = words
    _ask(change, kind, words, missed)


def _words(change: Change, kind: RequestKind, missed: Deadline) -> str:
    limit = change.clocks.limits[REPLY].limit.label() if REPLY in change.clocks.limits else ""
    return drafts.words_for_missed(
        DraftKind(kind.value),
        drafts.Missed(
            kind=missed.kind,
            owner=_name_of(missed.party_id),
            due_at=missed.due_at,
            working=missed.time_limit.is_working,
            urges=change.issue.urge_count,
        ),
        change.at,
        reply_within=limit,
    )


def _ask(change: Change, kind: RequestKind, words: str, missed: Deadline | None) -> None:
    change.ask(
        kind,
        text=words,
        deadline=missed,
        deadline_kind=missed.kind if missed else "",
        department_id=missed.party_id if missed else _mover_id(change),
    )
    if missed is not None:
        change.facts |= {"deadline": missed.pk, "deadline_kind": missed.kind, "due_at": missed.due_at.isoformat()}


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


def _is_done(change: Change, kind: RequestKind, missed: Deadline) -> bool:
    """Whether this draft or a graver one waits, or was signed since this due time passed; cards for other limits never
    come.

    What a person drew up without naming a limit counts from when this one began; so does, for urges that nobody
    answered, whatever was signed since.
    """
    if kind in CARDS and missed.kind not in FOR_CARDS:
        return True
    graver = DRAFTS[DRAFTS.index(kind) :]
    if set(graver) & set(change.issue.asks):
        return True
    since = Q(decided_at__gte=missed.started_at)
    named = Q(deadline_id=missed.pk, decided_at__gte=missed.due_at)
    about = named | (since if missed.kind == "urge_reply" else since & Q(deadline__isnull=True))
    signed = Request.objects.filter(about, issue=change.issue, kind__in=graver, state=RequestState.GRANTED)
    return signed.exists()


def _mover_id(change: Change) -> int | None:
    """Whose move it is: what the supervisor draws up beside any limit is addressed to them."""
    turn = change.issue.turn
    return change.clocks.team_id if turn == Turn.COMMUNITY else change.clocks.accountable_id()


def _name_of(department_id: int | None) -> str:
    if department_id is None:
        return drafts.office()
    return Department.objects.values_list("name_zh", flat=True).get(pk=department_id)


# Signing


def _draft(change: Change) -> RequestKind:
    """The draft that is meant: the one named, else the gravest that this person may sign."""
    possible = signable(change.issue, change.by)
    wanted = change.values.get("kind")
    if wanted and wanted not in possible:
        raise InvalidFields({"kind": _("没有待您签发的%(kind)s") % {"kind": DraftKind(wanted).label}})
    return RequestKind(wanted) if wanted else max(possible, key=DRAFTS.index)


def sign(change: Change) -> None:
    """签发: it gets its number; an order wants a written reply in 2 wd; a second yellow card brings on a red one."""
    request = change.open_request(_draft(change))
    kind = RequestKind(request.kind)
    _decide(change, request, RequestState.GRANTED)
    change.texts.setdefault("document", request.text)
    reply_due_at = _want_reply(change, request) if kind == RequestKind.ORDER else None
    if kind != RequestKind.ORDER:
        change.not_started.add(REPLY)
    paper = issue_paper(
        change.issue,
        PaperKind(kind.value),
        PaperAbout(request.department_id, request.deadline_id, request.deadline_kind, _due_of(change, request)),
        at=change.at,
        by_id=change.by.user_id,
        request=request,
        reply_due_at=reply_due_at,
    )
    change.facts |= {"paper": paper.number, "party": request.department_id}
    raise_supervision(change, _SUPERVISION_OF[kind])
    if kind == RequestKind.YELLOW_CARD:
        _apply_quarter_rule(change, paper)


def _decide(change: Change, request: Request, state: RequestState) -> None:
    change.decide(request, state)
    change.facts["kind"] = request.kind
    _draw_next(change, request)
    if set(DRAFTS) & set(change.issue.asks):
        change.without_clocks.add("signature")


def lapse_about_part(change: Change, department_id: int) -> None:
    """A co-department owes its part no more: documents about it lapse, another organisation's may come."""
    about = [row for row in change.requests if row.kind in DRAFTS and row.kind in change.issue.asks]
    about = [row for row in about if (row.deadline_kind, row.department_id) == (DeadlineKind.CO_REPLY, department_id)]
    change.lapse(RequestKind(row.kind) for row in about)
    for row in about:
        _draw_next(change, row)


def _draw_next(change: Change, decided: Request) -> None:
    """What the clock had to draw up for another organisation, while only one such document could wait, comes now."""
    overdue = [row for row in (*change.clocks.rows, *_promises(change)) if row.is_overdue(change.at)]
    others = {row.pk: row for row in overdue if row.party_id != decided.department_id and row.kind != "urge_reply"}
    if others:
        _draw_unsaid(change, others, DRAFTS[: DRAFTS.index(RequestKind(decided.kind)) + 1])


def draw_again(change: Change, rows: Iterable[Deadline], lapsed: Collection[str]) -> None:
    """What lapsed by mistake about these clocks, which have passed, waits for its signature again."""
    passed = {row.pk: row for row in rows if row.due_at <= change.at}
    if passed and set(DRAFTS) & set(lapsed):
        _draw_unsaid(change, passed, [kind for kind in DRAFTS if kind in lapsed])


def _draw_unsaid(change: Change, about: Mapping[int, Deadline], kinds: Collection[RequestKind]) -> None:
    """Draw up the latest document of these kinds that the clock came to and that nobody decided, if there is one."""
    reminded = Event.objects.of(SUBJECT, change.issue.pk).of_kinds(["remind"]).order_by("-seq")
    for rung, pk in reminded.values_list("data__rung", "data__deadline"):
        if pk in about and rung in kinds:
            kind, missed = RequestKind(rung), about[pk]
            if not _is_done(change, kind, missed) and not _is_refused(kind, missed):
                _draw(change, kind, missed)
                return


def _is_refused(kind: RequestKind, missed: Deadline) -> bool:
    """Whether somebody refused to sign it since this due time passed."""
    graver = DRAFTS[DRAFTS.index(kind) :]
    refused = Request.objects.filter(deadline_id=missed.pk, kind__in=graver, state=RequestState.REFUSED)
    return refused.filter(decided_at__gte=missed.due_at).exists()


def _draw(change: Change, kind: RequestKind, missed: Deadline) -> None:
    words = _words(change, kind, missed)
    about = {"deadline_id": missed.pk, "deadline_kind": missed.kind, "department_id": missed.party_id}
    change.put(kind, by_clock=True, text=words, **about)
    change.more_clocks += start("signature")
    facts = {"deadline": missed.pk, "deadline_kind": missed.kind, "due_at": missed.due_at.isoformat()}
    change.also.append(_drawn(change, kind, words, {**facts, "party": missed.party_id}))


def _drawn(change: Change, kind: RequestKind, words: str, facts: dict[str, Any]) -> Entry:
    """The event that tells what the clock drew up with this action."""
    return Entry(
        subject_kind=SUBJECT,
        subject_id=change.issue.pk,
        kind="supervise",
        at=change.at,
        data={
            "status": change.issue.status,
            "version": change.issue.version + 1,
            "kind": kind.value,
            "request": kind.value,
            **facts,
        },
        texts={"note": words},
    )


def _due_of(change: Change, request: Request) -> datetime | None:
    if request.deadline_id is None:
        return None
    own = next((row for row in change.clocks.rows if row.pk == request.deadline_id), None)
    return (own or Deadline.objects.get(pk=request.deadline_id)).due_at


def _want_reply(change: Change, request: Request) -> datetime | None:
    """The clock of the written reply is owed by whom the order is addressed to; one that runs already goes on."""
    running = change.clocks.running(REPLY)
    if running is not None:
        return running.due_at
    choice = change.clocks.limits.get(REPLY)
    if choice is None:
        return None
    change.clocks.fixed[REPLY] = Fixed(None, choice.reason, choice.limit, request.department_id)
    return choice.limit.due(change.at, change.clocks.calendar).due_at


def _apply_quarter_rule(change: Change, paper: Paper) -> None:
    """Two yellow cards of a department that stand in one quarter: a red one is drawn up for the director at once.

    The number's lock lets one yellow card of a sub-district be signed at a time, so neither of two overlooks the other.
    """
    if paper.department_id is None or RequestKind.RED_CARD in change.issue.asks:
        return
    first, end = drafts.quarter_of(change.at)
    standing = Paper.objects.cards_of(paper.department_id, PaperKind.YELLOW_CARD, first, end).order_by("id")
    numbers = list(standing.values_list("number", flat=True))
    if len(numbers) < 2:
        return
    words = drafts.words_for_two_cards(_name_of(paper.department_id), numbers)
    change.put(
        RequestKind.RED_CARD,
        by_clock=True,
        text=words,
        deadline_id=paper.deadline_id,
        deadline_kind=paper.deadline_kind,
        department_id=paper.department_id,
    )
    change.more_clocks += start("signature")
    change.without_clocks.discard("signature")
    facts = {"cards": numbers, "party": paper.department_id}
    change.also.append(_drawn(change, RequestKind.RED_CARD, words, facts))


def refuse_sign(change: Change) -> None:
    """不予签发, with the reason."""
    _decide(change, change.open_request(_draft(change)), RequestState.REFUSED)


def lift(change: Change) -> None:
    """解除: back to urged where anybody urged, else to nothing; its orders and cards stand no longer."""
    to = Supervision.URGED if change.issue.urge_count else Supervision.NONE
    change.facts |= {
        "lifted": change.issue.supervision,
        "supervision": to.value,
        "papers": lift_papers(change.issue, at=change.at, by_id=change.by.user_id),
    }
    change.set(supervision=to)
