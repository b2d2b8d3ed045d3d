"""Signing in and out, and the preferences that a browser keeps."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import demo, phones
from accounts.devices import note_browser
from accounts.forms import PreferencesForm, SignInForm
from accounts.landing import landing_of
from accounts.models import User
from accounts.notices import duty_lines
from accounts.second_factor import verify
from accounts.sessions import PROVEN
from accounts.signing_in import SignInError, check_code
from common.clock import now

HALF = "half_signed_in"
"""In a session: whose password was right, which and when, and where to go on."""
HALF_SECONDS = 300
PREFERENCE_AGE = 365 * 24 * 3600


def safe_next(request: HttpRequest, target: str | None, default: str, *, under: str = "/") -> str:
    """``target`` where it is a path of this site under ``under``, else ``default``."""
    if (
        target
        and target.startswith(under)
        and url_has_allowed_host_and_scheme(
            target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )
    ):
        return target
    return default


def _extras() -> dict[str, Any]:
    accounts = [{"username": name, "description": text} for name, text in demo.ACCOUNTS] if settings.DEMO else []
    lines = duty_lines(now())
    return {
        "demo_accounts": accounts,
        "demo_password": demo.PASSWORD if settings.DEMO else "",
        "notices": [],
        "duty": {"lines": lines} if lines else None,
        "locked": False,
    }


class SignOutView(auth_views.LogoutView):
    """To where one signs in again: the digits of a bound phone, else name and password."""

    def get_default_redirect_url(self) -> str:
        """Of a leader's phone the page that asks for its digits."""
        bound = phones.is_bound(phones.secret_of(self.request), now())
        return reverse("leader-enter") if bound else super().get_default_redirect_url()


@method_decorator(login_not_required, name="dispatch")
class SignInView(auth_views.LoginView):
    """``/login/``: five wrong passwords from one network lock the account there for a while."""

    form_class = SignInForm
    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form; a leader's bound phone asks for its digits instead."""
        onward = safe_next(request, request.GET.get("next"), "", under="/leader/")
        if onward and phones.is_bound(phones.secret_of(request), now()):
            return HttpResponseRedirect(f"{reverse('leader-enter')}?{urlencode({'next': onward})}")
        return super().get(request, *args, **kwargs)

    def get_default_redirect_url(self) -> str:
        """The first page of this person."""
        return landing_of(self.request.user)  # type: ignore[arg-type]

    def form_valid(self, form: SignInForm) -> HttpResponse:  # type: ignore[override]
        """Signed in; whoever has a second factor is asked for its code first."""
        user = form.get_user()
        if not form.code_due:
            answer = super().form_valid(form)
            note_browser(self.request, answer, user, now())
            return answer
        self.request.session[HALF] = {
            "user": user.pk,
            "at": now().timestamp(),
            "password": user.get_session_auth_hash(),
            "next": self.get_redirect_url(),
        }
        return HttpResponseRedirect(reverse("login-code"))

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """The form again; 429 where it was tried too often."""
        retry_after = getattr(form, "retry_after", 0)
        return locked_out(self.request, retry_after) if retry_after else super().form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Django's own ``site``, the host's name, goes: the context processor knows the office's."""
        context = super().get_context_data(**kwargs)
        del context["site"], context["site_name"]
        form = context["form"]
        errors = form.non_field_errors() if form.is_bound else []
        return context | _extras() | {"failed": bool(errors), "error_text": errors[0] if errors else ""}


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def code_page(request: HttpRequest) -> HttpResponse:
    """``/login/code/``: the second step, open for five minutes after the password was right."""
    at = now()
    half = request.session.get(HALF) or {}
    user = User.objects.filter(pk=half.get("user", 0)).first()
    if user is None or not _goes_on(user, half, at):
        request.session.pop(HALF, None)
        return HttpResponseRedirect(reverse("login"))
    if request.method != "POST":
        return _code_form(request, ())
    code = request.POST.get("code", "")[:40]
    try:
        check_code(request=request, user=user, verify=lambda: verify(user, code, at), door="page", at=at)
    except SignInError as refused:
        if refused.retry_after:
            return locked_out(request, refused.retry_after)
        return _code_form(request, (_("验证码不对，请重新输入"),), HTTPStatus.BAD_REQUEST)
    del request.session[HALF]
    login(request, user, backend="accounts.backends.AccountBackend")
    request.session[PROVEN] = True
    answer = HttpResponseRedirect(half["next"] or landing_of(user))
    note_browser(request, answer, user, at)
    return answer


def _goes_on(user: User, half: Mapping[str, Any], at: datetime) -> bool:
    """Whether the first step still counts: not too old, of an account that works and has that password still."""
    same = constant_time_compare(half.get("password", ""), user.get_session_auth_hash())
    return same and user.works and at.timestamp() - half["at"] <= HALF_SECONDS


def _code_form(request: HttpRequest, errors: Sequence[str], status: int = HTTPStatus.OK) -> HttpResponse:
    field = {
        "name": "code", "label": _("验证码"), "type": "text", "required": True, "inputmode": "numeric", "maxlength": 20,
        "autocomplete": "one-time-code", "autofocus": True, "errors": errors,
        "help": _("验证器应用上的 6 位数字，或一个恢复码"),
    }  # fmt: skip
    return render(request, "accounts/code.html", {"field": field}, status=status)


def locked_out(request: HttpRequest, retry_after: int) -> HttpResponse:
    """The answer to a sign-in that was wrong too often: 429, and when to come back."""
    minutes = max(1, -(-retry_after // 60))
    context = _extras() | {
        "form": SignInForm(request, initial={"username": request.POST.get("username", "")[:60]}),
        "next": safe_next(request, request.POST.get("next"), ""),
        "failed": True,
        "locked": True,
        "error_text": _("连续输错次数过多，已锁定，请 %(minutes)d 分钟后再试") % {"minutes": minutes},
    }
    answer = render(request, "accounts/login.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
    answer["Retry-After"] = str(retry_after)
    return answer


@login_not_required
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep theme, letter size (长辈版) or the use of single-letter keys in cookies, then go back to ``next``."""
    form = PreferencesForm(request.POST)
    if not form.is_valid():
        raise BadRequest(_("无法识别的设置"))
    answer = HttpResponseRedirect(safe_next(request, request.POST.get("next"), "/"))
    for name in form.fields:
        if name not in request.POST:
            continue
        value = form.cleaned_data[name]
        if value:
            answer.set_cookie(
                name, value, max_age=PREFERENCE_AGE, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
            )
        else:
            answer.delete_cookie(name, samesite="Lax")
    return answer
