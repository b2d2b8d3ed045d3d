"""Places, organisations, people's scopes and the categories of what is raised."""

from communities.models.appointments import Appointment, AppointmentKind
from communities.models.categories import Category
from communities.models.emergencies import EmergencyWord, Severity
from communities.models.organisations import Department, DepartmentKind
from communities.models.people import Contact, Leader, LeaderKind, LeaderPlace, Membership, Messages
from communities.models.places import (
    Building,
    Community,
    CommunityKind,
    Neighbourhood,
    NeighbourhoodKind,
    SubDistrict,
    named_place,
)
from communities.models.wording import ColloquialWord

__all__ = [
    "Appointment",
    "AppointmentKind",
    "Building",
    "Category",
    "ColloquialWord",
    "Community",
    "CommunityKind",
    "Contact",
    "Department",
    "DepartmentKind",
    "EmergencyWord",
    "Leader",
    "LeaderKind",
    "LeaderPlace",
    "Membership",
    "Messages",
    "Neighbourhood",
    "NeighbourhoodKind",
    "Severity",
    "SubDistrict",
    "named_place",
]
