"""What leaders are asked: who may, who sees, whom it reaches, how it is answered, and what is told at its end."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from communities.access import access_of
from communities.models import Building, Leader, LeaderPlace, Membership
from deadlines.models import Deadline, DutyShift
from files.models import StoredFile
from files.services import receive
from issues.models import Issue
from issues.services.errors import InvalidFields, NotPermitted
from journal.models import Event, EventText
from leaders.choosing import ChosenPlaces, months_before, often_flooded
from leaders.enums import LEADER_TASK
from leaders.models import LeaderAnswer, LeaderTask
from leaders.services.answering import answer
from leaders.services.errors import TaskEnded
from leaders.services.masking import mask_tasks
from leaders.services.sending import NewTask, cancel, send
from privacy.services.retention import run_due
from reminders.models import Notification
from reminders.services.fan_out import fan_out
from reminders.services.sweep import sweep
from tests.integration.phone.pages import jpeg
from tests.support.at_once import at_once
from tests.support.cast import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
SignIn = Callable[[str], Client]
TODAY, LATER = NOW.date(), NOW + timedelta(minutes=10)


def asked(world: World, by: str = "clerk2", kind: str = "notice", at: Any = NOW, **more: Any) -> LeaderTask:
    """Something asked of the leaders of 大德社区: of 陈姨, who holds 碧湖花园3栋."""
    given: dict[str, Any] = {
        "kind": kind, "subdistrict": world.area, "community": world.communities["dade"], "title": "明天停水",
        "text": "请转告住户", "on": TODAY + timedelta(days=1),
    }  # fmt: skip
    if kind == "visit":
        given["chosen"] = ChosenPlaces(buildings=frozenset({world.buildings["bihu3"].pk}))
    if kind == "rain":
        given |= {"on": None, "hours": 6, "warning": "orange"}
    return send(given=NewTask(**(given | more)), by=world.actor(by), at=at)


def held_too(world: World) -> None:
    """陈姨 holds 碧湖花园5栋, too."""
    assert world.leader is not None
    LeaderPlace.objects.create(leader=world.leader, building=world.buildings["bihu5"])


def flooded(world: World, building: str = "bihu3", **given: Any) -> Issue:
    """A matter of flooding at a building of 大德社区."""
    return world.create(
        **{"by": "clerk2", "community": "dade", "building_id": world.buildings[building].pk, "address": "", **given}
    )


def reply(task: LeaderTask, world: World, code: str, note: str = "", at: Any = LATER) -> LeaderAnswer:
    row = LeaderAnswer.objects.get(task=task)
    return answer(answer_id=row.pk, reply=code, note=note, by=world.actor("leader"), at=at)


SEES = frozenset({"clerk2", "supervisor", "deputy", "director", "admin", "leader"})
"""Who sees what 大德社区 asked: its staff, whoever sees the whole sub-district, and the leader who was asked."""


def test_who_sees_and_who_asks(world: World, signed_in: SignIn) -> None:
    task = asked(world)
    for name in world.people:
        seen = LeaderTask.objects.visible_to(access_of(world.user(name))).filter(pk=task.pk).exists()
        rows = LeaderAnswer.objects.filter(task=task).visible_to(access_of(world.user(name))).count()
        assert (seen, rows) == ((True, 1) if name in SEES else (False, 0)), name
        client, staff = signed_in(name), access_of(world.user(name)).is_staff
        shown = 404 if name not in SEES else 200
        page = reverse("console-leader-task", args=[task.pk])
        assert client.get(page).status_code == (shown if staff else 403), name
        own = client.get(reverse("leader-task", args=[task.pk])).status_code
        assert own == (200 if name == "leader" else 403), name
        may = name in ("clerk2", "supervisor")
        if may:
            asked(world, name, title=f"{name}问")
        else:
            with pytest.raises(NotPermitted):
                asked(world, name)
    office = asked(world, "supervisor", community=None)
    assert LeaderTask.objects.visible_to(access_of(world.user("clerk2"))).filter(pk=office.pk).exists()
    assert not LeaderTask.objects.visible_to(access_of(world.user("clerk"))).filter(pk=office.pk).exists()


def test_who_is_on_the_street_s_shift_asks_for_the_office(world: World) -> None:
    with pytest.raises(NotPermitted):
        asked(world, "officer", community=None)
    DutyShift.objects.create(
        subdistrict=world.area, starts_at=NOW - timedelta(hours=1), ends_at=NOW + timedelta(hours=1),
        clerk=world.people["officer"],
    )  # fmt: skip
    assert asked(world, "officer", community=None).community is None


def test_whom_a_notice_reaches(world: World) -> None:
    """Each leader once, whoever holds no place too; of chosen places only those who hold one of them."""
    assert world.leader is not None
    LeaderPlace.objects.create(leader=world.leader, building=world.buildings["bihu5"])
    free = Leader.objects.create(subdistrict=world.area, community=world.communities["dade"], kind="lane", name="巷长")
    Leader.objects.create(
        subdistrict=world.area, community=world.communities["dade"], kind="lane", name="离任", retired_at=NOW
    )
    everybody = asked(world)
    assert set(everybody.answers.values_list("leader_id", flat=True)) == {world.leader.pk, free.pk}
    assert everybody.asked == 2
    both = ChosenPlaces(buildings=frozenset({world.buildings["bihu3"].pk, world.buildings["bihu5"].pk}))
    assert asked(world, chosen=both).asked == 1
    assert asked(world, kind="visit", chosen=both).asked == 2
    with pytest.raises(InvalidFields) as refused:
        asked(world, "clerk", community=world.communities["xiadong"])
    assert set(refused.value.fields) == {"place"}


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("title", {"title": " "}), ("title", {"title": "长" * 61}), ("text", {"text": "长" * 501}),
        ("on", {"on": TODAY - timedelta(days=1)}), ("on", {"on": TODAY + timedelta(days=91)}), ("on", {"on": None}),
        ("place", {"kind": "visit", "chosen": ChosenPlaces()}), ("warning", {"warning": "orange"}),
        ("hours", {"kind": "rain", "hours": 0}), ("hours", {"kind": "rain", "hours": 73}), ("kind", {"kind": "quiz"}),
        ("key", {"key": "?"}),
    ],
)  # fmt: skip
def test_nothing_goes_without_a_title_and_a_date(world: World, field: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidFields) as refused:
        asked(world, **wrong)
    assert set(refused.value.fields) == {field}
    assert not LeaderTask.objects.exists()


def test_a_form_sent_twice_asks_once_and_no_number_of_a_person_stays(world: World) -> None:
    task = asked(world, key="form-12345678", text="找 13800138000，证件 11010519491231002X")
    assert asked(world, key="form-12345678", text="找 13800138000，证件 11010519491231002X").pk == task.pk
    assert "138" not in LeaderTask.objects.get().text
    with pytest.raises(InvalidFields):
        asked(world, key="form-12345678", title="另一件")


@pytest.mark.parametrize(("kind", "field"), [("visit", "chosen"), ("visit", "on"), ("rain", "hours")])
def test_a_form_sent_twice_for_another_place_or_time_is_refused(world: World, kind: str, field: str) -> None:
    """The same words are another task where other people are asked, or until another time."""
    held_too(world)
    for _number in range(2):
        flooded(world)
    other: dict[str, Any] = {"chosen": ChosenPlaces(buildings=frozenset({world.buildings["bihu5"].pk})),
             "on": TODAY + timedelta(days=2), "hours": 7}  # fmt: skip
    task = asked(world, kind=kind, key="form-12345678")
    with pytest.raises(InvalidFields) as refused:
        asked(world, kind=kind, key="form-12345678", **{field: other[field]})
    assert set(refused.value.fields) == {"key"}
    assert asked(world, kind=kind, key="form-12345678", at=LATER).pk == task.pk, "a tap that came twice"


def test_it_goes_to_the_places_that_were_shown(world: World, signed_in: SignIn) -> None:
    """As many other places are others; and a form that was used, or whose key is none, comes back with a new one."""
    held_too(world)
    clerk, new = signed_in("clerk2"), f"{reverse('console-leader-task-new')}?kind=visit"
    form = {"title": "看看", "on": (TODAY + timedelta(days=1)).isoformat(), "key": "form-12345678", "step": "preview"}
    places = {"place": f"b{world.buildings['bihu3'].pk}"}, {"place": f"b{world.buildings['bihu5'].pk}"}
    seen = [clerk.post(new, form | place).context["seen"] for place in places]
    form["step"] = "send"
    other = clerk.post(new, form | places[1] | {"seen": seen[0]})
    assert (other.status_code, LeaderTask.objects.count()) == (200, 0)
    assert clerk.post(new, form | places[0] | {"seen": seen[0]}).status_code == 302
    for key in ("form-12345678", "?"):
        again = clerk.post(new, form | places[1] | {"seen": seen[1], "key": key})
        assert (again.status_code, again.context["key"] == key) == (400, False)
        assert "请再提交一次" in again.content.decode()
    sent = clerk.post(new, form | places[1] | {"seen": seen[1], "key": again.context["key"]})
    assert (sent.status_code, LeaderTask.objects.count()) == (302, 2)


def test_places_that_were_flooded_often_are_those_of_a_slow_count(world: World) -> None:
    """Against a count matter by matter: other categories, older, confidential and withdrawn ones are none."""
    old = months_before(NOW, 24) - timedelta(minutes=1)
    for building, times, given in (
        ("bihu3", 2, {}), ("bihu5", 1, {}), ("bihu5", 1, {"at": old}), ("bihu5", 2, {"category": "0402"}),
    ):  # fmt: skip
        for _number in range(times):
            flooded(world, building, **given)
    lane = world.neighbourhoods["xingfu"].pk
    for _number in range(2):
        world.create(neighbourhood_id=lane)
    flooded(world, "bihu5", confidential=True)
    gone = flooded(world, "bihu5")
    world.act(gone, "withdraw", "resident")
    communities = [row.pk for row in world.communities.values()]
    buildings: Counter[int] = Counter()
    around: Counter[int] = Counter()
    for issue in Issue.objects.select_related("category__parent", "building"):
        category = issue.category
        if category is None or "03" not in (category.code, category.parent.code if category.parent else ""):
            continue
        if (
            issue.confidential
            or issue.created_at < months_before(NOW, 24)
            or issue.status in ("withdrawn", "rejected", "merged")
        ):
            continue
        if issue.building is not None:
            buildings[issue.building.pk] += 1
        place = issue.neighbourhood_id or (issue.building.neighbourhood_id if issue.building else None)
        around[place or 0] += 1
    found = often_flooded(communities, NOW)
    assert found.buildings == {pk for pk, n in buildings.items() if n >= 2} == {world.buildings["bihu3"].pk}
    assert found.neighbourhoods == {pk for pk, n in around.items() if pk and n >= 2}
    assert found.neighbourhoods == {lane, world.neighbourhoods["bihu"].pk}
    assert asked(world, kind="rain").asked == 1
    around_it = Leader.objects.create(
        subdistrict=world.area, community=world.communities["dade"], kind="lane", name="巷长"
    )
    LeaderPlace.objects.create(leader=around_it, building=world.buildings["bihu5"])
    assert asked(world, kind="rain").asked == 2, "nobody holds the neighbourhood: who leads its buildings is asked"
    LeaderPlace.objects.create(leader=around_it, neighbourhood=world.neighbourhoods["bihu"])
    assert {row.place for row in asked(world, kind="rain").answers.with_names()} == {"碧湖花园3栋", "碧湖花园"}
    assert often_flooded([world.communities["dade"].pk], NOW).neighbourhoods == {world.neighbourhoods["bihu"].pk}


def test_the_last_word_holds_and_the_journal_keeps_the_former(world: World) -> None:
    for _number in range(2):
        flooded(world)
    task = asked(world, kind="rain")
    reply(task, world, "normal")
    reply(task, world, "normal")
    row = reply(task, world, "flooded", "门口没过脚踝，电话13800138000")
    assert (row.reply, "138" in row.note) == ("flooded", False)
    assert LeaderTask.objects.get(pk=task.pk).answered == 1
    events = Event.objects.of("leader_task", task.pk).of_kinds(["leader_answered"]).order_by("seq")
    assert [(one.data["former"], one.data["reply"]) for one in events] == [("", "normal"), ("normal", "flooded")]
    fan_out(at=LATER)
    told = Notification.objects.filter(kind="leader_answered").values_list("user__username", flat=True)
    assert list(told) == ["clerk2"], "only water and calls for help are told at once"
    with pytest.raises(InvalidFields):
        reply(task, world, "seen")
    with pytest.raises(NotPermitted):
        answer(answer_id=row.pk, reply="normal", note="", by=world.actor("clerk2"), at=LATER)
    with pytest.raises(TaskEnded):
        reply(task, world, "normal", at=task.due_at + timedelta(seconds=1))
    with pytest.raises(IntegrityError), transaction.atomic():
        LeaderAnswer.objects.create(task=task, leader=row.leader, community=row.community, building=row.building)


@pytest.mark.parametrize("codes", [("visited", "visited"), ("visited", "nobody")])
@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_end_in_one(world: World, codes: tuple[str, str]) -> None:
    task = asked(world, kind="visit")
    at_once(*(lambda code=code: reply(task, world, code) for code in codes))
    events = list(Event.objects.of("leader_task", task.pk).of_kinds(["leader_answered"]).order_by("seq"))
    assert len(events) == len(set(codes))
    (row,) = LeaderAnswer.objects.filter(task=task)
    assert (row.reply, LeaderTask.objects.get(pk=task.pk).answered) == (events[-1].data["reply"], 1)


def test_when_the_date_passes_whoever_asked_is_told_what_is_unanswered(world: World) -> None:
    task, other = asked(world, kind="visit"), asked(world, title="已答")
    reply(other, world, "seen")
    clock = Deadline.objects.of("leader_task", task.pk).get()
    assert (clock.due_at, sweep(at=task.due_at - timedelta(minutes=1)).fired) == (task.due_at, {})
    assert sweep(at=task.due_at + timedelta(minutes=1)).acted == {"lead_end": 2}
    assert sweep(at=task.due_at + timedelta(minutes=2)).acted == {}
    task.refresh_from_db()
    assert (task.state, Deadline.objects.of("leader_task", task.pk).get().is_open) == ("over", False)
    fan_out(at=task.due_at + timedelta(minutes=2))
    (told,) = Notification.objects.filter(kind="leader_task_over").select_related("user")
    assert (told.user.username, told.subject_id) == ("clerk2", task.pk)
    with pytest.raises(TaskEnded):
        reply(task, world, "visited", at=task.due_at + timedelta(minutes=3))


def test_an_office_hears_of_its_own_and_a_leader_with_an_address_is_written_to(world: World) -> None:
    User.objects.filter(pk=world.people["leader"].pk).update(email="leader@example.org")
    task = asked(world, "supervisor", community=None)
    sweep(at=task.due_at + timedelta(minutes=1))
    fan_out(at=task.due_at + timedelta(minutes=1))
    told = Notification.objects.filter(subject_kind="leader_task").values_list("kind", "user__username")
    assert set(told) == {("leader_task_sent", "leader"), ("leader_task_over", "supervisor")}


def test_it_is_taken_back_with_a_reason(world: World) -> None:
    task = asked(world)
    for who in ("clerk", "deputy", "officer"):
        with pytest.raises(NotPermitted):
            cancel(task_id=task.pk, reason="重复", by=world.actor(who), at=LATER)
    with pytest.raises(InvalidFields):
        cancel(task_id=task.pk, reason=" ", by=world.actor("clerk2"), at=LATER)
    cancel(task_id=task.pk, reason="重复", by=world.actor("supervisor"), at=LATER)
    with pytest.raises(TaskEnded):
        cancel(task_id=task.pk, reason="重复", by=world.actor("clerk2"), at=LATER)
    with pytest.raises(TaskEnded):
        reply(task, world, "seen")
    assert Deadline.objects.of("leader_task", task.pk).get().state == "cancelled"
    assert sweep(at=task.due_at + timedelta(hours=1)).acted == {}


def test_from_the_form_to_the_answers(world: World, signed_in: SignIn) -> None:
    """Looked at, sent, answered on the phone, read: and what is wrong comes back with its words."""
    clerk, leader = signed_in("clerk2"), signed_in("leader")
    new = f"{reverse('console-leader-task-new')}?kind=visit"
    form: dict[str, Any] = {
        "title": "看看三栋", "on": (TODAY + timedelta(days=1)).isoformat(), "key": "form-12345678",
        "place": f"b{world.buildings['bihu3'].pk}",
    }  # fmt: skip
    shown = clerk.post(new, form | {"step": "preview"})
    seen, looked = shown.context["seen"], shown.content.decode()
    assert ("将发给 1 处" in looked, "陈姨" in looked, "看看三栋" in looked) == (True, True, True)
    assert clerk.post(new, form | {"step": "send", "seen": "9"}).status_code == 200
    assert clerk.post(new, form | {"step": "send", "seen": seen, "title": ""}).status_code == 400
    assert clerk.post(new, form | {"step": "boil"}).status_code == 400
    page = clerk.post(new, form | {"step": "send", "seen": seen})["Location"]
    task = LeaderTask.objects.get()
    home = leader.get("/leader/").content.decode()
    assert "请您回应（1）" in home
    assert f"/leader/tasks/{task.pk}/" in home
    own, row = reverse("leader-task", args=[task.pk]), task.answers.get()
    assert leader.post(own, {"answer": row.pk, "reply": "seen"}).status_code == 400
    assert leader.post(own, {"answer": row.pk + 1, "reply": "visited"}).status_code == 404
    assert leader.post(own, {"answer": row.pk, "reply": "help", "note": "水管漏"}).status_code == 302
    assert "您已回应：需要帮助" in leader.get(own).content.decode()
    assert "请您回应" not in leader.get("/leader/").content.decode()
    assert "已回应" in leader.get("/leader/tasks/").content.decode()
    read = clerk.get(page).content.decode()
    assert ("需要帮助" in read, "水管漏" in read, "1 处，已回应 1 处" in read) == (True, True, True)
    assert "水管漏" not in clerk.get(page, {"view": "waiting"}).content.decode()
    assert "看看三栋" in clerk.get(reverse("console-leader-tasks"), {"kind": "visit"}).content.decode()
    opened = reverse("leader-task-open", args=[task.pk])
    assert (clerk.get(opened)["Location"], leader.get(opened)["Location"]) == (page, own)
    assert clerk.post(page, {"step": "cancel", "reason": ""}).status_code == 400
    assert signed_in("deputy").post(page, {"step": "cancel", "reason": "误"}).status_code == 403
    assert clerk.post(page, {"step": "cancel", "reason": "已解决"}).status_code == 302
    late = leader.post(own, {"answer": row.pk, "reply": "visited", "note": "门锁着"})
    assert late.status_code == 409
    assert all(words in late.content.decode() for words in ("门锁着", "不能再回应"))
    assert "门锁着" not in leader.get(own).content.decode()
    assert "已取消" in leader.get(own).content.decode()
    assert signed_in("officer").get(new).status_code == 403


def test_water_offers_the_report_of_its_place(world: World, signed_in: SignIn) -> None:
    for _number in range(2):
        flooded(world)
    task, leader = asked(world, kind="rain"), signed_in("leader")
    own = reverse("leader-task", args=[task.pk])
    given = {"answer": task.answers.get().pk, "reply": "flooded"}
    for _twice in range(2):
        leader.post(own, given | {"photos": jpeg()})
    file = StoredFile.objects.exclude(owner_kind="").get()
    path = reverse("file", args=[file.public_id, "original", "a.jpg"])
    refused = [signed_in(name).get(path).status_code for name in ("clerk", "officer", "outsider")]
    assert refused == [404, 404, 404]
    page = signed_in("clerk2").get(reverse("console-leader-task", args=[task.pk]))
    assert [len(photos) for _row, photos in page.context["rows"]] == [1]
    assert leader.post(own, given | {"photos": ContentFile(b"no photo", "a.jpg")}).status_code == 400
    link = next(row["report_url"] for row in leader.get(own).context["rows"])
    assert "碧湖花园3栋积水" in leader.get(link).content.decode()


def test_lists_need_the_same_for_one_and_many(world: World, signed_in: SignIn) -> None:
    from tests.integration.statements.test_bounds import statements

    clerk, leader = signed_in("clerk2"), signed_in("leader")
    counts: list[list[int]] = []
    for number in (1, 4):
        for _again in range(number):
            task = asked(world)
        counts.append([])
        for client, path in (
            (clerk, reverse("console-leader-tasks")),
            (clerk, reverse("console-leader-task", args=[task.pk])),
            (leader, "/leader/tasks/"),
        ):
            client.get(path)
            with statements() as found:
                client.get(path)
            counts[-1].append(len(found))
    assert counts[0] == counts[1]


def test_sheets_of_building_codes(world: World, signed_in: SignIn) -> None:
    """Of the own communities; each opens the report with its building."""
    url, clerk = reverse("console-building-codes"), signed_in("clerk2")
    assert "碧湖花园" in clerk.get(url).content.decode()
    chosen = clerk.post(url, {"building": world.buildings["bihu3"].pk})
    assert [one["building"] for one in chosen.context["codes"]] == ["3栋"]
    assert len(clerk.post(url).context["codes"]) == 2
    building = world.buildings["bihu3"]
    assert "碧湖花园" in Client().get(f"{reverse('report')}?building={building.pk}").content.decode()
    xiadong = world.communities["xiadong"].pk
    elsewhere = clerk.get(url, {"community": xiadong})
    assert elsewhere.context["community"].pk == world.communities["dade"].pk, "not the clerk's"
    assert signed_in("supervisor").get(url, {"community": xiadong}).context["community"].pk == xiadong
    assert signed_in("officer").get(url).status_code == 403
    outsider = signed_in("outsider")
    assert outsider.post(url).status_code == 400, "no building is there"
    Building.objects.bulk_create(
        Building(neighbourhood=world.neighbourhoods["bihu"], community=world.communities["dade"], name=f"{n}座")
        for n in range(300)
    )
    assert clerk.post(url).status_code == 400


def test_two_leaders_of_a_building_answer_each_for_themselves(world: World) -> None:
    user = User.objects.create_user("leader2", display_name="李叔")
    Membership.objects.create(user=user, role="leader", subdistrict=world.area, started_at=NOW)
    other = Leader.objects.create(
        subdistrict=world.area, community=world.communities["dade"], kind="building", name="李叔", user=user
    )
    LeaderPlace.objects.create(leader=other, building=world.buildings["bihu3"], first=False)
    task = asked(world, kind="visit")
    assert task.asked == 2
    row = task.answers.get(leader=other)
    with pytest.raises(NotPermitted):
        answer(answer_id=row.pk, reply="visited", note="", by=world.actor("leader"), at=LATER)


def test_what_was_asked_long_ago_names_nobody(world: World) -> None:
    """Its counts stay; what is still open, and what ended lately, is left alone."""
    for _number in range(2):
        flooded(world)
    task = asked(world, kind="rain", title="看看何婆婆家", text="何婆婆住3栋602", at=NOW)
    row = LeaderAnswer.objects.get(task=task)
    leader = world.actor("leader")
    photo = receive(upload=jpeg(), by_id=leader.user_id, at=LATER)
    answer(answer_id=row.pk, reply="flooded", note="何婆婆家进水", by=leader, at=LATER, uploads=[photo.public_id])
    cancel(task_id=task.pk, reason="何婆婆说不用了", by=world.actor("clerk2"), at=LATER)
    still = asked(world)
    later = NOW + timedelta(days=800)
    assert mask_tasks(subdistrict_id=world.area.pk, before=TODAY, at=later) == 0, "it ended on that day, not before"
    assert run_due(clock=lambda: later, for_seconds=5) == {LEADER_TASK: 1}, "the night of the office"
    assert run_due(clock=lambda: later, for_seconds=5) == {}
    task.refresh_from_db()
    row.refresh_from_db()
    assert not any("何婆婆" in words for words in (task.title, task.text, row.note, task.reason))
    assert (row.reply, task.answered, task.masked_at) == ("flooded", 1, later)
    assert not StoredFile.objects.filter(pk=photo.pk).exists()
    texts = EventText.objects.filter(event__subject_kind=LEADER_TASK, event__subject_id=task.pk)
    assert not any(text.text for text in texts)
    still.refresh_from_db()
    assert (still.masked_at, still.text) == (None, "请转告住户")
