"""Words that say that somebody is in danger now: whom to dial first, and how urgent the matter is.

The list is a table that each sub-district edits (``EmergencyWord``); what the product knows stands below. Reading is
kept simple, and errs towards the alarm:

- A word counts wherever it stands, but not inside a longer word of the list: 落水管 covers 落水. Words without a level
  are there only for that (false friends: a downpipe, a lift that "troubles", people in poverty 特困人员).
- It does not count straight after a word of ``NOT_NOW`` (没有起火, 预防触电, 担心着火): nothing is burning; unless that
  word is but the end of one of ``NO_DENIAL`` (老曾晕倒, 叫消防起火了).
- Nothing else is understood: no tense, no irony, no "yesterday". A false alarm costs a look; a missed one a life.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext as _

from common.held import Held
from common.plain import plain
from communities.models import EmergencyWord
from communities.suggestions import places_of

NOT_NOW: Final = (
    *("没有", "没", "沒有", "沒", "未", "冇", "不是", "并非", "不算", "唔系", "非", "无"),
    *("防", "防止", "预防", "避免", "以免", "免得", "谨防", "严防", "小心", "当心", "注意", "谨慎"),
    *("怕", "担心", "害怕", "容易", "易", "万一", "不会", "曾", "曾经", "勿", "not ", "no ", "never "),
)
"""Straight before a word of the list, these say that it is not happening."""

NO_DENIAL: Final = (
    *("有没有", "有沒有", "有没", "有无", "有冇", "是不是", "系唔系", "会不会", "會不會"),
    *("恐怕", "只怕", "消防", "联防", "淹没", "埋没", "交易", "是非"),
    *(f"{before}{name}" for name in "曾易" for before in ("老", "小", "阿", "姓")),
)
"""Questions, fears that it is so, and words and names that only end like one of ``NOT_NOW``: these deny nothing."""

_SPACES: Final = re.compile(r"(?<![a-z0-9])\s+|\s+(?![a-z0-9])")
_RANK: Final = {"critical": 2, "urgent": 1}


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the list; without a ``level`` it only covers shorter ones."""

    word: str
    level: str
    dial: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """What a text says: how urgent it is, whom to dial, and the words that decided, in the order of the text."""

    level: str = ""
    dial: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words)


NO_ALARM: Final = Alarm()


def raised_level(level: str, alarm: Alarm) -> str:
    """``level``, or that of the alarm where it is the more urgent."""
    return alarm.level if _RANK.get(alarm.level, 0) > _RANK.get(level, 0) else level


def find_alarm(subdistrict_id: int | None, *texts: str) -> Alarm:
    """What the words of a matter say, by the sub-district's list. No statement while the list is fresh, else one.

    Each of the texts is a sentence of its own: 无 in one denies nothing in the next.
    """
    return read_alarm("。".join(texts), words_of(subdistrict_id))


def call_of(dial: str) -> dict[str, str]:
    """A number with whose it is, as templates take it: 119 火警."""
    names = {"119": _("火警"), "110": _("报警"), "120": _("急救"), "95598": _("供电抢修")}
    return {"number": dial, "name": names.get(dial, _("抢修电话"))}


def read_alarm(text: str, words: Iterable[Word]) -> Alarm:
    """The alarm of ``text``. Pure."""
    said, rows = _folded(text), {_folded_word(row.word): row for row in words}
    found = [
        row for start, word in sorted(places_of(said, rows)) if not _denied(said, start) and (row := rows[word]).level
    ]
    if not found:
        return NO_ALARM
    ranked = sorted(found, key=lambda row: -_RANK[row.level])
    return Alarm(
        level=ranked[0].level,
        dial=tuple(dict.fromkeys(row.dial for row in ranked if row.dial)),
        words=tuple(dict.fromkeys(row.word for row in found)),
    )


def _folded(text: str) -> str:
    """Full-width as half-width, lower case, without what cannot be seen; spaces only between Latin words."""
    return _SPACES.sub("", plain(text).lower())


_folded_word = lru_cache(maxsize=4096)(_folded)
"""The same few hundred for every matter."""


def _denied(text: str, start: int) -> bool:
    before = text[max(0, start - 6) : start]
    return before.endswith(NOT_NOW) and not before.endswith(NO_DENIAL)


def forget() -> None:
    """Drop what this process holds, so that the next read asks the database."""
    _words.forget()


def words_of(subdistrict_id: int | None) -> Sequence[Word]:
    """The words that hold in a sub-district: the installation's, and its own in place of them; None: no own ones."""
    return _words.of(subdistrict_id)


def _read_words(subdistrict_id: int | None) -> Sequence[Word]:
    rows = EmergencyWord.objects.filter(Q(subdistrict_id=subdistrict_id) | Q(subdistrict=None), retired_at=None)
    by_word = {word.word: word for word in DEFAULT_WORDS}
    stored = sorted(rows, key=lambda row: (row.subdistrict_id is not None, row.pk))
    if any(row.subdistrict_id is None for row in stored):
        by_word = {}
    by_word |= {row.word: Word(row.word, row.level, row.dial) for row in stored}
    return tuple(by_word.values())


