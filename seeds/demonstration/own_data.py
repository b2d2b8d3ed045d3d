"""Personal information in the demonstration: requests about it, an incident, a legal hold, and who looked."""

from datetime import datetime, timedelta
from typing import Final

from common.clock import local
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
    ended = _matters(cast, "大德社区", Status.CLOSED, at)[0]
    set_hold(
        issue=ended,
        reason="双方就此事已向法院起诉，法院通知街道保存全部材料",
        review_on=(local(at) + timedelta(days=180)).date(),
        by=cast.actor("supervisor"),
        at=_last(ended) + (at - _last(ended)) / 2,
    )
    _accesses(cast, example, at)


def _matters(cast: Cast, community: str, status: Status, before: datetime) -> list[Issue]:
    """What residents of a community raised before then by telephone number and is in this status, the newest first."""
    rows = Issue.objects.filter(community=cast.communities[community], status=status, created_at__lt=before)
    rows = rows.filter(confidential=False, leader__isnull=True, contact__isnull=False)
    return list(rows.exclude(contact__phone_hash="").select_related("contact").order_by("-id"))


def _last(issue: Issue) -> datetime:
    """When something happened to it last."""
    at: datetime = Event.objects.of(SUBJECT, issue.pk).order_by("-seq").values_list("at", flat=True)[0]
    return at


def _requests(cast: Cast, at: datetime) -> None:
    """One that waits, one that was answered, one that was declined."""
    supervisor, community = cast.actor("supervisor"), cast.communities["大德社区"]
    seen = rights.record_at_counter(
        given=AtCounter(
            community=community,
            kind=RightsKind.SEE,
            asked_as=AskedAs.SELF,
            identity=IdentityCheck.DOCUMENT,
            name="招惠兰",
            phone=_ASKED_AT_COUNTER,
            words="想知道街道系统里登记了我哪些信息。",
        ),
        by=cast.actor("clerk2"),
        at=at - timedelta(days=26),
    )
    rights.decide(request_id=seen.pk, by=supervisor, at=at - timedelta(days=24))
    rights.reveal(request_id=seen.pk, reason="电话告知查阅结果", by=supervisor, at=at - timedelta(days=23))
    answer = "系统里没有用这个号码反映的诉求，只有这次请求登记的称呼和电话。已电话告知本人。"
    rights.finish(request_id=seen.pk, answer=answer, by=supervisor, at=at - timedelta(days=23))
    asked = at - timedelta(days=3)
    busy = _matters(cast, "大德社区", Status.IN_PROGRESS, asked)[0]
    words = "请删除我留下的电话。"
    gone = rights.ask_by_web(issue=busy, kind=RightsKind.DELETE, words=words, at=asked)
    answer = "这件诉求还在办理，要靠这个电话回访您。办结后您可以再次提出，或等保存期满后自动清除。"
    rights.decline(
        request_id=gone.pk,
        reason=DeclineReason.MATTER_OPEN,
        answer=answer,
        by=supervisor,
        at=at - timedelta(days=1),
    )
    asked = at - timedelta(days=6)
    ended = _matters(cast, "夏东社区", Status.CLOSED, asked)[0]
    words = "登记时听错了，我住的是8楼，不是18楼，请更正。"
    rights.ask_by_web(issue=ended, kind=RightsKind.CORRECT, words=words, at=asked)


def _incident(cast: Cast, at: datetime) -> None:
    """It was told in time, and waits for somebody to end it."""
    noticed = (local(at) - timedelta(days=4)).replace(hour=9, minute=40, second=0, microsecond=0)
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
    step = (at - since) / 4
    looked = (("clerk2", "核对地址，安排人员上门"), ("officer", "联系反映人，约定抢修时间"))
    for number, (username, reason) in enumerate(looked, 1):
        reveal_contact(issue_id=example.pk, by=cast.actor(username), reason=reason, at=since + number * step)
    note_print(example, cast.actor("clerk2"), since + 3 * step)
