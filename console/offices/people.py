"""人员: the people of an office, what each is, and their accounts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.roles import Permission, role_label
from common.keyset import BadCursor, Order, paginate
from communities.models import Membership
from console.kit.areas import OfficeSetting, setting_of
from console.kit.form_fields import Errors, error_items, shapes_of
from console.kit.reading import PAGE_SIZE, number_of, pager_of, text_of, url_with
from console.kit.shapes import FieldShape, error_title
from console.offices.history import history_of
from offices.holdings import held_by, of_the_past
from offices.people_forms import MembershipForm, PersonForm
from offices.services import people
from offices.services.errors import AlreadyThere, InvalidReference, NotAdministered, ReferenceChanged, StillNeeded

_ORDER: Final = Order(("username", "id"))


@dataclass(frozen=True)
class PersonRow:
    """One person of the list."""

    name: str
    username: str
    posts: Sequence[str]
    state: str
    url: str


@dataclass(frozen=True)
class PostRow:
    """One thing that a person is or was here."""

    id: int
    role: str
    place: str
    desk: bool
    since: Any
    until: Any


@require_safe
def people_list(request: HttpRequest) -> HttpResponse:
    """``/console/admin/people/``: everybody who is something in the office; ``retired=1``: who was."""
    setting = setting_of(request, Permission.SEE_PEOPLE)
    asked, gone = text_of(request, "q", 60).strip(), request.GET.get("retired") == "1"
    present = _posts(setting).filter(ended_at__isnull=True)
    rows = people.people_of(setting.office, setting.reader.actor).prefetch_related(
        Prefetch("memberships", queryset=_posts(setting))
    )
    rows = rows.exclude(pk__in=present.values("user")) if gone else rows.filter(pk__in=present.values("user"))
    if asked:
        rows = rows.filter(Q(display_name__icontains=asked) | Q(username__icontains=asked))
    cursor = text_of(request, "cursor", 400)
    try:
        page = paginate(rows, order=_ORDER, cursor=cursor or None, size=PAGE_SIZE)
    except BadCursor as error:
        raise BadRequest(error.message) from error
    context = {
        "area": setting.office,
        "rows": [_row(setting, user) for user in page.rows],
        "asked": asked,
        "retired": gone,
        "other_url": url_with(request, retired="" if gone else "1"),
        "new_url": f"{reverse('console-person-new')}?office={setting.office.pk}" if _may(setting).enter else "",
        "pager": pager_of(request, page.next_cursor, cursor),
    }
    return render(request, "console/offices/people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new_person(request: HttpRequest) -> HttpResponse:
    """``/console/admin/people/new/``: an account and what the person is; then the link that sets its password."""
    setting = setting_of(request)
    forms: tuple[Any, ...] = (PersonForm(), MembershipForm(office=setting.office, by=setting.reader.actor))
    if request.method != "POST":
        return _new(setting, forms, {})
    try:
        user = people.add_person(
            office=setting.office, data=request.POST, by=setting.reader.actor, at=setting.reader.now
        )
    except NotAdministered as error:
        raise PermissionDenied(error.message) from error
    except InvalidReference as error:
        return _new(setting, error.forms, error.errors, status=HTTPStatus.BAD_REQUEST)
    messages.success(request, _("已建立账号 %(name)s") % {"name": user.username})
    if not _may(setting).rights:
        messages.info(request, _("请安全管理员在此人的页面生成登录链接"))
        return HttpResponseRedirect(person_url(setting, user))
    return _person(setting, user, link=people.invitation_path(user))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def person_page(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/admin/people/<pk>/``: one person; every form says by ``step`` what it does."""
    setting = setting_of(request, Permission.SEE_PEOPLE)
    user = people.people_of(setting.office, setting.reader.actor).filter(pk=pk).first()
    if user is None:
        raise Http404(_("没有找到，可能属于别的街道"))
    if request.method != "POST":
        return _person(setting, user)
    step = _STEPS.get(request.POST.get("step", ""))
    if step is None:
        raise BadRequest(_("无法识别的操作"))
    try:
        return step(setting, user)
    except NotAdministered as error:
        raise PermissionDenied(error.message) from error
    except (AlreadyThere, StillNeeded) as error:
        return _person(setting, user, conflict=error.message, status=HTTPStatus.CONFLICT)


@dataclass(frozen=True)
class May:
    """What the reader does in this office: enter people, give rights."""

    enter: bool
    rights: bool


def _may(setting: OfficeSetting) -> May:
    access, office = setting.reader.access, setting.office.pk
    return May(access.may(Permission.MANAGE_OFFICE, office), access.may(Permission.MANAGE_RIGHTS, office))


def _posts(setting: OfficeSetting) -> QuerySet[Membership]:
    rows = people.posts_of(setting.office, setting.reader.actor)
    return rows.select_related("community", "department").order_by("ended_at", "id")


def _row(setting: OfficeSetting, user: User) -> PersonRow:
    posts = [_post(row) for row in user.memberships.all() if row.ended_at is None]
    state = "" if user.is_active else _("已停用")
    if user.is_active and not user.has_usable_password():
        state = _("还没有设置密码")
    return PersonRow(
        name=user.display_name,
        username=user.username,
        posts=[" · ".join(part for part in (post.place, post.role) if part) for post in posts],
        state=state,
        url=person_url(setting, user),
    )


def _post(row: Membership) -> PostRow:
    place = row.department or row.community
    return PostRow(
        row.pk,
        role_label(row.role),
        place.name if place else _("全系统") if row.subdistrict_id is None else "",
        row.receiving_desk,
        row.started_at,
        row.ended_at,
    )


def person_url(setting: OfficeSetting, user: User) -> str:
    """Where this person's page is."""
    return f"{reverse('console-person', args=[user.pk])}?office={setting.office.pk}"


