"""Actions as panels: one mechanism makes every form from what the table offers and what the fields may hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from console.issues.action_fields import Making, fields_for
from console.issues.action_rows import ROWS
from console.issues.action_words import note_of, phrases_of
from console.issues.case_state import CaseState
from console.issues.previews import foot_below, title_before, titles_by_outcome
from console.kit.choices import IssueChoices
from console.kit.reading import Reader
from console.kit.rows import issue_url
from console.kit.shapes import ChoiceShape, FieldShape
from issues.discretion import readable
from issues.enums import Action
from issues.models import Issue
from issues.policies import signable
from issues.services.offers import Offer, offers, primary_offer
from offices.texts import offered

DECISIONS: Final = frozenset(
    {Action.GRANT_EXTENSION, Action.GRANT_SUSPENSION, Action.GRANT_EXCLUSION, Action.GRANT_DISCLOSURE}
)
"""Primary actions that stand in the card 待审批 beside their refusal: the head leads there and decides nothing."""


@dataclass(frozen=True)
class UploadShape:
    """What components/upload.html takes; ``kept`` are files that were received with a form that was refused."""

    name: str
    label: str
    help: str
    required: bool
    errors: tuple[str, ...]
    kept: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class ActionShape:
    """One action as the head, the menu and the panel print it. ``at_once``: the head's button does it."""

    code: str
    label: str
    submit_label: str
    allowed: bool
    reason: str
    key: str
    danger: bool
    primary: bool
    url: str
    submit_url: str
    panel_url: str = ""
    in_place: bool = True
    at_once: bool = False
    note: str = ""
    fields: tuple[FieldShape, ...] = ()
    preview: bool = False
    preview_field: str = ""
    preview_label: str = ""
    preview_title: str = ""
    preview_title_from: str = ""
    preview_titles: tuple[ChoiceShape, ...] = ()
    preview_foot: str = ""
    phrases: tuple[Mapping[str, str], ...] = ()
    documents: tuple[Mapping[str, str], ...] = ()
    upload: UploadShape | None = None


def actions_of(issue: Issue, reader: Reader, case: CaseState) -> list[ActionShape]:
    """Every action that this person's part knows, in the table's order, the possible ones first; no statement."""
    found = offers(issue, reader.actor, reader.now, case.clocks, case.requests)
    first = primary_offer(found, to_tell=issue.untold and not issue.is_open)
    shapes = [_shape(offer, issue, is_primary=offer is first) for offer in found]
    return sorted(shapes, key=lambda shape: not shape.allowed)


def _shape(offer: Offer, issue: Issue, *, is_primary: bool) -> ActionShape:
    row, url = ROWS[offer.action], issue_url(issue.number)
    decides = is_primary and offer.action in DECISIONS
    return ActionShape(
        code=offer.action,
        label=offer.label,
        submit_label=_("审批申请") if decides else str(row.submit or offer.label),
        allowed=offer.allowed,
        reason=offer.reason,
        key=row.key,
        danger=row.danger,
        primary=is_primary,
        url=f"{url}#asked" if decides else f"{url}?action={offer.action}",
        submit_url=reverse("console-issue-action", args=[issue.number, offer.action]),
        panel_url=f"{url}?action={offer.action}",
        in_place=not decides,
        at_once=is_primary and offer.allowed and row.at_once is not None and row.at_once(issue),
    )


def panel_of(
    action: ActionShape,
    issue: Issue,
    reader: Reader,
    case: CaseState,
    *,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
    kept: Sequence[Mapping[str, Any]] = (),
) -> ActionShape:
    """``action`` with its fields; ``values`` are what was typed before, ``kept`` the files that came with it.

    One statement per kind of choice that it needs.
    """
    found = offers(issue, reader.actor, reader.now, case.clocks, case.requests)
    offer = next(offer for offer in found if offer.action == action.code)
    making = Making(offer, issue, reader, case, IssueChoices(issue, reader), values, errors or {})
    fields = fields_for(making)
    row = ROWS[action.code]
    shown = row.read
    typed = next((str(field.value) for field in fields if field.name == "title"), "")
    title = title_before(action.code, issue, str((values or {}).get("outcome", "")))
    return replace(
        action,
        submit_label=str(row.submit or offer.label),
        fields=fields,
        note=note_of(action.code, issue),
        preview=bool(shown),
        preview_field=shown,
        preview_label=_("公开页面将显示以下内容") if action.code == "publish" else _("居民将看到以下内容"),
        preview_title=typed if action.code == "publish" else title,
        preview_title_from="id_title" if action.code == "publish" else "",
        preview_titles=titles_by_outcome(action.code, issue),
        preview_foot=foot_below(action.code, issue, reader) if shown else "",
        phrases=_phrases(action.code, reader) if shown else (),
        documents=_documents(action.code, issue, reader, case),
        upload=_upload(action.code, issue, errors or {}, kept),
    )


def _phrases(action: str, reader: Reader) -> tuple[Mapping[str, str], ...]:
    """The own texts first, then those of the organisation and the office, then the product's. One statement."""
    texts = tuple({"label": row.label, "text": row.text} for row in offered(reader.access, action))
    return (*texts, *phrases_of(action))


def _documents(action: str, issue: Issue, reader: Reader, case: CaseState) -> tuple[Mapping[str, str], ...]:
    """The one draft that would be signed; of several each stands beside its choice."""
    kinds = signable(issue, reader.actor) if action in (Action.SIGN, Action.REFUSE_SIGN) else []
    if len(kinds) != 1:
        return ()
    draft = case.draft(kinds[0])
    return ({"label": str(kinds[0].label), "text": readable(issue, reader.access, draft.text)},) if draft else ()


def _upload(
    action: str, issue: Issue, errors: Mapping[str, Sequence[str]], kept: Sequence[Mapping[str, Any]]
) -> UploadShape | None:
    if not ROWS[action].files:
        return None
    physical = issue.category is not None and issue.category.physical
    words: Mapping[str, str] = {
        Action.REPLY: _("答复“已解决”须附派单后拍摄的现场照片") if physical else "",
        Action.VERIFY_PASS: _("现场核实须附照片"),
    }
    return UploadShape(
        name="attachments",
        label=_("处理后照片和附件") if action == Action.REPLY else _("照片和附件"),
        help=words.get(action, ""),
        required=False,
        errors=tuple(str(text) for text in errors.get("attachments", ())),
        kept=tuple(kept),
    )
