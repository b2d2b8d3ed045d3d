"""Forms of the rows an office consists of: the same for a page and for a row of a sheet.

A row is named by what people call it: a community by its name, an organisation and a category by their codes.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from common.crypto import lookup_hashes
from common.phones import comparable_phone, line_of, normalise_phone
from common.plain import visible
from common.texts import kept_text
from communities import naming
from communities.models import (
    Building,
    Category,
    Community,
    CommunityKind,
    Department,
    DepartmentKind,
    Leader,
    LeaderKind,
    LeaderPlace,
    Neighbourhood,
    NeighbourhoodKind,
    SubDistrict,
)
from communities.models.people import phone_columns
from deadlines.rules import Override, OverrideError
from issues.models import Issue
from offices.models import TextModule, TextUse

_CODE: Final = re.compile(r"[A-Z][A-Z0-9-]{1,39}", re.ASCII)
_STATISTICAL: Final = re.compile(r"[0-9]{12}", re.ASCII)
_CATEGORY_CODE: Final = re.compile(r"[0-9]{2}(?:[0-9]{2})?", re.ASCII)
_DIALLED: Final = re.compile(r"[0-9+][0-9 +()-]{2,29}", re.ASCII)
_MOST_DIALLED: Final = 15
"""Digits of a telephone number (ITU-T E.164); an extension is told in words."""
_AREA: Final = re.compile(r"[^\W\d_][^\W_]{0,19}")


class OneLine(forms.CharField):
    """Text of one line without characters that show nothing."""

    def to_python(self, value: Any) -> str:
        return " ".join(visible(str(value)).split()) if value is not None else ""


class OfficeNumber(OneLine):
    """A telephone number of an office, as it is printed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=30, **kwargs)

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not (_DIALLED.fullmatch(value) and sum(map(str.isdigit, value)) <= _MOST_DIALLED):
            raise ValidationError(_("请填写电话号码，例如 0757-00001234"))


class YesNo(forms.Field):
    """Yes or no: ticked on a page, 是 or 否 in a sheet."""

    widget = forms.TextInput
    _YES: Final = frozenset({"true", "on", "1", "是", "有", "yes", "y", "√", "✓"})
    _NO: Final = frozenset({"", "false", "0", "否", "无", "no", "n", "none"})

    def to_python(self, value: Any) -> bool:
        text = str(value if value is not None else "").strip().lower()
        if text in self._YES:
            return True
        if text in self._NO:
            return False
        raise ValidationError(_("请填写“是”或“否”"))

    def validate(self, value: Any) -> None:
        """Both are answers."""


class Labelled(forms.ChoiceField):
    """One of an enumeration: its value, or what people call it (in a sheet), in whatever language they read pages."""

    def to_python(self, value: Any) -> str:
        text: str = super().to_python(value).strip()
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                code = next((code for code, label in options_of(self) if text == label), "")
            if code:
                return code
        return text


def options_of(field: forms.Field | None) -> list[tuple[str, str]]:
    """The codes of an enumeration and what people call them; [] where the field is none."""
    if not isinstance(field, forms.ChoiceField) or isinstance(field, forms.ModelChoiceField):
        return []
    choices: Any = field.choices
    return [(str(code), str(label)) for code, label in choices]


