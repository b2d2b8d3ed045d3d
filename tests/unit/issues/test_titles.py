"""The title is the first words that say something."""

import time

import pytest

from issues.titles import LENGTH, given_title, title_of


@pytest.mark.parametrize(
    ("description", "title"),
    [
        ("！！！水管爆了，满屋子水", "水管爆了，满屋子水"),
        ("您好！水管爆了。快来", "水管爆了"),
        ("你好，请问医保怎么办？", "医保怎么办"),
        ("喂，你好！路灯不亮", "路灯不亮"),
        ("喂狗的人很多", "喂狗的人很多"),
        ("我想反映一下桂平路积水严重。", "桂平路积水严重"),
        ("我们想要反映一个问题：夜间施工", "夜间施工"),
        ("Hello! The lamp is broken. Please", "The lamp is broken"),
        ("Hi, lamp broken", "lamp broken"),
        ("Hi-tech park noise", "Hi-tech park noise"),
        ("尊敬的领导：\n  我家漏水", "我家漏水"),
        ("社区工作人员您好，垃圾没人收", "垃圾没人收"),
        ("急！急！急！电梯困人", "电梯困人"),
        ("\u200b\u200b。。。\u202e路灯坏了\n第二行", "路灯坏了"),
        ("您好！", "您好"),
        ("在吗？楼道灯坏了", "楼道灯坏了"),
        ("喂，你好，是社区吗？水管爆了", "水管爆了"),
        ("我电话13800001111。下水道堵了", "下水道堵了"),
        ("1、路灯不亮", "1、路灯不亮"),
        ("3.5米高的树倒了", "3.5米高的树倒了"),
        ("【紧急】水管爆", "【紧急】水管爆"),
        ("我是张三13800001111，我家漏水", "我是张三，我家漏水"),
        ("13800001111", "[电话]"),
        ("🔥🔥🔥", "🔥🔥🔥"),
        ("！！！", ""),
        ("\u200b\u3164\u2800", ""),
        ("路" * 100, "路" * (LENGTH - 1) + "…"),
    ],
)
def test_of_a_description(description: str, title: str) -> None:
    assert title_of(description) == title


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("您好！水管爆", "水管爆"),
        ("！！！", ""),
        ("\u200b", ""),
        ("水管。爆了", "水管。爆了"),
        (" a \n b", "a b"),
        ("您好", "您好"),
    ],
)
def test_of_staff(typed: str, title: str) -> None:
    assert given_title(typed) == title


@pytest.mark.parametrize(
    "hostile", ["您好！" * 13_000, "！" * 40_000, "(（" * 20_000, "尊敬的" + "各位" * 20_000, "喂" * 40_000]
)
def test_in_linear_time(hostile: str) -> None:
    began = time.process_time()
    title_of(hostile)
    assert time.process_time() - began < 2
