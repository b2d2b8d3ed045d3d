"""Activities of stations: announced, held and counted, missed; and the promise that one of them keeps."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from commitments.models import Commitment
from commitments.services import make
from deadlines.models import Deadline
from issues.services.errors import InvalidFields, NotPermitted
from journal.models import Event
from meetings.models import StationActivity
from meetings.services.errors import NotNow
from meetings.services.stations import NewActivity, announce_activity, note_held, note_not_held
from reminders.desk import on_desk
from reminders.models import Notification
from reminders.services.fan_out import fan_out
from reminders.services.sweep import sweep
from tests.support.cast import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
SignIn = Callable[[str], Client]
TODAY = NOW.date()


def planned(world: World, by: str = "officer", **more: Any) -> StationActivity:
    given: dict[str, Any] = {
        "organiser": world.departments["MUNICIPAL"],
        "station": "夏东党群服务站",
        "title": "垃圾分类培训",
        "kind": "training",
        "on": TODAY,
        "community": world.communities["xiadong"],
    }
    return announce_activity(given=NewActivity(**(given | more)), by=world.actor(by), at=NOW)


def promised(world: World, owner: str = "MUNICIPAL") -> Commitment:
    return make(
        subdistrict_id=world.area.pk, text="办三场垃圾分类培训", due_on=date(2026, 6, 30), at=NOW,
        owner_id=world.departments[owner].pk, by_id=world.people["supervisor"].pk,
        community_id=world.communities["xiadong"].pk,
    )  # fmt: skip


@pytest.mark.parametrize(("who", "state", "event"), [("officer", "reported", "report_done"), ("clerk", "open", "note")])
def test_what_promised_it_is_told_and_reported_as_kept_by_its_owner(
    world: World, who: str, state: str, event: str
) -> None:
    promise = promised(world)
    row = planned(world, commitment=promise)
    note_held(activity_id=row.pk, people=45, version=1, by=world.actor(who), at=NOW)
    promise.refresh_from_db()
    row.refresh_from_db()
    assert (promise.state, row.state, row.people) == (state, "held", 45)
    told = Event.objects.of("commitment", promise.pk).get(kind=f"commitment_{event}")
    assert "垃圾分类培训" in told.text("note")
    with pytest.raises(NotNow):
        note_held(activity_id=row.pk, people=45, version=2, by=world.actor(who), at=NOW)


def test_announced_and_not_held_is_reminded(world: World) -> None:
    row = planned(world)
    other = planned(world, title="志愿者日", on=TODAY + timedelta(days=9))

    def clock(activity: StationActivity) -> str:
        return str(Deadline.objects.of("activity", activity.pk).get().state)

    assert (clock(row), sweep(at=NOW + timedelta(days=1)).fired) == ("running", {})
    late = NOW + timedelta(days=2)
    assert sweep(at=late).fired == {"meeting_late": 1}
    fan_out(at=late)
    told = Notification.objects.filter(kind="meeting_late").values_list("user__username", flat=True)
    assert {"head", "supervisor"} <= set(told)
    assert [one.number for one in on_desk("overdue", areas={world.area.pk}, at=late)] == [row.number]
    note_held(activity_id=row.pk, people=8, version=1, by=world.actor("officer"), at=late)
    note_not_held(activity_id=other.pk, reason="台风", version=1, by=world.actor("officer"), at=late)
    assert (clock(row), clock(other)) == ("late", "cancelled")


def test_what_is_refused(world: World) -> None:
    for who in ("clerk2", "officer2", "leader", "outsider"):
        with pytest.raises(NotPermitted):
            planned(world, who)
    for field, wrong in (
        ("title", {"title": " "}), ("station", {"station": ""}), ("station", {"station": "站" * 81}),
        ("kind", {"kind": "party"}),
        ("on", {"on": TODAY - timedelta(days=1)}), ("commitment", {"commitment": promised(world, "WATER")}),
    ):  # fmt: skip
        with pytest.raises(InvalidFields) as refused:
            planned(world, **wrong)
        assert set(refused.value.fields) == {field}
    row = planned(world, on=TODAY + timedelta(days=3))
    with pytest.raises(NotNow):
        note_held(activity_id=row.pk, people=3, version=1, by=world.actor("officer"), at=NOW)
    with pytest.raises(InvalidFields):
        note_not_held(activity_id=row.pk, reason="", version=1, by=world.actor("officer"), at=NOW)


def test_the_pages_from_announcing_to_the_figures_of_the_year(world: World, signed_in: SignIn) -> None:
    officer, lists = signed_in("officer"), reverse("console-activities")
    form = {
        "title": "垃圾分类培训", "kind": "training", "on": TODAY.isoformat(), "station": "夏东党群服务站",
        "organiser": str(world.departments["MUNICIPAL"].pk), "commitment": str(promised(world).pk),
    }  # fmt: skip
    for wrong in (
        {"on": "明天"},
        {"organiser": str(world.departments["WATER"].pk)},
        {"commitment": "0"},
        {"title": ""},
    ):
        assert officer.post(reverse("console-activity-new"), form | wrong).status_code == 400
    page = officer.post(reverse("console-activity-new"), form)["Location"]
    assert officer.post(page, {"step": "held", "version": 1, "people": "很多"}).status_code == 400
    assert officer.post(page, {"step": "held", "version": 1, "people": "45"}).status_code == 302
    missed = planned(world, title="志愿者日")
    StationActivity.objects.filter(pk=missed.pk).update(on=TODAY - timedelta(days=1))
    shown = {view: officer.get(lists, {"view": view}).content.decode() for view in ("coming", "missed", "held")}
    assert "今年已举行 1 场，45 人次" in shown["coming"]
    assert ("志愿者日" in shown["missed"], "志愿者日" in shown["held"]) == (True, False)
    assert "垃圾分类培训" in shown["held"]
    assert officer.post(page, {"step": "other"}).status_code == 400
    why = {"step": "not_held", "version": 1, "reason": "台风"}
    other = reverse("console-activity", args=[missed.pk])
    assert signed_in("officer2").post(other, why).status_code == 403
    assert signed_in("outsider").get(other).status_code == 404
    assert [officer.post(other, why).status_code for _twice in range(2)] == [302, 409]
    assert "台风" in officer.get(other).content.decode()
