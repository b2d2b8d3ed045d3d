"""In which order recordings are stamped, what numbers their issues get, and in which blocks that is done. Pure."""

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import NamedTuple

from seeds.load.placing import spread
from seeds.load.templates import Template
from seeds.load.timeline import LoadTimeline


@dataclass(frozen=True)
class LoadBlock:
    """Stampings ``start`` to ``stop`` (excluded), their first issue, and what they add to each table's first id."""

    start: int
    stop: int
    issue: int
    firsts: Mapping[str, int]


class Stamping(NamedTuple):
    """One template on one day; ``serial`` is its first issue's."""

    template: Template
    day: int
    year: int
    serial: int


@dataclass
class Schedule:
    """All stampings in the order in which their issues were logged: which template, on which day."""

    templates: Sequence[Template]
    places: "array[int]" = field(default_factory=lambda: array("i"))
    days: "array[int]" = field(default_factory=lambda: array("i"))
    by_year: dict[int, int] = field(default_factory=dict)
    """How many issues were logged in each year."""
    serials: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Year → its first issue's index and serial."""

    @classmethod
    def make(cls, templates: Sequence[Template], timeline: LoadTimeline, random: Random) -> "Schedule":
        """Spread the templates over the timeline, those that are still open and those that have ended apart."""
        found = cls(templates)
        chosen: list[list[int]] = [[] for _day in timeline.sums]
        for unfinished in (False, True):
            own = [place for place, row in enumerate(templates) if row.journey.lot.unfinished is unfinished]
            targets = timeline.on_days(unfinished=unfinished)
            placings, sizes = [templates[place].placing for place in own], [templates[place].size for place in own]
            for day, places in enumerate(spread(placings, sizes, targets, timeline.first_day, random)):
                chosen[day] += [own[place] for place in places]
        found._trim(chosen, timeline.count)
        for day, places in enumerate(chosen):
            if places:
                places.sort(key=lambda place: (templates[place].placing.second, place))
                found.add(timeline.first_day + day, places)
        return found

    def _trim(self, chosen: Sequence[list[int]], count: int) -> None:
        """Take away single issues where joined ones made it more than ``count``."""
        excess = sum(self.templates[place].size for places in chosen for place in places) - count
        for places in reversed(chosen):
            for place in [place for place in places if self.templates[place].size == 1][:excess]:
                places.remove(place)
                excess -= 1

    def add(self, day: int, places: Sequence[int]) -> None:
        """Stamp these on a day that is not before the last one."""
        year = date.fromordinal(day).year
        issues = sum(self.templates[place].size for place in places)
        self.by_year[year] = self.by_year.get(year, 0) + issues
        self.places.extend(places)
        self.days.extend([day] * len(places))

    def number(self, taken: Mapping[int, int]) -> None:
        """Let the serials of each year go on after those that are ``taken``."""
        index = 0
        for year, issues in self.by_year.items():
            self.serials[year] = (index, taken.get(year, 0) + 1)
            index += issues

    def numbered(self, day: int, issue: int) -> tuple[int, int]:
        """Year and serial of an issue, by the day on which it was logged."""
        year = date.fromordinal(day).year
        index, serial = self.serials[year]
        return year, serial + issue - index

    def stampings(self, block: LoadBlock) -> Iterator[Stamping]:
        """Those of the block."""
        issue = block.issue
        for index in range(block.start, block.stop):
            day = self.days[index]
            year, serial = self.numbered(day, issue)
            template = self.templates[self.places[index]].for_serial(serial)
            yield Stamping(template, day, year, serial)
            issue += template.size

    def blocks(self, size: int) -> tuple[list[LoadBlock], Counter[str]]:
        """All blocks of ``size`` stampings, and how many rows each table gets."""
        found, rows, issue = [], Counter[str](), 0
        for start in range(0, len(self.places), size):
            block = LoadBlock(start, min(start + size, len(self.places)), issue, dict(rows))
            for template, times in Counter(row.template for row in self.stampings(block)).items():
                issue += template.size * times
                rows.update({table: number * times for table, number in template.counts.items()})
            found.append(block)
        return found, rows
