"""活动: what stations offer, what was announced and not held, how many people came in a year."""

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from commitments.enums import SUBJECT
from commitments.models import Commitment
from common.clock import local
from common.keyset import BadCursor, Order, paginate
from communities.models import Community, Department
from console.kit.choices import pair_choices, row_choices
from console.kit.form_fields import Errors, error_items, errors_of
from console.kit.reading import PAGE_SIZE, Reader, code_of, number_of, pager_of, reader_of, text_of
from console.kit.shapes import ChoiceShape, FieldShape, error_title
from console.kit.typed import chosen, day_typed, shaper
from console.meetings.listing import ACTIVITIES, frame
from issues.services.errors import InvalidFields, IssueError, NotPermitted
from issues.services.submissions import new_key
from meetings.enums import ActivityKind, ActivityState
from meetings.models import StationActivity
from meetings.services.stations import NewActivity, announce_activity, may_run, note_held, note_not_held

VIEWS: Final[dict[str, Promise]] = {
    "coming": gettext_lazy("待举行"),
    "missed": gettext_lazy("已预告未举行"),
    "held": gettext_lazy("已举行"),
}
_SOONEST, _NEWEST = Order(("on", "id")), Order(("-on", "-id"))
_MOST_PROMISES: Final = 200


@require_safe
def activity_list(request: HttpRequest) -> HttpResponse:
    """``/console/activities/``: what is to come, what was missed, what was held, and how many came this year."""
    reader = reader_of(request)
    view = code_of(request, "view", tuple(VIEWS)) or "coming"
    today, cursor = local(reader.now).date(), text_of(request, "cursor", 400)
    seen = StationActivity.objects.visible_to(reader.access)
    rows = {"coming": seen.to_come(today), "missed": seen.missed(today), "held": seen.held()}[view].with_names()
    order = _SOONEST if view == "coming" else _NEWEST
    try:
        page = paginate(rows, order=order, cursor=cursor or None, size=PAGE_SIZE)
    except BadCursor as error:
        raise BadRequest(error.message) from error
    year = seen.held().filter(on__gte=date(today.year, 1, 1)).aggregate(n=Count("pk"), people=Sum("people"))
    list_url = reverse("console-activities")
    context = frame(reader, ACTIVITIES) | {
        "rows": page.rows,
        "missed": view == "missed",
        "views": [{"label": str(words), "url": f"{list_url}?view={code}", "active": code == view}
                  for code, words in VIEWS.items()],
        "figures": _("今年已举行 %(n)d 场，%(people)d 人次") % {"n": year["n"], "people": year["people"] or 0},
        "may_announce": bool(_Offered(reader).organisers),
        "pager": pager_of(request, page.next_cursor, cursor),
    }  # fmt: skip
    return render(request, "console/meetings/activities.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new_activity(request: HttpRequest) -> HttpResponse:
    """``/console/activities/new/``: announce one."""
    reader = reader_of(request)
    offered = _Offered(reader)
    if not offered.organisers:
        raise PermissionDenied(_("活动由组织单位、本社区或街道社会治理办登记"))
    if request.method != "POST":
        return _form(request, offered, {})
    wrong: dict[str, list[str]] = {}
    given = offered.read(request.POST, wrong)
    if given is None:
        return _form(request, offered, wrong, HTTPStatus.BAD_REQUEST)
    try:
        made = announce_activity(given=given, by=reader.actor, at=reader.now)
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except InvalidFields as error:
        return _form(request, offered, errors_of(error), HTTPStatus.BAD_REQUEST)
    messages.success(request, _("已预告活动"))
    return redirect("console-activity", pk=made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def activity_page(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/activities/<pk>/``; ``step=held`` with how many came, ``step=not_held`` with why."""
    reader = reader_of(request)
    row = _find(reader, pk)
    if request.method != "POST":
        return _page(request, reader, row, {})
    given: dict[str, Any] = {
        "activity_id": row.pk, "version": number_of(request.POST.get("version", ""), 9) or 0,
        "by": reader.actor, "at": reader.now,
    }  # fmt: skip
    try:
        match request.POST.get("step"):
            case "held":
                people = number_of(request.POST.get("people", ""), 7)
                note_held(**given, people=-1 if people is None else people)
                messages.success(request, _("已记录举行"))
            case "not_held":
                note_not_held(**given, reason=request.POST.get("reason", ""))
                messages.success(request, _("已记录未举行"))
            case _:
                raise BadRequest(_("无法识别的操作"))
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except InvalidFields as error:
        return _page(request, reader, row, errors_of(error), HTTPStatus.BAD_REQUEST)
    except IssueError as error:
        messages.error(request, str(error.message))
        return _page(request, reader, _find(reader, pk), {}, HTTPStatus.CONFLICT)
    return redirect("console-activity", pk=pk)


def _find(reader: Reader, pk: int) -> StationActivity:
    row = StationActivity.objects.visible_to(reader.access).with_names().filter(pk=pk).first()
    if row is None:
        raise Http404(_("没有找到"))
    return row


class _Offered:
    """What this person may choose among."""

    def __init__(self, reader: Reader) -> None:
        access = reader.access
        rows = Community.objects.filter(subdistrict_id__in=sorted(access.subdistrict_ids), retired_at__isnull=True)
        self.communities = list(rows.order_by("initials", "id"))
        departments = Department.objects.filter(
            subdistrict_id__in=sorted(access.subdistrict_ids), retired_at__isnull=True
        )
        self.organisers = [row for row in departments.order_by("name_zh", "id") if may_run(access, row, None)]
        owed = Commitment.objects.open().filter(
            owner_id__in=[row.pk for row in self.organisers], subject_kind=SUBJECT, historic=False
        )
        self.promises = list(owed.select_related("owner").order_by("-id")[:_MOST_PROMISES]) if self.organisers else []

    def read(self, typed: Mapping[str, str], wrong: dict[str, list[str]]) -> NewActivity | None:
        """What was typed; None where something is wrong."""
        organiser = chosen(self.organisers, typed.get("organiser", ""))
        community = chosen(self.communities, typed.get("community", ""))
        promise, on = chosen(self.promises, typed.get("commitment", "")), day_typed(typed.get("on", ""))
        if organiser is None:
            wrong["organiser"] = [_("请选择组织单位")]
        if on is None:
            wrong["on"] = [_("请填写日期，例如 2026-12-31")]
        for name, found in (("community", community), ("commitment", promise)):
            if found is None and typed.get(name):
                wrong[name] = [_("请从列出的选项中选择")]
        if wrong or organiser is None or on is None:
            return None
        texts = {name: typed.get(name, "") for name in ("station", "title", "kind", "audience", "key")}
        return NewActivity(organiser, on=on, community=community, commitment=promise, **texts)

    def fields(self, typed: Mapping[str, str], wrong: Errors) -> list[FieldShape]:
        """The fields of the form, with what stands in them."""
        shape = shaper(typed, wrong)
        only = str(self.organisers[0].pk) if len(self.organisers) == 1 else ""
        kinds = pair_choices(ActivityKind.choices)
        places = row_choices(self.communities)
        offices = row_choices(self.organisers)
        found = [
            shape("title", _("名称"), required=True, maxlength=120, autocomplete="off"),
            shape("kind", _("类型"), "select", choices=kinds, required=True, half=True),
            shape("on", _("日期"), "date", required=True, half=True),
            shape("station", _("在哪个服务站"), required=True, maxlength=80, autocomplete="off", half=True),
            shape("community", _("社区"), "department", choices=places, half=True),
            shape("organiser", _("组织单位"), "department", only, choices=offices, required=True, half=True),
            shape("audience", _("面向谁"), maxlength=80, autocomplete="off", half=True),
        ]
        if self.promises:
            promised = [ChoiceShape(str(row.pk), f"{row.number} {row.text[:40]}") for row in self.promises]
            words = _("举行后，承诺单位的人登记的，同时报告承诺已兑现")
            found.append(shape("commitment", _("兑现哪项承诺"), "department", choices=promised, help=words))
        return found


def _form(request: HttpRequest, offered: _Offered, wrong: Errors, status: int = HTTPStatus.OK) -> HttpResponse:
    fields = offered.fields(request.POST, wrong)
    context = {"fields": fields, "errors": error_items(fields, wrong), "error_title": error_title(len(wrong))}
    context["key"] = new_key()
    return render(request, "console/meetings/activity_new.html", context, status=status)


def _page(
    request: HttpRequest, reader: Reader, row: StationActivity, wrong: Errors, status: int = HTTPStatus.OK
) -> HttpResponse:
    today = local(reader.now).date()
    people = FieldShape(
        *("people", _("来了多少人"), "number", request.POST.get("people", "")),
        required=True, least="0", errors=wrong.get("people", ()),
    )  # fmt: skip
    why = FieldShape(
        *("reason", _("原因"), "text", request.POST.get("reason", "")),
        required=True, maxlength=200, errors=wrong.get("reason", ()),
    )  # fmt: skip
    promise = row.commitment
    seen = promise and Commitment.objects.visible_to(reader.access).filter(pk=promise.pk).exists()
    facts = (
        (_("类型"), str(row.get_kind_display())),
        (_("服务站"), row.station),
        (_("社区"), row.community.name if row.community else ""),
        (_("组织单位"), row.organiser.name),
        (_("面向谁"), row.audience),
        (_("人数"), "" if row.people is None else str(row.people)),
        (_("未举行的原因"), row.reason),
    )
    context = {
        "activity": row,
        "missed": row.is_missed(today),
        "facts": [{"label": label, "value": value} for label, value in facts],
        "promise": promise if seen else None,
        "may_close": row.state == ActivityState.ANNOUNCED and may_run(reader.access, row.organiser, row.community),
        "passed": row.on <= today,
        "people": people,
        "why": why,
        "errors": error_items([people, why], wrong),
        "error_title": error_title(len(wrong)),
    }
    return render(request, "console/meetings/activity.html", context, status=status)
