"""What still needs a reference row: it is not taken out of use before that is somewhere else."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import ngettext

from communities.models import Building, Category, Community, Department, Membership, Neighbourhood
from issues.models import Issue, IssueDepartment

CAP: Final = 1000
"""Counts go no further than this."""


def uses_of(kind: str, row: Any) -> list[str]:
    """In words, what holds the row in use; [] where nothing does. A handful of statements."""
    return [words for words in _USES.get(kind, _nothing)(row) if words]


def _nothing(row: Any) -> list[str]:
    return []


def _of_community(row: Community) -> list[str]:
    return [
        matters_said(Issue.objects.open().filter(community=row)),
        _places(Neighbourhood.objects.filter(community=row, retired_at__isnull=True)),
        _people(Membership.objects.filter(community=row, ended_at__isnull=True)),
    ]


def _of_neighbourhood(row: Neighbourhood) -> list[str]:
    return [
        matters_said(Issue.objects.open().filter(neighbourhood=row)),
        _places(Building.objects.filter(neighbourhood=row, retired_at__isnull=True)),
    ]


def _of_building(row: Building) -> list[str]:
    return [matters_said(Issue.objects.open().filter(building=row))]


def _of_organisation(row: Department) -> list[str]:
    held = IssueDepartment.objects.filter(department=row, current=True, issue__in=Issue.objects.open())
    usual = Category.objects.filter(department=row, retired_at__isnull=True)
    return [
        matters_said(held),
        _people(Membership.objects.filter(department=row, ended_at__isnull=True)),
        said(number_of(usual), lambda n: ngettext("%(n)s 个类别通常派往这里", "%(n)s 个类别通常派往这里", n)),
    ]


def _of_category(row: Category) -> list[str]:
    below = Category.objects.filter(parent=row, retired_at__isnull=True)
    return [
        matters_said(Issue.objects.open().filter(category=row)),
        said(number_of(below), lambda n: ngettext("%(n)s 个小类", "%(n)s 个小类", n)),
    ]


_USES: Final[Mapping[str, Callable[[Any], list[str]]]] = {
    "community": _of_community,
    "neighbourhood": _of_neighbourhood,
    "building": _of_building,
    "organisation": _of_organisation,
    "category": _of_category,
}


def number_of(rows: QuerySet[Any]) -> int:
    """How many rows, counted to CAP."""
    return rows.order_by().values("pk")[:CAP].count()


def matters_said(rows: QuerySet[Any]) -> str:
    return said(number_of(rows), lambda n: ngettext("%(n)s 件未办结的诉求", "%(n)s 件未办结的诉求", n))


def _places(rows: QuerySet[Any]) -> str:
    return said(number_of(rows), lambda n: ngettext("%(n)s 处下级地点", "%(n)s 处下级地点", n))


def _people(rows: QuerySet[Any]) -> str:
    return said(number_of(rows), lambda n: ngettext("%(n)s 名工作人员", "%(n)s 名工作人员", n))


def said(number: int, words: Callable[[int], str]) -> str:
    """``words`` with the number in them; "" for none."""
    return words(number) % {"n": f"{number}+" if number == CAP else number} if number else ""
