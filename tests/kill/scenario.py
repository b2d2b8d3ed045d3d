"""Runs as a process of its own with the environment of the kill tests: a world full of what is due.

``python -m tests.kill.scenario build N`` makes N issues in a migrated database, a month old and their clocks all run
out, beside every third an errand of the second domain, a promise that stands for itself with a milestone, and a meeting
that nobody held, and drains their events; ``multiply N`` makes N more issues with one reminder due each, and nothing
else; ``channels`` gives a department the group robots whose addresses are its argument; ``letters`` sets a gateway up,
and residents report; ``report`` logs one resident's matter now and prints its id and how long it took.
"""

import json
import os
import sys
import time
from datetime import datetime, timedelta
from typing import Any

_LOUD = """
CREATE FUNCTION leave_at_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.loud := true;
    NEW.next_attempt_at := least(NEW.next_attempt_at, now());
    RETURN NEW;
END $$;
CREATE TRIGGER leave_at_once BEFORE INSERT ON reminders_outboxmessage FOR EACH ROW EXECUTE FUNCTION leave_at_once();
"""
"""What is told of promises and meetings would wait for the morning: the same is seen at night and on a Sunday."""


def build(count: int) -> dict[str, int]:
    """An installation after an outage: everything is due at once, and nothing waits in the journal."""
    from django.db import connection

    from common.clock import now
    from deadlines.models import Deadline
    from journal.models import Pending
    from tests.errands import engine
    from tests.support.cast import build_world

    world = build_world()
    month_ago = now() - timedelta(days=30)
    for number in range(count):
        world.make_issue(
            "in_progress" if number % 2 else "dispatched", at=month_ago + timedelta(seconds=number), level="critical"
        )
        if number % 3 == 0:
            engine.send(
                department=world.departments["WATER"], title="去取雨量计", limit="1d", level="critical", at=month_ago,
                by_id=world.people["supervisor"].pk,
            )  # fmt: skip
            _promise_and_meet(world, number, month_ago)
    Pending.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(_LOUD)
    due = Deadline.objects.filter(state="running", next_rung_at__lte=now())
    return {"issues": count, "due": due.count()}


def _promise_and_meet(world: Any, number: int, at: datetime) -> None:
    """A promise of the water office to the community, and a meeting, both due some days after."""
    from commitments.services import NewMilestone, make
    from common.clock import local
    from tests.integration.meetings.room import announced

    day = local(at).date()
    make(
        subdistrict_id=world.area.pk, text="修好排水口", owner_id=world.departments["WATER"].pk, at=at,
        by_id=world.people["supervisor"].pk, community_id=world.communities["xiadong"].pk,
        due_on=day + timedelta(days=8), milestones=[NewMilestone("清疏完", day + timedelta(days=3))],
    )  # fmt: skip
    announced(world, on=day + timedelta(days=1 + number), at=at)


def _present_world() -> Any:
    """The cast as an earlier process left it in the database."""
    from accounts.models import User
    from communities.models import Category, Community, Department, SubDistrict
    from tests.support.cast import World

    area = SubDistrict.objects.get(code="guicheng")
    world = World(area=area, other_area=SubDistrict.objects.get(code="dali"))
    world.communities = {
        "xiadong": Community.objects.get(name_zh="夏东社区"),
        "dade": Community.objects.get(name_zh="大德社区"),
    }
    world.departments = {row.code: row for row in Department.objects.filter(subdistrict=area)}
    world.categories = {row.code: row for row in Category.objects.filter(subdistrict=area)}
    world.people = {row.username: row for row in User.objects.all()}
    return world


_COPY = """
INSERT INTO issues_issue SELECT (jsonb_populate_record(i, jsonb_build_object(
    'id', %(first)s + n, 'serial', %(first)s + n, 'number', '桂城-2026-' || lpad((%(first)s + n)::text, 6, '0'),
    'token', md5(n::text), 'contact_id', NULL))).*
FROM generate_series(1, %(count)s) AS n
JOIN issues_issue i ON i.id = CASE WHEN n %% 10 = 0 THEN %(second)s ELSE %(usual)s END;
INSERT INTO issues_issuedepartment SELECT (jsonb_populate_record(d, jsonb_build_object(
    'id', nextval(pg_get_serial_sequence('issues_issuedepartment', 'id')), 'issue_id', %(first)s + n))).*
FROM generate_series(1, %(count)s) AS n
JOIN issues_issuedepartment d ON d.issue_id = CASE WHEN n %% 10 = 0 THEN %(second)s ELSE %(usual)s END;
INSERT INTO deadlines_deadline SELECT (jsonb_populate_record(d, jsonb_build_object(
    'id', nextval(pg_get_serial_sequence('deadlines_deadline', 'id')), 'subject_id', %(first)s + n,
    'fired', 0, 'next_rung', 'urge', 'next_rung_at', now() - interval '10 min',
    'due_at', now() - interval '10 min', 'original_due_at', now() - interval '10 min',
    'soon_at', now() - interval '6 h', 'started_at', now() - interval '24 h 10 min',
    'counted_from', now() - interval '24 h 10 min'))).*
FROM generate_series(1, %(count)s) AS n
JOIN deadlines_deadline d ON d.subject_kind = 'issue' AND d.kind = 'handle' AND d.state = 'running'
    AND d.subject_id = CASE WHEN n %% 10 = 0 THEN %(second)s ELSE %(usual)s END;
UPDATE deadlines_deadline SET state = 'cancelled', stopped_at = started_at, next_rung_at = NULL, next_rung = ''
WHERE state = 'running' AND (subject_kind <> 'issue' OR subject_id <= %(first)s);
UPDATE accounts_user SET email = '' WHERE username NOT IN ('officer', 'officer2');
"""


