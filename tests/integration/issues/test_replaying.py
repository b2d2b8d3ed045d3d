"""verify_journal --replay: rows that the journal does not explain are named, and only those."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from issues.models import Issue
from issues.replay import comparing as replaying
from tests.support.cast import World

pytestmark = pytest.mark.django_db


def verify_journal() -> tuple[str, str]:
    """What the command prints on either stream; a refusal ends the second."""
    out, err = StringIO(), StringIO()
    try:
        call_command("verify_journal", replay=True, stdout=out, stderr=err)
    except CommandError as error:
        err.write(str(error))
    return out.getvalue(), err.getvalue()


def by_hand(statement: str, issue: Issue) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [issue.pk])


def test_rows_that_were_only_acted_upon_are_explained(world: World) -> None:
    for status in ("submitted", "in_progress", "replied", "closed"):
        world.make_issue(status)
    assert verify_journal()[0].endswith("ok: 4 rows are as the journal tells\n")


def test_a_row_changed_by_hand_is_named_with_both_values(world: World) -> None:
    world.make_issue("replied")
    issue = world.make_issue("replied")
    by_hand("UPDATE issues_issue SET outcome = 'partly', version = version + 1 WHERE id = %s", issue)
    out, err = verify_journal()
    assert "rows are as" not in out
    assert err == (
        f"unexplained: issue:{issue.pk} {issue.number}: version is {issue.version + 1}, the journal says"
        f" {issue.version}; outcome is 'partly', the journal says 'solved'\n1 rows that the journal does not explain"
    )


def test_events_whose_row_is_gone_are_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    issue = world.make_issue("submitted")
    missing = issue.pk + 1
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_event (subject_kind, subject_id, kind, at, actor_role, visible, data, texts)"
            " SELECT subject_kind, %s, kind, at, actor_role, visible, data, '{}' FROM journal_event"
            " WHERE subject_id = %s AND kind = 'create'",
            [missing, issue.pk],
        )
    monkeypatch.setattr(replaying, "BATCH", 1)
    _out, err = verify_journal()
    assert err.startswith(f"unexplained: issue:{missing} -: the journal tells of it and the row is gone\n1 rows")


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_batches_leave_nothing_out(world: World, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    issues = [world.make_issue("submitted") for _ in range(5)]
    by_hand("UPDATE issues_issue SET level = 'complex' WHERE id = %s", issues[-1])
    monkeypatch.setattr(replaying, "BATCH", batch)
    found = list(replaying.replay_issues())
    assert sum(one.rows for one in found) == 5
    assert [one.subject_id for step in found for one in step.unexplained] == [issues[-1].pk]


def test_a_batch_costs_the_same_for_one_and_for_many(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    world.make_issue("submitted")
    with django_assert_num_queries(6):
        list(replaying.replay_issues())
    for _ in range(4):
        world.make_issue("submitted")
    with django_assert_num_queries(6):
        list(replaying.replay_issues())
