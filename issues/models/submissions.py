"""Forms that were sent: the same form sent twice does once what it is for."""

from django.conf import settings
from django.db import models

from issues.models.issue import Issue


class Submission(models.Model):
    """The key that a form carried, what it said (a keyed hash), and the issue that it made or acted on."""

    key = models.CharField(max_length=64, unique=True)
    digest = models.CharField(
        max_length=64, blank=True, default="", db_default="", help_text="'' where it was sent before this was kept"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key
