"""The fields of a panel: made from what the table's row names and what issues.fields says each may hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from django.utils.translation import gettext as _

from common.clock import local
from communities.lines import OfficeLines
from console.issues import edit_panel
from console.issues.action_rows import ROWS
from console.issues.action_words import consequence, label_of, placeholder_of
from console.issues.case_state import CaseState
from console.kit.choices import IssueChoices
from console.kit.reading import Reader
from console.kit.shapes import ChoiceShape, FieldShape
from deadlines.enums import DeadlineState, Level
from issues.discretion import readable, secrets_of, without_secrets
from issues.enums import Action, DeadlineKind, Verdict, VerdictCheck
from issues.fields import Choice, Code, Codes, Day, Field, Flag, PointInTime, Text, Whole, choices_of, field_of
from issues.models import Issue
from issues.policies import extension_left, signable
from issues.services.clocks import allowance_of
from issues.services.effects.editing import PUBLIC_TITLE_LENGTH, neutral_title
from issues.services.offers import Offer
from papers.enums import DraftKind

_LEVELS_AT_DESK: Final = (Level.NORMAL, Level.URGENT, Level.CRITICAL, Level.COMPLEX, Level.PROJECT)
_ONE_LINE: Final = 200
_WHEN: Final[dict[tuple[str, str], str]] = {
    ("reply", "due_on"): "outcome:planned",
    ("reply", "review_on"): "outcome:not_now",
    ("reply", "commitment"): "outcome:planned,not_now",
    (Action.RECORD_FOLLOW_UP, "reason"): "verdict:dissatisfied",
    (Action.RECORD_FOLLOW_UP, "solved"): "verdict:satisfied,fairly,dissatisfied",
}
"""Fields that matter only with certain values of another one."""

_LAST: Final[Mapping[str, tuple[str, ...]]] = {Action.REPLY: ("outcome", "due_on", "review_on", "note", "commitment")}
"""The order of a panel's fields where it is not the row's."""

_ALSO: Final[Mapping[str, tuple[str, ...]]] = {Action.REQUEST_SUSPENSION: ("note",)}
"""Fields that every action takes and that these have a use for beside their own."""

_NOT_FOR_STAFF: Final[Mapping[str, frozenset[str]]] = {Action.REDO: frozenset({"verdict", "solved"})}
"""Fields in which only the reporter says something."""


@dataclass(frozen=True)
class Making:
    """What the fields of one panel are made from."""

    offer: Offer
    issue: Issue
    reader: Reader
    case: CaseState
    choices: IssueChoices
    values: Mapping[str, Any] | None
    errors: Mapping[str, Sequence[str]]

    @property
    def action(self) -> str:
        """Whose panel it is."""
        return self.offer.action


def fields_for(making: Making) -> tuple[FieldShape, ...]:
    """The fields in their order; one statement per kind of choice that they need."""
    if making.action == Action.EDIT:
        editing = edit_panel.Editing(making.issue, making.reader, making.choices, making.values, making.errors)
        return edit_panel.fields_for(editing)
    return tuple(_field(making, name) for name in _names(making))


def _names(making: Making) -> list[str]:
    offer = making.offer
    hidden = set(_NOT_FOR_STAFF.get(making.action, ())) | {
        name for name in ("first_report", "supervision_reply") if not making.case.runs(name)
    }
    if making.action in (Action.SIGN, Action.REFUSE_SIGN) and len(signable(making.issue, making.reader.actor)) < 2:
        hidden.add("kind")
    further = (*offer.optional, *_ALSO.get(making.action, ()))
    names = list(dict.fromkeys((*offer.required, *further)))
    order = _LAST.get(making.action, ())
    names.sort(key=lambda name: order.index(name) if name in order else len(order))
    return [name for name in names if name not in hidden]


def _field(making: Making, name: str) -> FieldShape:
    action, issue, values = making.action, making.issue, making.values
    required = name in making.offer.required or (name == "category" and issue.category_id is None)
    base = FieldShape(
        name=name,
        label=label_of(action, name),
        value=values.get(name, "") if values is not None else _initial(making, name),
        required=required,
        help=_help(making, name),
        errors=tuple(str(error) for error in making.errors.get(name, ())),
        preview=ROWS[action].read == name,
        when="" if issue.verdict_check == VerdictCheck.DUE else _WHEN.get((action, name), ""),
    )
    return _typed(making, base, field_of(action, name))


def _typed(making: Making, base: FieldShape, field: Field) -> FieldShape:
    match field:
        case Text(longest=longest) if longest <= _ONE_LINE:
            most = PUBLIC_TITLE_LENGTH if (making.action, base.name) == ("publish", "title") else longest
            return replace(base, type="text", maxlength=most)
        case Text(longest=longest):
            return replace(base, type="textarea", maxlength=longest, rows=5 if base.preview else 3)
        case Flag():
            return replace(base, type="checkbox", value=base.value in (True, "true", "on", "1"))
        case Whole(most=most):
            return replace(base, type="number", least="1", most=str(_most_days(making, base.name, most)),
                           unit=_("个工作日"))  # fmt: skip
        case Day(ahead=ahead):
            tomorrow = local(making.reader.now).date() + timedelta(days=1)
            return replace(base, type="date", least=tomorrow.isoformat() if ahead else "")
        case PointInTime():
            return replace(base, type="datetime")
        case Codes():
            found = making.choices.people() if base.name == "users" else making.choices.departments(making.action)
            chosen = base.value if isinstance(base.value, list | tuple) else [base.value] if base.value else []
            return replace(base, type="many", choices=found, value=list(chosen), placeholder=placeholder_of("many"))
        case Choice():
            return _choice(making, base)
        case Code():
            return _code(making, base)


def _code(making: Making, base: FieldShape) -> FieldShape:
    match base.name:
        case "category":
            found, kind = making.choices.categories(), "department"
        case "officer":
            found, kind = making.choices.officers(), "officer"
        case "master":
            return _master(making, base)
        case _:
            found, kind = making.choices.departments(making.action), "department"
    return replace(base, type=kind, choices=found, placeholder=placeholder_of(base.name))


def _master(making: Making, base: FieldShape) -> FieldShape:
    """Matters nearby to choose from, and a number for any other."""
    found = making.choices.masters()
    typed = str(base.value or "")
    known = typed in {choice.value for choice in found}
    other = FieldShape(
        name="master_number",
        label=label_of("merge", "master_number"),
        type="text",
        value="" if known else typed,
        help=_("上面没有的，填写编号，如 2026-000123") if found else "",
        maxlength=40,
        autocomplete="off",
    )
    return replace(base, type="pick", choices=found, value=typed if known else "", other=other)


def _choice(making: Making, base: FieldShape) -> FieldShape:
    action, name = making.action, base.name
    shapes = [
        ChoiceShape(value=code, label=str(label), help=_choice_help(making, name, code))
        for code, label in choices_of(action, name)
        if _is_possible(making, name, code)
    ]
    if name == "level":
        order = [level.value for level in _LEVELS_AT_DESK]
        shapes = [ChoiceShape(value="", label=_("按类别")), *sorted(shapes, key=lambda shape: order.index(shape.value))]
        return replace(base, type="radio", choices=tuple(shapes))
    long_words = name in ("outcome", "kind") or (name == "reason" and action != Action.REQUEST_SUSPENSION)
    return replace(base, type="choice" if long_words else "radio", choices=tuple(shapes))


def _is_possible(making: Making, name: str, code: str) -> bool:
    """Whether a choice can be meant at all: nothing is offered that the service would refuse."""
    issue, action = making.issue, making.action
    if name == "verdict":
        return code != Verdict.NO_REPORTER or issue.contact_id is None
    if name != "kind":
        return True
    if action in (Action.SIGN, Action.REFUSE_SIGN):
        return code in signable(issue, making.reader.actor)
    return code not in issue.asks and (code == DraftKind.ORDER or _handle_missed(making))


def _handle_missed(making: Making) -> bool:
    return any(
        row.kind == DeadlineKind.HANDLE and (row.is_overdue(making.reader.now) or row.state == DeadlineState.LATE)
        for row in making.case.clocks
    )


def _choice_help(making: Making, name: str, code: str) -> str:
    if name == "kind" and making.action in (Action.SIGN, Action.REFUSE_SIGN):
        draft = making.case.draft(code)
        return readable(making.issue, making.reader.access, draft.text) if draft else ""
    return consequence(making.action, making.issue, name, code)


def _most_days(making: Making, name: str, most: int) -> int:
    left = extension_left(making.issue, making.case.clocks, allowance_of(making.issue)) if name == "days" else None
    return min(most, left) if left else most


def _help(making: Making, name: str) -> str:
    action, issue = making.action, making.issue
    if name == "days":
        left = extension_left(issue, making.case.clocks, allowance_of(issue))
        return "" if left is None else _("最多还可申请 %(left)d 个工作日") % {"left": left}
    if (action, name) == (Action.SUPERVISE, "kind") and not _handle_missed(making):
        return _("办理时限超期后才可以拟黄牌、红牌")
    usual = issue.category.department if issue.category else None
    if name == "department" and usual is not None:
        if action in (Action.DISPATCH, Action.REASSIGN, Action.ASSIGN_FINAL) and not usual.is_external:
            return _("该类别通常由%(department)s办理") % {"department": usual.name}
        if action == Action.TRANSFER_OUT and usual.is_external:
            return _("该类别通常由%(department)s办理") % {"department": usual.name}
    return str(field_of(action, name).hint)


def _initial(making: Making, name: str) -> Any:
    action, issue = making.action, making.issue
    match (action, name):
        case (_, "category") if issue.category is not None:
            return issue.category.code
        case (Action.ACCEPT, "level") if issue.level_set:
            return issue.level
        case (Action.ASSIGN, "officer") if issue.officer is not None:
            return issue.officer.username
        case (Action.PUBLISH, "title"):
            return neutral_title(issue)[:PUBLIC_TITLE_LENGTH]
        case (Action.PUBLISH, "text"):
            return without_secrets(issue.description, secrets_of(issue), keep=OfficeLines(issue.subdistrict_id))
        case (Action.SUPERVISE, "kind"):
            return DraftKind.ORDER.value if DraftKind.ORDER not in issue.asks else ""
        case (Action.WAIVE_DEPARTMENT, "department"):
            only = making.choices.departments(action)
            return only[0].value if len(only) == 1 else ""
        case (Action.SIGN | Action.REFUSE_SIGN, "kind"):
            possible = signable(issue, making.reader.actor)
            return possible[-1].value if possible else ""
        case _:
            return ""
