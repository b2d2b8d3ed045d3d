"""Correcting what was logged, and publishing: every old value stays in the journal."""

from collections.abc import Callable
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common.masking import mask_name, without_cards
from common.phones import normalise_phone
from common.plain import says_something
from communities.lines import OfficeLines
from communities.models import Building, Community, Contact, Department, Neighbourhood
from issues.discretion import secrets_of, without_secrets
from issues.enums import Action, Kind, RequestKind, Status, Turn
from issues.fields import KEEP, MATTER, Field, PointInTime, Text
from issues.models import Issue
from issues.services.clocks import level_of
from issues.services.creation import listed_title, searchable
from issues.services.effects.base import Change, find_category
from issues.services.effects.disclosing import disclose
from issues.services.effects.joining import recount_persons
from issues.services.errors import InvalidFields
from issues.services.keeping import keep
from issues.titles import given_title
from issues.workflow import Party, start

_TELLING = frozenset({"title", "description"})
_CONTACT = ("contact_name", "contact_phone", "contact_address")
_SEARCHED = frozenset(
    {"title", "description", "address", "community", "neighbourhood", "building", "confidential", "contact"}
)
_CLOCKED = frozenset({"kind", "level", "category", "external_due_at"})


def edit(change: Change) -> None:
    """更正: any of the creation fields. A reporter's old data stay in their own encrypted row."""
    given = {name: value for name, value in change.values.items() if name not in ("note", KEEP)}
    change.facts.clear()
    change.texts = {"note": change.values["note"]} if change.values.get("note") else {}
    changed: dict[str, list[Any]] = {}
    for name, value in given.items():
        _CHANGERS[name](change, name, value, changed)
    _contact(change, {name: given[name] for name in _CONTACT if name in given}, changed)
    _keep(change)
    if not changed and "kept" not in change.facts:
        raise InvalidFields({"note": _("没有需要更正的内容")})
    if {"contact", "confidential"} & set(changed):
        recount_persons(change)
    if _SEARCHED & set(changed):
        change.set(title=listed_title(change.issue))
        change.set(lexemes=searchable(change.issue))
    if _CLOCKED & set(changed):
        level = change.issue.level
        _recount(change)
        if change.issue.level != level:
            changed["level"] = [level, change.issue.level]
    change.facts["changed"] = changed


_Changed = dict[str, list[Any]]


def _word(change: Change, name: str, value: str, changed: _Changed) -> None:
    value = given_title(value) if name == "title" else value
    if name in _TELLING and not says_something(value):
        raise InvalidFields({name: _("请写明是什么事")})
    old = getattr(change.issue, name)
    if old != value:
        change.set(**{name: value})
        change.texts |= {f"old.{name}": without_cards(old), f"new.{name}": value}
        changed[name] = []


def _code(change: Change, name: str, value: Any, changed: _Changed) -> None:
    old = getattr(change.issue, name)
    if old == value:
        return
    if name == "kind" and Kind.PRAISE in (old, value):
        raise InvalidFields({"kind": _("表扬与其他性质不能互改，请另行登记")})
    if name == "confidential" and old:
        _lift(change)
    change.set(**{name: value})
    changed[name] = [old, value]


def _lift(change: Change) -> None:
    """解除保密: the supervisor's, with a reason; it answers a request that waits for the same."""
    if Party.SUPERVISOR not in change.who:
        raise InvalidFields({"confidential": _("解除保密由街道社会治理办审批，请用“申请解除保密”并写明理由")})
    if not change.values.get("note"):
        raise InvalidFields({"note": _("解除保密须填写理由，反映人会看到")})
    change.lapse([RequestKind.DISCLOSURE])
    change.more_clocks += start("inform")
    disclose(change)


def _level(change: Change, name: str, value: str, changed: _Changed) -> None:
    issue = change.issue
    if issue.level != value or not issue.level_set:
        changed[name] = [issue.level, value]
        change.set(level=value, level_set=True)


def _moment(change: Change, name: str, value: Any, changed: _Changed) -> None:
    old = getattr(change.issue, name)
    if old != value:
        change.set(**{name: value})
        changed[name] = [moment.isoformat() if moment else None for moment in (old, value)]


def _category(change: Change, name: str, value: str, changed: _Changed) -> None:
    issue, category = change.issue, find_category(change)
    if category.pk != issue.category_id:
        changed[name] = [issue.category_id, category.pk]
        change.set(category=category)


def _community(change: Change, name: str, value: str, changed: _Changed) -> None:
    issue = change.issue
    found = Community.objects.filter(subdistrict_id=issue.subdistrict_id, retired_at__isnull=True)
    community = (found.filter(code=value) or found.filter(name_zh=value)).select_related("subdistrict").first()
    if community is None and value.isascii() and value.isdigit() and len(value) < 12:
        community = found.filter(pk=int(value)).select_related("subdistrict").first()
    if community is None:
        raise InvalidFields({name: _("请选择社区")})
    if community.pk == issue.community_id:
        return
    changed[name] = [issue.community_id, community.pk]
    change.set(community=community)
    for place in ("neighbourhood", "building"):
        if getattr(issue, f"{place}_id") is not None and place not in change.values:
            changed[place] = [getattr(issue, f"{place}_id"), None]
            change.set(**{place: None})
    team = Department.objects.filter(community=community, kind="community_team").first()
    change.clocks.move_to_team(team.pk if team else None)


