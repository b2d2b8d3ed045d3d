"""One errand. Ids instead of foreign keys: its table is made before those of the product."""

from django.db import models


class Errand(models.Model):
    """A department is sent for something."""

    subdistrict_id = models.BigIntegerField()
    department_id = models.BigIntegerField()
    title = models.CharField(max_length=80)
    level = models.CharField(max_length=10, default="normal")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "errands"

    def __str__(self) -> str:
        return self.title

    @property
    def number(self) -> str:
        """What names it to people."""
        return f"跑腿-{self.pk}"
