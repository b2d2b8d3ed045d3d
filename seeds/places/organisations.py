"""Departments and other organisations, communities' own teams, categories. Only what is missing is written."""

from communities.models import Category, Community, Department, DepartmentKind, SubDistrict
from seeds.places.names import english_name
from seeds.places.tables import rows

PHYSICAL = frozenset({"01", "02", "03", "08", "09", "10", "14"})
"""Top-level categories in which a solved matter can be photographed (docs/rules/issues.md#answers)."""


def load_departments(subdistrict: SubDistrict, communities: dict[str, Community]) -> dict[str, Department]:
    """All organisations by code."""
    wanted = [
        Department(
            subdistrict=subdistrict,
            community=communities[row["community"]] if row["community"] else None,
            code=row["code"],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            short_zh=row["short_zh"],
            short_en=row["short_en"],
            kind=row["kind"],
            phone=row["phone"],
        )
        for row in rows("departments")
    ]
    wanted += [_own_team(subdistrict, community) for community in communities.values()]
    present = set(subdistrict.departments.values_list("code", flat=True))
    Department.objects.bulk_create([department for department in wanted if department.code not in present])
    return {department.code: department for department in subdistrict.departments.select_related("community")}


def _own_team(subdistrict: SubDistrict, community: Community) -> Department:
    base = community.name_zh.removesuffix("社区")
    return Department(
        subdistrict=subdistrict,
        community=community,
        code=team_code(community.name_zh),
        name_zh=f"{community.name_zh}（自办）",
        name_en=f"{english_name(base)} Community (own team)",
        short_zh=f"{base}自办",
        short_en=f"{english_name(base)} team",
        kind=DepartmentKind.COMMUNITY_TEAM,
        phone=community.phone,
    )


def team_code(community_name: str) -> str:
    """The code of a community's own team: 夏东社区 → TEAM-XIADONG."""
    word = english_name(community_name.removesuffix("社区"))
    return "TEAM-" + "".join(letter for letter in word.upper() if letter.isalnum())


def load_categories(subdistrict: SubDistrict, departments: dict[str, Department]) -> dict[str, Category]:
    """All categories by code, each with its usual department, its limit and the words that suggest it."""
    words = {row["code"]: row["keywords"] for row in rows("keywords")}
    present = set(subdistrict.categories.values_list("code", flat=True))
    for top_level in (True, False):
        parents = {category.code: category for category in subdistrict.categories.filter(parent__isnull=True)}
        Category.objects.bulk_create(
            Category(
                subdistrict=subdistrict,
                parent=parents[row["parent"]] if row["parent"] else None,
                code=row["code"],
                name_zh=row["name_zh"],
                name_en=row["name_en"],
                department=departments[row["department"]],
                override=row["deadline"],
                physical=row["code"][:2] in PHYSICAL,
                keywords=words.get(row["code"], ""),
            )
            for row in rows("categories")
            if bool(row["parent"]) != top_level and row["code"] not in present
        )
    return {category.code: category for category in subdistrict.categories.select_related("department", "parent")}
