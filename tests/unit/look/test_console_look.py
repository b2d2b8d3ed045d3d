"""The console's colours are readable in both themes, its scripts carry no words, its templates name known icons."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TOKENS = ROOT / "static" / "css" / "tokens.css"
COLOUR = re.compile(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6});")
CHINESE = re.compile(r"[一-鿿]")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
ICON = re.compile(r'components/icon\.html" with name="([a-z0-9-]+)"')

TEXT_ON = (
    ("text", "canvas"),
    ("text", "surface"),
    ("text-2", "surface-2"),
    ("text-3", "surface"),
    ("text-3", "surface-2"),
    ("text-3", "selected"),
    ("text-3", "canvas"),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("accent-text", "surface"),
    ("accent-text", "canvas"),
    ("accent-text", "selected"),
    ("accent-text-strong", "accent-tint"),
    ("on-time-text", "on-time-bg"),
    ("due-soon-text", "due-soon-bg"),
    ("due-soon-text", "selected"),
    ("overdue-text", "overdue-bg"),
    ("overdue-text", "selected"),
    ("suspended-text", "suspended-bg"),
    ("on-seal", "seal-fill"),
    ("toast-link", "toast-bg"),
)
"""Text on ground: WCAG 2.2, 1.4.3, at least 4.5 : 1."""

LINES_ON = (("control-border", "surface"), ("control-border", "canvas"), ("accent-text", "surface"))
"""Borders of controls and focus rings: 1.4.11, at least 3 : 1."""


def themes() -> dict[str, dict[str, str]]:
    """The colours by theme: first block light, second the system's dark, third the chosen dark."""
    text = TOKENS.read_text(encoding="utf-8")
    parts = re.split(r"color-scheme: (?:light|dark);", text)[1:]
    return dict(
        zip(("light", "dark by system", "dark by choice"), (dict(COLOUR.findall(part)) for part in parts), strict=True)
    )


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark by system", "dark by choice"])
def test_colours_reach_the_contrast_of_wcag(theme: str) -> None:
    colours = themes()[theme]
    weak = {
        f"{front} on {ground}": round(ratio, 2)
        for least, pairs in ((4.5, TEXT_ON), (3.0, LINES_ON))
        for front, ground in pairs
        if (ratio := contrast(colours[front], colours[ground])) < least
    }
    assert weak == {}


def test_both_dark_blocks_are_the_same() -> None:
    found = themes()
    assert found["dark by system"] == found["dark by choice"]


def test_scripts_carry_no_words_of_the_interface() -> None:
    scripts = sorted((ROOT / "static" / "js" / "console").glob("*.js"))
    assert scripts
    assert [path.name for path in scripts if CHINESE.search(COMMENT.sub("", path.read_text(encoding="utf-8")))] == []


def test_included_icons_are_on_the_list() -> None:
    known = set((ROOT / "static" / "icons.txt").read_text(encoding="utf-8").split())
    used = {
        name for path in (ROOT / "templates").rglob("*.html") for name in ICON.findall(path.read_text(encoding="utf-8"))
    }
    assert used - known == set()
