"""While a meeting is held: what is raised and answered, who came. Nothing that was typed is lost or written over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from common.clock import local
from common.texts import is_askable
from communities.actors import Actor
from communities.models import Category, Community, Department
from deadlines import services as deadlines
from deadlines.models import Deadline
from issues.services.errors import InvalidFields, Words
from issues.services.submissions import is_key
from meetings.enums import ITEM, MEETING, MET, AnswerKind, MeetingClock, MeetingState
from meetings.models import Meeting, MeetingItem
from meetings.services.asking import end_box
from meetings.services.base import clean, held_meeting, save, start_clock, tell, tell_meeting
from meetings.services.errors import ItemChanged, NotNow

TEXTS: Final = ("raised_by", "words", "answer", "answered_by")
CHOSEN: Final = ("community", "category", "department")
ANSWERED: Final = ("answer", "answer_kind", "department", "answered_by", "due_on")
FIELDS: Final = (*TEXTS, *CHOSEN, "answer_kind", "due_on")
"""What is typed of an item, as the screen and the API name it."""
MOST_ITEMS: Final = 300
_FARTHEST: Final = timedelta(days=3653)


@dataclass(frozen=True)
class Writing:
    """One writing of an item. ``version`` is what was opened, None for a new one, which ``key`` names.

    ``attempt`` names this writing and ``previous``, by comma, those whose answers never came: the connection was lost.
    """

    key: str = ""
    version: int | None = None
    attempt: str = ""
    previous: str = ""


def begin(*, meeting_id: int, version: int, by: Actor, at: datetime) -> Meeting:
    """It is being held now: from here on its minutes are owed. Raises NotPermitted, MeetingChanged, NotNow."""
    with transaction.atomic():
        meeting = held_meeting(meeting_id, by, version)
        if meeting.state not in (MeetingState.PLANNED, MeetingState.ANNOUNCED):
            raise NotNow(_("这次会议已经开始或已有结果"))
        if meeting.on > local(at).date():
            raise NotNow(_("会议日期还没有到；提前召开的，请先改期"))
        meeting.state, meeting.begun_at, meeting.begun_by = MeetingState.LIVE, at, by.user
        save(meeting, "state", "begun_at", "begun_by")
        deadlines.stop(Deadline.objects.of(MEETING, meeting.pk).open(), {MeetingClock.HOLDING}, at)
        calendar = deadlines.load_calendar()
        start_clock(MEETING, meeting, MeetingClock.MINUTES, at, calendar, party_id=meeting.convener_id)
        tell_meeting(meeting, "meeting_begun", by, at)
    return meeting


def end(*, meeting_id: int, version: int, by: Actor, at: datetime) -> Meeting:
    """It is over, and so is asking. Raises NotPermitted, MeetingChanged, NotNow."""
    with transaction.atomic():
        meeting = held_meeting(meeting_id, by, version)
        if meeting.state != MeetingState.LIVE:
            raise NotNow(_("会议没有在进行"))
        meeting.state = MeetingState.HELD
        save(meeting, "state")
        tell_meeting(meeting, "meeting_ended", by, at)
        end_box(meeting, by, at)
    return meeting


def write_item(
    *,
    meeting_id: int,
    given: Mapping[str, Any],
    writing: Writing,
    by: Actor,
    at: datetime,
    number: int | None = None,
    reason: str = "",
) -> MeetingItem:
    """Write what was typed: ``given`` names the fields that were sent; the others stay as they are.

    Without a ``number`` it is a new item, once for each key. What is as it was writes nothing. After the minutes were
    confirmed it is a correction, and wants a ``reason``. Raises NotPermitted, NotNow, InvalidFields; ItemChanged, with
    the item as it is now, where somebody else wrote meanwhile.
    """
    if (writing.key and not is_key(writing.key)) or not is_askable(writing.attempt):
        raise InvalidFields({"key": _("表单已失效，请刷新页面后重新提交")})
    with transaction.atomic():
        meeting = held_meeting(meeting_id, by)
        item = _found(meeting, number, writing)
        values = _read(given, meeting, item, at)
        act = _Act(by, at, _check_step(meeting, values, reason))
        return _add(meeting, values, writing, act) if item is None else _change(meeting, item, values, writing, act)


def add_topic(*, meeting: Meeting, values: dict[str, Any], by: Actor, at: datetime, **facts: Any) -> MeetingItem:
    """One more item of a meeting that is held under its lock; ``facts`` go to the event. Raises NotNow."""
    return _add(meeting, values, Writing(), _Act(by, at, ""), facts)


class _Act(NamedTuple):
    by: Actor
    at: datetime
    why: str


def _found(meeting: Meeting, number: int | None, writing: Writing) -> MeetingItem | None:
    rows = MeetingItem.objects.select_for_update(of=("self",), no_key=True)
    if number is not None:
        return rows.get(meeting=meeting, number=number)
    return rows.filter(meeting=meeting, key=writing.key).first() if writing.key else None


def _read(given: Mapping[str, Any], meeting: Meeting, item: MeetingItem | None, at: datetime) -> dict[str, Any]:
    values: dict[str, Any] = clean({name: given[name] for name in TEXTS if name in given})
    wrong: dict[str, Words] = {}
    for name in CHOSEN:
        if name in given:
            values[f"{name}_id"] = _chosen(name, given[name], meeting, wrong)
    if "answer_kind" in given:
        values["answer_kind"] = given["answer_kind"] or ""
        if values["answer_kind"] not in ("", *AnswerKind.values):
            wrong["answer_kind"] = _("请从列出的选项中选择")
    if "due_on" in given:
        values["due_on"] = _due_on(given["due_on"], meeting, wrong)
    words = values.get("words", item.words if item else "")
    if not words:
        wrong["words"] = _("请填写提出的问题")
    answer = values.get("answer", item.answer if item else "")
    kind = values.get("answer_kind", item.answer_kind if item else "")
    if kind and not answer:
        wrong["answer"] = _("请填写答复的内容；不予办理的请写明理由")
    if wrong:
        raise InvalidFields(wrong)
    return values


_MODELS: Final[Mapping[str, Any]] = {"community": Community, "category": Category, "department": Department}


def _chosen(name: str, value: Any, meeting: Meeting, wrong: dict[str, Words]) -> int | None:
    """The id of a row of the meeting's office, by its id or code; None for none."""
    if value in ("", None):
        return None
    rows = _MODELS[name].objects.filter(subdistrict_id=meeting.subdistrict_id)
    text = str(value)
    found = rows.filter(pk=int(text)) if text.isascii() and text.isdecimal() and len(text) <= 18 else rows.none()
    coded = name != "community" and is_askable(text)
    by_code = rows.filter(code=text).values_list("pk", flat=True).first() if coded else None
    pk: int | None = by_code or found.values_list("pk", flat=True).first()
    if pk is None:
        wrong[name] = _("请从列出的选项中选择")
    return pk


