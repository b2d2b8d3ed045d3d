"""One proposal: its clocks, what co-handlers say, each answer, a reply for each deputy, and what each says of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from commitments.enums import CommitmentState
from common import dates
from common.papers import CONTENT_TYPE
from communities.access import Access
from communities.models import Department
from console.kit import history
from console.kit.choices import pair_choices, row_choices
from console.kit.form_fields import Errors, errors_of, words_typed
from console.kit.reading import Reader, number_of, reader_of
from console.kit.shapes import ErrorItem, FieldShape, error_title
from console.kit.typed import shaper
from console.proposals.listing import row_of
from deadlines import kinds
from deadlines.models import Deadline
from issues.services.errors import InvalidFields, IssueError, NotPermitted
from proposals import reply
from proposals.enums import PROPOSAL, Grade, Opinion, ProposalState
from proposals.models import DeputyOpinion, Proposal, ProposalAnswer, ProposalPart
from proposals.rights import may_answer, may_give_part, may_register
from proposals.services import answering, changing, hearing, registering
from proposals.services.answering import NewAnswer
from proposals.services.base import LONGEST
from reminders import tellings


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def proposal_page(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/proposals/<pk>/``; every form says by ``step`` what it does."""
    reader = reader_of(request)
    row = _find(reader, pk)
    if request.method != "POST":
        return _page(request, reader, row)
    step = _STEPS.get(request.POST.get("step", ""))
    version = number_of(request.POST.get("version", ""), 9)
    if step is None or version is None:
        raise BadRequest(_("无法识别的操作"))
    try:
        messages.success(request, step(_Step(request.POST, reader, row.pk, version)))
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except InvalidFields as error:
        return _page(request, reader, row, wrong=errors_of(error), status=HTTPStatus.BAD_REQUEST)
    except IssueError as error:
        return _page(request, reader, _find(reader, pk), conflict=str(error.message), status=HTTPStatus.CONFLICT)
    return redirect("console-proposal", pk=pk)


@require_safe
def reply_file(request: HttpRequest, pk: int, place: int) -> HttpResponse:
    """``/console/proposals/<pk>/replies/<deputy>/``: the last answer to this deputy, or that of ``round``, as Word."""
    row = _find(reader_of(request), pk)
    answers = row.answers.select_related("proposal__lead", "commitment").order_by("-round")
    wanted = number_of(request.GET.get("round", ""), 4)
    found = (answers.filter(round=wanted) if wanted is not None else answers).first()
    deputy = row.deputies.filter(pk=place).first()
    if found is None or deputy is None:
        raise Http404(_("还没有答复，或没有这位代表"))
    response = HttpResponse(reply.as_docx(reply.paper_of(found, deputy)), content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(reply.file_name(found, deputy), safe='')}"
    return response


def _find(reader: Reader, pk: int) -> Proposal:
    found = Proposal.objects.visible_to(reader.access).with_names().filter(pk=pk).first()
    if found is None:
        raise Http404(_("没有找到建议，可能不在您的范围"))
    return found


# What is sent


@dataclass(frozen=True)
class _Step:
    """One sending of a form."""

    typed: Mapping[str, str]
    reader: Reader
    pk: int
    version: int

    @property
    def act(self) -> dict[str, Any]:
        """Of which proposal, by whom, when."""
        return {"proposal_id": self.pk, "by": self.reader.actor, "at": self.reader.now}

    @property
    def given(self) -> dict[str, Any]:
        """What every service asks for but that for co-handlers, who write at the same time."""
        return self.act | {"version": self.version}

    def text(self, name: str) -> str:
        """What stands in a field."""
        return self.typed.get(name, "")

    def day(self, name: str) -> date | None:
        """A date; None for none. Raises InvalidFields."""
        try:
            return date.fromisoformat(self.text(name)) if self.text(name) else None
        except ValueError as error:
            raise InvalidFields({name: _("请填写日期，例如 2026-12-31")}) from error


def _give_part(step: _Step) -> str:
    answering.give_part(**step.act, department=step.text("department"), note=step.text("note"))
    return _("已提出会办意见")


