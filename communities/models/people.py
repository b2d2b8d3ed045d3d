"""Staff's scopes, residents as contacts, building, lane and street leaders."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.roles import ADMINISTRATORS, FORMER, OF_COMMUNITY, OF_DEPARTMENT, Role
from common.crypto import lookup_hash
from common.fields import EncryptedTextField
from common.phones import is_mobile, line_of, normalise_phone
from communities.models.base import Retirable, in_choices
from communities.models.organisations import Department
from communities.models.places import Building, Community, Neighbourhood, SubDistrict

_COMMUNITY_ROLES = [role.value for role in Role if role in OF_COMMUNITY]
_DEPARTMENT_ROLES = [role.value for role in Role if role in OF_DEPARTMENT]
_OF_INSTALLATION = [*FORMER, *(role.value for role in Role if role in ADMINISTRATORS)]


def phone_columns(phone: str) -> tuple[str, str, str]:
    """What is stored of a canonical phone: itself, the keyed hash of its line, the last four digits of its line."""
    line = line_of(phone)
    return phone, lookup_hash(line), line[-4:]


class Membership(models.Model):
    """A person's role within a scope: installation (no sub-district), sub-district, community or department."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=[(role.value, role.label) for role in Role])
    subdistrict = models.ForeignKey(SubDistrict, null=True, on_delete=models.PROTECT, related_name="memberships")
    community = models.ForeignKey(Community, null=True, on_delete=models.PROTECT, related_name="memberships")
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="memberships")
    receiving_desk = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=[*FORMER, *(role.value for role in Role)]), name="communities_membership_role"
            ),
            models.CheckConstraint(
                condition=(Q(role__in=_COMMUNITY_ROLES) & Q(community__isnull=False) & Q(department__isnull=True))
                | (Q(role__in=_DEPARTMENT_ROLES) & Q(department__isnull=False) & Q(community__isnull=True))
                | (
                    ~Q(role__in=_COMMUNITY_ROLES + _DEPARTMENT_ROLES)
                    & Q(department__isnull=True)
                    & Q(community__isnull=True)
                ),
                name="communities_membership_scope_fits_role",
            ),
            models.CheckConstraint(
                condition=Q(subdistrict__isnull=False) | Q(role__in=_OF_INSTALLATION),
                name="communities_membership_has_subdistrict",
            ),
            models.CheckConstraint(
                condition=Q(receiving_desk=False) | Q(department__isnull=False),
                name="communities_membership_desk_in_department",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "subdistrict", "community", "department"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="communities_membership_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["community", "role"], condition=Q(ended_at__isnull=True), name="comm_membership_by_community"
            ),
            models.Index(
                fields=["department", "role"], condition=Q(ended_at__isnull=True), name="comm_membership_by_dept"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class Messages(models.TextChoices):
    """Whether short messages may go to a contact's mobile; ``agreed``: about a confidential matter too."""

    ON = "on", _("可以发短信")
    AGREED = "agreed", _("同意发短信")
    OFF = "off", _("不发短信")


class Contact(models.Model):
    """A resident as a contact: name as given, phone, address.

    ``numbers``: identity and bank cards, a line each, where somebody said why they are needed (``numbers_reason``);
    else there are none. ``messages`` is "" where nothing is known of a mobile.
    """

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+")
    name = EncryptedTextField(blank=True, default="")
    phone = EncryptedTextField(blank=True, default="", hashed_in="phone_hash", as_looked_up=line_of)
    phone_hash = models.CharField(max_length=64, blank=True, default="")
    phone_last4 = models.CharField(max_length=4, blank=True, default="")
    address = EncryptedTextField(blank=True, default="")
    numbers = EncryptedTextField(blank=True, default="", db_default="")
    numbers_reason = EncryptedTextField(blank=True, default="", db_default="")
    messages = models.CharField(max_length=6, choices=Messages.choices, blank=True, default="", db_default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(phone="", phone_hash="", phone_last4="")
                | (~Q(phone="") & ~Q(phone_hash="") & ~Q(phone_last4="")),
                name="communities_contact_phone_whole",
            ),
            models.CheckConstraint(
                condition=Q(numbers="", numbers_reason="") | (~Q(numbers="") & ~Q(numbers_reason="")),
                name="communities_contact_numbers_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(messages__in=["", *Messages.values]), name="communities_contact_messages"
            ),
        ]
        indexes = [
            models.Index(fields=["phone_hash", "-id"], condition=~Q(phone_hash=""), name="comm_contact_by_phone"),
            models.Index(fields=["phone_last4", "-id"], condition=~Q(phone_last4=""), name="comm_contact_by_tail"),
        ]

    def __str__(self) -> str:
        return f"contact {self.pk}"

    @classmethod
    def of(
        cls, *, subdistrict_id: int, name: str, phone: str, address: str, at: datetime, messages: str = ""
    ) -> "Contact":
        """An unsaved contact; ``phone`` is canonical (common.phones), hash and last four digits are of its line.

        ``messages``: what was said of short messages; "" for nothing.
        """
        contact = cls(subdistrict_id=subdistrict_id, name=name, address=address, created_at=at)
        contact.phone, contact.phone_hash, contact.phone_last4 = phone_columns(phone)
        contact.messages = (messages or Messages.ON) if is_mobile(phone) else ""
        return contact


class LeaderKind(models.TextChoices):
    """What a leader looks after."""

    BUILDING = "building", _("楼长")
    LANE = "lane", _("巷长")
    STREET = "street", _("街长")


class Leader(Retirable):
    """A building, lane or street leader; may have an account."""

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="leaders")
    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="leaders")
    kind = models.CharField(max_length=8, choices=LeaderKind.choices)
    name = EncryptedTextField()
    phone = EncryptedTextField(blank=True, default="", hashed_in="phone_hash", as_looked_up=line_of)
    phone_hash = models.CharField(max_length=64, blank=True, default="", db_index=True)
    phone_last4 = models.CharField(max_length=4, blank=True, default="")
    user = models.OneToOneField(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="leader")

    class Meta:
        constraints = [in_choices("kind", LeaderKind, "communities_leader_kind")]

    def __str__(self) -> str:
        return f"{self.kind} leader {self.pk}"

    def set_phone(self, phone: str) -> None:
        """Store ``phone`` in its canonical form with the look-up hash and last four digits of its line.

        Raises ValidationError where it is no number.
        """
        self.phone, self.phone_hash, self.phone_last4 = phone_columns(normalise_phone(phone))


class LeaderPlace(models.Model):
    """A place that a leader holds; ``first`` marks the leading one of several (牵头)."""

    leader = models.ForeignKey(Leader, on_delete=models.PROTECT, related_name="places")
    building = models.ForeignKey(Building, null=True, on_delete=models.PROTECT, related_name="leader_places")
    neighbourhood = models.ForeignKey(Neighbourhood, null=True, on_delete=models.PROTECT, related_name="leader_places")
    first = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(building__isnull=False, neighbourhood__isnull=True)
                | Q(building__isnull=True, neighbourhood__isnull=False),
                name="communities_leaderplace_one_place",
            ),
            models.UniqueConstraint(
                fields=["leader", "building", "neighbourhood"],
                nulls_distinct=False,
                name="communities_leaderplace_once",
            ),
            models.UniqueConstraint(
                fields=["building"], condition=Q(first=True, building__isnull=False), name="communities_building_first"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.leader_id} holds {self.building_id or self.neighbourhood_id}"

    @property
    def place(self) -> Any:
        """The building or neighbourhood."""
        return self.building or self.neighbourhood
