"""Rules of issues.policies at their edges, asked without a database."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from common.clock import SHANGHAI
from communities.access import Access
from communities.presence import Seats
from issues.enums import DeadlineKind
from issues.policies import Moment, _is_theirs, _reply, _verdict_checked, needs_director, parties
from issues.workflow import Party

ASKED = datetime(2026, 3, 18, 10, tzinfo=SHANGHAI)
BEGAN = datetime(2026, 3, 2, 10, tzinfo=SHANGHAI)


def decides(*, days: int | None, began: Any = None, count: int = 0) -> bool:
    since = (began or ASKED).date()
    until: date | None = None if days is None else since + timedelta(days=days)
    request: Any = SimpleNamespace(asked_at=ASKED, until_on=until)
    issue: Any = SimpleNamespace(suspended_at=began, suspension_count=count)
    return needs_director(issue, request)


@pytest.mark.parametrize("began", [None, BEGAN])
@pytest.mark.parametrize(("days", "director"), [(None, False), (1, False), (180, False), (181, True)])
def test_by_its_length(days: int | None, began: Any, director: bool) -> None:
    assert decides(days=days, began=began) is director


@pytest.mark.parametrize(("count", "director"), [(1, False), (2, False), (3, True), (4, True)])
def test_by_its_renewals(count: int, director: bool) -> None:
    assert decides(days=30, began=BEGAN, count=count) is director
    assert decides(days=30, count=count) is False, "one that was resumed meanwhile begins anew"


@pytest.mark.parametrize("is_open", [False, True])
@pytest.mark.parametrize("party", [Party.SUPERVISOR, Party.COMMUNITY])
def test_a_verdict_by_web_is_checked_by_the_supervisor_after_the_end(is_open: bool, party: Party) -> None:
    issue: Any = SimpleNamespace(is_open=is_open, master=None, replied_by_id=7, officer_id=None, answered_by_id=None)
    refused = _verdict_checked(issue, SimpleNamespace(user_id=1), frozenset({party}))  # type: ignore[arg-type]
    assert (refused is None) is (party is Party.SUPERVISOR and not is_open)
    handler = _verdict_checked(issue, SimpleNamespace(user_id=7), frozenset({Party.SUPERVISOR}))  # type: ignore[arg-type]
    assert handler is not None, "who handled it does not check it"


@pytest.mark.parametrize(("reporter_of", "is_reporter"), [(None, False), (4, False), (5, True)])
def test_a_reporter_is_one_of_the_own_matter_alone(reporter_of: int | None, is_reporter: bool) -> None:
    issue: Any = SimpleNamespace(
        pk=5, community_id=1, subdistrict_id=1, lead_department_id=None, co_department_ids=[], leader_id=None
    )
    nobody = Access(user_id=0, roles=frozenset())
    actor: Any = SimpleNamespace(access=nobody, is_system=False, reporter_of=reporter_of)
    assert (Party.REPORTER in parties(actor, issue)) is is_reporter


ME, COLLEAGUE, COVERED, GONE = 1, 2, 3, 4
SEATS = Seats(desk=frozenset({COLLEAGUE}), acting=frozenset({(ME, ME), (COLLEAGUE, COLLEAGUE), (COVERED, ME)}))


@pytest.mark.parametrize(
    ("officer", "at_desk", "may"),
    [
        (None, False, True),
        (ME, False, True),
        (COVERED, False, True),
        (COLLEAGUE, False, False),
        (GONE, False, True),
        (COLLEAGUE, True, True),
    ],
)
def test_what_was_assigned_is_whose_it_was_assigned_to(officer: int | None, at_desk: bool, may: bool) -> None:
    """Or their cover's, or the desk's, or anybody's there where nobody acts for them any more."""
    desks = frozenset({9}) if at_desk else frozenset()
    access = Access(user_id=ME, roles=frozenset(), seats={9: SEATS}, desk_department_ids=desks)
    assert _is_theirs(access, 9, officer) is may


def co_reply(party: int, due_at: datetime) -> Any:
    return SimpleNamespace(kind=DeadlineKind.CO_REPLY, is_open=True, party_id=party, due_at=due_at)


@pytest.mark.parametrize(
    ("waits_for", "missed", "may"),
    [((), (), True), ((7,), (), False), ((7,), (7,), True), ((7, 8), (7,), False), ((7, 8), (7, 8), True)],
)
def test_an_answer_waits_for_every_part_that_was_asked_for(
    waits_for: tuple[int, ...], missed: tuple[int, ...], may: bool
) -> None:
    """A part whose clock is gone is waited for all the same; one missed by more than a working day is not."""
    calendar: Any = SimpleNamespace(add_working_days=lambda at, days: at + timedelta(days=days))
    clocks = [co_reply(party, ASKED - timedelta(days=3)) for party in missed]
    issue: Any = SimpleNamespace(co_waiting_ids=list(waits_for))
    now = Moment(ASKED, calendar, clocks=clocks)
    assert (_reply(issue, SimpleNamespace(), frozenset(), now) is None) is may  # type: ignore[arg-type]
