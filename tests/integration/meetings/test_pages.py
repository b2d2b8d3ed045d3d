"""The pages of meetings: rights, steps, the typing screen with and without its script, lists and their statements."""

import json
import re
from collections.abc import Callable
from datetime import time, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document

from commitments.models import Commitment
from journal.models import Event
from meetings.models import Meeting, MeetingItem, MeetingKind, Series, StationActivity, Visit
from meetings.services import following, planning, recording
from proposals.models import Proposal
from reminders.models import Notification
from reminders.services.fan_out import fan_out
from tests.integration.meetings.room import announced, live, typed
from tests.support.cast import NOW, PHONE, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
SignIn = Callable[[str], Client]


def sent(client: Client, meeting: Meeting, **typed_in: Any) -> tuple[int, dict[str, Any]]:
    """As the script sends it."""
    url = reverse("console-meeting-write", args=[meeting.pk])
    answer = client.post(url, typed_in, headers={"accept": "application/json"})
    return answer.status_code, json.loads(answer.content)


def test_from_the_form_to_confirmed_minutes(world: World, signed_in: SignIn) -> None:
    clerk = signed_in("clerk")
    form = {
        "title": "四月联席会议",
        "kind": str(MeetingKind.objects.get(code="joint_meeting").pk),
        "convener": str(world.departments["XIADONG-TEAM"].pk),
        "community": str(world.communities["xiadong"].pk),
        "on": NOW.date().isoformat(),
        "starts": "14:30",
        "departments": [str(world.departments["WATER"].pk)],
        "guests": "兼职委员\n专家",
    }
    assert clerk.post(reverse("console-meeting-new"), form | {"on": "明天"}).status_code == 400
    clerk.post(reverse("console-meeting-new"), form | {"guests": "兼职委员\n专家\n\u200b\n专\x00家"})
    meeting = Meeting.objects.get()
    assert meeting.invitations.exclude(name="").count() == 2, "once each, and nobody without a name"
    url = reverse("console-meeting", args=[meeting.pk])
    for step in ("begin", "end", "draft", "confirm"):
        if step == "end":
            clerk.post(reverse("console-meeting-write", args=[meeting.pk]), {"words": "路灯不亮", "key": "abcdefgh"})
            present = meeting.invitations.get(name="专家").pk
            attendance = reverse("console-meeting-attendance", args=[meeting.pk])
            clerk.post(attendance, {"present": present, "shown": present, "guest": "街坊会"})
        meeting.refresh_from_db()
        answer = clerk.post(url, {"step": step, "version": meeting.version}, follow=True)
        assert answer.status_code == 200, step
    assert clerk.post(url, {"step": "confirm", "version": meeting.version}).status_code == 409
    page = clerk.get(reverse("console-meeting-minutes", args=[meeting.pk])).content.decode()
    for words in ("参加：专家、街坊会", "缺席：水务管理办公室、兼职委员", "路灯不亮", "会上未答复。"):
        assert words in page
    assert "会议由召集" not in page
    paper = reverse("console-meeting-minutes-file", args=[meeting.pk])
    told = "\n".join(one.text for one in Document(BytesIO(clerk.get(paper).content)).paragraphs)
    for words in ("桂城街道会议纪要", "四月联席会议", "参加：专家、街坊会", "一、提出", "路灯不亮"):
        assert words in told
    assert "草稿" not in told
    assert signed_in("outsider").get(paper).status_code == 404
    assert MeetingItem.objects.get().words in clerk.get(url).content.decode()


