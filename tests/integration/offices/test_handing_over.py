"""Leaving a post or altogether: what is held is listed, moved with one choice and told; nobody gone keeps anything."""

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Absence, User
from accounts.roles import Role
from communities.models import Leader, LeaderPlace, Membership
from deadlines.models import DutyShift
from issues.models import Issue
from issues.replay.rules import differences
from issues.services.errors import InvalidFields
from journal.models import Event
from offices.holdings import held_by, of_post
from offices.services import handing_over
from offices.services.errors import NotHandedOver
from papers.models import Draft
from reminders.models import Notification
from reminders.services.fan_out import fan_out
from tests.support.at_once import at_once
from tests.support.cast import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
Browser = Callable[[str], Client]
PEOPLE = "/console/admin/people/"

MOVED = {
    "issues.Issue.officer": "open matters assigned to the person",
    "deadlines.DutyShift.clerk": "shifts to come",
    "deadlines.DutyShift.leader": "shifts to come",
    "accounts.Absence.cover": "standing in for somebody",
    "communities.Membership.user": "the seat at the receiving desk",
    "communities.Leader.user": "the places that a leader looks after",
}
WHO_DID_IT = {
    *("accounts.Absence.created_by", "accounts.Absence.cancelled_by", "commitments.Commitment.made_by"),
    *("commitments.Commitment.ended_by", "deadlines.CalendarChange.made_by", "deadlines.DutyShift.cancelled_by"),
    *("deadlines.DutyNote.acknowledged_by", "files.StoredFile.uploaded_by", "issues.Request.asked_by"),
    *("issues.Request.endorsed_by", "issues.Request.decided_by", "issues.Issue.logged_by", "issues.Issue.leader"),
    *("issues.Issue.excluded_by", "issues.Issue.published_by", "issues.Issue.accepted_by", "issues.Issue.replied_by"),
    *("issues.Issue.verified_by", "issues.Issue.answered_by", "issues.Submission.user", "journal.Event.actor"),
    *("papers.Draft.asked_by", "papers.Draft.decided_by", "papers.Paper.issued_by", "papers.Paper.lifted_by"),
    *("reminders.OutboxMessage.handled_by", "privacy.RightsRequest.recorded_by", "privacy.RightsRequest.decided_by"),
    *("privacy.RightsRequest.ended_by", "privacy.Incident.recorded_by", "privacy.Incident.ended_by"),
    *("commitments.Commitment.reported_by", "commitments.Commitment.released_by", "commitments.Milestone.reached_by"),
    *("commitments.DateChange.asked_by", "commitments.DateChange.decided_by"),
    *("meetings.Meeting.begun_by", "meetings.Meeting.drafted_by", "meetings.Meeting.confirmed_by"),
    *("meetings.Meeting.released_by", "meetings.MeetingItem.settled_by", "meetings.QuestionBox.opened_by"),
    *("meetings.QuestionBox.closed_by", "meetings.Question.shown_by", "meetings.Question.answered_by"),
    *("meetings.Visit.made_by", "meetings.StationActivity.made_by", "communities.Appointment.made_by"),
    *("proposals.Proposal.asked_by", "proposals.ProposalPart.given_by", "proposals.ProposalPart.waived_by"),
    *("proposals.ProposalAnswer.answered_by", "proposals.ProposalAnswer.reported_by"),
    "proposals.DeputyOpinion.recorded_by",
    *("ledger.LedgerEntry.made_by", "ledger.LedgerEntry.withdrawn_by", "ledger.LedgerEntry.leader"),
    *("privacy.LegalHold.recorded_by", "privacy.LegalHold.ended_by", "privacy.RetentionRule.changed_by"),
    *("leaders.LeaderTask.made_by", "leaders.LeaderAnswer.leader"),
    *("door.StoppedSender.created_by", "door.StoppedSender.lifted_by"),
}
"""Who did something stays who did it. Requests, drafts and promises wait for a role or an organisation."""
OF_THE_ACCOUNT = {
    *(
        "accounts.PhoneInvitation.user",
        "accounts.BoundPhone.user",
        "accounts.KnownDevice.user",
        "accounts.PasswordRecord.user",
        "accounts.SecondFactor.user",
        "accounts.RecoveryCode.user",
    ),
    *("accounts.ApiToken.user", "accounts.Absence.user", "issues.Participation.user", "reminders.Preference.user"),
    *(
        "ledger.SeenReport.leader",
        "offices.TextModule.user",
        "offices.ImportRun.user",
        "reminders.Notification.user",
        "reminders.Notification.covering",
        "reminders.OutboxMessage.recipient",
    ),
}
"""Nobody else's business; tokens and sessions end with the account. Messages are checked again when they are sent."""


