"""What a person is to an issue, and which state rules stand beside the table. Pure: no ORM, no HTTP.

``parties`` is about the person; ``refusal`` is about the state. Both work on the issue's own columns.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.roles import Role
from common.clock import local
from common.phones import is_mobile
from communities.models.people import Messages
from deadlines.rules import Extension
from issues.enums import (
    ABOUT_WORK,
    ASKED,
    FOR_SUPERVISOR,
    Action,
    DeadlineKind,
    Kind,
    Outcome,
    RequestKind,
    Status,
    Supervision,
    Turn,
    VerdictCheck,
    VerdictVia,
)
from issues.workflow import Party, find
from papers import rules
from papers.enums import DraftKind

if TYPE_CHECKING:
    from communities.access import Access
    from communities.actors import Actor
    from deadlines.calendar import WorkCalendar
    from deadlines.models import Deadline
    from issues.models import Issue, Request

REOPEN_WITHIN = timedelta(days=15)
"""How long after closing an issue can be reopened; later a new one is raised."""

RETURNS_UNTIL_SUPERVISOR = 2
"""The return after which the supervisor decides."""


SAMPLE_EVERY = 5
"""Of the matters that a community handles itself (社区自办), every fifth is verified by the supervisor."""

CO_REPLY_GRACE = 1
"""Working days after a co-department's miss from which the lead may reply without it."""

DIRECTOR_AFTER_DAYS = 180
DIRECTOR_AFTER_GRANTS = 3
"""Deferrals that end more than 180 days after they began, or a third renewal, are the director's to grant."""


NO_EXTENSION = Extension(0, None)

NO_MOBILE: Final = _("没有反映人的手机号，不能发短信")


@dataclass(frozen=True)
class Moment:
    """When something is attempted, the calendar that counts working time, and the issue's clocks and open requests.

    ``promises`` are the open clocks of what was promised on it; they are read for an issue that has ended only.
    ``gateway``: whether short messages can be sent from here.
    """

    at: datetime
    calendar: "WorkCalendar"
    clocks: "Sequence[Deadline]" = ()
    requests: "Sequence[Request]" = ()
    extension: Extension = NO_EXTENSION
    promises: "Sequence[Deadline]" = ()
    gateway: bool = False

    def clock(self, kind: str) -> "Deadline | None":
        """The open deadline of this kind."""
        return next((row for row in self.clocks if row.kind == kind and row.is_open), None)

    def request(self, kinds: Collection[str]) -> "Request | None":
        """The open request of one of these kinds."""
        return next((row for row in self.requests if row.kind in kinds), None)


def parties(actor: "Actor", issue: "Issue") -> frozenset[Party]:
    """What ``actor`` is to ``issue``; empty for a stranger."""
    if actor.is_system:
        return frozenset({Party.TIME})
    found: set[Party] = set()
    access = actor.access
    if issue.community_id in access.community_ids:
        found.add(Party.COMMUNITY)
    if issue.lead_department_id is not None:
        found |= _lead_parties(actor, issue)
    if not access.department_ids.isdisjoint(issue.co_department_ids):
        found.add(Party.CO)
    if access.is_in(Role.SUPERVISOR, issue.subdistrict_id):
        found.add(Party.SUPERVISOR)
    if access.is_in(Role.DEPUTY, issue.subdistrict_id) or access.is_in(Role.DIRECTOR, issue.subdistrict_id):
        found.add(Party.DIRECTION)
    reported = issue.leader_id is not None and access.leader_id == issue.leader_id
    if reported or (actor.reporter_of is not None and actor.reporter_of == issue.pk):
        found.add(Party.REPORTER)
    return frozenset(found)


def _lead_parties(actor: "Actor", issue: "Issue") -> set[Party]:
    department_id = issue.lead_department_id
    if department_id in actor.access.own_team_ids:
        return {Party.LEAD}
    if issue.community_id in actor.access.community_ids and _is_external(issue):
        return {Party.LEAD}
    roles = actor.access.department_roles.get(department_id or 0, frozenset())
    if Role.HEAD in roles:
        return {Party.LEAD, Party.LEAD_HEAD}
    if Role.OFFICER in roles and _is_theirs(actor.access, department_id or 0, issue.officer_id):
        return {Party.LEAD}
    return set()


