"""Meetings as the engine of reminders asks about them (``reminders.subjects``), and their clocks."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from communities.access import Access
from communities.sight import SeenByScope
from deadlines import kinds
from deadlines.kinds import ClockSpec, Owed
from deadlines.models import Deadline
from journal.models import Event
from meetings.enums import MEETING, TO_COME, MeetingClock, MeetingState
from meetings.models import Meeting
from reminders.audience import NOBODY, Audience, Group, of_roles
from reminders.enums import REMIND, Ladder, RungRole, Topic
from reminders.ladder import Rung
from reminders.rungs import RungSpec
from reminders.subjects import About, DeskRow, Matter, Subject, SubjectStanding
from reminders.tellings import Telling, says

CLOCKS: Final = (
    ClockSpec(
        MeetingClock.HOLDING,
        MeetingClock.HOLDING.label,
        Owed.DEPARTMENT,
        _("按预告举行"),
        _("自预告的日期起"),
        side=True,
    ),
    ClockSpec(
        MeetingClock.MINUTES,
        MeetingClock.MINUTES.label,
        Owed.DEPARTMENT,
        _("整理并确认会议纪要"),
        _("自开会之日起"),
        side=True,
    ),
)
LATE: Final = "meeting_late"
RUNGS: Final = (RungSpec(LATE, _("会议、活动未举行或缺纪要"), _("%(clock)s已逾期"), 175, Topic.URGE),)

_HANDLER, _HEAD = RungRole.HANDLER.value, RungRole.HEAD.value
_SUPERVISOR, _DEPUTY = RungRole.SUPERVISOR.value, RungRole.DEPUTY.value
_OWED = frozenset({MeetingClock.HOLDING.value, MeetingClock.MINUTES.value})
LADDER: Final = (
    Rung(Ladder.WORKING.value, LATE, 5, "due", (_HANDLER, _HEAD, _SUPERVISOR), _OWED),
    Rung(Ladder.WORKING.value, LATE, 12, "due+3wd", (_HEAD, _SUPERVISOR), _OWED),
    Rung(Ladder.WORKING.value, LATE, 13, "due+5wd", (_HEAD, _SUPERVISOR, _DEPUTY), _OWED),
)
"""As migrations put them on stored ladders; docs/rules/meetings.md says whom each tells."""


TELLINGS: Final = (
    Telling(kind="meeting_planned", title=_("按系列安排会议")),
    Telling(kind="meeting_announced", title=_("预告会议"), words=says(_("请安排人员参加会议")), topic=Topic.NEW),
    Telling(kind="meeting_moved", title=_("会议改期"), words=says(_("会议改期，请按新日期参加")), topic=Topic.NEW),
    Telling(kind="meeting_changed", title=_("修改会议"), words=says(_("会议安排有改动")), topic=Topic.NEW),
    Telling(kind="meeting_adapted", title=_("随系列修改")),
    Telling(kind="invitation_withdrawn", title=_("不再邀请"), words=says(_("贵单位不必再参加此次会议"))),
    Telling(kind="meeting_cancelled", title=_("取消会议"), words=says(_("会议取消"))),
    Telling(kind="meeting_not_held", title=_("记录未举行"), words=says(_("会议没有按预告举行"))),
    Telling(kind="meeting_begun", title=_("开始会议")),
    Telling(kind="meeting_ended", title=_("结束会议")),
    Telling(kind="attendance_marked", title=_("记录到会情况")),
    Telling(kind="minutes_drafted", title=_("整理会议纪要"), words=says(_("会议纪要待召集单位确认")), topic=Topic.NEW),
    Telling(kind="meeting_released", title=_("公开会议")),
    Telling(kind="meeting_unreleased", title=_("撤回公开")),
    Telling(kind="minutes_confirmed", title=_("确认会议纪要")),
    Telling(kind="box_opened", title=_("开放提问箱")),
    Telling(kind="box_closed", title=_("截止提问")),
    Telling(kind=REMIND, title=_("提醒")),
)
ITEM_TELLINGS: Final = (
    Telling(kind="item_added", title=_("记录事项")),
    Telling(kind="item_changed", title=_("修改事项")),
    Telling(kind="item_corrected", title=_("更正事项（纪要确认后）")),
    Telling(kind="item_settled", title=_("记录已落实")),
    Telling(kind="item_became_issue", title=_("转为工单")),
    Telling(kind="item_became_commitment", title=_("转为承诺事项")),
)
VISIT_TELLINGS: Final = (
    Telling(kind="visit_recorded", title=_("记录走访")),
    Telling(kind="visit_item_added", title=_("记录来访事项")),
)
APPOINTMENT_TELLINGS: Final = (
    Telling(kind="appointed", title=_("登记任职")),
    Telling(kind="term_ended", title=_("任期结束")),
)
ACTIVITY_TELLINGS: Final = (
    Telling(kind="activity_announced", title=_("预告活动")),
    Telling(kind="activity_held", title=_("活动已举行")),
    Telling(kind="activity_not_held", title=_("活动未举行")),
    Telling(kind=REMIND, title=_("提醒")),
)
KIND_TELLINGS: Final = (Telling(kind="meeting_kind_added", title=_("添加会议类型")),)
SERIES_TELLINGS: Final = (
    Telling(kind="series_added", title=_("添加系列会议")),
    Telling(kind="series_changed", title=_("修改系列会议")),
    Telling(kind="series_retired", title=_("停办系列会议")),
)

_TO_INVITED: Final = frozenset(
    {"meeting_announced", "meeting_moved", "meeting_changed", "meeting_cancelled", "meeting_not_held"}
)
"""Of these the convener is told too; of an invitation that was taken back who was invited alone."""


class MeetingSubject(Subject[Matter]):
    """The meetings."""

    kind = MEETING
    late_on_desk = True

    def lock(self, ids: Collection[int], *, wait: bool = False) -> Mapping[int, SubjectStanding]:
        """As its services do."""
        rows = Meeting.objects.select_for_update(skip_locked=not wait, no_key=True).filter(pk__in=ids)
        return {row.pk: _standing(row) for row in rows.order_by("pk")}

    def standings(self, ids: Collection[int]) -> Mapping[int, SubjectStanding]:
        """Whether something of it is still owed."""
        return {row.pk: _standing(row) for row in Meeting.objects.filter(pk__in=ids)}

    def matters(self, ids: Collection[int]) -> Mapping[int, Matter]:
        """Of an office, at a community where it is one's, convened by an organisation."""
        rows = Meeting.objects.filter(pk__in=ids).values_list("pk", "subdistrict_id", "community_id", "convener_id")
        return {
            pk: Matter(pk, office, community_id=community, department_id=convener)
            for pk, office, community, convener in rows
        }

    def audience(self, event: Event, matter: Matter) -> Audience:
        """Who is invited; of the minutes and of reminders the convener."""
        if event.kind == REMIND:
            groups = of_roles(event.data.get("roles", ()), str(event.data.get("deadline_kind")))
            return Audience(groups, department_id=matter.department_id)
        desks = tuple((pk, (Group.DESK,)) for pk in event.data.get("invited", ()))
        if event.kind in _TO_INVITED:
            return Audience((Group.DESK,), department_id=matter.department_id, elsewhere=desks)
        if event.kind == "invitation_withdrawn":
            return Audience((), elsewhere=desks)
        if event.kind == "minutes_drafted":
            return Audience((Group.HEADS,), department_id=matter.department_id)
        return NOBODY

    def sight(self, ids: Collection[int]) -> SeenByScope:
        """Nothing is read before somebody is asked about."""
        return SeenByScope(ids, self.visible_ids)

    def visible_ids(self, access: Access, ids: Collection[int]) -> set[int]:
        """By the rule of ``visible_to``."""
        return set(Meeting.objects.filter(pk__in=ids).visible_to(access).values_list("pk", flat=True))

    def in_areas(self, subdistrict_ids: Collection[int]) -> QuerySet[Any, Any]:
        """All of these sub-districts."""
        return Meeting.objects.filter(subdistrict_id__in=sorted(subdistrict_ids)).values("pk")

    def was_open(self, event: Event) -> bool:
        """All but the last events."""
        return event.kind not in ("meeting_cancelled", "meeting_not_held", "minutes_confirmed")

    def about(self, ids: Collection[int]) -> Mapping[int, About]:
        """What it is called, and where."""
        rows = Meeting.objects.filter(pk__in=ids).select_related("community", "convener")
        return {
            row.pk: About(
                id=row.pk,
                number=row.number,
                title=row.title,
                level="",
                is_open=_is_open(row),
                subdistrict_id=row.subdistrict_id,
                url=reverse("console-meeting", args=[row.pk]),
                community_id=row.community_id,
                places=(row.community.name,) if row.community else (),
                department=row.convener.short_name if row.convener else "",
            )
            for row in rows
        }

    def late_rows(self, clocks: Sequence[Deadline]) -> Sequence[DeskRow]:
        """By who owes them."""
        rows = Meeting.objects.in_bulk([clock.subject_id for clock in clocks])
        return [_desk_row(rows[clock.subject_id], clock) for clock in clocks]


def _is_open(row: Meeting) -> bool:
    return row.state in TO_COME or (row.state in (MeetingState.LIVE, MeetingState.HELD) and not row.is_locked)


def _standing(row: Meeting) -> SubjectStanding:
    return SubjectStanding(row.pk, "", _is_open(row), row.state, row.number)


def _desk_row(row: Meeting, clock: Deadline) -> DeskRow:
    owner = clock.party.short_name if clock.party else ""
    url = reverse("console-meeting", args=[row.pk])
    return DeskRow(row.number, row.title, url, kinds.label(clock.kind), clock.due_at, owner)