def _relations(model: Any) -> list[Any]:
    """What points to such a row."""
    return [row for row in model._meta.get_fields(include_hidden=True) if row.auto_created and not row.concrete]


def test_every_key_to_a_person_was_decided() -> None:
    found = {
        f"{relation.related_model._meta.label}.{relation.field.name}"
        for model in (User, Leader, Membership)
        for relation in _relations(model)
    }
    found -= {"communities.LeaderPlace.leader"}
    assert found == {*MOVED, *WHO_DID_IT, *OF_THE_ACCOUNT}


@pytest.fixture
def colleague(world: World) -> User:
    """A second officer of MUNICIPAL."""
    user = User.objects.create_user("officer3", display_name="罗小燕")
    Membership.objects.create(
        user=user,
        role=Role.OFFICER,
        subdistrict=world.area,
        department=world.departments["MUNICIPAL"],
        started_at=NOW,
    )
    world.people["officer3"] = user
    return user


def _post(world: World, username: str = "officer") -> Membership:
    return Membership.objects.select_related("user", "department", "community").get(user=world.people[username])


def _leave(world: World, post: Membership, to: str) -> None:
    handing_over.leave_post(office=world.area, membership_id=post.pk, to=to, by=world.actor("admin"), at=NOW)


@pytest.mark.parametrize("to", ["colleague", "desk"])
def test_open_matters_go_where_the_choice_says(world: World, colleague: User, to: str) -> None:
    issues = [world.make_issue(status) for status in ("in_progress", "suspended", "replied", "closed")]
    post = _post(world)
    assert held_by(of_post(post), NOW).matters == {"in_progress": 1, "suspended": 1, "replied": 1}
    _leave(world, post, "desk" if to == "desk" else str(colleague.pk))
    expected = None if to == "desk" else colleague.pk
    for before in issues[:3]:
        issue = Issue.objects.get(pk=before.pk)
        assert (issue.officer_id, issue.version) == (expected, before.version + 1)
        events = list(Event.objects.of("issue", issue.pk).order_by("seq"))
        assert events[-1].kind == "hand_over"
        assert differences(events, issue) == {}
    assert Issue.objects.get(pk=issues[3].pk).officer_id == post.user_id
    (handed,) = Event.objects.of("person", post.user_id).of_kinds(["handed_over"])
    assert handed.data["matters"] == 3
    assert Event.objects.of("person", colleague.pk).of_kinds(["took_over"]).exists() is (to == "colleague")
    fan_out(at=NOW)
    told = Notification.objects.filter(event__kind="hand_over")
    assert {row.user_id for row in told} >= ({colleague.pk} if to == "colleague" else set())
    assert told.filter(user=colleague).count() == 1


def test_nothing_is_left_to_nobody(world: World, signed_in: Browser) -> None:
    """The only one of an organisation with open matters does not go before somebody else is there."""
    world.make_issue("dispatched", department="WATER")
    post = _post(world, "officer2")
    page = signed_in("admin").get(f"{PEOPLE}{post.user_id}/leave/?office={world.area.pk}&post={post.pk}")
    assert "水务管理办公室没有别的在岗人员，还有1 件未办结的诉求" in page.content.decode()
    for to in ("desk", "", str(world.people["head"].pk)):
        with pytest.raises(NotHandedOver):
            _leave(world, post, to)
    post.refresh_from_db()
    assert post.ended_at is None


