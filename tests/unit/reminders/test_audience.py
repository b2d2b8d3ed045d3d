"""The audience table: each kind of event against each situation, and every group that a rung's roles mean."""

from datetime import datetime
from typing import Any

import pytest

from common.clock import SHANGHAI
from issues.workflow import ACTIONS
from reminders.audience import NOBODY, TOLD_KINDS, Group, Happening, audience, notification_kind
from reminders.enums import REMIND, RungRole

AT = datetime(2026, 3, 18, 10, 0, tzinfo=SHANGHAI)
CLERKS, SECRETARIES, DESK, HANDLER, HEADS = (
    Group.CLERKS, Group.SECRETARIES, Group.DESK, Group.HANDLER, Group.HEADS,
)  # fmt: skip
SILENT = {"contact", "accept", "acknowledge", "reject", "answer_now"}


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
        (happening("close_explained", "supervisor"), (HANDLER, CLERKS, Group.WATCHERS)),
        (happening("reopen", "resident"), (HANDLER, CLERKS, Group.WATCHERS)),
        (happening("withdraw", "resident"), (HANDLER, CLERKS)),
        (happening("withdraw", "resident", department_id=None), (CLERKS,)),
        (happening("urge"), (HANDLER, HEADS)),
        (happening("urge", "supervisor", turn="community"), (CLERKS, SECRETARIES)),
        (happening("urge", "deputy", turn="supervisor"), (Group.SUPERVISORS,)),
        (happening("request_callback", "resident"), (CLERKS,)),
        (happening("comment", "clerk"), (HANDLER,)),
        (happening("comment", "clerk", department_id=None), ()),
        (happening("comment", "officer"), (CLERKS,)),
        (happening("comment", "resident"), (CLERKS, HANDLER)),
        (happening("comment", "supervisor"), (CLERKS, HANDLER)),
        *((happening(kind), ()) for kind in sorted(SILENT)),
        (happening("redact"), ()),
    ],
    ids=lambda value: f"{value.kind}-{value.actor_role}" if isinstance(value, Happening) else "",
)
def test_who_is_concerned(event: Happening, groups: tuple[Group, ...]) -> None:
    assert audience(event).groups == groups


def test_every_action_is_either_told_or_known_to_be_silent() -> None:
    assert ACTIONS | {"create"} == (TOLD_KINDS - {REMIND}) | SILENT


def test_an_assignment_names_its_officer_whoever_is_assigned_by_now() -> None:
    found = audience(happening("assign", "head", data={"officer": 7}))
    assert (found.groups, found.named) == ((), (7,))


def test_a_dispatch_goes_to_the_department_of_the_event() -> None:
    assert audience(happening("dispatch", data={"department": 9}, department_id=5)).department_id == 9


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
    for clock, expected in (("accept", community), ("handle", department), ("return_decision", Group.SUPERVISORS)):
        event = happening(REMIND, "system", data={"roles": [role], "deadline_kind": clock, "department": 9})
        assert audience(event).groups == (expected,)


@pytest.mark.parametrize("level", ["critical", "urgent", "normal", "complex", "project"])
def test_only_pressing_matters_that_ask_somebody_to_move_go_to_the_duty_roster(level: str) -> None:
    pressing = level in ("critical", "urgent")
    assert audience(happening("dispatch", level=level)).urgent is pressing
    assert audience(happening("reply", "officer", level=level)).urgent is False


def test_a_reminder_is_known_by_its_rung_and_a_dispatch_as_new() -> None:
    assert notification_kind(REMIND, {"rung": "due_soon"}) == "due_soon"
    assert notification_kind("dispatch", {}) == "new"
    assert notification_kind("reply", {}) == "reply"
    assert audience(happening("unheard_of")) is NOBODY
