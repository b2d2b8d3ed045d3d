"""Copy the allow-listed files of the front-end packages to static/vendor/ in the form in which they are served.

Source-map comments are dropped (the hashed storage would look for the maps), WeUI's pixels become rem (a root font
size must reach every measure of the elder mode) and what it says of classes that no page uses is left out, rules with
selectors that old browsers do not know are dropped, and the icons named in static/icons.txt become one sprite of
`<symbol id="i-NAME">`.
"""

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
PACKAGES = BASE / "node_modules"
VENDOR = BASE / "static" / "vendor"
ICON_LIST = BASE / "static" / "icons.txt"
ROOT_PIXELS = 16

PIXELS = re.compile(r"(?<![\w.#-])(-?\d*\.?\d+)px\b")
UNTOUCHED = re.compile(r"""@media[^{]*\{|url\("[^"]*"\)|url\('[^']*'\)|url\([^"')]*\)""")
COMMENT = re.compile(r"/\*(?!!).*?\*/", re.DOTALL)
SOURCE_MAP = re.compile(r"(?m)^[ \t]*(?://[#@]\s*sourceMappingURL=\S*|/\*[#@]\s*sourceMappingURL=.*?\*/)[ \t]*\n?")
LICENCE = re.compile(r"/\*!.*?\*/", re.DOTALL)
ANIMATION = re.compile(r"@(?:-webkit-)?keyframes[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
EMPTY_BLOCK = re.compile(r"@[^{};]*\{\s*\}")
CLASS = re.compile(r"\.(-?[_a-zA-Z][\w-]*)")
WEUI_CLASSES = frozenset({"weui-btn", "weui-btn_primary"})
NEW_SELECTOR = re.compile(r"[^{}]*:has\([^{}]*\{[^{}]*\}")
SVG_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
SVG_EMPTY_BOX = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')


def without_source_map(text: str) -> str:
    """The text without its pointers to source maps, wherever they stand."""
    return re.sub(r"/\*[#@]\s*sourceMappingURL=.*?\*/", "", SOURCE_MAP.sub("", text))


def without_new_selectors(text: str) -> str:
    """The style sheet without rules whose selector uses `:has()`: browsers before Chromium 105 drop them anyway."""
    return NEW_SELECTOR.sub("", text)


def in_rem(text: str) -> str:
    """Pixels as rem at a root of 16 px. Hairlines up to 1 px, images and the conditions of media queries stay."""

    def convert(match: re.Match[str]) -> str:
        pixels = float(match.group(1))
        return match.group(0) if abs(pixels) <= 1 else f"{pixels / ROOT_PIXELS:.5f}".rstrip("0").rstrip(".") + "rem"

    parts = []
    position = 0
    for kept in UNTOUCHED.finditer(text):
        parts += [PIXELS.sub(convert, text[position : kept.start()]), kept.group(0)]
        position = kept.end()
    return "".join([*parts, PIXELS.sub(convert, text[position:])])


def smaller(text: str) -> str:
    """The style sheet without comments (licences stay), indentation and blank lines."""
    return "\n".join(line.strip() for line in COMMENT.sub("", text).splitlines() if line.strip()) + "\n"


def only_for(classes: frozenset[str], text: str) -> str:
    """The style sheet without what it says of other classes, and without the animations of those."""

    def kept(match: re.Match[str]) -> str:
        selectors = [one for one in match.group(1).split(",") if set(CLASS.findall(one)) <= classes]
        return f"{','.join(selectors)}{{{match.group(2)}}}" if selectors else ""

    licences = "\n".join(LICENCE.findall(text))
    text = RULE.sub(kept, ANIMATION.sub("", COMMENT.sub("", LICENCE.sub("", text))))
    while EMPTY_BLOCK.search(text):
        text = EMPTY_BLOCK.sub("", text)
    return f"{licences}\n{text}"


def tabler_css(text: str) -> str:
    """Tabler as it is served."""
    return without_new_selectors(without_source_map(text))


def weui_css(text: str) -> str:
    """WeUI as it is served: what it says of every page, and of the classes that the pages use."""
    return smaller(in_rem(only_for(WEUI_CLASSES, without_source_map(text))))


ALLOWED: dict[str, tuple[str, Callable[[str], str]]] = {
    "tabler.min.css": ("@tabler/core/dist/css/tabler.min.css", tabler_css),
    "tabler.min.js": ("@tabler/core/dist/js/tabler.min.js", without_source_map),
    "weui.css": ("weui/dist/style/weui.css", weui_css),
    "htmx.min.js": ("htmx.org/dist/htmx.min.js", without_source_map),
}


def icon_names() -> list[str]:
    """The allow-listed icons, sorted, each once; blank lines and `#` comments are skipped."""
    lines = (line.strip() for line in ICON_LIST.read_text(encoding="utf-8").splitlines())
    return sorted({line for line in lines if line and not line.startswith("#")})


def symbol(name: str, svg: str) -> str:
    """One icon as a symbol that takes its colour from the text around it."""
    body = SVG_BODY.search(svg)
    if body is None:
        sys.exit(f"The icon {name} is no SVG image.")
    shapes = re.sub(r"\s*\n\s*", "", SVG_EMPTY_BOX.sub("", body.group(1))).strip()
    return (
        f'<symbol id="i-{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
        f'stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
    )


def sprite() -> str:
    """All allow-listed icons as one SVG file."""
    symbols = []
    for name in icon_names():
        source = PACKAGES / "@tabler" / "icons" / "icons" / "outline" / f"{name}.svg"
        if not source.is_file():
            sys.exit(f"static/icons.txt names {name}, which is none of Tabler's outline icons.")
        symbols.append(symbol(name, source.read_text(encoding="utf-8")))
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def main() -> None:
    """Write static/vendor/ anew; only what the allow-list names is there afterwards."""
    draft = VENDOR.with_name("vendor.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    for target, (source, change) in ALLOWED.items():
        path = PACKAGES / source
        if not path.is_file():
            sys.exit(f"{source} is missing: the front-end packages are not installed.")
        (draft / target).write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    (draft / "icons.svg").write_text(sprite(), encoding="utf-8")
    VENDOR.mkdir(exist_ok=True)
    for path in draft.iterdir():
        path.replace(VENDOR / path.name)
    for path in VENDOR.iterdir():
        if path.name not in {*ALLOWED, "icons.svg"}:
            path.unlink()
    draft.rmdir()


if __name__ == "__main__":
    main()
