"""Emergency words: sentences that raise an alarm and sentences that raise none."""

import pytest

from communities.emergencies import DEFAULT_WORDS, NO_ALARM, Word, find_alarm, forget, raised_level, read_alarm

DANGER = (
    ("电梯困人了，快来救人，起火了", "critical", ("119",)),
    ("三楼着火", "critical", ("119",)),
    ("楼下火烛啊", "critical", ("119",)),
    ("隔篱屋火燭，快啲嚟", "critical", ("119",)),
    ("有人困𨋢，困咗半个钟", "critical", ("119",)),
    ("阿婆被困在电梯里", "critical", ("119",)),
    ("厨房煤气泄漏", "critical", ("119",)),
    ("楼道里好大煤气味", "critical", ("119",)),
    ("煤气罐漏气", "critical", ("119",)),
    ("工人触电倒地", "critical", ("120",)),
    ("有个细路跌落水", "critical", ("120",)),
    ("老人晕倒在楼梯口", "critical", ("120",)),
    ("有人要跳楼", "critical", ("110",)),
    ("有人拿刀砍人", "critical", ("110",)),
    ("救命！", "critical", ("120",)),
    ("路边电线掉下来了", "critical", ("95598",)),
    ("路灯杆漏电", "urgent", ("95598",)),
    ("楼下有人打人", "urgent", ("110",)),
    ("垃圾房冒烟", "urgent", ("119",)),
    ("没有打架，但是有人落水", "critical", ("120",)),
    ("不是冒烟，是起火", "critical", ("119",)),
    ("落水管坏了，又有人落水", "critical", ("120",)),
    ("起 火 了", "critical", ("119",)),
    ("火锅店起火锅炉爆了", "critical", ("119",)),
    ("有人要上吊", "critical", ("110",)),
    ("help me!", "critical", ("120",)),
    ("一起火灾", "critical", ("119",)),
    ("起\u200b火了", "critical", ("119",)),
    ("消防门外着火", "critical", ("119",)),
    ("有人打人，三楼起火", "critical", ("119", "110")),
    ("The flat is ON FIRE", "critical", ("119",)),
    ("My mother is trapped in the lift", "critical", ("119",)),
    ("There is a gas leak", "critical", ("119",)),
    ("天然气泄漏了", "critical", ("119",)),
    ("家里天然气漏了", "critical", ("119",)),
    ("电梯困住两个老人出不来", "critical", ("119",)),
    ("电梯里面困了三个人", "critical", ("119",)),
    ("卡在电梯里出不来", "critical", ("119",)),
    ("楼下起大火了", "critical", ("119",)),
    ("充电的时候爆燃", "critical", ("119",)),
    ("有没有起火不知道，楼道全是烟味", "critical", ("119",)),
    ("外墙塌了压到人", "critical", ("119",)),
    ("老人晕过去了", "critical", ("120",)),
    ("小孩掉水里了", "critical", ("120",)),
    ("有人要跳下来", "critical", ("110",)),
    ("People stuck in the lift", "critical", ("119",)),
    ("Fire!", "critical", ("119",)),
    ("邻居老曾晕倒在楼道", "critical", ("120",)),
    ("小易触电了", "critical", ("120",)),
    ("快叫消防起火了", "critical", ("119",)),
    ("楼上恐怕起火了", "critical", ("119",)),
    ("楼道有没起火不清楚", "critical", ("119",)),
    ("一屋怪味，会不会爆炸", "critical", ("119",)),
    ("车库淹没触电", "critical", ("120",)),
    ("有人坠楼了，快来", "critical", ("120",)),
    ("阿婆抽搐，口吐白沫", "critical", ("120",)),
    ("一家三口煤气中毒", "critical", ("120",)),
    ("工人手断了血流不止", "critical", ("120",)),
    ("小孩掉井里了", "critical", ("120",)),
    ("隔壁的人喝农药了", "critical", ("120",)),
    ("高压线断了搭在路上", "critical", ("95598",)),
    ("He is not breathing", "critical", ("120",)),
)
NO_DANGER = (
    "阳台栏杆松动，有坠楼风险",
    "冬天请多做煤气中毒宣传",
    "请预防一氧化碳中毒",
    "火警电话是多少",
    "Fire lane is blocked",
    "楼道灭火器过期了",
    "防火门关不上",
    "消防通道被占",
    "落水管漏水",
    "长期被困扰，睡不好",
    "贫困人口怎么申请补助",
    "特困人员补贴",
    "没有起火，只是跳闸",
    "电动车乱停，担心着火",
    "希望做好预防触电的宣传",
    "容易起火，请清理杂物",
    "万一着火怎么办",
    "漏电保护器跳闸",
    "配电房有触电危险标志掉了",
    "打人行道旁边的树",
    "房价是跳楼价",
    "感谢你们的救命之恩",
    "轮胎漏气",
    "邻居不好打交道",
    "楼下店里又吃起火锅了，油烟大",
    "邻居在阳台上一起火锅聚餐",
    "广场上摆起火锅摊",
    "施工方案其中风险不小",
    "楼上吊顶掉灰",
    "拨打人民调解电话没人接",
    "Could you help me with the street lamp",
    "Please help me",
    "燃气管道什么时候接通",
    "煤气开户怎么办理",
    "路灯不亮",
    "积水",
    "",
    "not on fire",
    "the fire extinguisher is out of date",
)


@pytest.mark.parametrize(("text", "level", "dial"), DANGER)
def test_danger(text: str, level: str, dial: tuple[str, ...]) -> None:
    alarm = read_alarm(text, DEFAULT_WORDS)
    assert (alarm.level, alarm.dial) == (level, dial)
    assert alarm.words


@pytest.mark.parametrize("text", NO_DANGER)
def test_no_danger(text: str) -> None:
    assert read_alarm(text, DEFAULT_WORDS) == NO_ALARM


@pytest.mark.django_db
def test_each_text_stands_by_itself() -> None:
    """无 as an address, or a title that ends so, denies nothing of the description; nor do two texts make a word."""
    forget()
    assert find_alarm(None, "电梯按钮没", "起火了").level == "critical"
    assert find_alarm(None, "起火了", "无").level == "critical"
    assert find_alarm(None, "灯管跌落", "水浸街") == NO_ALARM


def test_every_word_of_the_list_raises_what_it_says() -> None:
    assert len({row.word for row in DEFAULT_WORDS}) == len(DEFAULT_WORDS)
    for row in DEFAULT_WORDS:
        alarm = read_alarm(f"这里{row.word}了", DEFAULT_WORDS)
        assert (row.level, row.dial) == (alarm.level, alarm.dial[0] if alarm else ""), row


def test_the_more_urgent_level_holds() -> None:
    alarm = read_alarm("漏电", [Word("漏电", "urgent", "95598")])
    assert [raised_level(level, alarm) for level in ("critical", "urgent", "normal", "project")] == [
        "critical", "urgent", "urgent", "urgent",
    ]  # fmt: skip