def _neighbourhood(change: Change, name: str, value: str, changed: _Changed) -> None:
    issue = change.issue
    rows = Neighbourhood.objects.filter(subdistrict_id=issue.subdistrict_id)
    found = _by_id_or_name(rows, value)
    if found is None or found.community_id not in (None, issue.community_id):
        raise InvalidFields({name: _("该地点不在所选社区")})
    if found.pk != issue.neighbourhood_id:
        changed[name] = [issue.neighbourhood_id, found.pk]
        change.set(neighbourhood=found)
        if issue.building is not None and issue.building.neighbourhood_id != found.pk:
            changed["building"] = [issue.building_id, None]
            change.set(building=None)


def _building(change: Change, name: str, value: str, changed: _Changed) -> None:
    issue = change.issue
    found = _by_id_or_name(
        Building.objects.filter(community_id=issue.community_id).select_related("neighbourhood"), value
    )
    if found is None:
        raise InvalidFields({name: _("该楼栋不在所选社区")})
    if found.pk != issue.building_id:
        changed[name] = [issue.building_id, found.pk]
        change.set(building=found, neighbourhood=found.neighbourhood)


def _by_id_or_name(rows: Any, value: str) -> Any:
    if value.isascii() and value.isdigit() and len(value) < 18:
        return rows.filter(pk=int(value)).first()
    return rows.filter(name=value).first()


def _later(change: Change, name: str, value: Any, changed: _Changed) -> None:
    """Contact fields are taken together."""


def _changer(field: Field) -> Callable[[Change, str, Any, _Changed], None]:
    """How a value of such a field is changed where nothing more hangs on it."""
    match field:
        case Text():
            return _word
        case PointInTime():
            return _moment
        case _:
            return _code


_CHANGERS: dict[str, Callable[[Change, str, Any, _Changed], None]] = {
    **{name: _changer(field) for name, field in MATTER.items()},
    **dict.fromkeys(_CONTACT, _later),
    "level": _level,
    "category": _category,
    "community": _community,
    "neighbourhood": _neighbourhood,
    "building": _building,
}


def _contact(change: Change, given: dict[str, str], changed: _Changed) -> None:
    """A new row for the corrected contact; the old one is kept, and the journal shows both masked."""
    if not given:
        return
    old = change.issue.contact
    before = {
        "contact_name": old.name if old else "",
        "contact_phone": old.phone if old else "",
        "contact_address": old.address if old else "",
    }
    try:
        if "contact_phone" in given:
            given = {**given, "contact_phone": normalise_phone(given["contact_phone"])}
    except ValidationError as error:
        raise InvalidFields({"contact_phone": error.messages[0]}) from error
    after = before | given
    if after == before:
        return
    contact = Contact.of(
        subdistrict_id=change.issue.subdistrict_id,
        name=after["contact_name"],
        phone=after["contact_phone"],
        address=after["contact_address"],
        at=change.at,
    )
    if old is not None:
        contact.numbers, contact.numbers_reason = old.numbers, old.numbers_reason
        contact.messages = (old.messages or contact.messages) if contact.messages else ""
    contact.save(force_insert=True)
    secrets_of(change.issue)  # the words of the matter may hold what was known till now
    changed["contact"] = [old.pk if old else None, contact.pk]
    change.texts |= {
        "old.contact": _without_end(before),
        "new.contact": _without_end(after),
    }
    change.set(contact=contact)


def _keep(change: Change) -> None:
    """The whole of the cards that were typed now, beside the contact, where it is said why."""
    contact, reason = change.issue.contact, change.values.get(KEEP)
    if not reason:
        return
    change.facts["kept"] = keep(contact, change.typed, reason)
    change.texts[KEEP] = reason
    if contact is not None:
        contact.save(update_fields=["numbers", "numbers_reason"])


def _without_end(contact: dict[str, str]) -> str:
    """A contact as the journal keeps it for ever: the end of the number proves something, so it is not in it."""
    phone = contact["contact_phone"]
    return f"{mask_name(contact['contact_name'])} {phone[:3] + '*' * 8 if phone else ''}".strip()


def _recount(change: Change) -> None:
    """Count the clocks by the rule and the outside time that hold now; what they owe is told by docs/rules/time.md."""
    issue, clocks = change.issue, change.clocks
    change.set(level=level_of(issue, issue.level if issue.level_set else ""))
    clocks.reclassify()
    clocks.recap()
    if issue.status == Status.IN_PROGRESS and change.working_turn is Turn.DEPARTMENT:
        change.more_clocks += start("progress")


PUBLIC_TITLE_LENGTH = 60


def publish(change: Change) -> None:
    """公开: what a person reviewed, scrubbed once more; without words only the category and the place."""
    issue = change.issue
    title = given_title(change.values.get("title", "")) or neutral_title(issue)
    text = change.values.get("text", "")
    known, lines = secrets_of(issue), OfficeLines(issue.subdistrict_id)
    change.texts.clear()
    change.set(
        published_at=change.at,
        published_by=change.by.user,
        public_title=without_secrets(title, known, keep=lines),
        public_text=without_secrets(text, known, keep=lines),
    )
    change.texts |= {"title": issue.public_title, "text": issue.public_text}


def neutral_title(issue: Issue) -> str:
    """A public title that can name nobody: the category and the place down to the neighbourhood."""
    category = issue.category.name if issue.category else issue.get_kind_display()
    place = issue.neighbourhood.name if issue.neighbourhood else issue.community.name
    return f"{place} · {category}"


def unpublish(change: Change) -> None:
    change.set(published_at=None, published_by=None, public_title="", public_text="")


EFFECTS: Final = {
    Action.EDIT: edit,
    Action.PUBLISH: publish,
    Action.UNPUBLISH: unpublish,
}