def _due_on(value: Any, meeting: Meeting, wrong: dict[str, Words]) -> date | None:
    if value in ("", None):
        return None
    try:
        on = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        wrong["due_on"] = _("请填写日期，例如 2026-12-31")
        return None
    if not meeting.on <= on <= meeting.on + _FARTHEST:
        wrong["due_on"] = _("请填写会议当天及以后十年以内的日期")
    return on


def _check_step(meeting: Meeting, values: Mapping[str, Any], reason: str) -> str:
    """What is written now is allowed at this step; returns the reason of a correction."""
    if meeting.state in (MeetingState.CANCELLED, MeetingState.NOT_HELD):
        raise NotNow(_("这次会议没有举行"))
    if meeting.state not in MET and values.get("answer"):
        raise NotNow(_("会议还没有开始，开始后再记录答复"))
    if not meeting.is_locked:
        return ""
    return clean({"reason": reason}, required={"reason": _("纪要已经确认，更正要写明原因")})["reason"]


def _add(
    meeting: Meeting,
    values: dict[str, Any],
    writing: Writing,
    act: _Act,
    facts: Mapping[str, Any] = MappingProxyType({}),
) -> MeetingItem:
    last = meeting.items.aggregate(last=Max("number"))["last"] or 0
    if last >= MOST_ITEMS:
        raise NotNow(_("一次会议最多记录 %(most)d 项") % {"most": MOST_ITEMS})
    item = MeetingItem.objects.create(
        subdistrict_id=meeting.subdistrict_id,
        meeting=meeting,
        number=last + 1,
        key=writing.key,
        attempt=writing.attempt[:64],
        raised_on=meeting.on,
        **values,
    )
    data = {"meeting": meeting.pk, "number": item.number, **facts}
    tell(ITEM, item.pk, "item_added", act.by, act.at, data=data, texts=_texts(values) | {"reason": act.why})
    return item


def _change(meeting: Meeting, item: MeetingItem, values: dict[str, Any], writing: Writing, act: _Act) -> MeetingItem:
    changed = [name for name, value in values.items() if getattr(item, name) != value]
    if not changed:
        return item
    opened = 1 if writing.version is None else writing.version
    mine = bool(item.attempt) and item.attempt in writing.previous.split(",")
    if opened != item.version and not mine:
        raise ItemChanged(item, _("这一项刚被别人修改，您写的内容还在"))
    was = {name: getattr(item, name) for name in changed}
    for name in changed:
        setattr(item, name, values[name])
    item.version, item.attempt = item.version + 1, writing.attempt[:64]
    item.save(update_fields=[*changed, "version", "attempt"])
    data = {
        "meeting": meeting.pk,
        "number": item.number,
        "fields": changed,
        "was": {name: _plain(was[name]) for name in changed if name not in TEXTS},
        "now": {name: _plain(values[name]) for name in changed if name not in TEXTS},
    }
    texts = {f"{name}.was": text for name, text in _texts(was).items()} | _texts({n: values[n] for n in changed})
    event = "item_corrected" if meeting.is_locked else "item_changed"
    tell(ITEM, item.pk, event, act.by, act.at, data=data, texts=texts | {"reason": act.why})
    return item


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: values[name] for name in TEXTS if values.get(name)}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
