"""The ledger of the demonstration's leader: some forty invented entries of three months, some set right."""

from datetime import datetime, time, timedelta
from typing import Final

from common.clock import local
from communities.models import LeaderPlace
from ledger.services.recording import NewEntry, correct_entry, record_entry, withdraw_entry
from seeds.demonstration.cast import Cast
from seeds.demonstration.own_data import office_day

_DONE: Final = (
    ("visit", "了解加装电梯意见", "何婆婆", "402"),
    ("safety", "劝离楼道飞线充电1处", "", ""),
    ("policy", "张贴垃圾分类时间表", "", ""),
    ("help", "陪同去社区办事", "何婆婆", "602"),
    ("dispute", "楼上漏水，双方约定周六修", "区先生", "503"),
    ("visit", "上门看望，送月饼", "梁伯", "201"),
    ("safety", "清理楼梯口杂物", "", ""),
    ("policy", "宣传防台风注意事项", "", ""),
    ("visit", "", "", "304"),
    ("dispute", "晾衣滴水，已加挡板", "", ""),
    ("safety", "检查灭火器12个，1个过期已报物业", "", ""),
    ("help", "帮忙交水费", "黄姨", "101"),
    ("policy", "转发社区义诊通知", "", ""),
    ("visit", "新住户登记联系方式", "陈先生", "705"),
)
_ENTRIES: Final = 42
"""Three rounds of what is done; one every other day."""


def load_ledger(cast: Cast, at: datetime) -> None:
    """Every other day something; one entry was corrected, one withdrawn."""
    leader, by = cast.leader, cast.actor("leader")
    place = LeaderPlace.objects.filter(leader=leader).order_by("-first", "id").first()
    made = []
    for number in range(_ENTRIES):
        kind, note, person, room = _DONE[number % len(_DONE)]
        day = office_day(at, 2 * (_ENTRIES - number), time(17, 0))
        given = NewEntry(kind, local(day).date(), place, note, person, room, key=f"demonstration-{number:03d}")
        made.append(record_entry(leader=leader, given=given, by=by, at=day))
    wrong, double = made[3], made[17]
    right = NewEntry("help", wrong.on, place, "陪同去社区办事，已办好", "何婆婆", "602")
    correct_entry(entry_id=wrong.pk, given=right, by=by, at=wrong.made_at + timedelta(hours=1))
    withdraw_entry(entry_id=double.pk, reason="记重了", by=by, at=double.made_at + timedelta(hours=1))
