"""Fields for an action by somebody who knows what he is doing, and the same spoilt by somebody who does not."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.integration.journeys.rules import DRAFTS, Seen
from tests.support.cast import World
from tests.support.photos import photo

CATEGORIES = ("0101", "0202", "0301", "0303", "0402")
OFFICES = ("MUNICIPAL", "WATER", "GOVERN", "XIADONG-TEAM")
MEMBERS = {"MUNICIPAL": ("officer", "officer3", "head")}
WORDS = ("请尽快", "已到现场查看", "材料不齐，请补充", "电话 13800138000 联系", "一" * 20)
JUNK: tuple[Any, ...] = (
    "", None, 0, -1, True, 3.5, [], {}, ["a"] * 50, {"a": 1}, "\x00", "'; DROP TABLE issues_issue; --", "９", 10**20,
    "2026-02-30", "9999-12-31", "x" * 5000, "\ud800", "桂城-2026-000001", "<script>", "MUNICIPAL,WATER",
)  # fmt: skip


def on(at: datetime, days: int) -> str:
    """A date so many days after ``at``."""
    return (at + timedelta(days=days)).date().isoformat()


def good(
    world: World, action: str, name: str, seen: Seen, others: list[str], at: datetime, random: Random
) -> dict[str, Any]:
    """Fields that mostly hold; what the rules refuse of them, they refuse by naming the field."""
    word, maybe = random.choice(WORDS), random.random() < 0.3
    data: dict[str, Any] = {"note": word} if random.random() < 0.4 else {}
    match action:
        case "contact":
            data |= {"channel": random.choice(("phone", "visit", "message"))}
            data |= {"result": random.choice(("reached", "reached", "not_reached"))}
        case "accept":
            data |= {"category": random.choice(CATEGORIES)} if seen.row.category_id is None or maybe else {}
            data |= {"level": random.choice(("critical", "urgent", "normal", "complex"))} if maybe else {}
        case "request_info" | "give_info" | "co_reply" | "instruct" | "lift" | "refuse_sign" | "comment":
            data |= {"note": word}
        case "progress":
            data |= {"note": word, "first_report": maybe, "visible_to_resident": random.random() < 0.5}
        case "reject":
            data |= {"reason": random.choice(("petition", "court", "out_of_area")), "note": word}
        case "answer_now":
            data |= {"note": word} | ({"category": "0402"} if seen.row.category_id is None else {})
            data |= {"verdict": "satisfied", "solved": "yes"} if maybe else {}
        case "dispatch" | "reassign" | "add_department" | "assign_final":
            data |= {"department": random.choice((*OFFICES, "DADE-TEAM", "POLICE") if maybe else OFFICES)}
            data |= {"reason": word} if action in ("reassign", "assign_final") else {}
            data |= {"extra_days": random.randint(1, 5)} if action == "assign_final" and maybe else {}
        case "transfer_out":
            data |= {"department": "POLICE"}
        case "waive_department":
            data |= {"department": random.choice(seen.waiting or list(OFFICES)), "reason": word}
        case "assign":
            data |= {
                "officer": random.choice({"MUNICIPAL": ["officer", "officer3", "head"]}.get(seen.lead, ["officer2"]))
            }
        case "return":
            data |= {"reason": "not_ours", "basis": word} | ({"suggested_department": "WATER"} if maybe else {})
        case "request_extension":
            data |= {"days": random.randint(1, 6), "reason": word}
        case "refuse_extension" | "refuse_suspension" | "close_explained" | "reopen":
            data |= {"reason": word}
        case "request_exclusion" | "grant_exclusion" | "refuse_exclusion":
            data |= {"reason": word}
        case "request_disclosure" | "grant_disclosure" | "refuse_disclosure":
            data |= {"reason": word}
        case "request_suspension":
            data |= {"reason": random.choice(("funding", "publicity", "other")), "interim_answer": "正在等待资金计划"}
            data |= {"until": on(at, random.choice((3, 10, 30, 60, 200)))}
        case "reply":
            data |= {"outcome": random.choice(("solved", "partly", "explained", "planned", "not_now", "unfounded"))}
            data |= {"note": word, "due_on": on(at, 40), "review_on": on(at, 20)}
            if data["outcome"] == "solved" and seen.row.category is not None and seen.row.category.physical:
                data["attachments"] = [photo(world, seen.row, at).pk]
        case "verify_pass":
            data |= {"check": "phone", "note": word}
            if maybe:
                data |= {"check": "site", "attachments": [photo(world, seen.row, at).pk]}
        case "redo":
            data |= {"reason": word}
            data |= {"verdict": random.choice(("dissatisfied", "fairly")), "solved": "no"} if maybe else {}
        case "record_follow_up":
            data |= random.choice(
                (
                    {"verdict": "satisfied", "solved": "yes"},
                    {"verdict": "fairly", "solved": "partly"},
                    {"verdict": "dissatisfied", "solved": "no", "reason": word},
                    {"verdict": "unreachable"},
                )
            )
            if name in ("resident", "leader") and data["verdict"] == "unreachable":
                data["solved"] = "yes"
        case "merge":
            data |= {"master": random.choice(others or ["桂城-2026-999999"])}
        case "fulfil":
            data |= {"note": word}
        case "move_promise":
            data |= {"reason": word, random.choice(("due_on", "review_on")): on(at, 30)}
        case "supervise":
            data |= {"kind": random.choice(DRAFTS), "note": word}
        case "sign" | "refuse_sign":
            data |= {"note": word}
        case "cc":
            data |= {"departments": [random.choice(OFFICES)]} if maybe else {"users": ["supervisor"]}
        case "edit":
            data |= edited(at, random)
        case "publish":
            data |= {"title": "幸福路积水", "text": word} if maybe else {}
    return data


def edited(at: datetime, random: Random) -> dict[str, Any]:
    """One or two corrections."""
    every: dict[str, Any] = {
        "kind": random.choice(("enquiry", "help", "complaint", "report", "suggestion")),
        "level": random.choice(("critical", "urgent", "normal", "complex")),
        "category": random.choice(CATEGORIES),
        "community": random.choice(("440605011001", "440605011002")),
        "external_due_at": (at + timedelta(hours=random.choice((-5, 2, 30, 100)))).isoformat(),
        "confidential": random.random() < 0.5,
        "source": "hotline_12345",
        "address": f"幸福路{random.randint(1, 99)}号",
        "contact_phone": f"1990000{random.randint(1000, 9999)}",
    }
    names = random.sample(sorted(every), random.choice((1, 1, 2)))
    return {name: every[name] for name in names}


def spoilt(data: dict[str, Any], random: Random) -> dict[str, Any]:
    """The same with a field left out, or with rubbish in it, or with one that nobody asked for."""
    names = sorted(data) or ["note"]
    name = random.choice([*names, "attachments", "version", "department", "status"])
    if random.random() < 0.3:
        return {key: value for key, value in data.items() if key != name}
    return {**data, name: random.choice(JUNK)}
