"""What the rules against formalism at the fingertips forbid is nowhere in the product (docs/rules/leaders.md).

No check-in, no points or ranking of people, no time spent online, no forced installation, no position asked for.
"""

import re
from pathlib import Path

import polib
import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parents[2]
WORDS = re.compile("打卡|积分|排名|排行|得分|评分榜|在线时长|活跃度|先进榜|红黑榜")
DENIED = re.compile("不[^，。；：]*")
"""What a sentence says is not done."""

FIELDS = re.compile(r"(^|_)(score|scores|points|ranking|check_?in|checkin|online|taps|clicks|opened_times|logins)(_|$)")
ASKS_WHERE = ("geolocation", "getCurrentPosition", "watchPosition", "beforeinstallprompt")


def offending(texts: list[str]) -> list[str]:
    """Texts that speak of what is forbidden, but for those that say that it is not done."""
    return [text for text in texts if WORDS.search(DENIED.sub("", text))]


def test_no_text_of_the_interface_speaks_of_it() -> None:
    catalogue = polib.pofile(str(ROOT / "locale" / "en" / "LC_MESSAGES" / "django.po"))
    texts = [part for entry in catalogue for part in (entry.msgid, entry.msgid_plural)]
    assert len(texts) > 2000
    assert offending(texts) == []


@pytest.mark.parametrize("text", ["每日打卡", "楼长积分排行", "按得分排名"])
def test_such_a_text_would_be_found(text: str) -> None:
    assert offending([text]) == [text]


def test_no_column_counts_points_or_presence_of_people() -> None:
    ours = [model for model in apps.get_models() if (ROOT / model._meta.app_label).is_dir()]
    assert len(ours) > 50
    columns = [f"{model.__name__}.{field.name}" for model in ours for field in model._meta.concrete_fields]
    assert [name for name in columns if FIELDS.search(name.partition(".")[2])] == []


def test_no_script_asks_where_somebody_is_or_to_be_installed() -> None:
    scripts = {path: path.read_text(encoding="utf-8") for path in (ROOT / "static" / "js").rglob("*.js")}
    assert [(path, word) for path, text in scripts.items() for word in ASKS_WHERE if word in text] == []
