"""A leader's way in: bind the phone by the card from the community, then six digits open it; no name, no password."""

from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth import login, logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import phones
from accounts.models import User
from accounts.phones import PhoneError
from accounts.signing_in import SignInError, enter_by_pin
from accounts.views import safe_next
from common.clock import now
from communities.access import access_of
from communities.models import Leader
from phone.forms import EnterForm, PinForm
from phone.leading import for_leaders, place_names
from phone.shared import TooManyTries, form_errors, public


@public
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """``/leader/join/<code>/``: choose six digits; the card is spent with it."""
    _check_browser(request)
    at = now()
    user = phones.invited(token, at)
    leader = _leader(user)
    if user is None or leader is None:
        return render(request, "phone/leader/join.html", {"leader": None}, status=HTTPStatus.NOT_FOUND)
    form = PinForm(request.POST) if request.method == "POST" else PinForm()
    if form.is_bound and form.is_valid():
        try:
            bound, secret = phones.bind(token, form.cleaned_data["pin"], at=at)
        except PhoneError:
            return render(request, "phone/leader/join.html", {"leader": None}, status=HTTPStatus.CONFLICT)
        messages.success(request, _("这部手机已绑定，以后输入 6 位数字就能打开"))
        answer = _signed_in(request, bound, "")
        phones.keep(answer, secret)
        return answer
    context = {
        "leader": leader,
        "places": place_names(leader),
        "form": form,
        "errors": form_errors(form) if form.is_bound else [],
    }
    return render(request, "phone/leader/join.html", context, status=400 if form.is_bound else 200)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """``/leader/enter/``: the six digits of a phone that is bound; others are told where to get a card."""
    _check_browser(request)
    at, secret = now(), phones.secret_of(request)
    onward = request.POST.get("next") or request.GET.get("next")
    if not phones.is_bound(secret, at):
        return _unbound(request)
    form = EnterForm(request.POST) if request.method == "POST" else EnterForm()
    if form.is_bound and form.is_valid():
        try:
            user = enter_by_pin(request=request, secret=secret, pin=form.cleaned_data["pin"], at=at)
        except PhoneError:
            return _unbound(request)
        except SignInError as refused:
            if refused.retry_after:
                raise TooManyTries(refused.retry_after) from refused
            form.add_error("pin", _("数字不对，还可以试 %(n)d 次") % {"n": refused.left})
        else:
            return _signed_in(request, user, onward) if _leader(user) else _unbound(request)
    context = {
        "next": safe_next(request, onward, "", under="/leader/"),
        "form": form,
        "errors": form_errors(form) if form.is_bound else [],
    }
    return render(request, "phone/leader/enter.html", context, status=400 if form.is_bound else 200)


@require_POST
@for_leaders
def unbind(request: HttpRequest, leader: Leader) -> HttpResponse:
    """``/leader/unbind/``: this phone and every other forgets its leader."""
    if leader.user is not None:
        phones.unbind(leader.user, by_id=request.user.pk, at=now())
    logout(request)
    messages.success(request, _("已解除绑定。再用时请向社区要一张新的登录卡"))
    answer = redirect("leader-enter")
    phones.forget(answer)
    return answer


def _check_browser(request: HttpRequest) -> None:
    """Whoever makes cards binds none: a browser of the office acts for nobody."""
    if access_of(request.user).is_staff:
        raise PermissionDenied(_("请先退出工作账号；登录卡由楼长本人用自己的手机扫"))


def _leader(user: User | None) -> Leader | None:
    """As whom six digits let somebody in: a leader, and nobody who works here too."""
    access = access_of(user)
    if access.is_staff or access.leader_id is None:
        return None
    return Leader.objects.select_related("community").get(pk=access.leader_id)


def _signed_in(request: HttpRequest, user: User, onward: str | None) -> HttpResponse:
    login(request, user, backend="accounts.backends.AccountBackend")
    return redirect(safe_next(request, onward, reverse("leader-home"), under="/leader/"))


def _unbound(request: HttpRequest) -> HttpResponse:
    answer = render(request, "phone/leader/unbound.html", status=HTTPStatus.FORBIDDEN)
    phones.forget(answer)
    return answer
