"""People who sign in, and the tokens that programs sign in with."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.noting import note
from accounts.sessions import StoredSession
from common.fields import EncryptedTextField

__all__ = [
    "LIFETIMES",
    "TOKEN_LIFETIME",
    "Absence",
    "ApiToken",
    "KnownDevice",
    "PasswordRecord",
    "RecoveryCode",
    "SecondFactor",
    "StoredSession",
    "TokenPurpose",
    "User",
    "UserManager",
    "issue_token",
]

TOKEN_LIFETIME = timedelta(days=90)


class TokenPurpose(models.TextChoices):
    """What a token opens: the API as its person, or nothing but the person's calendar, to read."""

    API = "api", _("程序的令牌")
    CALENDAR = "calendar", _("日历订阅")


LIFETIMES = {TokenPurpose.API: TOKEN_LIFETIME, TokenPurpose.CALENDAR: timedelta(days=365)}
"""A calendar is subscribed to once and read all year; it ends with its person's password all the same."""


class UserManager(BaseUserManager["User"]):
    """Creates accounts, and finds them however their name is spelt."""

    def named(self, folded: str) -> "models.QuerySet[User]":
        """The account with this name, in lower case as ``accounts.signing_in.folded_username`` makes it."""
        return self.annotate(folded=Lower("username")).filter(folded=folded)

    def create_user(self, username: str, password: str | None = None, **fields: object) -> "User":
        """An account with this name; without a password it cannot sign in."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """A person of the staff or a leader. Residents have no account.

    ``password_due``: somebody else knows the password, so the next sign-in has to set another one.
    """

    username = models.CharField(_("账号"), max_length=60, unique=True)
    display_name = models.CharField(_("姓名"), max_length=60)
    email = models.EmailField(_("电子邮箱"), blank=True)
    mobile = EncryptedTextField(_("手机"), blank=True, default="", db_default="")
    is_active = models.BooleanField(default=True)
    demo = models.BooleanField(default=False, db_default=False)
    password_due = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [models.UniqueConstraint(Lower("username"), name="accounts_user_name_folded")]

    def __str__(self) -> str:
        return self.username

    @property
    def works(self) -> bool:
        """Whether the account may be used: it is not closed, and none of the demonstration's where DEMO is off."""
        return self.is_active and (settings.DEMO or not self.demo)


class PasswordRecord(models.Model):
    """A password that an account had, hashed as it was: none of the last ones comes again (accounts.validators)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="password_records")
    password = models.CharField(max_length=128)
    set_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"a password of {self.user_id}"


class SecondFactor(models.Model):
    """The secret of an authenticator app; ``last_step`` is the half minute of the last code that was taken."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="second_factor")
    secret = EncryptedTextField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"second factor of {self.user_id}"


class RecoveryCode(models.Model):
    """A code that stands in for the app once; only a keyed digest is stored."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"recovery code of {self.user_id}"


class KnownDevice(models.Model):
    """A device from which an account signed in, as a keyed digest (accounts.devices)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="known_devices", db_index=False)
    digest = models.CharField(max_length=64)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="accounts_device_once")]

    def __str__(self) -> str:
        return f"device of {self.user_id}"


class PhoneInvitation(models.Model):
    """A card with a code by which a leader binds a phone, once; only the digest of the code is stored."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="phone_invitations")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="used, or another one took its place")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(ended_at__isnull=True), name="accounts_phone_invitation_one"
            ),
        ]

    def __str__(self) -> str:
        return f"invitation of a phone of {self.user_id}"


class BoundPhone(models.Model):
    """A phone on which six digits sign its leader in (accounts.phones); ``wrong``: how often in a row they were not.

    Stored are digests alone: of the secret that the phone keeps, and of the digits with that secret.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="bound_phones")
    digest = models.CharField(max_length=64, unique=True)
    pin = models.CharField(max_length=64)
    bound_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    wrong = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(ended_at__isnull=True), name="accounts_bound_phone_one"
            ),
        ]

    def __str__(self) -> str:
        return f"phone of {self.user_id}"


class ApiToken(models.Model):
    """A programme's key; only its digest is stored. It opens what its ``purpose`` says, nothing else."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_tokens")
    purpose = models.CharField(
        max_length=8, choices=TokenPurpose.choices, default=TokenPurpose.API, db_default=TokenPurpose.API.value
    )
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")), name="accounts_token_expires_later"
            ),
            models.CheckConstraint(
                condition=models.Q(purpose__in=TokenPurpose.values), name="accounts_token_purpose_known"
            ),
        ]

    def __str__(self) -> str:
        return f"token of {self.user_id}"

    @staticmethod
    def digest_of(token: str) -> str:
        """What is stored of ``token``."""
        return hashlib.sha256(token.encode()).hexdigest()


def issue_token(*, user: User, at: datetime, purpose: TokenPurpose = TokenPurpose.API) -> str:
    """A new token of ``user``, valid as LIFETIMES says; only shown here."""
    token, until = secrets.token_urlsafe(32), at + LIFETIMES[purpose]
    digest = ApiToken.digest_of(token)
    with transaction.atomic():
        row = ApiToken.objects.create(user=user, purpose=purpose, digest=digest, created_at=at, expires_at=until)
        note(user.pk, "token_made", at, token=row.pk, purpose=purpose.value)
    return token


class Absence(models.Model):
    """A person is away, and who stands in (absence cover). ``cover`` null: whoever is next in the organisation."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="absences", db_index=False)
    cover = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="accounts_absence_ends_after_start"
            ),
            models.CheckConstraint(
                condition=models.Q(cover__isnull=True) | ~models.Q(cover=models.F("user")),
                name="accounts_absence_cover_is_another",
            ),
            models.CheckConstraint(
                condition=models.Q(created_at__isnull=True, created_by__isnull=True)
                | models.Q(created_at__isnull=False, created_by__isnull=False),
                name="accounts_absence_created_pair",
            ),
            models.CheckConstraint(
                condition=models.Q(cancelled_at__isnull=True, cancelled_by__isnull=True)
                | models.Q(cancelled_at__isnull=False, cancelled_by__isnull=False),
                name="accounts_absence_cancelled_pair",
            ),
        ]
        indexes = [
            # who is away now: read by the fan-out for the recipients of a batch, and by the person's own page
            models.Index(
                fields=["user", "ends_at"],
                condition=models.Q(cancelled_at__isnull=True),
                name="accounts_absence_current",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} away from {self.starts_at:%Y-%m-%d %H:%M}"
