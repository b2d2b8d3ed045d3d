"""What the database refuses."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from common.clock import SHANGHAI
from communities.models import Community, SubDistrict
from deadlines import services
from deadlines.limits import Limit
from deadlines.models import CalendarDay, Deadline, DeadlineRule, DutyShift
from deadlines.sources import built_in

CALENDAR = built_in(2028)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


MONDAY, TUESDAY = at("2026-03-02T10:00"), at("2026-03-03T10:00")


@pytest.fixture
def deadline(area: SubDistrict) -> Deadline:
    return services.start_many(
        [
            services.prepare(
                subject_kind="issue",
                subject_id=7,
                subdistrict_id=area.pk,
                kind="handle",
                limit=Limit.parse("5wd"),
                rule="kind:help",
                at=MONDAY,
                calendar=CALENDAR,
            )
        ]
    )[0]


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"state": "asleep"}, "deadlines_state"),
        ({"limit": "soon"}, "deadlines_limit"),
        ({"limit": "none"}, "deadlines_limit"),
        ({"due_at": None}, "due_at"),
        ({"state": "met"}, "deadlines_stopped_once_ended"),
        ({"stopped_at": TUESDAY}, "deadlines_stopped_once_ended"),
        ({"state": "paused"}, "deadlines_paused_whole"),
        ({"state": "paused", "paused_at": TUESDAY}, "deadlines_paused_whole"),
        ({"state": "paused", "paused_at": TUESDAY, "remaining": -1}, "deadlines_paused_whole"),
        ({"remaining": 3}, "deadlines_paused_whole"),
        ({"paused_at": TUESDAY}, "deadlines_paused_whole"),
        ({"soon_at": at("2026-03-10T10:00")}, "deadlines_soon_before_due"),
        ({"counted_from": at("2026-03-01T10:00")}, "deadlines_counted_from"),
        ({"extended": 3}, "deadlines_extended_whole"),
        ({"extensions": 1}, "deadlines_extended_whole"),
        ({"next_rung_at": TUESDAY}, "deadlines_rung_while_running"),
        ({"next_rung": "urge"}, "deadlines_rung_while_running"),
        (
            {"state": "met", "stopped_at": TUESDAY, "next_rung_at": TUESDAY, "next_rung": "urge"},
            "deadlines_rung_while_running",
        ),
    ],
)
def test_a_deadline_is_whole(deadline: Deadline, values: dict[str, object], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Deadline.objects.filter(pk=deadline.pk).update(**values)


@pytest.mark.parametrize(
    "values",
    [
        {"state": "met", "stopped_at": TUESDAY},
        {"state": "late", "stopped_at": TUESDAY},
        {"state": "cancelled", "stopped_at": TUESDAY},
        {"state": "paused", "paused_at": TUESDAY, "remaining": 0},
        {"next_rung_at": TUESDAY, "next_rung": "urge"},
        {"extended": 3, "extensions": 1},
    ],
)
def test_whole_deadlines_are_taken(deadline: Deadline, values: dict[str, object]) -> None:
    assert Deadline.objects.filter(pk=deadline.pk).update(**values) == 1


def test_the_sweep_reads_its_partial_index(deadline: Deadline) -> None:
    """Of many deadlines, most of them over: of a single row any index is as good as any other to a planner."""
    columns = [field.attname for field in Deadline._meta.fields if field.name != "id"]
    values = {name: getattr(deadline, name) for name in columns}
    ended = values | {"state": "met", "stopped_at": TUESDAY}
    due = values | {"next_rung_at": TUESDAY, "next_rung": "urge"}
    waiting = due | {"next_rung_at": TUESDAY + timedelta(days=30)}
    many = [ended] * 4000 + [waiting] * 900 + [due] * 20
    Deadline.objects.bulk_create(
        Deadline(**(given | {"subject_id": number})) for number, given in enumerate(many, start=1000)
    )
    found = Deadline.objects.filter(state="running", next_rung_at__isnull=False, next_rung_at__lte=TUESDAY)
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'deadlines_sweep'")
        (definition,) = cursor.fetchone()
        cursor.execute("ANALYZE deadlines_deadline")
        plan = found.order_by("next_rung_at").explain()
    assert "(next_rung_at)" in definition
    assert "deadlines_sweep" in plan


RULE = {"scope_kind": "kind", "scope": "help", "deadline_kind": "handle", "limit": "5wd"}


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"scope_kind": "mood"}, "deadlines_rule_scope_kind"),
        ({"scope": ""}, "deadlines_rule_scope"),
        ({"scope_kind": "any"}, "deadlines_rule_scope"),
        ({"limit": "5 wd"}, "deadlines_rule_limit"),
        ({"times": 1}, "deadlines_rule_times"),
        ({"deadline_kind": "extension"}, "deadlines_rule_times"),
    ],
)
def test_a_rule_is_whole(area: SubDistrict, values: dict[str, object], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        DeadlineRule.objects.create(subdistrict=area, **RULE | values)


def test_one_current_rule_of_a_cell(area: SubDistrict) -> None:
    for subdistrict in (None, area):
        DeadlineRule.objects.create(subdistrict=subdistrict, **RULE)
        with pytest.raises(IntegrityError, match="deadlines_rule_current"), transaction.atomic():
            DeadlineRule.objects.create(subdistrict=subdistrict, **RULE)
        DeadlineRule.objects.filter(subdistrict=subdistrict).update(retired_at=MONDAY)
        DeadlineRule.objects.create(subdistrict=subdistrict, **RULE)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"source": "rumour", "estimated": False}, "deadlines_day_source"),
        ({"source": "notice", "estimated": True}, "deadlines_day_estimated_by_source"),
        ({"source": "estimate", "estimated": False}, "deadlines_day_estimated_by_source"),
    ],
)
@pytest.mark.django_db
def test_a_day_is_whole(values: dict[str, object], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        CalendarDay.objects.create(on=date(2027, 1, 1), workday=False, updated_at=MONDAY, **values)


class TestDutyRoster:
    @pytest.fixture
    def clerk(self, db: None) -> User:
        return User.objects.create_user("clerk", display_name="值班员")

    def test_a_shift_ends_after_it_starts(self, area: SubDistrict, clerk: User) -> None:
        with pytest.raises(IntegrityError, match="deadlines_shift_ends_after_start"), transaction.atomic():
            DutyShift.objects.create(subdistrict=area, clerk=clerk, starts_at=MONDAY, ends_at=MONDAY)

    def test_a_roster_imported_twice_does_not_double(self, area: SubDistrict, clerk: User) -> None:
        DutyShift.objects.create(subdistrict=area, clerk=clerk, starts_at=MONDAY, ends_at=TUESDAY)
        with pytest.raises(IntegrityError, match="deadlines_shift_one_start"), transaction.atomic():
            DutyShift.objects.create(subdistrict=area, clerk=clerk, starts_at=MONDAY, ends_at=TUESDAY)

    def test_the_community_goes_before_the_sub_district(
        self, area: SubDistrict, community: Community, clerk: User
    ) -> None:
        other = Community.objects.create(subdistrict=area, name_zh="大德社区", kind="urban")
        street = DutyShift.objects.create(subdistrict=area, clerk=clerk, starts_at=MONDAY, ends_at=TUESDAY)
        own = DutyShift.objects.create(
            subdistrict=area, community=community, clerk=clerk, leader=clerk, starts_at=MONDAY, ends_at=TUESDAY
        )

        def on(community: Community | None, moment: datetime) -> list[DutyShift]:
            community_id = community.pk if community else None
            return list(DutyShift.objects.on_shift(subdistrict_id=area.pk, community_id=community_id, at=moment))

        assert on(community, MONDAY) == [own, street]
        assert on(other, MONDAY) == [street]
        assert on(None, MONDAY) == [street]
        assert on(community, TUESDAY) == []
        assert on(community, at("2026-03-02T09:59")) == []
