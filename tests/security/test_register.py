"""docs/security.md: every finding has a row, and every test that a row names is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

BASE = Path(__file__).resolve().parents[2]
PAGE = (BASE / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
FINDINGS = ["C1", *(f"H{n}" for n in range(1, 8)), *(f"M{n}" for n in range(1, 13)), *(f"L{n}" for n in range(1, 15))]


@cache
def functions_in(path: str) -> set[str]:
    return {node.name for node in ast.walk(ast.parse((BASE / path).read_text())) if isinstance(node, ast.FunctionDef)}


def rows() -> dict[str, str]:
    """The rows of the tables by their first cell."""
    return {line.split("|")[1].strip(): line for line in PAGE.splitlines() if line.startswith("| ")}


@pytest.mark.parametrize(("path", "name"), sorted(set(NAMED.findall(PAGE))))
def test_what_a_row_names_is_there(path: str, name: str) -> None:
    assert (BASE / path).is_file()
    assert not name or name in functions_in(path)


def test_every_finding_has_a_row_with_a_test_or_a_reason() -> None:
    found = rows()
    assert [one for one in FINDINGS if one not in found] == []
    bare = [
        one
        for one in FINDINGS
        if not NAMED.search(found[one]) and "open:" not in found[one] and "kept:" not in found[one]
    ]
    assert bare == []


def test_every_row_of_a_standard_has_a_test_or_says_whose_it_is() -> None:
    asvs = {name: line for name, line in rows().items() if re.fullmatch(r"\d+\.\d+\.\d+", name)}
    level_3 = {name: line for name, line in rows().items() if name.startswith("8.1.4.")}
    assert len(asvs) > 110
    assert {name.split()[0] for name in level_3} == {f"8.1.4.{number}" for number in range(1, 12)}
    words = ("operator:", "not applicable:", "open:")
    assert [
        name
        for name, line in (asvs | level_3).items()
        if not NAMED.search(line) and not any(one in line for one in words)
    ] == []


def test_every_file_of_these_tests_is_named() -> None:
    files = {f"tests/security/{path.name}" for path in Path(__file__).parent.glob("test_*.py")}
    assert {name for name in files if f"`{name}" not in PAGE} == set()
