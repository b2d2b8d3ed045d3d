"""提问箱: what the public asks at a released meeting, without an account; and how each question ended."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common import limits
from common.clock import now, today
from common.http import network
from common.keyset import BadCursor, Page
from communities import emergencies
from communities.emergencies import NO_ALARM, Alarm
from door.drafts import UnsentForm
from issues.services import submissions
from issues.services.errors import InvalidFields
from meetings import published
from meetings.models import Question, QuestionBox
from meetings.services import asking
from meetings.services.errors import AskedBefore, NotNow
from meetings.words import tally_of
from phone.again import STALE, HeldForm, acted_before, key_of, reopenable, too_often
from phone.forms import QuestionForm
from phone.guard import SPENT, Guard, stopped
from phone.kept import FormKeeper, FormKind, keeping_words
from phone.shared import add_errors, alarm_item, form_errors, public, tell_masked

ON_PAGE = 20


@dataclass(frozen=True)
class _Draft:
    """One question under way, why it was not taken, and what the server keeps of it."""

    keeper: FormKeeper
    guard: Guard
    box: QuestionBox
    form: QuestionForm
    held: HeldForm | None = None
    alarm: Alarm = NO_ALARM
    kept: UnsentForm | None = None


@public
@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: HttpRequest, pk: int) -> HttpResponse:
    """``/meetings/<pk>/questions/``: the count, the form while the box is open, and what was asked."""
    box = published.box_of(pk)
    if box is None:
        raise Http404(_("没有找到"))
    keeper = FormKeeper(request, FormKind(f"question-{pk}", ("question", "door"), partial(asking.was_asked, pk)))
    answer = _take(request, keeper, box) if request.method == "POST" else _open(request, keeper, box)
    return keeper.finish(answer)


def _open(request: HttpRequest, keeper: FormKeeper, box: QuestionBox) -> HttpResponse:
    """The form, blank or with what this browser has not sent yet."""
    kept = keeper.find()
    if kept is None:
        blank = QuestionForm(initial={"idempotency_key": submissions.new_key()})
        return reopenable(_page(request, _Draft(keeper, Guard(keeper.name), box, blank)))
    alarm = emergencies.find_alarm(box.meeting.subdistrict_id, kept.values.get("question", ""))
    form = QuestionForm(initial={**kept.values, "idempotency_key": kept.key})
    guard = Guard.restored(keeper.name, kept.values.get("door", ""))
    return _page(request, _Draft(keeper, guard, box, form, alarm=alarm, kept=kept))


def _take(request: HttpRequest, keeper: FormKeeper, box: QuestionBox) -> HttpResponse:
    pk, key, words = box.meeting_id, request.POST.get("idempotency_key", ""), request.POST.get("question", "")
    if "throw" in request.POST:
        keeper.throw_away(key, ())
        return redirect("public-questions", pk=pk)
    guard = Guard.of(request, keeper.name)
    if keeper.switch() or "keep" in request.POST:
        form = QuestionForm(initial={"question": words, "idempotency_key": key})
        return _page(request, _Draft(keeper, guard, box, form))
    sent = submissions.Sent(key, None, submissions.digest_of({"question": words}))
    draft = _Draft(keeper, guard, box, QuestionForm(request.POST))
    try:
        earlier = asking.find_asked(pk, sent)
    except AskedBefore:
        draft = replace(draft, held=acted_before())
    except InvalidFields:
        draft = replace(draft, held=STALE)
    else:
        if earlier is not None:
            return _received(request, draft, earlier.number)
    if not draft.form.is_valid():
        return _page(request, replace(draft, held=None), status=400)
    if draft.held is not None:
        return _page(request, draft, status=draft.held.status)
    return _submit(request, draft, sent)


def _submit(request: HttpRequest, draft: _Draft, sent: submissions.Sent) -> HttpResponse:
    """Ask within the limit; what is not asked is not counted. Who is in danger is told whom to call, whatever else."""
    words, meeting_id = draft.form.cleaned_data["question"], draft.box.meeting_id
    alarm = emergencies.find_alarm(draft.box.meeting.subdistrict_id, words)
    draft = replace(draft, alarm=alarm)
    if alarm and not draft.form.cleaned_data["sure"]:
        return _page(request, draft)
    held = stopped(request, draft.box.meeting.subdistrict, None, "") or draft.guard.held
    held = held or (None if draft.guard.spend() else SPENT)
    if held is not None:
        return _page(request, replace(draft, held=held), status=held.status)
    counted = [(limits.QUESTIONS_PER_NETWORK, network(request))]
    counted += draft.guard.counted(request, limits.UNPROVEN_PER_NETWORK)
    answer = limits.hit_all(counted)
    if isinstance(answer, limits.Denied):
        draft.guard.give_back()
        return _page(request, replace(draft, held=too_often(answer.retry_after)), status=429)
    try:
        asked = asking.ask(meeting_id=meeting_id, words=words, sent=sent, at=now())
    except (InvalidFields, AskedBefore, NotNow) as error:
        _release(draft, counted)
        return _refused(request, draft, error)
    except Exception:
        _release(draft, counted)
        raise
    if asked.again:
        _release(draft, counted)
    tell_masked(request, {"description": words})
    return _received(request, draft, asked.question.number)


def _release(draft: _Draft, counted: Sequence[tuple[limits.Bucket, str]]) -> None:
    draft.guard.give_back()
    limits.release_all(counted)


def _refused(request: HttpRequest, draft: _Draft, error: InvalidFields | AskedBefore | NotNow) -> HttpResponse:
    if isinstance(error, InvalidFields):
        add_errors(draft.form, error.fields)
        return _page(request, draft, status=400)
    if isinstance(error, AskedBefore):
        return _page(request, replace(draft, held=acted_before()), status=409)
    return _page(request, replace(draft, held=_too_late(), box=_again(draft.box)), status=409)


def _too_late() -> HeldForm:
    return HeldForm(409, _("提问已经截止，您写的内容没有提交"), _("还要反映的，请到“我要反映”，会有编号和答复日期。"))


def _again(box: QuestionBox) -> QuestionBox:
    """The box as it is now: it was closed while somebody typed."""
    return published.box_of(box.meeting_id) or box


def _received(request: HttpRequest, draft: _Draft, number: int) -> HttpResponse:
    draft.keeper.sent(request.POST.get("idempotency_key", ""))
    words = _("已收到，您的提问是%(number)d号。工作人员看过后，适合公开的公布在这里。")
    messages.success(request, words % {"number": number})
    return redirect("public-questions", pk=draft.box.meeting_id)


def _page(request: HttpRequest, draft: _Draft, status: int = 200) -> HttpResponse:
    box, form = draft.box, draft.form
    address = reverse("public-questions", args=[box.meeting_id])
    page, first_url = _asked(request, box)
    key, kept = key_of(form, draft.held), draft.kept
    if request.method == "POST":
        kept = draft.keeper.keep(key, request.POST, ())
    context: dict[str, Any] = {
        "meeting": published.public_meeting(box.meeting, today()),
        "is_open": box.is_open(today()),
        "tally": tally_of(Question.objects.filter(box=box).counts()),
        "form": form,
        "errors": form_errors(form) if form.is_bound else [],
        "held": draft.held,
        "alarm": alarm_item(draft.alarm),
        "idempotency_key": key,
        **keeping_words(request, kept),
        **draft.guard.words(),
        "questions": page.rows,
        "next_url": f"{address}?after={page.next_cursor}" if page.next_cursor else "",
        "first_url": address if first_url else "",
    }
    response = render(request, "phone/questions.html", context, status=status)
    if draft.held is not None and draft.held.retry_after:
        response["Retry-After"] = str(draft.held.retry_after)
    return response


def _asked(request: HttpRequest, box: QuestionBox) -> tuple[Page, bool]:
    """The page of questions that was asked for, else the first; whether it is a later one."""
    cursor = request.GET.get("after", "")[:200]
    try:
        return published.questions_page(box, at=now(), cursor=cursor, size=ON_PAGE), bool(cursor)
    except BadCursor:
        return published.questions_page(box, at=now(), cursor=None, size=ON_PAGE), False
