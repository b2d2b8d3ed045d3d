"""load_demo: what it loads, that it repeats without doubling, and that its recent issues are like any other."""

import re
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from accounts.models import User
from accounts.roles import Role
from commitments.models import Commitment
from communities.access import access_of
from communities.models import (
    Building,
    Category,
    Community,
    Contact,
    Department,
    DepartmentKind,
    Leader,
    LeaderPlace,
    Membership,
    Neighbourhood,
)
from deadlines.models import CalendarDay, Deadline, DutyShift
from deadlines.reference import load_calendar
from files.models import StoredFile
from issues.clock_specs import OUTLIVING
from issues.enums import OPEN, SUBJECT, Outcome, Status, TimeLimit
from issues.models import HistoricRecord, Holding, Issue, IssueDepartment, Request
from issues.replay.comparing import replay_issues
from journal import verification
from journal.models import Event, EventText, Pending
from ledger.models import LedgerEntry
from meetings.enums import LeftOver
from meetings.models import Meeting, MeetingItem, Question
from meetings.words import tally_of
from privacy.accesses import accesses_for
from privacy.enums import INCIDENT, RIGHTS, RightsState
from privacy.models import Incident, LegalHold, RightsRequest
from proposals.models import Proposal
from seeds.demonstration import loading
from seeds.places.people import DEMO_ACCOUNTS, PASSWORD
from tests.integration.seeds.demonstration.conftest import NOW

pytestmark = [
    pytest.mark.long,
    pytest.mark.django_db,
    pytest.mark.usefixtures("demo"),
    pytest.mark.xdist_group("demo"),
]


_NO_CHANGE = ("reveal", "print", "hold")
"""Events of a matter that leave it as it is."""


def todo(username: str) -> list[Issue]:
    """The to-do list of a demo account."""
    access = access_of(User.objects.get(username=username))
    return list(Issue.objects.visible_to(access).awaiting(access))


