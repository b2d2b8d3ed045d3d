"""The calendar and the rules as tables, and what a process holds of them."""

import json
from datetime import date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import held
from common.clock import SHANGHAI
from communities.models import SubDistrict
from deadlines import services, subjects
from deadlines.limits import Limit
from deadlines.models import CalendarDay, Deadline, DeadlineRule
from deadlines.rules import DEFAULT_RULES, limits_for
from deadlines.sources import built_in

AT = datetime(2026, 11, 21, 9, 0, tzinfo=SHANGHAI)
pytestmark = pytest.mark.django_db


def test_an_empty_table_stands_for_the_librarys_calendar() -> None:
    calendar = services.load_calendar()
    assert calendar.is_workday(date(2026, 2, 14))
    assert not calendar.is_estimated(date(2024, 1, 1))


def test_filling_the_table_is_repeatable_and_leaves_corrections() -> None:
    first = services.refresh_calendar(at=AT)
    assert first == {"written": CalendarDay.objects.count(), "kept": 0}
    assert CalendarDay.objects.filter(on__year=2026, estimated=False).count() == 365
    assert CalendarDay.objects.filter(on__year=2027, estimated=True).count() == 365
    CalendarDay.objects.filter(on=date(2027, 2, 13)).update(
        workday=True, estimated=False, source="notice", updated_at=AT
    )
    assert services.refresh_calendar(at=AT)["written"] == 0
    calendar = services.load_calendar()
    assert calendar.is_workday(date(2027, 2, 13))
    assert not calendar.is_estimated(date(2027, 2, 13))
    assert calendar.is_estimated(date(2027, 2, 12))


def test_the_table_is_the_calendar_of_the_library() -> None:
    services.refresh_calendar(at=AT)
    calendar, library = services.load_calendar(), built_in(2028)
    for day in CalendarDay.objects.all():
        assert calendar.is_workday(day.on) == library.is_workday(day.on)
        assert calendar.is_estimated(day.on) == library.is_estimated(day.on)


def test_a_warm_calendar_and_warm_rules_cost_no_statement(area: SubDistrict) -> None:
    services.refresh_calendar(at=AT)
    services.load_calendar()
    services.load_rules(area.pk)
    with CaptureQueriesContext(connection) as queries:
        services.load_calendar()
        services.load_rules(area.pk)
    assert len(queries) == 0


def test_a_correction_is_seen_when_the_minute_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    services.refresh_calendar(at=AT)
    before = services.load_calendar()
    monkeypatch.setattr(held, "CHECK_AFTER", 0.0)
    with CaptureQueriesContext(connection) as queries:
        assert services.load_calendar() is before
    assert len(queries) == 1
    later = datetime(2026, 11, 22, 9, 0, tzinfo=SHANGHAI)
    CalendarDay.objects.filter(on=date(2026, 12, 5)).update(workday=True, source="notice", updated_at=later)
    assert services.load_calendar().is_workday(date(2026, 12, 5))
    assert not before.is_workday(date(2026, 12, 5))


def test_rules_are_the_sub_districts_else_the_installations_else_the_products(area: SubDistrict) -> None:
    assert services.load_rules(area.pk) is DEFAULT_RULES
    assert services.install_default_rules() == len(DEFAULT_RULES.rows)
    services.forget()
    DeadlineRule.objects.filter(subdistrict=None, scope="help", deadline_kind="handle").update(limit="6wd")
    assert str(services.load_rules(area.pk).limits_for(None, None, "help")["handle"].limit) == "6wd"
    assert services.install_default_rules(area.pk) == len(DEFAULT_RULES.rows)
    assert services.install_default_rules(area.pk) == 0
    found = services.load_rules(area.pk)
    assert found.limits_for("urgent", None, "help") == limits_for("urgent", None, "help")
    assert found.limits_for(None, None, "help") == limits_for(None, None, "help")
    assert found.extension_for("complex", None, "help") == DEFAULT_RULES.extension_for("complex", None, "help")


def test_the_command_fills_the_calendar() -> None:
    out = StringIO()
    call_command("load_calendar", "--first-year=2026", "--last-year=2026", stdout=out)
    assert json.loads(out.getvalue()) == {"written": 365, "kept": 0}
    with pytest.raises(CommandError) as error:
        call_command("load_calendar", "--first-year=1990")
    assert error.value.returncode == 2


def test_a_deadline_without_its_subject_is_found(area: SubDistrict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subjects, "_tables", {})
    subjects.register("area", "communities.SubDistrict")

    def start(kind: str, subject_id: int) -> Deadline:
        return services.start_many(
            [
                services.prepare(
                    subject_kind=kind,
                    subject_id=subject_id,
                    subdistrict_id=area.pk,
                    kind="handle",
                    limit=Limit.parse("5wd"),
                    rule="kind:help",
                    at=AT,
                    calendar=services.load_calendar(),
                )
            ]
        )[0]

    start("area", area.pk)
    call_command("check_deadlines", stdout=StringIO())
    gone, unknown = start("area", area.pk + 1000), start("nobody", 1)
    assert set(subjects.orphans()) == {gone, unknown}
    with pytest.raises(CommandError):
        call_command("check_deadlines", stderr=StringIO())
