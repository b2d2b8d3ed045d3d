"""Making stories: from hand-written scenes, and from patterns filled with places and people."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final

from communities import emergencies
from deadlines import services as deadlines
from deadlines.calendar import DAY_CLOSES, MINUTES_PER_DAY
from deadlines.rules import effective_level
from issues.enums import Kind, RejectReason, Source
from issues.services.creation import NewIssue
from seeds.demonstration import histories
from seeds.demonstration.cast import Cast
from seeds.demonstration.stories import DemoStory, InDays
from seeds.demonstration.timeline import Ago, days
from seeds.demonstration.turns import TURNS, publish
from seeds.demonstration.whereabouts import Setting, setting
from seeds.demonstration.words import Block, Filler, blocks, patterns
from seeds.places.names import mobile

_PLACES: Final = frozenset({"estate", "village", "street"})
_SOURCES: Final = (
    [Source.PHONE] * 9 + [Source.WEB] * 4 + [Source.COUNTER] * 3 + [Source.HOTLINE_12345, Source.LEADER] * 2
    + [Source.PATROL] * 2 + [Source.LIAISON, Source.DEPUTY, Source.MEETING]
)  # fmt: skip
_REACHABLE: Final = [Source.WEB, Source.COUNTER, Source.HOTLINE_12345, Source.LEADER, Source.WEB]
_CALLED_BACK: Final = frozenset({"follow_up", "dissatisfied", "closed_explained", "unreachable", "withdrawn"})
"""Recipes in which the reporter has left a telephone number."""
_STAFF_SOURCES: Final = frozenset(Source) - {Source.WEB, Source.LEADER}
_SEEN: Final = frozenset("01 02 03 04 07 08 09 10 11 13 14 0603 1202".split())
"""Categories in which one can look at what was done."""
_WITH_PHOTO: Final[dict[str, float]] = {Source.LEADER: 0.9, Source.WEB: 0.45, Source.PATROL: 0.7}
"""How many reports bring a photograph, by source."""
_OWN_SHARE: Final = {"0101": 0.3, "1201": 0.6, "1203": 0.7, "2101": 0.6}


@dataclass
class ToldStory:
    """A story with when its last step was, or how long ago it was accepted."""

    story: DemoStory
    last: Ago
    accepted_days_ago: float | None = None

    def last_ago(self) -> Ago:
        """How long ago the last step was."""
        if self.accepted_days_ago is None:
            return self.last
        steps = self.story.steps
        accepted = next(number for number, step in enumerate(steps) if step.action == "accept")
        since = self.accepted_days_ago * MINUTES_PER_DAY - sum(step.gap for step in steps[accepted + 1 :])
        return Ago(max(since, 15.0), working=True)


@dataclass
class Teller:
    """Makes stories; the same for the same seed."""

    cast: Cast
    random: Random
    _used: Counter[Block] = field(default_factory=Counter)

    def scene(self, block: Block) -> ToldStory:
        """A hand-written scene."""
        code, kind, community = block.head
        place, _, address = (part.strip() for part in block.get("where").partition("|"))
        story = self._story(
            code,
            kind,
            self._scene_setting(community, place, address),
            block,
            source=block.get("source"),
            department=block.get("department"),
            level=block.get("level"),
        )
        story.before = story.before or bool(block.get("photos"))
        story.external_due = InDays(int(block.get("due")), DAY_CLOSES) if block.get("due") else None
        recipe, *rest = block.get("state").split()
        return self._scene_state(story, recipe, rest, block)

    def _scene_setting(self, community: str, place: str, address: str) -> Setting:
        name, _, building_name = place.partition(" ")
        known = self.cast.places.neighbourhoods.get((community, name))
        building = self.cast.places.buildings[(community, name, building_name)] if building_name else None
        return Setting(community, name or address, address, address, known.pk if known else None, building)

    def _scene_state(self, story: DemoStory, recipe: str, rest: list[str], block: Block) -> ToldStory:
        if recipe == "returned2":
            second = block.get("second")
            officer = self.cast.staff_for(story.words.given["community"], second).officer
            histories.returned_twice(story, second, officer)
            return ToldStory(story, Ago.parse(rest[0]))
        (histories.RECIPES | TURNS)[recipe](story)
        if block.get("publish"):
            publish(story, block.get("publish"), block.get("public_text"))
        if rest[0] in ("fresh", "soon", "late"):
            return ToldStory(story, days(1), self.age(story, rest[0], float(rest[1]) if len(rest) > 1 else None))
        if "tried" in rest:
            tries = int(rest[rest.index("tried") + 1])
            histories.call_in_vain(story, tries)
            verified = Ago.parse(rest[0]).minutes
            return ToldStory(story, Ago(max(20.0, verified - 30 - 240 * (tries - 1)), working=True))
        return ToldStory(story, Ago.parse(rest[0]))

    def age(self, story: DemoStory, state: str, by: float | None = None) -> float:
        """How many working days ago it was accepted, so that the handling limit is in this state now."""
        limit = story.handle_days
        if state == "fresh":
            return limit * self.random.uniform(0.25, 0.6)
        if state == "soon":
            return limit - min(self.random.uniform(0.05, 0.7), limit / 4)
        return (
            limit
            + (by if by is not None else self.random.choice((1, 1, 2, 2, 3, 4, 6)))
            + self.random.uniform(0.1, 0.6)
        )

    def pattern(
        self,
        recipe: str,
        *,
        community: str,
        wanted: Callable[[Block], bool],
        department: str = "",
        officer: str = "",
    ) -> DemoStory:
        """A matter from the pattern that was used least, with the steps of ``recipe``."""
        found = [block for block in (blocks("rejected") if recipe == "rejected" else patterns()) if wanted(block)]
        least = min(self._used[block] for block in found)
        block = self.random.choice([block for block in found if self._used[block] == least])
        self._used[block] += 1
        where = next((word for word in block.head[2:] if word in _PLACES), "")
        with_building = "{n:2-18}" in block.get("title") + block.get("text")
        place = setting(self.cast, community, where, self.random, with_building=with_building)
        source = self.random.choice(_REACHABLE) if recipe in _CALLED_BACK else ""
        story = self._story(
            block.head[0], block.head[1], place, block, source=source, department=department, officer=officer
        )
        story.slow = recipe in ("closed", "redone_closed") and self.random.random() < 0.12
        histories.RECIPES[recipe](story)
        return story

    def _story(
        self,
        code: str,
        kind: str,
        place: Setting,
        block: Block,
        *,
        source: str = "",
        department: str = "",
        level: str = "",
        officer: str = "",
    ) -> DemoStory:
        category = self.cast.categories[code]
        usual = category.department.code if category.department else "GOVERN"
        if not department:
            department = "OWN" if self.random.random() < _OWN_SHARE.get(code, 0) else usual
        staff = self.cast.staff_for(place.community, department, self.random)
        if officer:
            staff.officer = officer
        others = [name for name in ("ENFORCE", "HOUSING", "WATER") if name != staff.department]
        given = {
            "community": place.community,
            "area": place.area,
            "spot": place.spot,
            "suggested": self.cast.name_of(self.random.choice(others)),
        }
        words = Filler(self.random, given, soft=kind == Kind.ENQUIRY or _SEEN.isdisjoint((code, code[:2])))
        if place.building_number:
            words.fix("n:2-18", place.building_number)
        source = source or (Source.PHONE if kind == Kind.REPORT else self.random.choice(_SOURCES))
        text, title = words.fill(block.get("text")), words.fill(block.get("title"))
        stands = effective_level(level or None, category.override, kind)
        if emergencies.find_alarm(self.cast.subdistrict.pk, title, text):
            level = stands
        story = DemoStory(
            draft=NewIssue(
                subdistrict_id=self.cast.subdistrict.pk,
                community_id=self.cast.communities[place.community].pk,
                description=text,
                title=title,
                kind=kind,
                source=source,
                level=level,
                category_id=category.pk,
                neighbourhood_id=place.neighbourhood_id,
                building_id=place.building.pk if place.building else None,
                address=place.address,
            ),
            staff=staff,
            words=words,
            progress=block.get("progress"),
            reply=block.get("reply") or block.get("note"),
            outcome=block.get("outcome") or ("explained" if kind == Kind.ENQUIRY else "solved"),
            reason=next((word for word in block.head[2:] if word in RejectReason.values), ""),
            category=code,
            level=stands,
            more=block.values,
            handle_days=self._handle_days(code, kind, level),
        )
        self._reporter(story, block, place)
        story.before = story.seen and self.random.random() < _WITH_PHOTO.get(story.draft.source, 0.12)
        return story

    def _reporter(self, story: DemoStory, block: Block, place: Setting) -> None:
        """Who raised it, who logged it, and whether the name is kept from the departments."""
        draft, source, staff = story.draft, story.draft.source, story.staff
        more: dict[str, object] = {}
        if block.get("leader"):
            leader = self.cast.leader
            story.logged_by = "leader"
            more = {"contact_name": leader.name, "contact_phone": leader.phone, "leader_id": leader.pk}
        elif block.get("contact"):
            name, tail = block.get("contact").split()
            more = {"contact_name": name, "contact_phone": mobile(int(tail))}
        elif source == Source.LEADER:
            leader = self.random.choice(self.cast.leaders_by_community[draft.community_id])
            more = {"contact_name": leader.name, "contact_phone": leader.phone, "leader_id": leader.pk}
        elif source not in (Source.PATROL, Source.LIAISON) and not (
            source == Source.PHONE and self.random.random() < 0.06
        ):
            resident = self.random.choice(self.cast.residents)
            more = {"contact_name": resident.name, "contact_phone": resident.phone}
        if source == Source.HOTLINE_12345:
            more["external_number"] = f"NH12345-{self.random.randrange(100000, 999999)}"
        if source in _STAFF_SOURCES:
            story.logged_by = staff.secretary if source in (Source.MEETING, Source.LIAISON) else staff.clerk
        if source == Source.WEB and not story.urgent and self.random.random() < 0.5:
            more["category_id"] = None
        if more.get("contact_phone") and draft.kind == Kind.COMPLAINT and self.random.random() < 0.08:
            more["confidential"] = True
        story.draft = _replaced(draft, more)

    def _handle_days(self, code: str, kind: str, level: str) -> float:
        limits = deadlines.load_rules(self.cast.subdistrict.pk).limits_for(
            level or None, self.cast.categories[code].override, kind, category_code=code
        )
        if "handle" not in limits:
            return 12
        limit = limits["handle"].limit
        return limit.amount if limit.counts_days else limit.minutes / MINUTES_PER_DAY


def _replaced(draft: NewIssue, more: dict[str, object]) -> NewIssue:
    return NewIssue(**{**draft.__dict__, **more})


def scenes(teller: Teller) -> Iterator[ToldStory]:
    """All hand-written scenes."""
    return (teller.scene(block) for block in (*blocks("scenes"), *blocks("cases")))


def belongs_to(cast: Cast, block: Block, department: str) -> bool:
    """Whether matters of this pattern go to ``department``."""
    found = cast.categories[block.head[0]].department
    return found is not None and found.code == department


def is_outside(cast: Cast, block: Block) -> bool:
    """Whether matters of this pattern go to a body without accounts."""
    found = cast.categories[block.head[0]].department
    return found is not None and found.is_external
