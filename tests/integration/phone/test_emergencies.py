"""Emergency words wherever a matter is raised: the number first, the level, who is told and why."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from common.clock import now
from communities import emergencies
from communities.models import EmergencyWord
from issues.models import Issue
from journal.models import Event
from reminders.services.fan_out import fan_out
from tests.integration.api.conftest import Caller
from tests.support.cast import World

pytestmark = pytest.mark.usefixtures("frozen")
Browser = Callable[[str], Client]
WORDS = "电梯困人了，快来救人，起火了"


def report(world: World, **given: Any) -> dict[str, Any]:
    return {
        "description": WORDS,
        "community": world.communities["xiadong"].pk,
        "contact_phone": "19900004321",
        "idempotency_key": "form-12345678",
    } | given


def test_the_resident_reads_the_number_first_and_the_matter_is_critical(world: World, client: Client) -> None:
    done = client.post("/report/", report(world))
    assert done.status_code == 302
    issue = Issue.objects.get()
    assert (issue.level, issue.level_set, issue.alarm, issue.urgency) == ("critical", True, "困人、起火", 0)
    event = Event.objects.get(subject_id=issue.pk)
    assert (event.kind, event.data["level"], event.data["alarm"]) == ("create", "critical", True)
    assert WORDS not in str(event.data)
    html = client.get(done["Location"]).content.decode()
    assert html.index('href="tel:119"') < html.index(issue.number)
    assert "困人、起火" in html


def test_the_leader_and_the_public_api_say_it_too(world: World, signed_in: Browser) -> None:
    leader = signed_in("leader")
    done = leader.post("/leader/report/", {"description": WORDS, "idempotency_key": "form-87654321"}, follow=True)
    assert 'href="tel:119"' in done.content.decode()
    assert 'href="tel:119"' not in leader.get("/leader/").content.decode()
    sent = {"description": WORDS, "community": "夏东社区", "contact_phone": "19900004322"}
    answer = Caller().post("public/issues/", sent)
    assert answer.json()["emergency"] == {"dial": ["119"], "words": ["困人", "起火"]}
    quiet = Caller().post("public/issues/", sent | {"description": "路灯不亮"})
    assert "emergency" not in quiet.json()
    assert list(Issue.objects.order_by("id").values_list("level", flat=True)) == ["critical", "critical", "normal"]


def test_a_persons_level_stands_and_thanks_are_no_emergency(world: World) -> None:
    chosen = world.create(description=WORDS, level="normal")
    assert (chosen.level, chosen.alarm) == ("normal", "困人、起火")
    thanks = world.create(description="起火时多亏你们", kind="praise")
    assert (thanks.alarm, thanks.level_set) == ("", False)


def test_a_category_that_is_urgent_anyway_is_not_lowered(world: World) -> None:
    issue = world.create(description="路灯杆漏电", category="0301")
    assert issue.level == "urgent"


def test_no_limit_and_no_question_stand_before_an_emergency(world: World, client: Client) -> None:
    for place in range(8):
        sent = report(world, idempotency_key=f"urgent-form-{place}", description=f"第{place}次：起火了")
        assert client.post("/report/", sent).status_code == 302
    for place in range(8):
        sent = {"description": f"第{place}次：起火了", "community": "夏东社区", "contact_phone": "19900004321"}
        assert Caller().post("public/issues/", sent).status_code == 201
    assert Issue.objects.count() == 16


def test_an_error_keeps_the_words_and_says_the_number_first(world: World, client: Client) -> None:
    answer = client.post("/report/", report(world, contact_phone=""))
    html = answer.content.decode()
    assert answer.status_code == 400
    assert html.index('href="tel:119"') < html.index('<form class="band"')
    assert WORDS in html


def test_while_typing(world: World, client: Client, signed_in: Browser) -> None:
    shown = client.post("/report/similar/", {"description": WORDS})
    assert 'href="tel:119"' in shown.content.decode()
    assert client.post("/report/similar/", {"description": "楼道灭火器过期了"}).status_code == 204
    reference = signed_in("clerk").post("/console/issues/new/reference/", {"description": WORDS}).content.decode()
    assert "is-alarm" in reference
    assert "119" in reference


def test_the_clerk_is_told_and_sees_why(world: World, client: Client, signed_in: Browser) -> None:
    client.post("/report/", report(world))
    fan_out(at=now())
    inbox = signed_in("clerk").get("/console/notifications/").content.decode()
    assert "特急" in inbox
    assert "提到“困人、起火”" in inbox
    page = signed_in("clerk").get(f"/console/issues/{Issue.objects.get().number}/").content.decode()
    assert "急：困人、起火" in page


def test_a_sub_district_adds_changes_and_switches_off_words(world: World) -> None:
    EmergencyWord.objects.create(subdistrict=world.area, word="塌方", level="critical", dial="119")
    EmergencyWord.objects.create(subdistrict=world.area, word="起火", level="", dial="")
    emergencies.forget()
    assert world.create(description="山边塌方").level == "critical"
    assert world.create(description="起火了", category=None).alarm == ""
    assert emergencies.find_alarm(world.other_area.pk, "起火了").level == "critical"
    assert not emergencies.find_alarm(world.other_area.pk, "山边塌方")


@pytest.mark.django_db
def test_the_migration_put_the_products_list_into_the_table() -> None:
    stored = EmergencyWord.objects.filter(subdistrict=None).values_list("word", "level", "dial")
    assert set(stored) == {(row.word, row.level, row.dial) for row in emergencies.DEFAULT_WORDS}