def test_who_signs_is_not_closed_while_something_waits_for_the_signature(world: World) -> None:
    issue = world.make_issue("in_progress")
    world.act(issue, "supervise", "supervisor", kind="order", note="请抓紧办理")
    assert Draft.objects.waiting().count() == 1
    deputy, director = _post(world, "deputy"), _post(world, "director")
    _leave(world, deputy, "")
    with pytest.raises(NotHandedOver, match="1 份待签发的文书"):
        _leave(world, director, "desk")


def test_a_choice_is_asked_for_where_something_is_held(world: World, colleague: User) -> None:
    world.make_issue("in_progress")
    post = _post(world)
    for wrong in ("", "0", str(world.people["officer2"].pk), str(post.user_id), "x"):
        with pytest.raises(NotHandedOver, match="请选择交给谁"):
            _leave(world, post, wrong)


def test_shifts_covers_and_the_seat_go_along(world: World, colleague: User) -> None:
    post = _post(world)
    post.receiving_desk = True
    post.save(update_fields=["receiving_desk"])
    hours = [NOW + timedelta(hours=8 * number) for number in range(4)]
    rosters: tuple[dict[str, Any], ...] = (
        {"clerk": post.user},
        {"clerk": world.people["supervisor"], "leader": post.user},
        {"clerk": post.user, "community": world.communities["xiadong"]},
    )
    own, led, community = (
        DutyShift.objects.create(
            subdistrict=world.area, starts_at=start, ends_at=start + timedelta(hours=8), phone="", **people
        )
        for start, people in zip(hours[1:], rosters, strict=True)
    )
    head = world.people["head"]
    away = Absence.objects.create(
        user=head, cover=post.user, starts_at=NOW, ends_at=NOW + timedelta(days=2), created_at=NOW, created_by=head
    )
    _leave(world, post, str(colleague.pk))
    for row in (own, led, community, away):
        row.refresh_from_db()
    assert (own.clerk_id, led.leader_id, away.cover_id) == (colleague.pk,) * 3
    assert community.cancelled_at == NOW
    assert Membership.objects.get(user=colleague).receiving_desk
    (handed,) = Event.objects.of("person", post.user_id).of_kinds(["handed_over"])
    told = {key: handed.data.get(key) for key in ("shifts", "shifts_off", "covers", "desks")}
    assert told == {"shifts": 2, "shifts_off": 1, "covers": 1, "desks": 1}


@pytest.mark.parametrize("to", ["heir", "desk"])
def test_places_of_a_leader(world: World, to: str) -> None:
    leader = world.leader
    assert leader is not None
    leader.set_phone("19900003001")
    leader.save()
    places = set(LeaderPlace.objects.filter(leader=leader).values_list("building_id", flat=True))
    assert places
    user = User.objects.create_user("leader2", display_name="何姨")
    Membership.objects.create(user=user, role=Role.LEADER, subdistrict=world.area, started_at=NOW)
    heir = Leader(subdistrict=world.area, community=leader.community, kind="building", name="何姨", user=user)
    heir.set_phone("19900003002")
    heir.save()
    admin = world.actor("admin")
    handing_over.close_account(
        office=world.area, user_id=leader.user_id or 0, to="desk" if to == "desk" else str(user.pk), by=admin, at=NOW
    )
    leader.refresh_from_db()
    assert leader.retired_at == NOW
    held = LeaderPlace.objects.filter(building_id__in=places)
    assert set(held.values_list("leader", "first")) == ({(heir.pk, True)} if to == "heir" else set())


