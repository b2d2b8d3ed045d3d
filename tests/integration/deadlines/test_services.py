"""The services against PostgreSQL: what they write, and with how many statements."""

from datetime import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from common.clock import SHANGHAI
from communities.models import Department, SubDistrict
from deadlines import planning, services
from deadlines.calendar import WorkCalendar
from deadlines.limits import Limit
from deadlines.models import Deadline
from deadlines.sources import built_in

CALENDAR = built_in(2028)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


MONDAY = at("2026-03-02T10:00")


def prepared(area: SubDistrict, kind: str, limit: str, party: Department | None = None, **more: object) -> Deadline:
    values: dict[str, object] = {"at": MONDAY, "calendar": CALENDAR, "subject_id": 7} | more
    return services.prepare(
        subject_kind="issue",
        subdistrict_id=area.pk,
        kind=kind,
        limit=Limit.parse(limit),
        rule="kind:help",
        party_id=party.pk if party else None,
        **values,  # type: ignore[arg-type]
    )


def started(area: SubDistrict, **kinds: str) -> list[Deadline]:
    return services.start_many([prepared(area, kind, limit) for kind, limit in kinds.items()])


def stored(rows: list[Deadline]) -> list[dict[str, object]]:
    fields = [field.attname for field in Deadline._meta.concrete_fields]
    found = Deadline.objects.in_bulk([row.pk for row in rows])
    for row in rows:
        for name in fields:
            assert getattr(found[row.pk], name) == getattr(row, name), name
    return [{name: getattr(found[row.pk], name) for name in fields} for row in rows]


def test_all_clocks_of_a_subject_start_with_one_statement(area: SubDistrict) -> None:
    rows = [prepared(area, "respond", "1wd"), prepared(area, "accept", "1wd"), prepared(area, "handle", "5wd")]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        services.start_many(rows)
    assert [q["sql"].split()[0] for q in queries] == ["INSERT"]
    stored(rows)
    assert rows[2].due_at == rows[2].original_due_at == at("2026-03-09T17:30")
    assert rows[2].soon_at == at("2026-03-06T17:30")
    assert not rows[2].estimated
    assert services.start_many([]) == []


def test_an_outside_due_time_wins_where_it_is_earlier(area: SubDistrict) -> None:
    earlier = prepared(area, "handle", "5wd", caps={"outside": at("2026-03-04T12:00")})
    later = prepared(area, "handle", "5wd", caps={"outside": at("2026-04-04T12:00")})
    past = prepared(area, "handle", "5wd", caps={"outside": at("2026-03-01T12:00")})
    assert earlier.due_at == at("2026-03-04T12:00")
    assert later.due_at == at("2026-03-09T17:30")
    assert past.due_at == at("2026-03-02T10:01")
    services.start_many([earlier])


def test_stopping_tells_met_from_late_in_one_statement(area: SubDistrict) -> None:
    rows = started(area, respond="2h", accept="1wd", handle="5wd")
    with CaptureQueriesContext(connection) as queries:
        ended = services.stop(rows, {"respond", "accept", "verify"}, at("2026-03-02T12:00:01"))
    assert len(queries) == 1
    assert {row.kind: row.state for row in ended} == {"respond": "late", "accept": "met"}
    stored(rows)
    assert rows[2].is_running
    with CaptureQueriesContext(connection) as queries:
        assert services.stop(rows, {"respond"}, at("2026-03-03T12:00")) == []
    assert len(queries) == 0


def test_exactly_on_time_is_on_time(area: SubDistrict) -> None:
    rows = started(area, respond="2h")
    assert services.stop(rows, None, at("2026-03-02T12:00"))[0].state == "met"


def test_cancelling_keeps_what_was_missed(area: SubDistrict) -> None:
    rows = started(area, respond="2h", handle="5wd")
    services.cancel(rows, None, at("2026-03-02T15:00"))
    assert [row["state"] for row in stored(rows)] == ["late", "cancelled"]


def test_pause_and_resume_keep_days_and_minutes(area: SubDistrict) -> None:
    rows = started(area, handle="5wd", respond="4wh")
    with CaptureQueriesContext(connection) as queries:
        services.pause(rows, None, at("2026-03-02T11:00"), CALENDAR)
        services.resume(rows, None, at("2026-03-16T16:00"), CALENDAR)
    assert len(queries) == 2
    handle, respond = rows
    assert handle.due_at == at("2026-03-23T17:30")
    assert respond.due_at == at("2026-03-17T10:00")
    assert handle.original_due_at == at("2026-03-09T17:30")
    assert handle.counted_from == at("2026-03-16T15:00")
    stored(rows)


def test_a_paused_row_says_what_it_keeps(area: SubDistrict) -> None:
    rows = started(area, handle="5wd", respond="4wh")
    services.pause(rows, {"handle"}, at("2026-03-04T11:00"), CALENDAR)
    assert [(row["state"], row["remaining"]) for row in stored(rows)] == [("paused", 3), ("running", None)]
    assert services.governing_deadline(rows) is rows[1]
    services.extend(rows, {"handle"}, at("2026-03-04T11:00"), Limit.parse("1wd"), CALENDAR)
    assert (rows[0].state, rows[0].remaining) == ("paused", 4)
    assert services.stop(rows, {"handle"}, at("2026-05-04T11:00"))[0].state == "met"
    stored(rows)


