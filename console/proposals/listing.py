"""代表建议: what is being handled, due first; what was answered, what is to be told again, what is closed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.roles import Permission
from common import dates
from common.keyset import BadCursor, Order, paginate
from console.kit.reading import PAGE_SIZE, code_of, pager_of, reader_of, text_of, url_with
from console.kit.shapes import Tab
from proposals.models import Proposal
from proposals.querysets import ProposalQuerySet

HANDLING, ANSWERED, REPORT, CLOSED = "handling", "answered", "report", "closed"
VIEWS: Final[dict[str, Promise]] = {
    HANDLING: gettext_lazy("办理中"),
    ANSWERED: gettext_lazy("待代表意见"),
    REPORT: gettext_lazy("承诺已兑现，待再次答复"),
    CLOSED: gettext_lazy("已办结、已撤回"),
}
_DUE: Final = Order(("due_at", "id"))
_NEWEST: Final = Order(("-received_on", "-id"))


@dataclass(frozen=True)
class ProposalRow:
    """One proposal of a list."""

    number: str
    title: str
    url: str
    lead: str
    received: str
    due: str
    late: bool
    state: str
    again: bool


@require_safe
def proposal_list(request: HttpRequest) -> HttpResponse:
    """``/console/proposals/``: by ``view``; two statements at most."""
    reader = reader_of(request)
    view = code_of(request, "view", tuple(VIEWS)) or HANDLING
    rows = _of(view, Proposal.objects.visible_to(reader.access)).with_names()
    cursor = text_of(request, "cursor", 400)
    try:
        page = paginate(rows, order=_DUE if view == HANDLING else _NEWEST, cursor=cursor or None, size=PAGE_SIZE)
    except BadCursor as error:
        raise BadRequest(error.message) from error
    context: dict[str, Any] = {
        "tabs": [Tab(code, str(label), url_with(request, view=code), code == view) for code, label in VIEWS.items()],
        "rows": [row_of(row, reader.now) for row in page.rows],
        "may_register": reader.access.has(Permission.KEEP_PROPOSALS),
        "pager": pager_of(request, page.next_cursor, cursor),
    }
    return render(request, "console/proposals/list.html", context)


def row_of(row: Proposal, at: datetime) -> ProposalRow:
    """Of a proposal ``with_names``."""
    return ProposalRow(
        number=row.number,
        title=row.title,
        url=reverse("console-proposal", args=[row.pk]),
        lead=row.lead.short_name,
        received=dates.day(row.received_on),
        due=dates.day(row.due_at) if row.due_at else "",
        late=row.is_late(at),
        state=str(row.get_state_display()),
        again=row.round > 1,
    )


def _of(view: str, rows: ProposalQuerySet) -> ProposalQuerySet:
    if view == HANDLING:
        return rows.handling()
    if view == ANSWERED:
        return rows.answered()
    return rows.to_report() if view == REPORT else rows.closed()
