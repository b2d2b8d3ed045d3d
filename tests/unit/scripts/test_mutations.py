"""The list of faults is about the code as it is."""

import ast

import pytest

from tests.mutations.run import BASE, Mutation, mutated, mutations

FAULTS = list(mutations())


def test_there_are_enough() -> None:
    assert len(FAULTS) >= 40


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.path}:{fault.before[:30]}")
def test_each_stands_in_its_file_once_and_leaves_code(fault: Mutation) -> None:
    text = (BASE / fault.path).read_text(encoding="utf-8")
    ast.parse(mutated(fault, text))
    assert fault.tests
    assert all((BASE / path).exists() for path in fault.tests)
