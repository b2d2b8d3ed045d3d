"""The audience table: each kind of event against each situation, and every group that a rung's roles mean."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from common.clock import SHANGHAI
from issues.telling import audience_of as audience
from issues.telling.base import Happening
from issues.workflow import ACTIONS
from reminders.audience import NOBODY, Group
from reminders.enums import REMIND, RungRole
from reminders.tellings import inbox_kind, told_kinds

AT = datetime(2026, 3, 18, 10, 0, tzinfo=SHANGHAI)
CLERKS, SECRETARIES, DESK, HANDLER, HEADS = (
    Group.CLERKS, Group.SECRETARIES, Group.DESK, Group.HANDLER, Group.HEADS,
)  # fmt: skip
SUPERVISORS, DEPUTIES, DIRECTORS, WATCHERS, CO_DESKS = (
    Group.SUPERVISORS, Group.DEPUTIES, Group.DIRECTORS, Group.WATCHERS, Group.CO_DESKS,
)  # fmt: skip
SILENT = {"set_messages", "reject", "answer_now", "publish", "unpublish"}
ON_MASTER = {"join", "joiner_verdict"}
"""Events that somebody who joins another matter brings about there (``leave`` is silent)."""


OF_WHO_LEFT = {"hand_over"}
"""Written where somebody leaves."""


def happening(kind: str, role: str = "clerk", **given: Any) -> Happening:
    data = given.pop("data", {})
    values: dict[str, Any] = {"level": "normal", "turn": "department", "department_id": 5} | given
    return Happening(kind=kind, at=AT, actor_role=role, data=data, **values)


@pytest.mark.parametrize(
    ("event", "groups"),
    [
        (happening("create"), (CLERKS,)),
        (happening("create", level="urgent"), (CLERKS, SECRETARIES)),
        (happening("create", level="critical"), (CLERKS, SECRETARIES)),
        (happening("dispatch", data={"department": 9}), (DESK,)),
        (happening("return", "officer", data={"returns": 1}, department_id=None), (CLERKS,)),
        (happening("return", "officer", data={"returns": 2}, department_id=None), (Group.SUPERVISORS,)),
        (happening("progress", "officer"), (Group.WATCHERS,)),
        (happening("reply", "officer"), (CLERKS, Group.WATCHERS)),
        (happening("verify_pass", data={"to": "follow_up"}), ()),
        (happening("verify_pass", data={"to": "closed"}), (HANDLER, Group.WATCHERS)),
        (happening("redo"), (HANDLER, DESK, HEADS)),
        (happening("redo", "resident"), (HANDLER, DESK, HEADS, CLERKS)),
        (happening("record_follow_up", data={"status": "follow_up"}), ()),
        (happening("record_follow_up", "resident", data={"status": "replied"}), (CLERKS,)),
        (happening("record_follow_up", data={"to": "closed"}), (HANDLER, Group.WATCHERS)),
        (happening("record_follow_up", "resident", data={"to": "closed"}), (HANDLER, Group.WATCHERS, CLERKS)),
        (happening("close_explained", "supervisor"), (HANDLER, CO_DESKS, CLERKS, Group.WATCHERS)),
        (happening("reopen", "resident"), (HANDLER, CLERKS, Group.WATCHERS)),
        (happening("withdraw", "resident"), (HANDLER, CO_DESKS, CLERKS)),
        (happening("withdraw", "resident", department_id=None), (CO_DESKS, CLERKS)),
        (happening("urge"), (HANDLER, HEADS)),
        (happening("urge", "supervisor", turn="community"), (CLERKS, SECRETARIES)),
        (happening("urge", "deputy", turn="supervisor"), (Group.SUPERVISORS,)),
        (happening("request_callback", "resident"), (CLERKS,)),
        (happening("comment", "clerk"), (HANDLER,)),
        (happening("comment", "clerk", department_id=None), ()),
        (happening("comment", "officer"), (CLERKS,)),
        (happening("comment", "resident"), (CLERKS, HANDLER)),
        (happening("comment", "supervisor"), (CLERKS, HANDLER)),
        (happening("request_info"), ()),
        (happening("request_info", "supervisor"), (CLERKS,)),
        (happening("give_info", "resident"), (CLERKS,)),
        (happening("give_info", "system", data={"expired": True}), (CLERKS,)),
        (happening("give_info", "clerk"), ()),
        (happening("transfer_out", "supervisor", data={"department": 9}), (CLERKS,)),
        (happening("transfer_out", data={"department": 9}), ()),
        (happening("acknowledge", "officer"), ()),
        (happening("acknowledge", "system", data={"deemed": True}), (HANDLER, HEADS, CLERKS, SUPERVISORS)),
        (happening("assign_final", "supervisor", data={"department": 9}), (DESK, HEADS, CLERKS)),
        (happening("reassign", "clerk", data={"department": 9, "previous": 5}), (DESK,)),
        (happening("reassign", "supervisor", data={"department": 9, "previous": 5}), (DESK, CLERKS)),
        (happening("add_department", "officer", data={"department": 9}), (DESK,)),
        (happening("waive_department", "supervisor", data={"department": 9}), (DESK,)),
        (happening("co_reply", "officer", data={"department": 9}), (HANDLER,)),
        (happening("request_extension", "officer", data={"days": 3}), (HEADS, SUPERVISORS)),
        (happening("grant_extension", "supervisor", data={"days": 3}), (HANDLER, HEADS, CLERKS, CO_DESKS)),
        (happening("refuse_extension", "supervisor"), (HANDLER, HEADS)),
        (happening("endorse", "head"), (SUPERVISORS, HANDLER)),
        (happening("request_suspension", "officer", data={"until": "2026-06-18"}), (HEADS, SUPERVISORS)),
        (happening("request_suspension", "officer", data={"until": "2026-09-14"}), (HEADS, SUPERVISORS)),
        (happening("request_suspension", "officer", data={"until": "2026-09-15"}), (HEADS, SUPERVISORS, DIRECTORS)),
        (
            happening(
                "request_suspension", "officer", data={"until": "2026-06-18"}, suspended_at=AT - timedelta(days=88)
            ),
            (HEADS, SUPERVISORS),
        ),
        (
            happening(
                "request_suspension",
                "officer",
                data={"until": "2026-06-18"},
                suspended_at=AT - timedelta(days=88),
                suspensions=3,
            ),
            (HEADS, SUPERVISORS, DIRECTORS),
        ),
        (
            happening(
                "request_suspension", "officer", data={"until": "2026-06-18"}, suspended_at=AT - timedelta(days=100)
            ),
            (HEADS, SUPERVISORS, DIRECTORS),
        ),
        (happening("grant_suspension", "supervisor"), (HANDLER, HEADS, CLERKS, CO_DESKS)),
        (happening("refuse_suspension", "director"), (HANDLER, HEADS)),
        (happening("resume", "supervisor"), (HANDLER, HEADS, CLERKS, CO_DESKS)),
        (happening("reply", "officer", data={"outcome": "not_now"}), (CLERKS, SUPERVISORS, WATCHERS)),
        (happening("reply", "clerk", turn="supervisor", data={"outcome": "solved"}), (CLERKS, SUPERVISORS, WATCHERS)),
        (happening("record_follow_up", "resident", data={"status": "merged", "solved": "no"}), ()),
        (happening("merge", data={"master": 4}), (HANDLER, CO_DESKS, WATCHERS)),
        (happening("merge", "supervisor", data={"master": 4}, department_id=None), (CLERKS, WATCHERS)),
        (happening("unmerge"), (HANDLER, HEADS)),
        (happening("unmerge", "supervisor", turn="community"), (CLERKS, SECRETARIES)),
        (happening("join", data={"issue": 3, "persons": 2}), (HANDLER,)),
        (happening("join", data={"issue": 3, "persons": 2}, department_id=None), ()),
        (happening("join", data={"issue": 3, "persons": 7}), ()),
        (
            happening("join", data={"issue": 3, "persons": 5, "collective": True}),
            (HANDLER, HEADS, CLERKS, SUPERVISORS, DEPUTIES),
        ),
        (happening("leave", data={"issue": 3, "persons": 4}), ()),
        (happening("joiner_verdict", "resident", data={"solved": "yes", "verdict": "satisfied"}), (CLERKS,)),
        (happening("joiner_verdict", "resident", data={"solved": "no", "verdict": "fairly"}), (SUPERVISORS, CLERKS)),
        (happening("joiner_verdict", "clerk", data={"verdict": "dissatisfied"}), (SUPERVISORS,)),
        (happening("joiner_verdict", "clerk", data={"solved": "yes", "to": "closed"}), (HANDLER, WATCHERS)),
        (happening("supervise", "supervisor", data={"kind": "order"}), (DEPUTIES,)),
        (happening("supervise", "supervisor", data={"request": "yellow_card"}), (DEPUTIES,)),
        (happening("supervise", "supervisor", data={"kind": "red_card"}), (DIRECTORS,)),
        (happening("sign", "deputy", data={"kind": "order"}), (HANDLER, HEADS, SUPERVISORS)),
        (happening("sign", "deputy", department_id=None), (CLERKS, SECRETARIES, SUPERVISORS)),
        (happening("refuse_sign", "deputy"), (SUPERVISORS,)),
        (happening("lift", "deputy"), (HANDLER, HEADS, SUPERVISORS)),
        (happening("instruct", "director"), (HANDLER, HEADS, SUPERVISORS, CLERKS)),
        (happening("instruct", "director", department_id=None), (CLERKS, SECRETARIES, SUPERVISORS)),
        (happening("fulfil", "officer"), (HANDLER, CLERKS, WATCHERS)),
        (happening("move_promise", "supervisor"), (HANDLER, HEADS, CLERKS)),
        (happening("edit"), (HANDLER,)),
        (happening("edit", department_id=None), ()),
        (happening("edit", data={"changed": {"level": [1, 2]}}, level="critical"), (HANDLER,)),
        (happening("edit", "supervisor", data={"changed": {"level": [1, 2]}}, department_id=None), (CLERKS,)),
        (happening("edit", data={"changed": {"community": [1, 2]}}, department_id=None), (CLERKS,)),
        (happening("edit", data={"changed": {"community": [1, 2]}}, level="urgent"), (HANDLER, CLERKS, SECRETARIES)),
        (happening("accept"), ()),
        (happening("accept", "supervisor", turn="community"), (CLERKS,)),
        (happening("accept", turn="supervisor"), (SUPERVISORS,)),
        (happening("verify_pass", "supervisor", data={"to": "follow_up"}), (CLERKS,)),
        (happening("request_exclusion", "supervisor"), (DEPUTIES, DIRECTORS)),
        (happening("grant_exclusion", "deputy"), (SUPERVISORS, CLERKS)),
        (happening("refuse_exclusion", "deputy"), (SUPERVISORS,)),
        (happening("request_disclosure", "clerk"), (SUPERVISORS,)),
        (happening("grant_disclosure", "supervisor"), (HANDLER, CLERKS, SECRETARIES)),
        (happening("refuse_disclosure", "supervisor"), (CLERKS, SECRETARIES)),
        *((happening(kind), ()) for kind in sorted(SILENT)),
        (happening("contact"), ()),
        (happening("contact", "system"), (CLERKS,)),
        (happening("redact"), ()),
        (happening("hand_over", "admin", data={"officer": None, "handed": 3}), (DESK,)),
        (happening("hand_over", "admin", data={"officer": None}), ()),
    ],
    ids=lambda value: f"{value.kind}-{value.actor_role}" if isinstance(value, Happening) else "",
)
def test_who_is_concerned(event: Happening, groups: tuple[Group, ...]) -> None:
    assert audience(event).groups == groups


def test_every_action_is_either_told_or_known_to_be_silent() -> None:
    assert ACTIONS | {"create"} | ON_MASTER | OF_WHO_LEFT == (set(told_kinds("issue")) - {REMIND}) | SILENT


def test_an_assignment_names_its_officer_whoever_is_assigned_by_now() -> None:
    found = audience(happening("assign", "head", data={"officer": 7}))
    assert (found.groups, found.named) == ((), (7,))


def test_who_takes_over_is_told_once_of_all() -> None:
    counted, other = (audience(happening("hand_over", data={"officer": 7} | more)) for more in ({"handed": 3}, {}))
    assert (counted.groups, counted.named) == ((), (7,))
    assert (other.groups, other.named) == ((), ())


@pytest.mark.parametrize(
    ("kind", "department_id"),
    [("dispatch", 9), ("assign_final", 9), ("reassign", 9), ("add_department", 9), ("waive_department", 9),
     ("co_reply", 5), ("reply", 5), ("grant_extension", 5)],
)  # fmt: skip
def test_whose_desk_and_head_are_meant(kind: str, department_id: int) -> None:
    assert audience(happening(kind, "officer", data={"department": 9}, department_id=5)).department_id == department_id


def test_what_an_event_says_to_further_organisations() -> None:
    reassigned = audience(happening("reassign", data={"department": 9, "previous": 5}, department_id=9))
    assert reassigned.elsewhere == ((5, (DESK, HEADS)),)
    assert reassigned.department_ids == {5, 9}
    waived = audience(happening("waive_department", "supervisor", data={"department": 9}, department_id=5))
    assert (waived.department_id, waived.elsewhere) == (9, ((5, (HANDLER,)),))
    missed = audience(happening("reply", "officer", data={"co_missing": [9]}, department_id=5))
    assert missed.elsewhere == ((9, (DESK,)),)
    copied = audience(happening("cc", data={"users": [3, 4], "departments": [8, 9]}))
    assert (copied.groups, copied.named, copied.elsewhere) == ((), (3, 4), ((8, (DESK,)), (9, (DESK,))))
    assert audience(happening("cc", data={"users": [], "departments": []})) is NOBODY


@pytest.mark.parametrize(
    ("role", "community", "department"),
    [
        (RungRole.DESK, CLERKS, DESK),
        (RungRole.HANDLER, CLERKS, HANDLER),
        (RungRole.HEAD, SECRETARIES, HEADS),
        (RungRole.SECRETARY, SECRETARIES, SECRETARIES),
        (RungRole.CLERKS, CLERKS, CLERKS),
        (RungRole.DUTY_LEADER, Group.DUTY_LEADERS, Group.DUTY_LEADERS),
    ],
)
def test_the_roles_of_a_rung_depend_on_who_owes_the_deadline(role: str, community: Group, department: Group) -> None:
    for clock, expected in (
        *((clock, (community,)) for clock in ("accept", "tracking", "more_info", "verify", "follow_up", "callback")),
        *((clock, (department,)) for clock in ("handle", "note", "co_reply", "supervision_reply")),
        *((clock, (department,)) for clock in ("fulfil", "commitment_review")),
        *((clock, (Group.SUPERVISORS,)) for clock in ("return_decision", "extension_decision")),
        ("suspension_review", (department, Group.SUPERVISORS)),
    ):
        event = happening(REMIND, "system", data={"roles": [role], "deadline_kind": clock, "department": 9})
        assert audience(event).groups == expected
        assert audience(event).department_id == 9


@pytest.mark.parametrize("clock", ["acknowledge", "more_info", "return_decision", "suspension_review"])
def test_a_rung_without_roles_tells_nobody(clock: str) -> None:
    assert audience(happening(REMIND, "system", data={"roles": [], "deadline_kind": clock})) is NOBODY


@pytest.mark.parametrize("level", ["critical", "urgent", "normal", "complex", "project"])
def test_only_pressing_matters_that_ask_somebody_to_move_go_to_the_duty_roster(level: str) -> None:
    pressing = level in ("critical", "urgent")
    for kind in ("dispatch", "assign_final", "reassign", "add_department", "instruct", "sign"):
        assert audience(happening(kind, level=level, data={"department": 9})).urgent is pressing
    assert audience(happening("reply", "officer", level=level)).urgent is False


def test_a_reminder_is_known_by_its_rung_and_a_dispatch_as_new() -> None:
    assert inbox_kind("issue", REMIND, {"rung": "due_soon"}) == "due_soon"
    assert inbox_kind("issue", "dispatch", {}) == "new"
    assert inbox_kind("issue", "reply", {}) == "reply"
    assert audience(happening("unheard_of")) is NOBODY
