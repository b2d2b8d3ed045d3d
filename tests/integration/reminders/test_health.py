"""The health page tells what waits and what stopped, at the same cost whatever there is; the alarm reaches people."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from unittest import mock

import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from common.clock import now
from console.administration.health import safety
from deadlines.models import Deadline
from govtrack import heartbeats
from journal.models import Event, Pending
from reminders import health
from reminders.enums import SET_ASIDE
from reminders.health import Condition, Job
from reminders.models import DeliveryChannel, OutboxMessage, Watchdog
from reminders.services.delivery import deliver
from reminders.services.fan_out import fan_out
from reminders.services.watchdog import SCHEDULE, schedule_ran
from seeds.load.loading import LoadRequest, load
from tests.integration.statements.test_bounds import statements
from tests.support.cast import NOW, World
from tests.support.smtp_sink import SmtpSink

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
PAGE, ALARM = "/console/admin/health/", "/console/admin/health/alarm/"


@pytest.fixture(autouse=True)
def _signs() -> Iterator[None]:
    for part in heartbeats.PARTS:
        heartbeats.record(part)
    yield
    heartbeats.forget()


def ran(job: str, ago: timedelta = timedelta()) -> None:
    at = now() - ago
    Watchdog.objects.update_or_create(job=job, defaults={"started_at": at, "finished_at": at})


def metrics() -> dict[str, float]:
    page = Client(headers={"host": "localhost"}).get("/metrics")
    assert page.status_code == 200
    rows = re.findall(r"^(govtrack_[^ ]+) ([0-9.e+-]+)$", page.content.decode(), re.M)
    return {name: float(value) for name, value in rows}


def queue(world: World, count: int) -> DeliveryChannel:
    """``count`` messages that have waited for an hour on a robot whose circuit is open; a dead one beside them."""
    channel = DeliveryChannel.objects.create(
        subdistrict=world.area, kind="wecom", name="市政群", url="https://robot.example.org/x", failures=3,
        open_until_at=now() + timedelta(minutes=5),
    )  # fmt: skip
    issue = world.make_issue("accepted")
    event = Event.objects.of("issue", issue.pk).order_by("seq")[0]
    hour_ago = now() - timedelta(hours=1)
    OutboxMessage.objects.filter(event=event).delete()
    made = []
    for _number in range(count):
        via = DeliveryChannel.objects.create(
            subdistrict=world.area, kind="webhook", name="对接", url="https://hook.example.org/x"
        )
        made.append(
            OutboxMessage(event=event, channel="webhook", via=via, created_at=hour_ago, next_attempt_at=hour_ago)
        )
    made.append(OutboxMessage(event=event, channel="wecom", via=channel, created_at=hour_ago, next_attempt_at=hour_ago))
    OutboxMessage.objects.bulk_create(made)
    return channel


@pytest.fixture
def application(world: World, settings: Settings) -> None:
    """Inside the test the database is asked by a role that owns nothing, and seals leave it, as in an installation."""
    settings.SEAL_TO = "mailto:audit@example.org"
    role = f"application_{connection.settings_dict['NAME']}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE ROLE {role}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};"
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}; SET LOCAL ROLE {role}"
        )


@pytest.mark.parametrize(("demo", "condition"), [(False, Condition.BAD), (True, Condition.WATCH)])
def test_a_role_that_owns_the_tables_is_named(
    world: World, settings: Settings, demo: bool, condition: Condition
) -> None:
    settings.DEMO = demo
    row = next(row for row in safety() if row.label == "数据库权限")
    assert (row.condition, "prepare_roles" in row.advice) == (condition, True)


def test_a_quiet_installation_is_fine(world: World, signed_in: Browser, application: None) -> None:
    schedule_ran()
    for job in health.schedules():
        ran(job)
    Pending.objects.all().delete()
    page = signed_in("supervisor").get(PAGE).content.decode()
    assert "一切正常" in page
    assert "异常" not in page
    assert 'role="alert"' not in page


@pytest.mark.parametrize("trouble", ["nothing listens", "it turns everybody away"])
def test_mail_that_is_refused_is_no_fine_health(
    sink: SmtpSink, world: World, signed_in: Browser, settings: Settings, application: None, trouble: str
) -> None:
    """All else is well: what the page says is about the mail alone."""
    schedule_ran()
    for job in health.schedules():
        ran(job)
    world.make_issue("dispatched")
    fan_out(at=NOW)
    Pending.objects.all().delete()
    if trouble == "nothing listens":
        settings.EMAIL_PORT = 9
    else:
        sink.greeting = 554
    Deadline.objects.filter(state="running").update(next_rung_at=now() + timedelta(days=1))
    result = deliver(clock=lambda: NOW + timedelta(hours=1))
    assert (result.sent, result.postponed) == (0, 1)
    page = signed_in("admin").get(PAGE)
    assert "一切正常" not in page.content.decode()
    wrong = [row for section in page.context["sections"] for row in section.rows if row.condition != Condition.FINE]
    assert [row.label for row in wrong] == ["电子邮件 · 电子邮件"]


def test_what_waits_is_named_with_what_to_do(world: World, signed_in: Browser) -> None:
    queue(world, 0)
    two_hours_ago = now() - timedelta(hours=2)
    Deadline.objects.filter(state="running").update(next_rung_at=two_hours_ago, next_rung="urge")
    Pending.objects.filter(pk__in=list(Pending.objects.values_list("pk", flat=True)[:1])).update(reader=SET_ASIDE)
    Watchdog.objects.create(
        job="sweep", started_at=now() - timedelta(minutes=1), failed_at=now(), error="LookupError",
    )  # fmt: skip
    page = signed_in("admin").get(PAGE).content.decode()
    for words in (
        "已等待 2小时",
        "连续失败 3 次",
        "企业微信群机器人 · 市政群",
        "LookupError",
        "无法解读",
        "待发送 1，最久 60分钟",
    ):
        assert words in page, words


def test_only_supervisors_and_administrators_see_it(world: World, signed_in: Browser) -> None:
    for username in ("clerk", "officer", "head", "deputy", "leader"):
        assert signed_in(username).get(PAGE).status_code == 403
        assert signed_in(username).get(ALARM).status_code == 403
    assert signed_in("supervisor").get(PAGE).status_code == 200


@pytest.mark.long
def test_the_page_costs_the_same_whatever_there_is(world: World, signed_in: Browser) -> None:
    browser = signed_in("supervisor")

    def cost() -> int:
        browser.get(PAGE)
        with statements() as found:
            assert browser.get(PAGE).status_code == 200
        return len(found)

    before = cost()
    load(LoadRequest(count=100, open_share=0.5), now=now(), says=lambda line: None)
    queue(world, 20)
    assert cost() == before <= 10


def test_channels_of_another_sub_district_are_not_named(world: World, signed_in: Browser) -> None:
    DeliveryChannel.objects.create(
        subdistrict=world.other_area, kind="feishu", name="大沥值班群", url="https://robot.example.org/y"
    )
    assert "大沥值班群" not in signed_in("supervisor").get(PAGE).content.decode()


# The alarm


def test_a_stopped_schedule_is_on_every_page_of_a_supervisor(world: World, signed_in: Browser) -> None:
    ran(SCHEDULE, timedelta(seconds=91))
    ran("sweep")
    for username in ("supervisor", "admin"):
        page = signed_in(username).get("/console/help/").content.decode()
        assert "停止运行" in page
        assert PAGE in page
    for username in ("clerk", "officer", "deputy"):
        assert "scheduler-alarm" not in signed_in(username).get("/console/help/").content.decode()


def test_a_running_one_is_not(world: World, signed_in: Browser) -> None:
    ran(SCHEDULE, timedelta(seconds=60))
    ran("sweep", timedelta(minutes=3))
    page = signed_in("supervisor").get("/console/help/").content.decode()
    assert "banner-danger" not in page
    assert "scheduler-alarm" in page


def test_a_sweep_that_does_not_end_is_told(world: World, signed_in: Browser) -> None:
    ran(SCHEDULE)
    ran("sweep", timedelta(minutes=6))
    assert "到期扫描自" in signed_in("supervisor").get("/console/help/").content.decode()


def test_an_open_page_learns_of_it_and_is_left_alone_while_nothing_changes(world: World, signed_in: Browser) -> None:
    browser = signed_in("supervisor")
    ran(SCHEDULE)
    ran("sweep")
    assert browser.get(ALARM).status_code == 204
    ran(SCHEDULE, timedelta(minutes=3))
    found = browser.get(ALARM)
    assert "停止运行" in found.content.decode()
    shown = re.search(r"shown=([a-z0-9-]+)", found.content.decode())
    assert shown is not None
    assert browser.get(f"{ALARM}?shown={shown[1]}").status_code == 204
    ran(SCHEDULE)
    again = browser.get(f"{ALARM}?shown={shown[1]}")
    assert again.status_code == 200
    assert "banner" not in again.content.decode()


def test_it_works_without_redis(world: World, signed_in: Browser, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    ran(SCHEDULE, timedelta(minutes=3))
    browser = signed_in("supervisor")
    assert "停止运行" in browser.get("/console/help/").content.decode()
    assert "没有应答" in browser.get(PAGE).content.decode()
    assert "govtrack_health_up" in metrics()
    assert not [name for name in metrics() if "heartbeat" in name]


def test_the_alarm_costs_one_statement_and_others_none(world: World, signed_in: Browser) -> None:
    for username, expected in (("supervisor", 1), ("clerk", 0)):
        browser = signed_in(username)
        browser.get("/console/help/")
        with statements() as found:
            browser.get("/console/help/")
        assert len([sql for sql in found if "reminders_watchdog" in sql]) == expected


# Metrics


def test_the_metrics_say_what_the_page_says(world: World) -> None:
    channel = queue(world, 0)
    schedule_ran()
    ran("sweep", timedelta(seconds=30))
    Deadline.objects.filter(next_rung_at__isnull=False).update(next_rung_at=now() - timedelta(minutes=10))
    found = metrics()
    assert found["govtrack_health_up"] == 1
    assert 600 <= found["govtrack_sweep_lag_seconds"] < 660
    labels = f'{{channel="wecom",id="{channel.pk}"}}'
    assert 3600 <= found[f"govtrack_outbox_oldest_seconds{labels}"] < 3660
    assert found[f"govtrack_outbox_waiting{labels}"] == 1
    assert found[f"govtrack_circuit_open{labels}"] == 1
    assert found["govtrack_dead_letters"] == 0
    assert 30 <= found['govtrack_job_age_seconds{job="sweep"}'] < 60
    assert found['govtrack_heartbeat_age_seconds{part="beat"}'] < 30
    assert "govtrack_fan_out_lag_seconds" in found


def test_the_metrics_answer_without_a_database(world: World) -> None:
    with mock.patch("reminders.metrics.read_figures", side_effect=OperationalError):
        found = metrics()
    assert found["govtrack_health_up"] == 0
    assert "govtrack_sweep_lag_seconds" not in found
    assert found['govtrack_heartbeat_age_seconds{part="worker"}'] < 30


# Judging


def job(**given: object) -> Job:
    return Job("sweep", timedelta(minutes=1), **given)  # type: ignore[arg-type]


def test_a_job_is_judged_by_its_last_run() -> None:
    minute = timedelta(minutes=1)
    assert health.of_job(job(), NOW) is Condition.WATCH
    assert health.of_job(Job("clean_files", None), NOW) is Condition.FINE
    assert health.of_job(job(due_at=NOW), NOW) is Condition.FINE, "the schedule has only begun"
    assert health.of_job(job(due_at=NOW - 2 * minute), NOW) is Condition.WATCH
    daily = [Job("clean_files", None, due_at=NOW - timedelta(hours=hours)) for hours in (0, 1, 3)]
    assert [health.of_job(one, NOW) for one in daily] == [Condition.FINE, Condition.WATCH, Condition.BAD]
    ended = {"started_at": NOW - minute, "finished_at": NOW - minute}
    assert health.of_job(job(**ended, due_at=NOW), NOW) is Condition.FINE
    assert health.of_job(job(**ended, due_at=NOW - 2 * minute), NOW) is Condition.WATCH
    assert health.of_job(job(**ended, due_at=NOW - 6 * minute), NOW) is Condition.BAD
    assert health.of_job(job(**ended, failed_at=NOW, due_at=NOW), NOW) is Condition.BAD
    at_work = {"started_at": NOW - 4 * minute, "finished_at": NOW - 9 * minute, "due_at": NOW - 8 * minute}
    assert health.of_job(job(**at_work), NOW) is Condition.FINE
    died = at_work | {"started_at": NOW - 6 * minute}
    assert health.of_job(job(**died), NOW) is Condition.BAD


def test_a_daily_job_is_due_when_its_time_comes_again() -> None:
    schedule = health.schedules()["clean_files"]
    assert health.next_run(schedule, NOW) == NOW.replace(hour=4, minute=37) + timedelta(days=1)
