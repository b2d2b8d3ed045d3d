"""Forms of signing in and of preferences."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from accounts.signing_in import HERE, SignInError, sign_in
from common.clock import now

ELDER_SIZES = ("22", "26", "30")
THEMES = ("light", "dark")
LONGEST_NAME = 60


class SignInForm(AuthenticationForm):
    """User name and password; the message never says which of the two was wrong."""

    error_messages = {
        "invalid_login": _("账号或密码不对，请重新输入"),
        "inactive": _("账号或密码不对，请重新输入"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].validators.append(MaxLengthValidator(LONGEST_NAME, self.error_messages["inactive"]))
        self.fields["username"].error_messages["required"] = _("请输入账号")
        self.fields["password"].error_messages["required"] = _("请输入密码")
        self.retry_after = 0
        self.code_due = False

    def clean(self) -> dict[str, Any]:
        """The person whose name and password these are; ``retry_after`` says that it was tried too often."""
        username, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if not username or not password or self.request is None:
            return self.cleaned_data
        try:
            self.user_cache, self.code_due = sign_in(
                request=self.request, username=username, password=password, door="page", at=now()
            )
        except SignInError as refused:
            self.retry_after = refused.retry_after or (0 if refused.left else HERE.window)
            raise self.get_invalid_login_error() from refused
        return self.cleaned_data


class PreferencesForm(forms.Form):
    """What a browser keeps in cookies. An absent field stays as it was, an empty one goes back to the default."""

    theme = forms.ChoiceField(required=False, choices=[(value, value) for value in THEMES])
    elder = forms.ChoiceField(required=False, choices=[(value, value) for value in ELDER_SIZES])
    keys = forms.ChoiceField(required=False, choices=[("on", "on"), ("off", "off")])