def _is_theirs(access: "Access", department_id: int, officer_id: int | None) -> bool:
    """Whether one of its officers may act: at the desk, for whom it was assigned to, or as that one is not there."""
    if officer_id is None or department_id in access.desk_department_ids:
        return True
    return officer_id in access.acts_for(department_id) or officer_id not in access.staffed(department_id)


_MOVERS: dict[str, frozenset[Party]] = {
    Turn.COMMUNITY.value: frozenset({Party.COMMUNITY}),
    Turn.DEPARTMENT.value: frozenset({Party.LEAD, Party.LEAD_HEAD}),
    Turn.SUPERVISOR.value: frozenset({Party.SUPERVISOR}),
}


def is_urged(turn: str) -> bool:
    """Whether an urge finds somebody in the house whose move it is: only then can it go unanswered."""
    return turn in _MOVERS


def moves(turn: str, who: frozenset[Party]) -> bool:
    """Whether these parties are the ones whose move it is."""
    return not _MOVERS.get(turn, frozenset()).isdisjoint(who)


def waits_for_a_call(issue: "Issue") -> bool:
    """Whether a call tells the reporter what happened where no message does (待告知): there is a phone number.

    Who stayed anonymous cannot be told; a leader sees it on the leader's own page.
    """
    return issue.contact is not None and bool(issue.contact.phone_last4) and issue.leader_id is None


def takes_messages(issue: "Issue") -> bool:
    """Whether short messages may go to the reporter: to a mobile, unless declined; if confidential only as agreed."""
    if issue.contact is None or issue.leader_id is not None:
        return False
    said = issue.contact.messages
    return said == Messages.AGREED or (said == Messages.ON and not issue.confidential)


def has_mobile(issue: "Issue") -> bool:
    """Whether the reporter left a number that takes short messages."""
    contact = issue.contact
    return contact is not None and bool(contact.messages or is_mobile(contact.phone))


