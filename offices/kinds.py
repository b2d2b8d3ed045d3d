"""What an office consists of, one row a kind: its places, organisations, categories and leaders.

Pages, sheets and the journal know a kind by its code. Each has one form (offices.forms), which reads what a page posts
and what a row of a sheet holds alike.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django import forms
from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from communities.models import DepartmentKind, SubDistrict
from deadlines.rules import override_words
from offices import forms as own


@dataclass(frozen=True, slots=True)
class ReferenceKind:
    """One kind of reference rows.

    ``several``: what its list is called. ``path``: from the row to its sub-district. ``listed``: the columns of its
    list. ``order`` ends with the id. ``searched``: columns in which a list looks for words; ``asks`` says so to people.
    ``related``: rows read along. ``worded``: columns whose code is put into words. ``personal``: fields of which the
    journal notes that they changed, and not to what. ``added``: fields that rows sealed earlier did not have.
    """

    code: str
    label: Promise
    several: Promise
    form: type[own.ReferenceForm]
    listed: tuple[str, ...]
    order: tuple[str, ...]
    searched: tuple[str, ...]
    asks: Promise
    path: str = "subdistrict"
    related: tuple[str, ...] = ()
    worded: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    personal: frozenset[str] = frozenset()
    added: frozenset[str] = frozenset()

    @property
    def model(self) -> type[Any]:
        """The table."""
        return self.form._meta.model

    @property
    def fields(self) -> Mapping[str, forms.Field]:
        """What the form asks for, in its order."""
        return self.form.base_fields

    def rows_of(self, office: SubDistrict) -> QuerySet[Any]:
        """All rows of this office that are edited here, retired ones too."""
        rows: QuerySet[Any] = self.model._default_manager.filter(**{self.path: office.pk}).select_related(*self.related)
        return rows.exclude(kind=DepartmentKind.COMMUNITY_TEAM) if self.code == "organisation" else rows

    def form_for(
        self, office: SubDistrict | None, row: Model | None = None, data: Mapping[str, Any] | None = None
    ) -> Any:
        """The form of ``row``, of a new one where there is none."""
        return self.form(data, instance=row, office=office)


OFFICE: Final = ReferenceKind(
    "office",
    _("街道"),
    pgettext_lazy("several", "街道"),
    own.OfficeForm,
    ("name_zh", "code"),
    ("code", "id"),
    ("name_zh",),
    _("名称、拼音首字母"),
    path="pk",
)
"""The sub-district itself, which belongs to no other."""

COMMUNITY: Final = ReferenceKind(
    "community",
    _("社区"),
    pgettext_lazy("several", "社区"),
    own.CommunityForm,
    ("name_zh", "name_en", "kind", "phone"),
    ("name_zh", "id"),
    ("name_zh", "name_en", "initials"),
    _("名称、拼音首字母"),
    added=frozenset({"address"}),
)
NEIGHBOURHOOD: Final = ReferenceKind(
    "neighbourhood",
    _("小区和街巷"),
    _("小区和街巷"),
    own.NeighbourhoodForm,
    ("name", "community", "kind"),
    ("name", "id"),
    ("name", "initials"),
    _("名称、拼音首字母"),
    related=("community",),
)
BUILDING: Final = ReferenceKind(
    "building",
    _("楼栋"),
    pgettext_lazy("several", "楼栋"),
    own.BuildingForm,
    ("neighbourhood", "name", "community", "households"),
    ("neighbourhood_id", "name", "id"),
    ("name", "neighbourhood__name", "neighbourhood__initials"),
    _("楼栋、小区、小区的拼音首字母"),
    path="community__subdistrict",
    related=("community", "neighbourhood"),
)
ORGANISATION: Final = ReferenceKind(
    "organisation",
    _("单位"),
    pgettext_lazy("several", "单位"),
    own.OrganisationForm,
    ("name_zh", "name_en", "code", "kind", "phone"),
    ("code", "id"),
    ("name_zh", "name_en", "short_zh", "code"),
    _("名称、简称、代码"),
)
CATEGORY: Final = ReferenceKind(
    "category",
    _("类别"),
    pgettext_lazy("several", "类别"),
    own.CategoryForm,
    ("code", "name_zh", "name_en", "department", "override"),
    ("code", "id"),
    ("code", "name_zh", "name_en", "keywords"),
    _("代码、名称、关键词"),
    worded={"override": override_words},
    related=("department",),
)
LEADER: Final = ReferenceKind(
    "leader",
    _("楼长、巷长、街长"),
    pgettext_lazy("several", "楼长、巷长、街长"),
    own.LeaderForm,
    ("name", "kind", "community", "phone"),
    ("id",),
    ("phone_last4", "community__name_zh"),
    _("手机后四位、社区"),
    related=("community",),
    personal=frozenset({"name", "phone"}),
)
TEXT: Final = ReferenceKind(
    "text",
    _("常用语"),
    pgettext_lazy("several", "常用语"),
    own.TextForm,
    ("label", "use", "department", "text"),
    ("id",),
    ("label", "text"),
    _("名称、内容"),
    related=("department",),
)

KINDS: Final[Mapping[str, ReferenceKind]] = {
    kind.code: kind for kind in (COMMUNITY, NEIGHBOURHOOD, BUILDING, ORGANISATION, CATEGORY, LEADER, TEXT)
}
"""In the order in which they refer to one another: a sheet is read so."""
