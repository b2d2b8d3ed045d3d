"""The dates of one matter that its reporter waits for, for a calendar: what the link alone tells of them."""

from collections.abc import Iterator
from datetime import date, datetime

from django.utils.translation import gettext as _

from common.calendars import CalendarEntry
from common.clock import local
from issues.enums import Proof
from issues.models import Issue
from issues.resident.shapes import ResidentView
from issues.resident.story import main_of, story_of
from issues.resident.view import view_of
from issues.resident.words import in_line


def dates_of(issue: Issue, at: datetime, url: str) -> list[CalendarEntry]:
    """Whole days that keep nobody busy; one that is over is there no more. ``url``: of the matter's page."""
    view = view_of(story_of(issue, at, files=False, proof=Proof.LINK), proof=Proof.LINK)
    return [
        CalendarEntry(
            uid=f"{issue.number}-{code}",
            sequence=main_of(issue).version,
            on=on,
            summary=_("%(what)s：%(number)s") % {"what": what, "number": issue.number},
            description=in_line(view.sentence),
            url=url,
            tentative=code == "answer" and view.promised_estimated,
            busy=False,
        )
        for code, what, on in _waited_for(view)
    ]


def _waited_for(view: ResidentView) -> Iterator[tuple[str, str, date]]:
    if view.promised_at is not None:
        yield "answer", _("最迟答复您"), local(view.promised_at).date()
    if view.news_at is not None:
        yield "news", _("最迟告诉您进展"), local(view.news_at).date()
    if view.asked_until is not None:
        yield "asked", _("请您补充情况"), local(view.asked_until).date()
    review = next((step.review_at for step in view.steps if step.review_at is not None), None)
    if review is not None:
        yield "review", _("最迟复查"), local(review).date()
    if view.callback is not None and view.callback.waits:
        yield "callback", _("最迟给您回电"), local(view.callback.by).date()
    if view.promise is not None and view.promise.kept_at is None and view.promise.on is not None:
        yield "promise", _("承诺的日期"), view.promise.on
