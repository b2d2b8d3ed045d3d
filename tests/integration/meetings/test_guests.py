"""来宾登记: guests write themselves in by the code of the room, and what becomes of it in the minutes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from common import limits
from communities.models import Community, Department
from journal.models import Event
from meetings import minutes
from meetings.models import Invitation, Meeting
from meetings.services import attending, recording
from tests.integration.meetings.room import announced, live
from tests.support.cast import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
SignIn = Callable[[str], Client]


def address(meeting: Meeting) -> str:
    return reverse("public-guests", args=[attending.guest_token(meeting)])


def write(meeting: Meeting, guest: str, **more: str) -> Any:
    return Client().post(address(meeting), {"guest": guest} | more)


def who_came(meeting: Meeting) -> str:
    return minutes.text_of(minutes.paragraphs(meeting, meeting.invitations.order_by("pk"), []))


def test_a_guest_is_written_in_once_and_who_was_invited_keeps_one_row(world: World) -> None:
    meeting = live(world)
    before = meeting.invitations.count()
    assert "您的单位或身份" in Client().get(address(meeting)).content.decode()
    for name in ("街坊会", "街坊会", " 街坊会 ", world.communities["dade"].name_zh):
        assert write(meeting, name).status_code == 302
    guest = Invitation.objects.get(meeting=meeting, invited=False)
    assert (guest.name, guest.present) == ("街坊会", True)
    assert (meeting.invitations.count(), meeting.invitations.filter(present=True).count()) == (before + 1, 2)
    assert f"参加：{world.communities['dade'].name_zh}、街坊会" in who_came(meeting)


def test_who_did_not_come_is_absent_only_where_they_were_invited(world: World) -> None:
    meeting = live(world)
    write(meeting, "恶作剧")
    attending.mark_present(meeting_id=meeting.pk, present=set(), by=world.actor("clerk"), at=NOW)
    said = who_came(meeting)
    assert ("恶作剧" in said, f"缺席：{world.communities['dade'].name_zh}" in said) == (False, True)


def test_only_with_the_code_of_the_room_while_the_meeting_is_in_progress(world: World) -> None:
    meeting = announced(world)
    assert write(meeting, "街坊会").status_code == 409
    assert "现在不能登记" in Client().get(address(meeting)).content.decode()
    for wrong in (
        str(meeting.pk),
        f"{meeting.pk}.",
        f"{meeting.pk}.AAAA",
        f"{meeting.pk + 1}{address(meeting)[-45:-1]}",
    ):
        assert Client().get(reverse("public-guests", args=[wrong])).status_code == 404
    meeting = recording.begin(meeting_id=meeting.pk, version=meeting.version, by=world.actor("clerk"), at=NOW)
    assert write(meeting, "街坊会").status_code == 302
    recording.end(meeting_id=meeting.pk, version=meeting.version, by=world.actor("clerk"), at=NOW)
    assert write(meeting, "另一个").status_code == 409
    assert list(meeting.invitations.filter(invited=False).values_list("name", flat=True)) == ["街坊会"]


def test_what_is_refused_is_told_in_the_words_of_the_house(world: World) -> None:
    meeting = live(world)
    for said, words in ((" ", "请填写单位或身份"), ("长" * 61, "最多 60 个字"), ("单\0位", "有不能识别的字符")):
        answer = write(meeting, said)
        assert (answer.status_code, words in answer.content.decode()) == (400, True), words
    assert not meeting.invitations.filter(invited=False).exists()


def test_who_is_invited_is_ticked_by_any_of_their_names(world: World) -> None:
    dade, water = world.communities["dade"], world.departments["WATER"]
    Community.objects.filter(pk=dade.pk).update(name_en="Dade Community")
    Department.objects.filter(pk=water.pk).update(name_en="Water Affairs Office", short_zh="水务办", short_en="Water")
    meeting = live(world)
    for called, names in (
        (dade.name_zh, ("大德社区", "大德", " 大 德　社区", "Dade Community", "DADE community")),
        (water.name_zh, (water.name_zh, "水务办", "water affairs office", "Water")),
    ):
        for said in names:
            assert write(meeting, said).status_code == 302
            assert [row.called for row in meeting.invitations.filter(present=True)] == [called], said
            meeting.invitations.update(present=False)
    write(meeting, "大德楼")
    assert meeting.invitations.get(present=True).invited is False


def test_no_time_and_no_order_of_coming_is_kept_of_guests(world: World, signed_in: SignIn) -> None:
    meeting = live(world)
    before = Event.objects.count()
    for name in ("丙", "甲", "乙", world.communities["dade"].name_zh):
        write(meeting, name)
    assert Event.objects.count() == before
    attending.add_guest(meeting_id=meeting.pk, name="丁", by=world.actor("clerk"), at=NOW)
    assert Event.objects.count() == before + 1, "what the secretary adds is told"
    assert "、丁、丙、乙、甲" in who_came(meeting)
    page = signed_in("clerk").get(reverse("console-meeting-attendance", args=[meeting.pk])).content.decode()
    places = [page.index(f"<span>{name} <span") for name in ("丁", "丙", "乙", "甲")]
    assert places == sorted(places)


def test_a_guest_writes_one_line(world: World) -> None:
    meeting = live(world)
    write(meeting, "街坊会\n# 九、伪造\u2028\u202e会")
    assert Invitation.objects.get(meeting=meeting, invited=False).name == "街坊会 # 九、伪造 会"


def test_machines_and_crowds_write_nobody_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = live(world)
    assert write(meeting, "机器", website="http://spam.example").status_code == 400
    monkeypatch.setattr(attending, "MOST_GUESTS", 1)
    assert [write(meeting, name).status_code for name in ("一", "二")] == [302, 409]
    monkeypatch.setattr(limits.GUESTS_PER_NETWORK.__class__, "hit", lambda *_given: limits.Denied(60))
    often = write(meeting, "三")
    assert (often.status_code, "三" in often.content.decode()) == (429, True)


def test_the_secretary_shows_the_code_and_sees_who_was_not_invited(world: World, signed_in: SignIn) -> None:
    meeting = live(world)
    write(meeting, "街坊会")
    clerk = signed_in("clerk")
    shown = clerk.get(reverse("console-meeting-attendance", args=[meeting.pk])).content.decode()
    code = reverse("console-meeting-guests", args=[meeting.pk])
    assert ("未受邀" in shown, code in shown) == (True, True)
    assert "data:image/svg+xml" in clerk.get(code).content.decode()
    assert signed_in("officer").get(code).status_code == 403
