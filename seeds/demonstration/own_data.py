"""Personal information in the demonstration: requests about it, an incident, a legal hold, and who looked."""

from datetime import datetime, time, timedelta
from typing import Any, Final

from common.clock import local
from deadlines.calendar import at_clock
from deadlines.services import load_calendar
from issues.enums import SUBJECT, Status
from issues.models import Issue
from issues.services.revealing import note_print, reveal_contact
from journal.models import Event
from privacy.enums import AskedAs, DeclineReason, IdentityCheck, RightsKind
from privacy.services import rights
from privacy.services.holds import set_hold
from privacy.services.incidents import record_incident
from privacy.services.rights import AtCounter
from seeds.demonstration.cast import Cast
from seeds.places.names import mobile

_ASKED_AT_COUNTER: Final = mobile(1290)
"""Of somebody who has raised nothing."""


def load_own_data(cast: Cast, example: Issue, at: datetime) -> None:
    """Let all of it happen before ``at``; ``example`` is the matter that the README tracks."""
    _requests(cast, at)
    _incident(cast, at)
    ended = _matters(cast, Status.CLOSED, at, community=cast.communities["大德社区"])[0]
    set_hold(
        issue=ended,
        reason="双方就此事已向法院起诉，法院通知街道保存全部材料",
        review_on=(local(at) + timedelta(days=180)).date(),
        by=cast.actor("supervisor"),
        at=_soon_after(ended, at),
    )
    _accesses(cast, example, at)


def _matters(cast: Cast, status: Status, before: datetime, **of: Any) -> list[Issue]:
    """What residents raised before then with their telephone number and is in this status, the newest first."""
    rows = Issue.objects.filter(subdistrict=cast.subdistrict, status=status, created_at__lt=before, **of)
    rows = rows.filter(confidential=False, leader__isnull=True, contact__isnull=False)
    return list(rows.exclude(contact__phone_hash="").select_related("contact").order_by("-id"))


def _last(issue: Issue) -> datetime:
    """When something happened to it last."""
    at: datetime = Event.objects.of(SUBJECT, issue.pk).order_by("-seq").values_list("at", flat=True)[0]
    return at


def _soon_after(issue: Issue, at: datetime) -> datetime:
    """While the office is still at it, and so that three such steps lie before ``at``."""
    since = _last(issue)
    return since + min((at - since) / 4, timedelta(minutes=25))


def office_day(at: datetime, days: int, clock: time) -> datetime:
    """So many days before ``at``, or on the working day before that, at that time of day."""
    calendar, on = load_calendar(), local(at).date() - timedelta(days=days)
    while not calendar.is_workday(on):
        on -= timedelta(days=1)
    return at_clock(on, clock)


def _requests(cast: Cast, at: datetime) -> None:
    """One that waits, one that was answered, one that was declined."""
    supervisor = cast.actor("supervisor")
    seen = rights.record_at_counter(
        given=AtCounter(
            community=cast.communities["大德社区"],
            kind=RightsKind.SEE,
            asked_as=AskedAs.SELF,
            identity=IdentityCheck.DOCUMENT,
            name="招惠兰",
            phone=_ASKED_AT_COUNTER,
            words="想知道街道系统里登记了我哪些信息。",
        ),
        by=cast.actor("clerk2"),
        at=office_day(at, 20, time(9, 25)),
    )
    rights.decide(request_id=seen.pk, by=supervisor, at=office_day(at, 19, time(10, 40)))
    answered = office_day(at, 18, time(15, 10))
    rights.reveal(request_id=seen.pk, reason="电话告知查阅结果", by=supervisor, at=answered)
    answer = "系统里没有用这个号码反映的诉求，只有这次请求登记的称呼和电话。已电话告知本人。"
    rights.finish(request_id=seen.pk, answer=answer, by=supervisor, at=answered + timedelta(minutes=12))
    asked = at - timedelta(days=12, minutes=95)
    busy = _matters(cast, Status.IN_PROGRESS, asked)[0]
    words = "请删除我留下的电话。"
    gone = rights.ask_by_web(issue=busy, kind=RightsKind.DELETE, words=words, at=asked)
    answer = "这件诉求还在办理，要靠这个电话回访您。办结后您可以再次提出，或等保存期满后自动清除。"
    rights.decline(
        request_id=gone.pk,
        reason=DeclineReason.MATTER_OPEN,
        answer=answer,
        by=supervisor,
        at=office_day(at, 2, time(11, 20)),
    )
    asked = at - timedelta(days=6, minutes=40)
    ended = _matters(cast, Status.CLOSED, asked, community=cast.communities["夏东社区"])[0]
    words = "登记时听错了，我住的是8楼，不是18楼，请更正。"
    rights.ask_by_web(issue=ended, kind=RightsKind.CORRECT, words=words, at=asked)


def _incident(cast: Cast, at: datetime) -> None:
    """It was told in time, and waits for somebody to end it."""
    noticed = office_day(at, 4, time(9, 40))
    written = {
        "title": "台账误发到小区群",
        "noticed_at": f"{noticed:%Y-%m-%d %H:%M}",
        "what": "工作人员把一张走访台账误发到小区居民群，8分钟后撤回。台账里有称呼和电话。",
        "categories": "称呼、电话",
        "affected": "12",
        "harm": "可能接到推销或者诈骗电话",
        "measures": "当即撤回，请群成员删除；提醒12位居民留意陌生来电；台账改为只在系统里查看。",
        "authority_told_at": f"{noticed + timedelta(hours=2):%Y-%m-%d %H:%M}",
        "people_told_at": f"{noticed + timedelta(hours=3):%Y-%m-%d %H:%M}",
    }
    record_incident(office=cast.subdistrict, data=written, by=cast.actor("admin"), at=noticed + timedelta(hours=4))


def _accesses(cast: Cast, example: Issue, at: datetime) -> None:
    """Twice the whole contact and a printed receipt, of the matter that can be tracked."""
    since = _last(example)
    step = _soon_after(example, at) - since
    looked = (("clerk2", "核对地址，安排人员上门"), ("officer", "联系反映人，约定抢修时间"))
    for number, (username, reason) in enumerate(looked, 1):
        reveal_contact(issue_id=example.pk, by=cast.actor(username), reason=reason, at=since + number * step)
    note_print(example, cast.actor("clerk2"), since + 3 * step)
