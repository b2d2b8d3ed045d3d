"""Shipped front-end files keep to what old browsers know (Chromium 86, iOS 13), and templates to icons that exist."""

import json
import re
from pathlib import Path

import pytest

from scripts import assets

ROOT = Path(__file__).resolve().parents[2]
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
STRING = re.compile(r"\"[^\"]*\"|'[^']*'|url\([^)]*\)")
FORBIDDEN = {
    "color-mix()": re.compile(r"color-mix\("),
    "light-dark()": re.compile(r"light-dark\("),
    ":has()": re.compile(r":has\("),
    "container queries": re.compile(r"@container|container-type\s*:"),
    "cascade layers": re.compile(r"@layer"),
    "nesting": re.compile(r"[{};]\s*&"),
}
NEWER_THAN_A_PHONE = re.compile(
    r"\.replaceAll\(|\.replaceChildren\(|\?\.\w|\?\?|\.at\(|\bAbortSignal\.timeout|\bstructuredClone\("
)
"""What iOS 13 does not know; the console's desks have Chromium 86 at least."""
FORBIDDEN_IN_OWN = {
    "inset": re.compile(r"[{;\s]inset(?:-block|-inline)?(?:-start|-end)?\s*:"),
    "aspect-ratio": re.compile(r"[{;\s]aspect-ratio\s*:"),
}


def style_sheets() -> list[Path]:
    return sorted((ROOT / "static").rglob("*.css"))


def without_noise(path: Path) -> str:
    return STRING.sub("''", COMMENT.sub("", path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", style_sheets(), ids=lambda path: path.name)
def test_style_sheets_use_no_newer_feature(path: Path) -> None:
    rules = FORBIDDEN if "vendor" in path.parts else {**FORBIDDEN, **FORBIDDEN_IN_OWN}
    text = without_noise(path)
    found = {name: match.group(0) for name, rule in rules.items() if (match := rule.search(text))}
    assert found == {}


def test_focus_visible_has_a_fallback() -> None:
    """A list with a selector that is not known is dropped whole: `:focus-visible` stands alone, beside `:focus`."""
    for path in style_sheets():
        if "vendor" in path.parts:
            continue
        text = without_noise(path)
        if ":focus-visible" in text:
            assert re.search(r":focus(?![-\w])", text), path.name


def test_vendor_files_have_no_source_maps() -> None:
    for path in (ROOT / "static" / "vendor").iterdir():
        assert "sourceMappingURL" not in path.read_text(encoding="utf-8"), path.name


def test_templates_name_only_icons_of_the_sprite() -> None:
    sprite = (ROOT / "static" / "vendor" / "icons.svg").read_text(encoding="utf-8")
    known = set(re.findall(r'id="i-([a-z0-9-]+)"', sprite))
    used: dict[str, str] = {}
    for path in [*ROOT.glob("templates/**/*.html"), *ROOT.glob("*/templates/**/*.html")]:
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r"icons\.svg['\"] *%}#i-([a-z0-9-]+)", text) + re.findall(
            r"\{% icon ['\"]([a-z0-9-]+)", text
        ):
            used[name] = str(path.relative_to(ROOT))
    assert {name: where for name, where in used.items() if name not in known} == {}


def test_the_lock_file_names_no_registry() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [name for name, facts in packages.items() if "resolved" in facts] == []
    assert [name for name, facts in packages.items() if name and "integrity" not in facts] == []


def test_pinned_front_end_packages() -> None:
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert wanted["@tabler/core"] == "1.0.0"
    assert wanted["htmx.org"].startswith("2.0.")
    assert wanted["weui"].startswith("2.6.")


def test_weui_is_served_for_the_classes_that_pages_use() -> None:
    """A class that a template takes from WeUI and the served sheet leaves out would have no look."""
    texts = [path.read_text(encoding="utf-8") for path in ROOT.glob("templates/**/*.html")]
    used = {name for text in texts for name in re.findall(r"\bweui-btn[\w-]*", text)}
    assert used == assets.WEUI_CLASSES


def test_the_phones_scripts_say_nothing_that_an_old_phone_does_not_know() -> None:
    shared = [ROOT / "static" / "js" / name for name in ("upload.js", "image-reducer.js", "lightbox.js")]
    found = [
        (path.name, match[0])
        for path in [*ROOT.glob("static/js/phone/*.js"), *shared]
        for match in NEWER_THAN_A_PHONE.finditer(COMMENT.sub("", path.read_text(encoding="utf-8")))
    ]
    assert found == []
