"""What a new password must not be, beside what Django's validators say."""

from typing import Final

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import PasswordRecord, User
from common.clock import now

LEFT: Final = 6
"""So many characters of a password are neither the account's name nor the person's."""
KEPT: Final = 5
"""So many passwords back, the present one among them, none is taken again."""


class NotOfOwnNames:
    """More than the account's name and the person's, however often they stand in it."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError."""
        rest = password.lower()
        for name in (user.username, user.display_name) if user is not None else ():
            rest = rest.replace(name.lower(), "") if name else rest
        if len(rest) < LEFT and rest != password.lower():
            raise ValidationError(self.get_help_text(), code="password_of_names")

    def get_help_text(self) -> str:
        return _("除账号和姓名外，至少还要有%(n)d个字符") % {"n": LEFT}


class NotUsedBefore:
    """None of the last passwords of the account."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError."""
        if user is None or user.pk is None:
            return
        records = PasswordRecord.objects.filter(user=user).order_by("-id").values_list("password", flat=True)[:KEPT]
        if any(check_password(password, known) for known in {user.password, *records}):
            raise ValidationError(_("不能与最近用过的%(n)d个密码相同") % {"n": KEPT}, code="password_used")

    def password_changed(self, password: str, user: User | None = None) -> None:
        """Remember it; older ones than are compared go."""
        if user is None or user.pk is None:
            return
        PasswordRecord.objects.create(user=user, password=user.password, set_at=now())
        kept = PasswordRecord.objects.filter(user=user).order_by("-id").values("pk")[:KEPT]
        PasswordRecord.objects.filter(user=user).exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()

    def get_help_text(self) -> str:
        return _("不能与最近用过的%(n)d个密码相同") % {"n": KEPT}