class TestReference:
    def test_the_registers_have_their_sizes(self) -> None:
        assert Community.objects.count() == 45
        assert Counter(Leader.objects.values_list("kind", flat=True)) == {"building": 2186, "lane": 24, "street": 20}
        assert Leader.objects.filter(kind="street", community__name_zh="平东社区").count() == 6
        assert Neighbourhood.objects.filter(generated=False).count() == 28
        assert Category.objects.count() == 70
        assert HistoricRecord.objects.count() == 48
        assert Counter(Commitment.objects.filter(historic=True).values_list("due_on__year", flat=True)) == {
            2022: 2,
            2023: 6,
        }
        historic = list(Commitment.objects.filter(historic=True).values_list("pk", flat=True))
        assert not Deadline.objects.of_many("commitment", historic).exists()
        alive = Commitment.objects.filter(subject_kind="commitment", historic=False)
        assert Counter(alive.values_list("state", flat=True)) == {"open": 4, "reported": 1, "fulfilled": 1}

    def test_every_leader_has_a_place_and_every_building_a_first_leader(self) -> None:
        assert not Leader.objects.filter(places__isnull=True).exists()
        led = LeaderPlace.objects.filter(building__isnull=False, first=True).values("building")
        assert not Building.objects.exclude(pk__in=led).exists()

    def test_every_community_has_a_team_a_clerk_a_telephone_and_an_english_name(self) -> None:
        teams = Department.objects.filter(kind=DepartmentKind.COMMUNITY_TEAM)
        assert teams.values("community").distinct().count() == 45
        clerks = Membership.objects.filter(role=Role.CLERK, ended_at__isnull=True)
        assert clerks.values("community").distinct().count() == 45
        assert not Community.objects.exclude(phone__regex=r"^0757-0000 \d{4}$").exists()
        assert Community.objects.get(name_zh="夏东社区").name_en == "Xiadong Community"
        assert Community.objects.get(name_zh="东二社区").name_en == "Dong'er Community"

    def test_no_desk_is_empty(self) -> None:
        without = (DepartmentKind.EXTERNAL, DepartmentKind.COMMUNITY_TEAM)
        for department in Department.objects.exclude(kind__in=without):
            members = Membership.objects.filter(department=department, ended_at__isnull=True)
            assert members.filter(receiving_desk=True, role=Role.OFFICER).exists(), department.code
            assert members.filter(role=Role.HEAD).exists(), department.code

    def test_outside_bodies_have_no_accounts(self) -> None:
        assert not Membership.objects.filter(department__kind=DepartmentKind.EXTERNAL).exists()

    def test_categories_have_parents_limits_and_words(self) -> None:
        flooding = Category.objects.select_related("parent", "department").get(code="0301")
        assert flooding.parent is not None
        assert flooding.parent.code == "03"
        assert (flooding.override, flooding.physical) == ("urgent", True)
        assert flooding.department is not None
        assert flooding.department.code == "WATER"
        assert not Category.objects.get(code="0402").physical
        assert not Category.objects.filter(parent__isnull=False, keywords="").exists()

    def test_only_the_demo_accounts_can_sign_in(self) -> None:
        names = {account.username for account in DEMO_ACCOUNTS}
        for user in User.objects.all():
            assert user.has_usable_password() == (user.username in names), user.username
            assert user.email == f"{user.username}@guicheng.example"
        assert User.objects.get(username="clerk").check_password(PASSWORD)

    def test_the_leader_holds_a_building_in_bihu_garden(self) -> None:
        leader = Leader.objects.get(user__username="leader")
        place = leader.places.select_related("building__neighbourhood", "building__community").get(first=True)
        assert place.building is not None
        assert (place.building.community.name_zh, place.building.neighbourhood.name) == ("大德社区", "碧湖花园")

    def test_historic_records_keep_everything(self) -> None:
        assert HistoricRecord.objects.filter(answer="unanswered").count() == 9
        several = HistoricRecord.objects.get(ref="G-15")
        assert (several.reported_on, several.precision) == ("2022-11", "month")
        assert set(several.communities.values_list("name_zh", flat=True)) == {"同德社区", "尖东社区", "大圩社区"}
        assert HistoricRecord.objects.get(ref="G-09").departments.count() == 2
        assert HistoricRecord.objects.get(ref="G-13").promise_year == 2022

    def test_meetings_of_the_press_are_on_the_lists_and_recent_ones_alive(self) -> None:
        access, today = access_of(User.objects.get(username="clerk")), NOW.date()
        historic = MeetingItem.objects.visible_to(access).filter(record__isnull=False)
        assert (Meeting.objects.filter(historic=True).count(), historic.count()) == (6, 48)
        lists = {which.value: historic.raised().left_over(which, today).count() for which in LeftOver}
        assert lists == {"unanswered": 9, "undated": 10, "late": 8}
        assert "G-07a" in historic.unanswered().values_list("record__ref", flat=True)
        assert not Deadline.objects.filter(subject_kind="meeting", subject_id__in=historic.values("meeting")).exists()
        states = Counter(Meeting.objects.filter(historic=False, series__isnull=True).values_list("state", flat=True))
        assert states == {"held": 2, "live": 2, "announced": 2}
        assert Meeting.objects.not_held(today).count() == 1

    def test_a_question_box_of_132_and_proposals_with_a_promise(self) -> None:
        assert tally_of(Question.objects.counts()) == "提问 132 · 现场答复 9 · 书面答复 101 · 待答复 22"
        states = dict(Proposal.objects.values_list("number", "state"))
        assert states == {"桂城代表建议第7号": "handling", "桂城代表建议第3号": "answered"}

    def test_the_leader_has_a_ledger_in_which_something_was_set_right(self) -> None:
        assert LedgerEntry.objects.count() == 42
        assert LedgerEntry.objects.standing().count() == 41
        assert Event.objects.filter(subject_kind="ledger_entry", kind="ledger_corrected").count() == 1

    def test_somebody_is_on_duty_whenever_offices_are_closed(self) -> None:
        calendar = load_calendar()
        subdistrict = Community.objects.first().subdistrict_id  # type: ignore[union-attr]
        for hours in range(0, 13 * 24, 3):
            at = NOW + timedelta(hours=hours)
            if not calendar.in_office_hours(at):
                assert DutyShift.objects.on_shift(subdistrict_id=subdistrict, at=at).exists(), at

    def test_the_calendar_is_filled(self) -> None:
        assert CalendarDay.objects.filter(on__year=2026, estimated=False).count() == 365


