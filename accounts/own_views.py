"""我的账号: the own password, where one is signed in, the tokens of the own programs and calendars."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import segno
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import drafts, own, second_factor
from accounts.landing import landing_of
from accounts.models import User
from accounts.noting import note
from accounts.passwords import password_fields
from accounts.sessions import PROVEN, sessions_of
from accounts.signing_in import asks_code
from common.clock import now

_TOKENS: Final = 50


@dataclass(frozen=True)
class TokenRow:
    """One token: what it opens, and its number; nothing else is known of it."""

    id: int
    purpose: str
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
    wait = own.too_many_tries(user) if form.is_bound else 0
    right = form.is_bound and not wait and form.is_valid()
    if form.is_bound and not wait and "old_password" not in form.errors:
        own.forget_tries(user)
    elif form.is_bound and not wait:
        note(user.pk, "password_failed", now())
    if wait:
        form.errors["old_password"] = [_wait_words(wait)]  # type: ignore[assignment]
    if right:
        own.set_password(user, form.cleaned_data["new_password1"], at=now(), session_key=request.session.session_key)
        update_session_auth_hash(request, user)
        messages.success(request, _("密码已修改，其他设备上的登录和令牌都已失效"))
        return HttpResponseRedirect(landing_of(user))
    names = (("old_password", _("现在的密码")), ("new_password1", _("新密码")), ("new_password2", _("再输入一次")))
    context: dict[str, Any] = {
        "fields": password_fields(form, names),
        "due": user.password_due,
        "back_url": reverse("account"),
        "person": user,
    }
    status = HTTPStatus.BAD_REQUEST if form.is_bound else HTTPStatus.OK
    return _answer(request, "accounts/password.html", context, status, wait)


def _wait_words(wait: int) -> str:
    return _("连续输错次数过多，已锁定，请 %(minutes)d 分钟后再试") % {"minutes": max(1, -(-wait // 60))}


def _answer(
    request: HttpRequest, template: str, context: dict[str, Any], status: HTTPStatus, wait: int
) -> HttpResponse:
    """The page; 429 and when to come back, where it was tried too often."""
    answer = render(request, template, context, status=HTTPStatus.TOO_MANY_REQUESTS if wait else status)
    if wait:
        answer["Retry-After"] = str(wait)
    return answer


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
        "tokens": [TokenRow(row.pk, str(row.get_purpose_display()), row.created_at, row.expires_at) for row in tokens],
        "second_factor": asks_code(user),
        "back_url": landing_of(user),
    }
    return render(request, "accounts/account.html", context)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def session_state(request: HttpRequest) -> HttpResponse:
    """``/account/session/``: who is signed in here, "" for nobody; a page posts it while somebody types.

    With the key of what this person types in this browser.
    """
    if not isinstance(request.user, User):
        return JsonResponse({"person": ""})
    return JsonResponse(
        {"person": str(request.user.pk), "token": get_token(request), "key": drafts.key_of(request, request.user)}
    )


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


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def second_factor_page(request: HttpRequest) -> HttpResponse:
    """``/account/second-factor/``: set it up by QR code and one code; where it is on, turn it off by a code.

    ``step`` says which of the two is meant: a page that was opened before the other was done does nothing.
    """
    user = _person(request)
    if request.method != "POST":
        return _factor(request, user)
    step, code, at = request.POST.get("step"), request.POST.get("code", "")[:40], now()
    if step not in ("on", "off"):
        raise BadRequest(_("无法识别的操作"))
    if asks_code(user) is (step == "on"):
        return _factor(request, user, conflict=_STANDS[step], status=HTTPStatus.CONFLICT)
    wait = own.too_many_tries(user)
    if wait:
        return _factor(request, user, (_wait_words(wait),), wait=wait)
    done = _turned_on(request, user, code, at) if step == "on" else _turned_off(request, user, code, at)
    if done is not None:
        own.forget_tries(user)
        return done
    note(user.pk, "code_failed", at)
    return _factor(request, user, (_("验证码不对，请重新输入"),), status=HTTPStatus.BAD_REQUEST)


_STANDS: Final = {
    "on": gettext_lazy("二次验证已经开启。没有抄下恢复码的，请用验证码关闭后重新开启"),
    "off": gettext_lazy("二次验证已经关闭"),
}


def _turned_on(request: HttpRequest, user: User, code: str, at: datetime) -> HttpResponse | None:
    codes = second_factor.confirm(user, code, at)
    if not codes:
        return None
    request.session[PROVEN] = True
    return render(request, "accounts/recovery_codes.html", {"codes": codes, "back_url": landing_of(user)})


def _turned_off(request: HttpRequest, user: User, code: str, at: datetime) -> HttpResponse | None:
    if not second_factor.verify(user, code, at):
        return None
    second_factor.turn_off(user, at)
    request.session.pop(PROVEN, None)
    messages.success(request, _("二次验证已关闭"))
    return HttpResponseRedirect(reverse("account"))


def _factor(
    request: HttpRequest,
    user: User,
    errors: Sequence[str] = (),
    *,
    conflict: Any = "",
    status: HTTPStatus = HTTPStatus.OK,
    wait: int = 0,
) -> HttpResponse:
    secret = second_factor.begin(user)
    on = secret is None
    secret = secret or ""
    context = {
        "on": on,
        "conflict": conflict,
        "codes_left": second_factor.codes_left(user) if on else 0,
        "secret": " ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        "qr": _qr(second_factor.address_of(user, secret)) if secret else "",
        "field": _code_field(errors),
        "back_url": reverse("account"),
    }
    return _answer(request, "accounts/second_factor.html", context, status, wait)


def _qr(text: str) -> str:
    return mark_safe(segno.make(text, error="m").svg_inline(scale=5, border=4, light="#fff"))  # noqa: S308 - our own text


def _code_field(errors: Sequence[str]) -> dict[str, Any]:
    return {
        "name": "code",
        "label": _("验证码"),
        "type": "text",
        "required": True,
        "inputmode": "numeric",
        "maxlength": 20,
        "autocomplete": "one-time-code",
        "errors": errors,
    }
