"""A form of a record on personal information as the fields that templates print."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms

from common.clock import local
from console.kit.shapes import ErrorItem, FieldShape


def shapes_of(form: forms.BaseForm, wrong: Mapping[str, str]) -> list[FieldShape]:
    """The fields that are asked for, in their order, with what stands in them."""
    return [_shape(form, name, field, wrong) for name, field in form.fields.items() if not field.disabled]


def error_items(fields: list[FieldShape], wrong: Mapping[str, str]) -> list[ErrorItem]:
    """What is wrong, for the summary above the form."""
    labels = {field.name: field.label for field in fields}
    return [
        ErrorItem(f"id_{name}" if name in labels else "", labels.get(name, ""), text) for name, text in wrong.items()
    ]


def _shape(form: forms.BaseForm, name: str, field: forms.Field, wrong: Mapping[str, str]) -> FieldShape:
    value: Any = form[name].value()
    if isinstance(value, datetime):
        value = f"{local(value):%Y-%m-%dT%H:%M}"
    return FieldShape(
        *(name, str(field.label), _type_of(field), "" if value is None else value),
        required=field.required,
        help=str(field.help_text),
        errors=(wrong[name],) if name in wrong else (),
        maxlength=getattr(field, "max_length", None),
        rows=3,
        autocomplete="off",
    )


def _type_of(field: forms.Field) -> str:
    if isinstance(field, forms.DateTimeField):
        return "datetime"
    if isinstance(field, forms.IntegerField):
        return "number"
    return "textarea" if isinstance(field.widget, forms.Textarea) else "text"
