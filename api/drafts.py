"""From the input of a create call to what the service takes."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.roles import Permission
from api import reference
from api.errors import InvalidInput
from api.inputs import NewIssueInput, ReportInput, cleaned_values
from api.reference import Where
from common.phones import normalise_phone
from communities.access import Access
from issues.enums import Kind, Source
from issues.services.creation import NewIssue


def staff_draft(data: dict[str, Any], access: Access) -> NewIssue:
    """A member of staff's or a leader's input. Raises Invalid, ValidationError."""
    values = cleaned_values(NewIssueInput, data)
    found = _resolve(values, None if access.installation_wide else list(access.subdistrict_ids))
    leads = not access.has(Permission.CREATE_ISSUE)
    return NewIssue(
        subdistrict_id=found.subdistrict_id,
        community_id=found.community_id,
        category_id=found.category_id,
        neighbourhood_id=found.neighbourhood_id,
        building_id=found.building_id,
        leader_id=access.leader_id if leads else None,
        source=Source.LEADER if leads else values.get("source", Source.COUNTER),
        level=values.get("level", ""),
        contact_phone=values.get("contact_phone", ""),
        external_number=values.get("external_number", ""),
        external_due_at=values.get("external_due_at"),
        **_matter(values),
    )


def public_draft(data: dict[str, Any]) -> NewIssue:
    """A resident's input. Raises Invalid, ValidationError."""
    values = cleaned_values(ReportInput, data)
    phone = _phone(values["contact_phone"])
    if not values.get("community") and not values.get("building"):
        raise InvalidInput({"community": _("请填写社区或楼栋")})
    subdistricts = None
    if values.get("subdistrict"):
        try:
            subdistricts = reference.subdistrict_ids(values["subdistrict"])
        except reference.UnknownNameError as error:
            raise InvalidInput({"subdistrict": error.args[0]}) from error
    found = _resolve(values, subdistricts)
    return NewIssue(
        subdistrict_id=found.subdistrict_id,
        community_id=found.community_id,
        category_id=found.category_id,
        building_id=found.building_id,
        source=Source.WEB,
        contact_phone=phone,
        **_matter(values),
    )


def _resolve(values: dict[str, Any], subdistrict_ids: list[int] | None) -> reference.FoundIds:
    names = {name: values.get(name) or "" for name in ("community", "category", "neighbourhood", "building")}
    try:
        return reference.resolve(Where(**names), subdistrict_ids=subdistrict_ids)
    except reference.UnknownNamesError as error:
        raise InvalidInput(error.fields) from error


def _matter(values: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": values["description"],
        "title": values.get("title", ""),
        "kind": values.get("kind", Kind.HELP),
        "address": values.get("address", ""),
        "occurred_at": values.get("occurred_at"),
        "contact_name": values.get("contact_name", ""),
        "contact_address": values.get("contact_address", ""),
        "confidential": values.get("confidential"),
    }


def _phone(value: str) -> str:
    try:
        phone = normalise_phone(value)
    except ValidationError as error:
        raise InvalidInput({"contact_phone": error.messages[0]}) from error
    if not phone:
        raise InvalidInput({"contact_phone": _("必填")})
    return phone
