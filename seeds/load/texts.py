"""The words of synthetic issues, put together from clauses, with the lexemes of every clause made once.

Clauses are separated by punctuation, so no search window crosses from one into the next: the lexemes of a text are the
union of its clauses' (tests hold this against ``issues.services.creation.searchable``).
"""

from collections.abc import Sequence
from random import Random
from typing import Final

from common import search

_KEPT: Final = 200_000
_known: dict[str, frozenset[str]] = {}

_PROBLEMS: Final[dict[str, Sequence[str]]] = {
    "01": ("垃圾堆放多日未清运", "果皮箱满溢", "巷道污水横流有异味", "绿化带被倒了装修垃圾", "垃圾分类投放点开门太晚"),
    "02": ("大树枝条压到电线", "草坪长期没人修剪", "行道树枯死倾斜", "绿化带被踩成小路", "树根拱起人行道"),
    "03": ("大雨后积水没过脚踝", "下水道堵塞倒灌", "井盖缺失用木板遮着", "雨水口被淤泥堵住", "污水排进河涌"),
    "04": ("保洁减少到每天一次", "门禁坏了无人维修", "物业费上涨没有公示", "电话报修没人接听", "保安夜间不巡逻"),
    "05": ("业委会账目三年没有公开", "业委会任期已满未换届", "公共收益去向不明", "业主大会表决结果没有公告"),
    "06": ("加装电梯方案未征求低层意见", "电梯连续停运", "加装电梯公示期内有异议", "电梯运行有异响"),
    "07": ("老旧小区改造施工扰民", "改造后外墙渗水", "楼道照明改造未完成", "希望纳入改造计划"),
    "08": ("路面坑洼多人摔倒", "路口红绿灯时间太短", "路牌被树遮挡", "道路施工围挡占用车道", "人行道地砖松动"),
    "09": ("人行道停满小车", "夜间停车位严重不足", "货车占用消防车道", "共享单车堆满出入口", "机动车道两边违停"),
    "10": ("电动车在楼道充电", "消防通道被杂物堵塞", "飞线充电从五楼拉下来", "灭火器已过有效期"),
    "11": ("监控摄像头损坏", "夜间巷口没有照明", "陌生人随意进出", "围墙有缺口可以翻越"),
    "12": ("楼上装修噪声扰民", "宵夜档营业到凌晨", "邻居漏水协商不成", "广场舞音响太大", "空调外机滴水"),
    "13": ("天台违章搭建铁皮房", "流动摊贩占道经营", "商铺招牌松动", "墙面乱涂乱贴小广告"),
    "14": ("路灯不亮已有一段时间", "公园健身器材损坏", "停水没有提前通知", "儿童滑梯螺丝外露", "公厕门锁坏了"),
    "15": ("独居老人无人照料", "高龄津贴申请后没有回音", "残疾人坡道被占用", "长者饭堂排队太久"),
    "16": ("子女入学材料不知道如何准备", "积分入学加分项有疑问", "居住证办理时间太长", "新市民活动信息看不到"),
    "17": ("集体物业租约到期没有公告", "经济社分红明细没有公示", "厂房续约条件不清楚", "旧改补偿口径不一致"),
}
_ANY: Final = ("有问题需要协调处理", "相关事项希望尽快办理", "情况影响居民日常生活")
_SINCE: Final = ("今天早上发现", "昨晚开始", "上周以来", "近一个月", "入夏以后", "每到周末", "下雨之后", "早晚高峰时段")
_DETAILS: Final = (
    "老人和小孩经过很不方便",
    "已经有居民差点摔倒",
    "向物业反映过没有结果",
    "附近商户也有意见",
    "拍了照片可以提供",
    "影响到周围几栋楼的住户",
    "担心台风天出安全事故",
    "之前处理过一次后又出现",
    "夜间尤其严重",
    "接送孩子的家长都要绕行",
)
_COUNTS: Final = ("持续了{n}天", "大约有{n}户受影响", "前后反映过{n}次", "长度大概{n}米")
_ASKS: Final = (
    "请派人到现场看看",
    "希望尽快处理并答复",
    "请协调有关单位解决",
    "盼望有一个长期的办法",
    "请告知什么时候可以处理好",
    "希望处理后回个电话",
)
NOTES: Final[dict[str, Sequence[str]]] = {
    "reject": ("您反映的事项请到对应窗口提出，联系方式已告知。", "经核对，该事项不属于本街道处理范围，已说明去向。"),
    "answer_now": (
        "已当场说明办理条件和所需材料。",
        "已告知办事地点、时间和流程。",
        "已解释相关规定，来访人表示清楚。",
    ),
    "return": ("该路段由其他单位管养，附管养范围图。", "经现场查看，责任主体不是本单位。"),
    "reply": (
        "已安排人员到现场处理完毕，并加强巡查。",
        "已修复并清理现场，后续纳入日常管养。",
        "经核查情况属实，已督促责任方整改到位。",
        "已与各方协商，按约定时间分步解决。",
        "经现场核查，已向反映人说明情况和依据。",
    ),
    "verify_pass": ("电话核实，反映人确认已处理。", "现场查看，问题已处理。", "与楼长核实，情况与答复一致。"),
    "redo": ("现场仍有同样问题，请继续处理。", "反映人表示只处理了一部分，请再次跟进。"),
    "wait": ("配件到货时间推迟，需要多几天。", "须等资金计划下达，下达后立即安排施工。"),
    "order": ("超期未办结，请书面说明原因和完成时间。", "反复反映，请主要负责人过问并限期办结。"),
    "contact": ("已向反映人了解具体位置和时间。", "已告知受理情况和大致办理时间。"),
    "progress": ("已到现场查看，正在安排施工。", "材料已到，预计两天内完成。"),
}


class IssueTexts:
    """The texts of one issue."""

    __slots__ = ("address", "description", "lexemes", "title")

    def __init__(
        self, random: Random, category: str, community: str, places: Sequence[str], *, confidential: bool
    ) -> None:
        """``places``: names from the largest to the smallest, e.g. an estate and a building; may be empty.

        A ``confidential`` matter is not found by its address.
        """
        choice = random.choice
        problem = choice(_PROBLEMS.get(category[:2], _ANY))
        where = places[0] if places else community
        self.title = where + problem
        detail = choice(_DETAILS) if random.random() < 0.7 else choice(_COUNTS).format(n=random.randint(2, 30))
        since, ask = choice(_SINCE), choice(_ASKS)
        self.description = f"{since}，{where}{problem}，{detail}。{ask}。"
        self.address = f"{where}{random.randint(1, 60)}号附近" if random.random() < 0.3 else ""
        parts = {self.title, community, since, detail, ask, *places}
        if self.address and not confidential:
            parts.add(self.address)
        self.lexemes = frozenset().union(*map(_quoted, parts))


def _quoted(clause: str) -> frozenset[str]:
    """The clause's lexemes as a ``tsvector`` is written (they are letters, digits and Chinese characters only)."""
    found = _known.get(clause)
    if found is None:
        if len(_known) > _KEPT:
            _known.clear()
        found = _known[clause] = frozenset(f"'{lexeme}'" for lexeme in search.lexemes(clause))
    return found
