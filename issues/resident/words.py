"""The first sentence of a matter's page: what is true now, in phrases that wrap as units, and one line below it."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Final

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from common import dates
from common.clock import local
from deadlines.calendar import DAY_CLOSES, at_clock
from deadlines.enums import DeadlineState
from deadlines.limits import Limit
from deadlines.models import Deadline
from issues.enums import Action, Kind, Outcome, Solved, Status, Supervision, Verdict, VerdictVia
from issues.policies import REOPEN_WITHIN
from issues.resident.shapes import Promise
from issues.resident.story import Story
from reminders.enums import RungCode

Said = tuple[tuple[str, ...], str]


def sentence_of(story: Story, promised: datetime | None, promise: Promise | None, *, reopens: bool) -> Said:
    """The phrases of the first sentence, and what stands below it (""); ``reopens``: the reporter may bring it back."""
    return _Writer(story, promised, promise, reopens=reopens).write()


def in_line(phrases: Iterable[str]) -> str:
    """Phrases one after the other, as the language has it."""
    return (" " if (get_language() or "").startswith("en") else "").join(phrases)


def due_words(row: Deadline) -> str:
    """A due time as precisely as its limit: the day for limits in days, else day and time."""
    if Limit.parse(row.limit).counts_days:
        return dates.day_weekday_long(row.due_at)
    return dates.moment(row.due_at)


def promise_words(promise: Promise) -> tuple[str, ...]:
    """已列入计划，承诺 2027年3月31日前完成。 or 目前还不能解决，…前复查后告诉您。"""
    if promise.kept_at is not None:
        return (_("承诺的事已经完成（%(day)s）。") % {"day": dates.day(promise.kept_at)},)
    if promise.due_on is not None:
        if promise.days_late:
            return (
                _("已列入计划，"),
                _("承诺 %(day)s前完成，") % {"day": dates.day(promise.due_on)},
                _("%(late)s。") % {"late": late_words(promise.days_late)},
            )
        return _("已列入计划，"), _("承诺 %(day)s前完成。") % {"day": dates.day(promise.due_on)}
    return _review_words(promise.review_on, promise.days_late)


def callback_words(since: datetime, row: Deadline, tried_at: datetime | None, at: datetime) -> str:
    """您 3月18日 10:00 要求回电，最迟 3月19日（星期四）17:30 前给您打电话。 And what came of it, once it is over.

    ``tried_at``: the last call since.
    """
    said = {"since": dates.moment(since), "by": dates.moment(row.due_at)}
    called = {"since": said["since"], "at": dates.moment(tried_at)} if tried_at is not None else said
    if row.state != DeadlineState.RUNNING:
        if tried_at is not None and row.state in (DeadlineState.MET, DeadlineState.LATE):
            return _("您 %(since)s 要求回电，%(at)s 已经打通。") % called
        return _("您 %(since)s 要求回电，后来没有打。还需要的，请打电话给社区。") % said
    tried = [_("%(at)s 打过，没有打通。") % called] if tried_at is not None else []
    if row.is_overdue(at):
        return in_line([_("您 %(since)s 要求回电，原定 %(by)s 前，已经晚了，系统在催办。") % said, *tried])
    return in_line([_("您 %(since)s 要求回电，最迟 %(by)s 前给您打电话。") % said, *tried])


def late_words(days: int) -> str:
    """已逾期 5 天."""
    return ngettext("已逾期 %(n)d 天", "已逾期 %(n)d 天", days) % {"n": days}


def days_late(on: date | None, at: datetime) -> int:
    """Whole days, at least one, by which a promised day (until 17:30) has passed; 0 while it has not."""
    if on is None or at <= at_clock(on, DAY_CLOSES):
        return 0
    return max(1, (local(at).date() - on).days)


def _review_words(on: date | None, late: int) -> tuple[str, ...]:
    if on is None:
        return (_("目前还不能解决。"),)
    if late:
        return _("目前还不能解决，"), _("原定 %(day)s复查，") % {"day": dates.day(on)}, _("还没有结果。")
    return _("目前还不能解决，"), _("%(day)s前复查后告诉您。") % {"day": dates.day(on)}


_ANSWERED: Final = frozenset({Status.REPLIED, Status.FOLLOW_UP, Status.CLOSED})


class _Writer:
    """Writes one sentence out of a story."""

    def __init__(self, story: Story, promised: datetime | None, promise: Promise | None, *, reopens: bool) -> None:
        self.story, self.promised, self.promise, self.reopens = story, promised, promise, reopens
        self.issue, self.main, self.at = story.issue, story.main, story.at
        self.names = {
            "community": self.main.community.name,
            "department": self.main.lead_department.name if self.main.lead_department else "",
        }

    def write(self) -> Said:
        status = Status(self.main.status)
        if self.main.kind == Kind.PRAISE and status in _ANSWERED:
            return (_("谢谢您的表扬，"), _("%(community)s已经回复。") % self.names), ""
        if self.story.joined and status in _ANSWERED:
            return self._joiner()
        return _WRITERS[status](self)

    def _by(self, words: str) -> str:
        return words % {"day": dates.day_weekday_long(self.promised)} if self.promised else ""

    def _late(self) -> str:
        return _("原定 %(day)s，已经超期。") % {"day": dates.day_weekday_long(self.promised)} if self.promised else ""

    @property
    def _is_late(self) -> bool:
        return self.promised is not None and self.at > self.promised

    def _until(self, row: Deadline | None, ahead: str, late: str) -> str:
        """What is to be heard by a clock's date, or that the date has passed; "" where none runs."""
        if row is None:
            return ""
        return (late if row.is_overdue(self.at) else ahead) % {**self.names, "when": due_words(row)}

    def _missed(self, row: Deadline | None) -> str:
        """Below a date that passed: by when it is explained, and by whom; else what the ladder does next, and when."""
        explain = None if self.story.joined else self.story.running("inform")
        if explain is not None:
            return self._until(
                explain,
                _("系统已催办，%(community)s会在 %(when)s前联系您，说明原因。"),
                _("系统已催办。%(community)s原定 %(when)s前联系您说明原因，也晚了，请打电话问社区。"),
            )
        order = self.story.running("supervision_reply")
        if order is not None and not order.is_overdue(self.at):
            return _("街道已督办，承办单位须在 %(when)s前说明原因。") % {"when": due_words(order)}
        if row is not None and row.next_rung == RungCode.ORDER and row.next_rung_at and row.next_rung_at > self.at:
            next_at = dates.day_weekday_long(row.next_rung_at)
            return _("系统已催办；%(when)s前还没有结果的，提请街道领导督办。") % {"when": next_at}
        return _("系统已催办，答复前会一直催办。")

    # Before the work

    def submitted(self) -> Said:
        if self.main.info_expired and not self.story.joined:
            head = _("没有等到您的补充，"), _("%(community)s按现有情况接着办，") % self.names
            return (*head, self._by(_("预计 %(day)s前答复您。"))), _("您随时可以再补充。")
        if self.promised is not None:
            head = _("%(community)s已收到，") % self.names, self._by(_("预计 %(day)s前答复您。"))
            return head, self._respond()
        if self.main.kind == Kind.PRAISE:
            return (_("%(community)s已收到您的表扬，谢谢您。") % self.names,), ""
        planned = self._until(
            self.story.running("accept"),
            _("%(when)s前告诉您怎么办。"),
            _("原定 %(when)s前告诉您怎么办，已经晚了，系统在催办。"),
        )
        return (_("%(community)s已收到，") % self.names, planned or _("谢谢您。")), self._respond()

    def _respond(self) -> str:
        first = self._until(
            self.story.running("respond"),
            _("%(community)s会在 %(when)s前先联系您。"),
            _("%(community)s原定 %(when)s前先联系您，已经晚了，系统在催办。"),
        )
        accept = self.story.running("accept")
        if first or accept is None or not accept.is_overdue(self.at) or self.promised is None:
            return first
        return _("原定 %(when)s前交办，已经晚了，系统在催办。") % {"when": due_words(accept)}

    def need_info(self) -> Said:
        if self.story.joined:
            known = self._until(self.story.running("more_info"), _("%(when)s前继续办理。"), _("核实后继续办理。"))
            return (_("%(community)s正在核实情况，") % self.names, known or _("核实后继续办理。")), ""
        asked, head = self.story.running("more_info"), _("%(community)s需要您补充情况，") % self.names
        if asked is None:
            return (head, _("补充后继续办理。")), ""
        if asked.is_overdue(self.at):
            return (head, _("原定 %(when)s前补充，") % {"when": due_words(asked)}, _("现在还可以补充。")), ""
        below = _("补充后继续办理；到时没有补充的，社区按现有情况接着办。")
        return (head, _("请在 %(when)s前告诉我们。") % {"when": due_words(asked)}), below

    def accepted(self) -> Said:
        if self.main.return_count:
            return self._waiting((_("正在重新确定由哪个单位办理，"),))
        if self.story.last(Action.REOPEN) is not None:
            return self._waiting((_("%(community)s已重新受理，") % self.names,))
        return self._waiting((_("%(community)s已受理，") % self.names,))

    # The work

    def dispatched(self) -> Said:
        return self._waiting((_("已交%(department)s办理，") % self.names,))

    def in_progress(self) -> Said:
        again = self.story.last(Action.REDO, Action.REOPEN)
        if again is not None:
            return self._renewed() if again.kind == Action.REOPEN else self._redone()
        lead = self.main.lead_department
        if lead is not None and lead.is_external:
            return self._outside()
        if self.main.deemed:
            return self.dispatched()
        return self._waiting((_("%(department)s正在办理，") % self.names,))

    def _outside(self) -> Said:
        head = _("已转交%(department)s办理，") % self.names, _("%(community)s负责跟进，") % self.names
        said, below = self._waiting(head)
        tracking = self.story.running("tracking")
        if tracking is None or self._is_late:
            return said, below
        if tracking.is_overdue(self.at):
            return said, _("%(community)s原定 %(when)s前告诉您进展，现在晚了。") % {
                **self.names,
                "when": due_words(tracking),
            }
        return said, _("%(community)s会在 %(when)s前告诉您进展。") % {**self.names, "when": due_words(tracking)}

    def _renewed(self) -> Said:
        head = _("已重新办理，由%(department)s承办，") % self.names
        if self._is_late:
            return (head, self._late()), self._missed(self.story.clock("handle"))
        return (head, self._by(_("新期限 %(day)s。"))), ""

    def _redone(self) -> Said:
        middle = _("已退回重办（第%(n)d次），") % {"n": self.main.redo_count}
        head = self._why_redone()
        if self._is_late:
            return (head, middle, self._late()), self._missed(self.story.clock("handle"))
        below = _("街道社会治理办公室已在督促。") if self.main.supervision != Supervision.NONE else ""
        return (head, middle, self._by(_("新期限 %(day)s。"))), below

    def _why_redone(self) -> str:
        """Only one's own words are told to anybody: a joiner does not learn who objected."""
        if self.story.joined:
            return _("还没有真正解决，")
        if self.main.solved == Solved.NO:
            return _("您表示没有解决，")
        if self.main.verdict == Verdict.DISSATISFIED:
            return _("您表示不满意，")
        return _("核查后没有通过，") if self.main.persons > 1 else _("社区核查后没有通过，")

    def _waiting(self, head: tuple[str, ...]) -> Said:
        if self.promised is None:
            return self._by_stages(head)
        if self._is_late:
            return (*head, self._late()), self._missed(self.story.clock("handle"))
        below, first = "", self.story.running("first_report")
        if first is not None and not first.is_overdue(self.at):
            below = _("%(when)s前先告诉您初步情况。") % {"when": due_words(first)}
        return (*head, self._by(_("最迟 %(day)s答复您。"))), below

    def _by_stages(self, head: tuple[str, ...]) -> Said:
        """A project has no date of an answer, but one of its next note, which the reporter reads."""
        note = self.story.running("note")
        said = self._until(note, _("%(when)s前告诉您进展。"), _("原定 %(when)s前告诉您进展，已经晚了。"))
        below = self._missed(note) if note is not None and note.is_overdue(self.at) else ""
        return (*head, _("按阶段推进，"), said or _("有进展会在这里告诉您。")), below

    def suspended(self) -> Said:
        review = self.story.running("suspension_review")
        if review is None:
            return (_("目前还不能解决。"),), ""
        late = review.is_overdue(self.at)
        return _review_words(_local_day(review.due_at), int(late)), self._missed(review) if late else ""

    # After the answer

    def replied(self) -> Said:
        if not self.main.verdict:
            return self._asks(_("没解决的，退回重办并给您新日期。"))
        checked = self._until(
            self.story.running("verify") or self.story.running("follow_up"),
            _("社区在 %(when)s前核查。"),
            _("社区原定 %(when)s前核查，已经晚了，系统在催办。"),
        )
        said = _("谢谢您的评价，"), checked or _("社区正在核查。")
        return (self._open_promise, in_line(said)) if self._open_promise else (said, "")

    @property
    def _open_promise(self) -> tuple[str, ...]:
        """What was promised and is not kept yet: it stays what is true, whatever was said of the answer."""
        return promise_words(self.promise) if self.promise is not None and self.promise.kept_at is None else ()

    def _asks(self, below: str) -> Said:
        if self._open_promise:
            asked = (*self._open_promise, _("您觉得解决了吗？"))
            return asked, _("选“没有解决”会退回重办，并重新答复您。")
        if self.main.outcome in (Outcome.SOLVED, Outcome.PARTLY):
            return (_("社区说已处理完。"), _("您觉得解决了吗？")), below
        return (_("%(department)s已答复。") % self.names, _("您觉得解决了吗？")), below

    def follow_up(self) -> Said:
        if self.main.solved == Solved.NO or self.main.verdict == Verdict.DISSATISFIED:
            said = self._until(
                self.story.running("follow_up"),
                _("社区在 %(when)s前安排下一步。"),
                _("社区原定 %(when)s前安排下一步，已经晚了，系统在催办。"),
            )
            return (_verdict_head(self.main.solved), said or _("社区正在安排下一步。")), ""
        return self.replied()

    def closed(self) -> Said:
        main = self.main
        if self._never_asked:
            return (_("社区已经答复。"), _("您觉得解决了吗？")), self._once_more()
        if main.solved == Solved.YES:
            said = _("您表示已经解决。"), pgettext("sentence", "谢谢您。")
            return (self._open_promise, in_line(said)) if self._open_promise else (said, "")
        if main.solved == Solved.NO or main.verdict == Verdict.DISSATISFIED:
            return (_verdict_head(main.solved), _("街道社会治理办作了说明。")), self._once_more()
        if self.promise is not None:
            return promise_words(self.promise), ""
        if main.solved == Solved.PARTLY:
            return (_("您表示部分解决。"),), self._once_more()
        if main.verdict == Verdict.UNREACHABLE:
            return (_("我们几次没有联系上您，"), _("先告一段落。")), self._once_more()
        return (_("社区已经答复。"),), self._once_more()

    @property
    def _never_asked(self) -> bool:
        """Whether it was answered at once: what a caller said then was noted by the office."""
        return self.main.lead_department_id is None and self.reopens and self.main.verdict_via in ("", VerdictVia.DESK)

    def _once_more(self) -> str:
        main = self.main
        if main.closed_at is None or not self.reopens:
            return _("没有解决的，可以再次反映。")
        return _("没有解决的，%(day)s前可以要求重新办理。") % {"day": dates.day(main.closed_at + REOPEN_WITHIN)}

    def _joiner(self) -> Said:
        """Who joined reads the own verdict; an objection goes to the supervisor and does not redo by itself."""
        own = self.issue
        if own.solved == Solved.NO or own.verdict == Verdict.DISSATISFIED:
            head = _verdict_head(own.solved), _("已转告街道社会治理办公室。")
            if self.main.status == Status.CLOSED:
                return head, _("仍未解决的，可以再次反映。")
            decided = self._until(
                self.story.running("verify") or self.story.running("follow_up"),
                _("由他们在 %(when)s前决定是否退回重办，决定后在这里告诉您。"),
                _("由他们决定是否退回重办，原定 %(when)s前，已经晚了，系统在催办。"),
            )
            return head, decided or _("由他们决定是否退回重办，决定后在这里告诉您。")
        if self._open_promise and own.verdict:
            return self._open_promise, _("谢谢您，已记下您的评价。")
        if own.solved == Solved.YES:
            return (_("您表示已经解决。"), pgettext("sentence", "谢谢您。")), ""
        if self.promise is not None and own.verdict:
            return promise_words(self.promise), _("谢谢您，已记下您的评价。")
        if own.solved == Solved.PARTLY:
            return (_("您表示部分解决。"), _("谢谢您，已记下。")), ""
        return self._asks(_("没解决的，转告街道社会治理办公室处理。"))

    # Ended without an answer

    def rejected(self) -> Said:
        return (_("这件事社区不能受理，"), _("请看下面的原因和去处。")), ""

    def withdrawn(self) -> Said:
        return ((_("这件诉求已撤回。") if self.story.joined else _("您已撤回这件诉求。")),), ""

    def merged(self) -> Said:
        return (str(Status.MERGED.label),), ""


def _verdict_head(solved: str) -> str:
    return _("您表示没有解决，") if solved == Solved.NO else _("您表示不满意，")


def _local_day(at: datetime) -> date:
    return local(at).date()


_WRITERS: Final[dict[Status, Callable[[_Writer], Said]]] = {
    Status.SUBMITTED: _Writer.submitted,
    Status.NEED_INFO: _Writer.need_info,
    Status.REJECTED: _Writer.rejected,
    Status.ACCEPTED: _Writer.accepted,
    Status.DISPATCHED: _Writer.dispatched,
    Status.IN_PROGRESS: _Writer.in_progress,
    Status.SUSPENDED: _Writer.suspended,
    Status.REPLIED: _Writer.replied,
    Status.FOLLOW_UP: _Writer.follow_up,
    Status.CLOSED: _Writer.closed,
    Status.MERGED: _Writer.merged,
    Status.WITHDRAWN: _Writer.withdrawn,
}
