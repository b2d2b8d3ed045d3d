"""Beside meetings in the demonstration: visits, who holds a post beside the staff, activities of stations."""

from datetime import date, datetime, time, timedelta

from common.clock import local
from communities.models import AppointmentKind
from meetings.enums import ActivityKind, VisitKind
from meetings.services import stations
from meetings.services.appointing import NewAppointment, appoint
from meetings.services.visiting import Brought, NewVisit, add_brought, record_visit
from seeds.demonstration.cast import Cast
from seeds.demonstration.own_data import office_day


def load_stations(cast: Cast, at: datetime) -> None:
    """A few of each; most communities still wait for a visit."""
    _visits(cast, at)
    _appointments(cast, at)
    _activities(cast, at)


def _visits(cast: Cast, at: datetime) -> None:
    """A liaison team in one community, deputies at the station of another; one was visited long ago."""
    by = cast.actor("supervisor")
    told = (
        (VisitKind.LIAISON, "夏东社区", "PARTY", 121, "东约后巷路灯不亮", "市政办当晚已修复"),
        (VisitKind.LIAISON, "大德社区", "PARTY", 23, "碧湖花园的快递柜占了通道", "物业当场移开，已划线"),
        (VisitKind.DEPUTY, "平东社区", "CONGRESS", 12, "老人过马路时间不够", "代表已记下，请交通办现场调整了配时"),
    )
    for kind, community, team, days, words, answer in told:
        day = office_day(at, days, time(15, 0))
        visit = NewVisit(
            *(cast.communities[community], kind.value, local(day).date(), cast.departments.get(team)),
            members="街道挂点干部、社区书记", place="社区党群服务中心", visitors=6,
        )  # fmt: skip
        made = record_visit(given=visit, by=by, at=day)
        add_brought(visit_id=made.pk, given=Brought(f"visit-{made.pk:06d}", words, answer), by=by, at=day)


def _appointments(cast: Cast, at: datetime) -> None:
    """Of the office and of communities; one term ends soon."""
    today = local(at).date()
    told = (
        (AppointmentKind.PART_TIME, "林志强", "物业公司项目经理", "大德社区", today + timedelta(days=32)),
        (AppointmentKind.WORTHY, "关伯年", "退休教师", "平东社区", date(today.year + 1, 12, 31)),
        (AppointmentKind.EXPERT, "黄敏", "规划院高级工程师", "", date(today.year + 2, 6, 30)),
    )
    for kind, name, post, community, until in told:
        given = NewAppointment(
            *(cast.subdistrict, kind.value, name, post, date(today.year - 1, 1, 1), until),
            community=cast.communities[community] if community else None,
        )
        appoint(given=given, by=cast.actor("supervisor"), at=at)


def _activities(cast: Cast, at: datetime) -> None:
    """One that was held, one to come."""
    by, before = cast.actor("supervisor"), office_day(at, 20, time(9, 0))
    told = (
        (ActivityKind.SERVICE, "便民维修日：磨刀、补锅、修家电", "平东社区", before, "居民"),
        (ActivityKind.TRAINING, "电动自行车充电安全讲座", "大德社区", at, "楼长、物业公司员工"),
    )
    made = [
        stations.announce_activity(
            given=stations.NewActivity(
                *(cast.departments["SERVICE"], f"{community}党群服务站", title, kind.value),
                on=local(day).date() + timedelta(days=6), community=cast.communities[community], audience=audience,
            ),
            by=by,
            at=day,
        )
        for kind, title, community, day, audience in told
    ]  # fmt: skip
    held = made[0]
    day = before + timedelta(days=6, hours=8)
    stations.note_held(activity_id=held.pk, people=86, version=held.version, by=by, at=day)
