"""``/console/leader-tasks/new/``: ask leaders for something; who they are is shown before it is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from communities.models import Community, LeaderPlace, SubDistrict
from communities.naming import as_counted
from console.kit.choices import pair_choices, pinyin_keys
from console.kit.form_fields import Errors, error_items, errors_of
from console.kit.reading import Reader, code_of, number_of, reader_of, text_of
from console.kit.shapes import ChoiceShape, FieldShape, error_title
from console.kit.typed import day_typed, shaper
from issues.services.errors import InvalidFields, NotPermitted
from issues.services.submissions import kept_key, new_key
from leaders.choosing import AskedLeader, ChosenPlaces, mark_of
from leaders.enums import TaskKind, WeatherWarning
from leaders.rights import sends_for_office
from leaders.services.base import LONGEST
from leaders.services.sending import MOST_HOURS, NewTask, recipients, send
from leaders.specs import SPECS, TaskSpec

SHOWN = 100
"""Of those who would be asked so many are listed."""


@dataclass(frozen=True)
class TaskSender:
    """In whose name somebody asks, and whose leaders: a community, or the office among all or one of its own."""

    code: str
    label: str
    subdistrict: SubDistrict
    community: Community | None = None
    among: tuple[Community, ...] = ()

    @property
    def communities(self) -> tuple[Community, ...]:
        """Whose leaders may be chosen place by place; none for a whole office."""
        return (self.community,) if self.community else self.among


def senders_of(reader: Reader) -> Sequence[TaskSender]:
    """What this person may choose among: own communities; of an office all, or one community. Three statements."""
    own = _communities(pk__in=sorted(reader.access.community_ids))
    found = [TaskSender(f"c{row.pk}", row.name, row.subdistrict, row) for row in own]
    for office in SubDistrict.objects.filter(pk__in=sorted(reader.access.subdistrict_ids), retired_at__isnull=True):
        if not sends_for_office(reader.access, office.pk, reader.now):
            continue
        found.append(TaskSender(f"s{office.pk}", _("%(office)s（全部社区）") % {"office": office.name}, office))
        words = _("%(office)s：%(community)s")
        found += [
            TaskSender(f"o{row.pk}", words % {"office": office.name, "community": row.name}, office, None, (row,))
            for row in _communities(subdistrict=office)
        ]
    return found


def _communities(**where: Any) -> Sequence[Community]:
    rows = Community.objects.filter(retired_at__isnull=True, **where).select_related("subdistrict")
    return list(rows.order_by("initials", "id"))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new_task(request: HttpRequest) -> HttpResponse:
    """``?kind=&to=`` choose the form; POST ``step=preview`` shows whom, ``step=send`` sends it to just those."""
    reader = reader_of(request)
    senders = senders_of(reader)
    if not senders:
        raise PermissionDenied(_("由本社区或街道社会治理办、街道值班人员发送"))
    kind = code_of(request, "kind", TaskKind.values) or TaskKind.NOTICE
    sender = next((one for one in senders if one.code == text_of(request, "to", 20)), senders[0])
    form = _Form(SPECS[kind], sender)
    if request.method != "POST":
        return _page(request, form, senders, {})
    given = form.read(request.POST, request.POST.getlist("place"))
    asked = recipients(given, reader.now)
    step = request.POST.get("step")
    if step not in ("preview", "send"):
        raise BadRequest(_("无法识别的操作"))
    if step == "preview" or mark_of(asked) != request.POST.get("seen"):
        if step == "send":
            messages.info(request, _("名单有变化，请再看一遍"))
        return _page(request, form, senders, {}, asked=asked)
    try:
        made = send(given=given, by=reader.actor, at=reader.now)
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except InvalidFields as error:
        return _page(request, form, senders, errors_of(error), asked=asked, status=HTTPStatus.BAD_REQUEST)
    messages.success(request, _("已发给 %(n)d 处") % {"n": made.asked})
    return redirect("console-leader-task", pk=made.pk)


class _Form:
    """The fields of one kind, and what they bring."""

    def __init__(self, spec: TaskSpec, sender: TaskSender) -> None:
        self.spec, self.sender = spec, sender
        choosing = not spec.flooded and sender.communities
        self.places = self._places() if choosing else ()

    def _places(self) -> tuple[ChoiceShape, ...]:
        """Where leaders of these communities are: buildings alone where the kind is for those; one statement."""
        rows = LeaderPlace.objects.filter(
            leader__community__in=self.sender.communities, leader__retired_at__isnull=True
        ).select_related("building__neighbourhood", "neighbourhood")
        found: dict[str, ChoiceShape] = {}
        for row in rows.order_by("building__neighbourhood__name", "neighbourhood__name", "building__name", "id"):
            if row.building is not None:
                code, around, label = f"b{row.building_id}", row.building.neighbourhood.name, row.building.name
            elif row.neighbourhood is not None and not self.spec.buildings:
                code, around, label = f"n{row.neighbourhood_id}", "", row.neighbourhood.name
            else:
                continue
            found[code] = ChoiceShape(code, label, group=around, keys=f"{pinyin_keys(around)} {pinyin_keys(label)}")
        return tuple(sorted(found.values(), key=lambda one: (one.group, as_counted(one.label))))

    def read(self, typed: Mapping[str, str], ticked: Sequence[str]) -> NewTask:
        """What was typed; what is wrong with it the service says."""
        offered = {one.value for one in self.places}
        chosen = {letter: frozenset(int(one[1:]) for one in ticked if one in offered and one[0] == letter)
                  for letter in "bn"}  # fmt: skip
        return NewTask(
            kind=self.spec.kind,
            subdistrict=self.sender.subdistrict,
            community=self.sender.community,
            among=self.sender.among,
            chosen=ChosenPlaces(chosen["b"], chosen["n"]),
            title=typed.get("title", ""),
            text=typed.get("text", ""),
            warning=typed.get("warning", ""),
            on=day_typed(typed.get("on", "")),
            hours=number_of(typed.get("hours", ""), 4),
            key=typed.get("key", ""),
        )

    def fields(self, typed: Mapping[str, Any], ticked: Sequence[str], wrong: Errors) -> list[FieldShape]:
        """The fields with what stands in them."""
        shape = shaper(typed, wrong)
        found = []
        if self.spec.flooded:
            warnings = pair_choices((("", _("没有预警")), *WeatherWarning.choices))
            found += [
                shape("warning", _("天气预警"), "select", choices=warnings[1:], placeholder=str(warnings[0].label),
                      half=True),
                shape("hours", _("多少小时内回应"), "number", "6", required=True, least="1", most=str(MOST_HOURS),
                      unit=_("小时"), half=True),
            ]  # fmt: skip
        found.append(shape("title", _("标题"), required=True, maxlength=LONGEST["title"], autocomplete="off"))
        words = _("电话和证件号会自动去掉；请不要写住户姓名和健康情况")
        found.append(shape("text", _("内容"), "textarea", rows=4, maxlength=LONGEST["text"], help=words))
        if not self.spec.flooded:
            found.append(shape("on", _("哪天前回应"), "date", required=True, help=_("当天 17:30 截止")))
        if self.places:
            label = _("楼栋") if self.spec.buildings else _("地方")
            every = "" if self.spec.buildings else _("都不选，发给全社区的楼长、巷长、街长")
            found.append(
                FieldShape("place", label, "many", list(ticked), choices=self.places, required=self.spec.buildings,
                           help=every, placeholder=_("小区、楼栋或拼音首字母"), errors=wrong.get("place", ()))
            )  # fmt: skip
        return found


def _page(
    request: HttpRequest,
    form: _Form,
    senders: Sequence[TaskSender],
    wrong: Errors,
    *,
    asked: Sequence[AskedLeader] | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    fields = form.fields(request.POST, request.POST.getlist("place"), wrong)
    new_url = reverse("console-leader-task-new")
    context = {
        "fields": fields,
        "errors": error_items(fields, wrong),
        "error_title": error_title(len(wrong)),
        "kind": form.spec.kind.value,
        "hint": form.spec.hint,
        "kinds": [
            {"label": label, "url": f"{new_url}?kind={code}&to={form.sender.code}", "active": code == form.spec.kind}
            for code, label in TaskKind.choices
        ],
        "to": form.sender.code,
        "senders": senders,
        "needs_community": form.spec.buildings and not form.sender.communities,
        "asked": asked,
        "seen": mark_of(asked or ()),
        "shown": (asked or ())[:SHOWN],
        "unreached": sum(one.leader.user_id is None for one in asked or ()),
        "key": new_key() if "key" in wrong else kept_key(request.POST.get("key", "")),
    }
    return render(request, "console/leaders/new.html", context, status=status)
