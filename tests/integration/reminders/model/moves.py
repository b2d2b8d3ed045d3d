"""What people do to a matter in each status. Who is refused is refused: the journeys' tests ask whether rightly."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from issues.models import Issue

Move = tuple[str, str, dict[str, Any]]
"""Who, does what, with which fields."""

AT_DESK = {"MUNICIPAL": "officer", "WATER": "officer2", "XIADONG-TEAM": "clerk"}
OFFICES = tuple(AT_DESK)
CATEGORIES = ("0101", "0202", "0301", "0303", "0402")
KINDS = ("enquiry", "help", "complaint", "report", "suggestion")


def draft(random: Random) -> dict[str, Any]:
    """A new matter: every ladder and many limits."""
    return {
        "kind": random.choice(("enquiry", "help", "complaint", "complaint", "report")),
        "category": random.choice(CATEGORIES),
        "source": random.choice(("phone", "web", "web")),
        "level": random.choice(("", "", "", "critical", "urgent", "complex")),
    }


def pick(row: Issue, lead: str, others: list[str], at: datetime, random: Random) -> Move:
    """One thing that somebody would do now. ``others``: numbers of the matters that it may be merged into."""
    if row.status == "merged":
        return random.choice([("clerk", "unmerge", {}), ("clerk", "unmerge", {}), ("supervisor", "unmerge", {})])
    asked = {"extension", "suspension"} & set(row.asks)
    if asked and random.random() < 0.7:
        kind = asked.pop()
        return "supervisor", random.choice((f"grant_{kind}", f"grant_{kind}", f"refuse_{kind}")), _NO
    if random.random() < 0.3:
        return random.choice(_corrections(others, at, random))
    return random.choice(_possible(row, AT_DESK.get(lead, "officer"), at, random))


def _corrections(others: list[str], at: datetime, random: Random) -> list[Move]:
    """What changes a clock's facts whatever the status."""
    outside = (at + timedelta(minutes=random.choice((-600, 45, 300, 1440, 4000, 9000, 20000)))).isoformat()
    found: list[Move] = [
        ("clerk", "edit", {"kind": random.choice(KINDS)}),
        ("clerk", "edit", {"level": random.choice(("critical", "urgent", "normal", "complex", "project"))}),
        ("clerk", "edit", {"category": random.choice(CATEGORIES)}),
        ("clerk", "edit", {"external_due_at": outside}),
        ("clerk", "edit", {"external_due_at": None}),
    ]
    found += [("supervisor", "merge", {"master": number}) for number in others]
    return found


def _possible(row: Issue, officer: str, at: datetime, random: Random) -> list[Move]:
    office = random.choice(OFFICES)
    anytime: list[Move] = [
        ("supervisor", "urge", {"note": "请尽快"}),
        ("resident", "request_callback", {}),
        ("clerk", "contact", {"channel": "phone", "result": random.choice(("reached", "not_reached"))}),
        ("supervisor", "supervise", {"kind": random.choice(("order", "yellow_card", "red_card")), "note": "逾期"}),
        (random.choice(("deputy", "director")), random.choice(("sign", "refuse_sign")), {"note": "已阅"}),
        ("director", "lift", {"note": "已整改"}),
    ]
    if random.random() < 0.12:
        return anytime
    match row.status:
        case "submitted":
            return [("clerk", "accept", {}), ("clerk", "accept", {}), ("clerk", "request_info", {"note": "哪一栋？"})]
        case "need_info":
            return [("resident", "give_info", {"note": "三栋"}), ("clerk", "accept", {})]
        case "accepted":
            by = "supervisor" if row.return_count >= 2 else "clerk"
            assigned: Move = (by, "assign_final", {"department": office, "reason": "职责所在", "extra_days": 2})
            return [(by, "dispatch", {"department": office}), assigned if row.return_count >= 2 else (by, "urge", {})]
        case "dispatched":
            back = {"reason": "not_ours", "basis": "不属本单位职责"}
            take: Move = (officer, "acknowledge", {})
            return [
                take,
                take,
                (officer, "return", back),
                ("clerk", "reassign", {"department": office, "reason": "误派"}),
            ]
        case "in_progress":
            return _working(row, officer, at, random)
        case "suspended":
            again = {"reason": "funding", "until": _on(at, 40), "interim_answer": "仍在等待"}
            return [
                (officer, "resume", {}),
                ("supervisor", "resume", {}),
                (officer, "progress", {"note": "资金在批"}),
                (officer, "request_suspension", again),
            ]
        case "replied":
            check = {"check": "phone", "note": "电话核实"}
            return [("clerk", "verify_pass", check), ("clerk", "redo", {"reason": "现场未处理"})]
        case "follow_up":
            done = {"verdict": "satisfied", "solved": "yes"}
            return [("clerk", "record_follow_up", done), ("clerk", "redo", {"reason": "仍有积水"}), *anytime]
        case "closed":
            return [("supervisor", "reopen", {"reason": "再次发生"}), *anytime]
    return anytime


_NO = {"reason": "按规定办理"}


def _working(row: Issue, officer: str, at: datetime, random: Random) -> list[Move]:
    until = _on(at, random.choice((5, 20, 60)))
    deferral = {"reason": "funding", "until": until, "interim_answer": "正在等待资金计划"}
    outcome = random.choice(("explained", "planned", "not_now"))
    reply = {"outcome": outcome, "note": "已说明", "due_on": _on(at, 30), "review_on": _on(at, 20)}
    other = random.choice([code for code in OFFICES if AT_DESK[code] != officer])
    return [
        (officer, "progress", {"note": "已到现场", "first_report": random.random() < 0.5}),
        (officer, "request_extension", {"days": random.randint(1, 5), "reason": "等配件"}),
        (officer, "request_suspension", deferral),
        (officer, "reply", reply),
        (officer, "add_department", {"department": other}),
        (AT_DESK[other], "co_reply", {"note": "已配合"}),
        ("supervisor", "waive_department", {"department": other, "reason": "无需配合"}),
    ]


def _on(at: datetime, days: int) -> str:
    return (at + timedelta(days=days)).date().isoformat()
