"""The pages of requests about one's own data: queue, counter, one request; and the resident's, without a script."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from issues.models import Issue
from privacy.models import RightsRequest
from privacy.services import rights
from tests.integration.phone.pages import WRONG
from tests.support.cast import NOW, PHONE, World
from tests.support.reporter import reporter_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
Browser = Callable[[str], Client]
QUEUE = "/console/rights/"
COUNTER = {"kind": "correct", "asked_as": "self", "identity": "document", "name": "张小三", "phone": PHONE}


def asked(world: World, kind: str = "see", at: datetime = NOW, **given: Any) -> RightsRequest:
    issue = Issue.objects.select_related("contact").get(pk=world.create(**given).pk)
    return rights.ask_by_web(issue=issue, kind=kind, words="", at=at)


def html(answer: object) -> str:
    return str(answer.content.decode())  # type: ignore[attr-defined]


def test_at_the_counter_it_is_taken_decided_corrected_and_answered(world: World, signed_in: Browser) -> None:
    issue = world.create()
    clerk, supervisor = signed_in("clerk"), signed_in("supervisor")
    assert "登记请求" in html(clerk.get(QUEUE))
    community = world.communities["xiadong"].pk
    made = clerk.post(f"{QUEUE}new/", {**COUNTER, "community": community}, follow=True)
    request = RightsRequest.objects.get()
    assert made.redirect_chain[-1][0] == f"{QUEUE}{request.pk}/"
    assert PHONE not in html(made)
    assert "决定办理" not in html(made)
    page = f"{QUEUE}{request.pk}/"
    opened = html(supervisor.get(page))
    assert issue.number in opened
    assert PHONE not in opened
    assert PHONE in html(supervisor.post(page, {"step": "reveal", "why": "核对"}))
    assert supervisor.post(page, {"step": "decide"}).status_code == 302
    assert f"{reverse('console-issue', args=[issue.number])}?action=edit" in html(supervisor.get(page))
    empty = supervisor.post(page, {"step": "finish", "answer": ""})
    assert (empty.status_code, "请写明答复" in html(empty)) == (400, True)
    assert supervisor.post(page, {"step": "finish", "answer": "已更正"}).status_code == 302
    assert supervisor.post(page, {"step": "finish", "answer": "再来"}).status_code == 409
    assert "已更正" in html(clerk.get(page))
    assert request.number in html(clerk.get(f"{QUEUE}?ended=1"))
    assert request.number not in html(clerk.get(QUEUE))


def test_the_copy_is_downloaded_by_who_answers(world: World, signed_in: Browser) -> None:
    request = asked(world, "export")
    url = f"{QUEUE}{request.pk}/copy/"
    assert signed_in("clerk").post(url).status_code == 403
    supervisor = signed_in("supervisor")
    assert supervisor.post(url).status_code == 409
    supervisor.post(f"{QUEUE}{request.pk}/", {"step": "decide"})
    answer = supervisor.post(url)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert supervisor.get(url).status_code == 405


def test_what_is_wrong_at_the_counter_is_said_and_what_was_typed_is_kept(world: World, signed_in: Browser) -> None:
    clerk = signed_in("clerk")
    community = world.communities["xiadong"].pk
    wrong = clerk.post(f"{QUEUE}new/", {**COUNTER, "community": community, "phone": "123", "name": "李四妹"})
    assert (wrong.status_code, "李四妹" in html(wrong)) == (400, True)
    assert clerk.post(f"{QUEUE}new/", {**COUNTER, "community": ""}).status_code == 400
    elsewhere = world.communities["dade"].pk
    assert clerk.post(f"{QUEUE}new/", {**COUNTER, "community": elsewhere}).status_code == 400
    hidden = world.create(community="dade", by="clerk2", contact_phone="13900002222")
    unseen = clerk.post(f"{QUEUE}new/", {**COUNTER, "community": community, "number": hidden.number})
    assert (unseen.status_code, "未找到该工单" in html(unseen)) == (400, True)
    assert signed_in("officer").get(f"{QUEUE}new/").status_code == 403
    assert not RightsRequest.objects.exists()


def test_who_may_not_see_one_finds_none(world: World, signed_in: Browser) -> None:
    request = asked(world)
    for who in ("clerk2", "officer", "admin"):
        assert signed_in(who).get(f"{QUEUE}{request.pk}/").status_code == 404
        assert request.number not in html(signed_in(who).get(QUEUE))
    deputy = html(signed_in("deputy").get(f"{QUEUE}{request.pk}/"))
    assert "决定办理" not in deputy
    assert "与本人有关的诉求" not in deputy


@pytest.mark.parametrize("ended", ["", "?ended=1"])
def test_the_queue_costs_the_same_whatever_its_length(world: World, signed_in: Browser, ended: str) -> None:
    browser, counted = signed_in("supervisor"), []
    for number in range(26):
        request = asked(world, contact_phone=f"1390000{number:04d}")
        if ended:
            by = world.actor("supervisor")
            rights.decline(request_id=request.pk, reason="others", answer="不能", by=by, at=NOW)
        if number in (0, 4, 24, 25):
            with CaptureQueriesContext(connection) as caught:
                page = browser.get(f"{QUEUE}{ended}")
            counted.append(len(caught))
    assert len(set(counted)) == 1
    assert "下一页" in html(page)


def test_what_is_overdue_stands_on_the_supervisors_desk(world: World, signed_in: Browser) -> None:
    desk = "/console/supervision/?view=overdue"
    asked(world, "export")
    assert "个信-" not in html(signed_in("supervisor").get(desk))
    request = asked(world, at=NOW - timedelta(days=40))
    page = html(signed_in("supervisor").get(desk))
    assert request.number in page
    assert f"{QUEUE}{request.pk}/" in page


# The resident


def test_the_resident_asks_with_the_whole_number_and_reads_date_and_answer(world: World) -> None:
    issue = world.create()
    url = reverse("matter-rights", args=[issue.token])
    browser = Client()
    assert "反映时留的手机号" in html(browser.get(url))
    for typed, status in ((PHONE[-4:], 400), (WRONG, 400)):
        assert browser.post(url, {"kind": "see", "phone_tail": typed}).status_code == status
    assert not RightsRequest.objects.exists()
    done = browser.post(url, {"kind": "see", "words": "想看看", "phone_tail": PHONE}, follow=True)
    request = RightsRequest.objects.get()
    assert request.number in html(done)
    assert "前答复" in html(done)
    assert "反映时留的手机号" not in html(done)
    assert browser.post(url, {"kind": "see"}).status_code == 409
    by = world.actor("supervisor")
    rights.decline(
        request_id=request.pk, reason="secrecy", answer=f"请致电13900002222，依法不能告知{PHONE}", by=by, at=NOW
    )
    read = html(browser.get(url))
    assert "依法不能告知" in read
    assert PHONE not in read
    assert request.number not in html(Client().get(url))


def test_nothing_is_written_by_looking_and_a_kind_must_be_chosen(world: World) -> None:
    issue = world.create()
    browser, url = reporter_of(issue), reverse("matter-rights", args=[issue.token])
    assert browser.get(url, {"kind": "delete"}).status_code == 200
    assert browser.post(url, {"kind": ""}).status_code == 400
    assert browser.post(url, {"kind": "all"}).status_code == 400
    assert not RightsRequest.objects.exists()


def test_staff_ask_for_nobody_and_a_matter_without_a_phone_leads_to_the_counter(
    world: World, signed_in: Browser
) -> None:
    issue, silent = world.create(), world.create(contact_phone="", contact_name="")
    url = reverse("matter-rights", args=[issue.token])
    assert signed_in("clerk").post(url, {"kind": "see", "phone_tail": PHONE}).status_code == 403
    assert "请到社区办理" in html(Client().get(reverse("matter-rights", args=[silent.token])))
    assert url in html(Client().get(f"/t/{issue.token}/"))
    assert not RightsRequest.objects.exists()


def test_the_notice_leads_there_by_number_and_phone(world: World) -> None:
    issue, browser = world.create(), Client()
    assert "/track/?to=rights" in html(browser.get("/privacy/"))
    assert 'name="to" value="rights"' in html(browser.get("/track/?to=rights"))
    sent = {"number": issue.number, "phone_tail": PHONE, "to": "rights"}
    assert browser.post("/track/", sent)["Location"] == reverse("matter-rights", args=[issue.token])
    assert browser.post("/track/", {**sent, "to": "elsewhere"})["Location"] == f"/t/{issue.token}/"
