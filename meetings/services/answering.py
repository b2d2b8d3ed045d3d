"""What is done about a question of the public: shown, merged, given to somebody, answered, promised, not suitable."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from commitments.enums import CommitmentState
from commitments.services.errors import InvalidCommitment
from commitments.services.making import make
from communities.actors import Actor
from communities.models import Department
from deadlines import services as deadlines
from deadlines.models import Deadline
from issues.services.errors import InvalidFields, NotPermitted
from meetings.enums import ANSWERED, QUESTION, QUESTION_CLOCK, QuestionState
from meetings.models import Question, QuestionBox
from meetings.rights import may_answer, may_keep
from meetings.services.asking import clock_of, is_over
from meetings.services.base import clean, tell, why
from meetings.services.errors import NotNow, QuestionChanged

_ENDED = (QuestionState.ON_AIR, QuestionState.WRITTEN, QuestionState.UNSUITABLE)


def show(*, question_id: int, version: int, by: Actor, at: datetime, back: bool = False) -> Question:
    """Let everybody read it, or (``back``) nobody any more. Raises NotPermitted, QuestionChanged, NotNow."""
    with transaction.atomic():
        row = _held(question_id, version, by)
        if (row.shown_at is None) is back:
            raise QuestionChanged
        if row.state == QuestionState.UNSUITABLE:
            raise NotNow(_("不适合答复的提问不公开内容"))
        row.shown_at, row.shown_by = (None, None) if back else (at, by.user)
        _save(row, "shown_at", "shown_by")
        _tell(row, "question_hidden" if back else "question_shown", by, at)
    return row


def merge(*, question_id: int, into: int, version: int, by: Actor, at: datetime) -> Question:
    """It asks what question ``into`` (its number) asks: it ends as that one does, with all that was merged into it.

    Raises NotPermitted, QuestionChanged, NotNow, InvalidFields.
    """
    with transaction.atomic():
        # One merging at a time in a box: no two wait for one another's questions.
        QuestionBox.objects.select_for_update(of=("self",), no_key=True).get(questions__pk=question_id)
        row = _held(question_id, version, by)
        _check_open(row)
        rows = Question.objects.select_for_update(no_key=True).exclude(pk=row.pk)
        master = rows.filter(box_id=row.box_id, number=into).first()
        if master is None:
            raise InvalidFields({"into": _("没有这个提问，请填写同一场的另一个编号")})
        if master.master_id is not None or master.state == QuestionState.UNSUITABLE:
            raise InvalidFields({"into": _("这个提问已并入另一个，或不适合答复")})
        Question.objects.filter(master_id=row.pk).update(master_id=master.pk, version=F("version") + 1)
        _end_clock(row, at, cancelled=True)
        row.master = master
        _save(row, "master", "due_at")
        _tell(row, "question_merged", by, at, into=master.number)
    return row


def unmerge(*, question_id: int, version: int, by: Actor, at: datetime) -> Question:
    """It is a question of its own again. Raises NotPermitted, QuestionChanged, NotNow."""
    with transaction.atomic():
        row = _held(question_id, version, by)
        if row.master is None:
            raise NotNow(_("这个提问没有并入别的提问"))
        was, row.master = row.master.number, None
        _owe(row, at)
        _save(row, "master", "due_at", "department")
        _tell(row, "question_unmerged", by, at, was=was)
    return row


def assign(*, question_id: int, department_id: int | None, version: int, by: Actor, at: datetime) -> Question:
    """Say who is to answer it; the date stays. Raises NotPermitted, QuestionChanged, NotNow, InvalidFields."""
    with transaction.atomic():
        row = _held(question_id, version, by)
        _check_open(row)
        row.department = _department(row, department_id)
        if row.due_at is not None:
            deadlines.hand_over(_clocks(row), {QUESTION_CLOCK}, row.department.pk)
        _save(row, "department")
        _tell(row, "question_assigned", by, at, department=row.department.pk)
    return row


def answer(
    *, question_id: int, way: str, words: str, version: int, by: Actor, at: datetime, department_id: int | None = None
) -> Question:
    """It was answered, on air or in writing. Whoever is to answer it writes; the secretary notes what was said.

    ``department_id``: who answered, where that is not who was to; only the secretary says so.

    Raises NotPermitted, QuestionChanged, NotNow, InvalidFields.
    """
    if way not in ANSWERED:
        raise InvalidFields({"way": _("请从列出的选项中选择")})
    said = clean({"answer": words}, required={"answer": _("请填写答复的内容")})["answer"]
    with transaction.atomic():
        written = way == QuestionState.WRITTEN
        row = _held(question_id, version, by, may=may_answer if written else _keeps)
        _check_open(row)
        if department_id is not None and department_id != row.department_id:
            if not may_keep(by.access, row.box.meeting):
                raise NotPermitted(_("指定答复单位由召集的社区或街道社会治理办决定"))
            row.department = _department(row, department_id)
        row.state, row.answer = way, said
        _end(row, by, at, "answer")
        _tell(row, "question_answered", by, at, texts={"answer": said}, way=way, department=row.department_id)
    return row


def promise(
    *,
    question_id: int,
    words: str,
    version: int,
    by: Actor,
    at: datetime,
    due_on: date | None = None,
    department_id: int | None = None,
) -> Question:
    """What was answered is a promise of who is to answer, else of the convener: due then, or looked at in 30 days.

    Raises NotPermitted, QuestionChanged, NotNow, InvalidFields.
    """
    said = clean({"answer": words}, required={"answer": _("请填写承诺的内容")})["answer"]
    with transaction.atomic():
        row = _held(question_id, version, by)
        _check_open(row)
        meeting = row.box.meeting
        owner_id = _department(row, department_id).pk if department_id else row.department_id or meeting.convener_id
        try:
            made = make(
                subdistrict_id=row.subdistrict_id,
                text=said,
                owner_id=owner_id or 0,
                by_id=by.user_id or 0,
                by_role=by.role,
                at=at,
                source_kind=QUESTION,
                source_id=row.pk,
                community_id=meeting.community_id,
                due_on=due_on,
            )
        except InvalidCommitment as error:
            fields = {"answer" if name == "text" else name: words_of for name, words_of in error.fields.items()}
            raise InvalidFields(fields) from error
        row.state, row.answer, row.commitment, row.department_id = QuestionState.PROMISED, said, made, made.owner_id
        _end(row, by, at, "answer", "commitment")
        _tell(row, "question_promised", by, at, commitment=made.pk, department=made.owner_id)
    return row


def refuse(*, question_id: int, reason: str, version: int, by: Actor, at: datetime) -> Question:
    """It is not suitable: its words are not read by the public, the reason is.

    Raises NotPermitted, QuestionChanged, NotNow, InvalidFields.
    """
    said = why(reason)
    with transaction.atomic():
        row = _held(question_id, version, by)
        _check_open(row)
        if row.merged.exists():
            raise NotNow(_("有提问并入了这一个，请先撤销合并"))
        row.state, row.reason = QuestionState.UNSUITABLE, said
        row.shown_at = row.shown_by = None
        _end(row, by, at, "reason", "shown_at", "shown_by")
        _tell(row, "question_refused", by, at, texts={"reason": said})
    return row


def reopen(*, question_id: int, reason: str, version: int, by: Actor, at: datetime) -> Question:
    """What was noted does not hold: it is to be answered again. What was promised only once that was taken back.

    Raises NotPermitted, QuestionChanged, NotNow, InvalidFields.
    """
    said = why(reason)
    with transaction.atomic():
        row = _held(question_id, version, by)
        taken_back = row.commitment is not None and row.commitment.state == CommitmentState.WITHDRAWN
        if row.state not in _ENDED and not taken_back:
            raise NotNow(_("已经转为承诺的，先撤回承诺") if row.commitment else _("这个提问还没有答复"))
        was = row.answer or row.reason
        row.state, row.answer, row.reason, row.commitment = QuestionState.ASKED, "", "", None
        row.answered_at = row.answered_by = None
        _owe(row, at)
        columns = ("state", "answer", "reason", "commitment", "answered_at", "answered_by", "due_at", "department")
        _save(row, *columns)
        _tell(row, "question_reopened", by, at, texts={"reason": said, "was": was}, department=row.department_id)
    return row


def _keeps(access: Any, row: Question) -> bool:
    return may_keep(access, row.box.meeting)


def _held(question_id: int, version: int, by: Actor, *, may: Callable[[Any, Question], bool] = _keeps) -> Question:
    """The question under its lock, for whoever may, as it was opened at ``version``."""
    rows = Question.objects.select_for_update(of=("self",), no_key=True).with_names()
    row = rows.get(pk=question_id)
    if not may(by.access, row):
        raise NotPermitted(_("提问由召集的社区或街道社会治理办处理，书面答复由答复单位填写"))
    if row.version != version:
        raise QuestionChanged
    return row


def _check_open(row: Question) -> None:
    if not row.is_open:
        raise NotNow(_("这个提问已有结果，或已并入另一个"))


def _department(row: Question, department_id: int | None) -> Department:
    rows = Department.objects.filter(subdistrict_id=row.subdistrict_id, retired_at__isnull=True)
    found = rows.filter(pk=department_id).first() if department_id is not None else None
    if found is None:
        raise InvalidFields({"department": _("请从列出的选项中选择")})
    return found


def _end(row: Question, by: Actor, at: datetime, *columns: str) -> None:
    row.answered_at, row.answered_by = at, by.user
    _end_clock(row, at)
    _save(row, "state", "department", "answered_at", "answered_by", "due_at", *columns)


def _end_clock(row: Question, at: datetime, *, cancelled: bool = False) -> None:
    if row.due_at is not None:
        (deadlines.cancel if cancelled else deadlines.stop)(_clocks(row), None, at)
        row.due_at = None


def _owe(row: Question, at: datetime) -> None:
    """It is open again: after the meeting it has a department and a date."""
    meeting = row.box.meeting
    if not is_over(meeting):
        return
    clock = clock_of(row, meeting, at, deadlines.load_calendar())
    deadlines.start_many([clock])
    row.department_id, row.due_at = clock.party_id, clock.due_at


def _clocks(row: Question) -> Any:
    return Deadline.objects.of(QUESTION, row.pk).open()


def _save(row: Question, *columns: str) -> None:
    row.version += 1
    row.save(update_fields=[*dict.fromkeys(columns), "version"])


def _tell(
    row: Question, event: str, by: Actor, at: datetime, *, texts: dict[str, str] | None = None, **data: Any
) -> None:
    about = {"meeting": row.box.meeting_id, "number": row.number, "state": row.state}
    tell(QUESTION, row.pk, event, by, at, data=about | data, texts=texts or {})
