"""The whole matrix status × action × party of the pure table, against the rules written down a second time.

``RULES`` is transcribed from the product's transition table, not from issues/workflow.py: an edge that appears in only
one of the two fails here, allowed or forbidden.
"""

import pytest

from issues import workflow
from issues.enums import ENDED, OPEN, Status
from issues.services.effects import EFFECTS
from issues.workflow import ACTIONS, TABLE, Effect, Party

ANY_OPEN = "submitted need_info accepted dispatched in_progress suspended replied follow_up"
ENDED_ONES = "rejected closed merged withdrawn"
ANY = f"{ANY_OPEN} {ENDED_ONES}"

RULES: dict[str, list[tuple[str, str, str]]] = {
    "contact": [(ANY_OPEN, "CL", ""), (ENDED_ONES, "C", ""), (ANY, "T", "")],
    "accept": [("submitted need_info", "CS", "accepted")],
    "request_info": [("submitted accepted", "CS", "need_info")],
    "give_info": [("need_info", "RCT", "submitted")],
    "reject": [("submitted need_info accepted", "CS", "rejected")],
    "answer_now": [("submitted accepted", "CS", "closed")],
    "dispatch": [("accepted", "CS", "dispatched")],
    "transfer_out": [("accepted", "CS", "in_progress")],
    "acknowledge": [("dispatched", "LHT", "in_progress")],
    "assign": [("dispatched in_progress", "HS", "")],
    "return": [("dispatched in_progress", "LH", "accepted")],
    "assign_final": [("accepted", "S", "dispatched")],
    "reassign": [("dispatched in_progress", "CS", "dispatched")],
    "add_department": [("in_progress", "LHS", "")],
    "waive_department": [("in_progress", "S", "")],
    "co_reply": [("in_progress", "O", "")],
    "progress": [("in_progress suspended", "LHO", ""), ("replied follow_up closed", "LH", "")],
    "request_extension": [("in_progress", "LH", "")],
    "grant_extension": [("in_progress", "S", "")],
    "refuse_extension": [("in_progress", "S", "")],
    "request_suspension": [("in_progress suspended follow_up", "LH", "")],
    "grant_suspension": [("in_progress suspended follow_up", "SD", "suspended")],
    "refuse_suspension": [("in_progress suspended follow_up", "SD", "")],
    "endorse": [("in_progress suspended follow_up", "H", "")],
    "resume": [("suspended", "LHS", "in_progress")],
    "reply": [("in_progress", "LH", "replied")],
    "verify_pass": [("replied", "CS", "follow_up closed")],
    "redo": [("replied follow_up", "CSR", "in_progress")],
    "record_follow_up": [
        ("follow_up", "CR", "closed follow_up"),
        ("replied closed", "R", ""),
        ("closed merged", "S", ""),
        ("merged", "CR", ""),
    ],
    "close_explained": [("follow_up suspended", "S", "closed")],
    "reopen": [("closed", "RCS", "in_progress accepted")],
    "withdraw": [("submitted need_info accepted dispatched in_progress suspended", "R", "withdrawn")],
    "merge": [(ANY_OPEN, "CS", "merged"), ("submitted", "T", "merged")],
    "unmerge": [("merged", "CS", "submitted accepted dispatched in_progress replied follow_up")],
    "urge": [(ANY_OPEN, "CSD", "")],
    "request_callback": [(ANY_OPEN, "R", "")],
    "set_messages": [(ANY, "CR", "")],
    "supervise": [(ANY, "ST", "")],
    "sign": [(ANY, "D", "")],
    "refuse_sign": [(ANY, "D", "")],
    "lift": [(ANY, "D", "")],
    "instruct": [(ANY_OPEN, "D", "")],
    "cc": [(ANY_OPEN, "CLHS", "")],
    "comment": [(ANY, "CLHOSRD", "")],
    "fulfil": [(ANY, "LHS", "")],
    "move_promise": [(ANY, "S", "")],
    "edit": [(ANY_OPEN, "CS", "")],
    "publish": [(ANY, "CS", "")],
    "unpublish": [(ANY, "CS", "")],
    "request_exclusion": [(ENDED_ONES, "S", "")],
    "refuse_exclusion": [(ENDED_ONES, "D", "")],
    "grant_exclusion": [(ENDED_ONES, "D", "")],
    "request_disclosure": [(ANY_OPEN, "C", "")],
    "grant_disclosure": [(ANY_OPEN, "S", "")],
    "refuse_disclosure": [(ANY_OPEN, "S", "")],
}

