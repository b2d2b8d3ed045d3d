"""The shapes of what actions take, made from the fields and the workflow table, for the OpenAPI document."""

from typing import Any

from rest_framework import serializers

from api.openapi import LARGEST_ID, LARGEST_VERSION
from api.schemas import Shape
from issues import fields
from issues.fields import field_of
from issues.workflow import MOST_FILES, TABLE


def _field_schema(action: str, name: str) -> serializers.Field[Any, Any, Any, Any]:
    field = field_of(action, name)
    options: dict[str, Any] = {"required": False}
    match field:
        case fields.Flag():
            return serializers.BooleanField(**options)
        case fields.Choice():
            return serializers.ChoiceField(field.choices.choices, **options)
        case fields.Whole(most=most):
            return serializers.IntegerField(min_value=1, max_value=most, **options)
        case fields.Day():
            return serializers.DateField(**options)
        case fields.PointInTime():
            return serializers.DateTimeField(**options)
        case fields.Codes(most=most):
            return serializers.ListField(child=serializers.CharField(max_length=60), max_length=most, **options)
    return serializers.CharField(max_length=field.longest, allow_blank=True, **options)


_OF_SEVERAL = {
    "reason": "free text; a code for reject, return and request_suspension",
    "kind": "of a draft for supervise, sign and refuse_sign; of the matter for edit",
}
"""Fields that mean different things in different actions."""


def _action_input(name: str, doc: str, **more: Any) -> type[Shape]:
    """One object with every field that any action takes; which ones an action wants stands in available_actions."""
    attributes: dict[str, Any] = {"__doc__": doc, **more}
    for row in TABLE:
        for name_of_field in (*row.required, *row.optional, "note"):
            if name_of_field not in _OF_SEVERAL:
                attributes.setdefault(name_of_field, _field_schema(row.action, name_of_field))
    for name_of_field, meaning in _OF_SEVERAL.items():
        attributes[name_of_field] = serializers.CharField(required=False, max_length=1000, help_text=meaning)
    attributes["attachments"] = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID),
        required=False,
        max_length=MOST_FILES,
        help_text="ids of files of this issue",
    )
    return type(name, (serializers.Serializer,), attributes)


ActionInput = _action_input(
    "ActionInput",
    "Any field of any action; the calls of the single actions say which is whose.",
    version=serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST_VERSION,
        help_text="the version that the caller saw; comment, cc, urge, contact, progress need none",
    ),
)
PublicActionInput = _action_input(
    "PublicActionInput",
    "The fields of a resident's action.",
    phone=serializers.CharField(
        min_length=7, max_length=40, help_text="the whole phone number that was left with the matter"
    ),
    version=serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_VERSION),
)