class TestRecentIssues:
    def test_there_are_about_four_hundred_in_every_status(self) -> None:
        found = Counter(Issue.objects.values_list("status", flat=True))
        assert 400 <= sum(found.values()) <= 480
        assert set(found) == set(Status.values)

    def test_every_time_limit_state_and_every_turn_of_events_is_there(self) -> None:
        rows = list(Issue.objects.filter(status__in=OPEN))
        found = Counter(issue.time_limit(NOW) for issue in rows)
        assert min(found[state] for state in (TimeLimit.ON_TIME, TimeLimit.DUE_SOON, TimeLimit.OVERDUE)) >= 10
        assert found[TimeLimit.OVERDUE] < found[TimeLimit.ON_TIME]
        for condition in (
            {"redo_count": 1},
            {"redo_count": 2},
            {"reopen_count": 1},
            {"return_count": 1},
            {"return_count": 2},
            {"urge_count__gte": 1},
            {"confidential": True},
            {"contact": None},
            {"level": "critical"},
            {"level": "urgent"},
            {"level": "complex"},
            {"verdict": "unreachable"},
            {"verdict": "dissatisfied", "status": "closed"},
        ):
            assert Issue.objects.filter(**condition).exists(), condition

    def test_nothing_lies_in_the_future(self) -> None:
        assert not Event.objects.filter(at__gt=NOW).exists()
        assert not Issue.objects.filter(changed_at__gt=NOW).exists()

    def test_numbers_follow_time_without_gaps(self) -> None:
        rows = list(Issue.objects.order_by("serial").values_list("serial", "created_at"))
        assert [serial for serial, _ in rows] == list(range(1, len(rows) + 1))
        assert [at for _, at in rows] == sorted(at for _, at in rows)

    def test_rows_deadlines_and_journal_agree(self) -> None:
        going_on = Deadline.objects.filter(subject_kind=SUBJECT, state__in=["running", "paused"]).exclude(
            kind__in=OUTLIVING
        )
        open_rows = {row.subject_id for row in going_on}
        ended = set(Issue.objects.exclude(status__in=OPEN).values_list("pk", flat=True))
        assert not open_rows & ended
        for issue in Issue.objects.all():
            events = Event.objects.of(SUBJECT, issue.pk).exclude(kind__in=_NO_CHANGE)
            assert events.count() == issue.version, issue.title
            assert events.order_by("-seq")[0].at == issue.changed_at

    def test_the_journal_verifies(self) -> None:
        assert verification.verify().broken is None

    def test_the_journal_explains_every_row_in_every_status(self) -> None:
        assert set(Issue.objects.values_list("status", flat=True)) == set(Status)
        batches = list(replay_issues())
        assert sum(batch.rows for batch in batches) == Issue.objects.count()
        assert [one for batch in batches for one in batch.unexplained] == []

    def test_descriptions_differ(self) -> None:
        texts = list(Issue.objects.values_list("description", flat=True))
        assert len(set(texts)) >= 0.95 * len(texts)
        titles = list(Issue.objects.values_list("title", flat=True))
        assert len(set(titles)) >= 0.9 * len(titles)

    def test_all_telephone_numbers_are_invented(self) -> None:
        phones = [contact.phone for contact in Contact.objects.all()] + [
            leader.phone for leader in Leader.objects.all()
        ]
        assert phones
        assert all(re.fullmatch(r"1990000\d{4}", phone) for phone in phones if phone)
        words = [
            *Issue.objects.values_list("description", flat=True),
            *(row.text for row in EventText.objects.all()),
        ]
        assert not [text for text in words if re.search(r"1[3-9]\d{9}|\d{17}", text)]

    def test_only_recent_events_wait_for_readers(self) -> None:
        assert not Pending.objects.filter(event__at__lt=NOW - timedelta(days=3)).exists()


