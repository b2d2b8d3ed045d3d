"""Logging a matter at the desk: every button, every mistake, and sending the same form twice."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from common.clock import SHANGHAI
from files.models import StoredFile
from issues.models import Issue, Submission
from issues.notice import NOTICE
from issues.services.errors import InvalidFields
from issues.services.revealing import reveal_contact
from issues.services.submissions import Sent, submit_once
from journal.models import Event
from reminders.services.fan_out import fan_out
from tests.integration.console.pages import form_of, html_of, text_of
from tests.support.cast import NOW, PHONE, World
from tests.support.hostile_files import jpeg

Browser = Callable[[str], Client]
URL = "/console/issues/new/"


def _place(world: World, key: str = "xingfu") -> str:
    return f"n{world.neighbourhoods[key].pk}"


def _typed(world: World, **given: str) -> dict[str, str]:
    return {
        "source": "phone",
        "contact_phone": "199 0000 1234",
        "contact_name": "梁女士",
        "description": "昨晚下雨后幸福路又积水了，下水道口一直在冒水。",
        "place": _place(world),
        "kind": "help",
        "category": "0301",
        "department": "",
        "level": "",
        "idempotency_key": "key-12345678",
        "then": "next",
    } | given


def _events(issue: Issue) -> list[str]:
    return list(Event.objects.of("issue", issue.pk).order_by("seq").values_list("kind", flat=True))


def test_save_and_dispatch_is_three_events_in_one_go(world: World, signed_in: Browser) -> None:
    clerk = signed_in("clerk")
    answer = clerk.post(URL, _typed(world, then="dispatch", department="WATER"))
    issue = Issue.objects.get()
    assert answer.status_code == 302
    assert (issue.status, issue.lead_department) == ("dispatched", world.departments["WATER"])
    assert _events(issue) == ["create", "accept", "dispatch"]
    done = clerk.get(answer.headers["Location"])
    assert done.context["done"]["number"] == issue.number
    assert done.context["done"]["promise_text"] == "应于3月23日前答复"
    assert "已登记 桂城-2026-000001" in text_of(done)
    assert form_of(done, URL)["contact_phone"] == ""


def test_dispatching_without_a_department_is_asked_for(world: World, signed_in: Browser) -> None:
    answer = signed_in("clerk").post(URL, _typed(world, then="dispatch"))
    assert answer.status_code == 400
    assert [(item.field_id, item.message) for item in answer.context["errors"]] == [("id_department", "请选择派往单位")]
    assert not Issue.objects.exists()


def test_save_and_log_the_next_one(world: World, signed_in: Browser) -> None:
    clerk = signed_in("clerk")
    answer = clerk.post(URL, _typed(world))
    issue = Issue.objects.get()
    assert issue.status == "submitted"
    assert _events(issue) == ["create"]
    page = clerk.get(answer.headers["Location"])
    assert page.context["done"]["promise_text"] == "预计3月23日前答复"
    assert page.context["idempotency_key"] != "key-12345678"


def test_answering_at_once_is_for_enquiries(world: World, signed_in: Browser) -> None:
    clerk = signed_in("clerk")
    refused = clerk.post(URL, _typed(world, then="answer"))
    assert refused.status_code == 400
    assert "只有咨询可以由社区即时办结" in text_of(refused)
    answer = clerk.post(URL, _typed(world, then="answer", kind="enquiry"))
    assert answer.headers["Location"].endswith("?action=answer_now")
    page = clerk.get(answer.headers["Location"])
    assert page.context["panel"].code == "answer_now"
    issue = Issue.objects.get()
    values = form_of(page, "/actions/answer_now/") | {
        "note": "已告知办理材料。",
        "verdict": "satisfied",
        "solved": "yes",
    }
    assert clerk.post(f"/console/issues/{issue.number}/actions/answer_now/", values).status_code == 302
    assert Issue.objects.get().status == "closed"


def test_everything_is_kept_where_it_belongs(world: World, signed_in: Browser) -> None:
    signed_in("clerk").post(
        URL,
        _typed(
            world,
            source="hotline_12345",
            external_number="GD-1",
            contact_address="幸福路8号602房",
            confidential="true",
            place=f"b{world.buildings['xiadong1'].pk}",
            address="巷口第二盏灯下",
            occurred_at="2026-03-17T22:00",
            level="critical",
        ),
    )
    issue = Issue.objects.select_related("contact").get()
    assert issue.contact is not None
    assert (issue.contact.phone, issue.contact.name) == (PHONE, "梁女士")
    assert issue.contact.address == "幸福路8号602房"
    assert (issue.building_id, issue.neighbourhood_id) == (
        world.buildings["xiadong1"].pk,
        world.neighbourhoods["xiadongcun"].pk,
    )
    assert (issue.confidential, issue.level, issue.level_set) == (True, "critical", True)
    assert issue.occurred_at == NOW.replace(day=17, hour=22)
    assert issue.external_number == "GD-1"


def test_without_a_level_the_category_decides(world: World, signed_in: Browser) -> None:
    signed_in("clerk").post(URL, _typed(world))
    issue = Issue.objects.get()
    assert (issue.level, issue.level_set) == ("urgent", False)


def test_anonymous_keeps_no_contact(world: World, signed_in: Browser) -> None:
    clerk = signed_in("clerk")
    assert clerk.post(URL, _typed(world, anonymous="true")).status_code == 302
    assert Issue.objects.get().contact is None
    missing = clerk.post(URL, _typed(world, contact_phone="", idempotency_key="key-87654321"))
    assert missing.status_code == 400
    assert missing.context["errors"][0].field_id == "id_contact_phone"


def test_mistakes_are_named_together_and_nothing_is_lost(world: World, signed_in: Browser) -> None:
    answer = signed_in("clerk").post(
        URL, _typed(world, contact_phone="", description="", place="", category="", contact_name="梁女士")
    )
    assert answer.status_code == 400
    assert answer.context["error_title"] == "还有 4 项需要填写"
    values = form_of(answer, URL)
    assert values["contact_name"] == "梁女士"
    assert values["idempotency_key"] == "key-12345678"
    assert not Issue.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"contact_phone": "12"},
        {"contact_phone": "\x00\x00"},
        {"place": "n99999999999999"},
        {"place": "b0"},
        {"place": "x1"},
        {"place": "n1; drop"},
        {"category": "9999"},
        {"category": "03"},
        {"category": "\x00"},
        {"kind": "riot"},
        {"source": "sensor"},
        {"level": "highest"},
        {"occurred_at": "gestern"},
        {"occurred_at": "9999-99-99T99:99"},
        {"occurred_at": "0001-01-01T00:00"},
        {"description": "长" * 4001},
        {"description": "\x00"},
        {"contact_name": "名" * 61},
        {"address": "址" * 201},
        {"department": "POLICE", "then": "dispatch"},
        {"department": "DADE-TEAM", "then": "dispatch"},
        {"department": "x" * 3000, "then": "dispatch"},
        {"idempotency_key": "short"},
        {"idempotency_key": "with\x00a-nul"},
        {"idempotency_key": "with space and more"},
        {"then": "explode"},
    ],
)
def test_hostile_forms_answer_400_and_log_nothing(world: World, signed_in: Browser, wrong: dict[str, str]) -> None:
    answer = signed_in("clerk").post(URL, _typed(world, **wrong))
    assert answer.status_code == 400
    assert not Issue.objects.exists()


def test_other_sub_districts_cannot_be_reached(world: World, signed_in: Browser) -> None:
    place = f"n{world.neighbourhoods['pingdicun'].pk}"
    answer = signed_in("clerk").post(URL, _typed(world, place=place))
    assert answer.status_code == 400
    assert "请从列出的位置中选择" in text_of(answer)


def test_another_communitys_matter_is_logged_but_left_to_it(world: World, signed_in: Browser) -> None:
    clerk = signed_in("clerk")
    answer = clerk.post(URL, _typed(world, place=_place(world, "bihu"), department="WATER", then="dispatch"))
    assert answer.status_code == 302
    issue = Issue.objects.get()
    assert (issue.community_id, issue.status) == (world.communities["dade"].pk, "submitted")
    assert clerk.get(answer.headers["Location"]).context["done"]["number"] == issue.number


def test_officers_log_and_supervisors_dispatch_anywhere(world: World, signed_in: Browser) -> None:
    officer = signed_in("officer")
    page = officer.get(URL)
    assert (page.context["can_dispatch"], page.context["can_answer"]) == (False, False)
    assert officer.post(URL, _typed(world)).status_code == 302
    assert Issue.objects.get().status == "submitted"
    supervisor = signed_in("supervisor")
    community = f"c{world.communities['dade'].pk}"
    typed = _typed(world, place=community, then="dispatch", department="WATER", idempotency_key="key-of-supervisor")
    assert supervisor.post(URL, typed).status_code == 302
    assert Issue.objects.order_by("-id")[0].status == "dispatched"


@pytest.mark.parametrize("username", ["admin", "leader"])
def test_who_may_not_log_is_refused(world: World, signed_in: Browser, username: str) -> None:
    client = signed_in(username)
    assert client.get(URL).status_code == 403
    assert client.post(URL, _typed(world)).status_code == 403
    assert client.get("/console/lookups/places/?q=bh").status_code == 403


# The same form twice


def test_the_same_form_twice_makes_one_issue(world: World, signed_in: Browser) -> None:
    clerk = signed_in("clerk")
    first = clerk.post(URL, _typed(world, then="dispatch", department="WATER"))
    second = clerk.post(URL, _typed(world, then="dispatch", department="WATER"))
    assert first.headers["Location"] == second.headers["Location"]
    assert Issue.objects.count() == Submission.objects.count() == 1
    clerk.post(URL, _typed(world, idempotency_key="another-key-1"))
    assert Issue.objects.count() == 2


def test_other_words_under_the_same_key_are_not_swallowed(world: World, signed_in: Browser) -> None:
    clerk = signed_in("clerk")
    clerk.post(URL, _typed(world))
    first = Issue.objects.get()
    answer = clerk.post(URL, _typed(world, description="另一件事：路灯不亮"))
    assert answer.status_code == 400
    assert first.number in text_of(answer)
    form = form_of(answer, URL)
    assert (form["description"], Issue.objects.count()) == ("另一件事：路灯不亮", 1)
    again = _typed(world, description="另一件事：路灯不亮", idempotency_key=form["idempotency_key"])
    assert clerk.post(URL, again).status_code == 302
    assert Issue.objects.count() == 2


def test_a_key_belongs_to_one_person(world: World, signed_in: Browser) -> None:
    signed_in("clerk").post(URL, _typed(world))
    answer = signed_in("secretary").post(URL, _typed(world))
    assert answer.status_code == 400
    assert "表单已失效" in text_of(answer)
    assert form_of(answer, URL)["idempotency_key"] != "key-12345678"
    assert Issue.objects.count() == 1


def test_a_failed_form_may_be_sent_again_with_its_key(world: World, signed_in: Browser) -> None:
    clerk = signed_in("clerk")
    assert clerk.post(URL, _typed(world, contact_phone="1")).status_code == 400
    assert clerk.post(URL, _typed(world)).status_code == 302
    assert Issue.objects.count() == 1


def test_another_photo_under_the_same_key_is_not_swallowed(world: World, signed_in: Browser) -> None:
    clerk = signed_in("clerk")

    def send(photo: bytes) -> Any:
        return clerk.post(URL, _typed(world) | {"files": SimpleUploadedFile("积水.jpg", photo, "image/jpeg")})

    assert [send(jpeg()).status_code for _time in range(2)] == [302, 302]
    answer = send(jpeg() + b"\0")
    assert (answer.status_code, Issue.objects.count()) == (400, 1)
    assert "uploads" in form_of(answer, URL)


def test_without_a_key_every_form_counts(world: World) -> None:
    made = [submit_once(Sent("", None, ""), world.create) for _n in range(2)]
    assert made[0].pk != made[1].pk
    with pytest.raises(InvalidFields):
        submit_once(Sent("no", None, ""), world.create)


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_make_one_issue(world: World) -> None:
    actor = world.actor("clerk")
    draft = world.draft()
    seen: list[int] = []
    gate = threading.Barrier(4)

    def press() -> None:
        from issues.services.creation import create

        try:
            gate.wait(timeout=60)
            sent = Sent("pressed-twice", actor.user_id, "words")
            seen.append(submit_once(sent, lambda: create(draft=draft, by=actor, at=NOW)).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 4
    assert len(set(seen)) == 1
    assert Issue.objects.count() == 1


# Beside the form


def _reference(client: Client, **values: str) -> Any:
    return client.post(f"{URL}reference/", values)


def test_what_this_phone_raised_before(world: World, signed_in: Browser) -> None:
    for n in range(3):
        world.make_issue("submitted", at=NOW - timedelta(days=n * 10))
    world.create(at=NOW - timedelta(days=400))
    world.create(contact_phone="19900007777")
    answer = _reference(signed_in("clerk"), contact_phone="199 0000 1234")
    assert answer.context["phone_history"]["text"] == "该号码近一年反映过 3 件"
    assert len(answer.context["phone_history"]["items"]) == 3
    assert answer.context["contact"] == {"name": "张小三", "address": ""}
    assert _reference(signed_in("clerk2"), contact_phone=PHONE).context["phone_history"]["items"] == []
    assert _reference(signed_in("clerk"), contact_phone="19900009999").context["contact"] is None


def test_the_name_of_a_caller_is_known_to_who_took_the_call_or_asked_for_it(world: World, signed_in: Browser) -> None:
    issue = world.create(contact_address="幸福里2座")
    assert _reference(signed_in("clerk"), contact_phone=PHONE).context["contact"]["address"] == "幸福里2座"
    secretary = signed_in("secretary")
    answer = _reference(secretary, contact_phone=PHONE)
    assert len(answer.context["phone_history"]["items"]) == 1
    assert answer.context["contact"] is None
    assert "张小三" not in html_of(answer)
    reveal_contact(issue_id=issue.pk, by=world.actor("secretary"), reason="回电", at=NOW)
    assert _reference(secretary, contact_phone=PHONE).context["contact"]["name"] == "张小三"


@pytest.mark.long
def test_guessing_numbers_ends_after_sixty_and_tells_the_supervisor(world: World, signed_in: Browser) -> None:
    """Whole numbers that fit a mask are some 10,000; saving is never refused, the same number costs nothing."""
    world.create()
    guesser = signed_in("officer")
    for tried in range(100, 160):
        _reference(guesser, contact_phone=f"199{tried:04d}1234")
    again = _reference(guesser, contact_phone="19901001234")
    assert "已达上限" not in again.context["phone_history"]["text"]
    for tried in range(160, 164):
        answer = _reference(guesser, contact_phone=f"199{tried:04d}1234")
        assert "已达上限" in answer.context["phone_history"]["text"]
        assert answer.context["contact"] is None
    (told,) = Event.objects.filter(kind="callers_looked_up", subject_kind="subdistrict")
    assert told.data == {"account": "officer"}
    fan_out(at=NOW)
    shown = html_of(signed_in("supervisor").get("/console/notifications/"))
    assert "频繁查询来电号码：officer" in shown


def test_confidential_history_stays_with_its_community(world: World, signed_in: Browser) -> None:
    world.make_issue("in_progress", kind="report")
    assert _reference(signed_in("officer"), contact_phone=PHONE).context["phone_history"]["items"] == []
    assert len(_reference(signed_in("clerk"), contact_phone=PHONE).context["phone_history"]["items"]) == 1
    assert _reference(signed_in("supervisor"), contact_phone=PHONE).context["contact"] is None


def test_what_reads_alike_at_the_same_place(world: World, signed_in: Browser) -> None:
    spot = world.neighbourhoods["xingfu"].pk
    alike = world.create(neighbourhood_id=spot, at=NOW - timedelta(days=3))
    world.create(neighbourhood_id=spot, category="0402", description="物业保安态度差。", at=NOW - timedelta(days=3))
    world.create(neighbourhood_id=spot, at=NOW - timedelta(days=31))
    world.make_issue("closed", neighbourhood_id=spot)
    clerk = signed_in("clerk")
    answer = _reference(clerk, place=_place(world), description="幸福路口又积水，行人绕行", category="")
    assert [item["number"] for item in answer.context["similar"]["items"]] == [alike.number]
    nothing = _reference(clerk, place=_place(world, "xiadongcun"), description="幸福路口又积水")
    assert nothing.context["similar"] is None
    assert "未发现相似诉求" in text_of(nothing)


def test_words_suggest_but_never_choose(world: World, signed_in: Browser) -> None:
    clerk = signed_in("clerk")
    answer = _reference(clerk, description="路口积水，内涝严重")
    suggested = [(item["field"], item["value"], item["key"]) for item in answer.context["suggestions"]]
    assert suggested == [("category", "0301", 1), ("department", "WATER", 2)]
    assert "积水" in answer.context["suggestions"][0]["because"]
    assert _reference(clerk, description="路口积水", category="0101").context["suggestions"] == []
    page = clerk.get(URL)
    assert form_of(page, URL)["category"] == ""
    assert form_of(page, URL)["department"] == ""


@pytest.mark.parametrize(
    "values",
    [
        {"contact_phone": "\x00", "place": "\x00", "description": "\x00", "category": "\x00"},
        {"contact_phone": "9" * 9999, "place": "n" + "9" * 99, "description": "积" * 9999, "category": "9" * 99},
        {},
    ],
)
def test_look_up_takes_anything(world: World, signed_in: Browser, values: dict[str, str]) -> None:
    assert _reference(signed_in("clerk"), **values).status_code == 200


def test_look_up_is_for_those_who_log(world: World, signed_in: Browser) -> None:
    assert _reference(signed_in("admin")).status_code == 403
    assert signed_in("clerk").get(f"{URL}reference/").status_code == 405


def test_places_are_found_by_initials_within_the_sub_district(world: World, signed_in: Browser) -> None:
    clerk = signed_in("clerk")

    def found(query: str) -> list[str]:
        answer = clerk.get("/console/lookups/places/", {"q": query})
        return [item["label"] for item in answer.json()["results"]]

    assert found("bhhy") == ["碧湖花园"]
    assert found("bhhy 3")[0] == "碧湖花园 3栋"
    assert found("碧湖") == ["碧湖花园"]
    assert found("pdc") == []
    assert found("") == []
    assert clerk.get("/console/lookups/places/?q=%00").status_code == 400


def test_form_offers_the_own_places_first(world: World, signed_in: Browser) -> None:
    fields = signed_in("clerk").get(URL).context["fields"]
    labels = [choice.label for choice in fields["place"].choices]
    assert labels == ["夏东社区", "幸福路", "夏东村", "夏东村 1巷2号"]
    assert [choice.value for choice in fields["department"].choices] == ["MUNICIPAL", "WATER", "GOVERN", "XIADONG-TEAM"]
    flooding = next(choice for choice in fields["category"].choices if choice.value == "0301")
    assert flooding.department == "WATER"
    assert fields["contact_phone"].autofocus
    chosen = signed_in("clerk").post(URL, _typed(world, place=_place(world, "bihu"), description=""))
    assert "碧湖花园" in [choice.label for choice in chosen.context["fields"]["place"].choices]


def test_done_is_shown_to_whoever_logged_it(world: World, signed_in: Browser) -> None:
    issue = world.create()
    assert signed_in("clerk").get(f"{URL}?done={issue.number}").context["done"] is not None
    assert signed_in("secretary").get(f"{URL}?done={issue.number}").context["done"] is None
    assert signed_in("clerk").get(f"{URL}?done=%00").status_code == 400
    assert "19900001234" not in html_of(signed_in("clerk").get(f"{URL}?done={issue.number}"))


# Joining, files, the hotline


def _join(world: World, signed_in: Browser, master: Issue, **typed: str) -> HttpResponse:
    place = world.neighbourhoods["xingfu"]
    values = {
        "source": "phone",
        "contact_phone": "19900007777",
        "contact_name": "李四",
        "description": "我们这边也积水了。",
        "place": f"n{place.pk}",
        "kind": "complaint",
        "level": "",
        "then": f"join:{master.number}",
    }
    answer = signed_in("clerk").post("/console/issues/new/", values | typed)
    assert isinstance(answer, HttpResponse)
    return answer


def test_a_similar_matter_is_joined_in_one_save(world: World, signed_in: Browser) -> None:
    master = world.make_issue("in_progress", at=NOW - timedelta(hours=2))
    answer = _join(world, signed_in, master)
    assert answer.status_code == 302, text_of(answer)
    joined = Issue.objects.order_by("-id").first()
    assert joined is not None
    assert (joined.status, joined.master_id) == ("merged", master.pk)
    assert Issue.objects.get(pk=master.pk).persons == 2
    done = signed_in("clerk").get(answer.headers["Location"])
    said = text_of(done)
    assert joined.number in said
    assert f"已并入 {master.number}（共2人反映）" in said


def test_joining_what_has_ended_saves_nothing(world: World, signed_in: Browser) -> None:
    master = world.make_issue("closed", at=NOW - timedelta(hours=2))
    answer = _join(world, signed_in, master)
    assert answer.status_code == 400
    assert "没有找到这个编号的在办工单" in text_of(answer)
    assert "我们这边也积水了。" in text_of(answer)
    assert Issue.objects.count() == 1


def test_only_the_community_offers_joining(world: World, signed_in: Browser) -> None:
    place = world.neighbourhoods["xingfu"]
    master = world.make_issue("in_progress", at=NOW - timedelta(hours=2), neighbourhood_id=place.pk)
    asked = {"place": f"n{place.pk}", "category": "0301", "description": "路口积水"}
    assert f"join:{master.number}" in html_of(signed_in("clerk").post("/console/issues/new/reference/", asked))


def test_photos_come_with_the_form_and_survive_its_refusal(world: World, signed_in: Browser) -> None:
    place = world.neighbourhoods["xingfu"]
    values = {"source": "phone", "contact_phone": "19900007777", "description": "积水", "place": f"n{place.pk}",
              "kind": "complaint", "then": "next"}  # fmt: skip
    photo = SimpleUploadedFile("积水.jpg", jpeg(), "image/jpeg")
    clerk = signed_in("clerk")
    refused = clerk.post("/console/issues/new/", values | {"files": photo})
    assert refused.status_code == 400
    again = form_of(refused, "/console/issues/new/")
    file = StoredFile.objects.get()
    assert again["uploads"] == file.public_id
    saved = clerk.post("/console/issues/new/", again | {"category": "0301", "then": "next"})
    assert saved.status_code == 302, text_of(saved)
    issue = Issue.objects.get()
    assert (StoredFile.objects.get().owner_kind, StoredFile.objects.get().owner_id) == ("issue", issue.pk)
    assert Event.objects.of("issue", issue.pk).get().value("attachments") == [file.pk]


def test_the_hotlines_number_and_time_are_taken(world: World, signed_in: Browser) -> None:
    place = world.neighbourhoods["xingfu"]
    values = {"source": "hotline_12345", "contact_phone": "19900007777", "description": "积水", "kind": "complaint",
              "place": f"n{place.pk}", "category": "0301", "then": "next", "external_number": "FS-2026-77",
              "external_due_at": "2026-03-19T12:00"}  # fmt: skip
    assert signed_in("clerk").post("/console/issues/new/", values).status_code == 302
    issue = Issue.objects.get()
    assert issue.external_number == "FS-2026-77"
    assert issue.external_due_at == datetime(2026, 3, 19, 12, 0, tzinfo=SHANGHAI)
    page = text_of(signed_in("clerk").get(f"/console/issues/{issue.number}/"))
    assert "FS-2026-77" in page
    assert "3月19日（周四）12:00" in page


def test_a_guardian_speaks_for_a_child_by_name_and_phone(world: World, signed_in: Browser) -> None:
    clerk = signed_in("clerk")
    nameless = clerk.post(URL, _typed(world, guardian="true", contact_name=""))
    assert (nameless.status_code, "请填写监护人的称呼和电话" in html_of(nameless)) == (400, True)
    assert clerk.post(URL, _typed(world, guardian="true", anonymous="true")).status_code == 400
    assert clerk.post(URL, _typed(world, guardian="true")).status_code == 302
    issue = Issue.objects.get()
    event = Event.objects.of("issue", issue.pk).get(kind="create")
    assert event.data["guardian"] is True
    assert "监护人代未满14周岁的孩子提出" in html_of(clerk.get(f"/console/issues/{issue.number}/"))


def test_a_matter_keeps_the_version_of_the_notice_that_stood(world: World) -> None:
    event = Event.objects.of("issue", world.create().pk).get(kind="create")
    assert event.data["notice"] == NOTICE
