"""Masking a matter: whatever was done with it, no table tells of a person afterwards, and all the rest stays.

The matters are those of test_planted: an edge of the workflow is walked, and every free text of it holds a person who
stands nowhere else. Then the whole database is read, row by row, encrypted fields in the clear.
"""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from commitments.models import Commitment
from commitments.services.acting import act as on_promise
from communities.actors import Actor
from communities.models import Contact
from deadlines.models import Deadline
from files import storage
from files.models import StoredFile
from issues.enums import ENDED, SUBJECT, Action, Status
from issues.models import Issue
from issues.replay.rules import differences
from issues.resident import issue_by_token
from issues.services.actions import act
from issues.services.errors import NotPermitted, StateConflict
from issues.services.masking import mask
from issues.workflow import Party
from journal.models import Event, EventText
from privacy.models import RightsRequest
from tests.integration.privacy.test_planted import CONFIDENTIAL, EDGES, LEADERS, OPEN, Planted, _walked, fits
from tests.support.cast import NOW, PHONE, World
from tests.support.photos import photo
from tests.support.planted import Plants
from tests.support.sampling import sampled

pytestmark = pytest.mark.django_db

LONG_AFTER = NOW + timedelta(days=800)
FIGURES = (
    "number", "kind", "level", "source", "category_id", "community_id", "neighbourhood_id", "building_id", "status",
    "outcome", "verdict", "solved", "verdict_via", "lead_department_id", "officer_id", "return_count", "redo_count",
    "reopen_count", "urge_count", "persons", "joined_count", "created_at", "accepted_at", "dispatched_at", "replied_at",
    "verified_at", "closed_at", "excluded_at", "confidential", "contact_id", "leader_id",
)  # fmt: skip


def cases() -> list[Any]:
    """Every action by every party, of each flavour that it can be of."""
    rows = [
        (flavour, action, party, status)
        for (action, party), status in EDGES
        for flavour in (OPEN, CONFIDENTIAL, LEADERS)
        if fits(flavour, action)
    ]
    return sampled(rows, 6)


def ended(issue: Issue) -> Issue:
    """Over by hand, however far it was walked: masking asks the status alone."""
    if issue.status not in ENDED:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE issues_issue SET status = 'closed', turn = 'nobody', closed_at = %s, suspended_at = NULL,"
                " category_id = coalesce(category_id, (SELECT min(id) FROM communities_category)) WHERE id = %s",
                [NOW + timedelta(hours=3), issue.pk],
            )
    return Issue.objects.get(pk=issue.pk)


