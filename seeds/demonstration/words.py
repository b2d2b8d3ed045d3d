"""Reading and filling the demonstration's texts.

A file holds blocks: a head in square brackets and lines ``key: text``; other lines are texts without a key. In a text
``{a|b|c}`` stands for one of several, ``{n:2-6}`` for a number, ``{name}`` for a given value; braces may be nested.
Within one matter the same braces are always filled alike, and braces with the same tag (``{A:rain|wind}``) always take
the choice at the same place, so that title, description and reply speak of one thing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

TEXTS: Final = Path(__file__).parent / "texts"
_INNERMOST: Final = re.compile(r"\{([^{}]*)\}")
_RANGE: Final = re.compile(r"n:(\d+)-(\d+)")
_TAG: Final = re.compile(r"([A-Z]):(.+)")
_KEY: Final = re.compile(r"(\w+):\s*(.*)", re.ASCII)


@dataclass(frozen=True, eq=False)
class Block:
    """One block of a text file: the words of its head, its keyed texts and its plain lines."""

    head: tuple[str, ...]
    values: Mapping[str, str]
    lines: tuple[str, ...]

    def get(self, key: str) -> str:
        """The text under ``key``, "" where there is none."""
        return self.values.get(key, "")


@cache
def blocks(name: str) -> tuple[Block, ...]:
    """The blocks of ``texts/<name>.txt``."""
    found: list[Block] = []
    head: tuple[str, ...] = ()
    values: dict[str, str] = {}
    lines: list[str] = []
    for line in [*(TEXTS / f"{name}.txt").read_text(encoding="utf-8").splitlines(), "[]"]:
        if line.startswith("["):
            if head:
                found.append(Block(head, values, tuple(lines)))
            head, values, lines = tuple(line.strip("[]").split()), {}, []
        elif keyed := _KEY.fullmatch(line):
            values[keyed[1]] = keyed[2]
        elif line and not line.startswith("#"):
            lines.append(line)
    return tuple(found)


@cache
def patterns() -> tuple[Block, ...]:
    """The patterns of all categories: head = category, kind, and estate, village or street where it matters."""
    names = sorted(path.stem for path in TEXTS.glob("[0-9][0-9].txt"))
    return tuple(block for name in names for block in blocks(name))


@cache
def notes() -> Mapping[str, tuple[str, ...]]:
    """What people write on the way, by occasion."""
    return {block.head[0]: block.lines for block in blocks("notes")}


@dataclass
class Filler:
    """Fills the texts of one matter. ``soft``: it is about words and papers, nothing that one could look at."""

    random: Random
    given: Mapping[str, str]
    soft: bool = False
    _choices: dict[str, str] = field(default_factory=dict)
    _places: dict[str, int] = field(default_factory=dict)

    def fill(self, text: str, **more: str) -> str:
        """``text`` with every pair of braces filled. KeyError for a name that is not known."""
        given = {**self.given, **more}
        while found := _INNERMOST.search(text):
            text = text[: found.start()] + self._one(found[1], given) + text[found.end() :]
        return text

    def note(self, occasion: str, **more: str) -> str:
        """One of the notes of ``occasion``, filled by itself."""
        return Filler(self.random, {**self.given, **more}).fill(self.raw_note(occasion))

    def raw_note(self, occasion: str) -> str:
        """One of the notes of ``occasion``, still to be filled; others where there is nothing to look at."""
        found = notes().get(f"{occasion}_soft") if self.soft else None
        return self.random.choice(found or notes()[occasion])

    def fix(self, inside: str, value: str) -> None:
        """Let the braces with this text stand for ``value``."""
        self._choices[inside] = value

    def _one(self, inside: str, given: Mapping[str, str]) -> str:
        if inside in given:
            return given[inside]
        if inside not in self._choices:
            if numbers := _RANGE.fullmatch(inside):
                self._choices[inside] = str(self.random.randint(int(numbers[1]), int(numbers[2])))
            elif "|" in inside:
                self._choices[inside] = self._choice(inside)
            else:
                raise KeyError(inside)
        return self._choices[inside]

    def _choice(self, inside: str) -> str:
        tagged = _TAG.fullmatch(inside)
        if tagged is None:
            return self.random.choice(inside.split("|"))
        choices = tagged[2].split("|")
        place = self._places.setdefault(tagged[1], self.random.randrange(len(choices)))
        return choices[place % len(choices)]