def _asked(setting: OfficeSetting) -> dict[str, Any]:
    return {"office": setting.office, "by": setting.reader.actor, "at": setting.reader.now}


def _back(setting: OfficeSetting, user: User, said: str) -> HttpResponse:
    messages.success(setting.request, said)
    return HttpResponseRedirect(person_url(setting, user))


def _change(setting: OfficeSetting, user: User) -> HttpResponse:
    typed = setting.request.POST
    opened = number_of(typed.get("version", ""))
    try:
        people.change_person(user_id=user.pk, data=typed, version=opened, **_asked(setting))
    except InvalidReference as error:
        return _person(setting, user, form=error.forms[0], errors=error.errors, status=HTTPStatus.BAD_REQUEST)
    except ReferenceChanged as error:
        form, said = PersonForm(typed, instance=user), error.message
        return _person(setting, user, form=form, conflict=said, status=HTTPStatus.CONFLICT)
    return _back(setting, user, _("已保存"))


def _add_post(setting: OfficeSetting, user: User) -> HttpResponse:
    try:
        people.add_membership(user_id=user.pk, data=setting.request.POST, **_asked(setting))
    except InvalidReference as error:
        return _person(setting, user, post=error.forms[0], errors=error.errors, status=HTTPStatus.BAD_REQUEST)
    return _back(setting, user, _("已添加任职"))


def _open(setting: OfficeSetting, user: User) -> HttpResponse:
    people.open_again(user_id=user.pk, **_asked(setting))
    return _back(setting, user, _("账号已恢复"))


def _invite(setting: OfficeSetting, user: User) -> HttpResponse:
    link = people.reset_password(user_id=user.pk, **_asked(setting))
    return _person(setting, User.objects.get(pk=user.pk), link=link)


def _first_password(setting: OfficeSetting, user: User) -> HttpResponse:
    password = setting.request.POST.get("first_password", "")[:128]
    try:
        people.set_first_password(user_id=user.pk, password=password, **_asked(setting))
    except InvalidReference as error:
        wrong = {"first_password": error.errors.get("new_password2") or error.errors.get("new_password1") or []}
        return _person(setting, user, errors=wrong, status=HTTPStatus.BAD_REQUEST)
    return _back(setting, user, _("初始密码已设置，首次登录须修改"))


def _reset_factor(setting: OfficeSetting, user: User) -> HttpResponse:
    there = people.reset_second_factor(user_id=user.pk, **_asked(setting))
    return _back(setting, user, _("二次验证已重置") if there else _("没有开启二次验证"))


def _end_sessions(setting: OfficeSetting, user: User) -> HttpResponse:
    number = people.end_all_sessions(user_id=user.pk, **_asked(setting))
    return _back(setting, user, _("已退出所有登录和令牌") if number else _("没有登录"))


_STEPS: Final[dict[str, Callable[[OfficeSetting, User], HttpResponse]]] = {
    "change": _change,
    "add-post": _add_post,
    "open": _open,
    "invite": _invite,
    "reset-factor": _reset_factor,
    "end-sessions": _end_sessions,
    "first-password": _first_password,
}


def _new(setting: OfficeSetting, forms: Sequence[Any], errors: Errors, status: int = HTTPStatus.OK) -> HttpResponse:
    fields = [shape for form in forms for shape in shapes_of(form, errors)]
    context = {
        "area": setting.office,
        "fields": fields,
        "errors": error_items(fields, errors),
        "error_title": error_title(sum(map(len, errors.values()))),
        "back_url": f"{reverse('console-people')}?office={setting.office.pk}",
    }
    return render(setting.request, "console/offices/person_new.html", context, status=status)


def _person(
    setting: OfficeSetting,
    user: User,
    *,
    form: Any = None,
    post: Any = None,
    errors: Errors | None = None,
    link: str = "",
    conflict: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    errors = errors or {}
    own = shapes_of(form or PersonForm(instance=user), errors if form else {})
    actor, may = setting.reader.actor, _may(setting)
    posts = shapes_of(post or MembershipForm(office=setting.office, by=actor, holder=user), errors if post else {})
    rows = [_post(row) for row in _posts(setting).filter(user=user)]
    itself = user.pk == setting.reader.user.pk
    context = {
        "area": setting.office,
        "person": user,
        "changeable": may.enter and people.may_change_account(actor, user, setting.office, Permission.MANAGE_OFFICE),
        "lockable": may.rights
        and not itself
        and people.may_change_account(actor, user, setting.office, Permission.MANAGE_RIGHTS),
        "may": may,
        "itself": itself,
        "fields": own,
        "version": people.version_of(user),
        "post_fields": posts,
        "first_password": FieldShape(
            "first_password",
            _("初始密码"),
            "password",
            required=True,
            maxlength=128,
            autocomplete="new-password",
            help=_("至少 10 个字符；告诉本人，首次登录必须修改"),
            errors=errors.get("first_password", ()),
        ),
        "errors": error_items([*own, *posts], errors),
        "error_title": error_title(sum(map(len, errors.values()))),
        "posts": [row for row in rows if row.until is None],
        "past": [row for row in rows if row.until is not None],
        "link": f"{settings.PUBLIC_URL}{link}" if link else "",
        "conflict": conflict,
        "leave_url": f"{reverse('console-person-leave', args=[user.pk])}?office={setting.office.pk}",
        "left_over": bool(held_by(of_the_past(user, setting.office), setting.reader.now)),
        "days": history_of(people.PERSON, user.pk, setting.reader.now),
        "back_url": f"{reverse('console-people')}?office={setting.office.pk}",
    }
    return render(setting.request, "console/offices/person.html", context, status=status)
