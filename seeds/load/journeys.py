"""What becomes of one synthetic issue: its kind and source, the steps it takes and when. The rules are the ledger's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from deadlines.calendar import WorkCalendar
from deadlines.limits import Limit, Unit
from issues.enums import RejectReason
from seeds.load.ledger import Ledger
from seeds.load.records import Clocking
from seeds.load.reference import RESIDENT, CategoryRef, CommunityRef, DepartmentRef, Reference, SeedActor
from seeds.load.texts import NOTES
from seeds.load.timeline import instant

_HOUR, _DAY = 3600, 86400
_OFFSET: Final = 8 * _HOUR
_OPENS, _OFFICE = 8 * _HOUR + 1800, 9 * _HOUR

_KINDS: Final = ("enquiry",) * 48 + ("help",) * 25 + ("complaint",) * 18 + ("suggestion",) * 5 + ("report",) * 4
_SOURCES: Final = (
    ("phone",) * 36 + ("web",) * 24 + ("counter",) * 16 + ("hotline_12345",) * 12 + ("patrol",) * 8 + ("liaison",) * 4
)
_OUTCOMES: Final = ("solved",) * 13 + ("partly",) * 2 + ("explained",) * 4 + ("unfounded",)
_ANSWERED_AT_ONCE: Final = (("", ""), ("", ""), ("", ""), ("satisfied", "yes"))
_VERDICTS: Final = (("satisfied", "yes"),) * 14 + (("fairly", "yes"),) * 3 + (("fairly", "partly"),) * 2
_REASONS: Final = (RejectReason.PETITION, RejectReason.COURT, RejectReason.HOTLINE, RejectReason.OUT_OF_AREA)
_STAGES: Final = (
    ("submitted",) * 12
    + ("accepted",) * 8
    + ("dispatched",) * 12
    + ("in_progress",) * 46
    + ("replied",) * 11
    + ("follow_up",) * 11
)
_EARLY: Final = frozenset({"submitted", "accepted", "dispatched"})
_LEADS_TO: Final = {
    "accepted": ("accept", "return"),
    "dispatched": ("dispatch",),
    "in_progress": ("acknowledge", "transfer_out", "redo"),
    "replied": ("reply",),
    "follow_up": ("verify_pass",),
}
_UNDER_WAY: Final = (
    (0.05, "suspend"),
    (0.15, "request_extension"),
    (0.17, "supervise"),
    (0.23, "add_department"),
    (0.25, "publish"),
)
"""Up to which chance which of them: shares of all issues that a department works on."""
_PLANNED: Final = 0.03
_LONGEST_WAIT: Final = {
    "submitted": 2 * _DAY,
    "accepted": 12 * _HOUR,
    "dispatched": 30 * _HOUR,
    "in_progress": 8 * _DAY,
    "replied": 60 * _HOUR,
    "follow_up": 6 * _DAY,
}


@dataclass(frozen=True, slots=True)
class Ids:
    """What is fixed before the journey: the number's serial, and ids of rows that it may have."""

    serial: int
    first_file_id: int
    commitment_id: int


