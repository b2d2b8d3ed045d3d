"""Who is there: no event of the audience table ends with nobody, whoever of those it means left or is away.

The matrix is made from the tables: every kind of event, and every role of a rung for every kind of deadline, with each
person that they can mean in every state in which somebody can be.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from accounts.models import Absence, User
from common.clock import SHANGHAI
from communities.models import Membership
from deadlines import kinds
from deadlines.models import DutyShift
from issues.models import Issue, Participation
from journal.models import Event, Pending
from journal.services import Entry, record_many
from reminders.enums import OFFICE, REMIND, Reason, RungRole
from reminders.models import Notification
from reminders.services.fan_out import fan_out
from reminders.services.shift_alarm import alarm_empty_shifts
from reminders.tellings import told_kinds
from tests.support.cast import NOW, World
from tests.support.sampling import sampled

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 3, 18, 22, 0, tzinfo=SHANGHAI)
USUAL: dict[str, Any] = {"category": "0402", "kind": "help"}

PEOPLE = (
    ("desk", "officer", "department:MUNICIPAL", True),
    ("assigned", "officer", "department:MUNICIPAL", False),
    ("head-1", "head", "department:MUNICIPAL", False),
    ("co-desk", "officer", "department:WATER", True),
    ("clerk-1", "clerk", "community:xiadong", False),
    ("secretary-1", "secretary", "community:xiadong", False),
    ("supervisor-1", "supervisor", "", False),
    ("deputy-1", "deputy", "", False),
    ("director-1", "director", "", False),
    ("watcher", "supervisor", "", False),
    ("named", "officer", "department:MUNICIPAL", False),
    ("duty-clerk", "supervisor", "", False),
    ("duty-leader", "deputy", "", False),
)
"""One of each role that an event can mean: the only one of its kind, as the cast's own people are gone."""
COVERS = ("cover", "cover-2")
BY_ITSELF = frozenset({"contact"})
"""Events that concern somebody else only where the system says so: a message did not arrive."""
STATES = (
    "there", "deactivated", "ended", "away", "covered", "cover_left", "cover_away_covered", "circle", "cover_blind",
)  # fmt: skip


