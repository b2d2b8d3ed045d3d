"""Whether the periodic jobs run."""

from django.db import models


class Watchdog(models.Model):
    """The last run of one periodic job: its last start, its last good end, its last failure and of what kind.

    Both ends before ``started_at``: it is running, or it died. ``result`` is that of the last good end.
    """

    job = models.CharField(max_length=40, primary_key=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=120, blank=True, default="", db_default="")
    result = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.job
