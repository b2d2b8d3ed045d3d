"""The check of the style sheets finds what stands twice and what nothing reads, and lets the rest pass."""

from pathlib import Path

import pytest

from scripts import check_styles
from scripts.check_styles import Rule, rules, twice, unread


@pytest.fixture
def sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(check_styles, "STYLES", tmp_path)
    return tmp_path / "console.css"


def found(sheet: Path, text: str) -> list[Rule]:
    sheet.write_text(text, encoding="utf-8")
    return list(rules(sheet))


def test_rules_carry_their_medium(sheet: Path) -> None:
    text = '/* { */ .a::before { content: "};"; top: 0 } @media print { .b, .c { color: red; } }'
    assert found(sheet, text) == [
        Rule("console.css", "", ".a::before", ('content: "};"', "top: 0")),
        Rule("console.css", "@media print", ".b, .c", ("color: red",)),
    ]


SAME = "display: flex; top: 0; left: 0;"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (f".a {{ {SAME} }} .b {{ {SAME} color: red; }}", 1),
        (".a { top: 0; left: 0; } .b { top: 0; left: 0; }", 0),
        (".a { top: 0; } .a { left: 0; }", 1),
        (f".a {{ {SAME} }} @media print {{ .b {{ {SAME} }} }}", 0),
    ],
)
def test_what_stands_twice(sheet: Path, text: str, problems: int) -> None:
    assert len(list(twice(found(sheet, text)))) == problems


def test_the_phone_never_meets_the_console() -> None:
    declarations = tuple(SAME.strip(";").split("; "))
    pair = [Rule(name, "", ".a", declarations) for name in ("console.css", "phone.css")]
    assert list(twice(pair)) == []


def test_a_property_that_nothing_reads(sheet: Path) -> None:
    text = ":root { --a: red; --b: red; --tblr-c: red; } p { color: var(--a); }"
    assert list(unread(found(sheet, text))) == ["console.css: --b is read nowhere"]
