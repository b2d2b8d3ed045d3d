"""The recent issues of the demonstration: every story's steps in order of time, through issues.services."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from django.db import connection, transaction

from common.clock import local
from communities.actors import Actor
from communities.models import SubDistrict
from deadlines import services as deadlines
from issues.enums import Outcome
from issues.models import Issue
from issues.policies import is_sampled
from issues.services.actions import act
from issues.services.creation import create
from journal.models import Event
from journal.services import Entry, record_many
from seeds.demonstration.album import take_in
from seeds.demonstration.cast import Cast
from seeds.demonstration.casting import Teller, ToldStory, belongs_to, is_outside, scenes
from seeds.demonstration.leader_tasks import load_leader_tasks
from seeds.demonstration.ledger import load_ledger
from seeds.demonstration.meetings import load_recent_meetings
from seeds.demonstration.own_data import load_own_data
from seeds.demonstration.promises import load_living_promises
from seeds.demonstration.proposals import load_proposals
from seeds.demonstration.stories import RESIDENT, TIME, DemoStory, InDays, StoryStep
from seeds.demonstration.timeline import Ago, StoryTimeline, days
from seeds.demonstration.words import Block
from seeds.places.names import mobile

SEED: Final = 2026
EXAMPLE_PHONE: Final = mobile(1234)
MARK: Final = ("subdistrict", "demo_loaded")
"""Subject kind and kind of the journal's event that says that the recent issues are there."""

_KEPT_FOR: Final = timedelta(days=3)
"""Older events wait for no reader: nobody is notified of what happened long before the demonstration began."""

_FORGET = """
DELETE FROM journal_pending p USING journal_event e
WHERE e.id = p.event_id AND e.id > %s AND e.at < %s
"""


@dataclass(frozen=True)
class StoryBatch:
    """So many stories of one recipe. ``ages``: working days since the last step; or the state of the handling limit."""

    recipe: str
    count: int
    ages: tuple[float, float] = (0.2, 1.5)
    state: str = ""
    department: str = ""
    officer: str = ""
    community: str = ""


BATCHES: Final = (
    StoryBatch("dispatched", 3, (0.1, 0.7), department="MUNICIPAL"),
    StoryBatch("dispatched", 1, (1.6, 2.4), department="MUNICIPAL"),
    StoryBatch("in_progress", 6, state="fresh", department="MUNICIPAL", officer="officer"),
    StoryBatch("in_progress", 4, state="soon", department="MUNICIPAL", officer="officer"),
    StoryBatch("in_progress", 5, state="late", department="MUNICIPAL", officer="officer"),
    StoryBatch("in_progress", 4, state="fresh", department="MUNICIPAL", officer="municipal-officer2"),
    StoryBatch("redone", 1, (0.2, 0.8), department="MUNICIPAL", officer="officer"),
    StoryBatch("reopened", 1, (0.2, 0.6), department="MUNICIPAL", officer="officer"),
    StoryBatch("dispatched", 2, (0.1, 0.6), department="WATER"),
    StoryBatch("in_progress", 4, state="fresh", department="WATER", officer="officer2"),
    StoryBatch("in_progress", 2, state="soon", department="WATER", officer="officer2"),
    StoryBatch("in_progress", 3, state="late", department="WATER", officer="officer2"),
    StoryBatch("redone", 1, (0.2, 0.6), department="WATER", officer="officer2"),
    StoryBatch("submitted", 2, (0.1, 0.7), community="大德社区"),
    StoryBatch("follow_up", 2, (1.0, 4.5), community="大德社区"),
    StoryBatch("submitted", 9, (0.1, 0.8)),
    StoryBatch("submitted", 2, (1.6, 2.4)),
    StoryBatch("accepted", 6, (0.05, 0.4)),
    StoryBatch("accepted", 2, (1.0, 1.6)),
    StoryBatch("dispatched", 8, (0.1, 0.8)),
    StoryBatch("dispatched", 3, (1.5, 2.6)),
    StoryBatch("in_progress", 24, state="fresh"),
    StoryBatch("in_progress", 8, state="soon"),
    StoryBatch("in_progress", 9, state="late"),
    StoryBatch("returned", 4, (0.05, 0.5)),
    StoryBatch("replied", 8, (0.2, 1.9)),
    StoryBatch("replied", 2, (3.0, 4.0)),
    StoryBatch("follow_up", 12, (0.5, 4.8)),
    StoryBatch("follow_up", 2, (6.0, 8.0)),
    StoryBatch("dissatisfied", 3, (0.3, 2.0)),
    StoryBatch("redone", 4, (0.2, 1.2)),
    StoryBatch("redone_twice", 3, (0.2, 1.0)),
    StoryBatch("reopened", 3, (0.2, 1.0)),
    StoryBatch("closed", 18, (1.0, 40.0), community="夏东社区"),
    StoryBatch("closed", 8, (1.0, 40.0), community="大德社区"),
    StoryBatch("closed", 118, (0.3, 45.0)),
    StoryBatch("redone_closed", 12, (1.0, 35.0)),
    StoryBatch("answered_now", 26, (0.2, 40.0)),
    StoryBatch("unreachable", 5, (0.5, 25.0)),
    StoryBatch("closed_explained", 5, (0.5, 30.0)),
    StoryBatch("rejected", 12, (0.3, 35.0)),
    StoryBatch("withdrawn", 8, (0.5, 30.0)),
)
_URGES: Final = 9
_NEEDS_ACCOUNTS: Final = frozenset({"dispatched", "returned"})
"""Recipes that end with a department's own step: bodies outside have nobody who could take it."""
_QUESTIONS: Final = frozenset({"enquiry", "praise"})
_NEVER_AT_ONCE: Final = frozenset({"0403", "0901", "1101", "1701"})
"""Categories whose answers tell of what somebody did first."""


