"""One journey: a small world in which random people do random things, and what must hold after each step."""

from datetime import date, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

from django.db import connection

from accounts.models import User
from accounts.roles import Role
from commitments.models import Commitment
from common.clock import SHANGHAI
from communities.actors import Actor
from communities.models import Membership
from deadlines import services as deadlines
from deadlines.models import CalendarDay, DaySource, Deadline
from issues.models import Holding, Issue, IssueDepartment, Request
from issues.reading.asked import asked_on
from issues.replay.rules import differences
from issues.services.actions import act
from issues.services.errors import InvalidFields, IssueError, NotPermitted, StateConflict, VersionConflict
from journal.models import Event
from journal.verification import verify
from reminders.services.sweep import sweep
from tests.integration.journeys import fields
from tests.integration.journeys.rules import (
    DRAFTS,
    ENDED,
    PEOPLE,
    VERSIONLESS,
    Seen,
    parties_of,
    state_refuses,
    turn_of,
)
from tests.integration.reminders.model.follower import Did, Follower, read
from tests.support.cast import World
from tests.support.oracle.days import Days
from tests.unit.issues.test_workflow_table import RULES, expected

STARTS = (
    "2026-02-11T10:00", "2026-02-14T09:15", "2026-03-18T10:00", "2026-04-03T20:05", "2026-04-30T17:29",
    "2026-09-18T08:00", "2026-09-30T11:59", "2026-12-29T16:00",
)  # fmt: skip
MOST_ISSUES = 4
DRAWING = ("sign", "refuse_sign", "waive_department", "unmerge")
"""By these something may be drawn up: for two cards, for another organisation, again after a merge by mistake."""
SIDE_CLOCKS = ("progress", "signature", "urge_reply", "inform", "sample")
_COUNTED = ("issues_issue", "papers_draft", "papers_paper", "papers_paperseries", "issues_verdictseries",
             "journal_event", "deadlines_deadline", "issues_request", "issues_issuedepartment",
            "issues_holding", "issues_participation", "commitments_commitment", "journal_text")  # fmt: skip


_FINGERPRINT = " UNION ALL ".join(
    f"SELECT '{table}', count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"  # noqa: S608
    for table in sorted(_COUNTED)
)
_FINGERPRINT += " ORDER BY 1"
"""Sorted, for a parallel plan gives the tables in any order."""