class Staff:
    """The people of the matrix, and what becomes of each."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.issue = world.make_issue("in_progress", **USUAL)
        world.act(self.issue, "add_department", "officer", department="WATER")
        User.objects.filter(pk__in=[user.pk for user in world.people.values()]).update(is_active=False)
        self.users: dict[str, User] = {}
        for name, role, place, desk in PEOPLE:
            self.add(name, role, place, desk=desk)
        Participation.objects.create(issue=self.issue, user=self.users["watcher"], watching=True)
        for name in COVERS:
            self.add(name, "system_admin", "")
        self.add("blind", "clerk", "community:dade")

    def add(self, name: str, role: str, place: str, *, desk: bool = False) -> None:
        kind, _colon, key = place.partition(":")
        user = User.objects.create(username=name, display_name=name)
        self.users[name] = user
        Membership.objects.create(
            user=user,
            role=role,
            subdistrict=self.world.area,
            community=self.world.communities[key] if kind == "community" else None,
            department=self.world.departments[key] if kind == "department" else None,
            receiving_desk=desk,
            started_at=NOW - timedelta(days=9),
        )

    def becomes(self, name: str, state: str) -> None:
        match state:
            case "deactivated":
                self.lock(name)
            case "ended":
                self.rows(name).update(ended_at=NOW)
            case "away":
                self.away(name)
            case "covered":
                self.away(name, "cover")
            case "cover_left":
                self.away(name, "cover")
                self.lock("cover")
            case "cover_away_covered":
                self.away(name, "cover")
                self.away("cover", "cover-2")
            case "circle":
                self.away(name, "cover")
                self.away("cover", "cover-2")
                self.away("cover-2", name)
            case "cover_blind":
                self.away(name, "blind")

    def rows(self, name: str) -> QuerySet[Membership]:
        return Membership.objects.filter(user=self.users[name])

    def lock(self, name: str) -> None:
        User.objects.filter(pk=self.users[name].pk).update(is_active=False)

    def away(self, name: str, cover: str = "") -> None:
        Absence.objects.create(
            user=self.users[name],
            cover=self.users[cover] if cover else None,
            starts_at=NOW - timedelta(days=1),
            ends_at=NOW + timedelta(days=60),
            created_at=NOW,
            created_by=self.users[name],
        )

    def follows(self, state: str) -> frozenset[str]:
        """Who hears what only a follower hears: nobody else for one who left; who is away finds it on return."""
        covered = {"covered": "cover", "cover_away_covered": "cover-2"}
        return frozenset() if state in ("deactivated", "ended") else frozenset({covered.get(state, "watcher")})

    def gone(self, state: str, name: str) -> set[str]:
        """Whom nothing must reach any more."""
        return {
            "deactivated": {name},
            "ended": {name},
            "away": {name},
            "covered": {name},
            "cover_left": {name, "cover"},
            "cover_away_covered": {name, "cover"},
            "circle": {name, "cover", "cover-2"},
            "cover_blind": {name, "blind"},
        }.get(state, set())


def events(staff: Staff) -> Iterator[dict[str, Any]]:
    """Everything that the audience table tells, as the journal holds it; ``turn`` and ``actor_role`` as they matter."""
    municipal, water = (staff.world.departments[code].pk for code in ("MUNICIPAL", "WATER"))
    more: dict[str, dict[str, Any]] = {
        "assign": {"officer": staff.users["named"].pk},
        "hand_over": {"officer": staff.users["named"].pk, "handed": 2},
        "cc": {"users": [staff.users["named"].pk], "departments": [water]},
        "acknowledge": {"deemed": True},
        "return": {"returns": 2},
        "join": {"persons": 5, "collective": True},
        "joiner_verdict": {"solved": "no"},
        "request_suspension": {"until": "2027-03-01"},
        "dispatch": {"department": municipal},
        "assign_final": {"department": municipal},
        "reassign": {"department": municipal, "previous": water},
        "add_department": {"department": water},
        "waive_department": {"department": water},
        "record_follow_up": {"to": "closed"},
        "verify_pass": {"to": "closed"},
        "supervise": {"kind": "red_card"},
    }
    for kind in sorted(set(told_kinds("issue")) - {REMIND}):
        yield {"kind": kind, "data": more.get(kind, {})} | ({"actor_role": "system"} if kind in BY_ITSELF else {})
    for clock in [spec.code for spec in kinds.every()]:
        for role in RungRole:
            yield {
                "kind": REMIND,
                "data": {"rung": "urge", "roles": [role.value], "deadline_kind": clock, "department": municipal},
            }
    for role in RungRole:
        yield {
            "kind": REMIND,
            "data": {"rung": "urge", "roles": [role.value], "deadline_kind": "co_reply", "department": water},
        }


def outside(staff: Staff) -> Iterator[dict[str, Any]]:
    """What is urged of a body outside the house, which its community follows up."""
    police = staff.world.departments["POLICE"].pk
    yield {"kind": "urge", "data": {}}
    yield {"kind": "comment", "data": {}}
    for role in RungRole:
        yield {
            "kind": REMIND,
            "data": {"rung": "urge", "roles": [role.value], "deadline_kind": "handle", "department": police},
        }


def matter(staff: Staff, lead: str) -> Issue:
    """A pressing matter on which everybody of the matrix has something to do."""
    world, issue = staff.world, staff.issue
    Issue.objects.filter(pk=issue.pk).update(
        level="urgent",
        lead_department=world.departments[lead],
        officer=staff.users["assigned"] if lead == "MUNICIPAL" else None,
        co_department_ids=[world.departments["WATER"].pk],
        co_waiting_ids=[world.departments["WATER"].pk],
        asks=["order", "red_card"],
    )
    return issue


def shift(staff: Staff) -> None:
    DutyShift.objects.create(
        subdistrict=staff.world.area,
        starts_at=NIGHT - timedelta(hours=4),
        ends_at=NIGHT + timedelta(hours=10),
        clerk=staff.users["duty-clerk"],
        leader=staff.users["duty-leader"],
    )


def write(staff: Staff, given: Iterable[dict[str, Any]], at: datetime) -> dict[int, str]:
    """These events of the resident, as one can read them in a failure."""
    rows = list(given)
    with transaction.atomic():
        found = record_many(
            [
                Entry(subject_kind="issue", subject_id=staff.issue.pk, at=at, **({"actor_role": "resident"} | row))
                for row in rows
            ]
        )
    return {pk: f"{row['kind']} {row['data']} {at:%H:%M}" for pk, row in zip(found, rows, strict=True)}


def everything(staff: Staff) -> dict[int, str]:
    """By day all that there is, by night what goes to the people on shift too."""
    by_night = [row for row in events(staff) if row["kind"] != REMIND or row["data"]["deadline_kind"] == "handle"]
    return write(staff, events(staff), NOW) | write(staff, by_night, NIGHT)


def tell(written: Mapping[int, str]) -> dict[int, set[str]]:
    """Whom each of these events reached, told anew."""
    Notification.objects.all().delete()
    Pending.objects.all().delete()
    Pending.objects.bulk_create(Pending(event_id=pk, reader="notifications") for pk in written)
    fan_out(at=NIGHT)
    found: dict[int, set[str]] = {pk: set() for pk in written}
    for pk, name in Notification.objects.values_list("event_id", "user__username"):
        found[pk].add(name)
    return found


MATRIX = sampled(product(("MUNICIPAL", "POLICE"), STATES, [row[0] for row in PEOPLE]), 3)
"""Who leads, what became of somebody, and who that is."""


@pytest.mark.parametrize(("lead", "state"), sorted({(lead, state) for lead, state, _name in MATRIX}))
def test_no_event_ends_with_nobody_and_nobody_is_told_who_left(world: World, lead: str, state: str) -> None:
    staff = Staff(world)
    shift(staff)
    matter(staff, lead)
    written = everything(staff) if lead == "MUNICIPAL" else write(staff, outside(staff), NOW)
    for name in [name for at, became, name in MATRIX if (at, became) == (lead, state)]:
        with transaction.atomic():
            staff.becomes(name, state)
            told = tell(written)
            followed = {pk for pk, text in written.items() if text.startswith("progress ")}
            gone = staff.gone(state, name)
            if name == "watcher":
                assert {frozenset(told[pk]) for pk in followed} <= {staff.follows(state)}
                gone = set()
            assert [text for pk, text in written.items() if not told[pk] and pk not in followed] == [], name
            assert [text for pk, text in written.items() if told[pk] & gone] == [], name
            heard = set().union(*told.values())
            if lead == "MUNICIPAL" and state in ("covered", "cover_away_covered"):
                assert {"covered": "cover", "cover_away_covered": "cover-2"}[state] in heard, name
            transaction.set_rollback(True)


@pytest.mark.parametrize("role", ["officer", "head", "clerk", "secretary", "supervisor", "deputy", "director"])
def test_where_a_whole_role_left_somebody_above_is_told(world: World, role: str) -> None:
    staff = Staff(world)
    shift(staff)
    Membership.objects.filter(role=role).update(ended_at=NOW)
    matter(staff, "MUNICIPAL")
    written = everything(staff)
    told = tell(written)
    assert [text for pk, text in written.items() if not told[pk] and not text.startswith("progress ")] == []


def test_it_costs_the_same_for_one_event_and_for_hundreds(world: World) -> None:
    staff = Staff(world)
    shift(staff)
    staff.away("desk", "cover")
    staff.away("cover", "cover-2")
    matter(staff, "MUNICIPAL")
    one = write(staff, [row for row in events(staff) if row["kind"] == "cc"], NOW)
    costs = []
    for written in (one, everything(staff)):
        with CaptureQueriesContext(connection) as caught:
            tell(written)
        costs.append(len(caught))
    assert costs[0] == costs[1]


# The cases that were found


def told(issue: Issue, kind: str) -> dict[str, str]:
    """Who was told of the last event of this kind, and why."""
    fan_out(at=NOW)
    event = Event.objects.of("issue", issue.pk).of_kinds([kind]).order_by("-seq").first()
    assert event is not None
    return dict(Notification.objects.filter(event=event).values_list("user__username", "reason"))


def away(world: World, name: str, cover: str = "") -> Absence:
    return Absence.objects.create(
        user=world.people[name],
        cover=world.people[cover] if cover else None,
        starts_at=NOW - timedelta(days=1),
        ends_at=NOW + timedelta(days=60),
        created_at=NOW,
        created_by=world.people[name],
    )


def lock(world: World, name: str) -> None:
    User.objects.filter(pk=world.people[name].pk).update(is_active=False)


def move(world: World, name: str) -> None:
    """To another sub-district."""
    Membership.objects.filter(user=world.people[name]).update(ended_at=NOW)
    Membership.objects.create(user=world.people[name], role="supervisor", subdistrict=world.other_area, started_at=NOW)


def colleague(world: World, name: str, *, role: str = "officer", department: str = "MUNICIPAL") -> User:
    user = User.objects.create(username=name, display_name=name)
    world.people[name] = user
    Membership.objects.create(
        user=user, role=role, subdistrict=world.area, department=world.departments[department], started_at=NOW
    )
    return user


def test_a_dispatch_reaches_somebody_at_once_where_the_stand_in_of_the_desk_is_locked(world: World) -> None:
    colleague(world, "stand-in")
    away(world, "officer", cover="stand-in")
    lock(world, "stand-in")
    issue = world.make_issue("accepted", **USUAL)
    world.act(issue, "dispatch", department="MUNICIPAL")
    assert told(issue, "dispatch") == {"head": Reason.HEAD}
    lock(world, "head")
    other = world.make_issue("accepted", **USUAL)
    world.act(other, "dispatch", department="MUNICIPAL")
    assert told(other, "dispatch") == {"supervisor": Reason.NOBODY}


@pytest.mark.parametrize("leaves", ["locked", "ended", "moved"])
def test_what_happens_to_a_matter_whose_officer_left_reaches_the_desk(world: World, leaves: str) -> None:
    user = colleague(world, "assigned")
    issue = world.make_issue("in_progress", **USUAL)
    world.act(issue, "assign", "head", officer="assigned")
    if leaves == "locked":
        lock(world, "assigned")
    else:
        Membership.objects.filter(user=user).update(ended_at=NOW)
    if leaves == "moved":
        Membership.objects.create(
            user=user, role="clerk", subdistrict=world.area, community=world.communities["xiadong"], started_at=NOW
        )
    world.act(issue, "comment", note="请尽快")
    assert told(issue, "comment") == {"officer": Reason.DESK}
    world.act(issue, "comment", "resident", note="还在漏水")
    assert set(told(issue, "comment")) >= {"officer"}
    world.act(issue, "edit", level="urgent")
    assert told(issue, "edit") == {"officer": Reason.DESK}
    world.act(issue, "urge", "supervisor", note="催办")
    assert set(told(issue, "urge")) == {"officer", "head"}


def test_a_chain_of_covers_ends_with_its_last(world: World) -> None:
    for name in ("first", "second"):
        colleague(world, name)
    away(world, "officer", cover="first")
    away(world, "first", cover="second")
    issue = world.make_issue("accepted", **USUAL)
    world.act(issue, "dispatch", department="MUNICIPAL")
    fan_out(at=NOW)
    row = Notification.objects.get(event__kind="dispatch", subject_id=issue.pk)
    assert (row.user.username, row.covering) == ("second", world.people["officer"])


def test_a_copy_to_somebody_who_left_goes_to_their_organisation(world: World) -> None:
    issue = world.make_issue("in_progress", **USUAL)
    world.act(issue, "cc", "supervisor", users=["secretary", "deputy"])
    lock(world, "secretary")
    lock(world, "deputy")
    assert told(issue, "cc") == {"clerk": Reason.CLERK, "director": Reason.DIRECTOR}


def test_an_assignment_to_somebody_who_is_away_is_told_to_more_than_its_head(world: World) -> None:
    colleague(world, "assigned")
    away(world, "assigned")
    issue = world.make_issue("in_progress", **USUAL)
    world.act(issue, "assign", "head", officer="assigned")
    assert told(issue, "assign") == {"officer": Reason.DESK}
    away(world, "officer")
    world.act(issue, "assign", "head", officer="assigned")
    assert told(issue, "assign") == {"supervisor": Reason.NOBODY}


def test_a_draft_that_neither_deputy_nor_director_can_sign_is_brought_to_the_supervisor(world: World) -> None:
    issue = world.make_issue("in_progress", **USUAL)
    for name in ("deputy", "director"):
        away(world, name)
    colleague(world, "head-2", role="head")
    supervisor = User.objects.create(username="supervisor-2", display_name="乙")
    Membership.objects.create(user=supervisor, role="supervisor", subdistrict=world.area, started_at=NOW)
    world.act(issue, "supervise", "supervisor", kind="order", note="请限期办结")
    assert told(issue, "supervise") == {"supervisor-2": Reason.NOBODY}


def test_a_duty_clerk_who_is_away_is_covered_and_who_left_leaves_it_to_the_leader(world: World) -> None:
    DutyShift.objects.create(
        subdistrict=world.area,
        starts_at=NIGHT - timedelta(hours=4),
        ends_at=NIGHT + timedelta(hours=10),
        clerk=world.people["supervisor"],
        leader=world.people["deputy"],
    )
    row = away(world, "supervisor", cover="director")
    issue = world.create(at=NIGHT, level="critical", source="web", by="secretary")
    assert told(issue, "create") == {"clerk": Reason.CLERK, "director": Reason.DUTY_CLERK}
    row.delete()
    lock(world, "supervisor")
    issue = world.create(at=NIGHT, level="critical", source="web", by="secretary")
    assert told(issue, "create") == {"clerk": Reason.CLERK, "deputy": Reason.DUTY_LEADER}


@pytest.mark.parametrize("how", ["there", "covered", "locked", "away", "back at midnight", "moved", "cover_moved"])
def test_the_shift_of_somebody_who_is_not_there_is_empty(world: World, how: str) -> None:
    evening = datetime(2026, 3, 18, 17, 0, tzinfo=SHANGHAI)
    DutyShift.objects.create(
        subdistrict=world.area,
        starts_at=evening,
        ends_at=evening + timedelta(hours=16),
        clerk=world.people["supervisor"],
        leader=world.people["deputy"],
    )
    if how == "locked":
        lock(world, "supervisor")
    elif how == "moved":
        move(world, "supervisor")
    elif how != "there":
        row = away(world, "supervisor", cover="director" if how.startswith("cover") else "")
        if how == "cover_moved":
            move(world, "director")
        if how == "back at midnight":
            Absence.objects.filter(pk=row.pk).update(ends_at=evening + timedelta(hours=7))
    alarm_empty_shifts(at=evening)
    gaps = [
        (row.data["starts_at"][11:16], row.data["ends_at"][11:16])
        for row in Event.objects.of(OFFICE, world.area.pk).of_kinds(["shift_empty"])
    ]
    until = {"there": "", "covered": "", "back at midnight": "00:00"}.get(how, "08:30")
    assert gaps == ([("17:30", until)] if until else [])
    fan_out(at=evening)
    rows = Notification.objects.filter(kind="shift_empty", event__subject_id=world.area.pk)
    told_of_it = set(rows.values_list("user__username", flat=True))
    assert told_of_it >= ({"admin"} if gaps else set())
    assert not told_of_it & {"moved": {"supervisor"}, "cover_moved": {"supervisor", "director"}}.get(how, set())


def test_a_correction_that_brings_a_matter_to_another_community_is_told_there(world: World) -> None:
    issue = world.create(at=NOW)
    issue = world.act(issue, "edit", "clerk", NOW, community="大德社区")
    assert set(told(issue, "edit")) == {"clerk2"}


def test_what_the_supervisor_does_and_the_community_goes_on_with_is_told_there(world: World) -> None:
    raised = world.act(world.create(at=NOW), "edit", "supervisor", NOW, level="critical")
    accepted = world.act(world.create(at=NOW), "accept", "supervisor", NOW)
    checked = world.act(world.make_issue("replied", at=NOW), "verify_pass", "supervisor", NOW, check="phone", note="好")
    for issue, kind in ((raised, "edit"), (accepted, "accept"), (checked, "verify_pass")):
        assert set(told(issue, kind)) == {"clerk"}, kind