def is_loaded(subdistrict: SubDistrict) -> bool:
    """Whether the recent issues are there."""
    return Event.objects.of(MARK[0], subdistrict.pk).of_kinds([MARK[1]]).exists()


@transaction.atomic
def load_recent(cast: Cast, at: datetime) -> tuple[int, Issue]:
    """Let every story happen, up to ``at``; returns how many, and the one whose contact has EXAMPLE_PHONE."""
    timeline = StoryTimeline(deadlines.load_calendar(), at)
    teller = Teller(cast, Random(SEED))
    told = [*scenes(teller), *_from_batches(teller)]
    _urge(told, Random(SEED))
    newest = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    issues = _happen(cast, told, timeline)
    of_example = next(number for number, row in enumerate(told) if row.story.draft.contact_phone == EXAMPLE_PHONE)
    example = issues[of_example, ""]
    load_own_data(cast, example, at)
    load_living_promises(cast, at)
    load_recent_meetings(cast, at)
    load_proposals(cast, at)
    load_ledger(cast, at)
    load_leader_tasks(cast, at)
    record_many(
        [
            Entry(
                subject_kind=MARK[0], subject_id=cast.subdistrict.pk, kind=MARK[1], at=at, data={"issues": len(issues)}
            )
        ],
        readers_of=[],
    )
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [newest, at - _KEPT_FOR])
    return len(issues), example


def _from_batches(teller: Teller) -> Iterator[ToldStory]:
    names = list(teller.cast.communities)
    for batch in BATCHES:
        for _ in range(batch.count):
            story = teller.pattern(
                batch.recipe,
                community=batch.community or teller.random.choice(names),
                wanted=_wanted(teller.cast, batch),
                department=batch.department,
                officer=batch.officer,
            )
            if batch.state:
                yield ToldStory(story, days(1), teller.age(story, batch.state))
            elif story.urgent and batch.recipe == "submitted":
                yield ToldStory(story, Ago(teller.random.uniform(8, 45), working=False))
            else:
                yield ToldStory(story, days(teller.random.uniform(*batch.ages)))


def _wanted(cast: Cast, batch: StoryBatch) -> Callable[[Block], bool]:
    """Which patterns suit the recipe: only questions are answered at once, praise goes nowhere else."""

    def wanted(block: Block) -> bool:
        if batch.recipe == "answered_now":
            return block.head[1] in _QUESTIONS and block.head[0] not in _NEVER_AT_ONCE
        if batch.recipe in _NEEDS_ACCOUNTS and is_outside(cast, block):
            return False
        if block.head[1] == "praise" or (batch.recipe in ("redone", "reopened") and block.head[1] == "enquiry"):
            return False
        return not batch.department or belongs_to(cast, block, batch.department)

    return wanted


