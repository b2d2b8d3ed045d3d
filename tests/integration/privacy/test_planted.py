"""Personal data planted in every field that a person can type, and looked for in all that anybody receives.

A chapter is a set of matters of one flavour: open, confidential, or reported confidentially by a leader. On each matter
an edge of the workflow is walked, every free text of which holds a person who stands nowhere else (tests/support).
Then everybody opens everything, mail and robots are sent, and what was written in between is read: pages, API, the
console's panels, prints, mail, robots, logs, Redis, sessions, cookies, names of files. Who has no right to it finds
nothing. ``LONG=1`` (make test-long) walks an edge for every action and party, and everybody opens every page; else some
of them, the same in every run.
"""

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, Final
from urllib.parse import unquote

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import issue_token
from communities.access import access_of
from files.models import StoredFile
from issues import workflow
from issues.discretion import knows_reporter
from issues.enums import SUBJECT, Status
from issues.models import Issue
from issues.services.errors import NotPermitted
from issues.workflow import Party
from papers.models import Paper
from reminders.models import OutboxMessage
from reminders.services.delivery import deliver
from reminders.services.fan_out import fan_out
from reminders.services.sweep import sweep
from tests.integration.issues.test_edges import FIELDS, WHO, matter_for, prepare
from tests.integration.reminders.test_delivery_secrets import Outside, outside  # noqa: F401 - a fixture
from tests.support.cast import NOW, World
from tests.support.drawn import without_drawn
from tests.support.photos import photo
from tests.support.planted import Person, Plants
from tests.support.sampling import LONG

pytestmark = pytest.mark.long

Browser = Callable[[str], Client]
Edge = tuple[tuple[str, Party], Status]
CHAPTER: Final = 2
"""How many edges of a flavour are walked before everybody reads."""
PAGES: Final = 15
"""How many pages that are of no one matter somebody opens, besides the lists."""
LATER: Final = NOW + timedelta(minutes=30)
READ: Final = NOW + timedelta(hours=2)
OPEN, CONFIDENTIAL, LEADERS = "open", "confidential", "leader's"
STAFF: Final = (
    *("clerk", "secretary", "clerk2", "officer", "officer2", "head", "supervisor", "deputy", "director", "admin"),
    *("leader", "outsider"),
)
READERS: Final = STAFF if LONG else ("clerk", "officer", "officer2", "deputy", "leader", "outsider")


def _order(action: str) -> tuple[Status, ...]:
    """In which status an action is tried first: a community hands on what nobody acknowledged yet."""
    return (Status.DISPATCHED if action == "reassign" else Status.IN_PROGRESS, Status.DISPATCHED, *Status)


EDGES: Final = sorted(
    {
        (str(row.action), party): next(status for status in _order(row.action) if status in row.sources)
        for row in reversed(workflow.TABLE)
        for party in WHO
        if party in row.who and row.action != "create"
    }.items()
)
"""One for every action and party: ((action, party), status)."""


@dataclass
class Planted:
    """One matter, who was planted in it as its reporter, and who as third persons in its texts."""

    issue: Issue
    what: str
    reporters: list[Person]
    others: list[Person]

    def marks(self) -> list[str]:
        return [person.mark for person in (*self.reporters, *self.others)]


@dataclass
class Chapter:
    """The matters of one flavour, and what was read of them."""

    flavour: str
    matters: list[Planted] = field(default_factory=list)
    found: list[str] = field(default_factory=list)

    def expect_none(self, secrets: Iterable[str], text: str, where: str) -> None:
        """Note each of ``secrets`` that stands in ``text``."""
        for secret in secrets:
            if secret in text:
                place = text.index(secret)
                self.found.append(f"{where}: {text[max(0, place - 30) : place + len(secret) + 10]!r}")


def fits(flavour: str, action: str) -> bool:
    """What is confidential is not published, and nobody is sent messages about a leader's."""
    if action == "set_messages":
        return flavour != LEADERS
    return flavour == OPEN or action not in ("publish", "unpublish")


def _edges(flavour: str) -> list[Edge]:
    """All that there are of a flavour, else a few of them."""
    fitting = [edge for edge in EDGES if fits(flavour, edge[0][0])]
    return fitting if LONG else _random(flavour).sample(fitting, CHAPTER)


def _chapters() -> Iterator[tuple[str, list[Edge]]]:
    """Flavour and edges of each chapter."""
    for flavour in (OPEN, CONFIDENTIAL, LEADERS):
        edges = _edges(flavour)
        for first in range(0, len(edges), CHAPTER):
            yield flavour, edges[first : first + CHAPTER]


def _random(about: str) -> Random:
    return Random(f"planted {about}")


# Planting


