"""Questions of the public as the engine of reminders asks about them (``reminders.subjects``), and their clock."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.masking import anonymous
from communities.access import Access
from communities.sight import SeenByScope
from deadlines import kinds
from deadlines.calendar import WorkCalendar
from deadlines.kinds import ClockSpec, Owed
from deadlines.models import Deadline
from journal.models import Event
from meetings.enums import QUESTION, QUESTION_CLOCK
from meetings.models import Question
from reminders.audience import NOBODY, Audience, Group, of_roles
from reminders.enums import REMIND, Ladder, RungRole, Topic
from reminders.ladder import Rung
from reminders.rungs import RungSpec
from reminders.subjects import About, DeskRow, Matter, Subject, SubjectStanding
from reminders.tellings import Telling, says

CLOCKS: Final = (
    ClockSpec(QUESTION_CLOCK, _("答复提问"), Owed.DEPARTMENT, _("书面答复提问"), _("自会议结束起"), side=True),
)
DUE, LATE = "question_due", "question_late"
RUNGS: Final = (
    RungSpec(DUE, _("提问临近期限"), _("%(clock)s临期"), 172),
    RungSpec(LATE, _("提问逾期未答复"), _("%(clock)s已逾期"), 176, Topic.URGE),
)

_HANDLER, _HEAD = RungRole.HANDLER.value, RungRole.HEAD.value
_SUPERVISOR, _DEPUTY = RungRole.SUPERVISOR.value, RungRole.DEPUTY.value
_OWED: Final = frozenset({QUESTION_CLOCK})
_WORKING: Final = Ladder.WORKING.value
LADDER: Final = (
    Rung(_WORKING, DUE, 3, "soon", (_HANDLER,), _OWED),
    Rung(_WORKING, DUE, 4, "due_day", (_HANDLER, _HEAD), _OWED),
    Rung(_WORKING, LATE, 5, "due", (_HANDLER, _HEAD, _SUPERVISOR), _OWED),
    Rung(_WORKING, LATE, 12, "due+3wd", (_HEAD, _SUPERVISOR), _OWED),
    Rung(_WORKING, LATE, 13, "due+5wd", (_HEAD, _SUPERVISOR, _DEPUTY), _OWED),
)
"""As migrations put them on stored ladders; docs/rules/meetings.md says whom each tells."""

_TITLE: Final = 60


TELLINGS: Final = (
    Telling(kind="question_asked", title=_("收到提问")),
    Telling(kind="question_shown", title=_("公开提问")),
    Telling(kind="question_hidden", title=_("撤回公开")),
    Telling(kind="question_merged", title=_("合并提问")),
    Telling(kind="question_unmerged", title=_("撤销合并")),
    Telling(kind="question_assigned", title=_("指定答复单位"), words=says(_("请书面答复这个提问")), topic=Topic.NEW),
    Telling(
        kind="question_owed",
        title=_("会后待答复"),
        words=says(_("会上没有答复的提问，请按期书面答复")),
        topic=Topic.NEW,
    ),
    Telling(kind="question_answered", title=_("答复提问")),
    Telling(kind="question_promised", title=_("转为承诺事项")),
    Telling(kind="question_refused", title=_("不适合答复")),
    Telling(kind="question_reopened", title=_("重新答复"), words=says(_("提问需要重新答复")), topic=Topic.NEW),
    Telling(kind=REMIND, title=_("提醒")),
)
_TO_DESK: Final[Mapping[str, tuple[Group, ...]]] = {
    "question_assigned": (Group.DESK, Group.HEADS),
    "question_owed": (Group.DESK,),
    "question_reopened": (Group.DESK,),
}
_ENDS: Final = frozenset({"question_merged", "question_answered", "question_promised", "question_refused"})


class QuestionSubject(Subject[Matter]):
    """The questions of the public."""

    kind = QUESTION

    def lock(self, ids: Collection[int], *, wait: bool = False) -> Mapping[int, SubjectStanding]:
        """As its services do."""
        rows = Question.objects.select_for_update(skip_locked=not wait, no_key=True, of=("self",))
        found = rows.select_related("box").filter(pk__in=ids).order_by("pk")
        return {row.pk: _standing(row) for row in found}

    def standings(self, ids: Collection[int]) -> Mapping[int, SubjectStanding]:
        """Whether somebody is still to answer it."""
        return {row.pk: _standing(row) for row in Question.objects.select_related("box").filter(pk__in=ids)}

    def follow_recount(self, rows: Sequence[Deadline], at: datetime, calendar: WorkCalendar) -> None:
        """The copy of its date moves along."""
        for row in rows:
            Question.objects.filter(pk=row.subject_id, due_at__isnull=False).update(due_at=row.due_at)

    def matters(self, ids: Collection[int]) -> Mapping[int, Matter]:
        """Of an office, at the community of its meeting, answered by an organisation."""
        names = ("pk", "subdistrict_id", "box__meeting__community_id", "department_id")
        rows = Question.objects.filter(pk__in=ids).values_list(*names)
        return {
            pk: Matter(pk, office, community_id=community, department_id=department)
            for pk, office, community, department in rows
        }

    def audience(self, event: Event, matter: Matter) -> Audience:
        """Whoever is to answer it; of a reminder whom the rung means."""
        if event.kind == REMIND:
            groups = of_roles(event.data.get("roles", ()), str(event.data.get("deadline_kind")))
            return Audience(groups, department_id=matter.department_id)
        groups = _TO_DESK.get(event.kind, ())
        department_id = event.data.get("department") or matter.department_id
        return Audience(groups, department_id=department_id) if groups and department_id else NOBODY

    def sight(self, ids: Collection[int]) -> SeenByScope:
        """Nothing is read before somebody is asked about."""
        return SeenByScope(ids, self.visible_ids)

    def visible_ids(self, access: Access, ids: Collection[int]) -> set[int]:
        """By the rule of ``visible_to``."""
        return set(Question.objects.filter(pk__in=ids).visible_to(access).values_list("pk", flat=True))

    def in_areas(self, subdistrict_ids: Collection[int]) -> QuerySet[Any, Any]:
        """All of these sub-districts."""
        return Question.objects.filter(subdistrict_id__in=sorted(subdistrict_ids)).values("pk")

    def was_open(self, event: Event) -> bool:
        """All but what ends it."""
        return event.kind not in _ENDS

    def about(self, ids: Collection[int]) -> Mapping[int, About]:
        """Its number and meeting, its words without persons' numbers and names."""
        return {
            row.pk: About(
                id=row.pk,
                number=row.number_in_full,
                title=anonymous(row.words)[:_TITLE],
                level="",
                is_open=row.is_open,
                subdistrict_id=row.subdistrict_id,
                url=url_of(row),
                community_id=row.box.meeting.community_id,
                places=(row.box.meeting.community.name,) if row.box.meeting.community else (),
                department=row.department.short_name if row.department else "",
            )
            for row in Question.objects.with_names().filter(pk__in=ids)
        }

    def on_desk(self, view: str, *, areas: Collection[int], at: datetime, most: int) -> Sequence[DeskRow]:
        """What is overdue; one statement."""
        if view != "overdue":
            return ()
        late = Question.objects.owed().filter(subdistrict_id__in=sorted(areas), due_at__lte=at)
        return [_desk_row(row) for row in late.with_names().order_by("due_at", "id")[:most]]


def url_of(row: Question) -> str:
    """Its page of the console."""
    return reverse("console-question", args=[row.box.meeting_id, row.number])


def _standing(row: Question) -> SubjectStanding:
    return SubjectStanding(row.pk, "", row.is_open, row.state, row.number_in_full)


def _desk_row(row: Question) -> DeskRow:
    owner = row.department.short_name if row.department else ""
    due_at = row.due_at or row.asked_at
    title = anonymous(row.words)[:_TITLE]
    return DeskRow(row.number_in_full, title, url_of(row), kinds.label(QUESTION_CLOCK), due_at, owner)
