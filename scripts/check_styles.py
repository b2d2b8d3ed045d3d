"""No rule of the style sheets is for a class that no template, script or module names.

A name that is put together (`banner-{{ tone }}`, `is-${state}`) stands for the classes whose other half is a word
somewhere.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
NAMING = ("templates/**/*.html", "static/js/**/*.js", "*/**/*.py")
NOT_OURS = {"tests", "bench", "scripts", "node_modules", "staticfiles", "migrations"}
BY_HTMX = {"htmx-request"}

UNSAID = re.compile(r"\{%\s*comment\s*%\}.*?\{%\s*endcomment\s*%\}|/\*.*?\*/|\"\"\".*?\"\"\"", re.DOTALL)
SELECTOR = re.compile(r"([^{}]+)\{")
CLASS = re.compile(r"\.(-?[_a-zA-Z][\w-]*)")
QUOTED = re.compile(r"\"[^\"\n]*\"")
WORD = re.compile(r"[a-zA-Z][\w-]*")
BEGUN = re.compile(r"([a-zA-Z][\w-]*-)(?:\{|\$\{)")


def texts() -> Iterator[str]:
    """What may name a class: templates and scripts without their comments, the strings of modules."""
    for pattern in NAMING:
        for path in BASE.glob(pattern):
            parts = path.relative_to(BASE).parts
            if not NOT_OURS & set(parts) and not parts[0].startswith("."):
                text = UNSAID.sub("", path.read_text(encoding="utf-8"))
                yield " ".join(QUOTED.findall(text)) if path.suffix == ".py" else text


def main() -> int:
    """Print each class that nothing names, with its file."""
    words: set[str] = set(BY_HTMX)
    begun: set[str] = set()
    for text in texts():
        words.update(WORD.findall(text))
        begun.update(BEGUN.findall(text))
    found = {
        f"{path.relative_to(BASE)}: .{name}"
        for path in sorted((BASE / "static" / "css").rglob("*.css"))
        for selector in SELECTOR.findall(UNSAID.sub("", path.read_text(encoding="utf-8")))
        for name in CLASS.findall(selector)
        if name not in words and not any(name.startswith(one) and name[len(one) :] in words for one in begun)
    }
    print("\n".join(sorted(found)))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
