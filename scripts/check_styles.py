"""The style sheets say nothing for nobody and nothing twice.

No rule is for a class that no template, script or module names, no custom property is set that nothing reads, no
selector stands in two rules of one sheet where one would do, and no two rules of sheets that meet on a page share
three declarations: what repeats is written once, for all who need it.
A name that is put together (`banner-{{ tone }}`, `is-${state}`) stands for the classes whose other half is a word
somewhere.
"""

import re
import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

BASE = Path(__file__).resolve().parent.parent
STYLES = BASE / "static" / "css"
NAMING = ("templates/**/*.html", "static/js/**/*.js", "*/**/*.py")
NOT_OURS = {"tests", "bench", "scripts", "node_modules", "staticfiles", "migrations"}
BY_HTMX = {"htmx-request"}
READ_BY_OTHERS = ("--tblr-", "--weui-")
SHARED = 3

UNSAID = re.compile(r"\{%\s*comment\s*%\}.*?\{%\s*endcomment\s*%\}|/\*.*?\*/|\"\"\".*?\"\"\"", re.DOTALL)
PIECE = re.compile(r"\s*((?:\"[^\"]*\"|'[^']*'|[^{};\"'])*)([{};])")
CLASS = re.compile(r"\.(-?[_a-zA-Z][\w-]*)")
QUOTED = re.compile(r"\"[^\"\n]*\"")
WORD = re.compile(r"[a-zA-Z][\w-]*")
BEGUN = re.compile(r"([a-zA-Z][\w-]*-)(?:\{|\$\{)")
READ = re.compile(r"var\(\s*(--[\w-]+)")


class Rule(NamedTuple):
    """One rule of a sheet; ``medium`` is the condition that it stands under, or nothing."""

    sheet: str
    medium: str
    selector: str
    declarations: tuple[str, ...]


def texts() -> Iterator[str]:
    """What may name a class: templates and scripts without their comments, the strings of modules."""
    for pattern in NAMING:
        for path in BASE.glob(pattern):
            parts = path.relative_to(BASE).parts
            if not NOT_OURS & set(parts) and not parts[0].startswith("."):
                text = UNSAID.sub("", path.read_text(encoding="utf-8"))
                yield " ".join(QUOTED.findall(text)) if path.suffix == ".py" else text


def rules(path: Path) -> Iterator[Rule]:
    """The rules of one sheet, in their order."""
    open_ones: list[tuple[str, list[str]]] = []
    for text, end in PIECE.findall(UNSAID.sub("", path.read_text(encoding="utf-8"))):
        said = " ".join(text.split())
        if end == "{":
            open_ones.append((said, []))
            continue
        if said and open_ones:
            open_ones[-1][1].append(said)
        if end == "}":
            selector, declarations = open_ones.pop()
            if declarations:
                medium = " ".join(head for head, _declarations in open_ones)
                yield Rule(str(path.relative_to(STYLES)), medium, selector, tuple(declarations))


def for_nobody(every: list[Rule]) -> Iterator[str]:
    """Each class that nothing names."""
    words: set[str] = set(BY_HTMX)
    begun: set[str] = set()
    for text in texts():
        words.update(WORD.findall(text))
        begun.update(BEGUN.findall(text))
    for rule in every:
        for name in CLASS.findall(rule.selector):
            if name not in words and not any(name.startswith(one) and name[len(one) :] in words for one in begun):
                yield f"{rule.sheet}: .{name} is named nowhere"


def unread(every: list[Rule]) -> Iterator[str]:
    """Each custom property of ours that no declaration reads."""
    read = {name for rule in every for said in rule.declarations for name in READ.findall(said)}
    for rule in every:
        for said in rule.declarations:
            name = said.split(":", 1)[0].strip()
            if name.startswith("--") and name not in read and not name.startswith(READ_BY_OTHERS):
                yield f"{rule.sheet}: {name} is read nowhere"


def meet(one: Rule, other: Rule) -> bool:
    """Whether a page has both sheets and both rules hold at once: the phone's sheet is not among the console's."""
    phone = "phone.css" in {one.sheet, other.sheet} and one.sheet != other.sheet
    return one.medium == other.medium and not phone


def twice(every: list[Rule]) -> Iterator[str]:
    """Each pair of rules that would be one, or that share what a third should say for both."""
    for one, other in combinations(every, 2):
        if not meet(one, other):
            continue
        shared = set(one.declarations) & set(other.declarations)
        if len(shared) >= SHARED:
            both = f"{one.sheet}: {one.selector} and {other.sheet}: {other.selector}"
            yield f"{both} share {'; '.join(sorted(shared))}"
        elif one.sheet == other.sheet and one.selector == other.selector:
            yield f"{one.sheet}: {one.selector} stands twice"


def main() -> int:
    """Print what nobody needs and what stands twice."""
    every = [rule for path in sorted(STYLES.rglob("*.css")) for rule in rules(path)]
    found = sorted({*for_nobody(every), *unread(every), *twice(every)})
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
