"""提醒规则: who may, what the page shows, and an edit from the form over its preview to the rows."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.clock import SHANGHAI
from deadlines.models import Deadline
from journal.models import Event
from reminders.models import LadderReplan, LadderRung
from reminders.reference import forget
from reminders.services.ladder_editing import standing_ladder
from reminders.services.sweep import sweep
from tests.integration.console.pages import form_of, html_of, text_of
from tests.support.cast import NOW, World

Browser = Callable[[str], Client]
HOME = "/console/admin/ladder/"
LATE = NOW - timedelta(days=14)
"""A matter accepted then was due on Wednesday 11 March 17:30: five working days before now."""


@pytest.fixture(autouse=True)
def _fresh_ladder() -> Any:
    forget()
    yield
    forget()


def typed(world: World, **given: Any) -> dict[str, Any]:
    usual = {
        "area": str(world.area.pk),
        "ladder": "working",
        "version": standing_ladder(world.area.pk).version,
        "step": "preview",
        "code": "due_today",
        "anchor": "due",
        "side": "after",
        "amount": "1",
        "unit": "wd",
        "roles": ["head", "secretary"],
        "kinds": ["handle"],
        "levels": [],
        "channels": [],
        "rank": "12",
    }
    return usual | given


# Who may


@pytest.mark.parametrize("username", ["clerk", "secretary", "officer", "head", "supervisor", "deputy", "director"])
def test_it_is_the_administrators(world: World, signed_in: Browser, username: str) -> None:
    assert signed_in(username).get(HOME).status_code == 403
    assert signed_in(username).post(f"{HOME}new/", typed(world)).status_code == 403


def test_an_area_that_is_not_ones_own_is_refused(world: World, signed_in: Browser) -> None:
    world.people["admin"].memberships.update(subdistrict=world.area)
    browser = signed_in("admin")
    assert browser.get(f"{HOME}?area={world.area.pk}").status_code == 200
    assert browser.get(f"{HOME}?area={world.other_area.pk}").status_code == 403
    assert browser.post(f"{HOME}new/", typed(world, area=str(world.other_area.pk))).status_code == 403


# What it shows


def test_the_ladder_in_words(world: World, signed_in: Browser) -> None:
    page = text_of(signed_in("admin").get(HOME))
    assert "沿用系统默认" in page
    for words in ("到期后3个工作日", "拟督办单，待分管领导签发", "每个工作日8:30，直到办完", "开始计时后4个工作小时"):
        assert words in page
    clock = text_of(signed_in("admin").get(f"{HOME}?ladder=clock"))
    assert "到期后4小时" in clock
    assert "报值班领导" in clock
    assert "例：现在开始、时限2小时" in clock


def test_the_rungs_of_one_kind_of_deadline_in_time_order(world: World, signed_in: Browser) -> None:
    answer = signed_in("admin").get(f"{HOME}?kind=acknowledge")
    names = [row.name for row in answer.context["rows"]]
    assert names == ["新派工单", "未签收", "今日到期", "时限过半", "临期", "催办", "视为签收"]
    assert answer.context["example"] == "1个工作日"
    assert answer.context["rows"][0].example_at == NOW
    moments = [row.example_at for row in answer.context["rows"]]
    assert moments == sorted(moments)
    assert moments[1] == datetime(2026, 3, 18, 16, 0, tzinfo=SHANGHAI)
    assert moments[5] == datetime(2026, 3, 19, 17, 30, tzinfo=SHANGHAI)


@pytest.mark.parametrize("query", ["ladder=none", "kind=unheard"])
def test_a_bad_query_is_a_bad_request(world: World, signed_in: Browser, query: str) -> None:
    assert signed_in("admin").get(f"{HOME}?{query}").status_code == 400


def test_a_rung_that_is_gone_is_not_found(world: World, signed_in: Browser) -> None:
    assert signed_in("admin").get(f"{HOME}working-9-notice/").status_code == 404


# An edit


def test_an_edit_is_previewed_and_then_saved(world: World, signed_in: Browser) -> None:
    late = world.make_issue("in_progress", at=LATE, category="0402", kind="help")
    sweep(at=NOW - timedelta(minutes=1))
    browser = signed_in("admin")
    answer = browser.post(f"{HOME}new/", typed(world))
    page = text_of(answer)
    assert answer.status_code == 200
    assert "还没有保存" in page
    assert "到期后1个工作日" in page
    assert "保存后会立即触发1个时限。" in page
    assert late.number in page
    assert not LadderRung.objects.filter(subdistrict=world.area).exists()

    saved = browser.post(f"{HOME}new/", typed(world, step="save"), follow=True)
    assert saved.redirect_chain[0][0].startswith(HOME)
    assert "已增加一级提醒" in text_of(saved)
    assert "增加“今日到期”：到期后1个工作日" in text_of(saved)
    assert "本街道自定" in text_of(saved)
    assert "正在按新规则重新计算" in text_of(saved)
    row = LadderRung.objects.get(subdistrict=world.area, rank=12, code="due_today")
    assert (row.offset, row.roles, row.kinds, row.since_at) == ("due+1wd", ["head", "secretary"], ["handle"], None)
    assert LadderReplan.objects.filter(subdistrict=world.area, finished_at=None).exists()


def test_the_preview_form_carries_everything_that_was_typed(world: World, signed_in: Browser) -> None:
    browser = signed_in("admin")
    answer = browser.post(f"{HOME}new/", typed(world, channels=["wecom"], levels=["urgent"]))
    again = dict(answer.context["hidden"])
    assert (again["code"], again["rank"], again["amount"]) == ("due_today", "12", "1")
    back = browser.post(f"{HOME}new/", typed(world, step="edit", channels=["wecom"]))
    fields = back.context["fields"]
    assert fields["roles"].value == ["head", "secretary"]
    assert fields["channels"].value == ["wecom"]
    assert form_of(back, reverse("console-ladder-new"))["amount"] == "1"


def test_what_is_past_may_be_taken_as_passed(world: World, signed_in: Browser) -> None:
    browser = signed_in("admin")
    browser.post(f"{HOME}new/", typed(world, step="save", pass_over="true"))
    assert LadderRung.objects.get(subdistrict=world.area, rank=12, code="due_today").since_at == NOW


def test_a_rung_is_changed_and_keeps_ladder_and_rank(world: World, signed_in: Browser) -> None:
    browser = signed_in("admin")
    url = f"{HOME}working-5-urge/"
    page = text_of(browser.get(url))
    assert "现为：到期时 · 自动发出编号催办单，计一次催办" in page
    given = typed(world, code="urge", amount="2", unit="wh", kinds=[], rank="3", roles=["handler"], ladder="clock")
    preview = browser.post(url, given)
    assert "到期后2个工作小时" in text_of(preview)
    browser.post(url, given | {"step": "save"})
    row = LadderRung.objects.get(subdistrict=world.area, code="urge", ladder="working", rank=5)
    assert (row.offset, row.roles, row.effect) == ("due+2wh", ["handler"], "urge")
    assert LadderRung.objects.get(subdistrict=world.area, code="urge", ladder="clock").offset == "due"


def test_a_rung_is_retired_after_a_look(world: World, signed_in: Browser) -> None:
    browser = signed_in("admin")
    url, given = f"{HOME}working-2-notice/", typed(world, retire="1")
    assert "确认停用" in text_of(browser.post(url, given))
    browser.post(url, given | {"step": "save"})
    row = LadderRung.objects.get(subdistrict=world.area, ladder="working", code="notice", rank=2)
    assert row.retired_at == NOW
    assert browser.get(url).status_code == 404
    (event,) = Event.objects.filter(kind="ladder_changed")
    assert (event.subject_kind, event.subject_id, event.actor_id) == (
        "subdistrict",
        world.area.pk,
        world.people["admin"].pk,
    )
    assert (event.data["change"], event.data["old"]["code"], event.data["new"]) == ("retire", "notice", None)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"code": ""}, "请选择做什么"),
        ({"anchor": ""}, "请选择从哪一刻算起"),
        ({"amount": ""}, "请填写1至999的整数"),
        ({"amount": "0"}, "请填写1至999的整数"),
        ({"unit": "years"}, "请选择单位"),
        ({"roles": []}, "请选择提醒谁"),
        ({"rank": ""}, "级次为1至15"),
        ({"rank": "5"}, "级次5已用于“催办”"),
        ({"code": "red_card", "kinds": []}, "红牌通报只适用于办理和兑现承诺时限"),
        ({"code": "urge", "kinds": ["progress"]}, "这些时限只提醒，不计催办"),
        ({"kinds": ["unheard"]}, "请从列表中选择"),
        ({"anchor": "start", "side": "before"}, "不能早于开始计时"),
        ({"anchor": "daily", "code": "order"}, "每天重复的只能提醒"),
    ],
)
def test_a_rung_that_cannot_stand_is_refused_and_nothing_typed_is_lost(
    world: World, signed_in: Browser, given: dict[str, Any], words: str
) -> None:
    answer = signed_in("admin").post(f"{HOME}new/", typed(world) | given)
    assert answer.status_code == 400
    assert words in text_of(answer)
    assert answer.context["fields"]["side"].value == (given.get("side") or "after")
    assert not LadderRung.objects.filter(subdistrict=world.area).exists()


def test_somebody_else_was_faster(world: World, signed_in: Browser) -> None:
    browser = signed_in("admin")
    seen = typed(world)
    browser.post(f"{HOME}working-5-urge/", typed(world, code="urge", amount="1", kinds=[], step="save"))
    for step in ("preview", "save"):
        late = browser.post(f"{HOME}new/", seen | {"step": step})
        assert late.status_code == 409
        assert "提醒规则刚被别人修改" in text_of(late)
        assert late.context["fields"]["code"].value == "due_today"
        assert late.context["version"] == standing_ladder(world.area.pk).version
    again = browser.post(f"{HOME}working-5-urge/", typed(world, code="urge", version=seen["version"]))
    assert again.status_code == 409
    assert "现为：到期后1个工作日" in text_of(again)


def test_no_change_is_not_to_be_saved(world: World, signed_in: Browser) -> None:
    browser = signed_in("admin")
    given = typed(world, code="notice", anchor="half", side="at", amount="", roles=["handler"], kinds=[])
    answer = browser.post(f"{HOME}working-2-notice/", given)
    assert "没有改动，不用保存" in text_of(answer)
    browser.post(f"{HOME}working-2-notice/", given | {"step": "save"})
    assert not LadderRung.objects.filter(subdistrict=world.area).exists()
    assert not Event.objects.filter(kind="ladder_changed").exists()


@pytest.mark.long
def test_the_statements_do_not_grow_with_rungs_or_deadlines(world: World, signed_in: Browser) -> None:
    browser = signed_in("admin")

    def statements(act: Callable[[], object]) -> int:
        with CaptureQueriesContext(connection) as caught:
            act()
        return len(caught)

    browser.get(HOME)
    found = []
    for count in (1, 4, 20):
        for _number in range(count):
            world.make_issue("in_progress", at=LATE, category="0402", kind="help")
        page = statements(lambda: browser.get(HOME))
        found.append((page, statements(lambda: browser.post(f"{HOME}new/", typed(world)))))
    assert len(set(found)) == 1
    assert Deadline.objects.filter(state="running", kind="handle").count() == 25
    sweep(at=NOW - timedelta(minutes=1))
    assert "保存后会立即触发25个时限。" in html_of(browser.post(f"{HOME}new/", typed(world)))
