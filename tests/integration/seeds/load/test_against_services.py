"""Seeded issues are what the services would have made: a sample travels again, step by step, and nothing differs."""

from typing import Any

from accounts.models import User
from communities.actors import Actor
from communities.models import Category, Department
from deadlines.models import Deadline
from issues.enums import SUBJECT, Status
from issues.models import Holding, Issue, IssueDepartment, Participation, Request
from issues.services.actions import act
from issues.services.creation import NewIssue, create
from journal.models import Event
from seeds.load.loading import Loaded
from tests.integration.seeds.load.conftest import seed
from tests.support.cast import World
from tests.support.photos import photo
from tests.support.standing import begins

OWN = {"id", "year", "serial", "number", "token", "contact_id", "lexemes"}
LADDER = {"id", "subject_id", "next_rung_at", "next_rung", "fired"}
SAMPLE = 150
UNUSUAL = (
    "transfer_out", "add_department", "co_reply", "request_extension", "grant_suspension", "supervise", "publish",
    "redo", "return", "fulfil",
)  # fmt: skip


def columns(row: Any, without: set[str]) -> dict[str, Any]:
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in without
    }


def events_of(issue: Issue) -> list[Event]:
    return list(Event.objects.of(SUBJECT, issue.pk).order_by("seq").prefetch_related("texts_plain"))


class Replay:
    """The issue's journal, carried out again by the services."""

    def __init__(self, world: World, seeded: Issue) -> None:
        self.world, self.seeded, self.events = world, seeded, events_of(seeded)
        self.categories = dict(Category.objects.values_list("pk", "code"))
        self.departments = dict(Department.objects.values_list("pk", "code"))

    def actor(self, event: Event, issue: Issue | None) -> Actor:
        if event.actor is not None:
            return Actor.staff(User.objects.get(username=event.actor.username))
        return Actor.resident() if issue is None else Actor.reporter(issue)

    def fields(self, event: Event) -> dict[str, Any]:
        plain = {text.key: text.text for text in event.texts_plain.all()}
        facts = {key: value for key, value in event.data.items() if value not in (None, "", "no_reporter")}
        for name, codes in (("category", self.categories), ("department", self.departments)):
            if name in facts:
                facts[name] = codes[facts[name]]
        facts.pop("level", None)
        facts.pop("officer", None)
        facts.pop("commitment", None)
        facts.pop("kept", None)
        return facts | plain

    def take_the_serial(self, issue: Issue) -> None:
        """The seeded issue's serial, in a year of its own: it decides whether the supervisor looks at a sample."""
        Issue.objects.filter(pk=issue.pk).update(serial=self.seeded.serial, year=self.seeded.year + 1000)

    def run(self) -> Issue:
        first, seeded = self.events[0], self.seeded
        contact = seeded.contact
        issue = create(
            draft=NewIssue(
                subdistrict_id=seeded.subdistrict_id,
                community_id=seeded.community_id,
                description=seeded.description,
                title=seeded.title,
                kind=seeded.kind,
                source=seeded.source,
                category_id=first.data["category"],
                level=seeded.level if seeded.level_set else "",
                neighbourhood_id=seeded.neighbourhood_id,
                building_id=seeded.building_id,
                address=seeded.address,
                external_number=seeded.external_number,
                contact_name=contact.name if contact else "",
                contact_phone=contact.phone if contact else "",
            ),
            by=self.actor(first, None),
            at=first.at,
        )
        self.take_the_serial(issue)
        for event in self.events[1:]:
            by = self.actor(event, issue)
            fields = self.fields(event)
            if "attachments" in fields:
                fields["attachments"] = [photo(self.world, issue, event.at).pk]
            act(
                issue_id=issue.pk,
                action=event.kind,
                by=by,
                at=event.at,
                data=fields,
                version=event.data["version"] - 1,
            )
        return Issue.objects.get(pk=issue.pk)


@begins(seed)
def test_a_sample_travels_again(world: World, seeded: Loaded) -> None:
    pks = list(Issue.objects.order_by("pk").values_list("pk", flat=True))
    walked: set[str] = set()
    for pk in sorted({*pks[: -2 * SAMPLE : 60], *pks[-2 * SAMPLE :: 6], *unusual()}):
        issue = Issue.objects.select_related("contact").get(pk=pk)
        if issue.persons > 1 or issue.status == Status.MERGED:
            continue
        again = Replay(world, issue).run()
        path = [event.kind for event in events_of(issue)]
        walked |= set(path)
        assert columns(again, OWN) == columns(issue, OWN), path
        assert_same_parts(issue, again)
    assert set(UNUSUAL) <= walked


def unusual() -> list[int]:
    """A few of each of the rarer turns."""
    found: set[int] = set()
    for kind in UNUSUAL:
        found |= set(Event.objects.filter(kind=kind).order_by("id").values_list("subject_id", flat=True)[:4])
    found |= set(Event.objects.filter(data__outcome="planned").values_list("subject_id", flat=True)[:4])
    return sorted(found)


def plain_data(event: Event) -> dict[str, Any]:
    """What an event says; of rows that each issue has for itself, only how many."""
    found = dict(event.data)
    return found | {
        name: len(str(found[name]).split(",")) for name in ("attachments", "commitment", "kept") if name in found
    }


def assert_same_parts(issue: Issue, again: Issue) -> None:
    for one, other in zip(events_of(issue), events_of(again), strict=True):
        apart = {"id", "subject_id", "texts", "prev_hash", "hash", "data"}
        assert columns(other, apart) == columns(one, apart)
        assert plain_data(other) == plain_data(one)
        assert {text.key: text.text for text in one.texts_plain.all()} == {
            text.key: text.text for text in other.texts_plain.all()
        }
    order = ("started_at", "kind", "state")
    clocks = [
        [columns(row, LADDER) for row in Deadline.objects.of(SUBJECT, found.pk).order_by(*order)]
        for found in (issue, again)
    ]
    assert clocks[0] == clocks[1]
    for model in (IssueDepartment, Participation, Holding, Request):
        rows = [
            sorted((columns(row, {"id", "issue_id"}) for row in model.objects.filter(issue=found)), key=str)
            for found in (issue, again)
        ]
        assert rows[0] == rows[1]
