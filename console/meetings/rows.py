"""Meetings and items as templates print them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from commitments.words import day_of
from common.clock import local
from console.kit.reading import Reader
from console.kit.shapes import Link
from issues.enums import Status
from issues.models import Issue
from meetings.agenda import REOPENED
from meetings.enums import LeftOver
from meetings.models import Meeting, MeetingItem
from meetings.words import age_of, left_over_of, state_of


@dataclass(frozen=True)
class MeetingRow:
    """One meeting of a list. ``late``: announced and its day has passed; ``topics``: what was to be talked about."""

    url: str
    title: str
    kind: str
    when: str
    starts: str
    estimated: bool
    place: str
    convener: str
    state: str
    late: bool
    historic: bool
    topics: Sequence[str] = ()


@dataclass(frozen=True)
class ItemRow:
    """One item. ``left`` is the list on which it stands, in words; ``url`` its meeting.

    ``about`` is the matter that staff put forward, ``links`` what came of it, ``may`` what it may still become. Of a
    matter that the reader does not see there is no number and no address.
    """

    pk: int
    number: int
    version: int
    url: str
    meeting: str
    raised: str
    age: str
    who: str
    category: str
    words: str
    answer: str
    answer_kind: str
    answered: str
    due: str
    left: str
    left_label: str
    historic: bool
    settled: bool
    links: tuple[Link, ...]
    about: Link | None
    may: tuple[str, ...]
    follow_url: str


def meeting_row(meeting: Meeting, today: date, topics: Sequence[str] = ()) -> MeetingRow:
    """Of a meeting ``with_names``."""
    state = state_of(meeting, today)
    return MeetingRow(
        url=reverse("console-meeting", args=[meeting.pk]),
        title=meeting.title,
        kind=meeting.kind.name,
        when=day_of(meeting.on, meeting.precision),
        starts=f"{meeting.starts:%H:%M}" if meeting.starts else "",
        estimated=meeting.estimated,
        place=meeting.place or (meeting.community.name if meeting.community else ""),
        convener=meeting.convener.short_name if meeting.convener else meeting.beside,
        state=state,
        late=meeting.is_missed(today),
        historic=meeting.historic,
        topics=topics,
    )


def item_row(item: MeetingItem, reader: Reader) -> ItemRow:
    """Of an item ``read_by`` the reader."""
    today = local(reader.now).date()
    left = left_over_of(item, today)
    who = " ".join(part for part in (item.community.name if item.community else "", item.raised_by) if part)
    who_answers = (item.department.short_name if item.department else "", item.answered_by)
    answered = " ".join(dict.fromkeys(part for part in who_answers if part))
    return ItemRow(
        pk=item.pk,
        number=item.number,
        version=item.version,
        url=reverse("console-meeting", args=[item.meeting_id]) if item.meeting_id else "",
        meeting=item.meeting.title if item.meeting else _("报道"),
        raised=day_of(item.raised_on, item.precision),
        age=age_of(item.due_on if left == LeftOver.LATE and item.due_on else item.raised_on, today) if left else "",
        who=who,
        category=item.category.name if item.category else "",
        words=item.words,
        answer=item.answer,
        answer_kind=str(item.get_answer_kind_display()) if item.answer_kind else "",
        answered=answered,
        due=day_of(item.due_on, item.due_precision) if item.due_on else "",
        left=left,
        left_label=str(LeftOver(left).label) if left else "",
        historic=item.record_id is not None,
        settled=item.settled_at is not None,
        links=_links(item),
        may=_may(item),
        follow_url=reverse("console-meeting-follow", args=[item.meeting_id, item.number]) if item.meeting_id else "",
        about=_about(item.about) if item.about and getattr(item, "shows_about", False) else None,
    )


def _may(item: MeetingItem) -> tuple[str, ...]:
    """A matter where it is none; of an answer that leaves something to do a promise, which says what it still wants."""
    if item.issue_id is not None or item.commitment_id is not None:
        return ()
    found = [] if item.about_id is not None else ["issue"]
    return (*found, "commitment") if item.answer and item.is_open else tuple(found)


@dataclass(frozen=True)
class MatterRow:
    """An open matter that may be put forward, and why."""

    pk: int
    link: Link
    title: str
    place: str
    department: str
    why: str


def matter_row(issue: Issue) -> MatterRow:
    """Of one of ``meetings.agenda.matters_for``."""
    why = []
    if issue.status == Status.SUSPENDED:
        why.append(str(Status.SUSPENDED.label))
    if issue.reopen_count >= REOPENED:
        why.append(_("重新办理%(n)d次") % {"n": issue.reopen_count})
    if issue.collective_at is not None:
        why.append(_("群体性诉求"))
    return MatterRow(
        pk=issue.pk,
        link=_about(issue),
        title=issue.title,
        place=issue.community.name,
        department=issue.lead_department.short_name if issue.lead_department else "",
        why=_("、").join(why),
    )


def _about(issue: Issue) -> Link:
    return Link(issue.number, reverse("console-issue", args=[issue.number]))


def _links(item: MeetingItem) -> tuple[Link, ...]:
    found = []
    if item.issue is not None:
        seen = getattr(item, "shows_issue", False)
        found.append(_about(item.issue) if seen else Link(_("已转为工单"), ""))
    if item.commitment is not None:
        found.append(Link(_("承诺事项"), reverse("console-commitment", args=[item.commitment.pk])))
    return tuple(found)
