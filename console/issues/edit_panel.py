"""更正: the panel that shows what was logged and sends only what was changed.

Beside each field stands what it showed when the panel was opened (``was.<name>``). What is posted unchanged is not sent
on, so a colleague's correction in between is not undone; contact fields are empty and changed only where filled in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext as _

from common.clock import local
from common.masking import mask_name, mask_phone
from console.issues.action_words import label_of, placeholder_of
from console.kit.choices import IssueChoices
from console.kit.places import Place, own_places, read_place, with_choice
from console.kit.reading import Reader
from console.kit.shapes import ChoiceShape, FieldShape
from deadlines.enums import Level
from issues.discretion import knows_reporter
from issues.enums import Action, Kind, Source
from issues.fields import CLEARED, KEEP, MATTER, PLAIN, PointInTime, Text, field_of
from issues.models import Issue
from issues.services.errors import InvalidFields

_PLACE: Final = frozenset({"community", "neighbourhood", "building"})
NAMES: Final = (*dict.fromkeys("place" if name in _PLACE else name for name in MATTER), "note", KEEP)
_CONTACT: Final = ("contact_name", "contact_phone", "contact_address", KEEP)
_HALF: Final = frozenset(NAMES) - {"title", "description", "kind", "level", "place", "address", "note", KEEP}
WAS: Final = "was."


@dataclass(frozen=True)
class Editing:
    """What the panel is made from; ``values`` are what was typed before."""

    issue: Issue
    reader: Reader
    choices: IssueChoices
    values: Mapping[str, Any] | None
    errors: Mapping[str, Sequence[str]]


def fields_for(editing: Editing) -> tuple[FieldShape, ...]:
    """The creation fields with the present values, or with what was typed before."""
    issue = editing.issue
    sees_reporter = knows_reporter(issue, editing.reader.access)
    present = present_values(issue)
    return tuple(_field(editing, name, present) for name in NAMES if sees_reporter or name not in _CONTACT)


def present_values(issue: Issue) -> dict[str, str]:
    """What the panel shows of the issue as it is."""
    return {name: _present(getattr(issue, name)) for name in PLAIN} | {
        "level": issue.level if issue.level_set else "",
        "category": issue.category.code if issue.category else "",
        "place": place_code(issue),
        "confidential": "true" if issue.confidential else "false",
    }


def _present(value: str | datetime | None) -> str:
    return f"{local(value):%Y-%m-%dT%H:%M}" if isinstance(value, datetime) else value or ""


def place_code(issue: Issue) -> str:
    """The issue's place as a choice's value."""
    if issue.building_id is not None:
        return f"b{issue.building_id}"
    return f"n{issue.neighbourhood_id}" if issue.neighbourhood_id is not None else f"c{issue.community_id}"


def changed_data(post: QueryDict, reader: Reader) -> dict[str, Any]:
    """What was changed, as the service takes it. InvalidFields where the place is not one."""
    data: dict[str, Any] = {}
    for name in NAMES:
        value = post.get(name, "")
        if value != "" and _plain(value) != _plain(post.get(WAS + name, "")):
            data[name] = value
        elif value == "" and name in CLEARED and name in post and post.get(WAS + name):
            data[name] = None
    chosen = data.pop("place", "")
    return data | (_place_data(chosen, reader) if chosen else {})


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _place_data(code: str, reader: Reader) -> dict[str, str]:
    place = read_place(code, reader.access)
    if place is None:
        raise InvalidFields({"place": _("请从列出的位置中选择")})
    data = {"community": str(place.community.pk)}
    if place.building_id is not None:
        data["building"] = str(place.building_id)
    elif place.neighbourhood_id is not None:
        data["neighbourhood"] = str(place.neighbourhood_id)
    return data


def typed_values(post: QueryDict, issue: Issue) -> dict[str, str]:
    """What to show again: what was changed as typed, the rest as it is now."""
    present = present_values(issue)
    values = {}
    for name in NAMES:
        value, was = post.get(name, ""), post.get(WAS + name, "")
        values[name] = value if _plain(value) != _plain(was) else present.get(name, "")
    return values


def _field(editing: Editing, name: str, present: Mapping[str, str]) -> FieldShape:
    kind, found = _kind_and_choices(editing, name)
    typed, field = editing.values, None if name == "place" else field_of(Action.EDIT, name)
    return FieldShape(
        name=name,
        label=label_of("edit", name),
        type=kind,
        value=typed.get(name, "") if typed is not None else present.get(name, ""),
        choices=found,
        help=_help(name, editing.issue),
        errors=tuple(str(text) for text in editing.errors.get(name, ())),
        placeholder=placeholder_of(name) if kind == "department" else "",
        maxlength=field.longest if isinstance(field, Text) else None,
        rows=5 if name == "description" else 2,
        autocomplete="off" if name in _CONTACT else "",
        inputmode="tel" if name == "contact_phone" else "",
        was=present.get(name, ""),
        half=name in _HALF,
        source=editing.choices.places_url if name == "place" else "",
    )


def _kind_and_choices(editing: Editing, name: str) -> tuple[str, Sequence[ChoiceShape]]:
    issue = editing.issue
    match name:
        case "description" | "note":
            return "textarea", ()
        case "kind":
            kinds = [kind for kind in Kind if (kind == Kind.PRAISE) == (issue.kind == Kind.PRAISE)]
            return "radio", _codes(kinds)
        case "level":
            found = _codes(list(Level))
            return "radio", found if issue.level_set else (ChoiceShape(value="", label=_("按类别")), *found)
        case "source":
            return "select", _codes(list(Source))
        case "confidential":
            return "radio", (ChoiceShape("false", _("不保密")), ChoiceShape("true", _("保密")))
        case "category":
            return "department", editing.choices.categories()
        case "place":
            return "department", with_choice(own_places(editing.reader.access), _place_of(issue), place_code(issue))
        case _:
            return "datetime" if isinstance(MATTER.get(name), PointInTime) else "text", ()


def _codes(members: Sequence[Any]) -> tuple[ChoiceShape, ...]:
    return tuple(ChoiceShape(value=member.value, label=str(member.label)) for member in members)


def _place_of(issue: Issue) -> Place:
    parts = [issue.neighbourhood.name] if issue.neighbourhood else []
    parts += [issue.building.name] if issue.building else []
    return Place(
        community=issue.community,
        neighbourhood_id=issue.neighbourhood_id,
        building_id=issue.building_id,
        label=" ".join(parts) or issue.community.name,
    )


def _help(name: str, issue: Issue) -> str:
    contact = issue.contact
    if name in _CONTACT and name != KEEP:
        shown = {
            "contact_name": mask_name(contact.name) if contact else "",
            "contact_phone": mask_phone(contact.phone) if contact else "",
            "contact_address": _("已填写，不显示") if contact and contact.address else "",
        }[name]
        return _("现为：%(value)s；留空表示不改") % {"value": shown or _("未填写")}
    return "" if name == "place" else str(field_of(Action.EDIT, name).hint)
