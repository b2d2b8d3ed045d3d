"""What one person has to do with one issue: the tabs 已办 and 关注 of the inbox."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from issues.models.issue import Issue


class Participation(models.Model):
    """A person who acted on an issue or follows it."""

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="participations", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    acted_at = models.DateTimeField(null=True)
    watching = models.BooleanField(default=False)
    copied_at = models.DateTimeField(null=True, help_text="抄送: somebody drew this person's attention to it")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "issue"], name="issues_participation_once")]
        indexes = [
            # tab 已办
            models.Index(
                fields=["user", "-issue"], condition=Q(acted_at__isnull=False), name="issues_participation_done"
            ),
            # tab 抄送我的
            models.Index(
                fields=["user", "-issue"], condition=Q(copied_at__isnull=False), name="issues_participation_copied"
            ),
            # tab 关注
            models.Index(fields=["user", "-issue"], condition=Q(watching=True), name="issues_participation_watch"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.issue_id}"
