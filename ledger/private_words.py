"""Words of somebody's health or means, which a ledger does not keep (docs/rules/ledger.md#what-is-not-written).

A note says what the leader did, not how a person is: health is sensitive personal information (PIPL Art. 28), which
wants a purpose that cannot do without it and a consent of its own (Art. 29); a ledger of visits has neither. Who is
poor is on the list of the office that pays. So such words are refused as they are sent, and what was refused is kept
nowhere. The list is short on purpose, plain words that people write; it grows here, with its test.

Reading is simple: a word counts wherever it stands, whatever blanks, widths or invisible characters stand between its
letters; a longer word of ``HARMLESS`` covers it. Of what is done for a place (安全, 宣传) it counts only where the note
names a person or a room: 宣传低保政策 and 残疾人坡道被占用 are about nobody.
"""

import re
from typing import Final

from common.names import names_in
from common.plain import plain
from common.rooms import rooms_in
from ledger.enums import OF_PEOPLE

HEALTH: Final = (
    *(
        "血压",
        "血糖",
        "糖尿病",
        "心脏病",
        "冠心病",
        "心梗",
        "脑梗",
        "中风",
        "癌",
        "肿瘤",
        "化疗",
        "放疗",
        "透析",
        "尿毒症",
    ),
    *(
        "精神病",
        "精神障碍",
        "精神分裂",
        "抑郁",
        "躁郁",
        "癫痫",
        "自闭症",
        "痴呆",
        "认知障碍",
        "阿尔茨海默",
        "智障",
        "智力障碍",
    ),
    *("艾滋", "乙肝", "肝炎", "肺结核", "梅毒", "残疾", "残障", "瘫痪", "卧床", "失能", "失智", "失明", "聋哑", "驼背"),
    *("怀孕", "流产", "不孕", "吸毒", "戒毒", "酗酒", "自残", "病情", "病历", "患病", "重病", "大病", "慢病", "慢性病"),
    *("确诊", "住院", "手术", "吃药", "服药", "降压药", "胰岛素"),
)
POVERTY: Final = (
    *(
        "低保",
        "特困",
        "五保",
        "贫困",
        "贫穷",
        "困难户",
        "困难家庭",
        "低收入",
        "吃不起",
        "交不起",
        "没钱",
        "穷",
        "救济金",
    ),
    *("欠债", "负债", "欠款", "破产", "失信", "失业", "下岗", "没工作"),
)
ENGLISH: Final = (
    *(
        "cancer",
        "tumour",
        "tumor",
        "diabet",
        "dementia",
        "depressi",
        "schizo",
        "epilep",
        "hiv",
        "hepatitis",
        "disabled",
    ),
    *("paraly", "pregnan", "stroke", "addict", "blood pressure", "medication", "hospitalised", "hospitalized"),
    *("poverty", "poor family", "unemploy", "in debt", "bankrupt", "low income", "low-income"),
)
"""Of both kinds, as words begin."""
HARMLESS: Final = ("无穷", "穷尽", "穷追")
"""Longer words in which one of the above means nothing of a person."""
_LATIN: Final = re.compile(rf"(?<![a-z])(?:{'|'.join(ENGLISH)})")
_BLANKS: Final = re.compile(r"\s+")


def private_words(kind: str, note: str, *, person: str = "", room: str = "") -> tuple[str, ...]:
    """The words of the lists that ``note`` says of somebody, in the order of the lists; () for none. Pure."""
    if kind not in OF_PEOPLE and not (person or room or any(names_in(note)) or any(rooms_in(note))):
        return ()
    told = plain(" ".join((note, person, room))).lower()
    said = _BLANKS.sub("", told)
    for longer in HARMLESS:
        said = said.replace(longer, "")
    latin = _LATIN.findall(_BLANKS.sub(" ", told))
    return tuple(dict.fromkeys([*(word for word in (*HEALTH, *POVERTY) if word in said), *latin]))
