"""What a page says about a time limit is what the clock will be started with: every kind, level, category and rule."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags

from console.issues.action_words import consequence as choice_words
from console.issues.action_words import note_of
from deadlines.limits import Limit
from deadlines.models import Deadline, DeadlineRule
from deadlines.reference import forget, install_default_rules
from issues.enums import Kind
from issues.models import Issue
from tests.integration.console.pages import html_of
from tests.support.cast import NOW, World

Browser = Callable[[str], Client]
URL = "/console/issues/new/limits/"
LEVELS = ("", "normal", "urgent", "critical")
CATEGORIES = ("", "0101", "0202", "0301", "0303", "0402")
_HELP = re.compile(r'<small\s+id="id_level-(\w+)-help"[^>]*>(.*?)</small>')


def edit_rules(world: World) -> None:
    """Every limit of the sub-district becomes one longer than the product's."""
    install_default_rules(world.area.pk)
    for row in DeadlineRule.objects.filter(subdistrict=world.area).exclude(limit="none"):
        limit = Limit.parse(row.limit)
        DeadlineRule.objects.filter(pk=row.pk).update(limit=str(Limit(limit.amount + 1, limit.unit)))
    forget()


@pytest.fixture(params=["the product's rules", "the sub-district's own"], autouse=True)
def rules(request: pytest.FixtureRequest, world: World) -> Iterator[None]:
    if request.param != "the product's rules":
        edit_rules(world)
    yield
    forget()


def shown(clerk: Client, world: World, kind: str, category: str) -> dict[str, str]:
    place = f"n{world.neighbourhoods['xingfu'].pk}"
    page = html_of(clerk.post(URL, {"kind": kind, "category": category, "place": place}))
    return {level.removeprefix("none"): text for level, text in _HELP.findall(page)}


def counted(world: World, kind: str, level: str, category: str) -> str:
    """What the clocks of such a matter really are, in the words of the page."""
    issue = world.create(kind=kind, level=level, category=category)
    given: dict[str, Any] = {} if category else {"category": "0402"}
    world.act(issue, "accept", **given)
    limits = {row.kind: Limit.parse(row.limit).label() for row in Deadline.objects.of("issue", issue.pk)}
    words = [f"{limits['first_report']}内首次反馈"] if "first_report" in limits else []
    words += [f"{limits['handle']}内办理"] if "handle" in limits else []
    words += [f"按节点办理，每{limits['note']}记录进展"] if "note" in limits and "handle" not in limits else []
    return "，".join(words) or "不设时限"


@pytest.mark.parametrize("kind", Kind.values)
def test_the_intake_says_what_will_be_counted(world: World, signed_in: Browser, kind: str) -> None:
    clerk = signed_in("clerk")
    for category in CATEGORIES:
        words = shown(clerk, world, kind, category)
        assert set(words) == set(LEVELS)
        for level in LEVELS:
            real = counted(world, kind, level, category)
            assert words[level].rpartition("：")[2] == real, (kind, level, category, words[level])


def test_the_form_says_the_same_before_any_script_runs(world: World, signed_in: Browser) -> None:
    """What is said there names the kind or the category that it holds for."""
    clerk = signed_in("clerk")
    blank = dict(_HELP.findall(html_of(clerk.get("/console/issues/new/"))))
    assert blank["normal"] == f"求助：{counted(world, 'help', 'normal', '0402')}"
    assert blank["urgent"] == counted(world, "help", "urgent", "0402")
    place = f"n{world.neighbourhoods['xingfu'].pk}"
    sent = clerk.post("/console/issues/new/", {"kind": "complaint", "category": "0101", "place": place})
    again = dict(_HELP.findall(html_of(sent)))
    assert again["none"] == f"村巷卫生（投诉）：{counted(world, 'complaint', '', '0101')}"


def test_whose_rules_hold_is_asked_before_anything_is_said(world: World, signed_in: Browser) -> None:
    from communities.models import Membership

    Membership.objects.create(
        user=world.people["clerk"], role="clerk", subdistrict=world.other_area,
        community=world.communities["pingdi"], started_at=NOW - timedelta(days=1),
    )  # fmt: skip
    page = dict(_HELP.findall(html_of(signed_in("clerk").post(URL, {"kind": "help"}))))
    assert set(page.values()) == {"选定位置后显示时限"}


@pytest.mark.parametrize("sent", [{"kind": "x\x00"}, {"category": "\x00"}, {"place": "n9\x00"}, {"category": "9" * 99}])
def test_nonsense_is_counted_as_a_blank_form(world: World, signed_in: Browser, sent: dict[str, str]) -> None:
    assert signed_in("clerk").post(URL, sent).status_code == 200


def limit(world: World, issue: Issue, clock: str) -> str:
    return Limit.parse(Deadline.objects.of("issue", issue.pk).get(kind=clock).limit).label()


def test_panels_name_the_limit_of_the_clock_that_they_start(world: World) -> None:
    asked = world.make_issue("need_info")
    assert f"反映人收到后{limit(world, asked, 'more_info')}内补充" in note_of("request_info", asked)
    extended = world.act(world.make_issue("in_progress"), "request_extension", by="officer", days=1, reason="需排期")
    words = f"在{limit(world, extended, 'extension_decision')}内审批"
    assert words in note_of("request_extension", extended)
    assert words in note_of("request_suspension", extended)
    passed = world.act(world.make_issue("accepted"), "transfer_out", department="POLICE")
    assert f"每{limit(world, passed, 'tracking')}跟踪一次" in note_of("transfer_out", passed)
    ordered = world.act(world.make_issue("in_progress"), "supervise", by="supervisor", kind="order", note="请速办")
    world.act(ordered, "sign", by="deputy", kind="order")
    words = choice_words("supervise", ordered, "kind", "order")
    assert f"须在{limit(world, ordered, 'supervision_reply')}内书面回复" in words


def test_help_names_the_limits_of_the_sub_district(world: World, signed_in: Browser) -> None:
    page = strip_tags(html_of(signed_in("clerk").get("/console/help/")))
    for level in ("critical", "urgent"):
        assert f"{counted(world, 'help', level, '0402')}。" in page


@pytest.mark.parametrize("kind", ["help", "praise"])
def test_the_resident_reads_by_when_a_call_comes(world: World, client: Client, kind: str) -> None:
    issue = world.make_issue("accepted", kind=kind, category="0402")
    limits = DeadlineRule.objects.filter(subdistrict=world.area, deadline_kind="callback").values_list(
        "limit", flat=True
    )
    text = Limit.parse(limits[0] if limits else "1wd").label()
    page = html_of(client.get(f"/t/{issue.token}/request_callback/"))
    assert (f"{text}内，会有人打您反映时留的电话" if kind == "help" else "尽快，会有人打您反映时留的电话") in page
