"""楼长台账: what the leaders of one's communities noted, a month at a time; the month as a sheet; who leads nothing."""

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.noting import note
from common import dates
from common.clock import local
from common.keyset import BadCursor, Order, paginate
from common.tables import XLSX
from communities.access import Access
from communities.models import Building, Community, Leader
from console.kit.reading import PAGE_SIZE, Reader, code_of, number_of, pager_of, reader_of, text_of
from issues.models import Issue
from issues.services.errors import InvalidFields, NotPermitted
from ledger.enums import EntryKind
from ledger.models import LedgerEntry
from ledger.querysets import BY_DAY, LedgerQuerySet
from ledger.reading import (
    history_for_staff,
    masked_person,
    month_after,
    month_of,
    open_note,
    totals_of,
    unled_buildings,
)
from ledger.services.revealing import RevealedEntry, may_reveal_entry, reveal_entry
from ledger.sheet import MOST, month_sheet

_BY_PLACE: Final = Order(("community_id", "neighbourhood_id", "id"))


@dataclass(frozen=True)
class _Asked:
    """What the query asks for: a month, and of the reader's scope what is chosen."""

    month: date
    communities: list[Community]
    community: Community | None
    kind: str
    leaders: list[Leader]
    leader: Leader | None
    buildings: list[Building]
    building: Building | None

    def entries(self, access: Access) -> LedgerQuerySet:
        """The entries of the month that were asked for, withdrawn ones too."""
        rows = LedgerEntry.objects.visible_to(access).within(self.month, month_after(self.month))
        given = {"community": self.community, "kind": self.kind, "leader": self.leader, "building": self.building}
        return rows.filter(**{name: value for name, value in given.items() if value})


@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    """``/console/ledger/``: the newest day first; persons masked, notes without names and rooms."""
    reader = reader_of(request)
    asked, cursor = _asked(request, reader), text_of(request, "cursor", 400)
    rows = asked.entries(reader.access)
    try:
        page = paginate(rows.with_names(), order=BY_DAY, cursor=cursor or None, size=PAGE_SIZE)
    except BadCursor as error:
        raise BadRequest(error.message) from error
    context = {
        "asked": asked,
        "month": f"{asked.month:%Y-%m}",
        "month_name": dates.month(asked.month),
        "kinds": EntryKind.choices,
        "totals": totals_of(rows, asked.month),
        "rows": [
            {"entry": entry, "person": masked_person(entry), "note": open_note(entry), "place": entry.place_name}
            for entry in page.rows
        ],
        "sheet_url": f"{reverse('console-ledger-sheet')}?{request.GET.urlencode()}",
        "pager": pager_of(request, page.next_cursor, cursor),
    }
    return render(request, "console/ledger/list.html", context)


