"""What a matter is called: the first words that say something. Pure; every door takes its title from here."""

import re
from typing import Final

from common.masking import scrub, without_numbers
from common.plain import says_something, visible

LENGTH: Final = 40
_STOPS: Final = re.compile(r"[。！？!?；;\n]|…{1,2}|\.{2,}|\.(?=\s|$)")
_PAUSE: Final = r"[\s,，、。！？!?~～…:：.]"
_OPENERS: Final = re.compile(
    rf"""(?:
        (?:尊敬的|亲爱的)?(?:各位)?(?:社区|居委会?|村委会?|街道|街道办|政府|平台)?
            (?:领导|同志|书记|主任|老师|师傅|工作人员|管理员|叔叔|阿姨)?(?:们)?(?:您们|你们|大家|您|你)好(?:啊|呀|吗)?
      | (?:尊敬的|亲爱的)(?:各位)?\w{{0,8}}?(?:领导|同志|书记|主任)(?:们)?(?={_PAUSE})
      | (?:各位)?(?:领导|书记|主任|同志|老师|师傅)(?:们)?(?:好)?(?={_PAUSE})
      | (?:大家|早上|上午|中午|下午|晚上)好(?:啊|呀)?
      | (?:请问)?(?:在吗|在么|在不在|有人吗|(?:你|您)?(?:们)?是社区吗)(?={_PAUSE}|$)
      | (?:我的?|本人)?(?:联系)?(?:电话|手机)(?:号码?)?(?:是|为)?(?={_PAUSE}|$)
      | 请问(?:一下|下)? | (?:想|要)?问一下
      | (?:不好意思|对不起|打扰(?:一下)?了?|麻烦(?:您|你)?(?:问)?(?:一下)?)(?={_PAUSE})
      | (?:喂+|嗨|哈喽|哈啰|嘿|哎|唉|嗯|急+|那个|就是)(?={_PAUSE}|您|你|请问|$)
      | (?:事情)?是这样的? (?={_PAUSE})
      | (?:我|我们|本人)?(?:是)?(?:想|要|来|想要|想来|要来)(?:向(?:您|你|社区|街道)(?:们)?)?
            (?:反映|反应|咨询|说|讲|问|了解)(?:一下|下)(?:一?个|一件|几个)?(?:问题|情况|事情|事)?
      | (?:我|我们|本人)?(?:现在)?(?:想|要|来|想要|现)?(?:反映|反应)(?:一?个|一下|以下|如下)?
            (?:问题|情况|事情)(?:如下)?(?={_PAUSE})
      | (?:hello|hi|hey|dear\s+(?:sir|madam|sir\s+or\s+madam|all)|good\s+(?:morning|afternoon|evening)|excuse\s+me)
            (?:\s+(?:there|everyone|all))?(?={_PAUSE}|$|[^\x00-\x7f])
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_BEFORE_WORDS: Final = re.compile(r"[^\w\[#“‘《「『（(【+\-]*")
_CLOSED: Final = {"[": "]", "“": "”", "‘": "’", "《": "》", "「": "」", "『": "』", "（": "）", "(": ")", "【": "】"}


def title_of(description: str) -> str:
    """A title made of the first words that say something, up to the first stop, at most LENGTH characters.

    Greetings, phones and characters that show nothing are passed over; "" where nothing is said.
    """
    words = _first_words(without_numbers(description)) or _first_words(scrub(description))
    return words if len(words) <= LENGTH else words[: LENGTH - 1] + "…"


def given_title(title: str) -> str:
    """A title that a person typed, in one line without what says nothing before it; "" where it says nothing."""
    line = " ".join(visible(title).split())
    return _after_openers(line) or (line if says_something(line) else "")


def _first_words(text: str) -> str:
    rest = _after_openers(visible(text))
    while rest:
        stop = _STOPS.search(rest)
        words = _tidy(rest[: stop.start()] if stop else rest)
        if says_something(words):
            return words
        rest = _after_openers(rest[stop.end() :]) if stop else ""
    return _tidy(visible(text)) if says_something(text) else ""


def _after_openers(text: str) -> str:
    """``text`` from its first word on that is no greeting; "" where there is none."""
    place = 0
    while True:
        place = _skipped(text, place)
        opener = _OPENERS.match(text, place)
        if opener is None or opener.end() == place:
            break
        place = opener.end()
    rest = text[place:].strip()
    return rest if says_something(rest) else ""


def _skipped(text: str, place: int) -> int:
    """Where the first word begins: behind punctuation; an opening bracket stays where it is closed."""
    found = _BEFORE_WORDS.match(text, place)
    place = found.end() if found else place
    while place < len(text) and text[place] in _CLOSED and _CLOSED[text[place]] not in text[place : place + 2 * LENGTH]:
        place += 1
    return place


def _tidy(words: str) -> str:
    return re.sub(r" +(?=[，,、：:])", "", " ".join(words.split())).rstrip("，,、：:.。！？!?；; ")
