"""Whoever reads the journal reads words: every kind of event that the product names has a title."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from offices.audit import title_of

ROOT = Path(__file__).parents[2]
MAKERS = {"Entry", "put_word"}
ROOMS = sorted(
    path.parent.name for path in ROOT.glob("*/apps.py") if path.parent.name not in ("bench", "seeds", "devhouse")
)


def constants(tree: ast.Module) -> dict[str, str]:
    found = {}
    for node in tree.body:
        target = (
            node.target
            if isinstance(node, ast.AnnAssign)
            else node.targets[0]
            if isinstance(node, ast.Assign)
            else None
        )
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
            found[target.id] = value.value
    return found


def passing_on(tree: ast.Module) -> dict[str, tuple[str, int]]:
    """Functions of a module that give a parameter of theirs to an event as its kind: its name and its place."""
    found = {}
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            names = [argument.arg for argument in function.args.args]
            for call in ast.walk(function):
                kind = kind_of(call)
                if isinstance(kind, ast.Name) and kind.id in names:
                    found[function.name] = kind.id, names.index(kind.id)
    return found


def kind_of(call: ast.AST) -> ast.expr | None:
    """What an event that is made here has as its kind."""
    if not isinstance(call, ast.Call) or getattr(call.func, "id", getattr(call.func, "attr", "")) not in MAKERS:
        return None
    named = next((given.value for given in call.keywords if given.arg == "kind"), None)
    return named or (call.args[2] if len(call.args) > 2 else None)


def kinds(tree: ast.Module) -> Iterator[str]:
    known, helpers = constants(tree), passing_on(tree)
    for call in ast.walk(tree):
        given = kind_of(call)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in helpers:
            name, place = helpers[call.func.id]
            named = next((one.value for one in call.keywords if one.arg == name), None)
            given = named or (call.args[place] if len(call.args) > place else None)
        for one in (given.body, given.orelse) if isinstance(given, ast.IfExp) else (given,):
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                yield one.value
            elif isinstance(one, ast.Name) and one.id in known:
                yield known[one.id]


KINDS = sorted(
    {
        kind
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if "migrations" not in path.parts
        for kind in kinds(ast.parse(path.read_text(encoding="utf-8")))
    }
)


def test_kinds_are_found() -> None:
    assert {"emergency_word_changed", "colloquial_word_changed", "absence_set", "shift_add", "retention_changed"} <= {
        *KINDS
    }
    assert len(KINDS) > 40


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_title(kind: str) -> None:
    assert title_of(kind) != kind