class ReferenceForm(forms.ModelForm):  # type: ignore[type-arg]
    """One row of ``office``. ``fixed``: fields that are asked for a new row only, and stay."""

    fixed: ClassVar[frozenset[str]] = frozenset()
    of_office: ClassVar[Mapping[str, str]] = {}
    """Field that chooses a row → the path of its table to the sub-district."""

    def __init__(self, *args: Any, office: SubDistrict | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.office = office
        for name in self.fixed if self.instance.pk else ():
            del self.fields[name]
        if office is not None and hasattr(self.instance, "subdistrict_id"):
            self.instance.subdistrict = office
        for name, path in self.of_office.items():
            field: Any = self.fields[name]
            if held := getattr(self.instance, name) if getattr(self.instance, f"{name}_id") else None:
                self.initial[name] = getattr(held, field.to_field_name or "pk")
            field.queryset = self.choosable(name, field.queryset.filter(**{path: office}))

    @classmethod
    def key_of(cls, values: Mapping[str, str]) -> dict[str, Any]:
        """By what a row of a sheet finds the row that is there: lookups of the table."""
        raise NotImplementedError

    def choosable(self, name: str, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows that this field offers: those that are in use, and the one that stands there."""
        held = getattr(self.instance, f"{name}_id", None)
        present = rows.filter(retired_at__isnull=True)
        return present | rows.filter(pk=held) if held else present

    def _get_validation_exclusions(self) -> set[str]:
        """Uniqueness within the office counts, though the page does not ask for the office."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"subdistrict"}

    def clean(self) -> dict[str, Any]:
        return super().clean() or {}

    def _update_errors(self, errors: Any) -> None:
        """A row that is there already is said in words of the page, not of the tables."""
        for listed in getattr(errors, "error_dict", {"": getattr(errors, "error_list", [])}).values():
            for error in listed:
                if error.code in ("unique", "unique_together"):
                    error.message, error.params = _("已有相同的，请核对名称和代码"), None
        super()._update_errors(errors)  # type: ignore[misc]

    def follow(self, row: Any) -> None:
        """Write what belongs to the row in other tables, after it was saved."""


class OfficeForm(ReferenceForm):
    """街道: names, the word in numbers, the duty telephone."""

    name_zh = OneLine(label=_("名称"), max_length=120)
    name_en = OneLine(label=_("英文名称"), max_length=160, required=False)
    code = OneLine(label=_("代码"), max_length=20, help_text=_("大写拼音，例如 GUICHENG"))
    area = OneLine(label=_("编号用字"), max_length=20, help_text=_("诉求编号的开头，例如“桂城”；编号用过以后不能改"))
    duty_phone = OfficeNumber(label=_("值班电话"))

    class Meta:
        model = SubDistrict
        fields = ("name_zh", "name_en", "code", "area", "duty_phone")

    fixed = frozenset({"code"})

    @classmethod
    def key_of(cls, values: Mapping[str, str]) -> dict[str, Any]:
        return {"code__iexact": values["code"]}

    def clean_code(self) -> str:
        code = _code(self.cleaned_data["code"])
        if SubDistrict.objects.filter(code__iexact=code).exists():
            raise ValidationError(_("这个代码已经有街道使用"))
        return code

    def clean_area(self) -> str:
        area: str = self.cleaned_data["area"]
        if not _AREA.fullmatch(area):
            raise ValidationError(_("以文字开头，只能用文字和数字"))
        changed = self.instance.pk and "area" in self.changed_data
        if changed and Issue.objects.filter(subdistrict_id=self.instance.pk).exists():
            raise ValidationError(_("已在使用，不能修改"))
        return area


class CommunityForm(ReferenceForm):
    """社区."""

    name_zh = OneLine(label=_("名称"), max_length=120)
    name_en = OneLine(label=_("英文名称"), max_length=160, required=False)
    kind = Labelled(label=_("类型"), choices=CommunityKind.choices)
    code = OneLine(label=_("统计代码"), max_length=12, required=False, help_text=_("统计用区划代码，没有可不填"))
    phone = OfficeNumber(label=_("电话"))
    address = OneLine(
        label=_("服务窗口地址"), max_length=120, required=False, help_text=_("居民在手机上看到，可打开路线")
    )

    class Meta:
        model = Community
        fields = ("name_zh", "name_en", "kind", "code", "phone", "address")

    @classmethod
    def key_of(cls, values: Mapping[str, str]) -> dict[str, Any]:
        return {"name_zh": values["name_zh"]}

    def clean_code(self) -> str | None:
        code: str = self.cleaned_data["code"]
        if code and not _STATISTICAL.fullmatch(code):
            raise ValidationError(_("请填写十二位数字"))
        return code or None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.instance.initials = naming.initials(cleaned.get("name_zh", ""))[:40]
        return cleaned

    def follow(self, row: Community) -> None:
        """A community has its own team 社区自办, which owes what nobody else owes."""
        team, made = Department.objects.get_or_create(
            community=row,
            kind=DepartmentKind.COMMUNITY_TEAM,
            defaults={
                "subdistrict_id": row.subdistrict_id,
                "code": _free_code(row.subdistrict_id, f"TEAM-{naming.code_of(row.name_zh.removesuffix('社区'))}"),
                **_team_names(row),
            },
        )
        if not made:
            for name, value in _team_names(row).items():
                setattr(team, name, value)
            team.save(update_fields=list(_team_names(row)))


def _team_names(row: Community) -> dict[str, str]:
    base = row.name_zh.removesuffix("社区")
    english = row.name_en.removesuffix(" Community")
    return {
        "name_zh": f"{row.name_zh}（自办）",
        "name_en": f"{row.name_en} (own team)" if row.name_en else "",
        "short_zh": f"{base}自办"[:20],
        "short_en": f"{english} team"[:40] if english else "",
        "phone": row.phone,
    }


def _free_code(subdistrict_id: int, wanted: str) -> str:
    taken = set(Department.objects.filter(subdistrict_id=subdistrict_id).values_list("code", flat=True))
    serials = (f"{wanted[:36]}-{number}" for number in range(2, 1000))
    return next(code for code in (wanted[:40], *serials) if code not in taken)


class NeighbourhoodForm(ReferenceForm):
    """小区、村、巷 ….``community`` stays open where nobody knows it."""

    of_office = {"community": "subdistrict"}
    community = forms.ModelChoiceField(
        Community.objects.order_by("id"), label=_("社区"), to_field_name="name_zh", required=False
    )
    name = OneLine(label=_("名称"), max_length=120)
    kind = Labelled(label=_("类型"), choices=NeighbourhoodKind.choices)

    class Meta:
        model = Neighbourhood
        fields = ("community", "name", "kind")

    @classmethod
    def key_of(cls, values: Mapping[str, str]) -> dict[str, Any]:
        return {"community__name_zh": values["community"] or None, "name": values["name"]}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.instance.initials = naming.initials(cleaned.get("name", ""))[:60]
        return cleaned


class BuildingForm(ReferenceForm):
    """楼栋, named with its neighbourhood."""

    of_office = {"community": "subdistrict"}
    community = forms.ModelChoiceField(Community.objects.order_by("id"), label=_("社区"), to_field_name="name_zh")
    neighbourhood = OneLine(label=_("小区"), max_length=120)
    name = OneLine(label=_("楼栋"), max_length=60)
    households = forms.IntegerField(label=_("户数"), required=False, min_value=0, max_value=100_000)

    class Meta:
        model = Building
        fields = ("community", "name", "households")

    @classmethod
    def key_of(cls, values: Mapping[str, str]) -> dict[str, Any]:
        return {
            "community__name_zh": values["community"],
            "neighbourhood__name": values["neighbourhood"],
            "name": values["name"],
        }

    field_order = ("community", "neighbourhood", "name", "households")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["neighbourhood"] = self.instance.neighbourhood.name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        community, name = cleaned.get("community"), cleaned.get("neighbourhood")
        if community is None or not name:
            return cleaned
        found = Neighbourhood.objects.filter(community=community, name=name, retired_at__isnull=True).first()
        if found is None:
            self.add_error("neighbourhood", _("这个社区没有这个小区，请先添加小区"))
        else:
            self.instance.neighbourhood = found
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        excluded = super()._get_validation_exclusions()
        return excluded - {"neighbourhood"} if self.instance.neighbourhood_id else excluded


class OrganisationForm(ReferenceForm):
    """单位: whatever can be responsible. A community's own team comes with its community."""

    of_office = {"community": "subdistrict"}
    name_zh = OneLine(label=_("名称"), max_length=120)
    name_en = OneLine(label=_("英文名称"), max_length=160, required=False)
    code = OneLine(label=_("代码"), max_length=40, help_text=_("大写字母、数字和连字符，例如 WATER"))
    kind = Labelled(
        label=_("类型"),
        choices=[choice for choice in DepartmentKind.choices if choice[0] != DepartmentKind.COMMUNITY_TEAM],
    )
    short_zh = OneLine(label=_("简称"), max_length=20, required=False)
    short_en = OneLine(label=_("英文简称"), max_length=40, required=False)
    community = forms.ModelChoiceField(
        Community.objects.order_by("id"),
        label=_("社区"),
        to_field_name="name_zh",
        required=False,
        help_text=_("物业公司、业委会、经联社等所在的社区"),
    )
    phone = OfficeNumber(label=_("电话"))

    class Meta:
        model = Department
        fields = ("name_zh", "name_en", "code", "kind", "short_zh", "short_en", "community", "phone")

    @classmethod
    def key_of(cls, values: Mapping[str, str]) -> dict[str, Any]:
        return {"code__iexact": values["code"]}

    fixed = frozenset({"code"})

    def clean_code(self) -> str:
        return _code(self.cleaned_data["code"])


class CategoryForm(ReferenceForm):
    """类别: two levels; an issue has one of the second."""

    of_office = {"department": "subdistrict"}
    code = OneLine(label=_("代码"), max_length=4, help_text=_("大类两位，小类四位，前两位与大类相同，例如 03、0301"))
    name_zh = OneLine(label=_("名称"), max_length=120)
    name_en = OneLine(label=_("英文名称"), max_length=160, required=False)
    department = forms.ModelChoiceField(
        Department.objects.order_by("id"), label=_("通常派往"), to_field_name="code", required=False
    )
    override = OneLine(
        label=_("办理时限"),
        max_length=40,
        required=False,
        help_text=_("空着按通用规定；可填时限（4wh、5wd）或紧急程度（urgent），前面可加类型（complaint:4wh）"),
    )
    physical = YesNo(label=_("办结可拍照"), required=False, help_text=_("答复“已解决”时要有照片"))
    keywords = OneLine(
        label=_("关键词"), max_length=2000, required=False, help_text=_("写到这些词时建议这个类别，用空格分开")
    )

    class Meta:
        model = Category
        fields = ("code", "name_zh", "name_en", "department", "override", "physical", "keywords")

    @classmethod
    def key_of(cls, values: Mapping[str, str]) -> dict[str, Any]:
        return {"code": values["code"]}

    fixed = frozenset({"code"})

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not _CATEGORY_CODE.fullmatch(code):
            raise ValidationError(_("请填写两位或四位数字"))
        if len(code) == 4:
            parent = Category.objects.filter(subdistrict=self.office, code=code[:2]).first()
            if parent is None:
                raise ValidationError(_("没有大类 %(code)s，请先添加"), params={"code": code[:2]})
            self.instance.parent = parent
        return code

    def clean_override(self) -> str:
        override: str = self.cleaned_data["override"]
        try:
            Override.parse(override)
        except OverrideError as error:
            raise ValidationError(str(error)) from error
        return override


class TextForm(ReferenceForm):
    """常用语: of the office, or with ``office=None`` a person's own."""

    of_office = {"department": "subdistrict"}
    label = OneLine(label=_("简称"), max_length=20, help_text=_("菜单里显示的几个字"))
    text = forms.CharField(
        label=_("内容"),
        max_length=500,
        widget=forms.Textarea,
        help_text=_("插入后还可以改；不要写居民的姓名、电话"),
    )
    use = Labelled(
        label=_("用在"), choices=TextUse.choices, required=False, help_text=_("不选的，居民看得到的内容里都可用")
    )
    department = forms.ModelChoiceField(
        Department.objects.order_by("id"),
        label=_("单位"),
        to_field_name="code",
        required=False,
        help_text=_("只给这个单位用；不选的，全街道可用"),
    )

    class Meta:
        model = TextModule
        fields = ("label", "text", "use", "department")

    def __init__(self, *args: Any, office: SubDistrict | None, **kwargs: Any) -> None:
        super().__init__(*args, office=office, **kwargs)
        if office is None and self.instance.subdistrict_id is None:
            del self.fields["department"]

    @classmethod
    def key_of(cls, values: Mapping[str, str]) -> dict[str, Any]:
        return {"label": values["label"], "department__code": values["department"] or None, "retired_at": None}

    def clean_text(self) -> str:
        try:
            return kept_text(self.cleaned_data["text"], longest=500)
        except ValueError as error:
            raise ValidationError(str(error)) from error


class LeaderForm(ReferenceForm):
    """楼长、巷长、街长 and what they look after."""

    of_office = {"community": "subdistrict"}
    name = OneLine(label=_("姓名"), max_length=60)
    phone = OneLine(label=_("手机"), max_length=40)
    kind = Labelled(label=_("类型"), choices=LeaderKind.choices)
    community = forms.ModelChoiceField(Community.objects.order_by("id"), label=_("社区"), to_field_name="name_zh")
    places = forms.CharField(
        label=_("负责的地方"),
        required=False,
        max_length=2000,
        widget=forms.Textarea,
        help_text=_("一行一处：小区 楼栋，例如“碧湖花园 3栋”；巷长、街长只写巷名、街名"),
    )

    class Meta:
        model = Leader
        fields = ("name", "kind", "community")

    @classmethod
    def key_of(cls, values: Mapping[str, str]) -> dict[str, Any]:
        return {"phone_hash__in": lookup_hashes(comparable_phone(values["phone"])), "retired_at": None}

    field_order = ("name", "phone", "kind", "community", "places")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.held: list[Building | Neighbourhood] = []
        if self.instance.pk:
            self.initial = {
                **self.initial,
                "phone": self.instance.phone,
                "places": "\n".join(map(_place_text, places_of(self.instance))),
            }

    def clean_phone(self) -> str:
        phone = normalise_phone(self.cleaned_data["phone"])
        self.instance.phone, self.instance.phone_hash, self.instance.phone_last4 = phone_columns(phone)
        same = Leader.objects.filter(
            subdistrict=self.office, phone_hash__in=lookup_hashes(line_of(phone)), retired_at__isnull=True
        )
        if same.exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("这个手机号已登记在另一位楼长、巷长或街长名下"))
        return phone

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        community = cleaned.get("community")
        lines = [line for line in re.split(r"[\n;；]", cleaned.get("places", "")) if line.strip()]
        if community is None:
            return cleaned
        known = _known_places(community)
        self.held = [known[key] for line in lines if (key := "".join(line.split())) in known]
        missing = [line.strip() for line in lines if "".join(line.split()) not in known]
        if missing:
            self.add_error("places", _("没有找到：%(places)s") % {"places": "、".join(missing[:5])})
        return cleaned

    def follow(self, row: Leader) -> None:
        """Hold exactly these places: first of a building that nobody holds yet."""
        buildings = [place for place in self.held if isinstance(place, Building)]
        wanted = {(type(place), place.pk) for place in self.held}
        for held in row.places.select_related("building", "neighbourhood"):
            if (type(held.place), held.place.pk) not in wanted:
                held.delete()
        present = {(type(held.place), held.place.pk) for held in row.places.select_related("building", "neighbourhood")}
        led = set(LeaderPlace.objects.filter(building__in=buildings, first=True).values_list("building_id", flat=True))
        LeaderPlace.objects.bulk_create(
            LeaderPlace(leader=row, building=place, first=place.pk not in led)
            if isinstance(place, Building)
            else LeaderPlace(leader=row, neighbourhood=place)
            for place in self.held
            if (type(place), place.pk) not in present
        )


def places_of(leader: Leader) -> list[Building | Neighbourhood]:
    """What a leader looks after."""
    rows = leader.places.select_related("building__neighbourhood", "neighbourhood").order_by("id")
    return [row.place for row in rows]


def _place_text(place: Building | Neighbourhood) -> str:
    return f"{place.neighbourhood.name} {place.name}" if isinstance(place, Building) else place.name


def _known_places(community: Community) -> dict[str, Building | Neighbourhood]:
    found: dict[str, Building | Neighbourhood] = {}
    for place in Neighbourhood.objects.filter(community=community, retired_at__isnull=True):
        found["".join(place.name.split())] = place
    for building in Building.objects.filter(community=community, retired_at__isnull=True).select_related(
        "neighbourhood"
    ):
        found["".join(_place_text(building).split())] = building
    return found


def _code(text: str) -> str:
    code = text.upper()
    if not _CODE.fullmatch(code):
        raise ValidationError(_("只能用大写字母、数字和连字符，以字母开头"))
    return code
