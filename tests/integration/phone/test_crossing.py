"""The reporter's actions when somebody was faster, a second tap, a change of mind, and links that lead nowhere."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from files.models import StoredFile
from issues.models import Issue
from journal.models import Event
from reminders.models import Notification
from reminders.services.fan_out import fan_out
from tests.integration.api.conftest import Caller
from tests.integration.phone.pages import jpeg, page
from tests.support.cast import NOW, PHONE, World

pytestmark = pytest.mark.usefixtures("frozen")
Browser = Callable[[str], Client]
HOUR = timedelta(hours=1)
WORDS = "水还是没退，鞋都湿了"


@pytest.fixture
def reporter(world: World, client: Client) -> Callable[..., Issue]:
    """A matter that this browser has proven to be its reporter's."""

    def made(status: str) -> Issue:
        issue = world.make_issue(status, at=NOW - HOUR, category="0402")
        client.post("/track/", {"number": issue.number, "phone_tail": PHONE})
        return issue

    return made


def kinds(issue: Issue, kind: str) -> int:
    return Event.objects.of("issue", issue.pk).of_kinds([kind]).count()


# One call-back


def test_four_taps_ask_for_one_call(world: World, client: Client, reporter: Callable[..., Issue]) -> None:
    issue = reporter("in_progress")
    told = []
    for _tap in range(4):
        answer = client.post(f"/t/{issue.token}/request_callback/", {"note": "下午方便"}, follow=True)
        told.append(answer.content.decode())
    assert kinds(issue, "request_callback") == 1
    assert all("3月18日" in html and "3月19日" in html for html in told)
    fan_out(at=NOW)
    assert Notification.objects.filter(event__kind="request_callback", user=world.people["clerk"]).count() == 1
    shown = page(client, issue)
    assert "已请社区给您回电" in shown
    assert f"/t/{issue.token}/request_callback/" not in shown
    world.act(issue, "contact", "clerk", NOW, channel="phone", result="reached")
    client.post(f"/t/{issue.token}/request_callback/", {})
    assert kinds(issue, "request_callback") == 2


# Somebody was faster


def test_an_objection_that_crosses_a_redo_goes_in_as_a_comment(
    world: World, client: Client, reporter: Callable[..., Issue]
) -> None:
    issue = reporter("replied")
    world.act(issue, "redo", "clerk", NOW, reason="核查没有通过")
    answer = client.post(f"/t/{issue.token}/verdict/", {"solved": "no", "reason": WORDS, "photos": jpeg()})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "还没有提交" in html
    assert f'action="/t/{issue.token}/comment/"' in html
    assert WORDS in html
    (waiting,) = StoredFile.objects.filter(owner_kind="")
    done = client.post(f"/t/{issue.token}/comment/", {"note": WORDS, "uploads": waiting.public_id})
    assert done.status_code == 302
    assert kinds(issue, "comment") == 1


def test_an_objection_that_crosses_the_closing_reopens(
    world: World, client: Client, reporter: Callable[..., Issue]
) -> None:
    issue = reporter("follow_up")
    world.act(issue, "record_follow_up", "clerk", NOW, verdict="satisfied", solved="yes")
    answer = client.post(f"/t/{issue.token}/verdict/", {"solved": "no", "reason": WORDS})
    assert answer.status_code == 302
    assert (Issue.objects.get(pk=issue.pk).status, kinds(issue, "reopen")) == ("in_progress", 1)


def test_withdrawing_too_late_shows_the_matter(world: World, client: Client, reporter: Callable[..., Issue]) -> None:
    issue = reporter("replied")
    answer = client.post(f"/t/{issue.token}/withdraw/", {})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "现在不能“撤回诉求”了" in html
    assert 'id="truth"' in html


@pytest.mark.parametrize(
    ("status", "action"),
    [
        ("replied", "withdraw"),
        ("in_progress", "verdict"),
        ("withdrawn", "verdict"),
        ("in_progress", "give_info"),
        ("in_progress", "reopen"),
        ("withdrawn", "request_callback"),
        ("rejected", "withdraw"),
    ],
)
def test_a_page_of_an_action_shows_no_form_that_cannot_succeed(
    client: Client, reporter: Callable[..., Issue], status: str, action: str
) -> None:
    issue = reporter(status)
    html = client.get(f"/t/{issue.token}/{action}/").content.decode()
    assert f'action="/t/{issue.token}/{action}/"' not in html
    assert "请看最新进展" in html
    assert 'id="truth"' in html


# A change of mind