class Journey:
    """One issue's way, decided by ``random``; ``walk`` returns the ledger that it fills."""

    def __init__(self, random: Random, reference: Reference, clocking: Clocking, contacts: Sequence[int]) -> None:
        self.random, self.reference, self.clocking = random, reference, clocking
        choice = random.choice
        self.community: CommunityRef = choice(reference.communities)
        self.category: CategoryRef = choice(reference.categories)
        self.praise = random.random() < 0.01 and reference.supervisor is not None
        self.kind = "praise" if self.praise else choice(_KINDS)
        self.source: str = choice(_SOURCES)
        reachable = self.source not in ("patrol", "liaison") and random.random() < 0.94
        self.contact_id = choice(contacts) if reachable or self.source == "web" else None
        self.clerk: SeedActor = choice(self.community.clerks)
        self.level = choice(("urgent", "complex", "critical")) if random.random() < 0.02 else ""
        self.external = False
        self.department, self.officer, self.checker = self._who_handles()

    def _who_handles(self) -> tuple[int, SeedActor, SeedActor]:
        """The department, who answers there, and who checks the answer."""
        community, category = self.community, self.category
        two_people = community.team_id is not None and community.checker.pk != self.clerk.pk
        if category.external and category.department_id is not None and two_people:
            self.external = True
            return category.department_id, self.clerk, community.checker
        department = self.reference.departments.get(category.department_id or 0)
        if department is not None:
            return department.pk, self.random.choice(department.officers), self.clerk
        if two_people and self.reference.supervisor is not None and community.team_id is not None:
            return community.team_id, self.clerk, community.checker
        department = self._other_department(0)
        return department.pk, department.officers[0], self.clerk

    def _other_department(self, than: int) -> DepartmentRef:
        rows = [row for row in self.reference.departments.values() if row.pk != than]
        return self.random.choice(rows or list(self.reference.departments.values()))

    def walk(self, logged: int, now: int, *, unfinished: bool, title: str, ids: "Ids") -> Ledger:
        """``logged`` and ``now`` in seconds since 1970; an ``unfinished`` issue is still open at ``now``."""
        self.now = now
        path = self._path(unfinished)
        if unfinished:
            path = self._cut(path, now - logged)
            times = self._spread(path, logged, now)
        else:
            times = self._times(path, logged, now)
        unsaid = self.source == "web" and self.random.random() < 0.4
        ledger = Ledger(
            self.clocking,
            self.community,
            kind=self.kind,
            source=self.source,
            category=None if unsaid else self.category,
            level=self.level,
            contact_id=self.contact_id,
            serial=ids.serial,
            first_file_id=ids.first_file_id,
            commitment_id=ids.commitment_id,
        )
        by = RESIDENT if self.source == "web" else self.clerk
        ledger.create(instant(logged), by, title)
        for action, at in zip(path, times, strict=True):
            _STEPS[action](self, ledger, at)
        kept = max(self.kept, int(ledger.changed_at.timestamp()) + 600)
        if self.kept and kept <= now:
            ledger.fulfil(instant(kept), self.officer, self.note("verify_pass"))
        return ledger

    def _path(self, unfinished: bool) -> list[str]:
        chance = self.random.random()
        if not unfinished:
            if self.praise or (self.kind == "enquiry" and chance < 0.8):
                return ["answer_now"]
            if chance < 0.05:
                return ["reject"]
            if chance < 0.08 and self.contact_id is not None:
                return ["withdraw"] if chance < 0.065 else ["accept", "withdraw"]
        path = []
        if self.contact_id is not None and self.source not in ("phone", "counter"):
            path.append("contact")
        path.append("accept")
        if self.external:
            path += ["transfer_out", "progress"]
        else:
            path.append("dispatch")
            if chance > 0.975 and len(self.reference.departments) > 1:
                path += ["return", "dispatch"]
            path.append("acknowledge")
            path += ["add_department", "co_reply"] if self.random.random() < 0.04 else []
            path += ["progress"] if self.random.random() < 0.12 else []
        path += ["publish"] if self.random.random() < 0.02 else []
        self.redone = not self.external and self.random.random() < 0.04
        path += ["reply", "redo", "reply"] if self.redone else ["reply"]
        path.append("verify_pass")
        return [*path, "record_follow_up"] if self.contact_id is not None else path

    def _cut(self, path: list[str], age: int) -> list[str]:
        """The steps done so far of an issue that is still open."""
        stage = self.random.choice(_STAGES)
        if stage in _EARLY and age > _LONGEST_WAIT[stage] * 2 and self.random.random() < 0.75:
            stage = self.random.choice(("in_progress", "in_progress", "in_progress", "replied", "follow_up"))
        if stage == "follow_up" and self.contact_id is None:
            stage = "in_progress"
        if self.external and stage == "dispatched":
            stage = "in_progress"
        if stage == "submitted":
            return path[:1] if path[0] == "contact" and self.random.random() < 0.6 else []
        last = max(position for position, action in enumerate(path) if action in _LEADS_TO[stage])
        if stage == "in_progress" and path[last + 1] == "progress":
            last += 1
        self._stage = stage
        more = self._under_way() if stage == "in_progress" and not self.external else ""
        return [*path[: last + 1], more] if more else path[: last + 1]

    def _under_way(self) -> str:
        """What besides is going on with an issue that a department works on, "" for nothing."""
        chance = self.random.random()
        return next((action for share, action in _UNDER_WAY if chance < share), "")

    _stage = "submitted"
    helper: DepartmentRef | None = None
    now = 0
    redone = False
    kept = 0

    def _spread(self, path: list[str], logged: int, now: int) -> list[int]:
        """Times of an open issue: the last step is recent."""
        if not path:
            return []
        random = self.random.random
        last = now - int(min(now - logged, _LONGEST_WAIT[self._stage]) * random() * 0.98)
        before = sorted(logged + int((last - logged) * random() ** 2) for _step in path[1:])
        return self._in_office([*before, last], logged, now)

    def _times(self, path: list[str], logged: int, now: int) -> list[int]:
        """Times of an issue that has ended: as long as such steps take, but never after ``now``."""
        at, times = logged, []
        for action in path:
            at += self._length(action)
            times.append(at)
        if at > now:
            times = [logged + (time - logged) * (now - logged) // (at - logged) for time in times]
        return self._in_office(times, logged, now)

    def _length(self, action: str) -> int:
        low, high = _LENGTHS[action] if action != "reply" else self._handling()
        return low + int((high - low) * self.random.random())

    def _handling(self) -> tuple[int, int]:
        """Mostly within the limit, one in eight too late."""
        choice = self.clocking.limits(self.level, self.category, self.kind).get("handle")
        limit = _length_of(choice.limit) if choice else 40 * _DAY
        if self.random.random() < 0.12:
            return limit, limit * 2
        return limit // 10, limit * 7 // 10

    def _in_office(self, times: list[int], logged: int, now: int) -> list[int]:
        """Moves every step into office hours of the same or the next working day and keeps the order."""
        calendar, before, moved = self.clocking.calendar, logged, []
        for time in times:
            day, second = divmod(time + _OFFSET, _DAY)
            start, length = _OPENS, _OFFICE
            if not calendar.is_workday(date.fromordinal(_EPOCH + day)):
                day, length = _next_workday(calendar, day), _HOUR
            at = day * _DAY - _OFFSET + start + second * length // _DAY
            before = min(max(at, before + 30), now)
            moved.append(before)
        return moved

    def note(self, action: str) -> str:
        """Words for this step."""
        return self.random.choice(NOTES[action])


_EPOCH: Final = date(1970, 1, 1).toordinal()
_LENGTHS: Final = {
    "contact": (600, 5 * _HOUR),
    "accept": (600, 5 * _HOUR),
    "dispatch": (300, 4 * _HOUR),
    "return": (_HOUR, 8 * _HOUR),
    "acknowledge": (900, 20 * _HOUR),
    "progress": (_HOUR, 30 * _HOUR),
    "transfer_out": (300, 4 * _HOUR),
    "add_department": (_HOUR, 8 * _HOUR),
    "co_reply": (2 * _HOUR, 30 * _HOUR),
    "publish": (600, 8 * _HOUR),
    "redo": (2 * _HOUR, 30 * _HOUR),
    "verify_pass": (_HOUR, 50 * _HOUR),
    "record_follow_up": (_HOUR, 5 * _DAY),
    "reject": (1800, 8 * _HOUR),
    "withdraw": (_HOUR, 2 * _DAY),
    "answer_now": (120, 1800),
}


def _next_workday(calendar: WorkCalendar, day: int) -> int:
    return calendar.next_workday(date.fromordinal(_EPOCH + day)).toordinal() - _EPOCH


def _length_of(limit: Limit) -> int:
    """Roughly how many seconds go by until the limit ends."""
    if limit.unit is Unit.WORKING_DAYS:
        return limit.amount * _DAY * 7 // 5
    if limit.unit is Unit.DAYS:
        return limit.amount * _DAY
    return limit.minutes * (180 if limit.is_working else 60)


def _contact(journey: Journey, ledger: Ledger, at: int) -> None:
    ledger.contact(instant(at), journey.clerk, journey.note("contact"))


def _accept(journey: Journey, ledger: Ledger, at: int) -> None:
    ledger.accept(instant(at), journey.clerk, journey.category)


def _reject(journey: Journey, ledger: Ledger, at: int) -> None:
    reason = journey.random.choice(_REASONS).value
    ledger.reject(instant(at), journey.clerk, reason, journey.note("reject"))


def _withdraw(journey: Journey, ledger: Ledger, at: int) -> None:
    ledger.withdraw(instant(at), RESIDENT)


def _answer_now(journey: Journey, ledger: Ledger, at: int) -> None:
    verdict, solved = journey.random.choice(_ANSWERED_AT_ONCE) if ledger.contact_id is not None else ("", "")
    by = journey.reference.supervisor if journey.praise and journey.reference.supervisor else journey.clerk
    note = journey.note("answer_now")
    ledger.answer_now(instant(at), by, journey.category, verdict=verdict, solved=solved, note=note)


def _dispatch(journey: Journey, ledger: Ledger, at: int) -> None:
    if ledger.return_count:
        department = journey._other_department(journey.department)
        journey.department, journey.officer, journey.checker = department.pk, department.officers[0], journey.clerk
    ledger.dispatch(instant(at), journey.clerk, journey.department)


def _return(journey: Journey, ledger: Ledger, at: int) -> None:
    ledger.send_back(instant(at), journey.officer, journey.note("return"))


def _acknowledge(journey: Journey, ledger: Ledger, at: int) -> None:
    ledger.acknowledge(instant(at), journey.officer)


def _progress(journey: Journey, ledger: Ledger, at: int) -> None:
    ledger.progress(instant(at), journey.officer, journey.note("progress"))


def _transfer_out(journey: Journey, ledger: Ledger, at: int) -> None:
    ledger.transfer_out(instant(at), journey.clerk, journey.department)


def _add_department(journey: Journey, ledger: Ledger, at: int) -> None:
    others = [row for row in journey.reference.departments.values() if row.pk not in ledger.parts]
    if others:
        journey.helper = journey.random.choice(others)
        ledger.add_department(instant(at), journey.officer, journey.helper.pk)


def _co_reply(journey: Journey, ledger: Ledger, at: int) -> None:
    if journey.helper is not None:
        ledger.co_reply(instant(at), journey.helper.officers[0], journey.helper.pk, journey.note("progress"))


def _request_extension(journey: Journey, ledger: Ledger, at: int) -> None:
    """Asked for while the time still ran."""
    handle, moment = ledger.running("handle"), instant(at)
    if handle is not None and handle.due_at > ledger.changed_at:
        moment = min(moment, (ledger.changed_at + (handle.due_at - ledger.changed_at) / 2).replace(microsecond=0))
        ledger.request_extension(moment, journey.officer, journey.random.randint(1, 3), journey.note("wait"))


def _suspend(journey: Journey, ledger: Ledger, at: int) -> None:
    """Asked for at least a minute before now, so that it can be granted a minute later."""
    if journey.reference.supervisor is not None and at + 60 <= journey.now:
        until = instant(at).date() + timedelta(days=journey.random.randint(10, 90))
        ledger.suspend(instant(at), journey.officer, journey.reference.supervisor, until, journey.note("wait"))


def _supervise(journey: Journey, ledger: Ledger, at: int) -> None:
    if journey.reference.supervisor is not None:
        ledger.supervise(instant(at), journey.reference.supervisor, journey.note("order"))


def _publish(journey: Journey, ledger: Ledger, at: int) -> None:
    if ledger.kind != "report":
        ledger.publish(instant(at), journey.clerk, f"{journey.community.name}诉求办理", journey.note("progress"))


def _reply(journey: Journey, ledger: Ledger, at: int) -> None:
    note = journey.note("reply")
    if journey.random.random() < _PLANNED and not (journey.external or journey.redone):
        moment = instant(at)
        due_on = moment.date() + timedelta(days=journey.random.randint(20, 180))
        ledger.reply(moment, journey.officer, "planned", note, due_on)
        kept = at + int((due_on - moment.date()).days * _DAY * journey.random.uniform(0.4, 0.98))
        journey.kept = kept if journey.random.random() < 0.9 else 0
        return
    ledger.reply(instant(at), journey.officer, journey.random.choice(_OUTCOMES), note)


def _redo(journey: Journey, ledger: Ledger, at: int) -> None:
    ledger.redo(instant(at), journey.checker, journey.note("redo"))


def _verify_pass(journey: Journey, ledger: Ledger, at: int) -> None:
    supervisor = journey.reference.supervisor
    by = supervisor if ledger.sampled and supervisor is not None else journey.checker
    ledger.verify_pass(instant(at), by, "phone", journey.note("verify_pass"))


def _record_follow_up(journey: Journey, ledger: Ledger, at: int) -> None:
    ledger.record_follow_up(instant(at), journey.clerk, *journey.random.choice(_VERDICTS))


_STEPS: Final[dict[str, Callable[[Journey, Ledger, int], None]]] = {
    "accept": _accept,
    "acknowledge": _acknowledge,
    "add_department": _add_department,
    "answer_now": _answer_now,
    "co_reply": _co_reply,
    "contact": _contact,
    "dispatch": _dispatch,
    "progress": _progress,
    "publish": _publish,
    "record_follow_up": _record_follow_up,
    "redo": _redo,
    "reject": _reject,
    "reply": _reply,
    "request_extension": _request_extension,
    "return": _return,
    "supervise": _supervise,
    "suspend": _suspend,
    "transfer_out": _transfer_out,
    "verify_pass": _verify_pass,
    "withdraw": _withdraw,
}
FILES: Final = 2
"""No journey attaches more files than this: as many ids are reserved."""
LONGEST: Final = 24
"""No journey has more events than this, its creation included: a journey's event ids are reserved by this many."""
