"""Requests and incidents as the engine of reminders asks about them (``reminders.subjects``), and their clocks."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, Final, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from communities.access import Access
from communities.sight import SeenByScope
from deadlines import kinds
from deadlines.kinds import ClockSpec, Owed
from deadlines.models import Deadline
from journal.models import Event
from privacy.enums import HOLD, INCIDENT, RIGHTS
from privacy.models import Incident, LegalHold, RightsRequest
from reminders.audience import NOBODY, RUNG_ROLES, Audience, Group, Groups, of_roles
from reminders.enums import REMIND, Ladder, RungCode, RungRole, Topic
from reminders.ladder import Rung
from reminders.rungs import RungSpec
from reminders.subjects import About, DeskRow, Matter, Subject, SubjectStanding
from reminders.tellings import Telling, says

CLOCKS: Final = (
    ClockSpec(RIGHTS, _("答复个人信息请求"), Owed.DEPARTMENT, _("答复个人信息请求"), _("自收到请求起"), side=True),
    ClockSpec(INCIDENT, _("报告个人信息事件"), Owed.DEPARTMENT, _("报告并通知"), _("自发现起"), side=True),
    ClockSpec(HOLD, _("复查依法保留"), Owed.DEPARTMENT, _("复查依法保留"), _("自设定保留起"), side=True),
)
LATE: Final = "privacy_late"
HOLD_DUE: Final = "hold_due"
RUNGS: Final = (
    RungSpec(LATE, _("个人信息事项逾期"), _("%(clock)s已逾期"), 170, Topic.URGE),
    RungSpec(HOLD_DUE, _("复查依法保留"), _("%(clock)s到期"), 165, Topic.URGE),
)

_SUPERVISOR, _DEPUTY, _DIRECTOR = RungRole.SUPERVISOR.value, RungRole.DEPUTY.value, RungRole.DIRECTOR.value
_RIGHTS, _INCIDENT, _HOLD = frozenset({RIGHTS}), frozenset({INCIDENT}), frozenset({HOLD})
_WORKING, _CLOCK = Ladder.WORKING.value, Ladder.CLOCK.value
LADDER: Final = (
    Rung(_WORKING, RungCode.NOTICE, 1, "half", (_SUPERVISOR,), _RIGHTS),
    Rung(_WORKING, RungCode.DUE_SOON, 2, "soon", (_SUPERVISOR,), _RIGHTS),
    Rung(_WORKING, RungCode.DUE_TODAY, 3, "due_day", (_SUPERVISOR,), _RIGHTS),
    Rung(_WORKING, LATE, 5, "due", (_SUPERVISOR, _DEPUTY), _RIGHTS),
    Rung(_WORKING, LATE, 12, "due+3wd", (_SUPERVISOR, _DEPUTY, _DIRECTOR), _RIGHTS),
    Rung(_WORKING, LATE, 13, "due+5wd", (_SUPERVISOR, _DEPUTY, _DIRECTOR), _RIGHTS),
    Rung(_WORKING, LATE, 14, "due+10wd", (_SUPERVISOR, _DEPUTY, _DIRECTOR), _RIGHTS),
    Rung(_WORKING, HOLD_DUE, 4, "due_day", (_SUPERVISOR,), _HOLD),
    Rung(_WORKING, HOLD_DUE, 5, "due", (_SUPERVISOR, _DEPUTY), _HOLD),
    Rung(_WORKING, HOLD_DUE, 12, "due+3wd", (_SUPERVISOR, _DEPUTY, _DIRECTOR), _HOLD),
    Rung(_CLOCK, RungCode.NOTICE, 1, "half", (_SUPERVISOR, _DEPUTY), _INCIDENT),
    Rung(_CLOCK, LATE, 5, "due", (_SUPERVISOR, _DEPUTY, _DIRECTOR), _INCIDENT),
    Rung(_CLOCK, LATE, 12, "due+24h", (_SUPERVISOR, _DEPUTY, _DIRECTOR), _INCIDENT),
    Rung(_CLOCK, LATE, 13, "due+72h", (_SUPERVISOR, _DEPUTY, _DIRECTOR), _INCIDENT),
)
"""As migrations put them on stored ladders; docs/privacy.md says whom each tells."""


RIGHTS_TELLINGS: Final = (
    Telling(kind="rights_received", title=_("收到个人信息请求"), words=says(_("请在期限内答复")), topic=Topic.NEW),
    Telling(kind="rights_decided", title=_("决定办理个人信息请求")),
    Telling(kind="rights_done", title=_("办结个人信息请求"), words=says(_("个人信息请求已办结，请告知本人"))),
    Telling(kind="rights_declined", title=_("不予办理个人信息请求"), words=says(_("个人信息请求不予办理，请告知本人"))),
    Telling(kind="rights_seen", title=_("查看请求人的联系方式")),
    Telling(kind="rights_exported", title=_("制作个人信息副本")),
    Telling(kind=REMIND, title=_("提醒")),
)
INCIDENT_TELLINGS: Final = (
    Telling(
        kind="incident_recorded",
        title=_("登记个人信息安全事件"),
        words=says(_("请立即采取补救措施，按时报告和通知")),
        topic=Topic.ALARM,
    ),
    Telling(kind="incident_changed", title=_("补记个人信息安全事件")),
    Telling(kind="incident_ended", title=_("个人信息安全事件处理完毕")),
    Telling(kind=REMIND, title=_("提醒")),
)
HOLD_TELLINGS: Final = (Telling(kind=REMIND, title=_("提醒")),)

ACTIVITY_TELLINGS: Final = (
    Telling(kind="activity_added", title=_("添加处理活动")),
    Telling(kind="activity_changed", title=_("修改处理活动")),
    Telling(kind="activity_retired", title=_("停用处理活动")),
    Telling(kind="activity_restored", title=_("恢复处理活动")),
)

_TOLD: Final[Mapping[str, Groups]] = {
    "rights_received": (Group.SUPERVISORS,),
    "rights_done": (Group.CLERKS,),
    "rights_declined": (Group.CLERKS,),
    "incident_recorded": (Group.SUPERVISORS, Group.DEPUTIES, Group.DIRECTORS),
}

R = TypeVar("R", bound=Model)


class _Record(Subject[Matter], Generic[R]):
    """What requests and incidents have in common: an office's, open until they ended."""

    late_on_desk = True
    model: ClassVar[type[Any]]
    url_name: ClassVar[str]

    def lock(self, ids: Collection[int], *, wait: bool = False) -> Mapping[int, SubjectStanding]:
        """As its services do."""
        rows = self.model.objects.select_for_update(skip_locked=not wait, no_key=True).filter(pk__in=ids)
        return {row.pk: self._standing(row) for row in rows.order_by("pk")}

    def standings(self, ids: Collection[int]) -> Mapping[int, SubjectStanding]:
        """Whether it has ended."""
        return {row.pk: self._standing(row) for row in self.model.objects.filter(pk__in=ids)}

    def _standing(self, row: Any) -> SubjectStanding:
        return SubjectStanding(row.pk, "", row.ended_at is None, "ended" if row.ended_at else "open", row.number)

    def audience(self, event: Event, matter: Matter) -> Audience:
        """Whom the kind of event concerns; of a reminder whom the rung means."""
        if event.kind == REMIND:
            groups = of_roles(event.data.get("roles", ()), str(event.data.get("deadline_kind")))
        else:
            groups = _TOLD.get(event.kind, ())
        return Audience(groups) if groups else NOBODY

    def sight(self, ids: Collection[int]) -> SeenByScope:
        """Nothing is read before somebody is asked about."""
        return SeenByScope(ids, self.visible_ids)

    def visible_ids(self, access: Access, ids: Collection[int]) -> set[int]:
        """By the rule of ``visible_to``."""
        return set(self.model.objects.filter(pk__in=ids).visible_to(access).values_list("pk", flat=True))

    def in_areas(self, subdistrict_ids: Collection[int]) -> QuerySet[Any, Any]:
        """All of these sub-districts."""
        rows: QuerySet[Any, Any] = self.model.objects.filter(subdistrict_id__in=sorted(subdistrict_ids)).values("pk")
        return rows

    def was_open(self, event: Event) -> bool:
        """All but the last event."""
        return event.kind not in ("rights_done", "rights_declined", "incident_ended")

    def about(self, ids: Collection[int]) -> Mapping[int, About]:
        """Its number and what kind of thing it is: never who asks, nor what happened."""
        return {
            row.pk: About(
                id=row.pk,
                number=row.number,
                title=self.title_of(row),
                level="",
                is_open=row.ended_at is None,
                subdistrict_id=row.subdistrict_id,
                url=reverse(self.url_name, args=[row.pk]),
            )
            for row in self.model.objects.filter(pk__in=ids)
        }

    def late_rows(self, clocks: Sequence[Deadline]) -> Sequence[DeskRow]:
        """By who owes them."""
        rows = self.model.objects.in_bulk([clock.subject_id for clock in clocks])
        return [self._desk_row(rows[clock.subject_id], clock) for clock in clocks]

    def _desk_row(self, row: Any, clock: Deadline) -> DeskRow:
        url, owner = reverse(self.url_name, args=[row.pk]), str(RUNG_ROLES[RungRole.SUPERVISOR].label)
        return DeskRow(row.number, self.title_of(row), url, kinds.label(clock.kind), clock.due_at, owner)

    def title_of(self, row: Any) -> str:
        """What it is called inside the house."""
        raise NotImplementedError


