"""What this person may do with this issue now, and why the rest is refused."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from communities.actors import Actor
from deadlines.models import Deadline
from issues import policies, workflow
from issues.enums import Action
from issues.models import Issue, Request
from issues.reading.pages import deadlines_of
from issues.services.actions import moment_of


@dataclass(frozen=True)
class Offer:
    """One action: allowed now, or refused with the reason."""

    action: str
    label: str
    allowed: bool
    reason: str
    required: tuple[str, ...]
    optional: tuple[str, ...]


def offers(
    issue: Issue,
    actor: Actor,
    at: datetime,
    clocks: Sequence[Deadline] | None = None,
    requests: Sequence[Request] | None = None,
) -> list[Offer]:
    """Every action of the table that this person's part in the issue knows, in the table's order.

    ``clocks`` are the issue's deadlines, ``requests`` those that wait for a decision, where the caller has them; one
    statement for the clocks otherwise, and one for requests where there are any.
    """
    who = policies.parties(actor, issue)
    rows = deadlines_of(issue.pk) if clocks is None else clocks
    return list(_offers(issue, actor, who, moment_of(issue, at, rows, requests)))


def _offers(issue: Issue, actor: Actor, who: frozenset[workflow.Party], now: policies.Moment) -> Iterator[Offer]:
    seen: set[str] = set()
    for first in workflow.TABLE:
        if first.action in seen or not first.who & who:
            continue
        seen.add(first.action)
        row = workflow.find(first.action, issue.status, who)
        if row is None:
            reason = _("工单当前为“%(status)s”") % {"status": issue.get_status_display()}
        else:
            reason = str(policies.refusal(row.action, issue, actor, who, now) or "")
        shown = row or first
        if shown is workflow.CHECK and (row is None or reason):
            continue
        yield Offer(
            action=shown.action,
            label=str(shown.label),
            allowed=row is not None and not reason,
            reason=reason,
            required=shown.required,
            optional=shown.optional,
        )


def allowed_offers(issue: Issue, actor: Actor, at: datetime, clocks: Sequence[Deadline] | None = None) -> list[Offer]:
    """Only what may be done now."""
    return [offer for offer in offers(issue, actor, at, clocks) if offer.allowed]


_PRIMARY = (
    Action.GRANT_EXTENSION, Action.GRANT_SUSPENSION, Action.SIGN, Action.GRANT_EXCLUSION, Action.GRANT_DISCLOSURE,
    Action.ASSIGN_FINAL, Action.GIVE_INFO, Action.ACCEPT, Action.DISPATCH, Action.ACKNOWLEDGE, Action.CO_REPLY,
    Action.REPLY, Action.VERIFY_PASS, Action.RECORD_FOLLOW_UP, Action.RESUME, Action.PROGRESS, Action.REOPEN,
    Action.FULFIL,
)  # fmt: skip
"""What others wait for first, then the steps of the work."""


def primary_offer(found: list[Offer], *, to_tell: bool = False) -> Offer | None:
    """The one action that moves the issue on, of those allowed; ``to_tell``: first the reporter is to be told."""
    possible = {offer.action: offer for offer in found if offer.allowed}
    wanted = ("contact", *_PRIMARY) if to_tell else _PRIMARY
    return next((possible[action] for action in wanted if action in possible), None)


def next_step(status: str, mine: bool) -> str:
    """The next step as a verb: 待您受理 where it is mine, else whom it waits for."""
    mine_words = {
        "submitted": _("待您受理"),
        "need_info": _("待反映人补充"),
        "accepted": _("待您派单"),
        "dispatched": _("待您签收"),
        "in_progress": _("待您答复"),
        "suspended": _("挂账中"),
        "replied": _("待您核查"),
        "follow_up": _("待您回访"),
    }
    other_words = {
        "submitted": _("待受理"),
        "need_info": _("待反映人补充"),
        "accepted": _("待派单"),
        "dispatched": _("待签收"),
        "in_progress": _("办理中"),
        "suspended": _("挂账中"),
        "replied": _("待核查"),
        "follow_up": _("待回访"),
        "closed": _("已办结"),
        "rejected": _("不予受理"),
        "withdrawn": _("已撤回"),
        "merged": _("已并案"),
    }
    return (mine_words if mine else other_words).get(status, "")