def refusal(action: str, issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    """Why the state forbids ``action`` to this person now although the table has a row for it; None if it does not."""
    if issue.masked_at is not None:
        return _("个人信息已清除，此件不再变更")
    rule = _RULES.get(action)
    return rule(issue, actor, who, now) if rule else None


_Rule = Callable[["Issue", "Actor", frozenset[Party], Moment], Promise | None]


def _is_external(issue: "Issue") -> bool:
    return issue.lead_department is not None and issue.lead_department.is_external


def is_sampled(issue: "Issue") -> bool:
    """Whether the supervisor verifies what the community itself handled (docs/rules/issues.md#verification)."""
    lead = issue.lead_department
    own = lead is not None and lead.kind == "community_team"
    return own and issue.serial % SAMPLE_EVERY == 0


def extension_left(issue: "Issue", clocks: "Iterable[Deadline]", allowance: Extension) -> int | None:
    """How many working days of extension are left; None where the rule sets no total."""
    if allowance.total is None:
        return None
    return max(0, allowance.total.amount - sum(row.extended for row in clocks if row.kind == DeadlineKind.HANDLE))


def signable(issue: "Issue", actor: "Actor") -> list[DraftKind]:
    """The drafts that wait for this person's signature: red cards are the director's."""
    return rules.signable(issue.asks, actor.access, issue.subdistrict_id)


DEPUTY_DECIDES: Final = frozenset({DraftKind.ORDER, DraftKind.YELLOW_CARD, RequestKind.EXCLUSION})
"""What a deputy may sign or decide; a red card and a long deferral are the director's, who decides these too."""


def asked_of(issue: "Issue", access: "Access") -> tuple[RequestKind | DraftKind, ...]:
    """What waits for this very person as deputy or director; () where it is somebody else's to decide."""
    director = access.is_in(Role.DIRECTOR, issue.subdistrict_id)
    if not issue.asks_direction or not (director or access.is_in(Role.DEPUTY, issue.subdistrict_id)):
        return ()
    asked = [kind for kind in ASKED if kind in issue.asks and kind not in FOR_SUPERVISOR]
    return tuple(kind for kind in asked or [RequestKind.SUSPENSION] if director or kind in DEPUTY_DECIDES)


def needs_director(issue: "Issue", request: "Request") -> bool:
    """Whether only the director may decide on this deferral."""
    began = local(issue.suspended_at or request.asked_at).date()
    too_long = request.until_on is not None and (request.until_on - began).days > DIRECTOR_AFTER_DAYS
    return too_long or (issue.suspended_at is not None and issue.suspension_count >= DIRECTOR_AFTER_GRANTS)


def _dispatch(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    if issue.return_count >= RETURNS_UNTIL_SUPERVISOR and Party.SUPERVISOR not in who:
        return _("已退单两次，由街道社会治理办裁定")
    return None


def _assign_final(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    return None if issue.return_count >= RETURNS_UNTIL_SUPERVISOR else _("退单两次后才指定承办")


def _reassign(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    if issue.status != Status.DISPATCHED and Party.SUPERVISOR not in who:
        return _("签收后由街道社会治理办转派")
    return None


def _answer_now(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    if issue.kind != Kind.ENQUIRY and Party.SUPERVISOR not in who:
        return _("只有咨询可以由社区即时办结")
    return None


def _return(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    if issue.assigned_final:
        return _("此件为指定承办，不能退单")
    if _is_external(issue):
        return _("已转交外单位，不能退单；由街道社会治理办转派")
    if issue.redo_count or (issue.reopen_count and issue.answered_by_id is None):
        return _("退回重办的工单不能退单")
    if issue.status == Status.IN_PROGRESS and issue.acknowledged_at is not None:
        if now.at > now.calendar.add_working_days(issue.acknowledged_at, 1):
            return _("签收已超过 1 个工作日，不能退单")
    return None


def _contact(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    """Of a message that did not arrive nobody is called twice, nor about what they took back."""
    wanted = issue.is_open or issue.untold
    if Party.TIME in who:
        wanted = waits_for_a_call(issue) and not issue.untold and issue.status != Status.WITHDRAWN
    return None if wanted else _("没有需要告知反映人的事项")


def _progress(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    """Once answered, only an order that wants a written reply is still to be written about."""
    if issue.status in (Status.IN_PROGRESS, Status.SUSPENDED) or now.clock(DeadlineKind.SUPERVISION_REPLY):
        return None
    return _("已经答复，没有待书面回复的督办单")


def _waive_department(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    return None if issue.co_waiting_ids else _("没有待答复的协办单位")


def _co_reply(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    if actor.access.department_ids.isdisjoint(issue.co_waiting_ids):
        return _("贵单位已经答复")
    return None


def _reply(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    """After all co-departments, or from one working day after a co-department's miss."""
    waiting = [
        row
        for row in now.clocks
        if row.kind == DeadlineKind.CO_REPLY and row.is_open and row.party_id in issue.co_waiting_ids
    ]
    if issue.co_waiting_ids and (
        len(waiting) < len(issue.co_waiting_ids)
        or any(now.at < now.calendar.add_working_days(row.due_at, CO_REPLY_GRACE) for row in waiting)
    ):
        return _("不能答复：协办单位尚未反馈")
    return None


def _request_extension(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    if ABOUT_WORK & set(issue.asks):
        return _("已有待审批的申请")
    handle = now.clock(DeadlineKind.HANDLE)
    if handle is None:
        return _("没有在计时的办理时限")
    if now.at > handle.due_at:
        return _("办理时限已过，不能再申请延期")
    used = sum(row.extensions for row in now.clocks if row.kind == DeadlineKind.HANDLE)
    if not now.extension.times:
        return _("此级别不能延期")
    if used >= now.extension.times or extension_left(issue, now.clocks, now.extension) == 0:
        return _("延期次数已用完")
    return None


def _request_suspension(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    return _("已有待审批的申请") if ABOUT_WORK & set(issue.asks) else None


def _decide(*kinds: RequestKind) -> _Rule:
    """There is such a request, and somebody else put it."""

    def rule(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
        if not set(kinds) & set(issue.asks):
            return _("没有待审批的申请")
        request = now.request(kinds)
        if request is not None and request.asked_by_id == actor.user_id:
            return _("不能审批自己的申请")
        if request is not None and request.kind == RequestKind.SUSPENSION:
            return _who_decides_deferral(issue, actor, who, request)
        return None

    return rule


def _who_decides_deferral(issue: "Issue", actor: "Actor", who: frozenset[Party], request: "Request") -> Promise | None:
    if needs_director(issue, request):
        if actor.access.is_in(Role.DIRECTOR, issue.subdistrict_id):
            return None
        return _("超过 180 天或第三次续期，由街道主要领导审批")
    return None if Party.SUPERVISOR in who else _("由街道社会治理办审批")


def _endorse(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    request = now.request(ABOUT_WORK)
    if request is None or not ABOUT_WORK & set(issue.asks):
        return _("没有待审批的申请")
    if request.endorsed_at is not None or request.asked_by_id == actor.user_id:
        return _("部门负责人已同意")
    return None


def _verify_pass(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    if actor.user_id is not None and actor.user_id in (issue.replied_by_id, issue.officer_id):
        return _("承办人不能核查自己的答复")
    if actor.user_id is not None and actor.user_id == issue.answered_by_id:
        return _("当时即时办结的人不能核查")
    if Party.SUPERVISOR in who:
        return None
    if issue.outcome == Outcome.NOT_NOW:
        return _("“暂不具备解决条件”由街道社会治理办核查")
    if is_sampled(issue):
        return _("社区自办抽查件，由街道社会治理办核查")
    return None


def _record_follow_up(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    row = find(Action.RECORD_FOLLOW_UP, issue.status, who)
    if issue.status == Status.MERGED and issue.master is not None:
        if issue.master.status not in (Status.REPLIED, Status.FOLLOW_UP, Status.CLOSED):
            return _("主件尚未答复")
    if row is not None and Party.REPORTER in row.who:
        main = issue.master or issue
        changes = issue is main or issue.verdict or issue.solved
        return _verdict_afterwards(issue, main, now) if main.status == Status.CLOSED and changes else None
    if issue.verdict_check == VerdictCheck.DUE:
        return _verdict_checked(issue, actor, who)
    if issue.verdict_via == VerdictVia.WEB and (issue.status == Status.MERGED or issue.joined_count):
        return _("反映人已在网页评价，无需再回访")
    return _("没有待抽查回访的评价") if row is not None and Party.SUPERVISOR in row.who else None


def _verdict_checked(issue: "Issue", actor: "Actor", who: frozenset[Party]) -> Promise | None:
    """A verdict by web that is sampled is asked about by the supervisor alone, once the matter has ended."""
    if issue.is_open or Party.SUPERVISOR not in who:
        return _("居民已在网页评价，由街道社会治理办在办结后抽查回访")
    main = issue.master or issue
    if actor.user_id in {main.replied_by_id, main.officer_id, main.answered_by_id} - {None}:
        return _("承办人不能抽查自己办理的工单")
    return None


def was_never_asked(issue: "Issue") -> bool:
    """Whether it was answered at once, when nobody asked the reporter: what a caller said then was noted for them."""
    return issue.lead_department_id is None and issue.verdict_via in ("", VerdictVia.DESK)


def _verdict_afterwards(issue: "Issue", main: "Issue", now: Moment) -> Promise | None:
    """The own verdict may be given or changed for 15 days after ``main`` closed, until a call about it settled it."""
    if issue.kind == Kind.PRAISE:
        return _("工单已办结，不能再评价")
    if issue.verdict_check in _SETTLED:
        return _("已经回访核实过评价")
    if main.closed_at is not None and now.at > main.closed_at + REOPEN_WITHIN:
        return _("办结已超过 15 天，请作为再次反映登记")
    return None


_SETTLED: Final = frozenset({VerdictCheck.CONFIRMED, VerdictCheck.REPLACED, VerdictCheck.UNREACHED})


def _reopen(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    if issue.lead_department_id is None and issue.kind == Kind.PRAISE:
        return _("表扬已经答谢，没有要重新办理的")
    if issue.closed_at is not None and now.at > issue.closed_at + REOPEN_WITHIN:
        return _("办结已超过 15 天，请作为再次反映登记")
    return None


def _withdraw(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    return _("已有其他居民并入此件，不能撤回，可以留言说明") if issue.joined_count else None


def _unmerge(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    if issue.closed_at is not None and local(issue.closed_at).date() != local(now.at).date():
        return _("只能在并案当天撤销")
    return None


def _request_callback(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    """One call-back runs at a time, until it is answered: a second wish adds nothing to it."""
    if issue.contact_id is None:
        return _("没有留下电话，无法回电")
    return _("已请求回电，正在等候") if now.clock(DeadlineKind.CALLBACK) else None


def _supervise(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    """A matter that has ended is supervised only for the promise that it left behind."""
    if issue.is_open or any(row.is_overdue(now.at) for row in now.promises):
        return None
    return _("工单已结束，没有逾期的承诺")


def _sign(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    if signable(issue, actor):
        return None
    return _("红牌通报由街道主要领导签发") if DraftKind.RED_CARD in issue.asks else _("没有待签发的督办文书")


def _lift(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    return _("没有已签发的督办") if issue.supervision in (Supervision.NONE, Supervision.URGED) else None


def _promised(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    return None if issue.promised else _("没有待兑现的承诺")


def _set_messages(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    """Whether the number is a mobile is seen when it is chosen: rows of a list have no contact loaded."""
    if issue.contact_id is None or issue.leader_id is not None:
        return NO_MOBILE
    return None if now.gateway else _("没有启用短信网关，由社区电话告知")


def _publish(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    if issue.published_at is not None:
        return _("已经公开")
    return _("保密件不能公开") if issue.confidential else None


def _unpublish(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    return _("没有公开") if issue.published_at is None else None


def _request_exclusion(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    if issue.excluded_at is not None:
        return _("已剔除")
    return _("已有待审批的申请") if RequestKind.EXCLUSION in issue.asks else None


def _request_disclosure(issue: "Issue", actor: "Actor", who: frozenset[Party], now: Moment) -> Promise | None:
    if not issue.confidential:
        return _("此件不是保密件")
    return _("已有待审批的申请") if RequestKind.DISCLOSURE in issue.asks else None


_RULES: dict[str, _Rule] = {
    Action.CONTACT: _contact,
    Action.PROGRESS: _progress,
    Action.SUPERVISE: _supervise,
    Action.DISPATCH: _dispatch,
    Action.TRANSFER_OUT: _dispatch,
    Action.ASSIGN_FINAL: _assign_final,
    Action.REASSIGN: _reassign,
    Action.ANSWER_NOW: _answer_now,
    Action.RETURN: _return,
    Action.WAIVE_DEPARTMENT: _waive_department,
    Action.CO_REPLY: _co_reply,
    Action.REPLY: _reply,
    Action.REQUEST_EXTENSION: _request_extension,
    Action.GRANT_EXTENSION: _decide(RequestKind.EXTENSION),
    Action.REFUSE_EXTENSION: _decide(RequestKind.EXTENSION),
    Action.REQUEST_SUSPENSION: _request_suspension,
    Action.GRANT_SUSPENSION: _decide(RequestKind.SUSPENSION),
    Action.REFUSE_SUSPENSION: _decide(RequestKind.SUSPENSION),
    Action.ENDORSE: _endorse,
    Action.VERIFY_PASS: _verify_pass,
    Action.RECORD_FOLLOW_UP: _record_follow_up,
    Action.REOPEN: _reopen,
    Action.WITHDRAW: _withdraw,
    Action.UNMERGE: _unmerge,
    Action.REQUEST_CALLBACK: _request_callback,
    Action.SIGN: _sign,
    Action.REFUSE_SIGN: _sign,
    Action.LIFT: _lift,
    Action.FULFIL: _promised,
    Action.MOVE_PROMISE: _promised,
    Action.SET_MESSAGES: _set_messages,
    Action.PUBLISH: _publish,
    Action.UNPUBLISH: _unpublish,
    Action.REQUEST_EXCLUSION: _request_exclusion,
    Action.GRANT_EXCLUSION: _decide(RequestKind.EXCLUSION),
    Action.REFUSE_EXCLUSION: _decide(RequestKind.EXCLUSION),
    Action.REQUEST_DISCLOSURE: _request_disclosure,
    Action.GRANT_DISCLOSURE: _decide(RequestKind.DISCLOSURE),
    Action.REFUSE_DISCLOSURE: _decide(RequestKind.DISCLOSURE),
}
