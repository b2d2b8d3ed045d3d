"""What is kept about the rows that an office consists of."""

from django.db import models


class RowSeal(models.Model):
    """A keyed digest of one reference row as the services last wrote it; see offices.sealing."""

    kind = models.CharField(max_length=32)
    row_id = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "row_id"], name="offices_seal_once")]

    def __str__(self) -> str:
        return f"seal of {self.kind} {self.row_id}"