class TestCaseWork:
    """Every fact that case work can bring about stands somewhere."""

    def test_deferrals_and_more_time(self) -> None:
        renewed = Issue.objects.get(suspension_count=2)
        assert renewed.status == Status.SUSPENDED
        clocks = Deadline.objects.filter(subject_kind=SUBJECT, subject_id=renewed.pk)
        assert clocks.get(kind="handle").paused_at is not None
        assert clocks.filter(kind="suspension_review", state="running").count() == 1
        found = set(Request.objects.values_list("kind", "state"))
        assert {("extension", state) for state in ("open", "granted", "refused")} <= found
        assert {("suspension", "open"), ("suspension", "granted")} <= found
        long = Request.objects.get(kind="suspension", state="open")
        assert long.until_on is not None
        assert (long.until_on - NOW.date()).days > 180

    def test_several_departments(self) -> None:
        assert Holding.objects.filter(until_at__isnull=True).exists()
        final = Issue.objects.get(assigned_final=True)
        assert final.return_count == 2
        assert final.departments.exclude(returned_at=None).count() == 2
        silent = Event.objects.get(kind="reply", data__has_key="co_missing")
        parts = IssueDepartment.objects.filter(issue_id=silent.subject_id, role="co")
        assert sorted(part.answered_at is None for part in parts) == [False, True]
        assert Event.objects.filter(kind="waive_department").exists()
        assert Event.objects.filter(kind="reassign").exists()

    def test_outside_bodies_have_their_matters(self) -> None:
        rows = Issue.objects.filter(lead_department__kind=DepartmentKind.EXTERNAL)
        assert rows.filter(status=Status.IN_PROGRESS, turn="community").exists()
        assert rows.filter(status=Status.CLOSED).exists()
        assert Event.objects.filter(kind="transfer_out").count() == rows.count()

    def test_what_time_brought_about(self) -> None:
        assert Issue.objects.filter(deemed=True, status=Status.IN_PROGRESS).exists()
        assert Issue.objects.filter(info_expired=True, status=Status.SUBMITTED).exists()
        assert Issue.objects.filter(status=Status.NEED_INFO).exists()

    def test_twelve_residents_share_one_matter(self) -> None:
        master = Issue.objects.get(persons=12)
        assert master.collective_at is not None
        assert "充电" in master.title
        joined = Issue.objects.filter(master=master)
        assert joined.count() == 11
        assert [row.verdict for row in joined if row.objected] == ["dissatisfied"]
        assert len({row.contact.phone for row in joined if row.contact}) == 11

    def test_answers_without_a_solution_have_a_date(self) -> None:
        for event in Event.objects.filter(kind="reply", data__outcome__in=["planned", "not_now"]):
            assert Commitment.objects.filter(pk=event.data["commitment"], subject_id=event.subject_id).exists()
        assert Commitment.objects.filter(state="open", public=True, due_on__lt=NOW.date()).exists()
        assert Commitment.objects.filter(state="open", due_on__gt=NOW.date()).count() >= 2
        assert Commitment.objects.filter(review_on__gt=NOW.date()).count() >= 2

    def test_supervision_and_the_leaders(self) -> None:
        assert set(Issue.objects.values_list("supervision", flat=True)) >= {"urged", "supervised", "yellow_card"}
        kinds = set(Event.objects.values_list("kind", flat=True))
        assert {"instruct", "cc", "sign", "lift", "request_callback", "edit", "endorse", "grant_exclusion"} <= kinds
        assert Issue.objects.filter(excluded_at__isnull=False).count() == 1

    def test_published_matters_of_both_communities(self) -> None:
        for name in ("夏东社区", "大德社区"):
            rows = Issue.objects.filter(community__name_zh=name, published_at__isnull=False, confidential=False)
            assert rows.count() >= 3, name
            assert all(issue.public_title and issue.public_text for issue in rows)

    def test_the_hotlines_earlier_time_wins(self) -> None:
        rows = Issue.objects.filter(external_due_at__isnull=False)
        assert rows.count() >= 2
        assert all(issue.external_number for issue in rows)
        assert Deadline.objects.filter(rule__startswith="external:").exists()

    def test_solved_things_are_photographed(self) -> None:
        replies = Event.objects.filter(kind="reply", data__outcome="solved")
        physical = set(Issue.objects.filter(category__physical=True).values_list("pk", flat=True))
        for event in replies:
            if event.subject_id in physical:
                photos = StoredFile.objects.filter(pk__in=event.data["attachments"], kind="photo")
                assert photos.filter(owner_kind=SUBJECT, owner_id=event.subject_id, state="ready").exists()
        assert StoredFile.objects.filter(kind="document").count() >= 5
        assert not StoredFile.objects.exclude(owner_kind=SUBJECT).exists()
        assert not StoredFile.objects.exclude(state="ready").exists()


