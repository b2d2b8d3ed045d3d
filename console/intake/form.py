"""The intake form: what was typed, read and checked; and its fields as the template prints them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.roles import Role
from common.clock import SHANGHAI, end_of_named_day
from communities.models import Category
from console.kit.choices import category_choices, department_choices
from console.kit.places import Place, own_places, read_place, with_choice
from console.kit.reading import Reader
from console.kit.shapes import ChoiceShape, FieldShape
from deadlines.enums import Level
from issues.enums import Kind, MessageWish, Source
from issues.fields import KEEP, KEEPING, LONGEST
from issues.services.creation import NewIssue
from issues.wording.limits import consequence
from reminders.reference import gateway_of

NAMES: Final = (
    "source", "contact_phone", "contact_name", "contact_address", "external_number", "external_due_at",
    "anonymous", "confidential", "messages", "guardian", "description", "place", "address", "occurred_at", "kind",
    "category", "department", "level", KEEP,
)  # fmt: skip
SOURCES: Final = (Source.PHONE, Source.COUNTER, Source.HOTLINE_12345, Source.PATROL)
LEVELS: Final = (Level.NORMAL, Level.URGENT, Level.CRITICAL)
THEN: Final = ("dispatch", "answer", "next", "join")
DEFAULTS: Final = {"source": Source.PHONE.value, "kind": Kind.HELP.value, "level": ""}
_LONGEST: Final = 5000
Words = str | Promise


@dataclass(frozen=True)
class Intake:
    """A form that was sent: its values as typed, what they mean, and what is wrong with them."""

    values: Mapping[str, str]
    draft: NewIssue | None
    place: Place | None
    errors: Mapping[str, Sequence[str]]

    @property
    def department(self) -> str:
        """The code of the department to dispatch to, ""."""
        return self.values.get("department", "")


def read_intake(data: QueryDict, reader: Reader, then: str) -> Intake:
    """What was sent. At most two statements (place, category); every mistake is named, none raises."""
    values = {name: data.get(name, "").replace("\x00", "").strip()[: _LONGEST + 1] for name in NAMES}
    wrong = _wrong_contact(values)
    anonymous = values["anonymous"] == "true"
    if not values["description"]:
        wrong["description"] = [_("请填写反映内容")]
    place = read_place(values["place"], reader.access)
    if place is None:
        wrong["place"] = [_("请选择位置") if not values["place"] else _("请从列出的位置中选择")]
    category = _category(values["category"], place.community.subdistrict_id if place else None)
    if category is None and (then != "join" or values["category"]):
        wrong["category"] = [_("请选择类别") if not values["category"] else _("请从列出的类别中选择")]
    occurred_at, mistake = _moment(values["occurred_at"])
    if mistake:
        wrong["occurred_at"] = [mistake]
    external_due_at, mistake = _moment(values["external_due_at"], until=True)
    if mistake:
        wrong["external_due_at"] = [mistake]
    if values["source"] not in SOURCES:
        wrong["source"] = [_("请从列出的选项中选择")]
    if then == "dispatch" and place and may_dispatch(reader, place) and not values["department"]:
        wrong["department"] = [_("请选择派往单位")]
    if then == "answer":
        refused = refuses_answer(reader, place, values["kind"])
        if refused:
            wrong["kind"] = [refused]
    draft = None
    if place is not None:
        draft = replace(
            _draft(values, place, category, occurred_at, anonymous=anonymous), external_due_at=external_due_at
        )
    return Intake(values=values, draft=draft, place=place, errors=wrong)


def _wrong_contact(values: Mapping[str, str]) -> dict[str, list[str]]:
    """What is wrong with who calls: somebody to call back, and for a child under fourteen the guardian by name."""
    wrong: dict[str, list[str]] = {}
    anonymous = values["anonymous"] == "true"
    if not values["contact_phone"] and not anonymous:
        wrong["contact_phone"] = [_("请填写联系电话，或勾选匿名")]
    if values["guardian"] == "true" and (anonymous or not values["contact_name"]):
        wrong["contact_name"] = [_("请填写监护人的称呼和电话")]
    return wrong


def may_dispatch(reader: Reader, place: Place) -> bool:
    """Whether this person may accept and dispatch what is logged there: its community, or the supervisor."""
    inside = place.community.pk in reader.access.community_ids
    return inside or reader.access.is_in(Role.SUPERVISOR, place.community.subdistrict_id)


def refuses_answer(reader: Reader, place: Place | None, kind: str) -> str:
    """Why 即时办结 is not possible, ""."""
    if place is None:
        return ""
    if reader.access.is_in(Role.SUPERVISOR, place.community.subdistrict_id):
        return ""
    if place.community.pk not in reader.access.community_ids:
        return _("不是本社区的事项，请保存后由该社区受理")
    return "" if kind == Kind.ENQUIRY else _("只有咨询可以由社区即时办结")


def _category(code: str, subdistrict_id: int | None) -> Category | None:
    if not code or subdistrict_id is None or len(code) > 8 or "\x00" in code:
        return None
    return Category.objects.filter(
        subdistrict_id=subdistrict_id, code=code, retired_at__isnull=True, children__isnull=True
    ).first()


def _moment(text: str, *, until: bool = False) -> tuple[datetime | None, str]:
    if not text:
        return None, ""
    try:
        at = (end_of_named_day(text) if until else None) or datetime.fromisoformat(text)
    except ValueError:
        return None, _("请按 年-月-日 时:分 填写")
    if not 2000 <= at.year <= 2100:
        return None, _("请按 年-月-日 时:分 填写")
    return at.replace(tzinfo=SHANGHAI) if at.tzinfo is None else at, ""


def _draft(
    values: Mapping[str, str],
    place: Place,
    category: Category | None,
    occurred_at: datetime | None,
    *,
    anonymous: bool,
) -> NewIssue:
    return NewIssue(
        subdistrict_id=place.community.subdistrict_id,
        community_id=place.community.pk,
        description=values["description"],
        kind=values["kind"],
        source=values["source"],
        category_id=category.pk if category else None,
        level=values["level"],
        neighbourhood_id=place.neighbourhood_id,
        building_id=place.building_id,
        address=values["address"],
        occurred_at=occurred_at,
        contact_name="" if anonymous else values["contact_name"],
        contact_phone="" if anonymous else values["contact_phone"],
        contact_address="" if anonymous else values["contact_address"],
        confidential=True if values["confidential"] == "true" else None,
        external_number=values["external_number"],
        guardian=values["guardian"] == "true",
        messages=values["messages"],
        keep_numbers=values[KEEP],
    )


def fields_of(
    reader: Reader, values: Mapping[str, str], errors: Mapping[str, Sequence[str]], place: Place | None, places_url: str
) -> dict[str, FieldShape]:
    """The fields by name; about five statements for their choices."""
    access = reader.access
    made = [
        FieldShape("source", _("来源渠道"), "radio", choices=_sources(), required=True),
        FieldShape(
            "contact_phone", _("联系电话"), "tel", required=True, autocomplete="off", inputmode="tel",
            autofocus=True,
        ),
        FieldShape("contact_name", _("称呼"), "text", autocomplete="off"),
        FieldShape("contact_address", _("住址"), "text", autocomplete="off"),
        FieldShape(
            "external_number", _("12345 编号"), "text", placeholder=_("来自热线时填写"),
            when=f"source:{Source.HOTLINE_12345.value}",
        ),
        FieldShape(
            "external_due_at", _("12345 时限"), "datetime", help=_("早于本系统时限的，以此为准"),
            when=f"source:{Source.HOTLINE_12345.value}",
        ),
        FieldShape("anonymous", _("匿名"), "checkbox", help=_("无需回访")),
        FieldShape("confidential", _("保密"), "checkbox", help=_("承办单位看不到身份；举报默认保密")),
        *_messages(reader),
        FieldShape("guardian", _("未满14周岁"), "checkbox", help=_("由监护人提出，称呼和电话填监护人的")),
        FieldShape(
            "description", _("反映内容"), "textarea", required=True, rows=5,
            help=_("何时、何地、何事、造成什么影响"),
        ),
        FieldShape(KEEP, str(KEEPING.label), "text", help=str(KEEPING.hint), autocomplete="off"),
        FieldShape(
            "place", _("位置"), "department", choices=with_choice(own_places(access), place, values.get("place", "")),
            required=True, placeholder=_("输入小区、楼栋或拼音首字母，如 bhhy 3"), source=places_url,
        ),
        FieldShape("address", _("详细地址"), "text", placeholder=_("门牌、路口等，选填")),
        FieldShape("occurred_at", _("发生时间"), "datetime"),
        FieldShape("kind", _("诉求性质"), "radio", choices=_codes(tuple(Kind)), required=True),
        FieldShape(
            "category", _("类别"), "department", choices=category_choices(access.subdistrict_ids), required=True,
            placeholder=_("输入名称、编号或拼音首字母"),
        ),
        FieldShape(
            "department", _("派往单位"), "department",
            choices=department_choices(access.subdistrict_ids, access.community_ids),
            placeholder=_("选定类别后带出默认单位"),
        ),
        FieldShape("level", _("紧急程度"), "choice", choices=_levels(reader, place, values)),
    ]  # fmt: skip
    return {
        field.name: replace(
            field,
            value=_value(field, values),
            errors=errors.get(field.name, ()),
            maxlength=LONGEST.get(field.name),
        )
        for field in made
    }


def _messages(reader: Reader) -> list[FieldShape]:
    """Whether the reporter is sent short messages; asked where there is a gateway."""
    if not any(gateway_of(area) for area in reader.access.subdistrict_ids):
        return []
    choices = (
        ChoiceShape(value="", label=_("发短信（保密件不发）")),
        ChoiceShape(value=MessageWish.AGREED.value, label=_("反映人同意，保密件也发")),
        ChoiceShape(value=MessageWish.OFF.value, label=str(MessageWish.OFF.label)),
    )
    return [FieldShape("messages", _("短信通知"), "select", choices=choices, help=_("只有编号和查询链接"))]


def _value(field: FieldShape, values: Mapping[str, str]) -> Any:
    value = values.get(field.name, "")
    return value == "true" if field.type == "checkbox" else value


def _codes(members: Sequence[Any]) -> tuple[ChoiceShape, ...]:
    return tuple(ChoiceShape(value=member.value, label=str(member.label)) for member in members)


def _sources() -> tuple[ChoiceShape, ...]:
    """The ways in that a desk knows; the hotline by its number, which fits the column."""
    short = {Source.HOTLINE_12345: "12345"}
    return tuple(ChoiceShape(value=source.value, label=short.get(source, str(source.label))) for source in SOURCES)


def _levels(reader: Reader, place: Place | None, values: Mapping[str, str]) -> tuple[ChoiceShape, ...]:
    """The levels with what each leads to for the kind and the category that are chosen."""
    words = consequences(reader, place, values)
    shapes = [ChoiceShape(value="", label=_("按类别"), help=words[""])]
    shapes += [ChoiceShape(value=level.value, label=str(level.label), help=words[level.value]) for level in LEVELS]
    return tuple(shapes)


def consequences(reader: Reader, place: Place | None, values: Mapping[str, str]) -> dict[str, str]:
    """Level → what it leads to. One statement at most, for the category.

    Whose rules hold is known by the place, or where the person works in one sub-district only.
    """
    areas = {place.community.subdistrict_id} if place else set(reader.access.subdistrict_ids)
    if len(areas) != 1:
        return dict.fromkeys(["", *LEVELS], _("选定位置后显示时限"))
    area = areas.pop()
    kind = values.get("kind", "") if values.get("kind", "") in Kind.values else Kind.HELP.value
    category = _category(values.get("category", ""), area)
    return {
        level: consequence(subdistrict_id=area, kind=kind, level=level, category=category) for level in ("", *LEVELS)
    }
