"""What code and documents cite is there: the file, and the heading that is named."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"
RULES = DOCS / "rules" / "README.md"
KINDS = {".py", ".md", ".html", ".js", ".css", ".toml", ".yml", ".in", ""}
NOT_OURS = {"node_modules", "staticfiles", "vendor", "__pycache__"}

CITED = re.compile(r"(?<![\w./-])(docs/[\w./-]*\w|(?:[\w-]+/)*[\w-]+\.md)(#[\w-]+)?", re.ASCII)
LINKED = re.compile(r"\]\((?!https?:)([^)#\s]*)(#[^)\s]+)?\)")
OLDER = {"product.md"}
"""What landed migrations cite; docs/rules/README.md says what took its place."""


def sources() -> Iterator[Path]:
    """Every text of the repository that may cite something."""
    tops = (path for path in ROOT.iterdir() if path.name == ".ci" or not path.name.startswith("."))
    for top in sorted(tops):
        found = sorted(top.rglob("*")) if top.is_dir() and top.name not in NOT_OURS else [top]
        yield from (path for path in found if path.is_file() and path.suffix in KINDS and _is_ours(path))


def _is_ours(path: Path) -> bool:
    return not NOT_OURS & set(path.relative_to(ROOT).parts)


def slug(heading: str) -> str:
    """The anchor that a heading gets where the pages are read."""
    return re.sub(r"[^\w\- ]", "", heading.lstrip("#").strip().lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    return {slug(line) for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("#")}


def page_of(name: str, citing: Path) -> Path | None:
    """The file that ``name`` means: from the top, beside who cites it, in docs/, or by the number of a decision."""
    for base in (ROOT, citing.parent, DOCS):
        if (base / name).exists():
            return base / name
    numbered = list(ROOT.glob(f"{name}-*.md")) if re.fullmatch(r"docs/adr/\d{4}", name) else []
    return numbered[0] if len(numbered) == 1 else None


def problem(name: str, anchor: str, citing: Path) -> str:
    """What is wrong with a citation, "" where it resolves."""
    page = page_of(name, citing) if name else citing
    if page is None:
        return f"{name} is not there"
    return f"{name} has no {anchor}" if anchor and anchor[1:] not in anchors(page) else ""


def citations(path: Path) -> Iterator[tuple[str, str]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        yield from LINKED.findall(text)
        text = LINKED.sub("", text)
    older = OLDER if "migrations" in path.parts or path in (RULES, Path(__file__)) else set()
    yield from ((name, anchor) for name, anchor in CITED.findall(text) if name not in older)


def test_every_citation_resolves() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {wrong}"
        for path in sources()
        for name, anchor in citations(path)
        if (wrong := problem(name, anchor, path))
    }
    assert sorted(found) == []


def rooms(line: str) -> list[Path]:
    return [ROOT / room for room in re.findall(r"`(\w+)/`", line)]


def test_every_module_that_the_map_or_a_rule_names_is_there() -> None:
    """From the top, or within a room that the same line names."""
    wrong = [
        f"{page.name}: {name}"
        for page in [DOCS / "developing.md", *sorted((DOCS / "rules").glob("*.md"))]
        for line in page.read_text(encoding="utf-8").splitlines()
        for name in re.findall(r"`(\w[\w./-]*(?:/|\.py|\.html))`", line)
        if "/" in name and not any((base / name).exists() for base in [ROOT, *rooms(line)])
    ]
    assert wrong == []


def test_sections_that_migrations_cite_are_named() -> None:
    cited = {
        number
        for path in ROOT.glob("*/migrations/*.py")
        for words in re.findall(r"product\.md sections? ([\d, and]+)", path.read_text(encoding="utf-8"))
        for number in re.findall(r"\d+", words)
    }
    page = RULES.read_text(encoding="utf-8")
    assert cited == set(re.findall(r"^\| (\d+) \|", page, re.MULTILINE))


def test_every_page_of_the_rules_is_listed() -> None:
    listed = {name for name, _ in LINKED.findall(RULES.read_text(encoding="utf-8"))}
    assert {path.name for path in (DOCS / "rules").glob("*.md")} - {"README.md"} <= listed
