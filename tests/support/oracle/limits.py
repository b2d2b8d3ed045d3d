"""The table of docs/rules/limits.md, written down a second time: which clock has which limit."""

import math

from tests.support.oracle.clock import amount_of

LEVELS = {
    "critical": {"respond": "30min", "accept": "15min", "dispatch": "15min", "acknowledge": "30min",
                 "first_report": "2h", "handle": "24h"},
    "urgent": {"respond": "2h", "accept": "1h", "dispatch": "1h", "acknowledge": "2h", "first_report": "24h",
               "handle": "3wd"},
    "complex": {"handle": "15wd"},
    "project": {"note": "30d"},
}  # fmt: skip
KINDS = {"enquiry": "3wd", "help": "5wd", "suggestion": "5wd", "complaint": "10wd", "report": "10wd"}
COMMON = {"respond": "1wd", "accept": "1wd", "dispatch": "4wh", "acknowledge": "1wd"}
EVERY = {
    "verify": "2wd", "follow_up": "5wd", "more_info": "3wd", "tracking": "5wd", "callback": "1wd",
    "suspension_review": "30d", "extension_decision": "4wh", "return_decision": "1wd", "supervision_reply": "2wd",
    "progress": "5wd", "signature": "1wd", "urge_reply": "1wd", "inform": "1wd", "sample": "3wd",
    "rights": "30d", "incident": "4h", "holding": "1wd", "minutes": "3wd",
    "question_answer": "5wd", "proposal": "90d", "proposal_long": "180d", "proposal_again": "30d",
    "proposal_part": "30d", "proposal_report": "10wd",
}  # fmt: skip


def limits_of(level: str, override: str, kind: str) -> dict[str, str]:
    """Kind of clock → its limit; praise has none. ``level``: a person's, else "". ``override``: the category's."""
    if kind == "praise":
        return {}
    only, _colon, given = override.rpartition(":")
    given = given if only in ("", kind) else ""
    level = level or (given if given in LEVELS else "")
    if level in LEVELS:
        found = EVERY | COMMON | LEVELS[level]
        return {name: limit for name, limit in found.items() if (level, name) != ("project", "progress")}
    return EVERY | COMMON | {"handle": given if given and given not in LEVELS else KINDS[kind]}


def redo_of(limit: str) -> str:
    """A third, rounded up to whole working days, at least one; a day has seven working hours."""
    length = amount_of(limit)
    days = {"d": length, "h": length / 24, "n": length / 24 / 60}[limit[-1]] if not limit.endswith("wh") else length / 7
    return f"{max(1, math.ceil(round(days / 3, 9)))}wd"
