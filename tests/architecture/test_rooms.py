"""Rooms that a newcomer finds: none too large, and what two rooms hold is not called the same."""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
IN_THE_IMAGE = (
    "govtrack", "api", "console", "phone", "offices", "privacy", "meetings", "proposals", "leaders", "ledger",
    "door", "issues", "reminders", "commitments", "papers", "deadlines", "files", "communities", "accounts", "journal",
    "common",
)  # fmt: skip
BESIDE = ("seeds", "devhouse")
LARGEST = 0.2
"""Of the lines in the image. A room is a package that holds modules directly: console/issues is one."""


def modules(*packages: str) -> Iterator[Path]:
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def room_of(path: Path) -> str:
    return str(path.parent.relative_to(ROOT))


def test_no_room_is_larger_than_a_fifth_of_the_house() -> None:
    lines: Counter[str] = Counter()
    for path in modules(*IN_THE_IMAGE):
        lines[room_of(path)] += len(path.read_text(encoding="utf-8").splitlines())
    house = lines.total()
    assert {room: count for room, count in lines.items() if count > LARGEST * house} == {}


def test_a_public_class_has_a_name_of_its_own() -> None:
    """Searching for a name finds one class. Django's own names in management commands are left out."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in modules(*IN_THE_IMAGE, *BESIDE):
        if path.parent.name == "commands":
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(str(path.relative_to(ROOT)))
    assert {name: places for name, places in found.items() if len(places) > 1} == {}


def test_the_image_holds_every_room() -> None:
    """What ``.dockerignore`` does not let through is in no image, and an installation would not start."""
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench", "scripts", *BESIDE}
    assert rooms == set(IN_THE_IMAGE)
    let_through = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert sorted(name for name in {*rooms, *BESIDE} if f"!{name}" not in let_through) == []