_words = Held(_read_words)


def _known(level: str, dial: str, words: str) -> list[Word]:
    return [Word(word.replace("_", " "), level, dial) for word in words.split()]


DEFAULT_WORDS: Final = (
    *_known(
        "critical",
        "119",
        "起火 着火 著火 失火 火烛 火燭 火灾 火災 火情 烧起来 燒起來 烧着 被困 困人 困𨋢 困lift 困电梯 困電梯 "
        "困在电梯 困在電梯 "
        "困喺 爆炸 坍塌 倒塌 漏气 漏氣 漏煤气 漏煤氣 煤气漏 煤氣漏 煤气泄漏 煤气泄露 煤氣洩漏 燃气泄漏 燃气泄露 "
        "燃气漏 漏燃气 天然气漏 天然气泄 漏天然气 煤气有味 燃气有味 天然气味 "
        "着了火 着大火 起大火 起了火 火警 爆燃 困住 困了人 里困了 里面困了 关在电梯 卡在电梯 塌了 塌下来 "
        "漏石油气 煤气味 煤氣味 燃气味 瓦斯泄漏 on_fire caught_fire there_is_a_fire fire_broke_out gas_leak smell_gas "
        "trapped explosion collapsed "
        "stuck_in_lift stuck_in_the_lift stuck_in_a_lift stuck_in_elevator stuck_in_the_elevator fire! "
        "着咗火 火光冲天 电梯坠落 电梯下坠 电梯急坠 building_is_burning house_is_burning",
    ),
    *_known(
        "critical",
        "120",
        "触电 觸電 电亲 電親 落水 掉水里 掉进水 掉河里 掉进河 溺水 遇溺 晕倒 暈倒 晕低 暈低 晕过去 昏过去 "
        "昏迷 昏倒 倒地不起 不省人事 没有呼吸 沒有呼吸 大出血 "
        "心脏病发 中风 救命 "
        "electrocuted electric_shock drowning fell_into_the_water unconscious heart_attack help_me "
        "坠楼 墜樓 坠江 坠河 坠井 跌落河 跌落楼 摔下楼 掉井里 掉进井 "
        "抽搐 休克 昏厥 晕咗 暈咗 触電 "
        "被电到 被电击 电死人 喝农药 喝了农药 煤气中毒 煤氣中毒 一氧化碳中毒 血流不止 流血不止 "
        "突发心梗 not_breathing bleeding_heavily "
        "fell_from_the_balcony fell_from_the_window carbon_monoxide",
    ),
    *_known(
        "critical",
        "110",
        "跳楼 跳樓 要跳下 跳河 跳江 "
        "轻生 輕生 自杀 自殺 割腕 吊颈 上吊 砍人 斩人 斬人 捅人 持刀 拿刀 杀人 殺人 绑架 打劫 抢劫 "
        "suicide stabbed kidnapped robbery 割脉 持械 man_with_a_knife",
    ),
    *_known("critical", "95598", "电线掉 電線掉 电线断 電線斷 电线垂落 高压线掉 高压线断 高壓線斷 高压线垂"),
    *_known("urgent", "119", "冒烟 冒煙 冒浓烟 浓烟 smoke_coming"),
    *_known("urgent", "110", "打人 殴打 毆打 打架 打交 家暴 家庭暴力 being_beaten"),
    *_known("urgent", "95598", "漏电 漏電"),
    *_known(
        "",
        "",
        "落水管 落水口 落水井 落水槽 被困扰 被困擾 贫困人 貧困人 特困人 困难人 跳楼价 跳楼机 漏电保护 漏电开关 "
        "漏电断路 "
        "触电保护 火灾报警 火灾自动 火警电话 火警报警 火警系统 火灾隐患 火灾应急 火灾演练 "
        "起火隐患 着火隐患 触电隐患 触电风险 触电危险 着火风险 "
        "漏气报警 泄漏报警 煤气泄漏报警 燃气泄漏报警 爆炸性 信息爆炸 倒塌风险 坍塌风险 坍塌隐患 倒塌隐患 打人行 "
        "砍人行 打交道 "
        "打人电话 救命恩人 救命之恩 救命稻草 胎漏气 气球漏气 冒烟管 打架子 电线断断续续 "
        "一起火锅 吃起火锅 吃着火锅 打起火锅 煮起火锅 涮起火锅 开起火锅 做起火锅 搞起火锅 摆起火锅 卖起火锅 办起火锅 "
        "起火锅店 起火锅城 起火锅派对 其中风险 集中风险 空中风险 上吊顶 上吊灯 上吊扇 上吊柜 打人民 打人社 打人才 "
        "please_help_me can_you_help_me could_you_help_me help_me_with help_me_to "
        "坠楼隐患 坠楼风险 休克疗法 一氧化碳中毒宣传 煤气中毒宣传 "
        "carbon_monoxide_alarm",
    ),
)
"""What the product knows, as the migration puts it into the table; it also stands for a table without such rows."""
