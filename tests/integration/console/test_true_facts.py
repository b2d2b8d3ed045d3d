"""Facts that several pages tell: whose clock the sentence names, who signs, what was read, what a list holds."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from urllib.parse import quote

import pytest
from django.test import Client
from pytest_django import Settings

from communities.access import access_of
from deadlines.models import Deadline
from issues.enums import Status
from issues.models import Issue
from issues.querysets import todo_of
from issues.reading.pages import is_awaiting
from issues.services.errors import IssueError
from issues.wording.sentences import Circumstances, sentence_of, what_is_due
from reminders.models import Notification
from tests.integration.console.pages import html_of
from tests.support.cast import NOW, World
from tests.support.sampling import sampled
from tests.support.standing import begins

Browser = Callable[[str], Client]
LIST = "/console/issues/"


# 剩余: the same rows whatever the order


def many(world: World) -> None:
    """Matters in every status, with and without a limit, of both communities, two with the same limit."""
    for status in Status.values:
        world.make_issue(status, category="0402")
    world.create(level="critical")
    world.create(kind="praise", category="0402")
    for _number in range(2):
        world.create(category="0402", community="dade", by="clerk2")
    world.make_issue("closed", level="critical", category="0402")


def walked(client: Client, **query: str) -> list[Issue]:
    numbers: list[str] = []
    answer = client.get(LIST, query)
    while True:
        numbers += [row.number for row in answer.context["rows"]]
        following = answer.context["pager"].next_url
        if not following:
            break
        answer = client.get(following)
    rows = {row.number: row for row in Issue.objects.all()}
    return [rows[number] for number in numbers]


QUERIES: tuple[dict[str, str], ...] = (
    {},
    {"status": "closed"},
    {"category": "04"},
    {"limit": "on_time"},
    {"q": "积水"},
)


@pytest.mark.parametrize(("query", "size"), sampled(product(QUERIES, (1, 3, 50)), 3))
@begins(many)
def test_an_order_never_changes_what_is_listed(
    signed_in: Browser, monkeypatch: pytest.MonkeyPatch, query: dict[str, str], size: int
) -> None:
    monkeypatch.setattr("console.kit.reading.PAGE_SIZE", size)
    supervisor = signed_in("supervisor")
    newest, by_due = walked(supervisor, **query), walked(supervisor, **query, ordering="due")
    assert [row.pk for row in newest] == sorted((row.pk for row in newest), reverse=True)
    assert sorted(row.pk for row in by_due) == sorted(row.pk for row in newest)
    assert by_due == sorted(by_due, key=lambda row: (row.due_at is None, row.rank_at, row.pk))


@begins(many)
def test_the_caret_shows_the_order_in_force(signed_in: Browser) -> None:
    clerk = signed_in("clerk")
    assert "icon-up" not in html_of(clerk.get(LIST))
    page = html_of(clerk.get(LIST, {"ordering": "due"}))
    assert "icon-up" in page
    assert 'aria-sort="ascending"' in page


# 待您签发: said to whoever signs


def drafted(world: World, kind: str) -> Issue:
    issue = world.make_issue("in_progress", category="0402", at=NOW - timedelta(days=40))
    return world.act(issue, "supervise", by="supervisor", kind=kind, note="请速办")


SIGNERS = {"order": {"deputy", "director"}, "yellow_card": {"deputy", "director"}, "red_card": {"director"}}


@pytest.mark.parametrize("role", ["deputy", "director", "supervisor", "officer", "head", "clerk"])
@pytest.mark.parametrize("kind", [pytest.param(kind, marks=begins(drafted, kind)) for kind in SIGNERS])
def test_a_draft_waits_for_whoever_may_sign_it(
    world: World, signed_in: Browser, begun: Issue, kind: str, role: str
) -> None:
    issue = Issue.objects.get(pk=begun.pk)
    signs = role in SIGNERS[kind]
    access = access_of(world.user(role))
    if role in ("deputy", "director"):
        assert is_awaiting(issue, access) is signs
        assert Issue.objects.filter(todo_of(access), pk=issue.pk).exists() is signs
    client = signed_in(role)
    rows = [row for row in client.get(LIST).context["rows"] if row.number == issue.number]
    assert [row.next_step == "待您签发" for row in rows] == [signs]
    if role == "deputy" and not signs:
        assert rows[0].next_step == "待街道主要领导签发"
    actions = {
        action.code for action in client.get(f"{LIST}{issue.number}/").context["issue"].actions if action.allowed
    }
    assert ("sign" in actions) is signs
    if not signs:
        with pytest.raises(IssueError):
            world.act(issue, "sign", by=role, kind=kind)
    told = Notification.objects.filter(kind="supervise", subject_id=issue.pk, user=world.people[role])
    assert not (told.exists() and not signs)


@pytest.mark.parametrize("kind", SIGNERS)
def test_the_desk_names_whoever_signs(world: World, signed_in: Browser, kind: str) -> None:
    issue = drafted(world, kind)
    page = html_of(signed_in("deputy").get("/console/supervision/", {"view": "unsigned"}))
    assert (f"{quote(issue.number)}/?action=sign" in page) is ("deputy" in SIGNERS[kind])


# Where it is: the clock of whoever's turn it is

NAMED = {
    "submitted": {"respond", "accept"}, "need_info": {"more_info"}, "accepted": {"dispatch", "respond"},
    "returned": {"dispatch", "respond"}, "dispatched": {"acknowledge"}, "in_progress": {"first_report", "handle"},
    "redone": {"handle"}, "replied": {"verify"}, "follow_up": {"follow_up"}, "reopened": {"handle"},
}  # fmt: skip


def said(issue: Issue) -> str:
    fresh = Issue.objects.select_related("community", "lead_department").get(pk=issue.pk)
    clocks = tuple(Deadline.objects.of("issue", issue.pk))
    return sentence_of(fresh, NOW + timedelta(hours=2), Circumstances(clocks=clocks)).due


@pytest.mark.parametrize("status", NAMED)
@pytest.mark.parametrize("source", ["phone", "web"])
def test_the_sentence_names_the_clock_of_whose_turn_it_is(world: World, status: str, source: str) -> None:
    due = said(world.make_issue(status, category="0402", source=source))
    assert any(f"前{what_is_due(kind)}" in due for kind in NAMED[status]), due


def test_after_two_returns_it_is_the_decision_that_is_due(world: World) -> None:
    issue = world.make_issue("returned", category="0402")
    issue = world.act(issue, "dispatch", department="WATER", at=NOW + timedelta(minutes=20))
    issue = world.act(
        issue, "return", by="officer2", at=NOW + timedelta(minutes=30), reason="not_ours", basis="三定方案",
        suggested_department="MUNICIPAL",
    )  # fmt: skip
    assert Issue.objects.get(pk=issue.pk).turn == "supervisor"
    assert "前裁定退单" in said(issue)


# Unread: what lies before one is read


@pytest.fixture
def told(world: World) -> Issue:
    from journal.models import Event

    issue = world.make_issue("dispatched", category="0402")
    event = Event.objects.of("issue", issue.pk).order_by("-seq")[0]
    for name in ("officer", "head"):
        Notification.objects.create(
            user=world.people[name], event=event, kind="dispatch", subject_kind="issue", subject_id=issue.pk,
            created_at=NOW,
        )  # fmt: skip
    return issue


def unread(world: World, name: str) -> int:
    return Notification.objects.of(world.people[name].pk).unread().count()


@pytest.mark.parametrize("query", ["", "?pane=1"])
def test_opening_a_matter_reads_what_was_told_of_it(world: World, signed_in: Browser, told: Issue, query: str) -> None:
    signed_in("officer").get(f"{LIST}{told.number}/{query}")
    assert (unread(world, "officer"), unread(world, "head")) == (0, 1)


@pytest.mark.parametrize(
    "header", [{"Sec-Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}]
)
def test_what_is_only_fetched_ahead_stays_unread(
    world: World, signed_in: Browser, told: Issue, header: dict[str, str]
) -> None:
    signed_in("officer").get(f"{LIST}{told.number}/", headers=header)
    signed_in("officer").head(f"{LIST}{told.number}/")
    assert unread(world, "officer") == 1


def test_acting_reads_it_too_and_what_is_put_off_stays(world: World, signed_in: Browser, told: Issue) -> None:
    head = Notification.objects.of(world.people["head"].pk)
    head.update(snoozed_until_at=NOW + timedelta(days=900))
    signed_in("head").get(f"{LIST}{told.number}/")
    assert head.unread().count() == 1
    signed_in("officer").post(f"{LIST}{told.number}/actions/acknowledge/", {"version": told.version})
    assert unread(world, "officer") == 0


# 系统健康


def test_mail_that_cannot_leave_is_no_fine_health(signed_in: Browser, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    page = html_of(signed_in("admin").get("/console/admin/health/"))
    assert "收不到邮件提醒" in page
    assert "一切正常" not in page
