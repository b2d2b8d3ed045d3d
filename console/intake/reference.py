"""Beside the intake form: what this phone raised before, what reads alike nearby, what the words suggest."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import dates
from common.crypto import lookup_hashes
from common.phones import line_of, normalise_phone
from communities.emergencies import Alarm, call_of, find_alarm
from communities.models import Category
from communities.models.organisations import DepartmentKind
from communities.suggestions import suggest_category
from communities.word_list import word_list
from console.intake.form import may_dispatch
from console.kit.places import Place, read_place
from console.kit.reading import Reader
from console.kit.rows import issue_url, short_number
from deadlines.enums import Level
from deadlines.wording import left_text
from issues import likeness
from issues.discretion import discreet, reporter_known_to
from issues.enums import Status
from issues.models import Issue
from issues.querysets import IssueQuerySet
from issues.reading.pages import for_rows
from issues.services.callers import known_caller, may_look_up
from issues.services.keeping import named, typed_in

_YEAR: Final = timedelta(days=365)
_MONTH: Final = timedelta(days=30)
_SHOWN: Final = 5
_COMPARED: Final = 60
_SUGGESTED: Final = 2


def reference_of(data: QueryDict, reader: Reader) -> dict[str, Any]:
    """The context of _reference.html: at most six statements, all bounded, and an event for a caller."""
    words = data.get("description", "").replace("\x00", "")[:4000]
    place = read_place(data.get("place", ""), reader.access)
    category = data.get("category", "")[:8].replace("\x00", "")
    history, contact = _history(_phone(data.get("contact_phone", "")), _area(place, reader), reader)
    similar = _similar(place, category, words, reader) if place else []
    return {
        "phone_history": history,
        "contact": contact,
        "similar": {"items": similar} if similar else None,
        "similar_empty": place is not None and bool(words) and not similar,
        "suggestions": _suggestions(words, category, _area(place, reader), reader),
        "alarm": alarm_item(find_alarm(_area(place, reader), words)),
        "cards": named(typed_in(data)),
        "out_of_band": True,
    }


def alarm_item(alarm: Alarm) -> dict[str, Any] | None:
    """Whom the caller dials first and why, as _alarm.html takes it; None where nothing sounds like danger."""
    if not alarm:
        return None
    calls = [call_of(dial) for dial in alarm.dial]
    return {"calls": calls, "words": _("、").join(alarm.words), "level": str(Level(alarm.level).label)}


def _area(place: Place | None, reader: Reader) -> int | None:
    return place.community.subdistrict_id if place else min(reader.access.subdistrict_ids, default=None)


def _phone(text: str) -> str:
    try:
        return normalise_phone(text[:40].replace("\x00", ""))
    except ValidationError:
        return ""


def _history(phone: str, area: int | None, reader: Reader) -> tuple[dict[str, Any] | None, dict[str, str] | None]:
    """What this phone raised within a year in the reader's scope; whom it belongs to, where the reader knows that."""
    if not phone or area is None:
        return None, None
    if not may_look_up(line=line_of(phone), subdistrict_id=area, by=reader.actor, at=reader.now, door="intake"):
        return {"text": _("一小时内查询的号码已达上限，暂不显示来电记录；登记不受影响"), "items": []}, None
    rows = (
        for_rows(Issue.objects.visible_to(reader.access))
        .filter(contact__phone_hash__in=lookup_hashes(line_of(phone)), created_at__gte=reader.now - _YEAR)
        .filter(reporter_known_to(reader.access))
        .select_related("category", "community", "lead_department", "contact")
        .order_by("-id")
    )
    found = list(rows[: _SHOWN + 1])
    if not found:
        return {"text": _("该号码近一年没有反映过诉求"), "items": []}, None
    number = len(found) if len(found) <= _SHOWN else rows[:100].count()
    text = ngettext("该号码近一年反映过 %(n)d 件", "该号码近一年反映过 %(n)d 件", number) % {"n": number}
    return {"text": text, "items": [_item(issue) for issue in found[:_SHOWN]]}, _contact(found, reader)


