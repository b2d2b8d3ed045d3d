"""解除保密: a confidential matter becomes an open one by the supervisor's word alone, and the reporter is told why."""

from typing import Final

from communities.models import Messages
from issues.enums import Action, RequestKind, RequestState
from issues.services.creation import listed_title, searchable
from issues.services.effects.base import Change


def disclose(change: Change) -> None:
    """From now on whoever handles it knows the reporter, who reads that and why."""
    change.set(confidential=False)
    _stay_silent(change)
    change.set(title=listed_title(change.issue))
    change.set(lexemes=searchable(change.issue))
    change.visible = True
    change.facts["disclosed"] = True


def _stay_silent(change: Change) -> None:
    """Who spoke in confidence and agreed to no messages gets none now that others decided it is none."""
    contact = change.issue.contact
    if contact is not None and contact.messages == Messages.ON:
        contact.messages = Messages.OFF
        contact.save(update_fields=["messages"])
        change.facts["messages"] = contact.messages


def request_disclosure(change: Change) -> None:
    """The community asks; nothing is lifted before the supervisor grants it."""
    change.ask(RequestKind.DISCLOSURE, text=change.values["reason"])


def grant_disclosure(change: Change) -> None:
    change.decide(change.open_request(RequestKind.DISCLOSURE), RequestState.GRANTED)
    disclose(change)


def refuse_disclosure(change: Change) -> None:
    change.decide(change.open_request(RequestKind.DISCLOSURE), RequestState.REFUSED)


EFFECTS: Final = {
    Action.REQUEST_DISCLOSURE: request_disclosure,
    Action.GRANT_DISCLOSURE: grant_disclosure,
    Action.REFUSE_DISCLOSURE: refuse_disclosure,
}