def _begun(world: World, plants: Plants, flavour: str, action: str, status: Status) -> Planted:
    """A matter walked to ``status`` with a reporter of its own, told of in every field of it."""
    first, reporter = len(plants.persons), plants.person(f"{action}: reporter")
    given: dict[str, Any] = {
        "contact_name": reporter.name,
        "contact_phone": reporter.phone,
        "contact_address": f"37{reporter.room}",
        "address": f"37{plants.person(f'{action}: address').room}" if flavour != OPEN else "幸福路口",
        "title": plants.words(f"{action}: title"),
        "description": plants.words(f"{action}: description"),
        **matter_for(action),
    }
    if flavour != OPEN:
        given |= {"confidential": True, "description": given["description"] + reporter.words}
    if flavour == LEADERS:
        assert world.leader is not None
        given |= {"leader_id": world.leader.pk, "source": "leader"}
    issue = world.make_issue(status, **given)
    sent = photo(world, issue, NOW, f"{plants.person(f'{action}: file').name}.jpg", by="clerk")
    note = plants.words(f"{action}: comment")
    at = NOW + timedelta(minutes=15)
    issue = world.act(issue, "comment", "clerk", at, note=note, attachments=[sent.pk])
    return Planted(issue, "", [reporter], plants.persons[first + 1 :])


def _walked(world: World, plants: Plants, flavour: str, action: str, party: Party, status: Status) -> Planted:
    planted = _begun(world, plants, flavour, action, status)
    begun, first = planted.issue, len(plants.persons)
    issue = prepare(world, begun, action, party)
    if party is Party.CO and issue.is_open and world.departments["WATER"].pk not in issue.co_department_ids:
        issue = world.act(issue, "add_department", "officer", NOW + timedelta(minutes=20), department="WATER")
    data = {"master": world.create().number} if action == "merge" else FIELDS[action]
    if action == "reply":
        data = {"outcome": "planned", "due_on": "2026-09-30"}
    data = plants.into(action, dict(data))
    who = "leader" if party is Party.REPORTER and flavour == LEADERS else WHO[party]
    try:
        issue = world.act(issue, action, who, LATER, **data)
    except NotPermitted:
        assert (flavour, party) == (LEADERS, Party.REPORTER), (action, who)  # what only a resident does
        issue = world.act(issue, action, "resident", LATER, **data)
    new = plants.persons[first:]
    if action == "edit":
        contact = [person for person in new if ".contact_" in person.where]
        new = [person for person in new if person not in contact]
        planted.reporters += contact
    planted.what = f"{flavour} {status} {action} by {who}"
    planted.issue, planted.others = Issue.objects.get(pk=issue.pk), [*planted.others, *new]
    return planted


def _leader(world: World, plants: Plants) -> Person:
    """The leader of the cast under a name that stands nowhere else."""
    assert world.leader is not None
    person = plants.person("the leader")
    world.leader.name, world.leader.phone = person.name, person.phone
    world.leader.save()
    user = world.people["leader"]
    user.display_name = person.name
    user.save(update_fields=["display_name"])
    return person


def _draft(plants: Plants) -> Person:
    """Somebody who typed without a script and did not send it: their browser finds it, nobody else does."""
    person, client = plants.person("a draft"), Client()
    typed = {"description": person.words, "contact_name": person.name, "address": f"37{person.room}"}
    assert client.post("/report/?send", typed | {"idempotency_key": "planted-draft"}).status_code == 400
    assert person.name in client.get("/report/").content.decode()
    return person


# Reading


def _patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern)
        else:
            yield pattern


REFERENCE: Final = frozenset({"api-leaders", "console-references", "console-reference", "console-people", "account"})
"""What names leaders and staff by their office, to whom it concerns; no matter stands in it."""


def _pages(who: str) -> list[str]:
    """The addresses that need nothing to be known but their name; some of them, and every list of matters."""
    names = {pattern.name: pattern for pattern in _patterns(get_resolver()) if pattern.name}
    plain = [name for name, pattern in names.items() if not pattern.pattern.converters and name not in REFERENCE]
    plain = sorted({reverse(name) for name in plain} - {reverse(name) for name in UNREAD})
    lists = {reverse(name) for name in LISTS}
    return plain if LONG else sorted({*lists, *_random(who).sample(plain, PAGES)})


UNTOLD: Final = frozenset[str]()
UNREAD: Final = ("api-unknown", "logout", "metrics", "readyz")
LISTS: Final = ("console-issues", "console-inbox", "console-notifications", "api-issues", "api-commitments",
                "api-notifications", "home", "public-list", "public-promises")  # fmt: skip