def _item(issue: Issue) -> dict[str, str]:
    return {
        "number": issue.number,
        "short_number": short_number(issue),
        "title": issue.title,
        "url": issue_url(issue.number),
        "date_text": dates.day(issue.created_at),
        "department": issue.lead_department.short_name if issue.lead_department else "",
        "status_label": str(Status(issue.status).label),
    }


def _contact(found: Sequence[Issue], reader: Reader) -> dict[str, str] | None:
    """Name and address as last given, to who took such a call before; nobody else gets them without a reason."""
    contact = known_caller(found=found, by=reader.actor)
    return {"name": contact.name, "address": contact.address} if contact is not None else None


def _similar(place: Place, category: str, words: str, reader: Reader) -> list[dict[str, Any]]:
    """Open issues of the last 30 days at the same place that share the category or enough words, most alike first.

    Of a confidential one only the words that this person may read are compared: what is typed finds nobody.
    """
    rows: IssueQuerySet = (
        Issue.objects.visible_to(reader.access)
        .open()
        .filter(community_id=place.community.pk, created_at__gte=reader.now - _MONTH)
    )
    if place.neighbourhood_id is not None:
        rows = rows.filter(neighbourhood_id=place.neighbourhood_id)
    found = rows.select_related("category", "lead_department", "contact").defer("lexemes").order_by("-id")[:_COMPARED]
    near = [discreet(issue, reader.access) for issue in found]
    texts = [f"{issue.title}\n{issue.description}" for issue in near]
    said = word_list(place.community.subdistrict_id)
    chosen = {row.place: row.weight for row in likeness.most_alike(words, texts, said) if row.shared >= likeness.ENOUGH}
    same = {at: _same(issue, category) for at, issue in enumerate(near)}
    shown = sorted(
        (at for at in same if same[at] or at in chosen),
        key=lambda at: (same[at], chosen.get(at, 0.0), -at),
        reverse=True,
    )
    may_join = may_dispatch(reader, place)
    return [{**_similar_item(near[at], reader.now), "may_join": may_join} for at in shown[:_SHOWN]]


def _same(issue: Issue, category: str) -> bool:
    return bool(category) and issue.category is not None and category in (issue.category.code, issue.category.code[:2])


def _similar_item(issue: Issue, now: datetime) -> dict[str, str]:
    status = str(Status(issue.status).label)
    department = issue.lead_department.short_name if issue.lead_department else ""
    persons = _("共%(n)d人反映") % {"n": issue.persons} if issue.persons > 1 else ""
    left = left_text(issue.due_at, now, working=issue.due_working) if issue.due_at else ""
    return {
        "number": issue.number,
        "short_number": short_number(issue),
        "title": issue.title,
        "url": issue_url(issue.number),
        "text": " · ".join(part for part in (status, department, left, persons) if part),
    }


def _suggestions(words: str, chosen: str, area: int | None, reader: Reader) -> list[dict[str, Any]]:
    """Categories (and the first one's department) that the words speak for; to be accepted by hand."""
    if not words or chosen:
        return []
    rows = list(
        Category.objects.filter(subdistrict_id__in=reader.access.subdistrict_ids, retired_at__isnull=True)
        .exclude(keywords="")
        .select_related("department")
    )
    by_code = {row.code: row for row in rows}
    found = suggest_category(words, rows, word_list(area))[:_SUGGESTED]
    made: list[dict[str, Any]] = []
    for suggestion in found:
        row = by_code[suggestion.category_code]
        because = "".join(_("“%(word)s”") % {"word": word} for word in suggestion.words[:3])
        made.append({"field": "category", "value": row.code, "label": row.name, "because": because})
    first = by_code[found[0].category_code].department if found else None
    if first is not None and first.kind != DepartmentKind.EXTERNAL:
        made.append({"field": "department", "value": first.code, "label": first.name, "because": ""})
    return [{**item, "key": place} for place, item in enumerate(made, start=1)]
