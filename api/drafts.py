"""From the input of a create call to what the service takes."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.roles import Permission
from api import reference
from api.errors import Invalid
from api.inputs import NewIssueInput, ReportInput, checked
from common.phones import normalise_phone
from communities.access import Access
from communities.models import Building, Community, SubDistrict
from issues.enums import Kind, Source
from issues.services.creation import NewIssue
from issues.services.errors import Words


def staff_draft(data: dict[str, Any], access: Access) -> NewIssue:
    """A member of staff's or a leader's input. Raises Invalid, ValidationError."""
    values = checked(NewIssueInput, data)
    wrong: dict[str, Words] = {}
    community = _community(values["community"], access.subdistrict_ids, wrong)
    if community is None:
        raise Invalid(wrong)
    neighbourhood_id, building_id = _place(values, community, wrong)
    category_id = _category(values["category"], community, wrong)
    if wrong:
        raise Invalid(wrong)
    leads = not access.has(Permission.CREATE_ISSUE)
    return NewIssue(
        subdistrict_id=community.subdistrict_id,
        community_id=community.pk,
        category_id=category_id,
        neighbourhood_id=neighbourhood_id,
        building_id=building_id,
        leader_id=access.leader_id if leads else None,
        source=Source.LEADER if leads else values.get("source", Source.COUNTER),
        level=values.get("level", ""),
        contact_phone=values.get("contact_phone", ""),
        external_number=values.get("external_number", ""),
        **_matter(values),
    )


def public_draft(data: dict[str, Any]) -> NewIssue:
    """A resident's input. Raises Invalid, ValidationError."""
    values = checked(ReportInput, data)
    wrong: dict[str, Words] = {}
    building = None
    community = None
    if values.get("community"):
        community = _community(values["community"], _subdistricts(values.get("subdistrict"), wrong), wrong)
    if values.get("building") and not wrong:
        building = _building(values["building"], community, None, wrong)
        community = community or (building.community if building else None)
    if community is None and not wrong:
        wrong["community"] = _("请填写社区或楼栋")
    phone = _phone(values["contact_phone"], wrong)
    if wrong or community is None:
        raise Invalid(wrong)
    category_id = _category(values["category"], community, wrong) if values.get("category") else None
    if wrong:
        raise Invalid(wrong)
    return NewIssue(
        subdistrict_id=community.subdistrict_id,
        community_id=community.pk,
        category_id=category_id,
        building_id=building.pk if building else None,
        source=Source.WEB,
        contact_phone=phone,
        **_matter(values),
    )


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


def _subdistricts(code: str | None, wrong: dict[str, Words]) -> list[int] | None:
    if not code:
        return None
    ids = list(SubDistrict.objects.filter(code=code).values_list("pk", flat=True))
    if not ids:
        wrong["subdistrict"] = _("没有这个街道")
    return ids


def _community(value: str, subdistrict_ids: Any, wrong: dict[str, Words]) -> Community | None:
    try:
        return reference.community(value, subdistrict_ids=subdistrict_ids)
    except reference.NotFoundByName as error:
        wrong["community"] = error.args[0]
        return None


def _category(value: str, community: Community, wrong: dict[str, Words]) -> int | None:
    try:
        return reference.category(value, subdistrict_id=community.subdistrict_id).pk
    except reference.NotFoundByName as error:
        wrong["category"] = error.args[0]
        return None


def _place(values: dict[str, Any], community: Community, wrong: dict[str, Words]) -> tuple[int | None, int | None]:
    neighbourhood_id = None
    if values.get("neighbourhood"):
        try:
            neighbourhood_id = reference.neighbourhood(values["neighbourhood"], within=community).pk
        except reference.NotFoundByName as error:
            wrong["neighbourhood"] = error.args[0]
    building = None
    if values.get("building") and not wrong:
        building = _building(values["building"], community, neighbourhood_id, wrong)
    return neighbourhood_id, building.pk if building else None


def _building(
    value: str, community: Community | None, neighbourhood_id: int | None, wrong: dict[str, Words]
) -> Building | None:
    try:
        return reference.building(value, within=community, neighbourhood_id=neighbourhood_id)
    except reference.NotFoundByName as error:
        wrong["building"] = error.args[0]
        return None


def _phone(value: str, wrong: dict[str, Words]) -> str:
    try:
        phone = normalise_phone(value)
    except ValidationError as error:
        wrong["contact_phone"] = error.messages[0]
        return ""
    if not phone:
        wrong["contact_phone"] = _("必填")
    return phone