class TestInboxes:
    def test_the_clerk_has_about_twenty_things_to_do(self) -> None:
        rows = todo("clerk")
        states = Counter(issue.status for issue in rows)
        assert 17 <= len(rows) <= 32
        assert states[Status.FOLLOW_UP] >= 3
        assert states[Status.SUBMITTED] >= 2
        limits = Counter(issue.time_limit(NOW) for issue in rows)
        assert limits[TimeLimit.OVERDUE] >= 2
        end_of_day = NOW.replace(hour=23, minute=59)
        assert sum(issue.due_at is not None and NOW < issue.due_at < end_of_day for issue in rows) >= 3

    def test_a_flooded_lane_was_just_logged(self) -> None:
        flooded = Issue.objects.get(title__startswith="涌口三巷被雨水淹")
        assert (flooded.status, flooded.level) == (Status.SUBMITTED, "urgent")
        assert NOW - flooded.created_at < timedelta(hours=1)

    @pytest.mark.parametrize(("username", "least"), [("clerk2", 8), ("officer", 15), ("officer2", 8), ("head", 20)])
    def test_every_desk_is_alive(self, username: str, least: int) -> None:
        rows = todo(username)
        assert len(rows) >= least
        if username != "clerk2":
            assert any(issue.time_limit(NOW) == TimeLimit.OVERDUE for issue in rows)

    def test_the_supervisor_decides_on_whatever_nobody_else_may(self) -> None:
        rows = todo("supervisor")
        assert sum(issue.return_count == 2 for issue in rows) >= 3
        assert {"extension", "suspension"} <= {kind for issue in rows for kind in issue.asks}
        assert any(issue.outcome == Outcome.NOT_NOW for issue in rows)
        assert any(issue.collective_at and issue.status == Status.FOLLOW_UP for issue in rows)

    @pytest.mark.parametrize(
        ("username", "waiting"),
        [("deputy", {"order", "yellow_card", "exclusion"}), ("director", {"red_card", "suspension"})],
    )
    def test_those_who_sign_find_what_waits_for_them(self, username: str, waiting: set[str]) -> None:
        assert waiting <= {kind for issue in todo(username) for kind in issue.asks}

    def test_the_water_officer_owes_an_answer_to_another_department(self) -> None:
        rows = [issue for issue in todo("officer2") if issue.co_waiting_ids]
        assert rows
        assert all(issue.lead_department_id not in issue.co_waiting_ids for issue in rows)

    def test_the_leader_sees_own_reports(self) -> None:
        leader = Leader.objects.get(user__username="leader")
        assert Issue.objects.filter(leader=leader, neighbourhood__name="碧湖花园").count() >= 3

    def test_the_example_can_be_tracked(self, demo: list[str]) -> None:
        issue = Issue.objects.get(contact__phone_last4="1234")
        assert (issue.community.name_zh, issue.status) == ("大德社区", Status.IN_PROGRESS)
        assert issue.neighbourhood is not None
        assert issue.neighbourhood.name == "碧湖花园"
        assert "路灯不亮" in issue.title
        assert any(issue.number in line for line in demo)


class TestOwnData:
    """The pages on personal information have something to show, made as people make it."""

    def test_one_request_waits_with_a_month_and_others_are_answered(self) -> None:
        waiting = RightsRequest.objects.get(status=RightsState.RECEIVED)
        clock = Deadline.objects.of(RIGHTS, waiting.pk).open().get()
        assert (clock.due_at, waiting.kind, waiting.via) == (waiting.due_at, "correct", "web")
        assert timedelta(days=20) < waiting.due_at - NOW < timedelta(days=30)
        ended = RightsRequest.objects.exclude(pk=waiting.pk)
        assert Counter(ended.values_list("status", flat=True)) == {"done": 1, "declined": 1}
        assert all(row.answer for row in ended)

    def test_an_incident_was_told_in_time_and_a_matter_is_held(self) -> None:
        incident = Incident.objects.get()
        assert incident.is_told
        assert incident.ended_at is None
        clock = Deadline.objects.of(INCIDENT, incident.pk).get()
        assert clock.stopped_at is not None
        assert clock.stopped_at <= clock.due_at
        assert LegalHold.objects.get(ended_at__isnull=True).issue.status == Status.CLOSED

    def test_the_example_says_who_looked(self) -> None:
        issue = Issue.objects.select_related("contact").get(contact__phone_last4="1234")
        assert issue.contact is not None
        rows = accesses_for(issue, issue.contact.phone).rows
        assert [(str(row.what), row.name, bool(row.reason)) for row in rows] == [
            ("打印回执", "区绮玲", False),
            ("查看完整的姓名、电话和住址", "梁永康", True),
            ("查看完整的姓名、电话和住址", "区绮玲", True),
        ]
        assert all(issue.created_at < row.at < NOW for row in rows)


def _counts() -> dict[str, int]:
    names = (
        *("communities", "accounts", "issues", "deadlines", "journal", "files", "commitments", "privacy"),
        *("meetings", "proposals", "leaders", "ledger"),
    )
    return {
        model._meta.label: model._default_manager.count()
        for name in names
        for model in apps.get_app_config(name).get_models()
    }


def test_a_second_run_changes_nothing() -> None:
    before, newest = _counts(), Event.objects.order_by("-id").values_list("id", flat=True)[0]
    said: list[str] = []
    loading.load(at=NOW + timedelta(hours=1), says=said.append)
    assert _counts() == before
    assert Event.objects.order_by("-id").values_list("id", flat=True)[0] == newest
    assert any("already" in line for line in said)


def test_without_demo_it_refuses_with_one_line(settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1") as refused:
        call_command("load_demo", skip_checks=True)
    assert "\n" not in str(refused.value)
