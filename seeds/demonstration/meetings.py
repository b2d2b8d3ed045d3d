"""Meetings in the demonstration: the six of the press with what was raised at them, and recent ones."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from common.clock import local
from communities.models import Community, Department, SubDistrict
from issues.models import HistoricRecord
from meetings.enums import AnswerKind, MeetingState
from meetings.models import Meeting, MeetingItem, MeetingKind
from meetings.recurrence import Rule
from meetings.services import attending, following, planning, proposing, recording, recurring
from meetings.services.recording import Writing
from seeds.demonstration.cast import Cast
from seeds.demonstration.own_data import office_day
from seeds.demonstration.questions import load_question_box
from seeds.demonstration.stations import load_stations
from seeds.places.tables import rows

_KINDS: Final = {
    "series_discussion": "discussion",
    "deputies": "deliberation",
    "city_forum": "city_forum",
    "sharing": "sharing",
    "conference": "conference",
}
_SETTLED: Final = {
    "done": (AnswerKind.SOLVED, "报道已办成"),
    "discussed": (AnswerKind.EXPLAINED, "已讨论"),
    "planned": (AnswerKind.EXPLAINED, "列入计划"),
    "answered": (AnswerKind.EXPLAINED, "已答复"),
    "feedback": (AnswerKind.EXPLAINED, "群众反馈"),
}
"""What the press calls an answer that promises nothing: its kind, and what stands where its words are missing."""


def load_historic_meetings(subdistrict: SubDistrict) -> None:
    """The six meetings and the 48 records, as far as they are missing: no clock, no rate (历史资料)."""
    kinds = {row.code: row for row in MeetingKind.objects.filter(subdistrict__isnull=True)}
    found: dict[str, Meeting] = {}
    for row in rows("meetings"):
        found[row["ref"]], _new = Meeting.objects.get_or_create(
            subdistrict=subdistrict,
            ref=row["ref"],
            defaults={
                "kind": kinds[_KINDS[row["kind"]]],
                "title": row["title"],
                "on": _last_day(row["date"]),
                "precision": row["date_precision"],
                "place": row["place"],
                "beside": "；".join(part for part in (row["conveners"], row["attendees"]) if part),
                "state": MeetingState.HELD,
                "historic": True,
            },
        )
    there = set(MeetingItem.objects.filter(record__subdistrict=subdistrict).values_list("record_id", flat=True))
    records = HistoricRecord.objects.filter(subdistrict=subdistrict).order_by("id")
    numbers = dict.fromkeys(found, 0)
    for record in records.prefetch_related("communities", "departments"):
        meeting = found.get(record.meeting_ref)
        if meeting is not None:
            numbers[meeting.ref] += 1
        if record.pk not in there:
            _item(record, meeting, numbers[meeting.ref] if meeting else 0).save()


def _item(record: HistoricRecord, meeting: Meeting | None, number: int) -> MeetingItem:
    kind, instead = _SETTLED.get(record.answer, ("", ""))
    dated = record.promise_year is not None and record.answer == "promised_with_year"
    communities, departments = list(record.communities.all()), list(record.departments.all())
    return MeetingItem(
        subdistrict_id=record.subdistrict_id,
        meeting=meeting,
        number=number,
        record=record,
        raised_on=_last_day(record.reported_on),
        precision=record.precision,
        community=communities[0] if len(communities) == 1 else None,
        raised_by=record.raised_by,
        category_id=record.category_id,
        words=record.title,
        answer="" if record.answer == "unanswered" else record.promise or instead,
        answer_kind=AnswerKind.DATED if dated else kind,
        department=departments[0] if departments else None,
        answered_by=record.answered_by or record.owner,
        due_on=date(record.promise_year, 12, 31) if dated and record.promise_year else None,
    )


def _last_day(text: str) -> date:
    """The last day of what was printed: 2022-11 is at least as old as its 30th."""
    parts = [int(part) for part in text.split("-")]
    if len(parts) == 3:
        return date(*parts)
    year, month = divmod(parts[0] * 12 + (parts[1] if len(parts) == 2 else 12), 12)
    return date(year, month + 1, 1) - timedelta(days=1)


# Recent ones


def load_recent_meetings(cast: Cast, at: datetime) -> None:
    """Two series; a meeting in progress, one that waits for its minutes, one to come, one announced and not held.

    And a live session with a question box, and what happens at stations.
    """
    given = _Arranged(cast)
    supervisor = cast.actor("supervisor")
    tuesdays = Rule.read({"every": "week", "weekday": 2, "else": "drop"})
    quarterly = Rule.read({"every": "quarter", "month": 3, "nth": -5})
    station = given("平东社区人大代表联络站", "deputy_station", "CONGRESS", "平东社区", starts=time(14, 30))
    recurring.add_series(given=station, rule=tuesdays, by=supervisor, at=at)
    joint = given("社区治理联席会议", "joint_meeting", "GOVERN", "", ("WATER", "MUNICIPAL", "HOUSING", "EMERGENCY"))
    recurring.add_series(given=joint, rule=quarterly, by=supervisor, at=at)
    _confirmed(cast, given, office_day(at, 34, time(9, 30)))
    _awaiting(cast, given, office_day(at, 9, time(14, 30)))
    day = office_day(at, 7, time(9, 0))
    missed = planning.add_meeting(
        given=given("城市论坛：电动自行车充电", "city_forum", "SERVICE", "大德社区", ("EMERGENCY", "POWER")),
        on=(local(day) + timedelta(days=2)).date(), by=supervisor, at=day,
    )  # fmt: skip
    proposing.propose(meeting_id=missed.pk, words="充电棚的消防和电价由谁来管", by=supervisor, at=day)
    planning.add_meeting(
        given=given("乡贤茶话厅：城中村停车", "tea_hall", "SERVICE", "平东社区", ("TRAFFIC",)),
        on=(local(at) + timedelta(days=6)).date(), by=supervisor, at=at,
    )  # fmt: skip
    _live(cast, given, at)
    load_question_box(cast, given, at)
    load_stations(cast, at)


class _Arranged:
    """A meeting of the office, by the names of the demonstration."""

    def __init__(self, cast: Cast) -> None:
        self._cast = cast
        self._kinds = {row.code: row for row in MeetingKind.objects.filter(subdistrict__isnull=True)}

    def __call__(
        self, title: str, kind: str, convener: str, community: str, invited: tuple[str, ...] = (), **more: Any
    ) -> planning.NewMeeting:
        cast = self._cast
        communities: list[Community] = [cast.communities[name] for name in ("夏东社区", "大德社区", "平东社区")]
        departments: list[Department] = [cast.departments[code] for code in invited]
        return planning.NewMeeting(
            subdistrict=cast.subdistrict,
            kind=self._kinds[kind],
            title=title,
            convener=cast.departments[convener],
            community=cast.communities[community] if community else None,
            place=f"{community or '街道'}会议室",
            communities=communities,
            departments=departments,
            **more,
        )


_Words = tuple[str, str, str, str, str, str, str]
"""Community, office, category, words, organisation, answer and its kind."""


def _confirmed(cast: Cast, given: _Arranged, at: datetime) -> None:
    """Held a month ago, its minutes confirmed and public; what it left stands first on the next one's agenda."""
    said: tuple[_Words, ...] = (
        ("夏东社区", "社区书记", "0301", "幸福路口每逢大雨积水", "WATER", "水务办下一步将清疏管网", "study"),
        ("大德社区", "楼长代表", "0901", "碧湖花园周边停车难", "TRAFFIC", "交通办两周内施划停车位", "dated"),
        ("平东社区", "社区书记", "0803", "玉器街小路缺路牌", "", "", ""),
        ("大德社区", "社区书记", "0402", "物业公司不公示收支", "HOUSING", "已约谈，公司已补公示", "solved"),
    )
    meeting = _held(cast, given("社区治理联席会议（上次）", "joint_meeting", "GOVERN", ""), said, at)
    by, done = cast.actor("supervisor"), at + timedelta(hours=5)
    meeting = following.draft_minutes(meeting_id=meeting.pk, version=meeting.version, by=by, at=done)
    confirmed = done + timedelta(hours=1)
    meeting = following.confirm_minutes(meeting_id=meeting.pk, version=meeting.version, by=by, at=confirmed)
    planning.release(meeting_id=meeting.pk, version=meeting.version, by=by, at=confirmed)


