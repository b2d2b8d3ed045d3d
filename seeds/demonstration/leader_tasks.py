"""What leaders are asked in the demonstration: a notice and a visit that wait, a rain round that is over."""

from datetime import datetime, time, timedelta

from common.clock import local
from communities.models import Building
from leaders.choosing import ChosenPlaces
from leaders.models import LeaderAnswer, LeaderTask
from leaders.services.answering import answer
from leaders.services.elapsing import let_end
from leaders.services.sending import NewTask, send
from seeds.demonstration.cast import Cast
from seeds.demonstration.own_data import office_day


def load_leader_tasks(cast: Cast, at: datetime) -> None:
    """Asked by 大德社区 of its leaders, 陈惠珍 among them, and by the office of all."""
    today, dade = local(at).date(), cast.communities["大德社区"]
    before, clerk = office_day(at, 12, time(9, 20)), cast.actor("clerk2")
    rain = send(
        given=NewTask(
            *("rain", cast.subdistrict, "暴雨将至，请看看积水点"),
            text="请到积水点看一看：井盖、雨水口有没有堵，低处的车请提醒挪开。", warning="orange", hours=6,
        ),
        by=cast.actor("supervisor"), at=before,
    )  # fmt: skip
    _answer(cast, rain, "dealt", "雨水口的落叶清了", before + timedelta(hours=1))
    let_end(rain.pk, rain.due_at)
    send(
        given=NewTask(
            *("notice", cast.subdistrict, "水泵房检修，周五上午停水"), community=dade,
            text="周五 9:00 至 12:00 停水，请转告住户提前储水。", on=today + timedelta(days=2),
        ),
        by=clerk, at=at,
    )  # fmt: skip
    held = Building.objects.filter(leader_places__leader=cast.leader).values_list("pk", flat=True)
    around = Building.objects.filter(community=dade, leader_places__isnull=False).order_by("pk")
    chosen = frozenset([*held, *around.values_list("pk", flat=True)[:4]])
    send(
        given=NewTask(
            *("visit", cast.subdistrict, "消防通道堆物，请上门提醒"), community=dade,
            text="请提醒住户把楼道里的杂物搬走，下周社区来复查。", on=today + timedelta(days=5),
            chosen=ChosenPlaces(buildings=chosen),
        ),
        by=clerk, at=at,
    )  # fmt: skip


def _answer(cast: Cast, task: LeaderTask, reply: str, note: str, at: datetime) -> None:
    """By the leader of the demo account, for each place that was asked."""
    for row in LeaderAnswer.objects.filter(task=task, leader=cast.leader).order_by("id"):
        answer(answer_id=row.pk, reply=reply, note=note, by=cast.actor("leader"), at=at)