class Journey:
    """The state of one run. ``trail`` says what was done, so that a failure can be read."""

    def __init__(self, world: World, known: dict[date, bool], start: str) -> None:
        self.world = world
        self.days = Days(known)
        self.at = datetime.fromisoformat(start).replace(tzinfo=SHANGHAI)
        self.numbers: list[int] = []
        self.follower = Follower(self.days)
        self.trail: list[str] = []
        self._actors: dict[str, Actor] = {}
        self._touched: set[int] = set()
        self.read = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
        self.codes = {row.pk: code for code, row in world.departments.items()}
        self.keys = {row.pk: key for key, row in world.communities.items()}
        self.names = {row.pk: name for name, row in world.people.items()}
        self._hire_a_second_officer()

    def _hire_a_second_officer(self) -> None:
        """Of the same department, but not at its receiving desk."""
        user = User.objects.create(username="officer3", display_name="黎文")
        self.world.people["officer3"] = user
        self.names[user.pk] = "officer3"
        Membership.objects.create(
            user=user,
            role=Role.OFFICER,
            subdistrict=self.world.area,
            department=self.world.departments["MUNICIPAL"],
            started_at=self.at - timedelta(days=9),
        )

    # Steps

    def step(self, seed: int) -> None:
        """Time goes on; then somebody does something, or time does, or a notice changes the calendar."""
        random = Random(seed)
        self.at += timedelta(minutes=_pass(random))
        what = random.random()
        if not self.numbers or (len(self.numbers) < MOST_ISSUES and what < 0.12):
            self.create(random)
        elif what < 0.18:
            self.sweep()
        elif what < 0.20:
            self.correct_calendar(random)
        else:
            self.act(random)
        self.check()

    def create(self, random: Random) -> None:
        leader = random.random() < 0.25
        given: dict[str, Any] = {
            "kind": random.choice(("enquiry", "help", "complaint", "complaint", "report", "praise")),
            "category": random.choice((*fields.CATEGORIES, None)),
            "source": random.choice(("phone", "web", "hotline_12345")),
            "level": random.choice(("", "", "", "critical", "urgent", "complex")),
            "community": random.choice(("xiadong", "xiadong", "dade")),
        }
        if random.random() < 0.2:
            given |= {"contact_phone": "", "contact_name": ""}
        if random.random() < 0.15:
            given |= {"external_due_at": self.at + timedelta(hours=random.choice((3, 30, 200)))}
        if leader and self.world.leader is not None:
            given |= {"community": "dade", "leader_id": self.world.leader.pk, "source": "leader"}
        self.trail.append(f"{self.at:%m-%d %H:%M} create {given}")
        issue = self.world.create(by="clerk2" if given["community"] == "dade" else "clerk", at=self.at, **given)
        self.numbers.append(issue.pk)
        assert issue.number
        self._follow(Did(issue.pk, "create"))

    def sweep(self) -> None:
        self.trail.append(f"{self.at:%m-%d %H:%M} sweep")
        result = sweep(at=self.at)
        assert (result.failed, result.busy) == (0, 0), result
        self._follow()

    def correct_calendar(self, random: Random) -> None:
        """A notice swaps one to three of the coming weeks' days; open deadlines are counted anew."""
        first, old = self.at.date(), deadlines.load_calendar()
        for _count in range(random.randint(1, 3)):
            day = first + timedelta(days=random.randint(1, 25))
            works = not self.days.works(day)
            CalendarDay.objects.filter(on=day).update(
                workday=works, estimated=False, source=DaySource.NOTICE, updated_at=self.at
            )
            before = Days(dict(self.days.known))
            self.days.known[day] = works
            deadlines.forget()
            new = deadlines.load_calendar()
            deadlines.recount(Deadline.objects.filter(state="running").order_by("id"), self.at, old, new)
            self.follower.notice(read(self.numbers), self.at, before)
            self.trail.append(f"{self.at:%m-%d %H:%M} notice: {day} {'worked' if works else 'free'}")
            old = new
        self._touched |= set(self.numbers)

    def act(self, random: Random) -> None:
        pk = self._somewhere(random)
        seen = self.see(pk)
        name, action = self._choose(seen, random)
        others = list(Issue.objects.exclude(pk=pk).order_by("pk").values_list("number", flat=True))
        data = fields.good(self.world, action, name, seen, others, self.at, random)
        hostile = random.random() < 0.12
        if hostile:
            data = fields.spoilt(data, random)
        stale = random.random() < 0.05
        version = seen.row.version - stale
        self.trail.append(f"{self.at:%m-%d %H:%M} #{pk} {name} {action} {data}{' stale' if stale else ''}")
        self._attempt(seen, name, action, data, version, hostile=hostile)

    def _somewhere(self, random: Random) -> int:
        """Mostly a matter that goes on."""
        going = Issue.objects.filter(pk__in=self.numbers, closed_at__isnull=True).order_by("pk")
        ids = list(going.values_list("pk", flat=True))
        return random.choice(ids if ids and random.random() < 0.75 else self.numbers)

    def _choose(self, seen: Seen, random: Random) -> tuple[str, str]:
        """Mostly what the rules allow, and of that mostly what moves the matter; sometimes anything at all."""
        if random.random() < 0.12:
            return random.choice(PEOPLE), random.choice(sorted(RULES))
        careless = random.random() < 0.1
        people: dict[str, list[str]] = {}
        for name in PEOPLE:
            who = parties_of(name, seen)
            for action in sorted(RULES):
                if any(expected(action, seen.row.status, party) is not None for party in who):
                    if careless or not state_refuses(action, name, who, seen, self.at, self.days):
                        people.setdefault(action, []).append(name)
        actions = sorted(people)
        if not actions:
            return "outsider", "comment"
        action = random.choices(actions, [_WEIGHTS.get(action, 1.0) for action in actions])[0]
        return random.choice(people[action]), action

    def _attempt(
        self, seen: Seen, name: str, action: str, data: dict[str, Any], version: int, *, hostile: bool
    ) -> None:
        pk, before = seen.row.pk, self._fingerprint()
        actor = Actor.reporter(seen.row) if name == "resident" else self._actor(name)
        who = parties_of(name, seen)
        edges = [edge for party in who if (edge := expected(action, seen.row.status, party)) is not None]
        has_role = any(expected(action, status, party) is not None for party in who for status in _ALL)
        refused = state_refuses(action, name, who, seen, self.at, self.days)
        stale = version != seen.row.version and action not in VERSIONLESS
        refusal: IssueError | None
        try:
            after = act(issue_id=pk, action=action, by=actor, at=self.at, data=data, version=version)
        except IssueError as error:
            refusal = error
        else:
            refusal = None
        if refusal is not None:
            self.trail[-1] += f" → {refusal.code}"
            assert self._fingerprint() == before, "a refusal left a trace"
            if isinstance(refusal, NotPermitted):
                assert not has_role
            elif isinstance(refusal, VersionConflict):
                assert stale
            elif isinstance(refusal, StateConflict):
                assert not edges or refused, refusal
            else:
                assert isinstance(refusal, InvalidFields), refusal
                assert edges
                assert not refused
                assert hostile or _may_be_invalid(action, refusal), refusal.fields
            return
        self.trail[-1] += f" → {after.status}"
        assert edges, "a forbidden edge passed"
        assert not refused, "the rules forbid this"
        assert not stale, "an old version passed"
        targets = {target for edge in edges for target in edge.split()} or {seen.row.status}
        targets |= {seen.row.status} if "" in edges else set()
        assert after.status in targets
        new = list(Event.objects.filter(id__gt=self.read).order_by("id"))
        own = [event for event in new if (event.subject_kind, event.subject_id) == ("issue", pk)]
        drawn = action in DRAWING and not {"order", "yellow_card", "red_card"}.isdisjoint(after.asks)
        assert [event.kind for event in own] in ([action], [action, "supervise"] if drawn else [action])
        assert (own[0].at, own[0].actor_role) == (self.at, actor.role)
        assert after.version == seen.row.version + 1
        self._follow(Did(pk, action, data | own[0].data))

    def _actor(self, name: str) -> Actor:
        if name not in self._actors:
            self._actors[name] = self.world.actor(name)
        return self._actors[name]

    def _follow(self, did: Did | None = None) -> None:
        for event in Event.objects.filter(id__gt=self.read).order_by("id"):
            self.read = event.pk
            if event.subject_kind == "issue":
                self._touched.add(event.subject_id)
        self.follower.follow(read(self.numbers), self.at, did)

    # What must hold

    def check(self) -> None:
        """Everything of what was touched since the last time."""
        touched, self._touched = sorted(self._touched), set()
        rows = list(Issue.objects.filter(pk__in=touched).select_related("contact").order_by("pk"))
        clocks: dict[int, list[Deadline]] = {pk: [] for pk in touched}
        for clock in Deadline.objects.filter(subject_kind="issue", subject_id__in=touched).order_by("id"):
            clocks[clock.subject_id].append(clock)
        events: dict[int, list[Event]] = {pk: [] for pk in touched}
        for event in Event.objects.filter(subject_kind="issue", subject_id__in=touched).order_by("seq"):
            events[event.subject_id].append(event)
        for row in rows:
            self._check_clocks(row, clocks[row.pk])
            assert differences(events[row.pk], row) == {}, row.number
            self._check_row(row)

    def _check_clocks(self, row: Issue, clocks: list[Deadline]) -> None:
        self._check_side_clocks(row, [clock for clock in clocks if clock.state in ("running", "paused")])
        clocks = [clock for clock in clocks if clock.kind not in SIDE_CLOCKS]
        if row.status in ENDED:
            clocks = [clock for clock in clocks if clock.kind != "supervision_reply"]
        running = [clock for clock in clocks if clock.state == "running"]
        still = [clock for clock in clocks if clock.state == "paused"]
        open_keys = [(clock.kind, clock.party_id if clock.kind == "co_reply" else 0) for clock in running + still]
        assert len(open_keys) == len(set(open_keys)), "two clocks of one kind"
        if row.status in ENDED:
            assert not running + still, "an ended matter has a clock"
        elif row.kind != "praise":
            assert running, "an open matter has no clock"
        kinds = {clock.kind for clock in running + still}
        asked = bool({"extension", "suspension", "disclosure"} & set(row.asks))
        assert ("extension_decision" in kinds) <= asked, "a decision is due and nothing was asked"
        assert ("more_info" in kinds) <= (row.status == "need_info")
        assert ("suspension_review" in kinds) == (row.status == "suspended") or row.kind == "praise"
        assert ("verify" in kinds) <= (row.status == "replied")
        assert ("follow_up" in kinds) <= (row.status == "follow_up")
        assert ("acknowledge" in kinds) <= (row.status == "dispatched")
        waiting = {clock.party_id for clock in running + still if clock.kind == "co_reply"}
        assert waiting <= set(row.co_waiting_ids), "a co-department owes what it has answered"
        if row.status not in ENDED and row.status not in ("need_info", "suspended"):
            assert not still, "a clock stands still and nobody waits"
        first = [clock for clock in clocks if clock.kind == "handle" and "redo:" not in clock.rule]
        anew = row.reopen_count if row.answered_by_id is not None else 0
        assert len([clock for clock in first if clock.state != "cancelled"]) <= 1 + anew, "handling starts once"

    def _check_side_clocks(self, row: Issue, clocks: list[Deadline]) -> None:
        """Each runs for as long as what it counts: never beside the department, the draft, the urge or the untold."""
        if row.kind == "praise":
            return
        found = {kind: [clock for clock in clocks if clock.kind == kind] for kind in SIDE_CLOCKS}
        assert all(len(same) <= 1 for same in found.values()), "two side clocks of one kind"
        external = self.codes.get(row.lead_department_id or 0, "") == "POLICE"
        works = row.status in ("in_progress", "suspended") and not external
        assert bool(found["progress"]) <= works, "notes are waited for of nobody who works on it"
        if row.status == "in_progress" and works and row.level != "project":
            assert found["progress"], "nobody waits for a note"
        assert bool(found["signature"]) == bool(set(DRAFTS) & set(row.asks))
        assert bool(found["inform"]) == row.untold
        assert bool(found["sample"]) == (row.verdict_check == "due" and row.status in ENDED)
        assert bool(found["urge_reply"]) <= (row.urged_at is not None)
        assert (row.urged_at is None) or row.turn in ("community", "department", "supervisor")
        told = row.contact is not None and bool(row.contact.phone_last4) and row.leader_id is None
        assert row.untold <= told or row.status in ENDED, "waits to be told without a phone"

    def _check_row(self, row: Issue) -> None:
        seen = self.see(row.pk)
        checked = row.verdict_check != "" or row.verdict_known
        assert not checked or row.status in ("replied", "follow_up", "closed", "merged"), "checks what is worked on"
        assert not checked or row.verdict_via == "web" or row.verdict_check == "replaced"
        joined = Issue.objects.filter(master=row)
        assert row.joined_count == joined.count()
        assert row.number
        if row.status not in ENDED:
            objected = row.turn == "supervisor" and any(one.objected for one in joined)
            assert row.turn == turn_of(seen, objected=objected)
        else:
            assert row.turn == "nobody"
        pending = {asked.kind for asked in asked_on([row.pk]).get(row.pk, ())}
        assert (pending, len(row.asks)) == (set(row.asks), len(pending))
        leads = IssueDepartment.objects.filter(issue=row, role="lead", current=True)
        if row.status in ("dispatched", "in_progress", "suspended", "replied"):
            assert [one.department_id for one in leads] == [row.lead_department_id]
        held = Holding.objects.filter(issue=row, until_at__isnull=True).count()
        working = row.lead_department_id is not None and row.status in ("dispatched", "in_progress")
        assert held == 1 if working else held <= (row.status not in ENDED)

    def finish(self) -> None:
        """The whole journal, and the columns that lists sort by, once at the end."""
        self.sweep()
        self.check()
        report = verify()
        assert report.broken is None, report.broken

    # Reading

    def see(self, pk: int) -> Seen:
        row = Issue.objects.select_related("category", "master").get(pk=pk)
        main = row.master or row
        clocks = [
            SimpleNamespace(
                kind=one.kind, state=one.state, due_at=one.due_at, party=self.codes.get(one.party_id or 0, ""),
                extensions=one.extensions, extended=one.extended,
            )
            for one in Deadline.objects.of("issue", pk).order_by("id")
        ]  # fmt: skip
        return Seen(
            row=row,
            community=self.keys[row.community_id],
            lead=self.codes.get(row.lead_department_id or 0, ""),
            co=[self.codes[one] for one in row.co_department_ids],
            waiting=[self.codes[one] for one in row.co_waiting_ids],
            officer=self.names.get(row.officer_id or 0, ""),
            replied_by=self.names.get(row.replied_by_id or 0, ""),
            requests={
                one.kind: one for one in Request.objects.filter(issue=row, state="open").select_related("asked_by")
            },
            clocks=clocks,
            master_status=row.master.status if row.master else "",
            leader=row.leader_id is not None,
            promises=list(_promises(pk).values_list("due_at", flat=True)),
            handled={
                self.names[one] for one in (main.replied_by_id, main.officer_id, main.answered_by_id) if one is not None
            },
        )

    def _fingerprint(self) -> list[tuple[Any, ...]]:
        """Every row of every table that an action may write, as one checksum each."""
        with connection.cursor() as cursor:
            cursor.execute(_FINGERPRINT)
            return list(cursor.fetchall())