def test_what_was_announced_is_corrected_before_it_begins(world: World, signed_in: SignIn) -> None:
    clerk, meeting = signed_in("clerk"), announced(world, place="礼堂", starts=time(9))
    url = reverse("console-meeting-change", args=[meeting.pk])
    page = clerk.get(url).content.decode()
    assert ('value="礼堂"' in page, 'value="09:00"' in page) == (True, True)
    form = {
        "version": str(meeting.version), "title": meeting.title, "place": "二楼会议室", "starts": "14:30",
        "guests": "专家", "departments": [str(world.departments["GOVERN"].pk), str(world.departments["WATER"].pk)],
    }  # fmt: skip
    empty = clerk.post(url, form | {"title": "\u200b"})
    assert (empty.status_code, "二楼会议室" in empty.content.decode()) == (400, True), "nothing typed is lost"
    assert clerk.post(url, form | {"starts": "下午"}).status_code == 400
    assert clerk.post(url, form).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.place, meeting.starts, meeting.invitations.count()) == ("二楼会议室", time(14, 30), 4)
    event = Event.objects.of("meeting", meeting.pk).of_kinds(["meeting_changed"]).get()
    assert (event.data["fields"], event.data["added"]) == (["place", "starts"], 2)
    assert {world.departments[code].pk for code in ("GOVERN", "WATER")} < set(event.data["invited"])
    stale = clerk.post(url, form | {"place": "三楼"})
    assert (stale.status_code, "三楼" in stale.content.decode()) == (409, True)
    again = form | {"version": str(meeting.version), "departments": [], "guests": "专家"}
    assert clerk.post(url, again).status_code == 302
    assert Event.objects.of("meeting", meeting.pk).of_kinds(["meeting_changed"]).count() == 1, "nothing changed"
    assert [signed_in(who).get(url).status_code for who in ("clerk2", "outsider")] == [403, 404]
    recording.begin(meeting_id=meeting.pk, version=meeting.version, by=world.actor("clerk"), at=NOW)
    meeting.refresh_from_db()
    assert clerk.post(url, form | {"version": str(meeting.version)}).status_code == 409


def test_an_invitation_is_taken_back_before_it_begins(world: World, signed_in: SignIn) -> None:
    clerk, meeting = signed_in("clerk"), announced(world, guests=["专家", "街坊会"])
    url, page = (reverse(f"console-meeting{name}", args=[meeting.pk]) for name in ("-change", ""))
    asked = clerk.get(url)
    was = asked.context["was"]
    assert was == [str(pk) for pk in meeting.invitations.order_by("pk").values_list("pk", flat=True)]
    fields = {field.name: field.value for field in asked.context["fields"]}
    dade, water = world.communities["dade"].pk, world.departments["WATER"].pk
    assert (fields["communities"], fields["departments"], fields["guests"]) == (
        [str(dade)],
        [str(water)],
        "专家\n街坊会",
    )
    planning.change(
        meeting_id=meeting.pk,
        given=planning.MeetingChange(title=meeting.title, departments=[world.departments["GOVERN"]]),
        version=1, by=world.actor("clerk"), at=NOW,
    )  # fmt: skip
    form = {"title": meeting.title, "version": "2", "was": was, "communities": [str(dade)], "guests": "专家"}
    fan_out(at=NOW)
    Notification.objects.all().delete()
    assert clerk.post(url, form).status_code == 302
    standing = {row.called for row in meeting.invitations.standing().with_names()}
    assert standing == {world.communities["dade"].name_zh, world.departments["GOVERN"].name_zh, "专家"}
    event = Event.objects.of("meeting", meeting.pk).of_kinds(["invitation_withdrawn"]).get()
    assert (event.data["invited"], event.text("note")) == ([water], f"{world.departments['WATER'].name_zh}、街坊会")
    assert Event.objects.of("meeting", meeting.pk).of_kinds(["meeting_changed"]).count() == 1, "nobody else is told"
    fan_out(at=NOW)
    told = set(Notification.objects.filter(kind="invitation_withdrawn").values_list("user__username", flat=True))
    assert told == {"officer2"}
    assert not Notification.objects.exclude(kind="invitation_withdrawn").exists()
    assert signed_in("officer2").get(page).status_code == 200, "it can be read what was taken back"
    again = form | {"version": "3", "was": [], "departments": [str(water)]}
    assert clerk.post(url, again).status_code == 302
    assert (meeting.invitations.count(), meeting.invitations.standing().count()) == (5, 4), "the row is used again"
    assert clerk.post(url, form | {"version": "4"}).status_code == 302
    recording.begin(meeting_id=meeting.pk, version=5, by=world.actor("clerk"), at=NOW)
    assert signed_in("officer2").get(page).status_code == 404
    minutes = following.minutes_of(meeting)
    assert "街坊会" not in minutes
    assert world.departments["WATER"].name_zh not in minutes


