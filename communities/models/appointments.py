"""Who holds a post beside the staff: part-time members, experts, mediators, from one day to another."""

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.fields import EncryptedTextField
from communities.models.base import in_choices
from communities.models.organisations import Department
from communities.models.places import Community, SubDistrict

if TYPE_CHECKING:
    from communities.access import Access


class AppointmentKind(models.TextChoices):
    """What somebody was appointed to."""

    PART_TIME = "part_time", _("兼职委员")
    REPRESENTATIVE = "representative", _("居民代表")
    EXPERT = "expert", _("专家（智库）")
    WORTHY = "worthy", _("新乡贤")
    MEDIATOR = "mediator", _("调解员")
    OWNERS_COMMITTEE = "owners", _("业委会成员")
    TEAM_LEADER = "team_leader", _("驻点直联团队负责人")


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    """Reads of appointments."""

    def visible_to(self, access: "Access") -> "AppointmentQuerySet":
        """Those of the offices in which a person works: a post is held in public."""
        if access.installation_wide:
            return self
        return self.filter(subdistrict_id__in=sorted(access.subdistrict_ids)) if access.is_staff else self.none()

    def current(self, on: date) -> "AppointmentQuerySet":
        """Whose term has begun and not ended."""
        return self.filter(Q(to_on__isnull=True) | Q(to_on__gte=on), from_on__lte=on)


class Appointment(models.Model):
    """One term of one person, or of an organisation by its name. ``post`` is what they are otherwise, by office.

    ``community`` or ``department`` is the body to which they belong; without either it is the office's. Nothing else of
    a person is kept: no party, no phone, no number of a card.
    """

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+", db_index=False)
    community = models.ForeignKey(Community, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=14, choices=AppointmentKind.choices)
    name = EncryptedTextField()
    post = models.CharField(max_length=80, blank=True, default="")
    from_on = models.DateField()
    to_on = models.DateField(null=True, help_text="the last day of the term")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        constraints = [
            in_choices("kind", AppointmentKind, "communities_appointment_kind"),
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(to_on__gte=models.F("from_on")),
                name="communities_appointment_ends_later",
            ),
            models.CheckConstraint(
                condition=Q(community__isnull=True) | Q(department__isnull=True),
                name="communities_appointment_one_body",
            ),
        ]
        indexes = [models.Index(fields=["subdistrict", "-id"], name="communities_appointments")]

    def __str__(self) -> str:
        return f"appointment {self.pk}"

    @property
    def called(self) -> str:
        """As somebody is called who is invited: the post and the name."""
        return f"{self.get_kind_display()} {self.name}"