def _of_matter(issue: Issue) -> list[str]:
    """Every address of a matter by its number, the panels of its actions, its papers and files."""
    found = []
    for pattern in _patterns(get_resolver()):
        if set(pattern.pattern.converters) == {"number"}:
            found.append(reverse(pattern.name or "", kwargs={"number": issue.number}))
    page = reverse("console-issue", args=[issue.number])
    found += [f"{page}?action={action}" for action in _PANELS]
    papers = Paper.objects.of(SUBJECT, issue.pk).values_list("pk", flat=True)
    found += [reverse("console-issue-paper", args=[issue.number, pk]) for pk in papers]
    files = StoredFile.objects.filter(owner_kind=SUBJECT, owner_id=issue.pk)
    return found + [reverse("file", args=[file.public_id, "original", "a.pdf"]) for file in files]


_PANELS: Final = ("edit", "publish", "merge", "sign")


def _said(answer: Any) -> str:
    """All that a browser or a program receives: head, cookies and body, as people read it."""
    head = " ".join([*(f"{name}: {value}" for name, value in answer.headers.items()), str(answer.cookies)])
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    words = body.decode("utf-8", "replace")
    if answer.headers.get("Content-Type", "").startswith("application/json"):
        words = json.dumps(json.loads(words), ensure_ascii=False) if words else ""
    return without_drawn(unquote(f"{head}\n{words}"))


def _as_staff(
    world: World, signed_in: Callable[[str], Client], chapter: Chapter, who: str, known: list[Person]
) -> None:
    """What one of the staff finds on every page, of every matter."""
    access = access_of(world.user(who))
    browser = signed_in(who)
    token = {"Authorization": f"Token {issue_token(user=world.people[who], at=READ)}"}
    visible = set(Issue.objects.visible_to(access).values_list("pk", flat=True))
    unknown: list[tuple[str, list[str]]] = []
    for planted in chapter.matters:
        hidden = _hidden_from(planted, access, sees=planted.issue.pk in visible)
        unknown.append((planted.what, hidden))
        mine = [*hidden, *(secret for person in known for secret in (person.name, person.phone))]
        mine = mine if hidden and chapter.flavour == LEADERS and not knows_reporter(planted.issue, access) else hidden
        read = ""
        for address in _of_matter(planted.issue):
            answer = browser.get(address, headers=token if address.startswith("/api/") else None)
            assert answer.status_code < 500, address
            chapter.expect_none(mine, _said(answer), f"{planted.what}: {who} at {address}")
            read += _said(answer)
        if planted.issue.pk in visible and access.is_staff:
            told = [person for person in planted.others if not person.where.endswith(("address", ": file"))]
            missed = {person.where for person in told if person.mark not in read}
            assert missed <= UNTOLD, (planted.what, who)  # what is not even told to who sees it proves nothing
        _search(browser, chapter, planted, who, hidden)
    everywhere = [secret for _what, hidden in unknown for secret in hidden]
    for address in _pages(who):
        answer = browser.get(address, headers=token if address.startswith("/api/") else None)
        assert answer.status_code < 500, address
        chapter.expect_none(everywhere, _said(answer), f"{chapter.flavour}: {who} at {address}")


def _hidden_from(planted: Planted, access: Any, *, sees: bool) -> list[str]:
    """What this person must not receive: all of a matter out of sight, else who reported and who is named in it."""
    reported = [secret for person in planted.reporters for secret in person.secrets]
    named = [secret for person in planted.others for secret in person.secrets]
    if not sees:
        return [*reported, *named, *planted.marks()]
    if knows_reporter(planted.issue, access):
        return [] if planted.issue.confidential else reported
    return [*reported, *named]


def _search(browser: Client, chapter: Chapter, planted: Planted, who: str, hidden: list[str]) -> None:
    """Who may not know a person does not find the matter by them, whole or by the end of a number."""
    reporter = planted.reporters[0]
    short = f"{planted.issue.year}-{planted.issue.serial:06d}"
    for asked in (reporter.phone, reporter.phone[-4:], reporter.name) if reporter.name in hidden else ():
        if planted.issue.confidential or who == "outsider":
            page = browser.get("/console/issues/", {"q": asked}, follow=True).content.decode()
            if short in page or planted.issue.number in page:
                chapter.found.append(f"{planted.what}: {who} finds it by {asked}")


