"""``/console/commitments/<pk>/``: one promise, what happened to it, and what the reader may do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from commitments import workflow
from commitments.enums import SUBJECT, ChangeState, CommitmentState
from commitments.enums import CommitmentAction as Action
from commitments.models import Commitment, Milestone
from commitments.services import (
    LONGEST,
    InvalidCommitment,
    PromiseConflict,
    PromiseNotPermitted,
    PromiseVersionConflict,
    UnknownPromiseAction,
)
from commitments.services.acting import STAGES, PromiseOffer, act, offers
from commitments.words import day_of
from common import dates
from common.clock import local
from console.commitments.rows import PromiseRow, date_text, row_of
from console.kit.history import history_of
from console.kit.reading import Reader, number_of, reader_of
from console.kit.shapes import ChoiceShape, ErrorItem, FieldShape, Link, error_title
from files.limits import MOST_FILES
from files.models import StoredFile
from files.presenting import Shown, present_file
from files.services import of_owner, receive_each
from issues.enums import Action as IssueAction
from issues.promise_source import about_of
from issues.reading.attachments import staff_link
from issues.reading.promises import PromiseReader
from journal.models import Event
from papers.models import Draft, Paper
from reminders import rungs, tellings
from reminders.enums import REMIND

_LABELS: Final[Mapping[str, Promise]] = {
    "note": gettext_lazy("说明"),
    "reason": gettext_lazy("原因"),
    "text": gettext_lazy("节点内容"),
    "on": gettext_lazy("日期"),
    "milestone": gettext_lazy("节点"),
    "visible": gettext_lazy("居民可以看到"),
    "stage": gettext_lazy("照片是"),
    "kind": gettext_lazy("文书"),
}
_HELP: Final[Mapping[str, Promise]] = {
    Action.REPORT_DONE: gettext_lazy("写明做了什么、何时完成，附验收单或照片；由提出事项的一方确认后才算兑现。"),
    Action.CONFIRM: gettext_lazy("核实已经做到，再确认。"),
    Action.REOPEN: gettext_lazy("承诺继续有效，按原来的日期计算。"),
    Action.ASK_MOVE: gettext_lazy("由街道社会治理办审批；首次承诺的日期一直保留。"),
    Action.RELEASE: gettext_lazy("居民可以在公开承诺中看到内容、单位、日期和进展；请先确认内容不含个人信息。"),
}
_FIRST: Final = (Action.CONFIRM, Action.REPORT_DONE, Action.GRANT_MOVE, Action.SIGN)


@dataclass(frozen=True)
class PromisePanel:
    """An action with its form. ``open``: it was sent and refused. ``danger``: it takes something back."""

    code: str
    label: str
    help: str
    refused: str
    fields: Sequence[FieldShape]
    upload: Mapping[str, Any] | None
    open: bool
    danger: bool
    version: int


@dataclass
class _Sent:
    """What a form left to show: the action, what was typed, what is wrong, whether somebody was faster."""

    action: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Sequence[StoredFile] = ()
    conflict: str = ""
    status: int = HTTPStatus.OK


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def commitment_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Every form says by ``step`` which action it is."""
    reader = reader_of(request)
    row = _find(reader, pk)
    if request.method != "POST":
        return _page(request, reader, row, _Sent())
    action = request.POST.get("step", "")
    rule = workflow.ROWS.get(action)  # type: ignore[call-overload]
    if rule is None:
        raise BadRequest(_("无法识别的操作"))
    sent = _read(request, reader, row, rule)
    if sent.wrong:
        return _page(request, reader, row, sent)
    data = {**sent.typed, "attachments": [file.pk for file in sent.files]}
    version = number_of(request.POST.get("version", ""))
    try:
        act(commitment_id=pk, action=action, by=reader.actor, at=reader.now, data=data, version=version)
    except (PromiseNotPermitted, UnknownPromiseAction) as error:
        raise PermissionDenied(str(error.message)) from error
    except InvalidCommitment as error:
        sent.wrong = {name: [str(words)] for name, words in error.fields.items()}
        sent.status = HTTPStatus.BAD_REQUEST
        return _page(request, reader, row, sent)
    except PromiseConflict as error:
        sent.conflict, sent.status = _conflict(error), HTTPStatus.CONFLICT
        return _page(request, reader, _find(reader, pk), sent)
    messages.success(request, _("%(what)s：已记录") % {"what": rule.label})
    return redirect("console-commitment", pk=pk)


def _conflict(error: PromiseConflict) -> str:
    if isinstance(error, PromiseVersionConflict):
        return _("承诺刚被别人更新，您填写的内容还在，请核对后再提交。")
    return str(error.message)


