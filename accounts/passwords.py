"""Setting a first password by a one-time link."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN
from django.forms import BaseForm
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.models import User
from accounts.own import set_password
from common.clock import now


@method_decorator([login_not_required, never_cache, sensitive_post_parameters()], name="dispatch")
class InvitationView(auth_views.PasswordResetConfirmView):
    """``/invitation/<code>/<token>/``: the link works once; what it shows afterwards says where to get another."""

    template_name = "accounts/invitation.html"
    success_url = reverse_lazy("login")

    def get_user(self, uidb64: str) -> User | None:
        """The invited person; nobody whose account does not work here."""
        user = super().get_user(uidb64)
        return user if isinstance(user, User) and user.works else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The fields as templates/components/field.html reads them."""
        context = super().get_context_data(**kwargs)
        if context["form"] is not None:
            names = (("new_password1", _("新密码")), ("new_password2", _("再输入一次")))
            context["fields"] = password_fields(context["form"], names)
        return context

    def form_valid(self, form: Any) -> HttpResponse:
        """The invited person's own password; the link is spent with it."""
        set_password(form.user, form.cleaned_data["new_password1"], at=now())
        self.request.session.pop(INTERNAL_RESET_SESSION_TOKEN, None)
        messages.success(self.request, _("密码已设置，请登录"))
        return HttpResponseRedirect(str(self.success_url))


def password_fields(form: BaseForm, names: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Fields of passwords as templates/components/field.html reads them."""
    help_texts = {"new_password1": _("至少 10 个字符，不用常见密码，也不用账号和姓名")}
    return [
        {
            "name": name,
            "label": label,
            "type": "password",
            "required": True,
            "autocomplete": "current-password" if name == "old_password" else "new-password",
            "maxlength": 128,
            "help": help_texts.get(name, ""),
            "errors": form.errors.get(name, ()),
        }
        for name, label in names
    ]
