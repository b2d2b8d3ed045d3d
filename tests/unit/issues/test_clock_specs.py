"""Who owes each clock of a matter, written down a second time from docs/rules/time.md and docs/rules/limits.md."""

from deadlines.kinds import Owed
from issues.clock_specs import CLOCKS, OUTLIVING, SIDE

OWED = {
    "respond": Owed.COMMUNITY, "accept": Owed.COMMUNITY, "dispatch": Owed.COMMUNITY, "acknowledge": Owed.DEPARTMENT,
    "first_report": Owed.DEPARTMENT, "handle": Owed.DEPARTMENT, "note": Owed.DEPARTMENT, "verify": Owed.COMMUNITY,
    "follow_up": Owed.COMMUNITY, "co_reply": Owed.DEPARTMENT, "more_info": Owed.COMMUNITY, "tracking": Owed.COMMUNITY,
    "callback": Owed.COMMUNITY, "suspension_review": Owed.DEPARTMENT, "extension_decision": Owed.SUPERVISOR,
    "return_decision": Owed.SUPERVISOR, "supervision_reply": Owed.DEPARTMENT, "progress": Owed.DEPARTMENT,
    "signature": Owed.DIRECTION, "urge_reply": Owed.DEPARTMENT, "inform": Owed.COMMUNITY, "sample": Owed.SUPERVISOR,
}  # fmt: skip


def test_who_owes_each_clock() -> None:
    assert {row.code: row.owed_by for row in CLOCKS} == OWED


def test_which_run_beside_and_after_their_matter() -> None:
    assert {"progress", "signature", "urge_reply", "inform", "sample"} == SIDE
    assert {"supervision_reply", "signature", "inform", "sample"} == OUTLIVING
