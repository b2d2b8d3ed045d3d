"""文书: numbered papers on the issue's page, in the API and printed; and the tab 待告知."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import issue_token
from common.clock import now
from deadlines.models import Deadline
from issues.models import Issue
from papers.models import Paper
from tests.integration.console.pages import html_of, text_of
from tests.support.cast import NOW, World

Browser = Callable[[str], Client]
SECRETS = ("张小三", "19900001234", "1234", "3栋502")


@pytest.fixture
def supervised(world: World) -> Issue:
    """A matter that was urged and has an order, whose words name the reporter."""
    return with_order(world)


def with_order(world: World, *, confidential: bool = False) -> Issue:
    issue = world.make_issue(
        "in_progress", category="0402", contact_name="张小三", address="3栋502", confidential=confidential
    )
    issue = world.act(issue, "urge", "clerk", NOW + timedelta(hours=1))
    late = Deadline.objects.get(subject_id=issue.pk, kind="handle").due_at + timedelta(days=7)
    words = "张小三（19900001234）住3栋502，请书面说明"
    issue = world.act(issue, "supervise", "supervisor", late, kind="order", note=words)
    return world.act(issue, "sign", "deputy", late)


def _page(issue: Issue, paper: Paper) -> str:
    return reverse("console-issue-paper", args=[issue.number, paper.pk])


def test_an_order_is_printed_with_what_is_owed_and_without_the_reporter(supervised: Issue, signed_in: Browser) -> None:
    answer = signed_in("officer").get(_page(supervised, Paper.objects.get(kind="order")))
    text = text_of(answer)
    for words in (
        "督办单",
        "桂城督〔2026〕000001号",
        supervised.number,
        "市政管理办公室",
        "超期",
        "请书面说明",
        "书面回复期限",
    ):
        assert words in text, words
    assert not any(secret in html_of(answer) for secret in SECRETS)


@pytest.mark.parametrize("who", ["officer", "deputy", "clerk"])
def test_a_confidential_matters_order_names_no_place_either(world: World, signed_in: Browser, who: str) -> None:
    issue = with_order(world, confidential=True)
    answer = signed_in(who).get(_page(issue, Paper.objects.get(kind="order")))
    assert "请书面说明" in text_of(answer)
    assert not any(secret in html_of(answer) for secret in SECRETS)


def test_an_urge_says_who_sent_it(supervised: Issue, signed_in: Browser) -> None:
    paper = Paper.objects.get(kind="urge")
    assert "系统自动催办" not in text_of(signed_in("officer").get(_page(supervised, paper)))
    Paper.objects.filter(pk=paper.pk).update(issued_by=None)
    assert "系统自动催办" in text_of(signed_in("officer").get(_page(supervised, paper)))


@pytest.mark.parametrize(
    ("username", "status"),
    [("clerk", 200), ("deputy", 200), ("officer2", 404), ("clerk2", 404), ("outsider", 404), ("leader", 403)],
)
def test_whoever_sees_the_issue_sees_its_papers(
    supervised: Issue, signed_in: Browser, username: str, status: int
) -> None:
    for paper in Paper.objects.all():
        assert signed_in(username).get(_page(supervised, paper)).status_code == status


def test_a_paper_of_another_matter_is_not_found(world: World, supervised: Issue, signed_in: Browser) -> None:
    other = world.make_issue("in_progress")
    assert signed_in("clerk").get(_page(other, Paper.objects.get(kind="order"))).status_code == 404


def test_the_issue_lists_them_and_the_api_too(world: World, supervised: Issue, signed_in: Browser) -> None:
    page = signed_in("officer").get(reverse("console-issue", args=[supervised.number]))
    order, urge = Paper.objects.get(kind="order"), Paper.objects.get(kind="urge")
    for paper in (order, urge):
        assert paper.number in text_of(page)
        assert _page(supervised, paper) in html_of(page)
    token = issue_token(user=world.people["officer"], at=now())
    told = Client(headers={"authorization": f"Token {token}"}).get(f"/api/v1/issues/{supervised.number}/").json()
    assert [(row["kind"], row["number"], row["url"]) for row in told["papers"]] == [
        ("order", order.number, _page(supervised, order)),
        ("urge", urge.number, _page(supervised, urge)),
    ]
    assert told["papers"][1]["issued_by"]["username"] == "clerk"


def test_what_a_person_must_still_tell_has_a_tab(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("submitted", category="0402", source="web")
    world.act(issue, "reject", "clerk", NOW + timedelta(hours=1), reason="court", note="请到法院立案")
    clerk = signed_in("clerk")
    page = clerk.get("/console/?tab=untold")
    assert "待您告知" in text_of(page)
    url = reverse("console-issue", args=[issue.number]) + "?action=contact"
    assert url in html_of(page)
    assert "待您告知" not in text_of(signed_in("clerk2").get("/console/?tab=untold"))
    shown = clerk.get(url)
    assert "告知" in text_of(shown)
    issue.refresh_from_db()
    world.act(issue, "contact", "clerk", NOW + timedelta(hours=2), channel="phone", result="reached")
    assert "没有待告知的反映人" in text_of(clerk.get("/console/?tab=untold"))


@pytest.mark.parametrize("who", ["officer", "clerk", "supervisor"])
def test_a_paper_names_no_address_that_was_corrected(world: World, signed_in: Browser, who: str) -> None:
    issue = world.make_issue("in_progress", category="0402", address="桂平里后座二楼", contact_name="张小三")
    issue = world.act(issue, "edit", "clerk", address="石肯坊前座", contact_address="翠竹坊五巷")
    issue = world.act(issue, "edit", "clerk", contact_address="海晏坊六巷")
    late = Deadline.objects.get(subject_id=issue.pk, kind="handle").due_at + timedelta(days=7)
    words = "到桂平里后座二楼或石肯坊前座、翠竹坊五巷、海晏坊六巷处理，请书面说明"
    issue = world.act(issue, "supervise", "supervisor", late, kind="order", note=words)
    issue = world.act(issue, "sign", "deputy", late)
    text = text_of(signed_in(who).get(_page(issue, Paper.objects.get(kind="order"))))
    assert "请书面说明" in text
    for place in ("桂平里", "石肯坊", "翠竹坊", "海晏坊"):
        assert place not in text, place
