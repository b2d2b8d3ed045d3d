"""提醒规则: the ladder of a sub-district as its administrator reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.roles import Permission
from communities.models import SubDistrict
from console.kit.reading import Reader, code_of, reader_of
from console.kit.shapes import Chip, Option, Tab
from deadlines import arithmetic, kinds
from deadlines.limits import Limit
from deadlines.services import load_calendar, load_rules
from journal.models import Event
from reminders import ladder_words
from reminders import rungs as specs
from reminders.enums import OFFICE, Ladder
from reminders.ladder import AT_START, Rung, ladder_of
from reminders.ladder_rules import key_of
from reminders.models import LadderReplan
from reminders.services.ladder_editing import LADDER_CHANGED, StandingLadder, standing_ladder

HISTORY: Final = 10
EXAMPLES: Final[Mapping[str, str]] = {Ladder.WORKING: "5wd", Ladder.CLOCK: "2h"}
"""The limits by which a ladder shows when its rungs come."""


@dataclass(frozen=True)
class RungRow:
    """One rung of the table; ``example_at`` is when it comes in the example, None where it is left out there."""

    rank: int
    name: str
    when: str
    what: str
    acts: bool
    roles: str
    kinds: str
    levels: str
    channels: str
    since: datetime | None
    example_at: datetime | None
    url: str


@dataclass(frozen=True)
class LadderChange:
    """An edit of the ladder, for the list of the last ones."""

    at: datetime
    who: str
    text: str


@require_safe
@never_cache
def ladder_page(request: HttpRequest) -> HttpResponse:
    """``/console/admin/ladder/``: the rungs of one ladder, of all deadlines or of one kind (``?kind=``)."""
    reader = reader_of(request)
    areas = areas_of(reader)
    area = area_of(areas, request.GET.get("area", ""))
    ladder = code_of(request, "ladder", Ladder.values) or Ladder.WORKING.value
    kind = code_of(request, "kind", [spec.code for spec in kinds.every()])
    present = standing_ladder(area.pk)
    rungs = [rung for rung in present.rungs if rung.ladder == ladder and (not kind or rung.serves(kind))]
    limit = _example(area.pk, kind, ladder)
    context: dict[str, Any] = {
        "area": area,
        "areas": _area_options(areas, area),
        "own": present.own,
        "tabs": _tabs(area, ladder, kind, present),
        "kind_label": kinds.label(kind),
        "kinds": _kind_chip(area, ladder, kind),
        "rows": _rows(rungs, area, limit, reader.now),
        "example": limit.label(),
        "new_url": f"{reverse('console-ladder-new')}?{urlencode({'area': area.pk, 'ladder': ladder})}",
        "replan": _replan(area),
        "changes": _changes(area.pk),
    }
    return render(request, "console/ladder/list.html", context)


def _replan(area: SubDistrict) -> LadderReplan | None:
    """What open deadlines still have to follow: an edit here, or one of every ladder."""
    rows = LadderReplan.objects.filter(finished_at__isnull=True)
    return rows.filter(Q(subdistrict_id=area.pk) | Q(subdistrict__isnull=True)).order_by("pk").first()


# Whose ladder


def areas_of(reader: Reader) -> Sequence[SubDistrict]:
    """The sub-districts whose ladder this person keeps. PermissionDenied where there is none."""
    rows = SubDistrict.objects.order_by("pk")
    kept = reader.access.areas(Permission.EDIT_LADDER)
    areas = list(rows if kept is None else rows.filter(pk__in=kept))
    if not areas:
        raise PermissionDenied(_("您不能修改提醒规则"))
    return areas


def area_of(areas: Sequence[SubDistrict], text: str) -> SubDistrict:
    """The one that was asked for, else the first. PermissionDenied where it is not this person's."""
    if not text:
        return areas[0]
    found = next((area for area in areas if str(area.pk) == text), None)
    if found is None:
        raise PermissionDenied(_("您不能修改这个街道的提醒规则"))
    return found


def home_url(area: SubDistrict, ladder: str, kind: str = "") -> str:
    """The page of this ladder."""
    query = {"area": area.pk, "ladder": ladder} | ({"kind": kind} if kind else {})
    return f"{reverse('console-ladder')}?{urlencode(query)}"


