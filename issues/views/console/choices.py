"""Reference rows as choices of a field, with the pinyin that the type-ahead searches."""

from functools import lru_cache
from typing import Final

from django.db.models import Q
from pypinyin import Style, lazy_pinyin

from accounts.models import User
from accounts.roles import Role
from communities.models import Category, Department, DepartmentKind
from issues.models import Issue
from issues.views.console.reading import Reader
from issues.views.console.shapes import ChoiceShape

_KIND_ORDER: Final = {kind: place for place, kind in enumerate(DepartmentKind.values)}


@lru_cache(maxsize=8192)
def pinyin_keys(text: str) -> str:
    """The initials and the full pinyin of a Chinese name: 水务 → ``sw shuiwu``."""
    syllables = lazy_pinyin(text, style=Style.NORMAL, errors="ignore")
    initials = "".join(syllable[0] for syllable in syllables if syllable)
    return f"{initials} {''.join(syllables)}".lower().strip()


def category_choices(subdistrict_ids: frozenset[int] | set[int]) -> tuple[ChoiceShape, ...]:
    """Categories that an issue can have: those of the second level, and first ones without children; one statement."""
    rows = list(
        Category.objects.filter(subdistrict_id__in=subdistrict_ids, retired_at__isnull=True)
        .select_related("parent", "department")
        .order_by("code")
    )
    parents = {row.parent_id for row in rows}
    return tuple(
        ChoiceShape(
            value=row.code,
            label=f"{row.parent.name} / {row.name}" if row.parent else row.name,
            help=row.code,
            keys=f"{row.code} {pinyin_keys(row.name_zh)}",
            department=row.department.code if row.department and row.department.kind != DepartmentKind.EXTERNAL else "",
        )
        for row in rows
        if row.pk not in parents
    )


def department_choices(
    subdistrict_ids: frozenset[int] | set[int], community_ids: frozenset[int] | set[int]
) -> tuple[ChoiceShape, ...]:
    """Organisations that can be given an issue: not external ones, of the own teams only these communities'."""
    rows = (
        Department.objects.filter(subdistrict_id__in=subdistrict_ids, retired_at__isnull=True)
        .exclude(kind=DepartmentKind.EXTERNAL)
        .filter(~Q(kind=DepartmentKind.COMMUNITY_TEAM) | Q(community_id__in=community_ids))
    )
    ordered = sorted(rows, key=lambda row: (_KIND_ORDER.get(row.kind, 99), row.code))
    return tuple(
        ChoiceShape(
            value=row.code,
            label=row.name,
            keys=f"{row.code.lower()} {pinyin_keys(row.name_zh)} {pinyin_keys(row.short_zh)}",
        )
        for row in ordered
    )


class Choices:
    """The choices of one issue's panels; a statement each, only when asked for."""

    def __init__(self, issue: Issue, reader: Reader) -> None:
        self.issue, self.reader = issue, reader

    def categories(self) -> tuple[ChoiceShape, ...]:
        """Categories of the issue's sub-district."""
        return category_choices({self.issue.subdistrict_id})

    def departments(self) -> tuple[ChoiceShape, ...]:
        """Departments of the issue's sub-district, and the own team of its community."""
        return department_choices({self.issue.subdistrict_id}, {self.issue.community_id})

    def officers(self) -> tuple[ChoiceShape, ...]:
        """Officers and heads of the lead department."""
        people = (
            User.objects.filter(
                is_active=True,
                memberships__department=self.issue.lead_department,
                memberships__role__in=[Role.OFFICER, Role.HEAD],
                memberships__ended_at__isnull=True,
            )
            .distinct()
            .order_by("username")
        )
        return tuple(
            ChoiceShape(
                value=user.username,
                label=user.display_name,
                help=user.username,
                keys=f"{user.username} {pinyin_keys(user.display_name)}",
            )
            for user in people
        )
