"""The question box: asked once, merged, answered, promised, counted honestly; owed once the meeting is over."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from commitments.models import Commitment
from commitments.services.acting import act
from communities.access import access_of
from communities.models import Membership
from deadlines.models import Deadline
from issues.services.errors import InvalidFields, NotPermitted
from journal.models import Event
from meetings.enums import QUESTION
from meetings.models import Meeting, Question, QuestionBox
from meetings.services import answering, asking, following, planning, recording
from meetings.services.errors import AskedBefore, NotNow, QuestionChanged
from meetings.words import tally_of
from reminders.models import Notification
from reminders.services.fan_out import fan_out
from reminders.services.sweep import sweep
from tests.integration.meetings.room import announced, asked, boxed
from tests.support.at_once import at_once
from tests.support.cast import NOW, World

pytestmark = pytest.mark.django_db
Step = Callable[..., Question]


def step(world: World, service: Step, row: Question, by: str = "clerk", **given: Any) -> Question:
    row.refresh_from_db()
    at = given.pop("at", NOW)
    return service(question_id=row.pk, version=row.version, by=world.actor(by), at=at, **given)


def over(world: World, meeting: Meeting, at: Any = NOW) -> Meeting:
    meeting.refresh_from_db()
    return recording.end(meeting_id=meeting.pk, version=meeting.version, by=world.actor("clerk"), at=at)


def events(row: Question) -> list[str]:
    return list(Event.objects.of(QUESTION, row.pk).order_by("seq").values_list("kind", flat=True))


def clocks(row: Question) -> list[tuple[str, str, str]]:
    found = Deadline.objects.of(QUESTION, row.pk).order_by("pk").select_related("party")
    return [
        (one.state, one.party.code if one.party else "", f"{one.due_at.astimezone(NOW.tzinfo):%m-%d %H:%M}")
        for one in found
    ]


def test_a_box_is_opened_at_a_released_meeting_and_asked_into_once_for_each_key(world: World) -> None:
    meeting, by = announced(world), world.actor("clerk")
    with pytest.raises(NotNow):
        asking.open_box(meeting_id=meeting.pk, version=1, by=by, at=NOW)
    with pytest.raises(NotNow):
        asked(meeting)
    meeting = planning.release(meeting_id=meeting.pk, version=1, by=by, at=NOW)
    with pytest.raises(NotPermitted):
        asking.open_box(meeting_id=meeting.pk, version=2, by=world.actor("officer2"), at=NOW)
    asking.open_box(meeting_id=meeting.pk, version=2, by=by, at=NOW)
    first = asked(meeting, "路灯不亮", key="abcdefgh")
    assert asked(meeting, " 路灯不亮 ", key="abcdefgh").pk == first.pk
    with pytest.raises(AskedBefore) as before:
        asked(meeting, "路灯太亮", key="abcdefgh")
    assert before.value.question.number == 1
    assert asked(meeting, "卡号6222021234567890128能办吗").words == "卡号[卡号]能办吗"
    for words in (" ", "……", "长" * 301):
        with pytest.raises(InvalidFields):
            asked(meeting, words)
    asking.close_box(meeting_id=meeting.pk, version=2, by=by, at=NOW)
    assert asked(meeting, "路灯不亮", key="abcdefgh").pk == first.pk, "its answer was lost; it was asked in time"
    with pytest.raises(NotNow):
        asked(meeting)
    asking.open_box(meeting_id=meeting.pk, version=2, by=by, at=NOW)
    assert (asked(meeting).number, events(first)) == (3, ["question_asked"])
    with pytest.raises(NotNow):
        asked(meeting, at=NOW + timedelta(days=1))


def test_every_way_in_which_a_question_ends_is_counted_and_the_parts_make_the_whole(world: World) -> None:
    meeting = boxed(world)
    rows = [asked(meeting, f"第{number}问") for number in range(1, 8)]
    step(world, answering.answer, rows[0], way="on_air", words="年底通车")
    step(world, answering.answer, rows[1], way="written", words="见附件", department_id=world.departments["WATER"].pk)
    step(world, answering.promise, rows[2], words="月底前清疏", due_on=date(2026, 3, 31))
    step(world, answering.refuse, rows[3], reason="涉及他人隐私")
    step(world, answering.merge, rows[4], into=1)
    step(world, answering.merge, rows[5], into=7)
    counts = Question.objects.filter(box__meeting=meeting).counts()
    assert tally_of(counts) == "提问 7 · 现场答复 2 · 书面答复 1 · 转为承诺 1 · 不适合答复 1 · 待答复 2"
    assert tally_of({"on_air": 9, "written": 101, "asked": 22}) == "提问 132 · 现场答复 9 · 书面答复 101 · 待答复 22"
    promised = Commitment.objects.get()
    assert (promised.owner.code, promised.source_kind, promised.source_id) == ("MUNICIPAL", QUESTION, rows[2].pk)
    for row in (rows[0], rows[3], rows[4]):
        with pytest.raises(NotNow):
            step(world, answering.answer, row, way="on_air", words="再答")
    with pytest.raises(NotNow):
        step(world, answering.refuse, rows[6], reason="有并入的")
    assert events(rows[4]) == ["question_asked", "question_merged"]


def test_what_was_answered_before_anybody_looked_at_it_waits_to_be_shown(world: World) -> None:
    meeting = boxed(world)
    answered, refused, shown = (asked(meeting, f"第{number}问") for number in range(1, 4))
    step(world, answering.answer, answered, way="on_air", words="已答")
    step(world, answering.refuse, refused, reason="涉及他人隐私")
    step(world, answering.show, shown)
    assert list(Question.objects.unseen()) == [answered]


def test_merging_moves_what_was_merged_and_can_be_taken_apart(world: World) -> None:
    meeting = boxed(world)
    first, second, third = (asked(meeting, f"第{number}问") for number in range(1, 4))
    step(world, answering.merge, second, into=1)
    step(world, answering.merge, first, into=3)
    assert set(Question.objects.filter(master=third).values_list("number", flat=True)) == {1, 2}
    for into in (1, 3, 99):
        with pytest.raises((InvalidFields, NotNow)):
            step(world, answering.merge, third, into=into)
    over(world, meeting)
    assert (clocks(first), clocks(third)) == ([], [("running", "MUNICIPAL", "03-25 17:30")])
    step(world, answering.unmerge, second)
    second.refresh_from_db()
    assert (second.is_open, second.department, clocks(second)[0][0]) == (
        True,
        world.departments["MUNICIPAL"],
        "running",
    )
    step(world, answering.merge, second, into=3)
    assert clocks(second)[0][0] == "cancelled"


def test_after_the_meeting_every_open_question_has_somebody_and_a_date(world: World) -> None:
    meeting = boxed(world)
    given, left, done = (asked(meeting, f"第{number}问") for number in range(1, 4))
    step(world, answering.assign, given, department_id=world.departments["WATER"].pk)
    step(world, answering.answer, done, way="on_air", words="已修好")
    assert not Question.objects.owed().exists()
    over(world, meeting)
    assert not Question.objects.waiting().filter(due_at__isnull=True).exists()
    assert QuestionBox.objects.get().closed_at == NOW
    assert (clocks(given), clocks(left), clocks(done)) == (
        [("running", "WATER", "03-25 17:30")],
        [("running", "MUNICIPAL", "03-25 17:30")],
        [],
    )
    fan_out(at=NOW)
    told = Notification.objects.filter(kind="question_owed").values_list("user__username", "subject_id")
    assert ("officer2", given.pk) in told
    late = NOW + timedelta(days=8)
    assert sweep(at=late).fired["question_late"] == 2
    fan_out(at=late)
    names = Notification.objects.filter(kind="question_late").values_list("user__username", flat=True)
    assert {"officer2", "head", "supervisor"} <= set(names)
    step(world, answering.assign, left, department_id=world.departments["WATER"].pk, at=late)
    assert clocks(left) == [("running", "WATER", "03-25 17:30")], "the date stays"
    step(world, answering.answer, given, "officer2", way="written", words="已安排清疏", at=late)
    given.refresh_from_db()
    assert (clocks(given)[0][0], given.due_at, events(given)[-1]) == ("late", None, "question_answered")
    step(world, answering.reopen, given, reason="答非所问", at=late)
    given.refresh_from_db()
    assert (given.answer, given.is_open, [state for state, _who, _due in clocks(given)]) == (
        "",
        True,
        ["late", "running"],
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.filter(pk=given.pk).update(department=None)


@pytest.mark.parametrize("how", ["not_held", "cancelled", "minutes"])
def test_however_a_meeting_ends_its_questions_are_owed(world: World, how: str) -> None:
    by = world.actor("clerk")
    if how == "minutes":
        meeting = boxed(world)
    else:
        meeting = planning.release(meeting_id=announced(world).pk, version=1, by=by, at=NOW)
        asking.open_box(meeting_id=meeting.pk, version=2, by=by, at=NOW)
    row = asked(meeting)
    given: dict[str, Any] = {"meeting_id": meeting.pk, "version": meeting.version, "by": by, "at": NOW}
    if how == "minutes":
        following.draft_minutes(**given)
    else:
        planning.cancel(**given, reason="台风", not_held=how == "not_held")
    assert clocks(row) == [("running", "MUNICIPAL", "03-25 17:30")]
    with pytest.raises(NotNow):
        asked(meeting, "还能问吗")


def test_what_was_promised_is_asked_again_once_the_promise_is_taken_back(world: World) -> None:
    meeting = boxed(world)
    row = asked(meeting)
    step(world, answering.promise, row, words="尽快清疏", department_id=world.departments["WATER"].pk)
    over(world, meeting)
    with pytest.raises(NotNow):
        step(world, answering.reopen, row, reason="不算数")
    promised = Commitment.objects.get()
    assert (promised.due_on, promised.review_on, promised.owner.code) == (None, date(2026, 4, 17), "WATER")
    data = {"reason": "另行答复"}
    by = world.actor("supervisor")
    act(commitment_id=promised.pk, action="withdraw", by=by, at=NOW, data=data, version=promised.version)
    step(world, answering.reopen, row, reason="承诺已撤回")
    assert clocks(row) == [("running", "WATER", "03-25 17:30")]


def test_who_does_what_and_nothing_is_written_over(world: World) -> None:
    meeting = boxed(world)
    row = asked(meeting)
    for who in ("clerk2", "officer2", "deputy", "leader"):
        for service, given in (
            (answering.show, {}), (answering.merge, {"into": 2}), (answering.refuse, {"reason": "不合适"}),
            (answering.promise, {"words": "会办"}), (answering.answer, {"way": "written", "words": "答"}),
        ):  # fmt: skip
            with pytest.raises(NotPermitted):
                step(world, service, row, who, **given)
    step(world, answering.assign, row, department_id=world.departments["WATER"].pk)
    with pytest.raises(NotPermitted):
        step(world, answering.answer, row, "officer2", way="on_air", words="答")
    police = world.departments["POLICE"].pk
    with pytest.raises(NotPermitted):
        step(world, answering.answer, row, "officer2", way="written", words="答", department_id=police)
    with pytest.raises(QuestionChanged):
        answering.show(question_id=row.pk, version=1, by=world.actor("clerk"), at=NOW)
    sees = Question.objects.visible_to(access_of(world.user("outsider")))
    assert not sees.exists()
    Membership.objects.filter(user=world.people["officer2"]).update(department=world.departments["POLICE"])
    other = access_of(world.user("officer2"))
    assert not Question.objects.visible_to(other).exists()
    Question.objects.update(department=world.departments["POLICE"])
    assert Question.objects.visible_to(other).get().pk == row.pk, "what one's organisation is to answer"


@pytest.mark.django_db(transaction=True)
def test_nobody_asks_into_a_meeting_that_ends_meanwhile_without_somebody_who_answers(world: World) -> None:
    meeting = boxed(world)

    def ask() -> str:
        try:
            return str(asked(meeting, "同一个问题", key="the-same-key").number)
        except NotNow:
            return "late"

    at_once(ask, ask, lambda: over(world, meeting))
    assert Question.objects.count() <= 1
    assert not Question.objects.waiting().filter(due_at__isnull=True).exists()
