"""Reference rows as choices of a field, with the pinyin that the type-ahead searches."""

from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import OF_DEPARTMENT, Role
from common import dates
from communities.models import Category, Department, DepartmentKind, Membership
from communities.presence import NO_STAFF, Presence, load_absences, load_staffing
from communities.word_list import WordList, word_list
from console.kit.reading import Reader
from console.kit.shapes import ChoiceShape
from issues.enums import Action, Status
from issues.likeness import windows_of
from issues.models import Issue
from issues.querysets import posts_that_see

_NEAR_DAYS: Final = timedelta(days=90)
_COMPARED: Final = 80
_OFFERED: Final = 6
_KIND_ORDER: Final = {kind: place for place, kind in enumerate(DepartmentKind.values)}


@lru_cache(maxsize=8192)
def pinyin_keys(text: str) -> str:
    """The initials and the full pinyin of a Chinese name: 水务 → ``sw shuiwu``."""
    from pypinyin import Style, lazy_pinyin  # reads 50,000 phrases when it is loaded: half a second

    syllables = lazy_pinyin(text, style=Style.NORMAL, errors="ignore")
    initials = "".join(syllable[0] for syllable in syllables if syllable)
    return f"{initials} {''.join(syllables)}".lower().strip()


def row_choices(rows: Iterable[Any], value: str = "pk") -> tuple[ChoiceShape, ...]:
    """Reference rows by their names, in the order in which they come; ``value`` is the column that names one."""
    return tuple(ChoiceShape(str(getattr(row, value)), row.name, keys=_keys_of(row)) for row in rows)


def _keys_of(row: Any) -> str:
    return f"{pinyin_keys(row.name_zh)} {pinyin_keys(getattr(row, 'short_zh', ''))}".strip()


def pair_choices(pairs: Iterable[tuple[Any, Any]]) -> tuple[ChoiceShape, ...]:
    """Codes with their labels, as ``TextChoices.choices`` has them."""
    return tuple(ChoiceShape(str(code), str(label)) for code, label in pairs)


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
    return _as_choices(rows)


def _as_choices(rows: QuerySet[Department]) -> tuple[ChoiceShape, ...]:
    ordered = sorted(rows, key=lambda row: (_KIND_ORDER.get(row.kind, 99), row.code))
    return tuple(
        ChoiceShape(
            value=row.code,
            label=row.name,
            keys=f"{row.code.lower()} {pinyin_keys(row.name_zh)} {pinyin_keys(row.short_zh)}",
        )
        for row in ordered
    )


