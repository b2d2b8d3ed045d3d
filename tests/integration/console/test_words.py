"""还剩 and 超期: working time for working limits, clock time for the others; both faces of the error pages."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from common.clock import SHANGHAI
from deadlines.wording import left_text
from tests.integration.console.pages import html_of, text_of
from tests.support.cast import NOW, World

Browser = Callable[[str], Client]


@pytest.mark.parametrize(
    ("due_at", "working", "text"),
    [
        (NOW + timedelta(hours=2), True, "还剩2小时"),
        (NOW + timedelta(minutes=9), False, "还剩9分钟"),
        (NOW + timedelta(seconds=30), False, "即将到期"),
        (NOW - timedelta(seconds=30), False, "已超期"),
        (NOW + timedelta(hours=26, minutes=5), False, "还剩1天2小时"),
        (datetime(2026, 3, 19, 17, 30, tzinfo=SHANGHAI), True, "还剩1天5小时"),
        (datetime(2026, 3, 18, 17, 30, tzinfo=SHANGHAI), True, "还剩5小时30分钟"),
        (datetime(2026, 3, 17, 17, 30, tzinfo=SHANGHAI), True, "超期1小时"),
        (datetime(2026, 3, 16, 17, 30, tzinfo=SHANGHAI), True, "超期1天"),
        (NOW - timedelta(hours=50), False, "超期2天"),
    ],
)
@pytest.mark.django_db
def test_what_is_left(due_at: datetime, working: bool, text: str) -> None:
    assert left_text(due_at, NOW, working=working) == text


def test_error_pages_have_two_faces(world: World, signed_in: Browser) -> None:
    client = signed_in("clerk")
    assert "未找到该工单，请核对编号" in text_of(client.get("/console/issues/nope/"))
    phone = client.get("/nowhere/")
    assert phone.status_code == 404
    assert "没有找到这个页面" in text_of(phone)
    api = client.get("/api/nowhere/")
    assert (api.status_code, api.json()["code"]) == (404, "not_found")
    assert "<nav" not in html_of(signed_in("leader").get("/console/"))


@pytest.mark.parametrize("path", ["/console/help/", "/track/", "/api/schema/"])
def test_a_failing_page_says_so_without_a_database(
    world: World, signed_in: Browser, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    from govtrack import middleware

    def explode(name: str | None) -> None:
        raise RuntimeError("secret detail")

    client = signed_in("clerk")
    client.raise_request_exception = False
    monkeypatch.setattr(middleware, "rule_of", explode)
    answer = client.get(path)
    assert answer.status_code == 500
    assert "secret detail" not in html_of(answer)


def test_header_says_who_and_where(world: World, signed_in: Browser) -> None:
    page = text_of(signed_in("clerk").get("/console/help/"))
    for words in ("桂城街道社区治理", "夏东社区", "陈晓琳", "社区工作人员", "登记诉求"):
        assert words in page
    assert 'href="/console/issues/new/"' in html_of(signed_in("clerk").get("/console/help/"))
    assert 'href="/console/issues/new/"' not in html_of(signed_in("admin").get("/console/help/"))


@pytest.mark.parametrize("data", [{"note": "大" * 400_000}, {f"field{n}": "x" for n in range(300)}])
def test_bodies_that_are_too_large_are_refused_with_a_page(
    world: World, signed_in: Browser, data: dict[str, str]
) -> None:
    issue = world.create()
    body = "&".join(f"{name}={value}" for name, value in data.items()).encode()
    for url in (f"/console/issues/{issue.number}/actions/comment/", "/console/issues/new/"):
        refused = signed_in("clerk").post(url, body, content_type="application/x-www-form-urlencoded")
        assert refused.status_code == 400, url
        assert "回到工作台" in text_of(refused)
