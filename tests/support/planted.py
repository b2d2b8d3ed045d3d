"""Personal data made up for every field that a person can type, each unlike all others, so that it is found again.

``Plants.words`` is a text in which somebody names themselves with phone, room and identity card, and a word of its own
(``mark``) that is nobody's: who may read the text but not know the person must find the mark and none of the secrets.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

from issues.fields import OutsideNumber, Text, field_of
from issues.workflow import TABLE

_GIVEN: Final = "翀翾翙翃烜焯煜燊燚曌曦昶暐暄淼澍瀚灏泓垚堃麒麟骁骐"
_NAMES: Final = [family + "".join(given) for family in "冼岑邝谌佘" for given in product(_GIVEN, repeat=2)]
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Person:
    """Somebody who was made up; ``where`` says in which field they stand."""

    number: int
    where: str

    @property
    def name(self) -> str:
        return _NAMES[self.number]

    @property
    def phone(self) -> str:
        return f"1986{self.number * 7919 % 10**7:07d}"

    @property
    def room(self) -> str:
        """Up to the room; the building alone may be known."""
        return f"栋{2000 + self.number % 4000}"

    @property
    def identity(self) -> str:
        body = f"44060519{70 + self.number % 30}0{1 + self.number % 9}{10 + self.number % 18}{self.number % 1000:03d}"
        return body + "10X98765432"[sum(w * int(d) for w, d in zip(_WEIGHTS, body, strict=True)) % 11]

    @property
    def mark(self) -> str:
        """A word that stands beside it and is no person's."""
        return f"暗记{self.number:04d}号"

    @property
    def words(self) -> str:
        """What such a person writes."""
        return f"我是{self.name}，住37{self.room}，电话{self.phone}，证件{self.identity}。{self.mark}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What tells who it is."""
        return self.name, self.phone, self.room, self.identity


@dataclass
class Plants:
    """Everybody who was made up so far, by the matter they were planted in."""

    persons: list[Person] = field(default_factory=list)

    def person(self, where: str) -> Person:
        """A new one."""
        self.persons.append(Person(len(self.persons), where))
        return self.persons[-1]

    def words(self, where: str) -> str:
        """The words of a new one."""
        return self.person(where).words

    def into(self, action: str, data: dict[str, Any]) -> dict[str, Any]:
        """``data`` of an action with words of somebody new in every field of it that holds free text."""
        return data | {name: self._value(name, f"{action}.{name}") for name in texts_of(action)}

    def _value(self, name: str, where: str) -> str:
        person = self.person(where)
        return {
            "contact_name": person.name,
            "contact_phone": person.phone,
            "address": f"37{person.room}",
            "contact_address": f"37{person.room}",
        }.get(name, person.words)


def texts_of(action: str) -> Iterator[str]:
    """The free texts that the rows of an action take, beside ids and codes: the table of fields says which."""
    rows = [row for row in TABLE if row.action == action]
    names = dict.fromkeys(name for row in rows for name in (*row.required, *row.optional, "note"))
    for name in names:
        kind = field_of(action, name)
        if isinstance(kind, Text) and not isinstance(kind, OutsideNumber):
            yield name