def rows_of_the_database() -> Iterator[tuple[str, str]]:
    """Every row of every table as text, with its table; what is encrypted also in the clear."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t")  # noqa: S608 - our own tables
            for (row,) in cursor.fetchall():
                yield table, row
    for contact in Contact.objects.all():
        yield "communities_contact", f"{contact.name} {contact.phone} {contact.address}"
    for text in EventText.objects.all():
        yield "journal_text", text.text or ""
    for request in RightsRequest.objects.all():
        yield "privacy_rightsrequest", f"{request.words} {request.answer}"


def left_of(planted: Planted) -> list[str]:
    """What the database still holds of the persons of a matter."""
    secrets = [secret for person in (*planted.reporters, *planted.others) for secret in person.secrets]
    return [f"{table}: {row}" for table, row in rows_of_the_database() if any(secret in row for secret in secrets)]


@pytest.mark.parametrize(("flavour", "action", "party", "status"), cases())
def test_nothing_tells_of_a_person_and_all_figures_stay(
    world: World, flavour: str, action: str, party: Party, status: Status
) -> None:
    planted = _walked(world, Plants(), flavour, action, party, status)
    before = ended(planted.issue)
    clocks = list(Deadline.objects.of(SUBJECT, before.pk).order_by("pk").values())
    events = list(Event.objects.of(SUBJECT, before.pk).order_by("seq").values("pk", "kind", "at", "data", "hash"))
    assert left_of(planted), "a person who stands nowhere proves nothing"
    known = {name: value for name, (value, _row) in differences(Event.objects.of(SUBJECT, before.pk), before).items()}

    mask(issue=before, by=Actor.system(), at=LONG_AFTER)

    assert left_of(planted) == []
    after = Issue.objects.get(pk=before.pk)
    assert {name: getattr(after, name) for name in FIGURES} == {name: getattr(before, name) for name in FIGURES}
    assert list(Deadline.objects.of(SUBJECT, before.pk).order_by("pk").values()) == clocks
    told = list(Event.objects.of(SUBJECT, before.pk).order_by("seq").values("pk", "kind", "at", "data", "hash"))
    assert told[: len(events)] == events
    assert {row["kind"] for row in told[len(events) :]} <= {"redact", "mask"}
    assert [row["kind"] for row in told].count("mask") == 1
    unexplained = differences(Event.objects.of(SUBJECT, before.pk).order_by("seq"), after)
    assert set(unexplained) <= set(known) | {"status", "closed_at"}, "masking itself is explained"
    assert "masked_at" not in unexplained
    out = StringIO()
    call_command("verify_journal", stdout=out)
    assert out.getvalue().startswith("ok")


def test_replay_explains_a_masked_row(world: World) -> None:
    issue = world.make_issue("closed")
    mask(issue=issue, by=Actor.system(), at=LONG_AFTER)
    out = StringIO()
    call_command("verify_journal", replay=True, stdout=out)
    assert out.getvalue().endswith("ok: 1 rows are as the journal tells\n")
    Issue.objects.filter(pk=issue.pk).update(masked_at=LONG_AFTER + timedelta(days=1))
    assert set(differences(Event.objects.of(SUBJECT, issue.pk).order_by("seq"), Issue.objects.get(pk=issue.pk))) == {
        "masked_at"
    }


def test_answers_in_which_nothing_is_to_be_scrubbed_are_kept_and_others_emptied(world: World) -> None:
    issue = world.make_issue("in_progress")
    issue = world.act(issue, "progress", "officer", NOW + timedelta(hours=1), note="已安排周五清淤。")
    issue = world.act(issue, "progress", "officer", NOW + timedelta(hours=2), note=f"已与{PHONE}约好周五上门。")
    issue = world.act(issue, "comment", "resident", NOW + timedelta(hours=3), note="雨一大就淹。")
    mask(issue=ended(issue), by=Actor.system(), at=LONG_AFTER)
    notes = [row.text for row in EventText.objects.filter(event__subject_id=issue.pk, key="note").order_by("event_id")]
    assert notes[-3:] == ["已安排周五清淤。", "", ""]


def test_it_is_found_by_its_scrubbed_words_and_no_more_by_its_reporter(world: World, signed_in: Any) -> None:
    issue = world.make_issue(
        "closed", description="我是冼麒麟，幸福路口积水，电话19812345678", contact_phone="19812345678"
    )
    browser: Client = signed_in("supervisor")
    for asked, found in (("19812345678", True), ("5678", True), ("积水", True)):
        assert (issue.number in _list(browser, asked)) is found
    mask(issue=issue, by=Actor.system(), at=LONG_AFTER)
    for asked, found in (("19812345678", False), ("5678", False), ("冼麒麟", False), ("积水", True)):
        assert (issue.number in _list(browser, asked)) is found, asked


def _list(browser: Client, asked: str) -> str:
    return browser.get("/api/v1/issues/", {"q": asked}).content.decode()


def test_the_page_of_a_masked_matter_says_so_and_offers_nothing(world: World, signed_in: Any) -> None:
    issue = world.make_issue("closed")
    mask(issue=issue, by=Actor.system(), at=LONG_AFTER)
    page = signed_in("clerk").get(f"/console/issues/{issue.number}/").content.decode()
    assert "个人信息已清除" in page
    assert "reveal" not in page
    issue.refresh_from_db()
    for who in ("clerk", "supervisor", "director", "resident"):
        by = Actor.reporter(issue) if who == "resident" else world.actor(who)
        for action in (Action.EDIT, Action.COMMENT, Action.REOPEN, Action.PUBLISH, Action.CC):
            with pytest.raises((StateConflict, NotPermitted)):
                act(issue_id=issue.pk, action=action, by=by, at=NOW, data={"note": "再记一笔"}, version=issue.version)


def test_the_secret_link_is_dead_and_the_number_proves_nothing(world: World, client: Client) -> None:
    issue = world.make_issue("closed")
    assert issue_by_token(issue.token, NOW + timedelta(days=1)) is not None
    mask(issue=issue, by=Actor.system(), at=NOW + timedelta(hours=5))
    assert issue_by_token(issue.token, NOW + timedelta(days=1)) is None
    assert client.get(f"/t/{issue.token}/").status_code in (404, 410)
    asked = {"number": issue.number, "phone_tail": PHONE[-4:]}
    answer = client.post("/api/v1/public/issues/lookup/", asked, content_type="application/json")
    assert answer.status_code == 404


def test_the_reporters_files_are_gone_with_their_bytes_and_the_offices_stay(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    issue = world.make_issue("in_progress")
    theirs = photo(world, issue, NOW, "冼麒麟.jpg", by=None)
    ours = photo(world, issue, NOW, "冼麒麟家门口.jpg", by="officer")
    with django_capture_on_commit_callbacks(execute=True):
        mask(issue=ended(issue), by=Actor.system(), at=LONG_AFTER)
    assert list(StoredFile.objects.of(SUBJECT, issue.pk).values_list("pk", "name")) == [(ours.pk, "photo.jpg")]
    assert storage.names_of(theirs.public_id) == []
    assert storage.names_of(ours.public_id) != []


@pytest.mark.parametrize("first", [0, 1])
def test_a_contact_of_two_matters_goes_with_the_last_of_them(world: World, first: int) -> None:
    issues = [world.make_issue("closed"), world.make_issue("closed")]
    shared = issues[0].contact
    Issue.objects.filter(pk=issues[1].pk).update(contact=shared)
    assert shared is not None
    Contact.objects.exclude(pk=shared.pk).delete()
    mask(issue=issues[first], by=Actor.system(), at=LONG_AFTER)
    masked = Issue.objects.select_related("contact").get(pk=issues[first].pk)
    assert masked.contact is not None
    assert (masked.contact.name, masked.contact.phone, masked.contact.phone_hash) == ("", "", "")
    other = Issue.objects.select_related("contact").get(pk=issues[1 - first].pk)
    assert other.contact is not None
    assert other.contact.phone == PHONE
    mask(issue=other, by=Actor.system(), at=LONG_AFTER)
    assert not Contact.objects.exclude(phone="").exists()


@pytest.mark.parametrize("status", sorted(Status))
def test_only_what_has_ended_and_is_not_masked_can_be(world: World, status: Status) -> None:
    issue = world.make_issue(status)
    if status not in ENDED:
        with pytest.raises(StateConflict):
            mask(issue=issue, by=Actor.system(), at=LONG_AFTER)
        assert Issue.objects.get(pk=issue.pk).masked_at is None
        return
    mask(issue=issue, by=Actor.system(), at=LONG_AFTER)
    with pytest.raises(StateConflict):
        mask(issue=issue, by=Actor.system(), at=LONG_AFTER)
    assert Event.objects.of(SUBJECT, issue.pk).filter(kind="mask").count() == 1


def test_the_reason_of_a_person_is_kept_without_what_tells_of_persons(world: World) -> None:
    issue = world.make_issue("closed")
    mask(issue=issue, by=world.actor("supervisor"), at=LONG_AFTER, reason=f"本人{PHONE}来电要求删除")
    event = Event.objects.of(SUBJECT, issue.pk).get(kind="mask")
    assert event.text("reason") == "本人[电话]来电要求删除"
    assert (event.actor_id, event.actor_role) == (world.people["supervisor"].pk, "supervisor")


def test_what_was_done_to_its_promise_tells_of_nobody(world: World) -> None:
    issue = world.make_issue("in_progress")
    answer: dict[str, Any] = {"outcome": "planned", "note": "列入计划", "due_on": "2026-06-30"}
    issue = world.act(issue, "reply", "officer", NOW + timedelta(hours=1), **answer)
    made = Commitment.objects.get(subject_id=issue.pk)
    told = {"on": "2026-07-31", "reason": f"张小三（{PHONE}）要求改到七月"}
    for action, data in (("ask_move", told), ("add_milestone", {"text": f"先联系{PHONE}", "on": "2026-05-01"})):
        version = Commitment.objects.values_list("version", flat=True).get(pk=made.pk)
        on_promise(commitment_id=made.pk, action=action, by=world.actor("officer"), at=NOW, data=data, version=version)
    mask(issue=ended(issue), by=Actor.system(), at=LONG_AFTER)
    assert not [table for table, row in rows_of_the_database() if PHONE in row and table.startswith("commitments_")]
    texts = EventText.objects.filter(event__subject_kind="commitment", event__subject_id=made.pk)
    assert not [text for text in texts if PHONE in text.text]