def _awaiting(cast: Cast, given: _Arranged, at: datetime) -> None:
    """Held, and nobody has made its minutes: they are late."""
    said: tuple[_Words, ...] = (
        ("大德社区", "街坊会", "0201", "小区树木遮挡路灯", "MUNICIPAL", "市政办月底前修剪", "dated"),
        ("大德社区", "业委会", "0601", "加装电梯的补贴怎样申请", "RENEWAL", "更新办介绍了条件和材料", "explained"),
        ("夏东社区", "楼长代表", "1002", "充电棚不够用", "EMERGENCY", "应急办将会同供电所研究增容", "study"),
    )
    _held(cast, given("大德社区议事会", "deliberation", "SERVICE", "大德社区", ("MUNICIPAL", "RENEWAL")), said, at)


def _live(cast: Cast, given: _Arranged, at: datetime) -> None:
    """In progress now."""
    said: tuple[_Words, ...] = (
        ("平东社区", "社区书记", "0801", "永安路早晚高峰拥堵", "TRAFFIC", "交通办尽快优化信号灯", "study"),
        ("夏东社区", "街长", "0101", "后巷垃圾清运不及时", "MUNICIPAL", "市政办明天起每天清运两次", "dated"),
        ("大德社区", "楼长代表", "0702", "改造施工扰民", "", "", ""),
    )
    meeting = given("社区治理专题会", "joint_meeting", "GOVERN", "", ("TRAFFIC", "MUNICIPAL", "WATER"))
    _held(cast, meeting, said, at - timedelta(minutes=20), ends=False)


def _held(
    cast: Cast, given: planning.NewMeeting, said: tuple[_Words, ...], at: datetime, *, ends: bool = True
) -> Meeting:
    by = cast.actor("supervisor")
    meeting = planning.add_meeting(given=given, on=local(at).date(), by=by, at=at - timedelta(minutes=1))
    meeting = recording.begin(meeting_id=meeting.pk, version=meeting.version, by=by, at=at)
    came = set(meeting.invitations.values_list("pk", flat=True)[1:])
    attending.mark_present(meeting_id=meeting.pk, present=came, by=by, at=at)
    for community, office, category, words, department, answer, kind in said:
        due = local(at).date() + timedelta(days=14) if kind == AnswerKind.DATED else ""
        values = {
            "community": cast.communities[community].pk, "raised_by": office, "category": category, "words": words,
            "department": department, "answer": answer, "answer_kind": kind, "due_on": due,
        }  # fmt: skip
        recording.write_item(
            meeting_id=meeting.pk, given=values, writing=Writing(), by=by, at=at + timedelta(minutes=3)
        )
    meeting.refresh_from_db()
    if ends:
        meeting = recording.end(meeting_id=meeting.pk, version=meeting.version, by=by, at=at + timedelta(hours=2))
    return meeting