def _area_options(areas: Sequence[SubDistrict], area: SubDistrict) -> list[Option]:
    if len(areas) < 2:
        return []
    return [Option(one.name, home_url(one, Ladder.WORKING), one.pk == area.pk) for one in areas]


def _tabs(area: SubDistrict, ladder: str, kind: str, present: StandingLadder) -> list[Tab]:
    titles = {Ladder.WORKING: _("工作日、工作小时和天"), Ladder.CLOCK: _("小时和分钟")}
    return [
        Tab(
            code=one.value,
            label=titles[one],
            url=home_url(area, one, kind),
            active=one == ladder,
            count=str(sum(rung.ladder == one for rung in present.rungs)),
        )
        for one in Ladder
    ]


def _kind_chip(area: SubDistrict, ladder: str, kind: str) -> Chip:
    return Chip(
        name="kind",
        label=_("时限"),
        value_label=kinds.label(kind),
        clear_url=home_url(area, ladder),
        options=tuple(
            Option(str(one.label), home_url(area, ladder, one.code), one.code == kind) for one in kinds.every()
        ),
    )


# The table


def _rows(rungs: Sequence[Rung], area: SubDistrict, limit: Limit, at: datetime) -> list[RungRow]:
    calendar = load_calendar()
    due_at = limit.due(at, calendar).due_at
    found = arithmetic.rung_moments(rungs, at, due_at, limit, calendar)
    example = {key_of(rung): moment for moment, rung in found}
    rows = [
        RungRow(
            rank=rung.rank,
            name=specs.label(rung.code),
            when=ladder_words.offset_words(rung.offset),
            what=ladder_words.what_words(rung),
            acts=bool(rung.effect),
            roles=ladder_words.roles_words(rung),
            kinds=ladder_words.kinds_words(rung.kinds),
            levels=ladder_words.levels_words(rung.levels),
            channels=ladder_words.channels_words(rung.channels) if rung.channels else "",
            since=rung.since,
            example_at=at if rung.offset == AT_START else example.get(key_of(rung)),
            url=f"{reverse('console-ladder-rung', args=[key_of(rung)])}?area={area.pk}",
        )
        for rung in rungs
    ]
    return sorted(rows, key=lambda row: (row.example_at is None, row.example_at or at, row.rank))


def _example(subdistrict_id: int, kind: str, ladder: str) -> Limit:
    """The limit that stands for this ladder: the rule's own for the kind where it climbs it, else a usual one."""
    for level, issue_kind in ((None, "help"), ("urgent", "help"), ("critical", "help")):
        choice = load_rules(subdistrict_id).limits_for(level, "", issue_kind, category_code="").get(kind)
        if choice is not None and not choice.limit.is_none and ladder_of(choice.limit) == ladder:
            return choice.limit
    return Limit.parse(EXAMPLES[ladder])


# What was changed


def _changes(subdistrict_id: int) -> list[LadderChange]:
    events = Event.objects.of(OFFICE, subdistrict_id).of_kinds([LADDER_CHANGED]).select_related("actor")
    return [
        LadderChange(event.at, event.actor.display_name if event.actor else "", change_words(event.data))
        for event in events.order_by("-seq")[:HISTORY]
    ]


def change_words(data: Mapping[str, Any]) -> str:
    """What an edit did, in one line: 修改 催办：到期后1个工作日."""
    rung = data.get("new") or data.get("old") or {}
    words = {
        "name": specs.label(str(rung.get("code", ""))),
        "when": ladder_words.offset_words(str(rung.get("offset", "due"))),
    }
    match data.get("change"):
        case "add":
            return _("增加“%(name)s”：%(when)s") % words
        case "retire":
            return _("停用“%(name)s”：%(when)s") % words
    old = data.get("old") or {}
    if old.get("offset") != rung.get("offset"):
        words["before"] = ladder_words.offset_words(str(old.get("offset", "due")))
        return _("修改“%(name)s”：由%(before)s改为%(when)s") % words
    return _("修改“%(name)s”：%(when)s") % words
