"""From the input of a create call to what the service takes."""

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.roles import Permission
from api import reference
from api.errors import InvalidInput
from api.inputs import NewIssueInput, ReportInput, cleaned_values
from api.reference import Where
from common.phones import normalise_phone
from communities.access import Access
from issues.enums import Source
from issues.fields import MATTER
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
        **_as_given(values) | ({"source": Source.LEADER} if leads else {}),
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
        **_as_given(values) | {"source": Source.WEB, "contact_phone": phone},
    )


def _resolve(values: dict[str, Any], subdistrict_ids: list[int] | None) -> reference.FoundIds:
    names = {name: values.get(name) or "" for name in ("community", "category", "neighbourhood", "building")}
    try:
        return reference.resolve(Where(**names), subdistrict_ids=subdistrict_ids)
    except reference.UnknownNamesError as error:
        raise InvalidInput(error.fields) from error


_LOOKED_UP: Final = frozenset({"community", "category", "neighbourhood", "building"})


def _as_given(values: dict[str, Any]) -> dict[str, Any]:
    """What goes to the service as it came; what nobody named has its default there."""
    return {name: values[name] for name in MATTER if name in values and name not in _LOOKED_UP}


def _phone(value: str) -> str:
    try:
        phone = normalise_phone(value)
    except ValidationError as error:
        raise InvalidInput({"contact_phone": error.messages[0]}) from error
    if not phone:
        raise InvalidInput({"contact_phone": _("必填")})
    return phone
