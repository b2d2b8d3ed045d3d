"""After a meeting: its minutes, and what came of what was answered."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from commitments.models import Commitment
from commitments.services.errors import InvalidCommitment
from commitments.services.making import LONGEST, make
from communities.actors import Actor
from deadlines import services as deadlines
from deadlines.calendar import DAY_OPENS, at_clock
from deadlines.models import Deadline
from issues.enums import Kind, Source
from issues.models import Issue
from issues.services.creation import NewIssue, create
from issues.services.errors import InvalidFields, NotPermitted
from meetings import minutes
from meetings.enums import ITEM, MEETING, MET, AnswerKind, MeetingClock, MeetingState
from meetings.models import Meeting, MeetingItem
from meetings.rights import may_confirm, may_keep
from meetings.services.asking import end_box
from meetings.services.base import check_meeting, held_meeting, save, tell, tell_meeting
from meetings.services.errors import NotNow


def draft_minutes(*, meeting_id: int, version: int, by: Actor, at: datetime) -> Meeting:
    """The minutes are there, and wait for the convener, whose clock runs on.

    Raises NotPermitted, MeetingChanged, NotNow.
    """
    with transaction.atomic():
        meeting = held_meeting(meeting_id, by, version)
        if meeting.state not in MET or meeting.drafted_at is not None:
            raise NotNow(_("会议还没有开始，或纪要已经整理"))
        meeting.state, meeting.drafted_at, meeting.drafted_by = MeetingState.HELD, at, by.user
        save(meeting, "state", "drafted_at", "drafted_by")
        tell_meeting(meeting, "minutes_drafted", by, at, data={"department": meeting.convener_id})
        end_box(meeting, by, at)
    return meeting


def confirm_minutes(*, meeting_id: int, version: int, by: Actor, at: datetime) -> Meeting:
    """The convener confirms them: their clock stops, they stay as they are, and what changes is a correction.

    Raises NotPermitted, MeetingChanged, NotNow.
    """
    with transaction.atomic():
        rows = Meeting.objects.select_for_update(of=("self",), no_key=True)
        meeting = rows.select_related("community", "convener").get(pk=meeting_id)
        if not may_confirm(by.access, meeting):
            raise NotPermitted(_("纪要由召集单位确认"))
        check_meeting(meeting, version)
        if meeting.drafted_at is None or meeting.is_locked:
            raise NotNow(_("纪要还没有整理，或已经确认"))
        meeting.minutes, meeting.confirmed_at, meeting.confirmed_by = minutes_of(meeting), at, by.user
        save(meeting, "minutes", "confirmed_at", "confirmed_by")
        deadlines.stop(Deadline.objects.of(MEETING, meeting.pk).open(), {MeetingClock.MINUTES}, at)
        tell_meeting(meeting, "minutes_confirmed", by, at)
    return meeting


def minutes_of(meeting: Meeting) -> str:
    """The words of the minutes as they stand now, without topics of confidential matters; two statements."""
    invited = meeting.invitations.standing().with_names().order_by("pk")
    items = meeting.items.with_names().exclude(about__confidential=True).in_order()
    with translation.override("zh-hans"):
        return minutes.text_of(minutes.paragraphs(meeting, list(invited), list(items)))


def settle(*, item_id: int, version: int, by: Actor, at: datetime) -> MeetingItem:
    """What was promised is kept, or what was asked is answered elsewhere. Raises NotPermitted, NotNow."""
    with transaction.atomic():
        item = _held_item(item_id, by)
        if item.settled_at is not None or item.version != version:
            raise NotNow(_("这一项刚被别人修改，请按最新情况继续"))
        item.settled_at, item.settled_by, item.version = at, by.user, item.version + 1
        item.save(update_fields=["settled_at", "settled_by", "version"])
        tell(ITEM, item.pk, "item_settled", by, at, data=_place(item))
    return item


def make_issue(*, item_id: int, by: Actor, at: datetime) -> Issue:
    """A matter with all that is known of the item; asked twice it is one.

    Raises NotPermitted, NotNow, InvalidFields.
    """
    with transaction.atomic():
        item = _held_item(item_id, by)
        if item.issue_id is not None:
            return Issue.objects.get(pk=item.issue_id)
        if item.about_id is not None:
            raise NotNow(_("这一项本来就是工单"))
        if item.commitment_id is not None:
            raise NotNow(_("这一项已经转为承诺"))
        community = item.community or (item.meeting.community if item.meeting else None)
        if community is None:
            raise InvalidFields({"community": _("请先选择提出问题的社区")})
        issue = create(draft=_draft(item, community.pk), by=by, at=at)
        item.issue, item.version = issue, item.version + 1
        item.save(update_fields=["issue", "version"])
        tell(
            ITEM, item.pk, "item_became_issue", by, at, data=_place(item) | {"issue": issue.pk, "number": issue.number}
        )
    return issue


def make_commitment(*, item_id: int, by: Actor, at: datetime) -> Commitment:
    """What was answered as a promise of who answered; asked twice it is one.

    Due on the day that was said; to be looked at again by then where it is to be studied, in 30 days where no day was.
    Raises NotPermitted, NotNow, InvalidFields.
    """
    with transaction.atomic():
        item = _held_item(item_id, by)
        if item.commitment_id is not None:
            return Commitment.objects.get(pk=item.commitment_id)
        if item.issue_id is not None:
            raise NotNow(_("这一项已经转为工单，办理进展看工单"))
        if not item.answer or item.department_id is None:
            raise InvalidFields({"department": _("先写明答复内容和承办单位，才能转为承诺")})
        studied = item.answer_kind == AnswerKind.STUDY
        try:
            made = make(
                subdistrict_id=item.subdistrict_id,
                text=item.answer[:LONGEST],
                owner_id=item.department_id,
                by_id=by.user_id or 0,
                by_role=by.role,
                at=at,
                source_kind=ITEM,
                source_id=item.pk,
                community_id=item.community_id,
                due_on=None if studied else item.due_on,
                review_on=item.due_on if studied else None,
                said_at=min(at, at_clock(item.raised_on, DAY_OPENS)),
            )
        except InvalidCommitment as error:
            raise InvalidFields(error.fields) from error
        item.commitment, item.version = made, item.version + 1
        item.save(update_fields=["commitment", "version"])
        tell(ITEM, item.pk, "item_became_commitment", by, at, data=_place(item) | {"commitment": made.pk})
    return made


def _draft(item: MeetingItem, community_id: int) -> NewIssue:
    said = [item.words]
    if item.meeting is not None:
        said.append(
            _("%(meeting)s（%(number)s）上提出。") % {"meeting": item.meeting.title, "number": item.meeting.number}
        )
    if item.answer:
        said.append(_("会上答复：%(answer)s") % {"answer": item.answer})
    return NewIssue(
        subdistrict_id=item.subdistrict_id,
        community_id=community_id,
        category_id=item.category_id,
        description="\n".join(said),
        kind=Kind.SUGGESTION,
        source=Source.MEETING,
    )


def _held_item(item_id: int, by: Actor) -> MeetingItem:
    """The item under its lock, for the secretary of its meeting. Raises NotPermitted, NotNow.

    What came of it is read by its ids alone: who waited for the lock has the row as it is now, but not what it joins.
    """
    rows = MeetingItem.objects.select_for_update(of=("self",), no_key=True)
    item = rows.select_related("meeting__community", "community", "department").get(pk=item_id)
    if item.meeting is None or item.meeting.historic:
        raise NotNow(_("历史资料不能修改"))
    if not may_keep(by.access, item.meeting):
        raise NotPermitted(_("会议由召集的社区或街道社会治理办记录"))
    if item.meeting.state not in MET:
        raise NotNow(_("会议还没有开始，开始后再记录答复"))
    return item


def _place(item: MeetingItem) -> dict[str, Any]:
    return {"meeting": item.meeting_id, "item": item.number}
