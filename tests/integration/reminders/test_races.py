"""Two connections at once on PostgreSQL: every job twice, in two threads, and nothing doubles."""

import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction

from commitments import services as commitments
from issues.models import Issue
from issues.services.errors import StateConflict, VersionConflict
from journal.models import Event, Pending
from reminders.channels.base import Parcel
from reminders.channels.mail import MailSender
from reminders.models import Notification, OutboxMessage, Watchdog
from reminders.services.delivery import deliver
from reminders.services.fan_out import fan_out
from reminders.services.sweep import sweep
from reminders.services.watchdog import watched
from tests.support.at_once import at_once
from tests.support.cast import NOW, World
from tests.support.smtp_sink import SmtpSink

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOW + timedelta(days=30)


def fired() -> Counter[tuple[int, str]]:
    events = Event.objects.of_kinds(["remind"]).values_list("data__deadline", "data__rung")
    return Counter(tuple(row) for row in events)


def test_two_sweeps_at_once_fire_each_rung_once(world: World) -> None:
    for _number in range(6):
        world.make_issue("in_progress")
    at_once(*(lambda: sweep(at=LATER, batch=3) for _n in range(3)))
    sweep(at=LATER)
    counted = fired()
    assert set(counted.values()) == {1}
    assert len({deadline for deadline, _rung in counted}) == len(counted)
    assert sweep(at=LATER).deadlines == 0


def test_an_issue_that_somebody_works_on_is_left_for_the_next_pass(world: World) -> None:
    issue, other = world.make_issue("in_progress"), world.make_issue("in_progress")
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Issue.objects.select_for_update().get(pk=issue.pk)
            locked.set()
            done.wait(120)
        connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    assert locked.wait(60)
    result = sweep(at=LATER)
    done.set()
    thread.join()
    assert result.busy >= 1
    assert not Event.objects.of("issue", issue.pk).of_kinds(["remind"]).exists()
    assert Event.objects.of("issue", other.pk).of_kinds(["remind"]).exists()
    sweep(at=LATER)
    assert Event.objects.of("issue", issue.pk).of_kinds(["remind"]).exists()


def test_a_sweep_and_an_action_on_the_same_issue_do_not_wait_in_a_circle(world: World) -> None:
    issues = [world.make_issue("in_progress") for _n in range(5)]

    def reply() -> None:
        """Time may draft a document between the reading and the reply: then the page is an old one."""
        for issue in reversed(issues):
            with contextlib.suppress(VersionConflict):
                world.act(issue, "reply", by="officer", at=LATER, outcome="solved", note="已处理")

    at_once(lambda: sweep(at=LATER, batch=2), reply)
    sweep(at=LATER)
    assert set(fired().values()) <= {1}


def test_two_sweeps_at_once_let_time_act_once(world: World) -> None:
    issues = [
        world.make_issue(status, source="web", category="0402", kind="help")
        for status in ("dispatched", "need_info")
        for _n in range(3)
    ]
    at_once(*(lambda: sweep(at=LATER, batch=2) for _n in range(3)))
    sweep(at=LATER)
    for issue in issues:
        acted = Event.objects.of("issue", issue.pk).of_kinds(["acknowledge", "give_info"])
        assert [event.actor_role for event in acted] == ["system"]
    assert set(fired().values()) == {1}
    assert not sweep(at=LATER).acted


def test_time_and_a_person_at_once_act_once(world: World) -> None:
    issues = [world.make_issue("dispatched", category="0402", kind="help") for _n in range(6)]

    def acknowledge() -> None:
        for issue in reversed(issues):
            with contextlib.suppress(StateConflict, VersionConflict):
                world.act(issue, "acknowledge", by="officer", at=LATER)

    at_once(lambda: sweep(at=LATER, batch=2), acknowledge)
    sweep(at=LATER)
    for issue in issues:
        assert Event.objects.of("issue", issue.pk).of_kinds(["acknowledge"]).count() == 1
        assert Issue.objects.get(pk=issue.pk).status == "in_progress"
    assert set(fired().values()) <= {1}


def test_two_sweeps_at_once_remind_of_a_promise_once(world: World) -> None:
    for _number in range(4):
        issue = world.make_issue("closed", category="0402", kind="help")
        for _promise in range(2):
            commitments.make(
                subdistrict_id=issue.subdistrict_id,
                subject_kind="issue",
                subject_id=issue.pk,
                text="月底前修好。",
                owner_id=world.departments["MUNICIPAL"].pk,
                by_id=world.people["officer"].pk,
                at=NOW,
                due_on=NOW.date() + timedelta(days=10),
            )
    at_once(*(lambda: sweep(at=LATER, batch=3) for _n in range(3)))
    sweep(at=LATER)
    assert len(fired()) == 8
    assert set(fired().values()) == {1}


def test_two_readers_at_once_tell_everybody_once(world: World) -> None:
    for _number in range(4):
        world.make_issue("in_progress")
    expected = Pending.objects.filter(reader="notifications").count()
    results = at_once(*(lambda: fan_out(at=NOW, batch=2) for _n in range(3)))
    assert sum(result.events for result in results) == expected  # type: ignore[attr-defined]
    pairs = Counter(Notification.objects.values_list("event_id", "user_id"))
    assert set(pairs.values()) == {1}
    assert OutboxMessage.objects.count() == Notification.objects.count()


def test_two_deliveries_at_once_send_each_message_once(world: World, sink: SmtpSink) -> None:
    for _number in range(4):
        world.make_issue("in_progress")
    fan_out(at=NOW)
    OutboxMessage.objects.update(mode="now", next_attempt_at=NOW)
    count = OutboxMessage.objects.count()
    at_once(*(lambda: deliver(clock=lambda: NOW, batch=2) for _n in range(3)))
    assert len(sink.received) == count == len({mail.message_id for mail in sink.received})
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {"sent"}


def test_nothing_is_sent_inside_a_transaction(world: World, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch) -> None:
    open_transactions = []
    real = MailSender.send

    def watched_send(sender: MailSender, parcel: Parcel) -> None:
        open_transactions.append(connection.in_atomic_block)
        real(sender, parcel)

    monkeypatch.setattr(MailSender, "send", watched_send)
    world.make_issue("dispatched")
    fan_out(at=NOW)
    deliver(clock=lambda: NOW)
    assert open_transactions
    assert not any(open_transactions)


def test_the_watchdog_knows_the_last_run_of_each_job(world: World) -> None:
    def run(number: int) -> Callable[[], None]:
        def job() -> None:
            with watched("sweep") as result:
                result["number"] = number

        return job

    at_once(run(1), run(2))
    row = Watchdog.objects.get(job="sweep")
    assert row.finished_at is not None
    assert row.finished_at >= row.started_at

    def failing() -> None:
        with watched("sweep"):
            raise RuntimeError("died")

    with pytest.raises(RuntimeError):
        failing()
    row.refresh_from_db()
    assert row.finished_at is not None
    assert row.finished_at < row.started_at


@pytest.mark.parametrize("name", ["sweep", "fan_out", "deliver"])
def test_each_task_runs_twice_in_a_row_and_in_two_threads(world: World, name: str) -> None:
    from reminders import tasks

    world.make_issue("in_progress")
    task = getattr(tasks, name)
    task()
    task()
    at_once(task, task)
    pairs = Counter(Notification.objects.values_list("event_id", "user_id"))
    assert set(pairs.values()) <= {1}
    assert set(fired().values()) <= {1}
    assert Watchdog.objects.get(job=name).finished_at is not None
