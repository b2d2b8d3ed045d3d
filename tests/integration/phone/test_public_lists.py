"""What everybody may read: released matters and promises, scrubbed; nothing else, and nothing personal."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from defusedxml import ElementTree
from django.test import Client

from commitments import services as commitments
from commitments.models import Commitment
from commitments.services.acting import act
from issues.models import Issue
from meetings.services import planning
from phone import public
from tests.integration.meetings.room import announced, boxed
from tests.integration.statements.test_bounds import statements
from tests.support.cast import NOW, PHONE, World

pytestmark = pytest.mark.usefixtures("frozen")
HOUR = timedelta(hours=1)


def release(world: World, title: str, *, at: int = 1, text: str = "", **given: Any) -> Issue:
    issue = world.make_issue("in_progress", category="0402", **given)
    by = "clerk2" if issue.community_id == world.communities["dade"].pk else "clerk"
    return world.act(issue, "publish", by, NOW + at * HOUR, title=title, text=text)


def promise(world: World, title: str, due_on: str) -> Issue:
    issue = release(world, title)
    data = {"outcome": "planned", "note": "张小三，我们会修。", "due_on": due_on, "commitment": "给张小三家修门"}
    return world.act(issue, "reply", "officer", NOW + 2 * HOUR, **data)


def test_only_what_is_released_is_listed(world: World, client: Client) -> None:
    world.make_issue("in_progress", category="0402", description="没有公开的一件事")
    release(world, f"人行道地砖松动，找{PHONE}张小三")
    closed = release(world, "已经办完的")
    world.act(closed, "reply", "officer", NOW + HOUR, outcome="explained", note="好了")
    taken_back = release(world, "撤回公开的")
    world.act(taken_back, "unpublish", "clerk", NOW + 2 * HOUR)
    for address in ("/", "/issues/"):
        html = client.get(address).content.decode()
        assert "人行道地砖松动" in html
        assert "撤回公开的" not in html
        assert "没有公开" not in html
        assert PHONE not in html
        assert "张小三" not in html
        assert not [row.number for row in Issue.objects.all() if row.number in html or row.token in html]


def test_the_chosen_community_decides(world: World, client: Client) -> None:
    release(world, "夏东的事")
    release(world, "大德的事", community="dade")
    client.post("/community/", {"place": f"c{world.communities['dade'].pk}"})
    html = client.get("/").content.decode()
    assert "大德的事" in html
    assert "夏东的事" not in html


def test_the_state_is_told_in_words_with_a_date(world: World, client: Client) -> None:
    release(world, "正在办的事")
    html = client.get("/issues/").content.decode()
    assert "正常" in html
    assert "市政管理办公室" in html
    assert "前答复" in html


def test_promises_show_the_released_title_who_and_until_when(world: World, client: Client) -> None:
    promise(world, "更换路灯电缆", "2026-03-31")
    html = client.get("/").content.decode()
    assert "公开承诺" in html
    assert "更换路灯电缆" in html
    assert "承诺 3月31日前完成" in html
    assert "张小三" not in html


def alone(world: World, text: str, **given: Any) -> Commitment:
    """A promise that stands for itself, made by an answer in a meeting."""
    return commitments.make(
        subdistrict_id=world.area.pk, text=text, owner_id=world.departments["MUNICIPAL"].pk,
        by_id=world.people["supervisor"].pk, at=NOW, due_on=date(2026, 6, 30), **given,
    )  # fmt: skip


def test_a_promise_of_a_meeting_is_read_once_it_was_released(world: World, client: Client) -> None:
    made = alone(world, f"疏通管道，联系{PHONE}", community_id=world.communities["xiadong"].pk)
    page = f"/promises/{made.pk}/"
    assert client.get(page).status_code == 404
    assert "疏通管道" not in client.get("/promises/").content.decode()

    def do(action: str, who: str, at: datetime, **data: Any) -> None:
        version = Commitment.objects.values_list("version", flat=True).get(pk=made.pk)
        act(commitment_id=made.pk, action=action, by=world.actor(who), at=at, data=data, version=version)

    do("release", "supervisor", NOW)
    do("note", "officer", NOW, note="内部：预算未批")
    do("note", "officer", NOW, note=f"已进场施工，问{PHONE}", visible="on")
    do("ask_move", "officer", NOW, on="2026-08-31", reason="雨季")
    do("grant_move", "supervisor", NOW)
    with statements() as found:
        html = client.get(page).content.decode()
    assert len(found) <= 10
    for words in ("疏通管道", "承诺 8月31日前完成", "首次承诺 6月30日前完成", "已进场施工", "市政管理办公室"):
        assert words in html
    assert "预算未批" not in html
    assert PHONE not in html + client.get("/promises/").content.decode()
    feed = client.get(f"{page}feed/")
    assert feed["Content-Type"].startswith("application/atom+xml")
    entries = ElementTree.fromstring(feed.content).findall("{http://www.w3.org/2005/Atom}entry")
    assert [entry.findtext("{http://www.w3.org/2005/Atom}title") for entry in entries] == ["同意改期", "记录进展"]
    assert PHONE not in feed.content.decode()
    client.post("/community/", {"place": f"c{world.communities['dade'].pk}"})
    assert "疏通管道" not in client.get("/promises/").content.decode()
    do("unrelease", "supervisor", NOW, reason="内容有误")
    assert client.get(page).status_code == 404


def test_what_press_reports_mention_stands_apart(world: World, client: Client) -> None:
    made = alone(world, "2022年内推进三旧改造")
    Commitment.objects.filter(pk=made.pk).update(
        historic=True, due_on=date(2022, 12, 31), precision="year", released_at=NOW,
        released_by=world.people["supervisor"],
    )  # fmt: skip
    assert "三旧改造" not in client.get("/").content.decode() + client.get("/promises/").content.decode()
    html = client.get("/promises/?view=historic").content.decode()
    assert ("三旧改造" in html, "承诺 2022年内完成" in html, "历史资料（来源：报道）" in html) == (True, True, True)


def test_a_matter_leads_to_its_released_promise(world: World, client: Client) -> None:
    issue = promise(world, "更换路灯电缆", "2026-03-31")
    made = Commitment.objects.get(subject_id=issue.pk)
    assert f"/promises/{made.pk}/" in client.get(f"/t/{issue.token}/").content.decode()
    html = client.get(f"/promises/{made.pk}/").content.decode()
    assert "更换路灯电缆" in html
    assert issue.token not in html
    assert issue.number not in html


def test_a_late_promise_says_so_and_comes_first(world: World, client: Client) -> None:
    import time_machine

    promise(world, "较晚的承诺", "2026-12-31")
    promise(world, "到期的承诺", "2026-03-31")
    with time_machine.travel(NOW + timedelta(days=18), tick=False):
        html = client.get("/promises/").content.decode()
    assert "已逾期 5 天" in html
    assert html.index("到期的承诺") < html.index("较晚的承诺")


def test_a_promise_of_a_matter_that_is_not_released_stays_inside(world: World, client: Client) -> None:
    issue = world.make_issue("in_progress", category="0402")
    world.act(issue, "reply", "officer", NOW + HOUR, outcome="planned", note="会修。", due_on="2026-03-31")
    assert "公开承诺" not in client.get("/").content.decode()
    assert "暂无公开承诺" in client.get("/promises/").content.decode()


@pytest.mark.parametrize("address", ["/issues/", "/promises/"])
def test_pages_follow_by_key(world: World, client: Client, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public, "ON_PAGE", 2)
    for n in range(3):
        promise(world, f"第{n}件承诺", f"2026-04-0{n + 1}")
    first = client.get(address)
    assert len(first.context["items"]) == 2
    second = client.get(first.context["next_url"])
    assert len(second.context["items"]) == 1
    titles = {item["title"] for answer in (first, second) for item in answer.context["items"]}
    assert titles == {"第0件承诺", "第1件承诺", "第2件承诺"}
    assert client.get(f"{address}?after=xyz").status_code == 302


def test_the_home_page_names_meetings_to_come_and_where_one_may_ask(world: World, client: Client) -> None:
    announced(world, title="没有公开的会")
    assert "近期会议" not in client.get("/").content.decode()
    tomorrow = NOW.date() + timedelta(days=1)
    later = announced(world, on=tomorrow, title=f"明天的会，找{PHONE}")
    planning.release(meeting_id=later.pk, version=later.version, by=world.actor("clerk"), at=NOW)
    open_now = boxed(world, title="正在开的会", communities=[])
    found = [(item["title"], item["url"], item["state_label"]) for item in client.get("/").context["meetings"]]
    assert found == [
        ("正在开的会", f"/meetings/{open_now.pk}/questions/", "可以提问"),
        ("明天的会，找[电话]", f"/meetings/{later.pk}/", "已预告"),
    ]
    client.post("/community/", {"place": f"c{world.communities['dade'].pk}"})
    html = client.get("/").content.decode()
    assert ("明天的会" in html, "正在开的会" in html, "没有公开" in html) == (True, False, False), (
        "dade is invited to one"
    )
    client.post("/preferences/", {"elder": "22"})
    assert "近期会议" not in client.get("/").content.decode()


def test_the_home_page_needs_the_same_for_few_and_many(world: World) -> None:
    counts = []
    for _round in range(3):
        promise(world, "承诺", "2026-03-31")
        release(world, "事")
        boxed(world)
        client = Client()
        client.get("/")
        with statements() as found:
            client.get("/")
        counts.append(len(found))
    assert len(set(counts)) == 1
    assert counts[0] <= 6


def test_the_sections_vanish_where_they_cannot_be_read(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import DatabaseError

    from issues.reading import published

    def broken(*_args: object, **_kwargs: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(published, "matters_page", broken)
    html = client.get("/").content.decode()
    assert "我要反映" in html
    assert 'id="public"' not in html


def test_a_released_matter_has_a_page_of_its_own(world: World, client: Client) -> None:
    issue = release(world, "更换路灯电缆", text=f"这条巷子整晚没有灯，找{PHONE}")
    page = f"/issues/{issue.pk}/"
    assert f'href="{page}"' in client.get("/issues/").content.decode()
    with statements() as found:
        html = client.get(page).content.decode()
    assert len(found) <= 6
    for words in ("更换路灯电缆", "整晚没有灯", "市政管理办公室", "夏东社区", "前答复", "收到反映"):
        assert words in html
    for secret in (PHONE, issue.number, issue.token):
        assert secret not in html
    answer = {"outcome": "planned", "note": "会修", "due_on": "2026-03-31", "commitment": "修"}
    world.act(issue, "reply", "officer", NOW + 2 * HOUR, **answer)
    html = client.get(page).content.decode()
    assert "已答复反映人" in html
    assert f"/promises/{Commitment.objects.get(subject_id=issue.pk).pk}/" in html
    world.act(issue, "unpublish", "clerk", NOW + 3 * HOUR)
    assert client.get(page).status_code == 404


def test_no_page_for_what_was_never_released_or_became_confidential(world: World, client: Client) -> None:
    plain, kept = world.make_issue("in_progress", category="0402"), release(world, "后来保密")
    Issue.objects.filter(pk=kept.pk).update(confidential=True)
    for pk in (plain.pk, kept.pk, 10**18):
        assert client.get(f"/issues/{pk}/").status_code == 404
    assert client.get(f"/issues/{10**30}/").status_code == 404


def test_the_board_is_searched_by_what_it_shows(world: World, client: Client) -> None:
    release(world, "路灯不亮", text="整条巷子", at=1)
    release(world, "水管爆裂", at=2)
    release(world, "大德的路灯", community="dade", at=3)

    def titles(query: str) -> list[str]:
        html = client.get(f"/issues/?{query}").content.decode()
        return [title for title in ("路灯不亮", "水管爆裂", "大德的路灯") if title in html]

    assert titles("q=路灯") == ["路灯不亮", "大德的路灯"]
    assert titles("q=路灯 巷子") == ["路灯不亮"]
    assert titles("q=％") == titles("q=_") == titles("q=没有的事") == []
    client.post("/community/", {"place": f"c{world.communities['dade'].pk}"})
    assert titles("q=路灯") == ["大德的路灯"]
    assert titles("q=路灯&all=1") == ["路灯不亮", "大德的路灯"]


def test_what_is_not_shown_is_not_found(world: World, client: Client) -> None:
    """A promise keeps its words as they were said; whoever asks for a number in them learns nothing."""
    made = alone(world, f"疏通管道，联系{PHONE}", community_id=world.communities["xiadong"].pk)
    Commitment.objects.filter(pk=made.pk).update(released_at=NOW, released_by=world.people["supervisor"])
    assert "疏通管道" in client.get("/promises/?q=疏通").content.decode()
    for asked in (PHONE, "19988887777"):
        html = client.get(f"/promises/?q={asked}").content.decode()
        assert ("疏通管道" in html, f"没有找到“{asked}”" in html, "下一页" in html) == (False, True, False)


PUBLIC = ["/", "/report/", "/track/", "/issues/", "/promises/", "/meetings/", "/community/", "/when/", "/privacy/"]


@pytest.mark.parametrize("path", PUBLIC)
def test_search_engines_find_the_pages_of_everybody(world: World, client: Client, path: str) -> None:
    assert "X-Robots-Tag" not in client.get(path).headers
    assert client.get(f"{path}?q=x").headers["X-Robots-Tag"] == "noindex, nofollow"


def test_search_engines_find_no_matter(world: World, client: Client) -> None:
    issue = release(world, "更换路灯电缆")
    for path in (f"/issues/{issue.pk}/", f"/t/{issue.token}/", f"/t/{issue.token}/receipt/"):
        assert client.get(path).headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "Disallow: /t/" in client.get("/robots.txt").content.decode()
