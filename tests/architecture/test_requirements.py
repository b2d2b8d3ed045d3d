"""Lists of Python packages are compiled from their inputs: every package, direct or not, has one version and hashes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SETS = sorted(path.stem for path in ROOT.glob("requirements*.in"))
PINNED = re.compile(r"([A-Za-z0-9._-]+)(?:\[[a-z0-9,]+\])?==(\S+)")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@dataclass
class Compiled:
    """One package of a compiled list: its pin, how many hashes, and what asked for it."""

    version: str
    hashes: int = 0
    via: set[str] = field(default_factory=set)


def asked(path: Path) -> Iterator[tuple[str, str, str]]:
    """(name, version, the input file that names it), of a file and those it includes."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            yield from asked(ROOT / line.removeprefix("-r "))
        elif line and not line.startswith("#"):
            pin = PINNED.fullmatch(line)
            assert pin, f"{path.name}: {line} is not pinned"
            yield normal(pin[1]), pin[2], path.name


def compiled(name: str) -> dict[str, Compiled]:
    found: dict[str, Compiled] = {}
    for line in (ROOT / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if pin := PINNED.match(line):
            row = found[pin[1]] = Compiled(pin[2])
        elif "--hash=sha256:" in line:
            row.hashes += 1
        elif source := re.fullmatch(r"    #   (?:via )?(.+)|    # via (.+)", line):
            row.via.add(source[1] or source[2])
    return found


@pytest.mark.parametrize("name", SETS)
def test_input_and_compiled_list_agree(name: str) -> None:
    rows, inputs = compiled(name), list(asked(ROOT / f"{name}.in"))
    pins = {package: row.version for package, row in rows.items()}
    assert {package: pins.get(package) for package, _, _ in inputs} == {package: pin for package, pin, _ in inputs}
    said = {(package, f"-r {file}") for package, _, file in inputs}
    assert {(package, via) for package, row in rows.items() for via in row.via if via.startswith("-r ")} == said


@pytest.mark.parametrize("name", SETS)
def test_every_package_is_asked_for_and_has_hashes(name: str) -> None:
    rows = compiled(name)
    assert [package for package, row in rows.items() if not row.hashes] == []
    assert {via for row in rows.values() for via in row.via if not via.startswith("-r ")} <= set(rows)
    assert [package for package, row in rows.items() if not row.via] == []


def test_a_package_has_one_version_in_all_lists() -> None:
    pins = [(package, row.version) for name in SETS for package, row in compiled(name).items()]
    assert len(dict(pins)) == len(set(pins))


def test_every_installation_asks_for_hashes() -> None:
    files = ("devhouse/setup.py", "Dockerfile", "deploy/test.Dockerfile")
    for name in files:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert text.count("--require-hashes") == text.count("--requirement") > 0, name