def _add_part(step: _Step) -> str:
    registering.add_part(**step.given, department=step.text("department"))
    return _("已增加会办单位")


def _waive_part(step: _Step) -> str:
    registering.waive_part(**step.given, department=step.text("department"), reason=step.text("reason"))
    return _("已免去会办")


def _ask_time(step: _Step) -> str:
    registering.ask_time(**step.given, on=step.day("on"), reason=step.text("reason"))
    return _("已申请延期，等待审批")


def _grant_time(step: _Step) -> str:
    registering.decide_time(**step.given, granted=True)
    return _("已同意延期")


def _refuse_time(step: _Step) -> str:
    registering.decide_time(**step.given, granted=False, reason=step.text("reason"))
    return _("已不同意延期")


def _answer(step: _Step) -> str:
    texts = {name: step.text(name) for name in ("grade", "answer", "why", "promise")}
    answering.answer(**step.given, given=NewAnswer(**texts, due_on=step.day("due_on")))
    return _("已答复，请下载答复件送代表")


def _hear(step: _Step) -> str:
    deputy = number_of(step.text("deputy")) or 0
    hearing.record_opinion(**step.given, deputy_id=deputy, opinion=step.text("opinion"), reason=step.text("why"))
    return _("已记录代表意见")


def _report(step: _Step) -> str:
    round_ = number_of(step.text("round"), 4) or 0
    answering.report_kept(**step.given, round_=round_, words=step.text("kept"))
    return _("已再次答复代表")


def _correct(step: _Step) -> str:
    number, title, words = (step.text(name) for name in ("number", "title", "words"))
    changing.correct(**step.given, number=number, title=title, words=words)
    return _("已更正")


def _hand_over(step: _Step) -> str:
    changing.hand_over(**step.given, lead=step.text("lead"), reason=step.text("reason"))
    return _("已改由另一单位主办")


def _withdraw(step: _Step) -> str:
    changing.withdraw(**step.given, reason=step.text("reason"))
    return _("已撤回")


_STEPS: Final[dict[str, Callable[[_Step], str]]] = {
    "give_part": _give_part,
    "add_part": _add_part,
    "waive_part": _waive_part,
    "ask_time": _ask_time,
    "grant_time": _grant_time,
    "refuse_time": _refuse_time,
    "answer": _answer,
    "hear": _hear,
    "report": _report,
    "correct": _correct,
    "hand_over": _hand_over,
    "withdraw": _withdraw,
}


# What is shown


@dataclass(frozen=True)
class PartRow:
    """A co-handler: what it said, or until when it is to. ``gives``: the reader may say it now."""

    code: str
    name: str
    note: str
    waived: bool
    due: str
    late: bool
    gives: bool
    waits: bool


@dataclass(frozen=True)
class HeardRow:
    """A deputy, with the opinion on one answer; "" where there is none yet."""

    pk: int
    called: str
    opinion: str
    unhappy: bool
    reason: str
    reply_url: str


@dataclass(frozen=True)
class AnswerRow:
    """One answer, with what it promises and what was told once that was kept."""

    round: int
    grade: str
    words: str
    reason: str
    at: datetime
    promise_url: str
    promise: str
    kept: str
    reports: bool
    heard: tuple[HeardRow, ...]