def _promises(pk: int) -> Any:
    made = Commitment.objects.filter(subject_kind="issue", subject_id=pk, state="open")
    return Deadline.objects.filter(subject_kind="commitment", subject_id__in=made.values("pk"), state="running")


_WEIGHTS = {
    "accept": 6, "dispatch": 6, "acknowledge": 6, "reply": 4, "verify_pass": 6, "redo": 3, "record_follow_up": 6,
    "give_info": 4, "return": 3, "assign_final": 5, "add_department": 3, "co_reply": 5, "request_extension": 3,
    "grant_extension": 6, "request_suspension": 2, "grant_suspension": 7, "resume": 4, "unmerge": 6, "sign": 5,
    "reopen": 4, "edit": 2, "merge": 1.5, "progress": 2, "grant_exclusion": 4, "withdraw": 0.2, "reject": 0.3,
    "answer_now": 0.4, "comment": 0.3, "cc": 0.4, "instruct": 0.3, "contact": 0.5, "urge": 0.5, "publish": 0.5,
}  # fmt: skip
"""How often an action is taken where it is possible; 1 where it is not named."""

_ALL = ("submitted", "need_info", "rejected", "accepted", "dispatched", "in_progress", "suspended", "replied",
        "follow_up", "closed", "merged", "withdrawn")  # fmt: skip


def _pass(random: Random) -> int:
    """Minutes until the next step: mostly minutes or hours, now and then days or weeks."""
    kind = random.random()
    if kind < 0.65:
        return random.randint(1, 90)
    if kind < 0.9:
        return random.randint(120, 1500)
    return random.randint(1500, 20160) if kind < 0.98 else random.randint(20160, 50000)


def _may_be_invalid(action: str, error: InvalidFields) -> bool:
    """Rules about fields that depend on more than the form: who may be given it, and what the reporter said."""
    names = set(error.fields)
    allowed: dict[str, set[str]] = {
        "accept": {"category"},
        "answer_now": {"category"},
        "dispatch": {"department"},
        "assign_final": {"department", "extra_days"},
        "reassign": {"department"},
        "add_department": {"department"},
        "waive_department": {"department"},
        "assign": {"officer"},
        "request_extension": {"days"},
        "record_follow_up": {"verdict"},
        "merge": {"master"},
        "supervise": {"kind"},
        "cc": {"users"},
        "edit": {"note", "kind", "contact_phone", "confidential"},
        "redo": set(),
    }
    return names <= allowed.get(action, set())
