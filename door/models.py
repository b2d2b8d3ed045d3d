"""What is known of people who come without an account, for a day at most."""

from django.db import models

from common.fields import EncryptedTextField


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