def multiply(count: int) -> dict[str, int]:
    """``count`` matters that were to be done within a day and are ten minutes late; a tenth of them are 水务办's."""
    from django.db import connection

    from common.clock import now
    from deadlines.models import Deadline
    from issues.models import Issue
    from journal.models import Pending

    world = _present_world()
    at = now() - timedelta(days=2)
    usual = world.make_issue("in_progress", at=at, level="critical")
    second = world.make_issue("in_progress", at=at, level="critical", department="WATER", officer="officer2")
    first = Issue.objects.order_by("-id").values_list("id", flat=True)[0] + 1000
    with connection.cursor() as cursor:
        cursor.execute(_COPY, {"count": count, "first": first, "usual": usual.pk, "second": second.pk})
        cursor.execute("ANALYZE")
    Pending.objects.all().delete()
    return {"due": Deadline.objects.filter(state="running", next_rung_at__lte=now()).count()}


def channels(robots: dict[str, str]) -> dict[str, int]:
    """水务办 gets a group robot for each kind, at this address. Returns the channels' ids."""
    from communities.models import Department
    from reminders.models import DeliveryChannel

    office = Department.objects.get(code="WATER")
    return {
        kind: DeliveryChannel.objects.create(
            subdistrict=office.subdistrict,
            department=office,
            kind=kind,
            name=kind,
            url=url,
            secret="SECrobot" if kind == "dingtalk" else "",
        ).pk
        for kind, url in robots.items()
    }


def letters(gateway: str) -> dict[str, int]:
    """A gateway at this address, and ten residents who report something now."""
    from common.clock import now
    from reminders.models import DeliveryChannel

    world = _present_world()
    DeliveryChannel.objects.create(subdistrict=world.area, kind="sms", name="sms", url=gateway, secret="sms-secret")
    for number in range(10):
        world.create(at=now(), contact_phone=f"1990001{number:04d}")
    return {"letters": 10}


def report() -> dict[str, float]:
    """A resident reports something critical, which no night keeps, whatever is down.

    The process has served before: calendar and rules are loaded. The best of three counts, the broker tried each time:
    the machine may be busy with other tests.
    """
    import kombu.transport.redis  # noqa: F401 - loaded by the first publication otherwise

    from common.clock import now
    from communities.actors import Actor
    from communities.models import Category, Community
    from deadlines.services import load_calendar, load_rules
    from issues.services.creation import NewIssue, create
    from reminders import nudge
    from reminders.reference import load_ladder

    community = Community.objects.get(name_zh="夏东社区")
    category = Category.objects.get(code="0402", subdistrict=community.subdistrict)
    draft = NewIssue(
        subdistrict_id=community.subdistrict_id,
        community_id=community.pk,
        category_id=category.pk,
        description="楼道灯不亮。",
        source="web",
        level="critical",
        contact_phone="19900001234",
    )
    load_calendar()
    load_rules(community.subdistrict_id)
    load_ladder(community.subdistrict_id)
    for _attempt in range(3):
        nudge.listen_again()
        begun = time.monotonic()
        issue = create(draft=draft, by=Actor.resident(), at=now())
        seconds = time.monotonic() - begun
        if seconds < 1:
            break
    return {"issue": issue.pk, "seconds": seconds}


def main() -> None:
    """Set Django up and do what the command line says."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    step, *given = sys.argv[1:]
    done: dict[str, Any]
    match step:
        case "build":
            done = build(int(given[0]))
        case "multiply":
            done = multiply(int(given[0]))
        case "channels":
            done = channels(json.loads(given[0]))
        case "letters":
            done = letters(given[0])
        case _:
            done = report()
    print(json.dumps(done))


if __name__ == "__main__":
    main()
