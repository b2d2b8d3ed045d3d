"""Matters in which everything happened that can: what pages and actions are measured with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from accounts.models import User
from bench.people import People
from common.clock import now
from communities.actors import Actor
from issues.models import Issue
from issues.services.actions import act
from issues.services.creation import NewIssue, create
from seeds.demonstration.album import AFTER, BEFORE, take_in

PHOTO = "photo"
"""Stands in ``attachments`` for a photograph of the one who acts."""


@dataclass(frozen=True)
class Step:
    """One action of ``username`` on the matter ``on``; ``master`` and files are put in when it is taken."""

    username: str
    action: str
    data: Mapping[str, Any] = field(default_factory=dict)
    on: str = "main"


def new(people: People, *, phone: str = "19900003456", by: str = "clerk") -> Issue:
    """A complaint about greenery, logged by the clerk, with a photograph."""
    actor, at = actor_of(by), now()
    file = take_in(BEFORE, "0202", by_id=actor.user_id, at=at, subdistrict_id=people.community.subdistrict_id)
    draft = NewIssue(
        subdistrict_id=people.community.subdistrict_id,
        community_id=people.community.pk,
        description="中心花园的草坪踩成黄泥，下雨满地泥，老人推轮椅过不去。请重新铺草或者改成透水砖。",
        kind="complaint",
        source="phone",
        category_id=people.greenery.pk,
        address="五房沙大街旁",
        contact_name="陈先生",
        contact_phone=phone,
        uploads=[file.public_id],
    )
    return create(draft=draft, by=actor, at=at)


def actor_of(username: str) -> Actor:
    """The demonstration's account."""
    return Actor.staff(User.objects.get(username=username))


def fields(step: Step, issue: Issue, issues: Mapping[str, Issue]) -> dict[str, Any]:
    """The step's fields with the master's number, dates and files in their places."""
    data = dict(step.data)
    for name, value in data.items():
        if isinstance(value, timedelta):
            data[name] = (now().date() + value).isoformat()
    if data.get("attachments") == [PHOTO]:
        by = User.objects.get(username=step.username)
        file = take_in(AFTER, "0202", by_id=by.pk, at=now(), subdistrict_id=issue.subdistrict_id, issue_id=issue.pk)
        data["attachments"] = [file.pk]
    if step.action == "merge":
        data["master"] = issues["main"].number
    return data


def take(step: Step, issues: dict[str, Issue]) -> None:
    """Carry the step out by the services."""
    issue = Issue.objects.get(pk=issues[step.on].pk)
    issues[step.on] = act(
        issue_id=issue.pk,
        action=step.action,
        by=actor_of(step.username),
        at=now(),
        data=fields(step, issue, issues),
        version=issue.version,
    )


def days(number: int) -> timedelta:
    """A date so many days from now."""
    return timedelta(days=number)


_SUSPENSION = {"reason": "funding", "until": days(30), "interim_answer": "方案已定，正在等待资金计划。"}
_REPLY = {"outcome": "solved", "note": "已铺透水砖并补种草皮。", "attachments": [PHOTO]}

WORK: tuple[Step, ...] = (
    Step("clerk", "accept"),
    Step("clerk", "dispatch", {"department": "MUNICIPAL"}),
    Step("officer", "acknowledge"),
    Step("officer", "add_department", {"department": "WATER", "note": "请核对地下管线。"}),
    Step("officer", "add_department", {"department": "HOUSING"}),
    Step("officer2", "co_reply", {"note": "该处没有供排水管线。"}),
    Step("officer", "progress", {"note": "已到现场丈量。", "first_report": True, "attachments": [PHOTO]}),
    Step("officer", "request_extension", {"days": 3, "reason": "透水砖到货需要时间。"}),
    Step("head", "endorse"),
    Step("supervisor", "grant_extension"),
    Step("officer", "request_suspension", _SUSPENSION),
    Step("supervisor", "grant_suspension"),
    Step("officer", "resume"),
    Step("supervisor", "supervise", {"kind": "order", "note": "请书面说明完成时间。"}),
    Step("deputy", "sign"),
    Step("deputy", "instruct", {"note": "请按期完成。"}),
    Step("supervisor", "cc", {"departments": "ENFORCE", "users": "director"}),
    Step("clerk", "publish", {"title": "中心花园草坪改造", "text": "已丈量，正在备料。"}),
)  # fmt: skip