def test_forms_sent_twice_make_one(world: World, signed_in: SignIn) -> None:
    """Of each form the second answer leads to the first; other words under its key are refused."""
    supervisor, xiadong, today = signed_in("supervisor"), str(world.communities["xiadong"].pk), NOW.date().isoformat()
    kind, team = str(MeetingKind.objects.get(code="joint_meeting").pk), str(world.departments["GOVERN"].pk)
    forms = {
        "console-meeting-new": {"title": "会", "kind": kind, "convener": team, "starts": "14:30", "place": "礼堂"},
        "console-series-new": {
            "title": "周会",
            "kind": kind,
            "convener": team,
            "every": "week",
            "weekday": "2",
            "else": "drop",
        },
        "console-proposal-new": {
            "number": "1号",
            "title": "修路",
            "words": "建议",
            "lead": "MUNICIPAL",
            "received_on": today,
            "deputies": "陈大文",
        },
        "console-visit-new": {"kind": "liaison", "note": "积水", "visitors": "3"},
        "console-activity-new": {"title": "培训", "kind": "training", "organiser": team, "station": "站"},
    }
    for name, more in forms.items():
        url = reverse(name)
        key = re.search(r'name="key" value="([^"]+)"', supervisor.get(url).content.decode())
        assert key is not None, name
        form = {"on": today, "community": xiadong, "key": key.group(1)} | more
        first, second = (supervisor.post(url, form) for _twice in range(2))
        assert (first.status_code, second.status_code, second.get("Location")) == (302, 302, first.get("Location"))
        other = supervisor.post(url, form | ({"note": "停车"} if "note" in form else {"title": "别的"}))
        assert (other.status_code, "刚才已经提交过" in other.content.decode(), key[1] in other.content.decode()) == (
            *(400, True, False),
        )
    rows = (Series, Proposal, Visit, StationActivity)
    assert [model.objects.count() for model in rows] == [1, 1, 1, 1]
    assert Meeting.objects.filter(series__isnull=True).count() == 1


def test_a_series_by_its_form(world: World, signed_in: SignIn) -> None:
    supervisor = signed_in("supervisor")
    form = {
        "title": "季度联席会议",
        "kind": str(MeetingKind.objects.get(code="joint_meeting").pk),
        "convener": str(world.departments["GOVERN"].pk),
        "every": "quarter",
        "month": "3",
        "nth": "-1",
    }
    assert supervisor.post(reverse("console-series-new"), form | {"nth": "0"}).status_code == 400
    long = supervisor.post(reverse("console-series-new"), form | {"title": "季" * 81})
    assert (long.status_code, "最多 80 个字" in long.content.decode()) == (400, True)
    supervisor.post(reverse("console-series-new"), form)
    assert [str(row.on) for row in Meeting.objects.order_by("on")] == ["2026-03-31"]
    shown = supervisor.get(f"{reverse('console-meetings')}?view=series").content.decode()
    assert "每季度第3个月倒数第1个工作日" in shown
    assert signed_in("clerk").post(reverse("console-series-retire", args=[Series.objects.get().pk])).status_code == 403
    made = Series.objects.get()
    change = reverse("console-series-change", args=[made.pk])
    shown = supervisor.get(change).content.decode()
    assert [words in shown for words in ("季度联席会议", 'value="-1"', 'name="version" value="1"')] == [True] * 3
    assert [signed_in(who).get(change).status_code for who in ("clerk", "outsider", "officer")] == [403, 404, 403]
    wanted = form | {"title": "季度城市论坛", "nth": "-2", "version": "1"}
    assert supervisor.post(change, wanted | {"nth": "0"}).status_code == 400
    assert supervisor.post(change, wanted).status_code == 302
    late = supervisor.post(change, wanted | {"title": "别的"})
    said = late.content.decode()
    assert (late.status_code, "刚被别人修改" in said, "别的" in said) == (409, True, True)
    rows = Meeting.objects.order_by("on").values_list("on", "title", "state")
    assert [(str(on), *rest) for on, *rest in rows] == [
        ("2026-03-30", "季度城市论坛", "planned"),
        ("2026-03-31", "季度城市论坛", "cancelled"),
    ]
    kinds = reverse("console-meeting-kinds")
    for name in ("坝坝会", "坝坝会", "城市论坛", ""):
        supervisor.post(kinds, {"name_zh": name, "name_en": "Courtyard meeting"})
    assert MeetingKind.objects.get(subdistrict=world.area).name_zh == "坝坝会"
    assert "坝坝会" in supervisor.get(reverse("console-meeting-new")).content.decode()
    assert signed_in("clerk").post(kinds, {"name_zh": "会"}).status_code == 403
    supervisor.post(reverse("console-series-retire", args=[Series.objects.get().pk]))
    assert Series.objects.get().retired_at == NOW
    assert supervisor.get(change).status_code == 302, "there is nothing left to change"