MATRIX = [(action, status, party) for action in sorted(ACTIONS) for status in Status for party in Party]


def expected(action: str, status: str, party: str) -> str | None:
    """Where the edge leads by the rules ("" for: the status stays), None where it is forbidden."""
    for sources, who, targets in RULES.get(action, []):
        if status in sources.split() and party in who:
            return targets
    return None


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_every_edge_of_the_matrix(action: str) -> None:
    wrong = []
    for status in Status:
        for party in Party:
            row = workflow.find(action, status, {party})
            found = None if row is None else " ".join(target.value for target in row.targets)
            if found != expected(action, status.value, party.value):
                wrong.append((status.value, party.value, found))
    assert wrong == []


def test_the_matrix_is_whole() -> None:
    assert len(MATRIX) == len(ACTIONS) * 12 * len(Party)
    assert set(RULES) == ACTIONS


def test_ended_statuses_are_left_only_by_reopening_and_taking_back_a_merge() -> None:
    leaving = {row.action for row in TABLE if row.targets for status in row.sources if status in ENDED}
    assert leaving == {"reopen", "unmerge"}


def test_every_open_status_has_a_way_out_that_is_offered() -> None:
    reachable = {target for row in TABLE for target in row.targets} | {Status.SUBMITTED}
    for status in OPEN & reachable:
        assert [row for row in TABLE if status in row.sources and row.targets]


def test_every_offered_action_has_an_effect_and_no_other_has() -> None:
    assert set(EFFECTS) == ACTIONS


def test_actions_outside_the_table_are_unknown() -> None:
    assert workflow.rows_of("delete") == ()
    assert workflow.rows_of("create") == ()


def test_nobody_in_particular_may_do_nothing() -> None:
    assert all(workflow.find(action, status, set()) is None for action in ACTIONS for status in Status)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.action)
def test_ending_an_issue_ends_its_clocks(row: workflow.Row) -> None:
    if row.targets and set(row.targets) <= ENDED:
        assert any(clock.effect is Effect.STOP_ALL for clock in row.clocks)


ANSWERS = (
    "contact accept request_info reject answer_now dispatch transfer_out acknowledge assign return assign_final "
    "reassign add_department waive_department co_reply progress request_extension request_suspension endorse resume "
    "reply verify_pass redo record_follow_up close_explained merge"
)
"""What a person does about a matter: words alone (留言, 批示, 抄送, 更正) and decisions for others are no answer."""


def test_what_answers_an_urge() -> None:
    assert {row.action for row in TABLE if row.answers} == set(ANSWERS.split())
    assert not [row.action for row in TABLE if row.answers and row.who <= {Party.TIME, Party.REPORTER}]


SIDE_CLOCKS = {
    "progress": "acknowledge redo reopen",
    "signature": "supervise",
    "urge_reply": "urge",
    "inform": "contact request_info reject grant_extension grant_suspension resume close_explained merge fulfil "
    "move_promise grant_disclosure",
}


@pytest.mark.parametrize("clock", SIDE_CLOCKS)
def test_what_starts_a_side_clock(clock: str) -> None:
    starting = {row.action for row in TABLE for one in row.clocks if one.effect is Effect.START and one.kind == clock}
    assert starting == set(SIDE_CLOCKS[clock].split())


REQUIRED = {
    "note": "request_info give_info reject answer_now co_reply progress reply verify_pass supervise refuse_sign lift "
    "instruct comment fulfil",
    "reason": "reject return assign_final reassign waive_department request_extension refuse_extension "
    "request_suspension refuse_suspension redo close_explained reopen move_promise request_disclosure grant_disclosure "
    "refuse_disclosure request_exclusion grant_exclusion refuse_exclusion",
    "department": "dispatch transfer_out assign_final reassign add_department waive_department",
    "check": "verify_pass",
    "outcome": "reply",
    "officer": "assign",
    "basis": "return",
    "days": "request_extension",
    "until": "request_suspension",
    "interim_answer": "request_suspension",
    "verdict": "record_follow_up",
    "master": "merge",
    "channel": "contact",
    "result": "contact",
}
"""Without which fields a person's action is refused."""


@pytest.mark.parametrize("field", REQUIRED)
def test_what_an_action_may_not_be_without(field: str) -> None:
    rows = [row for row in TABLE if field in row.required and not row.who <= {Party.TIME}]
    assert {row.action for row in rows} == set(REQUIRED[field].split())
