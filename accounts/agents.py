"""What a browser calls itself, as codes and as people call such a device."""

import re
from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Signs = Mapping[str, tuple[re.Pattern[str], Promise | str]]

BROWSERS: Final[Signs] = {
    "wechat": (re.compile(r"MicroMessenger"), gettext_lazy("微信")),
    "edge": (re.compile(r"Edg(?:e|A|iOS)?/"), "Edge"),
    "firefox": (re.compile(r"Firefox/|FxiOS/"), "Firefox"),
    "chrome": (re.compile(r"Chrome/|CriOS/"), "Chrome"),
    "safari": (re.compile(r"Safari/"), "Safari"),
}
SYSTEMS: Final[Signs] = {
    "harmony": (re.compile(r"HarmonyOS|OpenHarmony"), gettext_lazy("鸿蒙")),
    "android": (re.compile(r"Android"), gettext_lazy("安卓")),
    "ios": (re.compile(r"iPhone|iPad|iPod"), "iPhone / iPad"),
    "windows": (re.compile(r"Windows"), "Windows"),
    "mac": (re.compile(r"Mac OS X|Macintosh"), "Mac"),
    "linux": (re.compile(r"Linux|X11"), "Linux"),
}
"""By code: its sign in what a browser calls itself, the first one that stands there, and its name."""


def kind_of(agent: str) -> tuple[str, str]:
    """Codes of the browser and the system that a browser names; "" for what names none."""
    return _first(BROWSERS, agent), _first(SYSTEMS, agent)


def _first(signs: Signs, agent: str) -> str:
    return next((code for code, (sign, _name) in signs.items() if sign.search(agent)), "")


def words_of(browser: str, system: str) -> str:
    """What people call such a device: 安卓 微信, Windows Edge."""
    named = [str(signs[code][1]) for signs, code in ((SYSTEMS, system), (BROWSERS, browser)) if code]
    return " ".join(named) or _("未知设备")
