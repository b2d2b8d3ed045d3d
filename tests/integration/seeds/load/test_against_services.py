"""Seeded issues are what the services make: stamped where it was recorded, a journey leaves what it leaves for real."""

from random import Random
from typing import Any
from unittest.mock import patch

import pytest

from deadlines.models import Deadline
from files.models import StoredFile
from issues.enums import SUBJECT
from issues.models import Holding, Issue, IssueDepartment, Participation, Request
from issues.policies import SAMPLE_EVERY
from journal.models import Event
from papers.models import Draft
from seeds.load import journeys, loading
from seeds.load.loading import LoadRequest, load
from seeds.load.recording import JourneyRecorder
from seeds.load.reference import load_reference
from seeds.load.schedule import Schedule
from seeds.load.templates import Template
from seeds.load.timeline import LoadTimeline, day_of, instant
from tests.integration.seeds.load.conftest import OFTEN, outside
from tests.support.cast import NOW, World

pytestmark = pytest.mark.long

OWN = {
    "id", "year", "serial", "number", "token", "contact_id", "master_id", "lexemes", "title", "description", "address",
    "neighbourhood_id", "building_id", "external_number", "joined_dates",
}  # fmt: skip
LADDER = ("fired", "next_rung_at", "next_rung")
REQUEST = LoadRequest(count=400, seed=3, open_share=0.5)


def columns(row: Any, without: set[str]) -> dict[str, Any]:
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in without
    }


def left_by(issue: Issue) -> dict[str, Any]:
    """All rows of an issue, without ids and without what each issue has for itself."""
    return {
        "issue": columns(issue, OWN),
        "events": [event_of(row) for row in Event.objects.of(SUBJECT, issue.pk).order_by("seq")],
        "deadlines": rows(Deadline.objects.of(SUBJECT, issue.pk), {"subject_id", "caps", *LADDER}),
        "files": rows(StoredFile.objects.of(SUBJECT, issue.pk), {"owner_id", "public_id", "large", "small", "state"}),
        "drafts": rows(Draft.objects.filter(subject_kind=SUBJECT, subject_id=issue.pk), {"subject_id", "deadline_id"}),
        **{
            model.__name__: rows(model.objects.filter(issue=issue), {"issue_id"})
            for model in (IssueDepartment, Participation, Holding, Request)
        },
    }


def rows(found: Any, without: set[str]) -> list[dict[str, Any]]:
    return sorted((columns(row, {"id", *without}) for row in found), key=str)


def event_of(event: Event) -> dict[str, Any]:
    """An event; of rows that each issue has for itself, only how many."""
    data = dict(event.data)
    for name in ("attachments", "commitment", "kept", "master", "issue", "deadline"):
        if name in data:
            data[name] = len(str(data[name]).split(","))
    texts = {row.key: row.text for row in event.texts_plain.all() if row.key != "title"}
    return columns(event, {"id", "subject_id", "texts", "prev_hash", "hash"}) | {"data": data, "plain": texts}


def each_once(templates: list[Template], timeline: LoadTimeline, random: Random) -> Schedule:
    """Every recording on the day on which it was recorded."""
    order = sorted(range(len(templates)), key=lambda place: (templates[place].placing.day, place))
    found = Schedule(templates)
    for place in order:
        found.add(templates[place].placing.day, [place])
    return found


def test_a_stamped_issue_is_one_that_the_services_made(world: World) -> None:
    outside(world)
    with (
        patch.object(journeys, "_UNDER_WAY", OFTEN),
        patch.object(journeys, "_JOINED", 0.3),
        patch.object(Schedule, "make", each_once),
    ):
        load(REQUEST, now=NOW, says=lambda line: None)
        stamped = list(Issue.objects.order_by("pk"))
        reference = load_reference()
        timeline = LoadTimeline.until(NOW, REQUEST.count, REQUEST.open_share, reference.calendar)
        again = loading.journeys_of(reference, timeline, REQUEST.seed)
    recorder = JourneyRecorder(reference, StoredFile.objects.get(owner_kind="subdistrict"), NOW)
    walked: set[str] = set()
    for place in sorted(range(len(again)), key=lambda place: (day_of(instant(again[place].lot.logged)), place)):
        mine = [stamped.pop(0) for _issue in range(again[place].joined + 1)]
        sampled = mine[0].serial % SAMPLE_EVERY == 0
        real = recorder.walk(again[place], place, sampled=sampled).issues
        for one, other in zip(mine, real, strict=True):
            assert left_by(one) == left_by(other)
            walked |= {event.kind for event in Event.objects.of(SUBJECT, one.pk)}
    assert not stamped
    assert walked >= {"merge", "join", "grant_suspension", "reply", "verify_pass", "record_follow_up"}