@require_safe
def sheet(request: HttpRequest) -> HttpResponse:
    """``/console/ledger/sheet/``: the same month as a ledger (.xlsx), masked as the list is."""
    reader = reader_of(request)
    asked = _asked(request, reader)
    entries = list(asked.entries(reader.access).standing().with_names().order_by("on", "id")[: MOST + 1])
    if len(entries) > MOST:
        raise BadRequest(_("这个月超过 %(most)d 笔，请选一个社区再导出") % {"most": MOST})
    if request.method == "GET":
        month = f"{asked.month:%Y-%m}"
        note(reader.user.pk, "export", reader.now, what="ledger", month=month, rows=len(entries))
    unit = _unit_of(asked, reader)
    answer = HttpResponse(month_sheet(entries, unit=unit, first=asked.month, at=reader.now), content_type=XLSX)
    name = f"{unit}-{_('楼长台账')}-{asked.month:%Y%m}.xlsx"
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer["Cache-Control"] = "no-store"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def entry_page(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/ledger/<pk>/``: one entry and what happened to it; whole for who says why."""
    reader = reader_of(request)
    entry = LedgerEntry.objects.visible_to(reader.access).with_names().filter(pk=pk).first()
    if entry is None:
        raise Http404(_("没有找到这笔台账，可能不在您的范围"))
    revealed: RevealedEntry | None = None
    wrong, status = "", HTTPStatus.OK
    if request.method == "POST":
        try:
            reason = request.POST.get("reason", "")
            revealed = reveal_entry(entry_id=entry.pk, reason=reason, by=reader.actor, at=reader.now)
        except NotPermitted as error:
            raise PermissionDenied(str(error.message)) from error
        except InvalidFields as error:
            wrong, status = str(error.fields["reason"]), HTTPStatus.BAD_REQUEST
    context = {
        "entry": entry,
        "facts": _facts(entry, revealed),
        "issue_url": _issue_url(entry, reader.access),
        "hides": bool(entry.person or entry.room or entry.note) and entry.masked_at is None,
        "revealed": revealed is not None,
        "may_reveal": may_reveal_entry(reader.access, entry),
        "wrong": wrong,
        "history": history_for_staff(entry, whole=revealed is not None),
        "back_url": f"{reverse('console-ledger')}?month={entry.on:%Y-%m}&community={entry.community_id}",
    }
    return render(request, "console/ledger/entry.html", context, status=status)


@require_safe
def unled(request: HttpRequest) -> HttpResponse:
    """``/console/directory/buildings/``: buildings that no leader looks after, by community."""
    reader = reader_of(request)
    communities = _communities(reader.access)
    chosen = _chosen(communities, text_of(request, "community", 18))
    cursor = text_of(request, "cursor", 400)
    rows = unled_buildings(reader.access).select_related("community", "neighbourhood")
    if chosen:
        rows = rows.filter(community=chosen)
    try:
        page = paginate(rows, order=_BY_PLACE, cursor=cursor or None, size=PAGE_SIZE)
    except BadCursor as error:
        raise BadRequest(error.message) from error
    context = {
        "buildings": page.rows,
        "communities": communities,
        "community": chosen,
        "pager": pager_of(request, page.next_cursor, cursor),
    }
    return render(request, "console/ledger/unled.html", context)


def _asked(request: HttpRequest, reader: Reader) -> _Asked:
    """What the query names within the reader's scope; four statements at most. BadRequest for a kind there is not."""
    communities = _communities(reader.access)
    only = communities[0] if len(communities) == 1 else None
    community = only or _chosen(communities, text_of(request, "community", 18))
    leaders: list[Leader] = []
    buildings: list[Building] = []
    if community:
        leaders = list(Leader.objects.filter(community=community).order_by("id"))
        led = Building.objects.filter(community=community, leader_places__isnull=False).distinct()
        buildings = list(led.select_related("neighbourhood").order_by("neighbourhood_id", "id"))
    return _Asked(
        month=month_of(text_of(request, "month", 7), local(reader.now).date()),
        communities=communities,
        community=community,
        kind=code_of(request, "kind", EntryKind.values),
        leaders=leaders,
        leader=_chosen(leaders, text_of(request, "leader", 18)),
        buildings=buildings,
        building=_chosen(buildings, text_of(request, "building", 18)),
    )


def _chosen(rows: list[Any], text: str) -> Any:
    pk = number_of(text)
    return next((row for row in rows if row.pk == pk), None)


def _communities(access: Access) -> list[Community]:
    """Whose ledgers this person reads; one statement."""
    near = Q(pk__in=sorted(access.community_ids)) | Q(subdistrict_id__in=sorted(access.confided_subdistrict_ids))
    rows = Community.objects.filter(near, retired_at__isnull=True).select_related("subdistrict")
    return list(rows.order_by("initials", "id"))


def _unit_of(asked: _Asked, reader: Reader) -> str:
    if asked.community:
        return asked.community.name
    return _("、").join(dict.fromkeys(row.subdistrict.name for row in asked.communities)) or reader.user.display_name


def _issue_url(entry: LedgerEntry, access: Access) -> str:
    """Where the matter is that was made of it, for who sees that matter."""
    if entry.issue is None or not Issue.objects.visible_to(access).filter(pk=entry.issue.pk).exists():
        return ""
    return reverse("console-issue", args=[entry.issue.number])


def _facts(entry: LedgerEntry, revealed: RevealedEntry | None) -> list[dict[str, str]]:
    """Label and value of what there is; masked, or whole right after it was asked for."""
    hidden = _("有，未显示") if entry.room else ""
    person = revealed.person if revealed else masked_person(entry)
    found = (
        (_("类型"), str(entry.get_kind_display())),
        (_("日期"), dates.day(entry.on)),
        (_("社区"), entry.community.name),
        (_("地点"), entry.place_name),
        (_("楼长"), entry.leader.name),
        (_("称呼"), person),
        (_("房号"), revealed.room if revealed else hidden),
        (_("备注"), revealed.note if revealed else open_note(entry)),
    )
    return [{"label": label, "value": value} for label, value in found if value]
