"""What the community does first: contact, accept, ask for more, reject, answer at once."""

from typing import Final

from deadlines.limits import Limit
from issues.enums import Action, Status, Turn, Verdict, VerdictVia
from issues.policies import NO_MOBILE, RETURNS_UNTIL_SUPERVISOR, has_mobile
from issues.services.clocks import FROM_ACCEPTANCE, level_of
from issues.services.effects.base import Change, classify
from issues.services.errors import InvalidFields
from issues.workflow import start, stop

_AFTER_SILENCE = Limit.parse("4wh")
"""What a clock has left at least when the reporter did not give what was asked for in time."""


def contact(change: Change) -> None:
    if change.values["result"] != "reached":
        change.without_clocks |= {"respond"}
        return
    change.more_clocks += stop("callback", "inform")


def accept(change: Change) -> None:
    issue = change.issue
    classify(change)
    if change.values.get("level"):
        change.set(level_set=True, level=change.values["level"])
    else:
        change.set(level=level_of(issue, issue.level if issue.level_set else ""))
    change.clocks.reclassify(ending=frozenset({"accept"}))
    if issue.accepted_at is not None:
        change.not_started |= set(FROM_ACCEPTANCE)
    change.set(accepted_at=issue.accepted_at or change.at, accepted_by=issue.accepted_by or change.by.user)
    change.facts["level"] = issue.level
    by_supervisor = issue.return_count >= RETURNS_UNTIL_SUPERVISOR
    if by_supervisor:
        change.not_started.add("dispatch")
        change.more_clocks += start("return_decision")
    change.move(Status.ACCEPTED, Turn.SUPERVISOR if by_supervisor else Turn.COMMUNITY)


def request_info(change: Change) -> None:
    change.set(info_expired=False)
    change.move(Status.NEED_INFO, Turn.REPORTER)


def give_info(change: Change) -> None:
    """Back to be accepted; by time alone with at least four working hours for the community."""
    if change.by_time:
        change.set(info_expired=True)
        change.facts["expired"] = True
        change.clocks.at_least = _AFTER_SILENCE
    change.move(Status.SUBMITTED, Turn.COMMUNITY)


def reject(change: Change) -> None:
    change.end(Status.REJECTED)


def answer_now(change: Change) -> None:
    classify(change)
    verdict = change.values.get("verdict") or (Verdict.NO_REPORTER if change.issue.contact_id is None else "")
    solved = change.values.get("solved", "")
    change.set(outcome="explained", verdict=verdict, solved=solved, answered_by=change.by.user)
    change.set(verdict_via=VerdictVia.DESK.of(verdict, solved))
    change.facts |= {"outcome": "explained", "verdict": verdict}
    change.end(Status.CLOSED)


def set_messages(change: Change) -> None:
    """Whether short messages may go to the reporter; it stands on the contact."""
    contact = change.issue.contact
    if contact is None or not has_mobile(change.issue):
        raise InvalidFields({"messages": NO_MOBILE})
    contact.messages = change.values["messages"]
    contact.save(update_fields=["messages"])


EFFECTS: Final = {
    Action.SET_MESSAGES: set_messages,
    Action.CONTACT: contact,
    Action.ACCEPT: accept,
    Action.REQUEST_INFO: request_info,
    Action.GIVE_INFO: give_info,
    Action.REJECT: reject,
    Action.ANSWER_NOW: answer_now,
}