def rich(people: People, joiners: int = 6) -> tuple[Issue, Issue]:
    """A matter that six others joined, with every kind of row that a page can show; and the last who joined."""
    issues = {"main": new(people)}
    for step in WORK:
        take(step, issues)
    for number in range(joiners):
        issues["joiner"] = new(people, phone=f"1990000346{number}")
        take(Step("clerk", "merge", on="joiner"), issues)
    take(Step("supervisor", "waive_department", {"department": "HOUSING", "reason": "不涉及物业。"}), issues)
    planned = {"outcome": "planned", "note": "已列入改造计划。", "due_on": days(60), "attachments": [PHOTO]}
    take(Step("officer", "reply", planned), issues)
    take(Step("clerk", "verify_pass", {"check": "site", "note": "现场看过。", "attachments": [PHOTO]}), issues)
    return Issue.objects.get(pk=issues["main"].pk), issues["joiner"]


def every_action() -> Iterator[Step]:
    """One step of every action that staff can take, in an order in which each is possible."""
    yield Step("clerk", "contact", {"channel": "phone", "result": "reached"})
    yield Step("clerk", "request_info", {"note": "请补充位置。"})
    yield Step("clerk", "give_info", {"note": "五房沙大街旁。"})
    yield from WORK[:3]
    yield Step("head", "assign", {"officer": "officer"})
    yield from WORK[3:10]
    yield Step("supervisor", "waive_department", {"department": "HOUSING", "reason": "不涉及物业。"})
    yield WORK[10]
    yield Step("supervisor", "refuse_suspension", {"reason": "可以先行施工。"})
    yield from WORK[10:15]
    yield Step("deputy", "lift", {"note": "已书面回复。"})
    yield Step("supervisor", "supervise", {"kind": "order", "note": "请再次说明。"})
    yield Step("deputy", "refuse_sign", {"note": "已有回复。"})
    yield from WORK[15:]
    yield Step("clerk", "unpublish")
    yield Step("clerk", "urge", {"note": "请尽快办理。"})
    yield Step("clerk", "comment", {"note": "反映人来电询问。"})
    yield Step("clerk", "edit", {"address": "五房沙大街3号旁", "external_number": "NH-1"})
    yield Step("clerk", "merge", on="joiner")
    yield Step("clerk", "unmerge", on="joiner")
    yield Step("clerk", "merge", on="joiner")
    yield Step("officer", "reply", _REPLY)
    yield Step("clerk", "redo", {"reason": "另一侧没有处理。"})
    yield Step("officer", "reply", _REPLY)
    yield Step("clerk", "verify_pass", {"check": "phone", "note": "电话核实。"})
    yield Step("clerk", "record_follow_up", {"verdict": "satisfied", "solved": "yes"}, on="joiner")
    yield Step("clerk", "record_follow_up", {"verdict": "satisfied", "solved": "yes"})
    yield Step("clerk", "reopen", {"reason": "又被踩坏。"})
    yield Step("officer", "reply", _REPLY)
    yield Step("clerk", "verify_pass", {"check": "phone", "note": "电话核实。"})
    yield Step("supervisor", "close_explained", {"reason": "已说明养护安排。"})
    yield Step("supervisor", "request_exclusion", {"reason": "重复登记。"})
    yield Step("deputy", "grant_exclusion", {"reason": "同意。"})
    yield from _elsewhere()


def _elsewhere() -> Iterator[Step]:
    """What cannot happen to the same matter: returns, bodies outside, refusals, answers at once."""
    not_ours = {"reason": "not_ours", "basis": "养护范围图第 3 页。"}
    for department, officer in (("MUNICIPAL", "officer"), ("WATER", "officer2")):
        if department == "MUNICIPAL":
            yield Step("clerk", "accept", on="returned")
        yield Step("clerk", "dispatch", {"department": department}, on="returned")
        yield Step(officer, "return", not_ours, on="returned")
    yield Step("supervisor", "assign_final", {"department": "MUNICIPAL", "reason": "由市政办牵头。"}, on="returned")
    yield Step("supervisor", "reassign", {"department": "ENFORCE", "reason": "改派执法办。"}, on="returned")
    yield Step("clerk", "accept", on="outside")
    yield Step("clerk", "transfer_out", {"department": "POWER"}, on="outside")
    yield Step("clerk", "reject", {"reason": "petition", "note": "请到信访窗口。"}, on="rejected")
    yield Step("supervisor", "answer_now", {"note": "已当场说明。"}, on="answered")