class IssueChoices:
    """The choices of one issue's panels; a statement each, only when asked for."""

    def __init__(self, issue: Issue, reader: Reader) -> None:
        self.issue, self.reader = issue, reader
        self.places_url = reverse("console-places")

    def categories(self) -> tuple[ChoiceShape, ...]:
        """Categories of the issue's sub-district."""
        return category_choices({self.issue.subdistrict_id})

    def departments(self, action: str) -> tuple[ChoiceShape, ...]:
        """The organisations that ``action`` may name: docs/rules/issues.md#who-may-be-named."""
        issue = self.issue
        rows = Department.objects.filter(subdistrict_id=issue.subdistrict_id, retired_at__isnull=True)
        own = Q(community_id=issue.community_id)
        match action:
            case Action.TRANSFER_OUT:
                return _as_choices(rows.filter(kind=DepartmentKind.EXTERNAL))
            case Action.WAIVE_DEPARTMENT:
                return _as_choices(rows.filter(pk__in=issue.co_waiting_ids))
            case Action.RETURN:
                taken = {issue.lead_department_id}
            case Action.ADD_DEPARTMENT:
                taken = {issue.lead_department_id, *issue.co_department_ids}
                rows = rows.exclude(kind=DepartmentKind.EXTERNAL)
            case Action.CC:
                taken = {issue.lead_department_id, *issue.co_department_ids}
                rows, own = rows.exclude(kind=DepartmentKind.EXTERNAL), Q(pk__isnull=False)
            case _:
                taken = {issue.lead_department_id}
                rows = rows.exclude(kind=DepartmentKind.EXTERNAL)
        offered = rows.filter(~Q(kind=DepartmentKind.COMMUNITY_TEAM) | own)
        return _as_choices(offered.exclude(pk__in=[pk for pk in taken if pk is not None]))

    def people(self) -> tuple[ChoiceShape, ...]:
        """Who may be copied in: everybody with a desk whose scope shows the issue, grouped by where they work."""
        now = self.reader.now
        rows = (
            Membership.objects.filter(posts_that_see(self.issue), ended_at__isnull=True, user__is_active=True)
            .exclude(user_id=self.reader.user.pk)
            .select_related("user", "community", "department", "subdistrict")
            .order_by("community_id", "department_id", "role", "user__username")
        )
        presence = Presence({row.user_id: row.user.display_name for row in rows}, load_absences(now, now))
        found: dict[str, ChoiceShape] = {}
        for row in rows:
            place = row.department or row.community or row.subdistrict
            name, role = row.user.display_name, str(Role(row.role).label)
            found.setdefault(
                row.user.username,
                ChoiceShape(
                    value=row.user.username,
                    label=name,
                    help=" · ".join(part for part in (role, presence.remark(row.user_id, now)) if part),
                    keys=f"{row.user.username} {pinyin_keys(name)} {pinyin_keys(place.name) if place else ''}",
                    group=place.name if place else "",
                ),
            )
        return tuple(found.values())

    def masters(self) -> tuple[ChoiceShape, ...]:
        """Open issues that this one may belong to: same place first, then the same category nearby; newest first."""
        issue = self.issue
        rows = Issue.objects.visible_to(self.reader.access).open().exclude(pk=issue.pk)
        near = Q(community_id=issue.community_id)
        if issue.neighbourhood_id is not None:
            near &= Q(neighbourhood_id=issue.neighbourhood_id) | Q(category_id=issue.category_id)
        found = rows.filter(near, created_at__gte=self.reader.now - _NEAR_DAYS).select_related(
            "category", "neighbourhood", "building", "lead_department"
        )
        said = word_list(issue.subdistrict_id)
        title = windows_of(issue.title, said)
        scored = sorted(
            found.defer("lexemes").order_by("-id")[:_COMPARED],
            key=lambda row: (-_closeness(row, issue) - _shared(row, title, said), -row.pk),
        )
        return tuple(ChoiceShape(value=row.number, label=row.title, help=_about(row)) for row in scored[:_OFFERED])

    def officers(self) -> tuple[ChoiceShape, ...]:
        """Officers and heads of the lead department; beside who is away stands who does it instead."""
        lead = self.issue.lead_department_id
        people = User.objects.filter(
            is_active=True,
            memberships__department=lead,
            memberships__role__in=OF_DEPARTMENT,
            memberships__ended_at__isnull=True,
        ).distinct()
        staff = load_staffing([lead] if lead else [], [], self.reader.now).get(("department", lead or 0), NO_STAFF)
        return tuple(
            ChoiceShape(
                value=user.username,
                label=user.display_name,
                help=" · ".join(part for part in (user.username, staff.remark(user.pk)) if part),
                keys=f"{user.username} {pinyin_keys(user.display_name)}",
            )
            for user in people.order_by("username")
        )


def _closeness(row: Issue, issue: Issue) -> int:
    """How likely two matters are one by place and category."""
    same_place = row.neighbourhood_id is not None and row.neighbourhood_id == issue.neighbourhood_id
    same_building = row.building_id is not None and row.building_id == issue.building_id
    return 3 * same_place + 2 * same_building + 3 * (row.category_id == issue.category_id)


def _shared(row: Issue, title: frozenset[str], said: WordList) -> int:
    """The same by the words of their titles."""
    return min(len(windows_of(row.title, said) & title), 6)


def _about(row: Issue) -> str:
    place = row.neighbourhood.name if row.neighbourhood else "" if row.confidential else row.address[:20]
    building = row.building.name if row.building else ""
    department = row.lead_department.short_name if row.lead_department else ""
    status = str(Status(row.status).label)
    persons = _("共%(n)d人反映") % {"n": row.persons} if row.persons > 1 else ""
    parts = (row.number, f"{place} {building}".strip(), status, department, dates.day(row.created_at), persons)
    return " · ".join(part for part in parts if part)
