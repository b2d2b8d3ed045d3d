"""What a note may not say of somebody's health or means, and what it may."""

import pytest

from ledger.private_words import private_words

REFUSED = [
    ("visit", "何婆婆一个人住，血压药快吃完了", "", ""),
    ("help", "帮低保户送米", "", ""),
    ("dispute", "楼上精神病人半夜敲墙", "", ""),
    ("visit", "她儿子 失\u200b 业 了", "", ""),
    ("visit", "ＨＩＶ", "", ""),
    ("visit", "asked about her blood  pressure", "", ""),
    ("safety", "劝导残疾人飞线充电", "", "602"),
    ("policy", "向何婆婆宣传低保政策", "", ""),
    ("safety", "3栋602住户酗酒，检查煤气", "", ""),
    ("help", "上门看望", "贫困户何某", ""),
]
KEPT = [
    ("visit", "上门看望，陪同去社区办事", "何婆婆", "602"),
    ("help", "送米和油，修好水龙头", "", ""),
    ("policy", "宣传低保、医保政策 20 户", "", ""),
    ("safety", "清理无障碍坡道，方便残疾人通行", "", ""),
    ("dispute", "楼上漏水，双方约定周六修", "", ""),
    ("visit", "了解加装电梯意见，资料无穷多", "", ""),
    ("visit", "archived the list, looked at the kitchen", "", ""),
    ("visit", "", "", ""),
]


@pytest.mark.parametrize(("kind", "note", "person", "room"), REFUSED)
def test_health_and_means_of_somebody_are_found(kind: str, note: str, person: str, room: str) -> None:
    assert private_words(kind, note, person=person, room=room)


@pytest.mark.parametrize(("kind", "note", "person", "room"), KEPT)
def test_what_was_done_is_kept(kind: str, note: str, person: str, room: str) -> None:
    assert private_words(kind, note, person=person, room=room) == ()
