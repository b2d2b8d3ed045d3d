"""Setting a first password by a one-time link."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.models import User
from accounts.signing_in import ACCOUNT
from common.clock import now
from journal.services import Entry, record


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
        form = context["form"]
        if form is not None:
            help_texts = {"new_password1": _("至少 10 个字符，不用常见密码，也不用账号和姓名")}
            context["fields"] = [
                {
                    "name": name,
                    "label": label,
                    "type": "password",
                    "required": True,
                    "autocomplete": "new-password",
                    "maxlength": 128,
                    "help": help_texts.get(name, ""),
                    "errors": form.errors.get(name, ()),
                }
                for name, label in (("new_password1", _("新密码")), ("new_password2", _("再输入一次")))
            ]
        return context

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        user: User = form.user
        record(
            Entry(subject_kind=ACCOUNT, subject_id=user.pk, kind="password_set", at=now(), actor_id=user.pk,
                  actor_role="none")
        )  # fmt: skip
        messages.success(self.request, _("密码已设置，请登录"))
        return answer
