"""Pinyin of places, and names and telephone numbers of people who do not exist.

Names are composed of a surname and two given characters, then held against a short list of well-known persons.
Telephone numbers begin with 199 0000 or 0757-0000, which are in nobody's use.
"""

from random import Random
from typing import Final

from communities.naming import in_one_word

_SPLIT: Final = {"江南名居": ("江南", "名居")}

_SURNAMES: Final = "陈梁黄何李罗冼麦霍邓关潘区崔庞莫伍黎谭冯曾叶苏钟郑谢郭温卢简孔林吴周杨张"
_MALE: Final = (
    "焕锡炳兆润棠沛耀锦柏德启绍健广根满桂顺金添树福国永伟",
    "棠恒潮枝波辉权泉森初洪波添昌成坤荣松延川标汉洲锋凯",
)
_FEMALE: Final = (
    "婉惠淑翠凤月秀瑞妙笑丽美少带银彩玉佩锦杏焕柳燕肖绮细",
    "娴珍芬玲琼娣冰莲英卿群霞芳萍云桃好葵仪欢兰娇嫦嫣媚",
)
_WELL_KNOWN: Final = frozenset(
    "郑少秋 谭咏麟 李丽珍 周润发 黄霑 罗文 关德兴 李兆基 何鸿燊 郭富城 梁朝伟 冯绍峰 吴健雄 杨德昌 张国荣 "
    "郭炳湘 谢霆锋 林青霞 叶德娴 张柏芝 莫少聪 郑裕彤 李金泉 杨丽萍 周秀娜 叶玉卿 林凤娇 谭玉霞 张玉珊 杨秀琼".split()
)


def english_name(text: str) -> str:
    """The pinyin in one word, as on road signs: 东二 → Dong'er."""
    words = _SPLIT.get(text, (text,))
    return " ".join(in_one_word(word) for word in words)


def person(random: Random, *, female: bool | None = None) -> str:
    """An invented name of three characters."""
    while True:
        is_female = random.random() < 0.55 if female is None else female
        second, third = _FEMALE if is_female else _MALE
        name = random.choice(_SURNAMES) + random.choice(second) + random.choice(third)
        if name not in _WELL_KNOWN and name[1] != name[2]:
            return name


def mobile(serial: int) -> str:
    """The ``serial``-th number (0–9999) of the invented range 199 0000."""
    if not 0 <= serial <= 9999:
        raise ValueError("the range has 10,000 numbers")
    return f"1990000{serial:04d}"
