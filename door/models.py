"""What is known of people who come without an account: what they have not sent yet, and who is not let in."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.fields import EncryptedTextField
from communities.models import SubDistrict
from communities.models.base import in_choices
from door.enums import BlockKind


class KeptForm(models.Model):
    """A form that was sent and not taken yet, kept for the browser that sent it.

    ``holder`` is a keyed digest of what that browser's cookie says, ``form`` which form it is, ``key`` its idempotency
    key: two tabs are two rows. ``content`` is JSON.
    """

    holder = models.CharField(max_length=64)
    form = models.CharField(max_length=40)
    key = models.CharField(max_length=64)
    content = EncryptedTextField()
    kept_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["holder", "form", "key"], name="door_kept_form_once")]

    def __str__(self) -> str:
        return f"{self.form} {self.pk}"


class StoppedSender(models.Model):
    """A network or a telephone from which an office takes no public form until ``ends_at``.

    ``what`` is the address or the number, found by ``mark``, its keyed hash.
    """

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=BlockKind.choices)
    what = EncryptedTextField(hashed_in="mark")
    mark = models.CharField(max_length=64)
    reason = EncryptedTextField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    ends_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            in_choices("kind", BlockKind, "door_block_kind"),
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("created_at")), name="door_block_ends_later"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="door_block_lifted_pair",
            ),
        ]
        indexes = [models.Index(fields=["mark", "subdistrict"], name="door_block_mark")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
