"""One question of the public: shown, merged, given to somebody, answered, promised, or not suitable."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from communities.models import Department
from console.kit import history
from console.kit.choices import row_choices
from console.kit.form_fields import Errors, errors_of, words_typed
from console.kit.reading import Reader, number_of, reader_of
from console.kit.shapes import ChoiceShape, ErrorItem, FieldShape, error_title
from console.kit.typed import shaper
from console.meetings.questions import UNSEEN, row_of
from issues.services.errors import InvalidFields, IssueError, NotPermitted
from meetings.enums import QUESTION, MeetingState, QuestionState
from meetings.models import Meeting, Question
from meetings.rights import may_answer, may_keep
from meetings.services import answering
from meetings.services.base import LONGEST
from reminders import tellings


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def question_page(request: HttpRequest, pk: int, place: int) -> HttpResponse:
    """``/console/meetings/<pk>/questions/<place>/``; a form says by ``step`` what it does."""
    reader = reader_of(request)
    row = _find(reader, pk, place)
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
        fresh = _find(reader, pk, place)
        return _page(request, reader, fresh, conflict=str(error.message), status=HTTPStatus.CONFLICT)
    if request.POST.get("then") == "list":
        return redirect(f"{reverse('console-meeting-questions', args=[pk])}?view={UNSEEN}")
    return redirect("console-question", pk=pk, place=place)


def _find(reader: Reader, pk: int, place: int) -> Question:
    rows = Question.objects.visible_to(reader.access).with_names()
    found = rows.filter(box__meeting_id=pk, number=place).first()
    if found is None:
        raise Http404(_("没有找到提问，可能不在您的范围"))
    return found


@dataclass(frozen=True)
class _Step:
    """One sending of a form."""

    typed: Mapping[str, str]
    reader: Reader
    pk: int
    version: int

    @property
    def given(self) -> dict[str, Any]:
        """What every service asks for."""
        return {"question_id": self.pk, "version": self.version, "by": self.reader.actor, "at": self.reader.now}

    @property
    def department_id(self) -> int | None:
        """The organisation that was chosen."""
        return number_of(self.typed.get("department", ""))

    def text(self, name: str) -> str:
        """What stands in a field."""
        return self.typed.get(name, "")


def _show(step: _Step) -> str:
    answering.show(**step.given)
    return _("已公开，居民可以看到")


def _hide(step: _Step) -> str:
    answering.show(**step.given, back=True)
    return _("已撤回公开")


def _merge(step: _Step) -> str:
    into = number_of(step.text("into"), 9)
    answering.merge(**step.given, into=into or 0)
    return _("已合并")


def _unmerge(step: _Step) -> str:
    answering.unmerge(**step.given)
    return _("已撤销合并")


def _assign(step: _Step) -> str:
    answering.assign(**step.given, department_id=step.department_id)
    return _("已指定答复单位，该单位会收到通知")


def _written(step: _Step) -> str:
    return _answered(step, QuestionState.WRITTEN)


def _on_air(step: _Step) -> str:
    return _answered(step, QuestionState.ON_AIR)


def _answered(step: _Step, way: QuestionState) -> str:
    answering.answer(**step.given, way=way.value, words=step.text("answer"), department_id=step.department_id)
    return _("已记录答复")


def _promise(step: _Step) -> str:
    try:
        due_on = date.fromisoformat(step.text("due_on")) if step.text("due_on") else None
    except ValueError as error:
        raise InvalidFields({"due_on": _("请填写日期，例如 2026-12-31")}) from error
    answering.promise(**step.given, words=step.text("answer"), due_on=due_on, department_id=step.department_id)
    return _("已转为承诺事项")


def _refuse(step: _Step) -> str:
    answering.refuse(**step.given, reason=step.text("reason"))
    return _("已记录不适合答复")


def _reopen(step: _Step) -> str:
    answering.reopen(**step.given, reason=step.text("reason"))
    return _("已改为待答复")


_STEPS: Final[dict[str, Callable[[_Step], str]]] = {
    "show": _show,
    "hide": _hide,
    "merge": _merge,
    "unmerge": _unmerge,
    "assign": _assign,
    "written": _written,
    "on_air": _on_air,
    "promise": _promise,
    "refuse": _refuse,
    "reopen": _reopen,
}


def _page(
    request: HttpRequest,
    reader: Reader,
    row: Question,
    *,
    wrong: Errors | None = None,
    conflict: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    wrong = wrong or {}
    meeting = row.box.meeting
    keeps = may_keep(reader.access, meeting)
    context = {
        "question": row,
        "row": row_of(row, reader),
        "meeting": meeting,
        "sees_meeting": Meeting.objects.visible_to(reader.access).filter(pk=meeting.pk).exists(),
        "merged": list(row.merged.order_by("number").values_list("number", flat=True)),
        "promise_url": reverse("console-commitment", args=[row.commitment_id]) if row.commitment_id else "",
        "keeps": keeps,
        "answers": row.is_open and may_answer(reader.access, row),
        "reopens": keeps and row.state != QuestionState.ASKED,
        "field": _fields(request, reader, row, wrong) if row.is_open or row.state != QuestionState.ASKED else {},
        "conflict": conflict,
        "kept_words": _unsent(request, row) if conflict else [],
        "errors": [ErrorItem(f"id_{name}", "", text) for name, texts in wrong.items() for text in texts],
        "error_title": error_title(len(wrong)),
        "days": history.history_of(QUESTION, row.pk, reader.now, title=tellings.title),
    }
    return render(request, "console/meetings/question.html", context, status=status)


def _unsent(request: HttpRequest, row: Question) -> list[dict[str, str]]:
    """What was typed where the form it was typed into is not shown again."""
    return [] if row.is_open else words_typed(request, [("answer", _("答复或承诺的内容")), ("reason", _("原因"))])


def _fields(request: HttpRequest, reader: Reader, row: Question, wrong: Errors) -> dict[str, FieldShape]:
    """The fields of the forms by name; one statement where an organisation may be chosen."""
    shape = shaper(request.POST, wrong)
    chosen = str(row.department_id or "")
    keeps = may_keep(reader.access, row.box.meeting)
    choices = _departments(row) if keeps and row.is_open else ()
    label = _("答复单位")
    ways = (
        ChoiceShape("on_air", str(QuestionState.ON_AIR.label)),
        ChoiceShape("written", str(QuestionState.WRITTEN.label)),
        ChoiceShape("promise", _("转为承诺事项")),
    )
    usual = "on_air" if row.box.meeting.state == MeetingState.LIVE else "written"
    sent = request.POST.get("step")
    return {
        "way": FieldShape(
            *("step", _("怎样答复"), "radio", sent if sent in {one.value for one in ways} else usual, ways),
            required=True,
        ),
        "answer": shape("answer", _("答复或承诺的内容"), "textarea", rows=4, maxlength=LONGEST["answer"]),
        "department": shape("department", label, "department", chosen, choices=choices),
        "assign": shape("department", label, "department", chosen, choices=choices, id="assign"),
        "due_on": shape("due_on", _("承诺完成日期"), "date", when="step:promise", help=_("不填的，30天后复查")),
        "into": shape("into", _("并入哪个编号"), "number", least="1"),
        "reason": shape("reason", _("原因"), maxlength=LONGEST["reason"], autocomplete="off"),
    }


def _departments(row: Question) -> tuple[ChoiceShape, ...]:
    rows = Department.objects.filter(subdistrict_id=row.subdistrict_id, retired_at__isnull=True)
    return row_choices(rows.order_by("name_zh", "id"))
