"""Activities of stations: announced, held with how many people, or said not to have been held."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from commitments.enums import SUBJECT as PROMISE
from commitments.enums import CommitmentAction, CommitmentState
from commitments.enums import event_of as promise_event
from commitments.models import Commitment
from commitments.services.acting import act
from commitments.services.errors import PromiseStateConflict, PromiseVersionConflict
from common.clock import local
from communities.access import Access
from communities.actors import Actor
from communities.models import Community, Department
from deadlines import services as deadlines
from deadlines.models import Deadline
from issues.services.errors import InvalidFields, NotPermitted, Words
from issues.services.once import made_before
from meetings.enums import ACTIVITY, ActivityKind, ActivityState, MeetingClock
from meetings.models import StationActivity
from meetings.rights import keeps_for, keeps_in
from meetings.services.base import clean, start_clock, tell, why
from meetings.services.errors import NotNow
from meetings.services.planning import FARTHEST

MOST_PEOPLE: Final = 1_000_000


@dataclass(frozen=True)
class NewActivity:
    """What is known of an activity before it is held; ``key`` is the form's own: sent twice it is one activity."""

    organiser: Department
    station: str
    title: str
    kind: str
    on: date
    community: Community | None = None
    audience: str = ""
    commitment: Commitment | None = None
    key: str = ""


def may_run(access: Access, organiser: Department, community: Community | None) -> bool:
    """Whether this person announces and closes it: of who organises it, of the community, of the office."""
    if organiser.pk in access.department_ids or keeps_for(access, organiser.subdistrict_id):
        return True
    return community is not None and keeps_in(access, community)


def announce_activity(*, given: NewActivity, by: Actor, at: datetime) -> StationActivity:
    """It will be held on that day. Raises NotPermitted, InvalidFields."""
    _check_right(by, given.organiser, given.community)
    fields = {"title": given.title, "station": given.station, "audience": given.audience}
    texts = clean(fields, required={"title": _("请填写"), "station": _("请填写")})
    today, wrong, calendar = local(at).date(), dict[str, Words](), deadlines.load_calendar()
    if given.kind not in ActivityKind.values:
        wrong["kind"] = _("请从列出的选项中选择")
    if not today <= given.on <= today + FARTHEST:
        wrong["on"] = _("请填写今天及以后两年以内的日期")
    if given.commitment is not None and not _promises(given.commitment, given.organiser):
        wrong["commitment"] = _("请选择组织单位还没有兑现的承诺")
    if wrong:
        raise InvalidFields(wrong)
    values: dict[str, Any] = texts | {
        name: getattr(given, name) for name in ("community", "organiser", "kind", "on", "commitment")
    }
    with transaction.atomic():
        there = made_before(StationActivity.objects, given.key, values)
        if there is not None:
            return there
        made = StationActivity.objects.create(
            subdistrict_id=given.organiser.subdistrict_id,
            key=given.key,
            made_at=at,
            made_by_id=by.user_id or 0,
            **values,
        )
        start_clock(ACTIVITY, made, MeetingClock.HOLDING, at, calendar, party_id=made.organiser_id)
        data = {"on": made.on.isoformat(), "kind": made.kind, "commitment": made.commitment_id}
        tell(ACTIVITY, made.pk, "activity_announced", by, at, data=data, texts={"title": made.title})
    return made


def note_held(*, activity_id: int, people: int, version: int, by: Actor, at: datetime) -> StationActivity:
    """It was held, and so many people came; what promised it is told.

    By who owes the promise it is reported as kept, by others noted on it: that it was kept is the owner's to say and
    somebody else's to confirm. Raises NotPermitted, NotNow, InvalidFields.
    """
    if not 0 <= people <= MOST_PEOPLE:
        raise InvalidFields({"people": _("请填写 0 到 %(most)d 的整数") % {"most": MOST_PEOPLE}})
    with transaction.atomic():
        row = _held_row(activity_id, version, by)
        if row.on > local(at).date():
            raise NotNow(_("活动日期还没有到，举行后再记录"))
        row.state, row.people = ActivityState.HELD, people
        _save(row, "state", "people")
        deadlines.stop(_clocks(row), {MeetingClock.HOLDING}, at)
        tell(ACTIVITY, row.pk, "activity_held", by, at, data={"people": people, "commitment": row.commitment_id})
        if row.commitment_id is not None:
            _tell_promise(row, by, at)
    return row


def note_not_held(*, activity_id: int, reason: str, version: int, by: Actor, at: datetime) -> StationActivity:
    """It was not held, or will not be. Raises NotPermitted, NotNow, InvalidFields."""
    said = why(reason)
    with transaction.atomic():
        row = _held_row(activity_id, version, by)
        row.state, row.reason = ActivityState.NOT_HELD, said
        _save(row, "state", "reason")
        passed = row.on <= local(at).date()
        (deadlines.stop if passed else deadlines.cancel)(_clocks(row), {MeetingClock.HOLDING}, at)
        tell(ACTIVITY, row.pk, "activity_not_held", by, at, texts={"reason": said})
    return row


def _tell_promise(row: StationActivity, by: Actor, at: datetime) -> None:
    promise = Commitment.objects.get(pk=row.commitment_id or 0)
    if promise.state not in (CommitmentState.OPEN, CommitmentState.REPORTED):
        return
    said = {"title": row.title, "on": row.on.isoformat(), "n": row.people}
    words = _("已举行活动：%(title)s（%(on)s，%(n)d人）") % said
    owes = promise.owner_id in by.access.department_ids and promise.state == CommitmentState.OPEN
    noted = promise.community_id in by.access.community_ids or keeps_for(by.access, promise.subdistrict_id)
    if not owes and not noted:
        event = promise_event(CommitmentAction.NOTE)
        tell(PROMISE, promise.pk, event, by, at, data={"activity": row.pk}, texts={"note": words})
        return
    action = CommitmentAction.REPORT_DONE if owes else CommitmentAction.NOTE
    try:
        act(commitment_id=promise.pk, action=action, by=by, at=at, data={"note": words}, version=promise.version)
    except (PromiseVersionConflict, PromiseStateConflict) as error:
        raise NotNow(_("这项承诺刚被别人修改，请重试")) from error


def _held_row(activity_id: int, version: int, by: Actor) -> StationActivity:
    rows = StationActivity.objects.select_for_update(of=("self",), no_key=True).select_related("organiser", "community")
    row = rows.get(pk=activity_id)
    _check_right(by, row.organiser, row.community)
    if row.state != ActivityState.ANNOUNCED or row.version != version:
        raise NotNow(_("这项活动已有结果，或刚被别人修改"))
    return row


def _clocks(row: StationActivity) -> Any:
    return Deadline.objects.of(ACTIVITY, row.pk).open()


def _save(row: StationActivity, *fields: str) -> None:
    row.version += 1
    row.save(update_fields=[*fields, "version"])


def _promises(promise: Commitment, organiser: Department) -> bool:
    return promise.owner_id == organiser.pk and promise.is_open and promise.stands_alone and not promise.historic


def _check_right(by: Actor, organiser: Department, community: Community | None) -> None:
    if not may_run(by.access, organiser, community):
        raise NotPermitted(_("活动由组织单位、本社区或街道社会治理办登记"))
