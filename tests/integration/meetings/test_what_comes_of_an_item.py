"""Of one answer comes one thing, whoever clicks at once; of a confidential matter's nothing that the public reads."""

from datetime import date, timedelta

import pytest
from django.test import Client

from commitments.models import Commitment
from commitments.services import PromiseStateConflict
from commitments.services.acting import act
from communities.access import access_of
from deadlines.models import Deadline
from issues.models import Issue
from meetings.models import Meeting, MeetingItem, Visit
from meetings.services import following, recording
from meetings.services.errors import NotNow
from meetings.services.visiting import Brought, NewVisit, add_brought, record_visit
from reminders.services.sweep import sweep
from tests.integration.meetings.room import live, typed
from tests.support.at_once import at_once
from tests.support.cast import NOW, World

WORDS = "尽快修好后巷"


def answered(world: World, meeting: Meeting) -> MeetingItem:
    return typed(
        world, meeting, answer=WORDS, answer_kind="study", community=world.communities["xiadong"].pk,
        department=world.departments["WATER"].pk,
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("make", "rows"), [("make_commitment", Commitment), ("make_issue", Issue)])
def test_asked_many_times_at_once_it_is_one(world: World, make: str, rows: type) -> None:
    item, by = answered(world, live(world)), world.actor("clerk")

    found = at_once(*4 * [lambda: getattr(following, make)(item_id=item.pk, by=by, at=NOW).pk])
    assert len(set(found)) == 1
    assert rows.objects.count() == 1  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
def test_a_form_of_a_visit_that_is_sent_many_times_at_once_is_one(world: World) -> None:
    by = world.actor("clerk")
    given = NewVisit(world.communities["xiadong"], "liaison", NOW.date(), None, "街道挂点干部", key="visit-0001")
    visits = at_once(*4 * [lambda: record_visit(given=given, by=by, at=NOW).pk])
    brought = Brought("brought-01", "后巷积水没过脚踝", matter=True)
    items = at_once(*4 * [lambda: add_brought(visit_id=Visit.objects.get().pk, given=brought, by=by, at=NOW).pk])
    assert (len(set(visits)), len(set(items)), Visit.objects.count(), Issue.objects.count()) == (1, 1, 1, 1)


@pytest.mark.django_db
def test_what_became_one_thing_becomes_no_other(world: World) -> None:
    meeting, by = live(world), world.actor("clerk")
    first, second = answered(world, meeting), answered(world, meeting)
    following.make_commitment(item_id=first.pk, by=by, at=NOW)
    following.make_issue(item_id=second.pk, by=by, at=NOW)
    with pytest.raises(NotNow):
        following.make_issue(item_id=first.pk, by=by, at=NOW)
    with pytest.raises(NotNow):
        following.make_commitment(item_id=second.pk, by=by, at=NOW)


@pytest.mark.django_db
@pytest.mark.usefixtures("frozen")
def test_a_promise_on_a_confidential_matter_is_never_public(world: World) -> None:
    meeting = live(world)
    item = answered(world, meeting)
    matter = world.make_issue("in_progress", department="MUNICIPAL")
    MeetingItem.objects.filter(pk=item.pk).update(about=matter)
    made = following.make_commitment(item_id=item.pk, by=world.actor("clerk"), at=NOW)
    office, address = world.actor("supervisor"), f"/promises/{made.pk}/"
    act(commitment_id=made.pk, action="release", by=office, at=NOW, data={}, version=made.version)
    doors = (address, f"{address}feed/", "/promises/", "/meetings/calendar.ics")
    assert all(WORDS in Client().get(door).content.decode() for door in doors)
    Issue.objects.filter(pk=matter.pk).update(confidential=True)
    assert not [door for door in doors if WORDS in Client().get(door).content.decode()]
    assert not Commitment.objects.visible_to(access_of(world.user("clerk2"))).exists(), (
        "invited, and sees no such matter"
    )
    assert Commitment.objects.visible_to(access_of(world.user("officer2"))).get() == made, "who owes it knows of it"
    Commitment.objects.filter(pk=made.pk).update(released_at=None, released_by=None)
    with pytest.raises(PromiseStateConflict):
        act(commitment_id=made.pk, action="release", by=office, at=NOW, data={}, version=made.version + 1)


@pytest.mark.django_db
def test_a_promise_of_which_the_day_has_passed_is_late_from_its_first_minute(world: World) -> None:
    item = typed(world, live(world), answer="月底前清疏", answer_kind="dated", department="WATER", due_on="2026-03-31")
    at = NOW + timedelta(days=20)
    made = following.make_commitment(item_id=item.pk, by=world.actor("clerk"), at=at)
    assert (made.first_on, made.due_on) == (date(2026, 3, 31), date(2026, 3, 31))
    assert list(Commitment.objects.overdue(at)) == [made]
    assert list(Deadline.objects.of("commitment", made.pk).open().values_list("kind", flat=True)) == ["fulfil"]
    assert sweep(at=at).fired, "and tells so"


@pytest.mark.django_db
def test_what_the_press_told_of_stays_as_it_is(world: World) -> None:
    meeting = live(world)
    Meeting.objects.filter(pk=meeting.pk).update(historic=True)
    steps = (following.draft_minutes, following.confirm_minutes, recording.end)
    for step in steps:
        with pytest.raises(NotNow):
            step(meeting_id=meeting.pk, version=meeting.version, by=world.actor("supervisor"), at=NOW)