def test_resuming_leaves_at_least_four_working_hours(area: SubDistrict) -> None:
    rows = started(area, accept="1wd")
    services.pause(rows, None, at("2026-03-03T17:00"), CALENDAR)
    services.resume(rows, None, at("2026-03-05T17:00"), CALENDAR, at_least=Limit.parse("4wh"))
    assert rows[0].due_at == at("2026-03-06T12:00")
    stored(rows)


def test_a_resumption_counted_from_a_day_off_does_not_run_before_the_start(area: SubDistrict) -> None:
    saturday = at("2026-03-07T10:00")
    rows = services.start_many([prepared(area, "handle", "5wd", at=saturday)])
    services.pause(rows, None, at("2026-03-07T11:00"), CALENDAR)
    services.resume(rows, None, at("2026-03-07T12:00"), CALENDAR)
    assert rows[0].counted_from >= saturday
    stored(rows)


def test_extension_counts_on_from_the_due_day(area: SubDistrict) -> None:
    rows = started(area, handle="5wd", respond="1wd")
    services.extend(rows, {"handle"}, at("2026-03-05T10:00"), Limit.parse("3wd"), CALENDAR)
    services.extend(rows, {"handle"}, at("2026-03-06T10:00"), Limit.parse("2wd"), CALENDAR)
    assert (rows[0].due_at, rows[0].extended, rows[0].extensions) == (at("2026-03-16T17:30"), 5, 2)
    assert rows[0].original_due_at == at("2026-03-09T17:30")
    stored(rows)


def test_another_organisation_owes_it(area: SubDistrict, department: Department) -> None:
    rows = started(area, handle="5wd", respond="1wd")
    assert services.hand_over(rows, {"handle"}, department.pk) == [rows[0]]
    assert services.hand_over(rows, {"handle"}, department.pk) == []
    stored(rows)


def test_a_calendar_notice_moves_open_deadlines(area: SubDistrict) -> None:
    guessed = WorkCalendar()
    known = WorkCalendar({at(f"2027-02-{day:02}T00:00").date(): (False, False) for day in range(8, 13)})
    start = at("2027-02-03T10:00")
    rows = services.start_many(
        [
            prepared(area, kind, limit, at=start, calendar=guessed)
            for kind, limit in {"handle": "5wd", "respond": "24h"}.items()
        ]
    )
    assert rows[0].estimated
    moved = services.recount(rows, at("2027-02-04T09:00"), guessed, known)
    assert moved == [(rows[0], at("2027-02-10T17:30"))]
    assert rows[0].due_at == at("2027-02-17T17:30")
    stored(rows)


def test_the_planner_fills_the_rung_in_the_same_statement(area: SubDistrict) -> None:
    calls: list[tuple[str, datetime]] = []

    def planner(deadline: Deadline, calendar: WorkCalendar, moment: datetime) -> tuple[datetime, str] | None:
        calls.append((deadline.kind, moment))
        return (deadline.soon_at, "due_soon") if deadline.kind == "handle" else None

    planning.register(planner)
    rows = started(area, handle="5wd", respond="1wd")
    assert (rows[0].next_rung, rows[0].next_rung_at) == ("due_soon", at("2026-03-06T17:30"))
    assert (rows[1].next_rung, rows[1].next_rung_at) == ("", None)
    services.pause(rows, {"handle"}, at("2026-03-04T11:00"), CALENDAR)
    assert rows[0].next_rung_at is None
    with CaptureQueriesContext(connection) as queries:
        services.resume(rows, {"handle"}, at("2026-03-05T11:00"), CALENDAR)
    assert len(queries) == 1
    assert rows[0].next_rung_at == at("2026-03-09T17:30")
    services.extend(rows, {"handle"}, at("2026-03-06T11:00"), Limit.parse("1wd"), CALENDAR)
    assert rows[0].next_rung_at == at("2026-03-10T17:30")
    services.stop(rows, {"handle"}, at("2026-03-06T12:00"))
    assert rows[0].next_rung_at is None
    stored(rows)
    assert calls[0] == ("handle", MONDAY)


def test_governing_is_the_earliest_that_runs(area: SubDistrict) -> None:
    rows = started(area, handle="5wd", respond="2h", accept="1wd")
    assert services.governing_deadline(rows) is rows[1]
    assert services.governing_deadline(rows, {"handle", "accept"}) is rows[2]
    services.stop(rows, None, MONDAY)
    assert services.governing_deadline(rows) is None


def test_one_open_deadline_of_a_kind_for_a_party(area: SubDistrict, department: Department) -> None:
    services.start_many([prepared(area, "co_reply", "5wd"), prepared(area, "co_reply", "5wd", department)])
    for party in (None, department):
        with pytest.raises(IntegrityError, match="deadlines_one_open"), transaction.atomic():
            services.start_many([prepared(area, "co_reply", "5wd", party)])
    services.start_many([prepared(area, "co_reply", "5wd", subject_id=8)])
    services.stop(list(Deadline.objects.of("issue", 7)), None, MONDAY)
    services.start_many([prepared(area, "co_reply", "5wd")])
    assert Deadline.objects.of_many("issue", [7, 8]).open().in_order().count() == 2


def test_many_rows_are_one_statement(area: SubDistrict) -> None:
    rows = services.start_many([prepared(area, "handle", "5wd", subject_id=n) for n in range(300)])
    with CaptureQueriesContext(connection) as queries:
        services.stop(rows, None, at("2026-03-04T10:00"))
    assert len(queries) == 1
    assert Deadline.objects.filter(state="met").count() == 300
