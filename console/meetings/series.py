"""A series that is there: changed from here on, and retired."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import TypeVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from console.kit.form_fields import Errors, error_items, errors_of
from console.kit.reading import Reader, number_of, reader_of
from console.kit.shapes import error_title
from console.meetings.arranging import Offered, rule_typed
from issues.services.errors import InvalidFields, IssueError, NotPermitted
from meetings.models import Series
from meetings.rights import keeps_at
from meetings.services import recurring

Row = TypeVar("Row")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def change_series(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/meetings/series/<pk>/``: what is planned and not announced follows."""
    reader = reader_of(request)
    series = _kept(reader, pk)
    offered = _with_its_own(Offered(reader), series)
    if request.method != "POST":
        if series.retired_at is not None:
            messages.error(request, _("这个系列已停办"))
            return redirect(f"{reverse('console-meetings')}?view=series")
        return _page(request, offered, series, _as_it_is(series), {})
    typed, wrong = request.POST, dict[str, list[str]]()
    given, rule = offered.read(typed, wrong), rule_typed(typed, wrong)
    if given is None or rule is None or wrong:
        return _page(request, offered, series, typed, wrong, status=HTTPStatus.BAD_REQUEST)
    version = number_of(typed.get("version", "")) or 0
    try:
        recurring.change_series(
            series_id=series.pk, given=given, rule=rule, version=version, by=reader.actor, at=reader.now
        )
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except InvalidFields as error:
        return _page(request, offered, series, typed, errors_of(error), status=HTTPStatus.BAD_REQUEST)
    except IssueError as error:
        fresh, said = _kept(reader, pk), str(error.message)
        return _page(request, offered, fresh, typed, {}, conflict=said, status=HTTPStatus.CONFLICT)
    messages.success(request, _("已修改，没有预告的会议随之调整"))
    return redirect(f"{reverse('console-meetings')}?view=series")


@require_POST
def retire_series(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/meetings/series/<pk>/retire/``: it does not go on."""
    reader = reader_of(request)
    series = _kept(reader, pk)
    try:
        recurring.retire_series(series_id=series.pk, by=reader.actor, at=reader.now)
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    messages.success(request, _("已停办，没有预告的会议已取消"))
    return redirect(f"{reverse('console-meetings')}?view=series")


def _kept(reader: Reader, pk: int) -> Series:
    """The series, for whoever keeps the meetings of its place."""
    rows = Series.objects.visible_to(reader.access).select_related("kind", "community", "convener")
    series = rows.filter(pk=pk).first()
    if series is None:
        raise Http404
    if not keeps_at(reader.access, series.subdistrict_id, series.community):
        raise PermissionDenied(_("社区只能安排本社区的会议"))
    return series


def _with_its_own(offered: Offered, series: Series) -> Offered:
    """With what it has already and would not be offered any more."""
    _also(offered.kinds, [series.kind])
    _also(offered.conveners, [series.convener])
    _also(offered.own, [series.community] if series.community else [])
    _also(offered.communities, series.communities.all())
    _also(offered.departments, series.departments.all())
    _also(offered.appointed, series.appointments.all())
    return offered


def _also(rows: list[Row], own: Iterable[Row]) -> None:
    rows += [one for one in own if one not in rows]


def _as_it_is(series: Series) -> QueryDict:
    found = QueryDict(mutable=True)
    found["title"], found["place"] = series.name, series.place
    found["kind"], found["convener"] = str(series.kind_id), str(series.convener_id)
    found["community"] = str(series.community_id or "")
    found["starts"] = f"{series.starts:%H:%M}" if series.starts else ""
    for name in ("communities", "departments", "appointments"):
        found.setlist(name, [str(pk) for pk in getattr(series, name).values_list("pk", flat=True)])
    for name, value in series.rule.items():
        found[name] = "\n".join(value) if name == "dates" else str(value)
    return found


def _page(
    request: HttpRequest,
    offered: Offered,
    series: Series,
    typed: QueryDict,
    wrong: Errors,
    *,
    conflict: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    fields = offered.fields(typed, wrong, again=True)
    context = {
        "series": series,
        "fields": fields,
        "errors": error_items(fields, wrong),
        "error_title": error_title(len(wrong)),
        "conflict": conflict,
    }
    return render(request, "console/meetings/series.html", context, status=status)