def _page(
    request: HttpRequest,
    reader: Reader,
    row: Proposal,
    *,
    wrong: Errors | None = None,
    conflict: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    wrong, access = wrong or {}, reader.access
    office, lead = may_register(access, row.subdistrict_id), may_answer(access, row)
    clocks = list(Deadline.objects.of(PROPOSAL, row.pk).open().select_related("party").order_by("due_at", "id"))
    handling = row.state == ProposalState.HANDLING
    answers = _answers(row, lead=lead)
    heard = answers[0].heard if answers and office and not row.has_ended else ()
    hears = [one for one in heard if not one.opinion]
    context = {
        "proposal": row,
        "row": row_of(row, reader.now),
        "deputies": list(row.deputies.order_by("pk")),
        "clocks": [_clock(clock, reader.now) for clock in clocks],
        "parts": _parts(row, reader, clocks),
        "answers": answers,
        "office": office,
        "answering": lead and handling,
        "asks_time": lead and handling and row.round == 1 and row.extended_on is None and row.asked_at is None,
        "corrects": office and not row.has_ended,
        "withdraws": office and handling and row.round == 1,
        "decides": office and row.asked_at is not None and row.asked_by_id != reader.user.pk,
        "hears": hears,
        "field": _fields(request, row, wrong, hears, office=office and handling),
        "conflict": conflict,
        "kept_words": _unsent(request, again=lead and handling) if conflict else [],
        "step": request.POST.get("step", "") if wrong else "",
        "errors": [
            ErrorItem(_place(name, request.POST.get("step", "")), "", text)
            for name, texts in wrong.items()
            for text in texts
        ],
        "error_title": error_title(len(wrong)),
        "days": history.history_of(PROPOSAL, row.pk, reader.now, title=tellings.title),
    }
    return render(request, "console/proposals/proposal.html", context, status=status)


_REASONS: Final = {"hand_over": "handing", "withdraw": "withdrawing"}
"""Where the reason of a step stands that is shown beside others."""


def _place(name: str, step: str) -> str:
    """The id of a field; "" of those that stand in several forms."""
    if name == "reason" and step in _REASONS:
        return _REASONS[step]
    return "" if name in ("note", "why") else f"id_{name}"


def _unsent(request: HttpRequest, *, again: bool) -> list[dict[str, str]]:
    """What was typed; nothing of an answer whose form is shown ``again`` with it."""
    if again and request.POST.get("step") == "answer":
        return []
    labels = {"answer": _("答复的内容"), "promise": _("承诺的内容"), "note": _("会办意见"), "kept": _("完成的情况"),
              "number": _("建议编号"), "title": _("标题"), "words": _("建议的内容")}  # fmt: skip
    return words_typed(request, [*labels.items(), ("reason", _("原因")), ("why", _("原因"))])


def _clock(clock: Deadline, at: datetime) -> dict[str, Any]:
    owner = clock.party.short_name if clock.party else ""
    due = dates.moment_short(clock.due_at)
    return {"label": kinds.label(clock.kind), "owner": owner, "due": due, "late": clock.is_overdue(at)}


def _parts(row: Proposal, reader: Reader, clocks: list[Deadline]) -> list[PartRow]:
    """One statement."""
    due = {clock.party_id: clock for clock in clocks if clock.kind == "proposal_part"}
    rows = row.parts.select_related("department").order_by("department__name_zh", "pk")
    return [_part(part, due.get(part.department_id), row, reader.access, reader.now) for part in rows]


def _part(part: ProposalPart, clock: Deadline | None, row: Proposal, access: Access, at: datetime) -> PartRow:
    waits = part.is_waited_for and row.state == ProposalState.HANDLING
    mine = may_give_part(access, row, part.department_id, external=part.department.is_external)
    return PartRow(
        code=part.department.code,
        name=part.department.name,
        note=part.note,
        waived=part.waived_at is not None,
        due=dates.day(clock.due_at) if clock else "",
        late=clock.is_overdue(at) if clock else False,
        gives=waits and mine,
        waits=waits,
    )


def _answers(row: Proposal, *, lead: bool) -> list[AnswerRow]:
    """The last first; three statements."""
    found = list(row.answers.select_related("commitment").order_by("-round"))
    if not found:
        return []
    opinions: dict[tuple[int, int], DeputyOpinion] = {
        (one.answer_id, one.deputy_id): one for one in DeputyOpinion.objects.filter(answer__proposal=row)
    }
    deputies = list(row.deputies.order_by("pk"))
    return [_answer_row(one, row, deputies, opinions, lead=lead) for one in found]


def _answer_row(
    one: ProposalAnswer,
    row: Proposal,
    deputies: list[Any],
    opinions: Mapping[tuple[int, int], DeputyOpinion],
    *,
    lead: bool,
) -> AnswerRow:
    promised = one.commitment
    kept = promised is not None and promised.state == CommitmentState.FULFILLED
    return AnswerRow(
        round=one.round,
        grade=str(one.get_grade_display()),
        words=one.words,
        reason=one.reason,
        at=one.answered_at,
        promise_url=reverse("console-commitment", args=[promised.pk]) if promised else "",
        promise=f"{promised.text} · {promised.get_state_display()}" if promised else "",
        kept=one.kept,
        reports=lead and kept and one.reported_at is None,
        heard=tuple(_heard(one, row, deputy, opinions.get((one.pk, deputy.pk))) for deputy in deputies),
    )


def _heard(one: ProposalAnswer, row: Proposal, deputy: Any, said: DeputyOpinion | None) -> HeardRow:
    return HeardRow(
        pk=deputy.pk,
        called=deputy.called,
        opinion=str(said.get_opinion_display()) if said else "",
        unhappy=said is not None and said.opinion == Opinion.DISSATISFIED,
        reason=said.reason if said else "",
        reply_url=f"{reverse('console-proposal-reply', args=[row.pk, deputy.pk])}?round={one.round}",
    )


def _fields(
    request: HttpRequest, row: Proposal, wrong: Errors, hears: Sequence[HeardRow], *, office: bool
) -> dict[str, FieldShape]:
    """The fields of the forms by name; one statement where an organisation may be added."""
    shape = shaper(request.POST if wrong or request.POST.get("step") != "correct" else {}, wrong)
    departments = Department.objects.filter(subdistrict_id=row.subdistrict_id, retired_at__isnull=True)
    choices = row_choices(departments.order_by("name_zh", "id") if office else (), "code")
    deputies = pair_choices((one.pk, one.called) for one in hears)
    grades, opinions = pair_choices(Grade.choices), pair_choices(Opinion.choices)
    return {
        "grade": shape("grade", _("答复类别"), "radio", choices=grades, required=True),
        "answer": shape("answer", _("答复的内容"), "textarea", rows=6, required=True, maxlength=LONGEST["answer"]),
        "why": shape("why", _("暂时不能解决的原因"), maxlength=LONGEST["why"], when="grade:C", required=True),
        "promise": shape(
            *("promise", _("承诺的内容"), "textarea"),
            rows=2,
            maxlength=LONGEST["promise"],
            when="grade:B",
            required=True,
        ),
        "due_on": shape("due_on", _("完成日期"), "date", when="grade:B", required=True),
        "note": shape("note", _("会办意见"), "textarea", rows=3, required=True, maxlength=LONGEST["note"]),
        "department": shape("department", _("会办单位"), "department", choices=choices),
        "on": shape("on", _("延期到"), "date", required=True),
        "reason": shape("reason", _("原因"), maxlength=LONGEST["reason"], required=True, autocomplete="off"),
        "deputy": shape("deputy", pgettext("one", "代表"), "select", choices=deputies, required=True),
        "opinion": shape("opinion", _("意见"), "radio", choices=opinions, required=True),
        "unhappy": shape(
            *("why", _("不满意的原因")),
            id="unhappy",
            maxlength=LONGEST["why"],
            when=f"opinion:{Opinion.DISSATISFIED}",
            required=True,
        ),
        "number": shape("number", _("建议编号"), "text", row.number, required=True, maxlength=LONGEST["number"]),
        "title": shape("title", _("标题"), "text", row.title, required=True, maxlength=LONGEST["title"]),
        "words": shape(
            *("words", _("建议的内容"), "textarea", row.words), rows=6, required=True, maxlength=LONGEST["words"]
        ),
        "lead": shape("lead", _("主办单位"), "department", choices=choices, required=True),
        **{
            place: shape("reason", _("原因"), id=place, maxlength=LONGEST["reason"], required=True, autocomplete="off")
            for place in _REASONS.values()
        },
        "kept": shape("kept", _("完成的情况"), "textarea", rows=3, required=True, maxlength=LONGEST["kept"]),
    }
