"""Asking leaders for something, and taking it back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from common.clock import local
from communities.actors import Actor
from communities.models import Community, SubDistrict
from deadlines import services as deadlines
from deadlines.calendar import DAY_CLOSES, at_clock
from deadlines.limits import Limit, Unit
from issues.services.errors import InvalidFields, NotPermitted, Words
from issues.services.once import made_before
from leaders.choosing import AskedLeader, ChosenPlaces, whom
from leaders.enums import CLOCK, LEADER_TASK, TaskState, WeatherWarning
from leaders.models import LeaderAnswer, LeaderTask
from leaders.rights import may_cancel, sends_for_office
from leaders.services.base import clean, end, locked, tell
from leaders.services.errors import TaskEnded
from leaders.specs import SPECS, TaskSpec

MOST_HOURS: Final = 72
MOST_DAYS: Final = 90
RULE: Final = "leader_task"
"""The rule of the clock: the date that was asked for."""


@dataclass(frozen=True)
class NewTask:
    """What is asked, of whom and until when: to the end of the day ``on``, or for ``hours`` from now.

    ``community``: in its name; None: in the office's, of the leaders of ``among`` (empty: of all communities).
    ``key`` is the form's own: sent twice it is one task, for the same people until the same time.
    """

    kind: str
    subdistrict: SubDistrict
    title: str
    community: Community | None = None
    among: Sequence[Community] = ()
    chosen: ChosenPlaces = field(default_factory=ChosenPlaces)
    text: str = ""
    warning: str = ""
    on: date | None = None
    hours: int | None = None
    key: str = ""


def recipients(given: NewTask, at: datetime) -> Sequence[AskedLeader]:
    """Who would be asked now; eight statements at most."""
    if given.community is not None:
        communities = [given.community.pk]
    else:
        communities = [row.pk for row in given.among] or list(
            Community.objects.filter(subdistrict=given.subdistrict, retired_at__isnull=True).values_list(
                "pk", flat=True
            )
        )
    return whom(SPECS[given.kind], communities, given.chosen, at)


def send(*, given: NewTask, by: Actor, at: datetime) -> LeaderTask:
    """Ask them. Raises NotPermitted, InvalidFields."""
    _check_right(given, by, at)
    spec = SPECS.get(given.kind)
    if spec is None:
        raise InvalidFields({"kind": _("请从列出的选项中选择")})
    texts = clean({"title": given.title, "text": given.text}, required={"title": _("请填写")})
    due_at = _due(spec, given, at)
    values: dict[str, Any] = {
        "kind": given.kind, "subdistrict": given.subdistrict, "community": given.community, "warning": given.warning,
        **texts,
    }  # fmt: skip
    asked = recipients(given, at)

    def same(made: LeaderTask) -> bool:
        until = made.due_at - made.made_at == due_at - at if spec.flooded else made.due_at == due_at
        rows = made.answers.values_list("leader_id", "building_id", "neighbourhood_id")
        found = {(leader, building or 0, around or 0) for leader, building, around in rows}
        return until and found == {one.ids for one in asked}

    with transaction.atomic():
        there = made_before(LeaderTask.objects, given.key, values, same)
        if there is not None:
            return there
        if not asked:
            raise InvalidFields({"place": _("所选地方没有楼长、巷长、街长，发不出去")})
        made = LeaderTask.objects.create(
            due_at=due_at, asked=len(asked), key=given.key, made_at=at, made_by_id=by.user_id or 0, **values
        )
        LeaderAnswer.objects.bulk_create(_row(made, one) for one in asked)
        _start_clock(made, at)
        people = {one.leader.user for one in asked if one.leader.user is not None}
        told = sorted(user.pk for user in people if user.email or user.mobile)
        data = {"kind": made.kind, "asked": made.asked, "due_at": due_at.isoformat(), "warning": made.warning,
                "told": told}  # fmt: skip
        tell(made, "leader_task_sent", by, at, data=data, texts=texts)
    return made


def cancel(*, task_id: int, reason: str, by: Actor, at: datetime) -> LeaderTask:
    """It is not wanted any more. Raises NotPermitted, InvalidFields, TaskEnded."""
    with transaction.atomic():
        task = locked(task_id)
        if not may_cancel(by.access, task, at):
            raise NotPermitted
        said = clean({"reason": reason}, required={"reason": _("请填写原因")})["reason"]
        if task.state != TaskState.OPEN:
            raise TaskEnded
        end(task, TaskState.CANCELLED, at, reason=said)
        data = {"asked": task.asked, "answered": task.answered}
        tell(task, "leader_task_cancelled", by, at, data=data, texts={"reason": said})
    return task


def _check_right(given: NewTask, by: Actor, at: datetime) -> None:
    own = given.community is not None and given.community.pk in by.access.community_ids
    if not own and not sends_for_office(by.access, given.subdistrict.pk, at):
        raise NotPermitted(_("由本社区或街道社会治理办、街道值班人员发送"))


def _due(spec: TaskSpec, given: NewTask, at: datetime) -> datetime:
    wrong: dict[str, Words] = {}
    if given.warning not in ("", *WeatherWarning.values) or (given.warning and not spec.flooded):
        wrong["warning"] = _("请从列出的选项中选择")
    if spec.buildings and not given.chosen.buildings:
        wrong["place"] = _("请选择楼栋")
    today, due_at = local(at).date(), at
    if spec.flooded:
        hours = given.hours or 0
        if not 1 <= hours <= MOST_HOURS:
            wrong["hours"] = _("请填写 1 到 %(most)d 小时") % {"most": MOST_HOURS}
        due_at = at + timedelta(hours=min(max(hours, 1), MOST_HOURS))
    elif given.on is None or not today <= given.on <= today + timedelta(days=MOST_DAYS):
        wrong["on"] = _("请填写今天及以后 %(most)d 天以内的日期") % {"most": MOST_DAYS}
    else:
        due_at = at_clock(given.on, DAY_CLOSES)
        if due_at <= at:
            wrong["on"] = _("今天已过 17:30，请填写以后的日期")
    if wrong:
        raise InvalidFields(wrong)
    return due_at


def _row(made: LeaderTask, one: AskedLeader) -> LeaderAnswer:
    return LeaderAnswer(
        task=made,
        leader=one.leader,
        community_id=one.leader.community_id,
        building_id=one.building_id,
        neighbourhood_id=one.neighbourhood_id,
    )


def _start_clock(made: LeaderTask, at: datetime) -> None:
    """In clock time, so that no holiday moves it: whoever is on shift hears of it at night, too."""
    hours = max(1, round((made.due_at - at) / timedelta(hours=1)))
    clock = deadlines.prepare(
        subject_kind=LEADER_TASK,
        subject_id=made.pk,
        subdistrict_id=made.subdistrict_id,
        kind=CLOCK,
        limit=Limit(hours, Unit.HOURS),
        rule=RULE,
        at=at,
        calendar=deadlines.load_calendar(),
        fixed_due_at=made.due_at,
    )
    deadlines.start_many([clock])
