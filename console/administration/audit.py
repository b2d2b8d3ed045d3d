"""审计: the journal by person, kind, subject and period, the newest first. Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.noting import ACCOUNT
from accounts.signing_in import folded_username
from common.clock import SHANGHAI, local
from common.keyset import BadCursor, paginate
from console.kit.reading import PAGE_SIZE, Reader, code_of, pager_of, reader_of, text_of
from console.kit.shapes import ChoiceShape, FieldShape
from issues.enums import SUBJECT, Action, EventKind
from issues.reading.finding import by_number, parse_number
from offices.audit import BY_TIME, TITLES, Sought, events_of, lines_of, title_of
from offices.services.people import PERSON
from reminders.services.preferences import PERSON as USER

_USUAL: Final = timedelta(days=6)
_LONGEST: Final = timedelta(days=92)
_KINDS: Final = tuple(dict.fromkeys([*TITLES, EventKind.REVEAL.value, EventKind.PRINT.value, *Action]))


@dataclass(frozen=True)
class _Asked:
    """What was typed, and what it means."""

    who: str
    kind: str
    subject: str
    since: date
    until: date
    sought: Sought


@require_safe
@never_cache
def audit_page(request: HttpRequest) -> HttpResponse:
    """``/console/admin/audit/``: seven days where no period is given, at most 92."""
    reader = reader_of(request)
    asked = _asked(request, reader)
    cursor = text_of(request, "cursor", 400)
    try:
        page = paginate(events_of(reader.access, asked.sought), order=BY_TIME, cursor=cursor or None, size=PAGE_SIZE)
    except BadCursor as error:
        raise BadRequest(error.message) from error
    context: dict[str, Any] = {
        "fields": _fields(asked),
        "rows": lines_of(page.rows),
        "pager": pager_of(request, page.next_cursor, cursor),
    }
    return render(request, "console/administration/audit.html", context)


def _asked(request: HttpRequest, reader: Reader) -> _Asked:
    today = local(reader.now).date()
    until = _day(request, "until", today)
    since = min(max(_day(request, "since", until - _USUAL), until - _LONGEST), until)
    who, kind, subject = text_of(request, "who", 60), code_of(request, "kind", _KINDS), text_of(request, "subject", 60)
    sought = Sought(
        since=_midnight(since),
        until=_midnight(until + timedelta(days=1)),
        actor_id=_account(who) if who else None,
        kind=kind,
        subjects=_subjects(subject, reader.now) if subject else None,
    )
    return _Asked(who, kind, subject, since, until, sought)


def _day(request: HttpRequest, name: str, usual: date) -> date:
    try:
        found = parse_date(text_of(request, name, 10))
    except ValueError:
        found = None
    return found if found is not None and 2000 < found.year < 2100 else usual


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _account(name: str) -> int:
    """The account with this name, however spelt; 0, which nobody is."""
    return User.objects.named(folded_username(name)).values_list("pk", flat=True).first() or 0


def _subjects(text: str, at: datetime) -> Sequence[tuple[str, int]]:
    """A matter by its number, an account by its name."""
    number = parse_number(text, at)
    matters = by_number(number).values_list("pk", flat=True)[:_MOST] if number else ()
    account = _account(text)
    return [*((SUBJECT, pk) for pk in matters), *((kind, account) for kind in (ACCOUNT, PERSON, USER) if account)]


_MOST: Final = 10


def _fields(asked: _Asked) -> list[FieldShape]:
    kinds = [ChoiceShape("", _("全部")), *(ChoiceShape(kind, title_of(kind)) for kind in _KINDS)]
    return [
        FieldShape("who", _("操作人账号"), "text", asked.who, maxlength=60, autocomplete="off"),
        FieldShape("subject", _("工单编号或账号"), "text", asked.subject, maxlength=60, autocomplete="off"),
        FieldShape("kind", _("操作"), "select", asked.kind, choices=kinds),
        FieldShape("since", _("从"), "date", asked.since.isoformat()),
        FieldShape("until", _("到"), "date", asked.until.isoformat(), help=_("一次最多看92天")),
    ]
