"""What the API itself keeps."""

from django.db import models

from common.fields import EncryptedTextField


class IdempotencyRecord(models.Model):
    """The first answer to a POST that carried an Idempotency-Key; a repeat within 30 days is answered from it.

    ``scope`` is the user, or "public" for callers without an account. ``digest`` is a keyed hash of method, path and
    body; the answer is encrypted, for it may hold a secret link. ``status`` is 0 while the first request runs, which no
    other transaction ever sees.
    """

    scope = models.CharField(max_length=32)
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    status = models.SmallIntegerField(default=0)
    body = EncryptedTextField(default="", blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="api_idempotency_once")]

    def __str__(self) -> str:
        return f"{self.scope}: {self.key}"
