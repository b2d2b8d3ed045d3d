"""我的账号: the own password, where one is signed in, the tokens of the own programs."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import own
from accounts.landing import landing_of
from accounts.models import User
from accounts.passwords import password_fields
from accounts.sessions import sessions_of
from common.clock import now

_TOKENS: Final = 50


@dataclass(frozen=True)
class TokenRow:
    """One token of a program; only its number is known."""

    id: int
    created_at: datetime
    expires_at: datetime


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters()
def password_page(request: HttpRequest) -> HttpResponse:
    """``/account/password/``: the present password and a new one; other sessions and tokens end."""
    user = _person(request)
    form = PasswordChangeForm(user, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        own.set_password(user, form.cleaned_data["new_password1"], at=now(), session_key=request.session.session_key)
        update_session_auth_hash(request, user)
        messages.success(request, _("密码已修改，其他设备上的登录和令牌都已失效"))
        return HttpResponseRedirect(landing_of(user))
    names = (("old_password", _("现在的密码")), ("new_password1", _("新密码")), ("new_password2", _("再输入一次")))
    context = {
        "fields": password_fields(form, names),
        "due": user.password_due,
        "back_url": reverse("account"),
        "person": user,
    }
    status = HTTPStatus.BAD_REQUEST if form.is_bound else HTTPStatus.OK
    return render(request, "accounts/password.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def account_page(request: HttpRequest) -> HttpResponse:
    """``/account/``: sessions and tokens of one's own; each form says by ``step`` what it ends."""
    user, at = _person(request), now()
    if request.method == "POST":
        return _end(request, user, at)
    tokens = user.api_tokens.filter(revoked_at__isnull=True, expires_at__gt=at).order_by("-id")[:_TOKENS]
    context: dict[str, Any] = {
        "person": user,
        "sessions": sessions_of(user.pk, request.session.session_key, at),
        "tokens": [TokenRow(row.pk, row.created_at, row.expires_at) for row in tokens],
        "back_url": landing_of(user),
    }
    return render(request, "accounts/account.html", context)


def _end(request: HttpRequest, user: User, at: datetime) -> HttpResponse:
    step, key = request.POST.get("step"), request.POST.get("key", "")
    if step == "session":
        ended = own.end_own_session(user, key, at=at)
    elif step == "token" and key.isascii() and key.isdecimal() and len(key) < 18:
        ended = own.end_token(user, int(key), at=at)
    else:
        raise BadRequest(_("无法识别的操作"))
    messages.success(request, _("已结束") if ended else _("早已结束"))
    return HttpResponseRedirect(reverse("account"))
