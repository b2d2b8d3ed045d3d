"""Folding events into facts: small journals written by hand, and what each must say."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from common.clock import SHANGHAI
from issues.replay import rules as replay
from issues.replay.rules import ReplayedIssue
from issues.services.effects import EFFECTS

NOW = datetime(2026, 3, 18, 10, 0, tzinfo=SHANGHAI)
STAYS = {"fulfil", "move_promise", "contact", "reject", "endorse", "withdraw", "close_explained", "urge",
         "request_callback", "set_messages", "lift", "instruct", "cc", "comment"}  # fmt: skip
"""Actions of which the journal says all in what every event says: status, version, supervision, urges, what lapsed,
what was promised, kept or taken back."""


@dataclass
class Said:
    kind: str
    data: dict[str, Any] = field(default_factory=dict)
    at: datetime = NOW
    actor_id: int | None = 7
    actor_role: str = "clerk"


CREATED = Said(
    "create",
    {"to": "submitted", "version": 1, "kind": "complaint", "level": "urgent", "source": "phone", "category": 5,
     "community": 2, "confidential": True},
)  # fmt: skip


def told(*events: Said) -> ReplayedIssue:
    numbered = (CREATED, *events)
    for minutes, event in enumerate(numbered):
        event.at = NOW + timedelta(minutes=minutes)
    return replay.replay(numbered)


def test_every_action_is_replayed_or_says_nothing_of_its_own() -> None:
    assert set(replay._FOLDS) & STAYS == set()
    assert set(EFFECTS) - set(replay._FOLDS) == STAYS


def test_a_new_matter() -> None:
    facts = told()
    assert (facts.status, facts.kind, facts.level, facts.category_id, facts.confidential) == (
        "submitted", "complaint", "urgent", 5, True,
    )  # fmt: skip
    assert facts.closed_at is None


def test_a_returner_stays_on_record_until_the_next_acknowledges() -> None:
    events = [
        Said("accept", {"to": "accepted", "category": 5, "level": "urgent"}),
        Said("dispatch", {"to": "dispatched", "department": 11}),
        Said("return", {"to": "accepted", "department": 11, "returns": 1}),
        Said("dispatch", {"to": "dispatched", "department": 12}),
    ]
    facts = told(*events)
    assert (facts.lead_department_id, facts.returned_from_id, facts.return_count) == (12, 11, 1)
    facts = told(*events, Said("acknowledge", {"to": "in_progress", "department": 12, "officer": 8}))
    assert (facts.returned_from_id, facts.officer_id) == (None, 8)


def test_a_co_department_that_takes_the_lead_is_none_any_more() -> None:
    facts = told(
        Said("add_department", {"status": "in_progress", "department": 12}),
        Said("add_department", {"status": "in_progress", "department": 13}),
        Said("reassign", {"to": "dispatched", "department": 12, "previous": 11}),
    )
    assert (facts.co_department_ids, facts.co_waiting_ids, facts.returned_from_id) == ([13], [13], 11)


@pytest.mark.parametrize(("counts", "verdict"), [(False, ""), (True, "unreachable")])
def test_a_failed_call_is_a_verdict_only_once_it_counts(counts: bool, verdict: str) -> None:
    facts = told(
        Said("record_follow_up", {"status": "follow_up", "verdict": "unreachable", "attempt": 1, "counts": counts})
    )
    assert (facts.verdict, facts.call_attempts) == (verdict, 1)


def test_requests_are_asked_decided_and_lapse() -> None:
    asked = [
        Said("supervise", {"status": "in_progress", "request": "order"}),
        Said("request_extension", {"status": "in_progress", "request": "extension"}),
    ]
    assert told(*asked).asks == ["order", "extension"]
    assert told(*asked, Said("reply", {"to": "replied", "outcome": "solved", "lapsed": ["extension"]})).asks == [
        "order"
    ]
    assert told(*asked, Said("sign", {"status": "in_progress", "request": "order"})).asks == ["extension"]


def test_an_end_and_its_undoing() -> None:
    facts = told(
        Said("merge", {"to": "merged", "master": 9}), Said("master_changed", {"status": "merged", "master": 4})
    )
    assert (facts.status, facts.master_id, facts.closed_at) == ("merged", 4, NOW + timedelta(minutes=1))
    facts = told(Said("merge", {"to": "merged", "master": 9}), Said("unmerge", {"to": "submitted", "master": 9}))
    assert (facts.status, facts.master_id, facts.closed_at) == ("submitted", None, None)


def test_reminders_urge() -> None:
    facts = told(Said("remind", {"status": "submitted", "urges": 1, "supervision": "urged"}))
    assert (facts.urge_count, facts.supervision, facts.version) == (1, "urged", 1)


def test_differences_name_the_column_and_both_sides() -> None:
    class Row:
        def __getattr__(self, name: str) -> Any:
            return "accepted" if name == "status" else getattr(told(), name)

    assert replay.differences([CREATED], Row()) == {"status": ("submitted", "accepted")}  # type: ignore[arg-type]


def test_a_promise_is_open_until_it_is_kept_or_taken_back() -> None:
    made = Said("reply", {"to": "replied", "outcome": "planned", "commitment": 3})
    assert told(made).promised
    assert told(made, Said("move_promise", {"commitment": 3})).promised
    kept = Said("fulfil", {"kept": [3]})
    assert not told(made, kept).promised
    assert told(made, kept, Said("promise_reopened", {"promised_again": [3]})).promised
    assert not told(made, Said("redo", {"to": "in_progress", "redo": 1, "withdrawn": [3]})).promised


def test_urges_wait_until_answered_and_residents_until_told() -> None:
    urged = Said("urge", {"urges": 1, "unanswered_since": NOW.isoformat()})
    again = Said("remind", {"urges": 2, "unanswered_since": NOW.isoformat()})
    assert told(urged, again).urged_at == NOW
    assert told(urged, again, Said("progress", {"urges_ended": "answered"})).urged_at is None
    rejected = Said("reject", {"to": "rejected", "untold": True})
    assert told(rejected).untold
    assert not told(rejected, Said("contact", {"status": "rejected", "untold": False})).untold


def test_a_second_card_that_the_clock_draws_up_is_asked_for() -> None:
    drawn = Said("supervise", {"request": "red_card"}, actor_id=None)
    assert told(
        Said("supervise", {"request": "yellow_card"}), Said("sign", {"request": "yellow_card"}), drawn
    ).asks == ["red_card"]