def test_the_screen_reads_what_is_typed_and_shows_both_texts(world: World, signed_in: SignIn) -> None:
    meeting = live(world)
    clerk = signed_in("clerk")
    words = {"words": "幸福路积水", "key": "abcdefgh", "answer": "下一步，由水务办尽快清疏"}
    status, said = sent(clerk, meeting, **words)
    assert (status, said["number"], said["version"], said["row"]["left"]) == (200, 1, 1, "有答复无期限")
    marks = [(one.get("mark") or one["field"], one["because"]) for one in said["proposals"]]
    assert marks == [("undated", "下一步、尽快"), ("department", "水务办"), ("answer_kind", "下一步")]
    status, said = sent(signed_in("supervisor"), meeting, number=1, version=1, answer="月底前清疏")
    assert [one["value"] for one in said["proposals"]] == ["2026-03-31", "dated"]
    status, said = sent(clerk, meeting, **(words | {"number": 1, "version": 1, "answer": "研究"}))
    assert (status, said["version"], said["theirs"]["answer"]) == (409, 2, "月底前清疏")
    plain = {"words": "幸福路积水", "answer": "研究", "number": 1, "version": 1}
    page = clerk.post(reverse("console-meeting-write", args=[meeting.pk]), plain)
    assert (page.status_code, "月底前清疏" in page.content.decode(), "研究" in page.content.decode()) == (
        409,
        True,
        True,
    )
    assert sent(clerk, meeting, words=" ", key="abcdefgi")[0] == 400
    for name in ("department", "category", "attempt"):
        assert sent(clerk, meeting, words="另一项", key="abcdefgi", **{name: "A\x00"})[0] == 400, name
    url = reverse("console-meeting-write", args=[meeting.pk])
    for number in ("99999", "٣", "0"):
        assert clerk.post(url, {"words": "另一项", "number": number}).status_code == 404, (
            "a number, and none of an item"
        )
    assert MeetingItem.objects.get().answer == "月底前清疏"


@pytest.mark.parametrize(
    ("who", "page", "desk"), [("clerk", 200, 200), ("clerk2", 200, 403), ("officer2", 200, 403), ("outsider", 404, 404)]
)
def test_who_opens_what(world: World, signed_in: SignIn, who: str, page: int, desk: int) -> None:
    meeting = announced(world)
    client = signed_in(who)
    assert client.get(reverse("console-meeting", args=[meeting.pk])).status_code == page
    assert client.get(reverse("console-meeting-desk", args=[meeting.pk])).status_code == desk
    written = client.post(reverse("console-meeting-write", args=[meeting.pk]), {"words": "试试"})
    assert written.status_code == (302 if desk == 200 else desk)
    assert MeetingItem.objects.count() == (1 if desk == 200 else 0)


def test_an_answer_becomes_a_matter_by_one_key(world: World, signed_in: SignIn) -> None:
    meeting = live(world)
    item = typed(world, meeting, community=world.communities["dade"].pk, category="0301")
    url = reverse("console-meeting-follow", args=[meeting.pk, item.number])
    answer = signed_in("supervisor").post(url, {"step": "issue", "version": 1})
    item.refresh_from_db()
    assert answer["Location"] == reverse("console-issue", args=[item.issue.number if item.issue else ""])
    assert item.issue is not None
    assert (item.issue.community_id, item.issue.category_id) == (item.community_id, item.category_id)
    address = reverse("console-meeting", args=[meeting.pk])
    shown = {who: item.issue.number in signed_in(who).get(address).content.decode() for who in ("clerk", "clerk2")}
    assert shown == {"clerk": False, "clerk2": True}, "the matter is 大德社区's: its number is for who sees it"
    assert "已转为工单" in signed_in("clerk").get(address).content.decode()
    assert signed_in("clerk").post(url, {"step": "settle", "version": 2}).status_code == 302


def test_an_answer_becomes_a_promise_of_who_gave_it(world: World, signed_in: SignIn) -> None:
    meeting = live(world)
    place: dict[str, Any] = {"community": world.communities["dade"].pk, "department": "WATER"}
    dated = typed(world, meeting, answer="月底前清疏", answer_kind="dated", due_on="2026-03-31", **place)
    vague = typed(world, meeting, answer="尽快研究", **place)
    bare = typed(world, meeting, answer="有人会管")
    clerk = signed_in("clerk")
    for item in (dated, vague, bare, dated):
        answer = clerk.post(reverse("console-meeting-follow", args=[meeting.pk, item.number]), {"step": "commitment"})
        assert answer.status_code == 302
    first, second = Commitment.objects.order_by("pk")
    assert (str(first.due_on), first.owner.code, first.community_id) == ("2026-03-31", "WATER", place["community"])
    assert (first.source_kind, first.source_id, second.due_on, str(second.review_on)) == (
        *("meeting_item", dated.pk, None, "2026-04-17"),
    )
    page = clerk.get(reverse("console-commitment", args=[first.pk])).content.decode()
    assert reverse("console-meeting", args=[meeting.pk]) in page, "linked both ways"
    assert not MeetingItem.objects.undated().exclude(pk=bare.pk).exists()