class RightsSubject(_Record[RightsRequest]):
    """The requests."""

    kind = RIGHTS
    model = RightsRequest
    url_name = "console-rights-request"

    def matters(self, ids: Collection[int]) -> Mapping[int, Matter]:
        """Of an office, and of the community where it was asked."""
        rows = RightsRequest.objects.filter(pk__in=ids).values_list("pk", "subdistrict_id", "community_id")
        return {pk: Matter(pk, office, community_id=community) for pk, office, community in rows}

    def title_of(self, row: RightsRequest) -> str:
        """What is asked for."""
        return str(row.get_kind_display())


class IncidentSubject(_Record[Incident]):
    """The incidents."""

    kind = INCIDENT
    model = Incident
    url_name = "console-incident"

    def matters(self, ids: Collection[int]) -> Mapping[int, Matter]:
        """Of an office."""
        rows = Incident.objects.filter(pk__in=ids).values_list("pk", "subdistrict_id")
        return {pk: Matter(pk, office) for pk, office in rows}

    def title_of(self, row: Incident) -> str:
        """As it was entered."""
        return row.title


class HoldSubject(_Record[LegalHold]):
    """The legal holds."""

    kind = HOLD
    model = LegalHold
    url_name = "console-hold"

    def matters(self, ids: Collection[int]) -> Mapping[int, Matter]:
        """Of an office."""
        rows = LegalHold.objects.filter(pk__in=ids).values_list("pk", "subdistrict_id")
        return {pk: Matter(pk, office) for pk, office in rows}

    def title_of(self, row: LegalHold) -> str:
        """What it is; why is read by who opens it."""
        return str(_("依法保留"))
