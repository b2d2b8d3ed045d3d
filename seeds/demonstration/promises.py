"""Promises in the demonstration: those of 2022 and 2023 that press reports mention, and some that are alive."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from commitments.enums import HISTORIC, Precision
from commitments.models import Commitment
from commitments.services import NewMilestone, make, record_historic
from commitments.services.acting import act
from common.clock import local
from communities.models import Department
from deadlines.calendar import at_clock
from issues.models import HistoricRecord
from seeds.demonstration.cast import Cast
from seeds.places.organisations import team_code

_WITH_YEAR: Final = "promised_with_year"


def load_historic_promises(cast: Cast, at: datetime) -> None:
    """Write those that are missing: due at the end of the year that was named, as precisely as it was."""
    records = HistoricRecord.objects.filter(subdistrict=cast.subdistrict, answer=_WITH_YEAR)
    found = Commitment.objects.filter(source_kind=HISTORIC).values_list("source_id", flat=True)
    there = {pk for pk in found if pk is not None}
    for record in records.exclude(pk__in=there).order_by("pk"):
        departments = list(record.departments.order_by("pk"))
        places = list(record.communities.order_by("pk"))
        owner = _owner(cast, record, departments)
        record_historic(
            subdistrict_id=cast.subdistrict.pk,
            source_id=record.pk,
            text=f"{record.owner}：{record.promise}" if record.owner else f"{record.title}：{record.promise}",
            owner_id=owner.pk,
            co_owner_ids=[one.pk for one in departments if one != owner] if not record.owner else [],
            community_id=places[0].pk if len(places) == 1 else None,
            due_on=date(record.promise_year or at.year, 12, 31),
            precision=Precision.YEAR,
            made_on=date.fromisoformat(f"{record.reported_on}-01-01"[:10]),
            by_id=cast.users["admin"].pk,
            at=at,
        )


def _owner(cast: Cast, record: HistoricRecord, departments: list[Department]) -> Department:
    """Where no department promised, the community's own people stand for who did; the words name them."""
    place = record.communities.order_by("pk").first()
    if record.owner and place is not None:
        return cast.departments[team_code(place.name_zh)]
    return departments[0]


def load_living_promises(cast: Cast, at: datetime) -> None:
    """Some that were made in meetings of the last weeks."""
    _going_on(cast, at)
    _late(cast, at)
    _reported(cast, at)
    _kept(cast, at)
    _to_be_reviewed(cast, at)


def _day(at: datetime, days: int, clock: time = time(10, 20)) -> datetime:
    return at_clock(local(at).date() + timedelta(days=days), clock)


def _make(cast: Cast, at: datetime, community: str, department: str, text: str, **given: Any) -> Commitment:
    made_at = _day(at, given.pop("made", -20), time(15, 40))
    made = make(
        subdistrict_id=cast.subdistrict.pk,
        community_id=cast.communities[community].pk,
        owner_id=cast.departments[department].pk,
        text=text,
        by_id=cast.users["supervisor"].pk,
        by_role=cast.actor("supervisor").role,
        at=made_at,
        **given,
    )
    _do(cast, made, "release", "supervisor", made_at + timedelta(minutes=30))
    return made


def _do(cast: Cast, made: Commitment, action: str, username: str, at: datetime, **data: Any) -> None:
    version = Commitment.objects.values_list("version", flat=True).get(pk=made.pk)
    act(commitment_id=made.pk, action=action, by=cast.actor(username), at=at, data=data, version=version)


def _going_on(cast: Cast, at: datetime) -> None:
    """One step is done, the next has its day."""
    steps = [
        NewMilestone("管网排查，列出要清疏的井段", _day(at, -4).date()),
        NewMilestone("完成三条内街的清疏", _day(at, 15).date()),
    ]
    text = "汛前清疏大德社区三条内街的排水管，逐段建立台账"
    due_on, others = _day(at, 45).date(), [cast.departments["MUNICIPAL"].pk]
    made = _make(cast, at, "大德社区", "WATER", text, due_on=due_on, milestones=steps, co_owner_ids=others)
    first = made.milestones.order_by("due_on")[0]
    _do(
        cast, made, "reach_milestone", "officer2", _day(at, -6), milestone=first.pk, note="查了46个井段，要清疏的有19段"
    )
    _do(cast, made, "note", "officer2", _day(at, -2), note="清疏队已进场，先做积水最深的一条街", visible=True)


def _late(cast: Cast, at: datetime) -> None:
    """The date has passed; another one is asked for and waits."""
    text = "补齐夏东社区村口两处破损路面"
    made = _make(cast, at, "夏东社区", "MUNICIPAL", text, made=-35, due_on=_day(at, -6).date())
    to_on = _day(at, 12).date().isoformat()
    reason = "连续下雨，沥青无法摊铺，申请顺延"
    _do(cast, made, "ask_move", "officer", _day(at, -1), on=to_on, reason=reason)


def _reported(cast: Cast, at: datetime) -> None:
    """Done, says the owner; the community has to look."""
    text = "在夏东社区文化广场加装四盏路灯"
    made = _make(cast, at, "夏东社区", "MUNICIPAL", text, due_on=_day(at, 3).date())
    words = "四盏路灯已装好并通电，验收单存于市政管理办公室"
    _do(cast, made, "report_done", "officer", _day(at, -1, time(16, 10)), note=words, stage="after")


def _kept(cast: Cast, at: datetime) -> None:
    """Kept in time and confirmed; the date had been moved once."""
    text = "更换大德社区碧湖花园门前破损的雨水井盖"
    made = _make(cast, at, "大德社区", "MUNICIPAL", text, made=-40, due_on=_day(at, -20).date())
    to_on = _day(at, -10).date().isoformat()
    _do(cast, made, "ask_move", "officer", _day(at, -26), on=to_on, reason="井盖规格特殊，须定制")
    _do(cast, made, "grant_move", "supervisor", _day(at, -25))
    _do(cast, made, "report_done", "officer", _day(at, -14), note="7个井盖已全部更换", stage="after")
    _do(cast, made, "confirm", "clerk2", _day(at, -12), note="现场看过，都换好了")


def _to_be_reviewed(cast: Cast, at: datetime) -> None:
    """Nobody named a day: it is looked at again."""
    _make(cast, at, "夏东社区", "SERVICE", "研究把楼长接待日延长到晚上，方便上班的居民")
