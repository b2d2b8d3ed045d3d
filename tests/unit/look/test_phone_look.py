"""The phone's colours are readable in both themes, its scripts carry no words, its pages obey the CSP."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
STYLE = ROOT / "static" / "css" / "phone.css"
TEMPLATES = sorted((ROOT / "templates" / "phone").rglob("*.html"))
COLOUR = re.compile(r"--p-([a-z0-9-]+):\s*(#[0-9a-f]{6});")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
TEMPLATE_COMMENT = re.compile(r"\{% comment %\}.*?\{% endcomment %\}", re.DOTALL)
CHINESE = re.compile(r"[一-鿿]")
TRANSLATED = re.compile(
    r"\{% translate \"[^\"]*\"[^%]*%\}|\{% blocktranslate.*?\{% endblocktranslate %\}|_\(\"[^\"]*\"\)", re.DOTALL
)

WHITE = {"white": "#ffffff"}
TEXT_ON = (
    ("ink", "surface"),
    ("ink", "tint"),
    ("ink-2", "surface"),
    ("ink-2", "canvas"),
    ("ink-3", "surface"),
    ("link", "surface"),
    ("link", "canvas"),
    ("link", "tint"),
    ("alert", "surface"),
    ("white", "fill"),
    ("white", "fill-pressed"),
)
"""Text on ground: WCAG 2.2, 1.4.3, at least 4.5 : 1."""

LINES_ON = (("field", "surface"), ("link", "surface"), ("alert", "surface"))
"""Borders of fields, focus rings: 1.4.11, at least 3 : 1."""


def themes() -> dict[str, dict[str, str]]:
    """The colours by theme, as the three blocks stand in the style sheet."""
    parts = STYLE.read_text(encoding="utf-8").split("--p-canvas:")[1:]
    blocks = ("--p-canvas:" + part.split("}", 1)[0] for part in parts)
    found = (WHITE | dict(COLOUR.findall(block)) for block in blocks)
    return dict(zip(("light", "dark by system", "dark by choice"), found, strict=True))


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


def test_letters_are_never_set_in_pixels() -> None:
    text = COMMENT.sub("", STYLE.read_text(encoding="utf-8"))
    assert re.findall(r"font-size:\s*[0-9.]+px", text) == []


def test_the_smallest_letters_of_the_large_type_are_18_px() -> None:
    """Root 22 px at least: 0.82 rem would be below."""
    text = COMMENT.sub("", STYLE.read_text(encoding="utf-8"))
    sizes = [float(size) for size in re.findall(r"font-size:\s*([0-9.]+)rem", text)]
    assert sizes
    assert min(sizes) * 22 >= 18


def test_flex_boxes_use_no_gap() -> None:
    """iOS 13 knows gap in grids only."""
    text = COMMENT.sub("", STYLE.read_text(encoding="utf-8"))
    assert re.findall(r"[{;\s](?:column-|row-)?gap\s*:", text) == []


def test_scripts_carry_no_words_of_the_interface() -> None:
    scripts = sorted((ROOT / "static" / "js" / "phone").glob("*.js"))
    assert scripts
    assert [path.name for path in scripts if CHINESE.search(COMMENT.sub("", path.read_text(encoding="utf-8")))] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_obey_the_content_security_policy(path: Path) -> None:
    text = TEMPLATE_COMMENT.sub("", path.read_text(encoding="utf-8"))
    assert re.findall(r"\sstyle=|\son[a-z]+=\"|<style|<script(?![^>]*\ssrc=)", text) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_translate_every_word(path: Path) -> None:
    text = TRANSLATED.sub("", TEMPLATE_COMMENT.sub("", path.read_text(encoding="utf-8")))
    assert CHINESE.findall(text.replace('lang="zh-Hans">中文<', "")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_forms_that_write_carry_the_token(path: Path) -> None:
    text = TEMPLATE_COMMENT.sub("", path.read_text(encoding="utf-8"))
    forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", text, re.DOTALL)
    assert [form[:60] for form in forms if "{% csrf_token %}" not in form] == []