def test_a_mis_tap_on_solved_is_taken_back_while_it_is_checked(
    world: World, client: Client, reporter: Callable[..., Issue]
) -> None:
    issue = reporter("replied")
    client.post(f"/t/{issue.token}/verdict/", {"solved": "yes", "verdict": "satisfied"})
    assert "点错了，改评价" in page(client, issue)
    assert f'action="/t/{issue.token}/verdict/"' in client.get(f"/t/{issue.token}/verdict/").content.decode()
    done = client.post(f"/t/{issue.token}/verdict/", {"solved": "no", "reason": WORDS})
    assert done.status_code == 302
    issue.refresh_from_db()
    assert (issue.status, issue.solved, issue.verdict) == ("in_progress", "no", "")
    assert (kinds(issue, "record_follow_up"), kinds(issue, "redo")) == (1, 1)


def test_not_solved_without_a_rating_is_no_rating(world: World, client: Client, reporter: Callable[..., Issue]) -> None:
    issue = reporter("replied")
    client.post(f"/t/{issue.token}/verdict/", {"solved": "no", "reason": WORDS})
    issue.refresh_from_db()
    assert (issue.solved, issue.verdict) == ("no", "")
    event = Event.objects.of("issue", issue.pk).of_kinds(["redo"]).get()
    assert (event.data["solved"], event.data["verdict"]) == ("no", "")
    rated = reporter("replied")
    client.post(f"/t/{rated.token}/verdict/", {"solved": "no", "reason": WORDS, "verdict": "fairly"})
    rated.refresh_from_db()
    assert (rated.solved, rated.verdict) == ("no", "fairly")


def test_everything_wrong_with_a_verdict_is_said_at_once(client: Client, reporter: Callable[..., Issue]) -> None:
    issue = reporter("replied")
    html = client.post(f"/t/{issue.token}/verdict/", {"solved": "yes", "verdict": "dissatisfied"}).content.decode()
    assert "请说一说" in html
    both = client.post(f"/t/{issue.token}/verdict/", {"verdict": "dissatisfied"}).content.decode()
    assert "请选择解决了没有" in both
    assert "请说一说" in both


# Links that lead nowhere


@pytest.mark.parametrize("url", ["/t/nosuchtokenatall/", "/t/x/verdict/"])
def test_an_unknown_link_promises_nothing(client: Client, world: World, url: str) -> None:
    answer = client.get(url)
    html = answer.content.decode()
    assert answer.status_code == 404
    assert "链接已过期" in html
    assert "没有丢" not in html
    assert "/track/" in html


def test_a_link_ends_a_year_after_its_matter(world: World, client: Client) -> None:
    old = world.make_issue("closed", at=NOW - timedelta(days=367))
    kept = world.make_issue("closed", at=NOW - timedelta(days=364))
    waiting = world.make_issue("in_progress", at=NOW - timedelta(days=900))
    assert [client.get(f"/t/{issue.token}/").status_code for issue in (old, kept, waiting)] == [404, 200, 200]
    assert Caller().get(f"public/t/{old.token}/").status_code == 404


def test_a_clerk_at_the_leaders_page_reads_whom_it_is_for(signed_in: Browser) -> None:
    answer = signed_in("clerk").get("/leader/")
    html = answer.content.decode()
    assert answer.status_code == 403
    assert "此页面供楼长、巷长、街长使用" in html
    assert "放得太久" not in html
    assert "/console/" in html


# Answered at once, praise


def test_praise_is_thanked_and_not_asked_whether_it_is_solved(world: World, client: Client) -> None:
    issue = world.create(kind="praise", category="0402", source="web")
    world.act(issue, "answer_now", "supervisor", NOW, note="谢谢您，已转告市政办。")
    html = page(client, issue)
    assert "谢谢您的表扬" in html
    for words in ("没有解决", "再次反映", "您觉得解决了吗"):
        assert words not in html


def test_what_was_answered_at_once_can_be_contested(world: World, client: Client) -> None:
    issue = world.create(kind="enquiry", category="0402", source="web")
    world.act(issue, "answer_now", "clerk", NOW, note="周一带身份证来。")
    html = page(client, issue)
    assert f'action="/t/{issue.token}/verdict/"' in html


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"solved": "yes", "verdict": "fairly"}, ("closed", "fairly", "yes", "web")),
        ({"solved": "no", "verdict": "dissatisfied", "reason": "窗口不受理"}, ("accepted", "", "", "")),
    ],
)
def test_the_reporters_own_verdict_replaces_what_was_noted_when_it_was_answered_at_once(
    world: World, client: Client, said: dict[str, str], found: tuple[str, ...]
) -> None:
    issue = world.create(kind="enquiry", category="0402", source="web")
    issue = world.act(issue, "answer_now", "clerk", NOW, note="周一带身份证来。", verdict="satisfied", solved="yes")
    assert issue.verdict_via == "desk"
    assert "已经解决" in page(client, issue)
    assert client.post(f"/t/{issue.token}/verdict/", said).status_code == 302
    issue = Issue.objects.get(pk=issue.pk)
    assert (issue.status, issue.verdict, issue.solved, issue.verdict_via) == found
    html = page(client, issue, "")
    assert 'name="solved"' not in html
    assert (f"/t/{issue.token}/reopen/" in html) == (issue.status == "closed")