def test_the_account_closes_on_the_page_and_what_came_later_is_not_lost(
    world: World, signed_in: Browser, colleague: User
) -> None:
    issue = world.make_issue("in_progress")
    officer, admin = world.people["officer"], signed_in("admin")
    url = f"{PEOPLE}{officer.pk}/leave/?office={world.area.pk}&close=1"
    page = admin.get(url)
    assert "办理中 1" in page.content.decode()
    assert [choice.label for choice in page.context["field"].choices] == ["交回本单位（收件岗）", "周建华", "罗小燕"]
    assert admin.post(url, {"to": ""}).status_code == 409
    assert admin.post(url, {"to": str(colleague.pk)}).status_code == 302
    officer.refresh_from_db()
    assert not officer.is_active
    Issue.objects.filter(pk=issue.pk).update(officer=officer)
    shown = admin.get(f"{PEOPLE}{officer.pk}/?office={world.area.pk}")
    assert "手上还有没交接的工作" in shown.content.decode()
    assert "交给：罗小燕" in shown.content.decode()
    rest = f"{PEOPLE}{officer.pk}/leave/?office={world.area.pk}"
    assert admin.post(rest, {"to": "desk"}).status_code == 302
    assert Issue.objects.get(pk=issue.pk).officer_id is None
    told = admin.get(f"/console/issues/{issue.number}/").content.decode()
    assert "交回收件岗" in told


def test_of_another_office_it_is_nobodys(world: World, signed_in: Browser) -> None:
    user = User.objects.create_user("dali.admin", "guicheng-demo", display_name="大沥管理员")
    Membership.objects.create(user=user, role=Role.SECURITY_ADMIN, subdistrict=world.other_area, started_at=NOW)
    world.people["dali.admin"] = user
    post, browser = _post(world), signed_in("dali.admin")
    for query in (f"post={post.pk}", "close=1", ""):
        for office, status in ((world.other_area, 404), (world.area, 403)):
            url = f"{PEOPLE}{post.user_id}/leave/?office={office.pk}&{query}"
            assert browser.get(url).status_code == status
            assert browser.post(url, {"to": "desk"}).status_code == status
    assert browser.post(f"{PEOPLE}{user.pk}/leave/?office={world.other_area.pk}&close=1").status_code == 403
    clerk = world.people["clerk"]
    Membership.objects.create(user=clerk, role=Role.SUPERVISOR, subdistrict=world.other_area, started_at=NOW)
    assert browser.post(f"{PEOPLE}{clerk.pk}/leave/?office={world.other_area.pk}&close=1").status_code == 403
    assert signed_in("supervisor").get(f"{PEOPLE}{post.user_id}/leave/").status_code == 403


def test_the_statements_do_not_grow_with_what_is_held(world: World, colleague: User) -> None:
    counted = []
    for number in (1, 5, 25):
        for _one in range(number):
            world.make_issue("in_progress")
        post = _post(world)
        with CaptureQueriesContext(connection) as found:
            held_by(of_post(post), NOW)
            handing_over.leave_post(
                office=world.area, membership_id=post.pk, to=str(colleague.pk), by=world.actor("admin"), at=NOW
            )
        counted.append(len(found))
        Membership.objects.filter(pk=post.pk).update(ended_at=None)
    assert len(set(counted)) == 1, counted


@pytest.mark.django_db(transaction=True)
def test_what_is_assigned_at_that_moment_is_handed_over_or_refused(world: World, colleague: User) -> None:
    issue, post = world.make_issue("in_progress", officer="head"), _post(world)

    def assign() -> None:
        with contextlib.suppress(InvalidFields):
            world.act(issue, "assign", "head", officer="officer")

    def leave() -> None:
        with contextlib.suppress(NotHandedOver):
            _leave(world, post, str(colleague.pk))

    at_once(assign, leave)
    assert Issue.objects.get(pk=issue.pk).officer_id != post.user_id
