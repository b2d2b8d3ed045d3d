"""The rules of docs/rules/ written down a second time: who somebody is, what is refused, what is due.

Nothing here imports the workflow, the policies or the arithmetic of the application. The edges are the transcription
of tests/unit/issues/test_workflow_table.py.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from common.clock import SHANGHAI
from issues.models import Issue
from tests.support.oracle.days import Days, local

ENDED = frozenset({"rejected", "closed", "merged", "withdrawn"})
COMMUNITY_OF = {"clerk": "xiadong", "secretary": "xiadong", "clerk2": "dade"}
OFFICE_OF = {"officer": "MUNICIPAL", "officer3": "MUNICIPAL", "head": "MUNICIPAL", "officer2": "WATER"}
TEAM_OF = {"xiadong": "XIADONG-TEAM", "dade": "DADE-TEAM"}
ON_DESK = frozenset({"officer", "officer2"})
PEOPLE = (
    "clerk", "secretary", "clerk2", "officer", "officer3", "head", "officer2", "supervisor", "deputy", "director",
    "leader", "resident", "outsider", "admin",
)  # fmt: skip
VERSIONLESS = frozenset(
    {"contact", "progress", "urge", "request_callback", "set_messages", "cc", "comment"}
)  # 40 people may say something about the same version
DECISIONS = {
    "grant_extension": "extension",
    "refuse_extension": "extension",
    "grant_suspension": "suspension",
    "refuse_suspension": "suspension",
    "grant_exclusion": "exclusion",
    "refuse_exclusion": "exclusion",
    "grant_disclosure": "disclosure",
    "refuse_disclosure": "disclosure",
}
DRAFTS = ("order", "yellow_card", "red_card")


@dataclass
class Seen:
    """An issue as it stands before a step, with what the state rules look at. Departments by their code."""

    row: Issue
    community: str
    lead: str
    co: list[str]
    waiting: list[str]
    officer: str
    replied_by: str
    requests: dict[str, Any]
    clocks: list[Any]
    master_status: str
    leader: bool
    promises: list[datetime]
    handled: set[str]


def parties_of(name: str, seen: Seen) -> str:
    """What this person is to the issue, as letters: C L H O S R D."""
    found = ""
    community = COMMUNITY_OF.get(name, "")
    office = OFFICE_OF.get(name, "")
    if community and community == seen.community:
        found += "C"
    leads = community and seen.lead == TEAM_OF[community]
    leads = leads or (community and community == seen.community and seen.lead == "POLICE")
    if office and office == seen.lead:
        leads = name == "head" or name in ON_DESK or seen.officer in ("", name)
        found += "H" if name == "head" else ""
    found += "L" if leads else ""
    mine = {office} | ({TEAM_OF[community]} if community else set())
    if mine & set(seen.co):
        found += "O"
    if name == "supervisor":
        found += "S"
    if name in ("deputy", "director"):
        found += "D"
    if name == "resident" or (name == "leader" and seen.leader):
        found += "R"
    return found


def state_refuses(action: str, name: str, who: str, seen: Seen, at: datetime, days: Days) -> bool:
    """Whether the rules refuse this although the table has an edge for it."""
    row = seen.row
    match action:
        case "contact":
            return row.status in ENDED and not row.untold
        case "progress":
            writes = any(one.kind == "supervision_reply" and one.state == "running" for one in seen.clocks)
            return row.status not in ("in_progress", "suspended") and not writes
        case "supervise":
            return row.status in ENDED and not any(at > due for due in seen.promises)
        case "dispatch" | "transfer_out":
            return row.return_count >= 2 and "S" not in who
        case "assign_final":
            return row.return_count < 2
        case "reassign":
            return row.status != "dispatched" and "S" not in who
        case "answer_now":
            return row.kind != "enquiry" and "S" not in who
        case "return":
            late = (
                row.status == "in_progress"
                and row.acknowledged_at is not None
                and at > _next_closing(row.acknowledged_at, days)
            )
            again = row.redo_count or (row.reopen_count and row.answered_by_id is None)
            return row.assigned_final or seen.lead == "POLICE" or bool(again) or late
        case "waive_department":
            return not seen.waiting
        case "co_reply":
            community = COMMUNITY_OF.get(name, "")
            return not {OFFICE_OF.get(name, ""), TEAM_OF.get(community, "")} & set(seen.waiting)
        case "reply":
            return any(not _missed_by_a_day(seen, department, at, days) for department in seen.waiting)
        case "request_extension":
            handle = [clock for clock in seen.clocks if clock.kind == "handle"]
            running = [clock for clock in handle if clock.state in ("running", "paused")]
            times, total = extension_of(row)
            used, given = sum(clock.extensions for clock in handle), sum(clock.extended for clock in handle)
            pending = {"extension", "suspension"} & set(row.asks)
            return bool(pending) or not running or at > running[0].due_at or used >= times or given >= total
        case "request_suspension":
            return bool({"extension", "suspension"} & set(row.asks))
        case _ if action in DECISIONS:
            request = seen.requests.get(DECISIONS[action])
            if request is None or request.asked_by.username == name:
                return True
            return DECISIONS[action] == "suspension" and not _decides_deferral(name, request, row)
        case "endorse":
            request = seen.requests.get("extension") or seen.requests.get("suspension")
            return request is None or request.endorsed_at is not None or request.asked_by.username == name
        case "verify_pass":
            if name in (seen.replied_by, seen.officer):
                return True
            sampled = seen.lead.endswith("-TEAM") and row.serial % 5 == 0
            return (row.outcome == "not_now" or sampled) and "S" not in who
        case "record_follow_up":
            if row.status == "merged" and seen.master_status not in ("replied", "follow_up", "closed"):
                return True
            if "R" not in who and row.verdict_check == "due":
                return row.status not in ENDED or "S" not in who or name in seen.handled
            if "R" not in who:
                return "C" not in who or row.status == "closed"
            main = row.master or row
            if main.status == "closed" and (main is row or row.verdict or row.solved):
                settled = row.verdict_check in ("confirmed", "replaced", "unreached")
                late = main.closed_at is None or at > main.closed_at + timedelta(days=15)
                return settled or row.kind == "praise" or late
            return False
        case "reopen":
            thanked = not seen.lead and row.kind == "praise"
            return thanked or (row.closed_at is not None and at > row.closed_at + timedelta(days=15))
        case "withdraw":
            return row.joined_count > 0
        case "unmerge":
            return row.closed_at is not None and row.closed_at.astimezone(SHANGHAI).date() != at.date()
        case "request_callback":
            return row.contact_id is None or any(
                one.kind == "callback" and one.state in ("running", "paused") for one in seen.clocks
            )
        case "set_messages":
            return True  # there is no gateway here
        case "sign" | "refuse_sign":
            return not [kind for kind in DRAFTS if kind in row.asks and (name == "director" or kind != "red_card")]
        case "lift":
            return row.supervision in ("none", "urged")
        case "fulfil" | "move_promise":
            return not row.promised
        case "publish":
            return row.published_at is not None or row.confidential
        case "unpublish":
            return row.published_at is None
        case "request_exclusion":
            return row.excluded_at is not None or "exclusion" in row.asks
        case "request_disclosure":
            return not row.confidential or "disclosure" in row.asks
    return False


def _missed_by_a_day(seen: Seen, department: str, at: datetime, days: Days) -> bool:
    clock = next(
        (one for one in seen.clocks if one.kind == "co_reply" and one.party and one.party == department
         and one.state in ("running", "paused")),
        None,
    )  # fmt: skip
    return clock is not None and at >= _next_closing(clock.due_at, days)


def _next_closing(at: datetime, days: Days) -> datetime:
    """17:30 of the working day after."""
    return days.closing(days.later(local(at).date(), 1))


def _decides_deferral(name: str, request: Any, row: Issue) -> bool:
    began = (row.suspended_at or request.asked_at).astimezone(SHANGHAI).date()
    director = (request.until_on - began).days > 180 or (row.suspended_at is not None and row.suspension_count >= 3)
    return name == "director" if director else name == "supervisor"


def turn_of(seen: Seen, *, objected: bool) -> str:
    """Whose move it is by the status alone."""
    row = seen.row
    sampled = seen.lead.endswith("-TEAM") and row.serial % 5 == 0
    match row.status:
        case "submitted":
            return "community"
        case "need_info":
            return "reporter"
        case "accepted":
            return "supervisor" if row.return_count >= 2 else "community"
        case "dispatched":
            return "department"
        case "in_progress" | "suspended":
            return "community" if seen.lead == "POLICE" else "department"
        case "replied":
            return "supervisor" if objected or row.outcome == "not_now" or sampled else "community"
        case "follow_up":
            return "supervisor" if objected else "community"
    return "nobody"


# Time

_LEVELS = ("critical", "urgent", "complex", "project")


def level_of(row: Issue) -> str:
    """The level that holds: the person's, else the category's."""
    if row.level_set:
        return row.level
    override = row.category.override.rpartition(":") if row.category else ("", "", "")
    return override[2] if override[2] in _LEVELS and override[0] in ("", row.kind) else "normal"


def extension_of(row: Issue) -> tuple[int, int]:
    """How often it may be extended, and by how many working days in all."""
    level = level_of(row)
    if level in ("critical", "project") or row.kind == "praise":
        return (0, 0)
    if level in ("urgent", "complex"):
        return (1, 3) if level == "urgent" else (2, 30)
    return {"enquiry": (1, 3), "help": (1, 5), "suggestion": (1, 5)}.get(row.kind, (1, 10))