def test_a_matter_that_is_confidential_is_found_through_no_meeting(world: World, signed_in: SignIn) -> None:
    """Who was invited still reads what was said in the room; its number and its address only who sees the matter."""
    meeting = live(world)
    item = typed(world, meeting, community=world.communities["dade"].pk, words="有人举报")
    typed(world, meeting, words="路灯不亮")
    issue = following.make_issue(item_id=item.pk, by=world.actor("supervisor"), at=NOW)
    type(issue).objects.filter(pk=issue.pk).update(confidential=True)
    meeting.refresh_from_db()
    planning.release(meeting_id=meeting.pk, version=meeting.version, by=world.actor("clerk"), at=NOW)
    for step, who in ((following.draft_minutes, "clerk"), (following.confirm_minutes, "head")):
        meeting.refresh_from_db()
        step(meeting_id=meeting.pk, version=meeting.version, by=world.actor(who), at=NOW)
    for name in ("console-meeting", "console-meeting-desk"):
        assert issue.number not in signed_in("clerk").get(reverse(name, args=[meeting.pk])).content.decode()
    assert issue.number in signed_in("supervisor").get(reverse("console-meeting", args=[meeting.pk])).content.decode()
    told = Client().get(reverse("public-meeting", args=[meeting.pk])).content.decode()
    assert ("路灯不亮" in told, "有人举报" in told) == (True, False)


def test_the_typing_screen_makes_promises_and_matters_and_stays(world: World, signed_in: SignIn) -> None:
    meeting, clerk = live(world), signed_in("clerk")
    place: dict[str, Any] = {"community": world.communities["dade"].pk}
    owed = typed(world, meeting, answer="月底前清疏", answer_kind="dated", department="WATER", **place)
    bare, told = typed(world, meeting), typed(world, meeting, answer="说明了情况", answer_kind="explained")

    def follow(item: MeetingItem, step: str) -> tuple[int, dict[str, Any]]:
        url = reverse("console-meeting-follow", args=[meeting.pk, item.number])
        answer = clerk.post(url, {"step": step}, headers={"accept": "application/json"})
        return answer.status_code, json.loads(answer.content)

    status, said = follow(bare, "commitment")
    assert (status, list(said)) == (400, ["said"])
    status, said = follow(owed, "commitment")
    assert (status, said["version"], said["row"]["may"]) == (200, 2, [])
    assert said["row"]["made"]["url"] == reverse("console-commitment", args=[Commitment.objects.get().pk])
    status, said = follow(bare, "issue")
    assert (status, "-" in said["row"]["made"]["label"], said["row"]["left"]) == (200, True, "")
    desk = clerk.get(reverse("console-meeting-desk", args=[meeting.pk]))
    assert {row.number: row.may for row in desk.context["items"]} == {1: (), 2: (), told.number: ("issue",)}
    typed(world, meeting, words="再说一件", answer="下周五前", answer_kind="dated", department="WATER")
    status, said = sent(clerk, meeting, number=4, version=1, answer="下周三前")
    assert said["row"]["may"] == ["issue", "commitment"]
    _status, said = sent(clerk, meeting, words="路灯不亮", answer="会尽快处理")
    assert said["row"]["may"] == ["issue", "commitment"], "the key is there and says what is missing"
    status, said = follow(meeting.items.get(number=said["number"]), "commitment")
    assert (status, "承办单位" in said["said"]) == (400, True)


