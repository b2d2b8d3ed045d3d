"""Tasks of leaders as the engine of reminders asks about them (``reminders.subjects``), and their clock."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from communities.access import Access
from communities.sight import SeenByScope
from deadlines.kinds import ClockSpec, Owed
from journal.models import Event
from leaders.enums import CLOCK, LEADER_TASK, LeaderReply, TaskState
from leaders.models import LeaderAnswer, LeaderTask
from leaders.services.elapsing import let_end
from leaders.services.masking import MASKED
from reminders.audience import NOBODY, Audience, Group, Groups
from reminders.enums import REMIND, Ladder, Topic
from reminders.facts import EventFacts
from reminders.ladder import Rung
from reminders.rungs import EffectSpec, RungSpec, only_for
from reminders.subjects import About, Matter, Subject, SubjectStanding
from reminders.tellings import Telling, says

OVER: Final = "leader_over"
END: Final = "lead_end"
_OWED: Final = frozenset({CLOCK})
_NAMED: Final = 8
"""Places that a notification names; the page has them all."""

CLOCKS: Final = (
    ClockSpec(
        CLOCK, gettext_lazy("楼长回应"), Owed.COMMUNITY, gettext_lazy("回应"), gettext_lazy("自发送起"), side=True
    ),
)
EFFECTS: Final = (
    EffectSpec(
        END,
        gettext_lazy("截止，并告知发送单位还有谁没有回应"),
        refuse=only_for(lambda: _OWED, gettext_lazy("只适用于楼长回应的期限")),
    ),
)
RUNGS: Final = (RungSpec(OVER, gettext_lazy("楼长任务截止"), gettext_lazy("%(clock)s到期"), 178, effect=END),)
LADDER: Final = (Rung(Ladder.CLOCK.value, OVER, 8, "due", (), _OWED, effect=END),)
"""As a migration puts it on stored ladders; docs/rules/leaders.md says whom it tells."""


def _over(facts: EventFacts) -> str:
    left = facts.data.get("left", 0)
    return ngettext("已截止，还有 %(n)d 处没有回应", "已截止，还有 %(n)d 处没有回应", left) % {"n": left}


def _unanswered(facts: EventFacts) -> str:
    more = facts.data.get("left", 0) > len(facts.places)
    return _("、").join(facts.places) + (_("等") if more else "")


def _answered(facts: EventFacts) -> str:
    return _("楼长回应：%(reply)s") % {"reply": LeaderReply(facts.data["reply"]).label}


TELLINGS: Final = (
    Telling(
        kind="leader_task_sent",
        title=gettext_lazy("发给楼长"),
        words=says(gettext_lazy("请您回应，请打开手机页面查看")),
        more=lambda facts: "",
        topic=Topic.NEW,
    ),
    Telling(
        kind="leader_task_over",
        title=gettext_lazy("楼长任务截止"),
        words=_over,
        more=_unanswered,
        topic=Topic.DUE,
    ),
    Telling(kind="leader_answered", title=gettext_lazy("楼长回应"), words=_answered, topic=Topic.NEW),
    Telling(kind=MASKED, title=gettext_lazy("清除个人信息")),
    Telling(kind="leader_task_cancelled", title=gettext_lazy("取消楼长任务")),
    Telling(kind=REMIND, title=gettext_lazy("提醒")),
)


class LeaderTaskSubject(Subject[Matter]):
    """What leaders are asked."""

    kind = LEADER_TASK

    def lock(self, ids: Collection[int], *, wait: bool = False) -> Mapping[int, SubjectStanding]:
        """As its services do."""
        rows = LeaderTask.objects.select_for_update(skip_locked=not wait, no_key=True).filter(pk__in=ids)
        return {row.pk: _standing(row) for row in rows.order_by("pk")}

    def standings(self, ids: Collection[int]) -> Mapping[int, SubjectStanding]:
        """Whether it is answered still."""
        return {row.pk: _standing(row) for row in LeaderTask.objects.filter(pk__in=ids)}

    def may_act(self, effect: str, standing: SubjectStanding) -> bool:
        """Time ends it."""
        return effect == END

    def act(self, effect: str, *, subject_id: int, deadline_id: int, at: datetime) -> None:
        """It ends, and whoever asked is told."""
        let_end(subject_id, at)

    def matters(self, ids: Collection[int]) -> Mapping[int, Matter]:
        """Of an office, of a community where one asked."""
        rows = LeaderTask.objects.filter(pk__in=ids).values_list("pk", "subdistrict_id", "community_id")
        return {pk: Matter(pk, office, community_id=community) for pk, office, community in rows}

    def audience(self, event: Event, matter: Matter) -> Audience:
        """Leaders who have an address are told that they are asked; whoever asked, of help wanted and of the end."""
        told = tuple(event.data.get("told", ()))
        if event.kind == "leader_task_sent" and told:
            return Audience(named=told, personal=True)
        if event.kind == "leader_task_over" and event.data["left"]:
            return Audience(_senders(matter))
        if event.kind == "leader_answered" and event.data["tells"]:
            return Audience(_senders(matter))
        return NOBODY

    def sight(self, ids: Collection[int]) -> SeenByScope:
        """Nothing is read before somebody is asked about."""
        return SeenByScope(ids, self.visible_ids)

    def visible_ids(self, access: Access, ids: Collection[int]) -> set[int]:
        """By the rule of ``visible_to``."""
        return set(LeaderTask.objects.filter(pk__in=ids).visible_to(access).values_list("pk", flat=True))

    def in_areas(self, subdistrict_ids: Collection[int]) -> QuerySet[Any, Any]:
        """All of these sub-districts."""
        return LeaderTask.objects.filter(subdistrict_id__in=sorted(subdistrict_ids)).values("pk")

    def was_open(self, event: Event) -> bool:
        """All but the last events."""
        return event.kind not in ("leader_task_over", "leader_task_cancelled")

    def about(self, ids: Collection[int]) -> Mapping[int, About]:
        """What it is called, and where nobody answered yet."""
        waiting: defaultdict[int, list[str]] = defaultdict(list)
        for row in LeaderAnswer.objects.filter(task_id__in=ids).waiting().with_names().order_by("task_id", "id"):
            if len(waiting[row.task_id]) < _NAMED:
                waiting[row.task_id].append(row.place)
        return {
            row.pk: About(
                id=row.pk,
                number=row.number,
                title=row.title,
                level="",
                is_open=row.state == TaskState.OPEN,
                subdistrict_id=row.subdistrict_id,
                url=reverse("leader-task-open", args=[row.pk]),
                community_id=row.community_id,
                places=tuple(waiting[row.pk]),
                department=row.sender,
            )
            for row in LeaderTask.objects.filter(pk__in=ids).with_names()
        }


def _senders(matter: Matter) -> Groups:
    return (Group.CLERKS, Group.SECRETARIES) if matter.community_id is not None else (Group.SUPERVISORS,)


def _standing(row: LeaderTask) -> SubjectStanding:
    return SubjectStanding(row.pk, "", row.state == TaskState.OPEN, row.state, row.number)
