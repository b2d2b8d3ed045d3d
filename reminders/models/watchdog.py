"""Whether the periodic jobs run."""

from django.db import models


class Watchdog(models.Model):
    """The last run of one periodic job. ``finished_at`` before ``started_at``: running, or it died."""

    job = models.CharField(max_length=40, primary_key=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    result = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.job
