"""Visits: who records and sees them, what becomes of what people bring up, and who has not been visited for long."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from communities.access import access_of
from issues.models import Issue
from issues.services.errors import InvalidFields, NotPermitted
from journal.models import EventText
from meetings.models import Visit, VisitItem
from meetings.services.errors import NotNow
from meetings.services.visiting import Brought, NewVisit, add_brought, record_visit
from meetings.visits import unvisited
from tests.integration.meetings.room import live
from tests.support.cast import NOW, PHONE, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
SignIn = Callable[[str], Client]
TODAY = NOW.date()


def visited(world: World, by: str = "clerk", on: date = TODAY, kind: str = "liaison") -> Visit:
    given = NewVisit(world.communities["xiadong"], kind, on, world.departments["WATER"], "街道挂点干部", visitors=12)
    return record_visit(given=given, by=world.actor(by), at=NOW)


def test_what_is_brought_up_is_answered_or_a_matter_and_its_words_stand_once(world: World) -> None:
    visit, by = visited(world, kind="deputy"), world.actor("clerk")
    told = Brought("key-00001", "路灯什么时候修好", "今晚修好")
    answered = add_brought(visit_id=visit.pk, given=told, by=by, at=NOW)
    brought = Brought("key-00002", "后巷积水没过脚踝", contact_name="陈某", contact_phone=PHONE)
    made = add_brought(visit_id=visit.pk, given=brought, by=by, at=NOW)
    assert add_brought(visit_id=visit.pk, given=brought, by=by, at=NOW).pk == made.pk
    for key in ("key-00001", "key-00002"):
        with pytest.raises(NotNow):
            add_brought(visit_id=visit.pk, given=Brought(key, "换了说法"), by=by, at=NOW)
    both = add_brought(visit_id=visit.pk, given=Brought("key-00003", "停车难", "先劝导", matter=True), by=by, at=NOW)
    assert [answered.issue, answered.words, made.words, both.answer] == [None, told.words, "", ""]
    issue = Issue.objects.select_related("contact").get(pk=made.issue_id or 0)
    assert (issue.source, issue.community_id, issue.contact.phone_last4 if issue.contact else "") == (
        *("deputy", visit.community_id, PHONE[-4:]),
    )
    assert "先劝导" in Issue.objects.get(pk=both.issue_id or 0).description
    kept = EventText.objects.filter(event__subject_kind="visit").values_list("text", flat=True)
    assert not any(PHONE in str(text) or "积水" in str(text) for text in kept)
    assert VisitItem.objects.count() == 3


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Brought("key-00001", " "), "words"),
        (Brought("short", "问题"), "key"),
        (Brought("key-00001", "后巷积水", contact_phone="123"), "contact_phone"),
    ],
)
def test_what_cannot_be_noted(world: World, given: Brought, field: str) -> None:
    with pytest.raises(InvalidFields) as refused:
        add_brought(visit_id=visited(world).pk, given=given, by=world.actor("clerk"), at=NOW)
    assert field in refused.value.fields
    assert not VisitItem.objects.exists()


def test_who_records_and_who_sees(world: World, signed_in: SignIn) -> None:
    visit = visited(world)
    for who in ("clerk2", "officer2", "leader"):
        with pytest.raises(NotPermitted):
            visited(world, who)
    for day in (TODAY + timedelta(days=1), TODAY - timedelta(days=400)):
        with pytest.raises(InvalidFields):
            visited(world, on=day)
    people = ("clerk", "supervisor", "officer2", "officer", "clerk2", "outsider")
    sees = {who for who in people if Visit.objects.visible_to(access_of(world.user(who))).exists()}
    assert sees == {"clerk", "supervisor", "officer2"}
    page = reverse("console-visit", args=[visit.pk])
    assert [signed_in(who).get(page).status_code for who in ("clerk", "officer2", "outsider")] == [200, 200, 404]
    assert signed_in("officer2").post(page, {"words": "问题", "key": "key-00001"}).status_code == 403


def test_communities_without_a_visit_for_90_days_come_first(world: World) -> None:
    def shown() -> dict[int, int | None]:
        return {one.community.pk: one.days for one in unvisited(access_of(world.user("supervisor")), TODAY)}

    xiadong, dade = world.communities["xiadong"].pk, world.communities["dade"].pk
    assert (shown()[xiadong], shown()[dade]) == (None, None)
    visited(world, on=TODAY - timedelta(days=90))
    assert shown()[xiadong] == 90
    visited(world, on=TODAY - timedelta(days=89))
    assert xiadong not in shown()
    live(world, "supervisor", kind=liaison(), community=world.communities["dade"])
    assert dade not in shown(), "a meeting of this kind is a visit"
    assert [one.community.pk for one in unvisited(access_of(world.user("clerk")), TODAY)] == []


def liaison() -> object:
    from meetings.models import MeetingKind

    return MeetingKind.objects.get(code="liaison")


def test_the_pages_from_the_list_to_a_matter(world: World, signed_in: SignIn) -> None:
    clerk = signed_in("clerk")
    assert "90天没有走访的社区" in clerk.get(reverse("console-visits")).content.decode()
    form = {
        "kind": "liaison",
        "community": str(world.communities["xiadong"].pk),
        "on": TODAY.isoformat(),
        "visitors": "3",
    }
    for wrong in ({"on": "昨天"}, {"visitors": "多"}, {"community": "0"}, {"kind": "party"}):
        assert clerk.post(reverse("console-visit-new"), form | wrong).status_code == 400
    page = clerk.post(reverse("console-visit-new"), form)["Location"]
    sent = {"key": "key-00001", "words": "后巷积水没过脚踝", "category": "0301", "contact_phone": PHONE}
    assert clerk.post(page, sent | {"contact_phone": "12"}).status_code == 400
    assert clerk.post(page, sent | {"category": "nothing"}).status_code == 400
    assert clerk.post(page, sent).status_code == 302
    again = clerk.post(page, sent | {"words": "换了说法"})
    assert (again.status_code, "换了说法" in again.content.decode(), "key-00001" in again.content.decode()) == (
        *(409, True, False),
    )
    issue = Issue.objects.get()
    shown = clerk.get(page).content.decode()
    assert (issue.number in shown, issue.title in shown, PHONE in shown) == (True, True, False)
    Visit.objects.update(team=world.departments["WATER"])
    Issue.objects.update(confidential=True)
    told = signed_in("officer2").get(page).content.decode()
    assert (issue.number in told, issue.title in told, "已转为工单" in told) == (False, False, True)
    assert "90天没有走访的社区" not in clerk.get(reverse("console-visits")).content.decode()