def _find(reader: Reader, pk: int) -> Commitment:
    rows = Commitment.objects.visible_to(reader.access).with_moving()
    related = ("owner", "community", "subdistrict", "made_by", "reported_by", "ended_by")
    row = rows.select_related(*related).filter(pk=pk).first()
    if row is None:
        raise Http404(_("没有找到这项承诺"))
    return row


def _read(request: HttpRequest, reader: Reader, row: Commitment, rule: workflow.PromiseRule) -> _Sent:
    """The fields of one form; files are received before the action is tried, and kept where it is refused."""
    typed = {name: request.POST.get(name, "") for name in (*rule.required, *rule.optional)}
    sent = _Sent(action=rule.action.value, typed=typed)
    allowed = [one for one in offers(row, reader.actor) if one.row == rule and not one.refused]
    if not rule.files or not allowed:
        return sent
    kept = [pk for text in request.POST.getlist("attachments") if (pk := number_of(text)) is not None][:MOST_FILES]
    mine = StoredFile.objects.of(SUBJECT, row.pk).filter(pk__in=kept, uploaded_by_id=reader.user.pk)
    files = list(mine.in_order()) if kept else []
    uploads = request.FILES.getlist("files")
    if uploads:
        received, refused = receive_each(
            uploads=uploads,
            by_id=reader.user.pk,
            at=reader.now,
            owner_kind=SUBJECT,
            owner_id=row.pk,
            subdistrict_id=row.subdistrict_id,
        )
        files += received
        if refused:
            sent.wrong, sent.status = {"attachments": [str(error) for error in refused]}, HTTPStatus.BAD_REQUEST
    sent.files = files
    return sent


def _page(request: HttpRequest, reader: Reader, row: Commitment, sent: _Sent) -> HttpResponse:
    words = PromiseReader(reader.access, [row])
    shown = row_of(row, reader, words, about_of(reader.access, [row], words.issues))
    steps = list(row.milestones.order_by("due_on", "id"))
    drafts = list(Draft.objects.of(SUBJECT, row.pk).waiting().order_by("asked_at", "id"))
    panels = [_panel(offer, row, sent, steps, drafts) for offer in offers(row, reader.actor)]
    issue = words.issue_of(row)
    files = {file.pk: file for file in of_owner(SUBJECT, row.pk)}
    context = {
        "row": shown,
        "text": shown.text,
        "facts": _facts(row, shown, words),
        "steps": [_step(step, reader) for step in steps],
        "changes": _changes(row, words),
        "evidence": words.clean(row)(row.evidence),
        "papers": Paper.objects.filter(subject_kind=SUBJECT, subject_id=row.pk).order_by("-id"),
        "drafts": drafts,
        "panels": [panel for panel in panels if not panel.refused],
        "refused": [panel for panel in panels if panel.refused],
        "matter_links": _matter_links(issue.number, shown) if issue is not None else [],
        "days": history_of(
            SUBJECT, row.pk, reader.now, title=tellings.title, changes=_told, files=lambda event: _files(event, files)
        ),
        "conflict": sent.conflict,
        "errors": [
            ErrorItem(f"id_{sent.action}-{name}", "", text) for name, all_ in sent.wrong.items() for text in all_
        ],
        "error_title": error_title(len(sent.wrong)),
    }
    return render(request, "console/commitments/detail.html", context, status=sent.status)


def _facts(row: Commitment, shown: PromiseRow, words: PromiseReader) -> list[dict[str, str]]:
    others = _("、").join(one.department.name for one in row.co_owners.select_related("department").order_by("pk"))
    reported = ""
    if row.reported_at is not None and row.reported_by is not None:
        reported = f"{dates.moment(row.reported_at)} · {row.reported_by.display_name}"
    ended = dates.moment(row.ended_at) if row.ended_at else ""
    if row.ended_at is not None and row.ended_by is not None:
        ended = f"{ended} · {row.ended_by.display_name}"
    state = f"{shown.state_label} · {shown.late}" if shown.late else shown.state_label
    found = (
        (_("进度"), state),
        (_("承诺单位"), row.owner.name),
        (_("共同承诺"), others),
        (_("首次承诺"), day_of(first, row.precision) if (first := row.first_promised_on) else ""),
        (_("现在的日期"), date_text(row)),
        (_("提出社区"), row.community.name if row.community else ""),
        (_("作出承诺"), "" if row.historic else f"{dates.moment(row.made_at)} · {row.made_by.display_name}"),
        (_("报告兑现"), reported),
        (_("兑现说明"), words.clean(row)(row.evidence)),
        (_("确认兑现") if row.state == CommitmentState.FULFILLED else _("撤回"), ended),
        (_("公开日期"), dates.moment(row.released_at) if row.released_at else ""),
    )
    return [{"label": label, "value": value} for label, value in found]


