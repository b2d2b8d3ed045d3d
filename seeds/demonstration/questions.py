"""A live session with a question box in the demonstration: 132 questions, of which 22 wait for an answer."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from communities.actors import Actor
from communities.models import Department
from journal.services import Entry, record_many
from meetings.enums import QUESTION, QuestionState
from meetings.models import Meeting, Question, QuestionBox
from meetings.services import asking, planning, recording
from seeds.demonstration.cast import Cast

_TOPICS: Final = (
    ("%s什么时候能加装电梯", "RENEWAL", "符合条件的单元可向社区提出，更新办上门说明条件、流程和补贴。"),
    ("%s的充电桩够不够用", "EMERGENCY", "供电所核过容量，可增设的位置已交物业公司公示。"),
    ("%s周边停车太难，能不能多划车位", "TRAFFIC", "交通办已勘察，可划的路段在社区公告栏公布。"),
    ("%s下雨就积水，管网什么时候改", "WATER", "已列入清疏计划，清疏前后都会在社区公布。"),
    ("%s的外墙掉瓷片，谁来修", "HOUSING", "属于共用部位，可申请维修资金，住建办提供表格和指引。"),
    ("%s的路灯有几盏不亮", "MUNICIPAL", "市政办已安排检修，坏灯一般两个工作日内修复。"),
    ("%s的物业费收支能不能公开", "HOUSING", "物业公司应每季度公示，未公示的请告诉社区。"),
    ("%s的楼道堆满杂物", "EMERGENCY", "社区和物业公司每月集中清理，平时可直接联系物业公司。"),
    ("%s的树挡住了光线", "MUNICIPAL", "绿化队每季度修剪，影响采光的可提前安排。"),
    ("%s有没有老人饭堂", "SERVICE", "就近的长者饭堂名单在党群服务中心，可电话订餐。"),
    ("%s改造施工到几点", "HOUSING", "工作日早上八点到十二点、下午两点到六点，节假日不施工。"),
    ("%s的公园晚上能不能早点关音响", "MUNICIPAL", "公园晚上九点半后不得使用音响，值班人员会劝止。"),
)
_PLACES: Final = (
    *("碧湖花园", "天佑城旁小区", "江滨花园", "东二小区", "夏东西约", "平东大街", "玉器街", "怡海花园"),
    *("翠颐小区", "叠翠小区", "桂园小区"),
)
"""Twelve topics at eleven places: each is asked once."""
ON_AIR, IN_WRITING = 9, 101
_UNSEEN: Final = 4
"""The last ones, at which nobody has looked yet."""


@dataclass(frozen=True)
class _Asked:
    """One question: when, what, who answers, the answer and of what kind; "" while it waits."""

    at: datetime
    words: str
    department: Department
    answer: str
    state: QuestionState
    shown: bool


def load_question_box(cast: Cast, given: Callable[..., planning.NewMeeting], at: datetime) -> None:
    """A city forum that is being held, with its box open."""
    by, began = cast.actor("supervisor"), at - timedelta(minutes=50)
    forum = given("城市论坛：老旧小区怎么改", "city_forum", "SERVICE", "大德社区", ("RENEWAL", "HOUSING", "TRAFFIC"))
    meeting = planning.add_meeting(given=forum, on=began.date(), by=by, at=began)
    meeting = planning.release(meeting_id=meeting.pk, version=meeting.version, by=by, at=began)
    meeting = recording.begin(meeting_id=meeting.pk, version=meeting.version, by=by, at=began)
    box = asking.open_box(meeting_id=meeting.pk, version=meeting.version, by=by, at=began)
    _fill(box, meeting, list(_questions(cast, began, at)), by)


def _questions(cast: Cast, began: datetime, at: datetime) -> Iterator[_Asked]:
    number = len(_TOPICS) * len(_PLACES)
    pause = (at - began) / (number + 1)
    for place in range(number):
        words, code, answer = _TOPICS[place % len(_TOPICS)]
        state = QuestionState.ON_AIR if place < ON_AIR else QuestionState.WRITTEN
        waits = place >= ON_AIR + IN_WRITING
        yield _Asked(
            at=began + pause * (place + 1),
            words=words % _PLACES[place // len(_TOPICS)],
            department=cast.departments[code],
            answer="" if waits else answer,
            state=QuestionState.ASKED if waits else state,
            shown=place < number - _UNSEEN,
        )


def _fill(box: QuestionBox, meeting: Meeting, given: list[_Asked], by: Actor) -> None:
    """As the services would, in a handful of statements: each row with its events, told to nobody."""
    rows = Question.objects.bulk_create(
        Question(
            subdistrict_id=meeting.subdistrict_id,
            box=box,
            number=number,
            words=one.words,
            asked_at=one.at,
            shown_at=one.at if one.shown else None,
            shown_by=by.user if one.shown else None,
            state=one.state,
            department=one.department if one.answer else None,
            answer=one.answer,
            answered_at=one.at if one.answer else None,
            answered_by=by.user if one.answer else None,
            version=1 + one.shown + bool(one.answer),
        )
        for number, one in enumerate(given, 1)
    )
    box.asked = len(rows)
    box.save(update_fields=["asked"])
    events = [entry for row, one in zip(rows, given, strict=True) for entry in _events(row, one, meeting, by)]
    record_many(events, readers_of=[])


def _events(row: Question, one: _Asked, meeting: Meeting, by: Actor) -> Iterator[Entry]:
    def entry(kind: str, texts: Mapping[str, str], **data: Any) -> Entry:
        return Entry(
            *(QUESTION, row.pk, kind, one.at),
            actor_id=None if kind == "question_asked" else by.user_id,
            actor_role="resident" if kind == "question_asked" else by.role,
            data={"meeting": meeting.pk, "number": row.number, **data},
            texts=texts,
        )

    yield entry("question_asked", {"words": row.words})
    if one.shown:
        yield entry("question_shown", {}, state=QuestionState.ASKED.value)
    if one.answer:
        way = one.state.value
        yield entry("question_answered", {"answer": row.answer}, state=way, way=way, department=one.department.pk)
