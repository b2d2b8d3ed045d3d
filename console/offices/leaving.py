"""离任、停用、交接: what a person still holds, and the one choice that moves it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.roles import Permission
from common import dates
from communities.models import Membership
from console.kit.areas import OfficeSetting, setting_of
from console.kit.choices import pinyin_keys
from console.kit.reading import number_of
from console.kit.shapes import ChoiceShape, FieldShape
from console.offices.people import person_url
from issues.enums import Status
from offices.holdings import HeldHere, Leaving, held_by, of_account, of_post, of_the_past, successors
from offices.services import handing_over, people
from offices.services.errors import NotAdministered, OfficeError

_NAMED: Final = 10
"""Shifts, absences and places that are named one by one."""


@dataclass(frozen=True)
class HeldRow:
    """One sort of things: what, how many, and which, a line each."""

    label: str
    number: str
    lines: Sequence[str]


@dataclass(frozen=True)
class _Asked:
    """What is to end: a post, the account, or only what was left over."""

    setting: OfficeSetting
    user: User
    post: Membership | None
    closes: bool

    @property
    def leaving(self) -> Leaving:
        if self.post is not None:
            return of_post(self.post)
        return (of_account if self.closes else of_the_past)(self.user, self.setting.office)

    @property
    def title(self) -> str:
        if self.post is not None:
            return _("离任")
        return _("停用账号") if self.closes else _("交接")

    def carry_out(self, to: str) -> None:
        """Raises OfficeError."""
        reader = self.setting.reader
        by: dict[str, Any] = {"office": self.setting.office, "by": reader.actor, "at": reader.now, "to": to}
        if self.post is not None:
            handing_over.leave_post(membership_id=self.post.pk, **by)
        elif self.closes:
            handing_over.close_account(user_id=self.user.pk, **by)
        else:
            handing_over.hand_over_rest(user_id=self.user.pk, **by)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/admin/people/<pk>/leave/``: ``post`` ends, or with ``close=1`` the account; else what is left over."""
    asked = _asked(setting_of(request, Permission.MANAGE_RIGHTS), pk)
    if request.method != "POST":
        return _page(asked)
    try:
        asked.carry_out(request.POST.get("to", "")[:20])
    except NotAdministered as error:
        raise PermissionDenied(error.message) from error
    except OfficeError as error:
        return _page(asked, conflict=error.message, status=HTTPStatus.CONFLICT)
    said = _("账号已停用，登录和令牌都已失效") if asked.closes else _("已离任") if asked.post else _("已交接")
    messages.success(request, said)
    return HttpResponseRedirect(person_url(asked.setting, asked.user))


def _asked(setting: OfficeSetting, pk: int) -> _Asked:
    request = setting.request
    user = people.people_of(setting.office, setting.reader.actor).filter(pk=pk).first()
    post = None
    text = request.GET.get("post", "")
    if user is not None and text:
        rows = people.posts_of(setting.office, setting.reader.actor).filter(user=user, ended_at__isnull=True)
        post = rows.filter(pk=number_of(text) or 0).select_related("user", "department", "community").first()
    if user is None or (text and post is None):
        raise Http404(_("没有找到，可能属于别的街道"))
    closes = not text and request.GET.get("close") == "1"
    may = people.may_change_account(setting.reader.actor, user, setting.office, Permission.MANAGE_RIGHTS)
    if closes and (not may or user.pk == setting.reader.user.pk):
        raise PermissionDenied(_("您不能停用这个账号"))
    return _Asked(setting, user, post, closes)


def _page(asked: _Asked, *, conflict: str = "", status: int = HTTPStatus.OK) -> HttpResponse:
    leaving = asked.leaving
    held = held_by(leaving, asked.setting.reader.now)
    choices = (ChoiceShape(value=handing_over.DESK, label=_("交回本单位（收件岗）")), *_people(leaving))
    context: dict[str, Any] = {
        "area": asked.setting.office,
        "person": asked.user,
        "title": asked.title,
        "post": asked.post,
        "closes": asked.closes,
        "rows": list(_rows(held)),
        "alone": held.alone,
        "field": FieldShape(
            "to", _("交给"), "officer", choices=choices, required=True, placeholder=_("输入姓名或账号"),
            help=_("只能交给同一单位、同一角色的在岗人员；交回本单位的，由收件岗接着办，值班班次撤下，地方归社区"),
        ),
        "conflict": conflict,
        "back_url": person_url(asked.setting, asked.user),
    }  # fmt: skip
    return render(asked.setting.request, "console/offices/leave.html", context, status=status)


def _people(leaving: Leaving) -> Iterable[ChoiceShape]:
    for user in successors(leaving):
        keys = f"{user.username} {pinyin_keys(user.display_name)}"
        yield ChoiceShape(value=str(user.pk), label=user.display_name, help=user.username, keys=keys)


def _rows(held: HeldHere) -> Iterable[HeldRow]:
    """What is held, a line a sort."""
    if held.matters:
        parts = [f"{Status(status).label} {number}" for status, number in sorted(held.matters.items())]
        number = ngettext("%(n)d 件", "%(n)d 件", held.number) % {"n": held.number}
        yield HeldRow(_("承办的诉求"), number, [_("、").join(parts)])
    if held.shifts:
        spans = [f"{dates.moment(row.starts_at)}–{dates.moment(row.ends_at)}" for row in held.shifts]
        yield HeldRow(_("值班班次"), _counted(spans), _named(spans))
    if held.covers:
        told = [
            f"{row.user.display_name} {dates.moment(row.starts_at)}–{dates.moment(row.ends_at)}" for row in held.covers
        ]
        yield HeldRow(_("为别人代班"), _counted(told), _named(told))
    if held.desks:
        names = [row.department.name for row in held.desks if row.department]
        yield HeldRow(_("收件岗"), _counted(names), _named(names))
    if held.leader:
        places = [str(row.place) for row in held.places]
        yield HeldRow(_("负责的地方"), _counted(places), _named(places))


def _counted(names: list[str]) -> str:
    return ngettext("%(n)d 项", "%(n)d 项", len(names)) % {"n": len(names)}


def _named(names: list[str]) -> list[str]:
    more = [_("等")] if len(names) > _NAMED else []
    return [*names[:_NAMED], *more]
