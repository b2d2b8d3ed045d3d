"""Issue numbers as people write them."""

import pytest

from issues.finding import parse_number
from tests.support.cast import NOW


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("桂城-2026-000123", "桂城-2026-000123"),
        ("桂城2026000123", "桂城-2026-000123"),
        ("桂城 2026 123", "桂城-2026-000123"),
        (" 桂城－２０２６－０００１２３ ", "桂城-2026-000123"),
        ("桂城—2025—7", "桂城-2025-000007"),
        ("#2026-123", "2026-000123"),
        ("2026-123", "2026-000123"),
        ("2026000123", "2026-000123"),
        ("2025/123", "2025-000123"),
        ("123", "2026-000123"),
        ("１２３", "2026-000123"),
        ("000123", "2026-000123"),
        ("桂城123", "桂城-2026-000123"),
        ("202612", "2026-202612"),
    ],
)
def test_what_is_meant(typed: str, meant: str) -> None:
    assert str(parse_number(typed, NOW)) == meant


@pytest.mark.parametrize(
    "typed",
    ["", " ", "-", "0", "000000", "abc", "路灯", "3号楼", "2026-1234567", "1234567", "桂城-1999-1", "٣", "1" * 60,
     "12.5.6", "1e5", "0x1f", "-1x"],
)  # fmt: skip
def test_what_is_no_number(typed: str) -> None:
    assert parse_number(typed, NOW) is None