def _step(step: Milestone, reader: Reader) -> dict[str, Any]:
    late = step.reached_at is None and step.due_on < local(reader.now).date()
    reached = _("%(day)s完成") % {"day": dates.day(step.reached_at)} if step.reached_at else ""
    return {"text": step.text, "on": step.due_on, "late": late, "state": reached or _("未完成")}


def _changes(row: Commitment, words: PromiseReader) -> list[dict[str, Any]]:
    found = row.changes.select_related("asked_by", "decided_by").order_by("-pk")
    return [
        {
            "was_on": change.was_on,
            "to_on": change.to_on,
            "reason": words.clean(row)(change.reason),
            "asked": change.asked_by.display_name,
            "state": str(ChangeState(change.state).label),
            "decided": change.decided_by.display_name if change.decided_by else "",
        }
        for change in found
    ]


def _matter_links(number: str, shown: PromiseRow) -> list[Link]:
    """What is done on the page of the matter."""
    actions = ((_("兑现承诺"), IssueAction.FULFIL), (_("承诺改期"), IssueAction.MOVE_PROMISE))
    return [Link(label, f"{shown.source.url}?action={action.value}") for label, action in actions if shown.source.url]


def _told(event: Event) -> Iterable[str]:
    data = event.data
    if event.kind == REMIND:
        yield rungs.label(str(data.get("rung", "")))
    for name, words in (("was_on", _("原定 %(day)s")), ("on", _("新的日期 %(day)s")), ("due_on", _("%(day)s前完成"))):
        day = parse_date(str(data.get(name, "")))
        if day is not None:
            yield words % {"day": dates.day_weekday(day)}
    if data.get("stage") in STAGES:
        yield str(STAGES[data["stage"]])
    if data.get("paper"):
        yield str(data["paper"])


def _files(event: Event, files: Mapping[int, StoredFile]) -> list[Shown]:
    named = [files[pk] for pk in event.data.get("attachments", ()) if pk in files]
    return [present_file(file, staff_link, at=event.at) for file in named]


def _panel(
    offer: PromiseOffer, row: Commitment, sent: _Sent, steps: Sequence[Milestone], drafts: Sequence[Draft]
) -> PromisePanel:
    rule, mine = offer.row, sent.action == offer.row.action
    code = rule.action.value
    wrong = sent.wrong if mine else {}
    names = [*rule.required, *rule.optional]
    choices = {name: _choices(name, steps, drafts) for name in names}
    fields = [
        _field(f"{code}-{name}", name, sent.typed.get(name, "") if mine else "", wrong.get(name, ()), choices[name])
        for name in names
    ]
    required = [replace(shape, required=shape.name in rule.required) for shape in fields]
    upload = None
    if rule.files:
        kept = [present_file(file, staff_link) for file in sent.files] if mine else []
        upload = {"name": f"{code}-attachments", "label": _("照片和附件"), "kept": kept}
        upload["errors"] = wrong.get("attachments", ())
    return PromisePanel(
        code=code,
        label=str(rule.label),
        help=str(_HELP.get(rule.action, "")),
        refused=str(offer.refused) or _nothing_to_choose(required),
        fields=required,
        upload=upload,
        open=mine or (rule.action in _FIRST and not sent.action),
        danger=rule.action in (Action.WITHDRAW, Action.UNRELEASE),
        version=row.version,
    )


def _nothing_to_choose(fields: Sequence[FieldShape]) -> str:
    """Why a form cannot be filled in: there is nothing to choose from where something has to be chosen."""
    empty = next((field for field in fields if field.required and field.type == "select" and not field.choices), None)
    return _("“%(what)s”没有可选的内容") % {"what": empty.label} if empty is not None else ""


def _choices(name: str, steps: Sequence[Milestone], drafts: Sequence[Draft]) -> list[ChoiceShape]:
    if name == "milestone":
        return [ChoiceShape(str(step.pk), step.text) for step in steps if step.reached_at is None]
    if name == "stage":
        return [ChoiceShape(stage, str(label)) for stage, label in STAGES.items()]
    return [ChoiceShape(draft.kind, str(draft.get_kind_display())) for draft in drafts] if name == "kind" else []


def _field(pk: str, name: str, value: str, errors: Sequence[str], choices: Sequence[ChoiceShape]) -> FieldShape:
    return FieldShape(
        *(name, str(_LABELS[name]), _TYPES.get(name, "textarea"), value),
        id=pk,
        choices=choices,
        errors=errors,
        maxlength=200 if name == "text" else LONGEST if name in ("note", "reason") else None,
        rows=3,
        autocomplete="off",
    )


_TYPES: Final[Mapping[str, str]] = {
    "text": "text",
    "on": "date",
    "milestone": "select",
    "stage": "select",
    "kind": "select",
    "visible": "checkbox",
}
