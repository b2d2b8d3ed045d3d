"""A form as the fields that templates print."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest

from common.clock import local
from console.kit.choices import pinyin_keys
from console.kit.shapes import ChoiceShape, ErrorItem, FieldShape
from issues.services.errors import InvalidFields
from offices import forms as own

Errors = Mapping[str, Sequence[str]]


def errors_of(refused: InvalidFields) -> dict[str, list[str]]:
    """What a service said of each field."""
    return {name: [str(words)] for name, words in refused.fields.items()}


def shapes_of(form: forms.BaseForm, errors: Errors, *, rows: int | None = None) -> list[FieldShape]:
    """The fields that are asked for, in their order, with what stands in them."""
    asked = ((name, field) for name, field in form.fields.items() if not field.disabled)
    return [_shape(form, name, field, errors.get(name, ()), rows) for name, field in asked]


def error_items(form_fields: Sequence[FieldShape], errors: Errors) -> list[ErrorItem]:
    """What is wrong, for the summary above the form."""
    labels = {field.name: field.label for field in form_fields}
    return [
        ErrorItem(field_id=f"id_{name}" if name in labels else "", label=labels.get(name, ""), message=text)
        for name, texts in errors.items()
        for text in texts
    ]


def words_typed(request: HttpRequest, labels: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Text that was typed into a form that cannot be shown again, to be copied: label and words."""
    found = [(label, request.POST.get(name, "").strip()) for name, label in labels]
    return [{"label": label, "text": text} for label, text in found if text]


def _shape(form: forms.BaseForm, name: str, field: forms.Field, errors: Sequence[str], rows: int | None) -> FieldShape:
    value: Any = form[name].value()
    if isinstance(value, datetime):
        value = f"{local(value):%Y-%m-%dT%H:%M}"
    return FieldShape(
        name,
        str(field.label),
        _type_of(field),
        "" if value is None else value,
        required=field.required,
        help=str(field.help_text),
        errors=errors,
        maxlength=getattr(field, "max_length", None),
        rows=rows,
        choices=_choices(field),
        autocomplete="off",
    )


def _type_of(field: forms.Field) -> str:
    if isinstance(field, forms.ModelChoiceField):
        return "department"
    if isinstance(field, forms.ChoiceField):
        return "select"
    if isinstance(field, own.YesNo):
        return "checkbox"
    if isinstance(field, own.OfficeNumber):
        return "tel"
    if isinstance(field, forms.DateTimeField):
        return "datetime"
    if isinstance(field, forms.IntegerField):
        return "number"
    if isinstance(field, forms.EmailField):
        return "email"
    return "textarea" if isinstance(field.widget, forms.Textarea) else "text"


def _choices(field: forms.Field) -> tuple[ChoiceShape, ...]:
    if isinstance(field, forms.ModelChoiceField):
        key = field.to_field_name or "pk"
        return tuple(
            ChoiceShape(value=str(getattr(row, key)), label=row.name, keys=pinyin_keys(row.name_zh))
            for row in field.queryset or ()
        )
    return tuple(ChoiceShape(value=code, label=label) for code, label in own.options_of(field))
