"""文书: the numbered papers of an issue, listed on its page and printed on A4.

A paper names no reporter and no place beyond the community: it is carried around, posted, filed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import segno
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common import dates
from communities.lines import OfficeLines
from console.kit.reading import find_issue, reader_of
from console.kit.rows import issue_url
from deadlines.wording import left_text
from issues.discretion import addresses_of, secrets_of, without_secrets
from issues.enums import SUBJECT
from issues.models import Issue
from issues.wording.sentences import what_is_due
from papers.enums import PaperKind
from papers.models import Paper


@dataclass(frozen=True)
class PaperLine:
    """One paper in the card of the issue page."""

    kind: str
    label: str
    number: str
    url: str
    issued_at: datetime | None
    lifted: bool


def lines_of(issue: Issue) -> tuple[PaperLine, ...]:
    """The card 文书 of an issue that ``find_issue`` read."""
    return tuple(_line(issue.number, row) for row in issue.numbered)  # type: ignore[attr-defined]


def _line(number: str, row: Mapping[str, Any]) -> PaperLine:
    return PaperLine(
        kind=row["kind"],
        label=str(PaperKind(row["kind"]).label),
        number=row["number"],
        url=reverse("console-issue-paper", args=[number, row["id"]]),
        issued_at=parse_datetime(row["issued_at"]),
        lifted=row["lifted_at"] is not None,
    )


@require_safe
@never_cache
def paper_page(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """``/console/issues/<number>/papers/<pk>/``: for whoever sees the issue."""
    issue = find_issue(reader_of(request), number)
    rows = Paper.objects.of(SUBJECT, issue.pk)
    rows = rows.select_related("department", "draft", "issued_by", "lifted_by", "deadline")
    paper = rows.filter(pk=pk).first()
    if paper is None:
        raise Http404(_("未找到该文书"))
    return render(request, "console/issues/paper.html", {"paper": _printed(issue, paper)})


def _printed(issue: Issue, paper: Paper) -> dict[str, Any]:
    link = settings.PUBLIC_URL + issue_url(issue.number)
    kind = PaperKind(paper.kind)
    return {
        "kind": kind.value,
        "title": str(kind.label),
        "number": paper.number,
        "office": _("%(area)s街道社会治理办") % {"area": issue.subdistrict.area},
        "to": paper.department.name if paper.department else _("街道社会治理办"),
        "demand": _demand(kind, paper),
        "facts": [fact for fact in _facts(issue, paper) if fact["value"]],
        "text": _text(issue, paper),
        "issued_at": paper.issued_at,
        "issued_by": _signer(paper),
        "lifted": _lifted(paper),
        "url": issue_url(issue.number),
        "qr": segno.make(link, error="m").svg_data_uri(scale=3, border=2, dark="#000", light="#fff"),
    }


def _facts(issue: Issue, paper: Paper) -> list[dict[str, str]]:
    """What is owed, since when, and by when a written reply: codes, names of organisations and dates."""
    late = ""
    if paper.due_at is not None and paper.due_at < paper.issued_at:
        working = paper.deadline is None or paper.deadline.time_limit.is_working
        late = left_text(paper.due_at, paper.issued_at, working=working)
    return [
        {"label": _("工单编号"), "value": issue.number},
        {"label": _("社区"), "value": issue.community.name},
        {"label": _("类别"), "value": issue.category.name if issue.category else ""},
        {"label": _("应办事项"), "value": what_is_due(paper.deadline_kind) if paper.deadline_kind else ""},
        {"label": _("到期时间"), "value": dates.moment(paper.due_at) if paper.due_at else ""},
        {"label": _("超期情况"), "value": late},
        {"label": _("已催办"), "value": _("%(n)d 次") % {"n": paper.urges} if paper.urges else ""},
        {"label": _("书面回复期限"), "value": dates.moment(paper.reply_due_at) if paper.reply_due_at else ""},
    ]


def _demand(kind: PaperKind, paper: Paper) -> str:
    words = {
        PaperKind.URGE: _("请抓紧办理，并在系统中记录办理情况。"),
        PaperKind.ORDER: _("请按下列要求办理，并按期书面回复。"),
        PaperKind.YELLOW_CARD: _("因下列事项逾期，予以黄牌警示。"),
        PaperKind.RED_CARD: _("因下列事项逾期，予以红牌通报。"),
    }
    return words[kind]


def _text(issue: Issue, paper: Paper) -> str:
    """The words of an order or a card, without phone numbers and without what is known of the reporter.

    Nor with an address that the matter has or had before a correction.
    """
    if paper.draft is None:
        return ""
    known = [*secrets_of(issue), *addresses_of(issue)]
    return without_secrets(paper.draft.text, known, keep=OfficeLines(issue.subdistrict_id))


def _signer(paper: Paper) -> str:
    return paper.issued_by.display_name if paper.issued_by else _("系统自动催办")


def _lifted(paper: Paper) -> str:
    if paper.lifted_at is None or paper.lifted_by is None:
        return ""
    return _("%(name)s 于 %(when)s 解除") % {
        "name": paper.lifted_by.display_name,
        "when": dates.moment(paper.lifted_at),
    }
