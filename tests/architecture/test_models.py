"""Rules of the house that every table keeps: read off the models themselves."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models
from django.db.models import CheckConstraint, ForeignKey, Model

OURS = (
    "journal",
    "accounts",
    "communities",
    "files",
    "deadlines",
    "commitments",
    "papers",
    "issues",
    "privacy",
    "meetings",
    "proposals",
    "leaders",
    "ledger",
    "door",
    "reminders",
    "api",
    "common",
)


def our_models() -> list[type[Model]]:
    return [model for label in OURS for model in apps.get_app_config(label).get_models()]


def checks(model: type[Model]) -> str:
    return " ".join(str(c.condition) for c in model._meta.constraints if isinstance(c, CheckConstraint))


def pairs() -> Iterator[tuple[type[Model], str, str]]:
    for model in our_models():
        names = {field.name for field in model._meta.get_fields()}
        for name in sorted(names):
            if name.endswith("_by") and f"{name[:-3]}_at" in names:
                yield model, f"{name[:-3]}_at", name


@pytest.mark.parametrize(("model", "at", "by"), list(pairs()), ids=lambda value: getattr(value, "__name__", value))
def test_when_and_who_are_both_set_or_both_null(model: type[Model], at: str, by: str) -> None:
    """What always has its moment may be the clock's doing and nobody's: then a check says which rows name nobody."""
    told = checks(model)
    if not model._meta.get_field(at).null:
        named = not model._meta.get_field(by).null
        assert named or f"('{by}__isnull', False)" in told, f"{model.__name__}: {by} may be missing anywhere"
        return
    for condition in (f"('{at}__isnull', True)", f"('{by}__isnull', True)", f"('{at}__isnull', False)"):
        assert condition in told, f"{model.__name__}: no constraint keeps {at} and {by} together"


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model.__name__)
def test_nothing_is_deleted_with_something_else(model: type[Model]) -> None:
    for field in model._meta.get_fields():
        if isinstance(field, ForeignKey):
            assert field.remote_field.on_delete in (models.PROTECT, models.DO_NOTHING), field


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model.__name__)
def test_no_table_has_an_order_of_its_own(model: type[Model]) -> None:
    assert model._meta.ordering == []


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model.__name__)
def test_closed_sets_are_kept_by_the_database(model: type[Model]) -> None:
    told = checks(model)
    for field in model._meta.fields:
        if field.choices:
            assert f"'{field.name}" in told, f"{model.__name__}.{field.name} has choices but no check"


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model.__name__)
def test_names_of_times_dates_and_people(model: type[Model]) -> None:
    for field in model._meta.fields:
        if isinstance(field, models.DateTimeField):
            allowed = field.name.endswith(("_at", "_from")) or field.name in ("at", "last_login", "expire_date")
            assert allowed, f"{model.__name__}.{field.name}"
        elif isinstance(field, models.DateField):
            assert field.name == "on" or field.name.endswith("_on"), f"{model.__name__}.{field.name}"


def test_reference_data_belongs_to_a_sub_district() -> None:
    for label in ("Community", "Neighbourhood", "Department", "Category", "Leader", "Contact", "Membership"):
        assert "subdistrict" in {field.name for field in apps.get_model("communities", label)._meta.fields}
    for label in ("DeadlineRule", "Deadline", "DutyShift"):
        assert "subdistrict" in {field.name for field in apps.get_model("deadlines", label)._meta.fields}
