"""Which departments have or had a part in an issue."""

from django.db import models
from django.db.models import Q

from communities.models import Department
from communities.models.base import in_choices
from issues.enums import DepartmentRole
from issues.models.issue import Issue


class IssueDepartment(models.Model):
    """One row per issue and department that leads, co-handles or has ever held it: what a department may see."""

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="departments", db_index=False)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=4, choices=DepartmentRole.choices)
    current = models.BooleanField(default=True)
    dispatched_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True, help_text="when a co-department answered")
    waived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["department", "issue"], name="issues_department_once"),
            models.UniqueConstraint(
                fields=["issue"], condition=Q(role="lead", current=True), name="issues_department_one_lead"
            ),
            in_choices("role", DepartmentRole, "issues_department_role"),
        ]
        indexes = [
            # the issue page's card of departments
            models.Index(fields=["issue"], name="issues_department_of_issue"),
            # a department's own list, newest first
            models.Index(fields=["department", "-issue"], name="issues_department_list"),
        ]

    def __str__(self) -> str:
        return f"{self.department_id} {self.role} of {self.issue_id}"


class Holding(models.Model):
    """How long a department was accountable for an issue: from its dispatch until the next one acknowledged.

    ``late``: the handling limit passed while this department held the issue (docs/rules/issues.md#who-holds-it).
    """

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="holdings")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+", db_index=False)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    late = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["issue"], condition=Q(until_at__isnull=True), name="issues_holding_one_current"
            ),
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | Q(until_at__gte=models.F("since_at")), name="issues_holding_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department_id} holds {self.issue_id} since {self.since_at:%Y-%m-%d %H:%M}"