def _urge(told: list[ToldStory], random: Random) -> None:
    """The supervisor or a secretary urges some that are late or wait for long."""
    late = [row for row in told if row.accepted_days_ago and row.accepted_days_ago > row.story.handle_days]
    for row in random.sample(late, min(_URGES, len(late))):
        who = random.choice(("supervisor", row.story.staff.secretary))
        row.story.add(random.uniform(420, 600), who, "urge", note=row.story.words.note("urge"))
    for row in late[:2]:
        row.story.add(random.uniform(60, 300), "deputy", "urge", note=row.story.words.note("urge"))


Issues = dict[tuple[int, str], Issue]
"""By the number of the story and the name of the joined matter, "" for the story's own."""


def _happen(cast: Cast, told: list[ToldStory], timeline: StoryTimeline) -> Issues:
    steps: list[tuple[datetime, int, StoryStep]] = []
    for number, row in enumerate(told):
        gaps = [step.gap for step in row.story.steps]
        moments = timeline.before(row.last_ago(), gaps)
        steps += [(at, number, step) for at, step in zip(moments, row.story.steps, strict=True)]
    issues: Issues = {}
    for at, number, step in sorted(steps, key=lambda item: item[0]):
        story, key = told[number].story, (number, step.on)
        if step.action == "create":
            issues[key] = _create(cast, story, step, at)
        else:
            main = issues[number, ""]
            more = {"master": main.number} if step.action == "merge" else {}
            issues[key] = _act(cast, story, issues[key], replace(step, data={**step.data, **more}), at)
            if step.on:
                main.refresh_from_db(fields=["version", "status", "turn"])
    return issues


def _create(cast: Cast, story: DemoStory, step: StoryStep, at: datetime) -> Issue:
    by = Actor.resident() if step.who == RESIDENT else cast.actor(step.who)
    random = story.words.random
    draft = story.joined[step.on] if step.on else story.draft
    occurred_at = at - timedelta(minutes=random.randrange(20, 900, 5)) if random.random() < 0.4 else None
    uploads = [
        take_in(what, story.category, by_id=by.user_id, at=at, subdistrict_id=draft.subdistrict_id).public_id
        for what in step.files
    ]
    due = story.external_due
    external_due_at = datetime.fromisoformat(due.after(at)) if due else None
    draft = replace(draft, occurred_at=occurred_at, uploads=uploads, external_due_at=external_due_at)
    return create(draft=draft, by=by, at=at)


def _act(cast: Cast, story: DemoStory, issue: Issue, step: StoryStep, at: datetime) -> Issue:
    by = _actor(cast, issue, step)
    day = local(at)
    data = _filled(story, step.data, f"{day.month}月{day.day}日", at)
    if step.files:
        files = [
            take_in(
                what, story.category, by_id=by.user_id, at=at, subdistrict_id=issue.subdistrict_id, issue_id=issue.pk
            )
            for what in step.files
        ]
        data["attachments"] = [file.pk for file in files]
    return act(issue_id=issue.pk, action=step.action, by=by, at=at, data=data, version=issue.version)


def _actor(cast: Cast, issue: Issue, step: StoryStep) -> Actor:
    """Who takes the step: what the supervisor has to verify, the supervisor does."""
    if step.who == TIME:
        return Actor.system()
    if step.who == RESIDENT:
        return Actor.reporter(issue)
    if step.action == "verify_pass" and (issue.outcome == Outcome.NOT_NOW or is_sampled(issue)):
        return cast.actor("supervisor")
    return cast.actor(step.who)


def _filled(story: DemoStory, data: Mapping[str, Any], date: str, at: datetime) -> dict[str, Any]:
    def filled(value: Any) -> Any:
        if isinstance(value, InDays):
            return value.after(at)
        return story.words.fill(value, date=date) if isinstance(value, str) else value

    return {key: filled(value) for key, value in data.items()}