def test_residents_read_of_released_meetings_and_of_no_person(world: World, signed_in: SignIn) -> None:
    meeting, clerk, resident = live(world), signed_in("clerk"), Client()
    typed(
        world, meeting, words=f"幸福路积水，找张小三{PHONE}", raised_by="社区书记李四", answer="下一步清疏",
        answer_kind="study", community=world.communities["dade"].pk, department="WATER",
    )  # fmt: skip
    address = reverse("public-meeting", args=[meeting.pk])
    assert resident.get(address).status_code == 404
    url = reverse("console-meeting", args=[meeting.pk])
    clerk.post(url, {"step": "release", "version": meeting.version})
    assert meeting.title in resident.get("/meetings/").content.decode()
    assert "幸福路积水" not in resident.get(address).content.decode(), "nothing before the minutes are confirmed"
    for name, listed in (("xiadong", True), ("dade", True), ("pingdi", False)):
        phone = Client()
        phone.post("/community/", {"place": f"c{world.communities[name].pk}"})
        assert (meeting.title in phone.get("/meetings/").content.decode()) is listed, name
    done = following.draft_minutes(meeting_id=meeting.pk, version=3, by=world.actor("clerk"), at=NOW)
    following.confirm_minutes(meeting_id=meeting.pk, version=done.version, by=world.actor("head"), at=NOW)
    page = resident.get(address).content.decode()
    for words in ("幸福路积水", "大德社区", "水务管理办公室", "下一步清疏", "有答复无期限"):
        assert words in page
    for words in (PHONE, "李四", "社区书记"):
        assert words not in page
    clerk.post(url, {"step": "take_back", "version": done.version + 1})
    assert resident.get(address).status_code == 404
    assert meeting.title not in resident.get("/meetings/").content.decode()


def statements(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def test_what_an_organisation_owes_stands_on_its_pages_and_in_its_morning(world: World, signed_in: SignIn) -> None:
    meeting = live(world)
    typed(world, meeting, words="幸福路积水", answer="下一步清疏", answer_kind="study", department="WATER")
    typed(world, meeting, words="路牌缺失", department="MUNICIPAL")
    officer, supervisor = signed_in("officer2"), signed_in("supervisor")
    items = reverse("console-meeting-items")
    morning = officer.get("/console/")
    assert [(one.code, one.text) for one in morning.context["left_over"]] == [("undated", "1")]
    assert "有答复无期限" in morning.content.decode()
    for address in ("/console/departments/WATER/", "/console/commitments/?department=WATER"):
        shapes = supervisor.get(address).context["left_over"]
        assert [one.text for one in shapes] == ["0", "1", "0"], address
        assert shapes[1].url == f"{items}?list=undated&organisation=WATER"
    assert [one.text for one in supervisor.get("/console/commitments/").context["left_over"]] == ["1", "1", "0"]
    for client, query, shown in (
        (supervisor, {"organisation": "WATER"}, ("幸福路积水",)),
        (officer, {"mine": "1"}, ("幸福路积水",)),
        (supervisor, {"organisation": "POLICE"}, ()),
    ):
        page = client.get(items, {"list": "undated"} | query).content.decode()
        assert tuple(words for words in ("幸福路积水", "路牌缺失") if words in page) == shown


def test_a_meeting_that_was_not_held_stands_among_the_conveners_debts(world: World, signed_in: SignIn) -> None:
    announced(world, at=NOW - timedelta(days=7), title="没开的会")
    for which in ("others", "today", "soon"):
        page = signed_in("head").get("/console/departments/MUNICIPAL/", {"list": which})
        assert (page.status_code, "没开的会" in page.content.decode()) == (200, which == "others")


def test_lists_ask_the_same_for_one_row_and_for_many(world: World, signed_in: SignIn) -> None:
    meeting = live(world)
    typed(world, meeting, community=world.communities["dade"].pk, category="0301", department="WATER")
    clerk = signed_in("clerk")
    urls = [
        reverse("console-meetings"),
        f"{reverse('console-meetings')}?view=held",
        reverse("console-meeting-items"),
        f"{reverse('console-meeting-items')}?list=late&department={world.departments['WATER'].pk}",
        reverse("console-meeting", args=[meeting.pk]),
        reverse("console-meeting-desk", args=[meeting.pk]),
    ]
    for url in urls:
        clerk.get(url)
    one = [statements(clerk, url) for url in urls]
    for number in range(5):
        more = announced(world, on=NOW.date() + timedelta(days=number), title=f"第{number}次")
        typed(world, more, community=world.communities["dade"].pk, category="0301", department="WATER")
        for place in range(2):
            typed(world, meeting, words=f"第{place}件", community=world.communities["xiadong"].pk, department="POLICE")
    assert [statements(clerk, url) for url in urls] == one
    assert max(one[:4]) <= 10
    following.settle(
        item_id=MeetingItem.objects.filter(meeting=meeting)[0].pk, version=1, by=world.actor("clerk"), at=NOW
    )
