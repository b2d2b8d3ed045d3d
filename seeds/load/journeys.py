"""What becomes of one synthetic issue: who reports what, which steps are taken, by whom and when.

What a step does is the services' (``seeds.load.recording`` lets them take it).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from random import Random
from typing import Any, Final, TypeVar

from communities.actors import Actor
from deadlines.calendar import WorkCalendar
from deadlines.limits import Limit, Unit
from issues.enums import RejectReason
from seeds.load.reference import CategoryRef, CommunityRef, DepartmentRef, Reference
from seeds.load.texts import NOTES
from seeds.load.timeline import instant

RowT = TypeVar("RowT")
_HOUR, _DAY = 3600, 86400
_OFFSET: Final = 8 * _HOUR
_EPOCH: Final = date(1970, 1, 1).toordinal()
_APART: Final = 30
"""Seconds between two steps at least."""
_OPENS, _OFFICE = 8 * _HOUR + 1800, 9 * _HOUR

_KINDS: Final = (
    *(("enquiry",) * 47 + ("help",) * 25 + ("complaint",) * 18),
    *(("suggestion",) * 5 + ("report",) * 4 + ("praise",)),
)
_SOURCES: Final = (
    ("phone",) * 36 + ("web",) * 24 + ("counter",) * 16 + ("hotline_12345",) * 12 + ("patrol",) * 8 + ("liaison",) * 4
)
_OUTCOMES: Final = ("solved",) * 13 + ("partly",) * 2 + ("explained",) * 4 + ("unfounded",)
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
_UNDER_WAY: Final[tuple[tuple[float, tuple[str, ...]], ...]] = (
    (0.05, ("request_suspension", "grant_suspension")),
    (0.15, ("request_extension",)),
    (0.17, ("supervise",)),
    (0.23, ("add_department",)),
    (0.25, ("publish",)),
)
"""Up to which chance which of them: shares of all issues that a department works on."""
_JOINED: Final = 0.02
"""So many of those that a department works on had another person's matter joined to them."""
_PLANNED: Final = 0.03
_LONGEST_WAIT: Final = {
    "submitted": 2 * _DAY,
    "accepted": 12 * _HOUR,
    "dispatched": 30 * _HOUR,
    "in_progress": 8 * _DAY,
    "replied": 60 * _HOUR,
    "follow_up": 6 * _DAY,
}
_LENGTHS: Final = {
    "contact": (600, 5 * _HOUR),
    "merge": (600, 2 * _HOUR),
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


@dataclass(frozen=True, slots=True)
class SeedStep:
    """One action; ``by`` is None for the resident who reported the matter."""

    at: int
    action: str
    by: Actor | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Lot:
    """What falls to one issue, drawn for all together so that everything comes as often as it should.

    ``logged`` and ``now`` in seconds since 1970; ``kind``, ``way``, ``turn`` and ``extra`` from 0 to 1.
    """

    community: CommunityRef
    category: CategoryRef
    logged: int
    now: int
    unfinished: bool
    kind: float
    way: float
    turn: float
    extra: float


def draw_lots(
    random: Random, reference: Reference, moments: Sequence[int], now: int, *, unfinished: bool
) -> Iterator[Lot]:
    """One for each moment. Multiples of irrational numbers fall evenly, also among the issues of one kind."""
    number = len(moments)
    communities = _in_turn(random, reference.communities, number)
    categories = _in_turn(random, reference.categories, number)
    moments = random.sample(moments, number)
    for place, (community, category, logged) in enumerate(zip(communities, categories, moments, strict=True)):
        parts = [(place * step + random.random() / number) % 1 for step in _STEPS]
        yield Lot(community, category, logged, now, unfinished, (place + random.random()) / number, *parts)


_STEPS: Final = (sqrt(5) / 2 - 0.5, sqrt(2), sqrt(3))


def _in_turn(random: Random, rows: Sequence[RowT], number: int) -> list[RowT]:
    """``number`` of the rows, each as often as any other."""
    found: list[RowT] = []
    while len(found) < number:
        found += random.sample(rows, len(rows))
    return found[:number]


class Journey:
    """One issue's way, by its lot and by ``random``: ``steps`` in order, all before now."""

    def __init__(self, random: Random, reference: Reference, lot: Lot) -> None:
        self.random, self.reference, self.lot = random, reference, lot
        self.community, self.category = lot.community, lot.category
        choice = random.choice
        kind = _KINDS[int(lot.kind * len(_KINDS))]
        self.praise = kind == "praise" and reference.supervisor is not None
        self.kind = kind if self.praise or kind != "praise" else "enquiry"
        self.source: str = choice(_SOURCES)
        self.reachable = self.source == "web" or (self.source not in ("patrol", "liaison") and random.random() < 0.94)
        self.clerk: Actor = choice(self.community.clerks)
        self.level = choice(("urgent", "complex", "critical")) if random.random() < 0.02 else ""
        self.unsaid = self.source == "web" and random.random() < 0.4
        self.external = False
        self.department, self.officer, self.checker = self._who_handles()
        self.helper: DepartmentRef | None = None
        self.joined = self.kept = 0
        self.steps: list[SeedStep] = []
        self._walk()

    @property
    def logged_by(self) -> Actor | None:
        """Who logged it; None for the resident."""
        return None if self.source == "web" else self.clerk

    def _who_handles(self) -> tuple[str, Actor, Actor]:
        """The department, who answers there, and who checks the answer."""
        community, category = self.community, self.category
        two_people = bool(community.team) and community.checker.user_id != self.clerk.user_id
        if category.external and two_people:
            self.external = True
            return category.department, self.clerk, community.checker
        department = self.reference.departments.get(category.department)
        if department is not None:
            return department.code, self.random.choice(department.officers), self.clerk
        if two_people and self.reference.supervisor is not None:
            return community.team, self.clerk, community.checker
        department = self._other_department("")
        return department.code, department.officers[0], self.clerk

    def _other_department(self, than: str) -> DepartmentRef:
        rows = [row for row in self.reference.departments.values() if row.code != than]
        return self.random.choice(rows or list(self.reference.departments.values()))

    def _walk(self) -> None:
        logged, now = self.lot.logged, self.lot.now
        path = self._path()
        if self.lot.unfinished:
            path, stage = self._cut(path, now - logged)
            path = path[: (now - logged) // (2 * _APART)]
            self.joined = path.count("merge")
            times = self._spread(path, _LONGEST_WAIT[stage])
        else:
            times = self._times(path)
        for action, at in zip(path, times, strict=True):
            self._step(action, at)

    def _step(self, action: str, at: int) -> None:
        if action == "add_department":
            self.helper = self._other_department(self.department)
        data = dict(_DATA[action](self, at))
        self.steps.append(SeedStep(at, action, self._person(action), data))
        if action == "return":
            other = self._other_department(self.department)
            self.department, self.officer, self.checker = other.code, other.officers[0], self.clerk
        if "due_on" in data:
            self._keep(at, date.fromisoformat(data["due_on"]))

    def _person(self, action: str) -> Actor | None:
        if action in _BY_OFFICER:
            return self.officer
        if action in _BY_SUPERVISOR or (action == "answer_now" and self.praise):
            return self.reference.supervisor
        if action in ("redo", "verify_pass"):
            return self.checker
        if action == "co_reply" and self.helper is not None:
            return self.helper.officers[0]
        return None if action == "withdraw" else self.clerk

    def _keep(self, at: int, due_on: date) -> None:
        """Nine promises of ten are kept, most in good time."""
        days = due_on.toordinal() - instant(at).date().toordinal()
        kept = at + int(days * _DAY * self.random.uniform(0.4, 0.98))
        self.kept = kept if self.random.random() < 0.9 else 0

    def keep_promise(self, changed: int) -> SeedStep | None:
        """The last step, after all others, where the matter last ``changed``: what was promised was done."""
        kept = max(self.kept, changed + 600)
        if not self.kept or kept > self.lot.now:
            return None
        return SeedStep(kept, "fulfil", self.officer, {"note": self.note("verify_pass")})

    def _path(self) -> list[str]:
        way, turn = self.lot.way, self.lot.turn
        if not self.lot.unfinished:
            if self.praise or (self.kind == "enquiry" and way < 0.8):
                return ["answer_now"]
            if way < 0.05:
                return ["reject"]
            if way < 0.08 and self.reachable:
                return ["withdraw"] if way < 0.065 else ["accept", "withdraw"]
        path = ["contact"] if self.reachable and self.source not in ("phone", "counter") else []
        path += ["accept", *self._to_department()]
        path += ["publish"] if self.kind != "report" and 0.08 < turn < 0.10 else []
        path += ["reply", "redo", "reply"] if self.is_redone() else ["reply"]
        path.append("verify_pass")
        return [*path, "record_follow_up"] if self.reachable else path

    def is_redone(self) -> bool:
        """Whether the answer is sent back once."""
        return not self.external and 0.04 < self.lot.turn < 0.08

    def _to_department(self) -> list[str]:
        if self.external:
            return ["transfer_out", "progress"]
        several, turn = len(self.reference.departments) > 1, self.lot.turn
        path = ["dispatch", "return", "dispatch"] if several and 0.10 < turn < 0.125 else ["dispatch"]
        path.append("acknowledge")
        path += ["add_department", "co_reply"] if several and turn < 0.04 else []
        return [*path, "progress"] if turn > 0.88 else path

    def _cut(self, path: list[str], age: int) -> tuple[list[str], str]:
        """The steps done so far of an issue that is still open, and its stage."""
        stage = self._stage(age)
        if stage == "submitted":
            return (path[:1] if path[0] == "contact" and self.random.random() < 0.6 else []), stage
        last = max(position for position, action in enumerate(path) if action in _LEADS_TO[stage])
        if stage == "in_progress" and path[last + 1] == "progress":
            last += 1
        path = path[: last + 1]
        if stage == "in_progress" and not self.external:
            path += self._under_way()
            self._let_join(path)
        return path, stage

    def _stage(self, age: int) -> str:
        stage = _STAGES[int(self.lot.way * len(_STAGES))]
        if stage in _EARLY and age > _LONGEST_WAIT[stage] * 2 and self.random.random() < 0.75:
            stage = self.random.choice(("in_progress", "in_progress", "in_progress", "replied", "follow_up"))
        if (stage == "follow_up" and not self.reachable) or (stage == "dispatched" and self.external):
            return "in_progress"
        return stage

    def _under_way(self) -> tuple[str, ...]:
        """What besides is going on with an issue that a department works on."""
        found = next((actions for share, actions in _UNDER_WAY if self.lot.extra < share), ())
        without = self.reference.supervisor is None and _BY_SUPERVISOR.intersection(found)
        return () if without or (self.kind == "report" and "publish" in found) else found

    def _let_join(self, path: list[str]) -> None:
        """Others who report the same are joined to it before it is accepted."""
        if self.lot.extra > 1 - _JOINED:
            place = path.index("accept")
            path[place:place] = ["merge"] * self.random.choice((1, 1, 1, 2, 3))

    def _spread(self, path: Sequence[str], longest: int) -> list[int]:
        """Times of an open issue: the last step is recent."""
        if not path:
            return []
        random, logged, now = self.random.random, self.lot.logged, self.lot.now
        last = now - int(min(now - logged, longest) * random() * 0.98)
        before = sorted(logged + int((last - logged) * random() ** 2) for _step in path[1:])
        return self._in_office([*before, last])

    def _times(self, path: Sequence[str]) -> list[int]:
        """Times of an issue that has ended: as long as such steps take, but never after now."""
        logged, now = self.lot.logged, self.lot.now
        at, times = logged, []
        for action in path:
            at += self._length(action)
            times.append(at)
        if at > now:
            times = [logged + (time - logged) * (now - logged) // (at - logged) for time in times]
        return self._in_office(times)

    def _length(self, action: str) -> int:
        low, high = _LENGTHS[action] if action != "reply" else self._handling()
        return low + int((high - low) * self.random.random())

    def _handling(self) -> tuple[int, int]:
        """Mostly within the limit, one in eight too late."""
        category = self.category
        limits = self.reference.rules.limits_for(
            self.level or None, category.override or None, self.kind, category_code=category.code
        )
        limit = _length_of(limits["handle"].limit) if "handle" in limits else 40 * _DAY
        if self.random.random() < 0.12:
            return limit, limit * 2
        return limit // 10, limit * 7 // 10

    def _in_office(self, times: Sequence[int]) -> list[int]:
        """Moves every step into office hours of the same or the next working day and keeps the order, until now."""
        calendar, before, moved = self.reference.calendar, self.lot.logged, []
        for following, time in zip(range(len(times) - 1, -1, -1), times, strict=True):
            day, second = divmod(time + _OFFSET, _DAY)
            length = _OFFICE
            if not calendar.is_workday(date.fromordinal(_EPOCH + day)):
                day, length = _next_workday(calendar, day), _HOUR
            at = day * _DAY - _OFFSET + _OPENS + second * length // _DAY
            before = min(max(at, before + _APART), self.lot.now - following * _APART)
            moved.append(before)
        return moved

    def note(self, action: str) -> str:
        """Words for this step."""
        return self.random.choice(NOTES[action])


def _next_workday(calendar: WorkCalendar, day: int) -> int:
    return calendar.next_workday(date.fromordinal(_EPOCH + day)).toordinal() - _EPOCH


def _length_of(limit: Limit) -> int:
    """Roughly how many seconds go by until the limit ends."""
    if limit.unit is Unit.WORKING_DAYS:
        return limit.amount * _DAY * 7 // 5
    if limit.unit is Unit.DAYS:
        return limit.amount * _DAY
    return limit.minutes * (180 if limit.is_working else 60)


_BY_OFFICER: Final = frozenset(
    {"return", "acknowledge", "progress", "add_department", "request_extension", "request_suspension", "reply"}
)
_BY_SUPERVISOR: Final = frozenset({"grant_suspension", "supervise"})


def _in_days(at: int, days: int) -> str:
    return (instant(at).date() + timedelta(days=days)).isoformat()


def _answer_now(journey: Journey, at: int) -> Mapping[str, Any]:
    said = journey.reachable and journey.random.random() < 0.25
    verdict = {"verdict": "satisfied", "solved": "yes"} if said else {}
    return {"category": journey.category.code, "note": journey.note("answer_now"), **verdict}


def _suspension(journey: Journey, at: int) -> Mapping[str, Any]:
    until = _in_days(at, journey.random.randint(10, 90))
    return {"reason": "funding", "until": until, "interim_answer": journey.note("wait")}


def _reply(journey: Journey, at: int) -> Mapping[str, Any]:
    if journey.random.random() < _PLANNED and not (journey.external or journey.is_redone()):
        due_on = _in_days(at, journey.random.randint(20, 180))
        return {"outcome": "planned", "note": journey.note("reply"), "due_on": due_on}
    return {"outcome": journey.random.choice(_OUTCOMES), "note": journey.note("reply")}


def _record_follow_up(journey: Journey, at: int) -> Mapping[str, Any]:
    verdict, solved = journey.random.choice(_VERDICTS)
    return {"verdict": verdict, "solved": solved}


_DATA: Final[dict[str, Callable[[Journey, int], Mapping[str, Any]]]] = {
    "accept": lambda journey, at: {"category": journey.category.code},
    "acknowledge": lambda journey, at: {},
    "add_department": lambda journey, at: {"department": journey.helper.code if journey.helper else ""},
    "answer_now": _answer_now,
    "co_reply": lambda journey, at: {"note": journey.note("progress")},
    "contact": lambda journey, at: {"channel": "phone", "result": "reached", "note": journey.note("contact")},
    "dispatch": lambda journey, at: {"department": journey.department},
    "grant_suspension": lambda journey, at: {},
    "merge": lambda journey, at: {},
    "progress": lambda journey, at: {"note": journey.note("progress"), "visible_to_resident": True},
    "publish": lambda journey, at: {"title": f"{journey.community.name}诉求办理", "text": journey.note("progress")},
    "record_follow_up": _record_follow_up,
    "redo": lambda journey, at: {"reason": journey.note("redo")},
    "reject": lambda journey, at: {"reason": journey.random.choice(_REASONS).value, "note": journey.note("reject")},
    "reply": _reply,
    "request_extension": lambda journey, at: {"days": journey.random.randint(1, 3), "reason": journey.note("wait")},
    "request_suspension": _suspension,
    "return": lambda journey, at: {"reason": "not_ours", "basis": journey.note("return")},
    "supervise": lambda journey, at: {"kind": "order", "note": journey.note("order")},
    "transfer_out": lambda journey, at: {"department": journey.department},
    "verify_pass": lambda journey, at: {"check": "phone", "note": journey.note("verify_pass")},
    "withdraw": lambda journey, at: {},
}
