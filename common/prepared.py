"""Querysets that are compiled once: on pages that people reload, compiling costs more than the statement itself."""

from collections.abc import Callable, Hashable
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.base import ModelState
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=models.Model)


class _Quick:
    """Makes instances as ``Model.from_db`` does, by giving them their columns at once.

    Django walks over every field of the model, deferred ones too, and sends two signals, to which nothing here listens.
    """

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model

    def from_db(self, db: str, names: list[str], values: Any) -> Any:
        """The instance of one row."""
        instance = self.model.__new__(self.model)
        instance.__dict__.update(zip(names, values, strict=True))
        instance._state = state = ModelState()
        state.adding, state.db = False, db
        return instance


class _Plan:
    """The statement, where its values go, and how a row becomes an instance (as in Django's ModelIterable)."""

    def __init__(self, rows: "models.QuerySet[Any, Any]", marks: tuple[Any, ...]) -> None:
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        self.sql, params = compiler.as_sql()
        self.params = [marks.index(value) if value in marks else -1 for value in params]
        self.fixed = list(params)
        self.compiler, select, info = compiler, compiler.select or [], compiler.klass_info or {}
        self.model, fields = _Quick(info["model"]), info["select_fields"]
        self.span = slice(fields[0], fields[-1] + 1)
        self.names = [column[0].target.attname for column in select[self.span]]
        self.related = get_related_populators(info, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # stubs of Django 6
        _quicken(self.related)
        self.annotated = list((compiler.annotation_col_map or {}).items())
        self.converters = compiler.get_converters([column[0] for column in select[: compiler.col_count]])

    def values(self, given: tuple[Any, ...]) -> list[Any]:
        return [given[at] if at >= 0 else fixed for at, fixed in zip(self.params, self.fixed, strict=True)]


def _quicken(populators: list[Any]) -> None:
    for populator in populators:
        populator.model_cls = _Quick(populator.model_cls)
        _quicken(populator.related_populators)


def _read(plan: _Plan, values: list[Any]) -> list[Any]:
    """The instances; one statement."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(plan.sql, values)
        rows = cursor.fetchall()
    found = []
    for row in plan.compiler.apply_converters(rows, plan.converters) if plan.converters else rows:
        instance = plan.model.from_db(DEFAULT_DB_ALIAS, plan.names, row[plan.span])
        for populator in plan.related:
            populator.populate(row, instance)
        for name, at in plan.annotated:
            setattr(instance, name, row[at])
        found.append(instance)
    return found


class Prepared(Generic[M]):
    """``make`` gives the queryset for the ``marks``, which stand for the values of a call and occur nowhere else in it.

    For plain filters, ``annotate``, ``select_related``, ``only``, ``defer`` and ``order_by``; no prefetching.
    """

    def __init__(self, make: "Callable[..., models.QuerySet[M]]", *marks: Any) -> None:
        self._make, self._marks = make, marks

    @cached_property
    def _plan(self) -> _Plan:
        return _Plan(self._make(*self._marks), self._marks)

    def __call__(self, *values: Any) -> list[M]:
        """The instances for these values; one statement."""
        return _read(self._plan, self._plan.values(values))


class PreparedByKey:
    """Querysets that are compiled once for each key, which says all that they depend on; at most so many at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._plans: dict[Hashable, _Plan | None] = {}

    def __call__(self, key: Hashable, make: "Callable[[], models.QuerySet[M]]") -> list[M]:
        """The instances of what ``make`` asks for; one statement, none where nothing can be found."""
        if key not in self._plans:
            plan = _planned(make())
            if len(self._plans) >= self._most:
                self._plans.clear()
            self._plans[key] = plan
        plan = self._plans[key]
        return _read(plan, plan.fixed) if plan is not None else []


def _planned(rows: "models.QuerySet[Any]") -> _Plan | None:
    try:
        return _Plan(rows, ())
    except EmptyResultSet:
        return None


def attach(instance: models.Model, related_name: str, rows: list[Any]) -> None:
    """Let ``instance.<related_name>.all()`` give these rows without a statement, as after ``prefetch_related``."""
    found: models.QuerySet[Any, Any] = models.QuerySet(model=instance._meta.get_field(related_name).related_model)
    found._result_cache, found._prefetch_done = rows, True  # type: ignore[attr-defined]
    instance.__dict__.setdefault("_prefetched_objects_cache", {})[related_name] = found