def _as_stranger(chapter: Chapter, known: list[Person]) -> None:
    """Without an account: released pages, and links with each proof. Actions are shown, none is carried out."""
    everything = [secret for planted in chapter.matters for secret in _all_of(planted)]
    everything += [secret for person in known for secret in (person.name, person.phone)]
    released = {person.mark for one in chapter.matters for person in one.others if person.where.startswith("publish.")}
    client = Client()
    for address in _pages("anybody"):
        hidden = [secret for secret in everything if secret not in released]
        chapter.expect_none(hidden, _said(client.get(address)), f"{chapter.flavour}: anybody at {address}")
    for planted in chapter.matters:
        issue, reporter = planted.issue, planted.reporters[-1]
        for door in (Client(), Client(headers={"accept-language": "en"})):
            for address in _of_link(issue):
                hidden = _all_of(planted)
                chapter.expect_none(hidden, _said(door.get(address)), f"{planted.what}: the link at {address}")
        tail = {"number": issue.number, "phone_tail": planted_phone(issue)[-4:]}
        secrets = [secret for person in (*planted.reporters, *planted.others) for secret in person.secrets]
        answer = client.post("/api/v1/public/issues/lookup/", tail, content_type="application/json")
        chapter.expect_none(secrets, _said(answer), f"{planted.what}: number and tail by the API")
        _proven(chapter, planted, planted_phone(issue)[-4:], secrets, "link and tail")
        numbers = [secret for person in planted.others for secret in (person.phone, person.identity)]
        _proven(chapter, planted, planted_phone(issue), [*numbers, reporter.phone], "the reporter")


def planted_phone(issue: Issue) -> str:
    """The number that was left last."""
    contact = Issue.objects.select_related("contact").get(pk=issue.pk).contact
    return contact.phone if contact is not None else ""


def _proven(chapter: Chapter, planted: Planted, given: str, hidden: list[str], who: str) -> None:
    client = Client()
    answer = client.post(f"/t/{planted.issue.token}/prove/", {"phone_tail": given})
    assert answer.status_code == 302, planted.what
    for address in ["/", *_of_link(planted.issue)]:
        chapter.expect_none(hidden, _said(client.get(address)), f"{planted.what}: {who} at {address}")


def _of_link(issue: Issue) -> list[str]:
    return [
        f"/t/{issue.token}/",
        f"/report/done/{issue.token}/",
        f"/api/v1/public/t/{issue.token}/",
        f"/api/v1/public/t/{issue.token}/attachments/",
        *(f"/t/{issue.token}/{action}/" for action in ("verdict", "give_info", "comment", "withdraw", "reopen")),
    ]


def _all_of(planted: Planted) -> list[str]:
    people = (*planted.reporters, *planted.others)
    return [*(secret for person in people for secret in person.secrets), *planted.marks()]


def _kept() -> Iterator[tuple[str, str]]:
    """What lies about: keys and values of Redis, sessions, names of stored files."""
    redis = cache._cache.get_client()  # type: ignore[attr-defined]
    for key in redis.scan_iter(count=1000):
        dumped = redis.dump(key) or b""
        yield "Redis", key.decode("utf-8", "replace") + dumped.decode("utf-8", "replace")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM door_keptform")
        yield from (("drafts of residents", str(row)) for row in cursor.fetchall())
    for names in StoredFile.objects.values_list("original", "large", "small", "public_id"):
        yield "stored files", " ".join(names)


# The chapters


@pytest.fixture
def chapter(world: World, outside: Outside, caplog: pytest.LogCaptureFixture, request: Any) -> Iterator[Any]:  # noqa: F811
    """The matters of a flavour with everybody planted in them; after it all of the day was told."""
    caplog.set_level(logging.INFO)
    (flavour, edges), plants = request.param, Plants()
    made = Chapter(flavour)
    with time_machine.travel(LATER, tick=False):
        known = [_draft(plants), *([_leader(world, plants)] if flavour == LEADERS else [])]
        for (action, party), status in edges:
            made.matters.append(_walked(world, plants, flavour, action, party, status))
    with time_machine.travel(READ, tick=False):
        sweep(at=READ)
        fan_out(at=READ)
        for _number in range(20):
            OutboxMessage.objects.filter(state="queued").update(next_attempt_at=NOW)
            if not deliver(clock=outside.tick).claimed:
                break
        yield made, known


@pytest.mark.parametrize("chapter", list(_chapters()), indirect=True, ids=lambda one: f"{one[0]} {one[1][0][0][0]}")
def test_nobody_without_the_right_receives_what_was_planted(
    world: World,
    chapter: tuple[Chapter, list[Person]],
    signed_in: Browser,
    outside: Outside,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    made, known = chapter
    for who in READERS:
        _as_staff(world, signed_in, made, who, known)
    _as_stranger(made, known)
    everything = [secret for planted in made.matters for secret in _all_of(planted)]
    everything += [secret for person in known for secret in (person.name, person.phone)]
    told = list(outside.said())
    assert {kind for kind, _words in told} >= {"email"}
    for kind, words in told:
        made.expect_none(everything, unquote(words), f"{made.flavour}: {kind}")
    made.expect_none(everything, caplog.text, f"{made.flavour}: the log")
    for where, words in _kept():
        made.expect_none(everything, words, f"{made.flavour}: {where}")
    assert made.found == []
