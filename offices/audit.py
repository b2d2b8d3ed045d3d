"""审计: the journal as an audit administrator reads it, in the order of time, masked as the timeline of a matter is.

An administrator of one office reads what happened to that office: its matters, rows, people. Of a matter who did what
and when is told, no words of it; of a confidential one no reason either, and a leader who reported is 反映人.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.noting import ACCOUNT
from accounts.roles import Permission, Role, role_label
from common.keyset import Order
from common.looked_up import LookedUp
from common.masking import scrub
from communities.access import Access
from communities.models import Membership
from deadlines.duty.roster import SUBJECT as SHIFT
from issues.enums import SUBJECT as ISSUE
from issues.enums import EventKind
from issues.models import Issue
from journal.installation import INSTALLATION
from journal.models import Event
from offices.importing import SHEETS
from offices.kinds import KINDS
from offices.kinds import OFFICE as OFFICE_KIND
from offices.people_forms import PersonForm
from offices.services.limits import RULE
from offices.services.people import PERSON
from reminders import subjects, tellings
from reminders.enums import OFFICE
from reminders.services.channel_setup import SUBJECT as CHANNEL
from reminders.services.preferences import PERSON as USER

BY_TIME: Final = Order(("-at", "-id"))
_OF_PEOPLE: Final = (ACCOUNT, PERSON, USER)

TITLES: Final[Mapping[str, Promise]] = {
    "sign_in": gettext_lazy("登录"),
    "sign_in_first_step": gettext_lazy("密码正确，待二次验证"),
    "sign_in_failed": gettext_lazy("登录失败"),
    "sign_in_refused": gettext_lazy("登录过多，暂时锁定"),
    "password_failed": gettext_lazy("修改密码时输错现在的密码"),
    "code_failed": gettext_lazy("验证码或手机登录的数字不对"),
    "phone_invited": gettext_lazy("发手机登录卡"),
    "phone_bound": gettext_lazy("绑定手机"),
    "phone_ended": gettext_lazy("手机登录结束"),
    "sign_out": gettext_lazy("退出登录"),
    "session_over": gettext_lazy("登录超时"),
    "session_ended": gettext_lazy("结束一处登录"),
    "sessions_ended": gettext_lazy("退出所有登录"),
    "token_made": gettext_lazy("取得令牌"),
    "token_ended": gettext_lazy("结束令牌"),
    "password_set": gettext_lazy("修改密码"),
    "password_reset": gettext_lazy("重设密码"),
    "second_factor_on": gettext_lazy("开启二次验证"),
    "second_factor_off": gettext_lazy("关闭二次验证"),
    "recovery_code_used": gettext_lazy("使用恢复码"),
    "look_up": gettext_lazy("按电话查找"),
    "export": gettext_lazy("导出"),
    "person_added": gettext_lazy("建立账号"),
    "person_changed": gettext_lazy("修改账号"),
    "person_closed": gettext_lazy("停用账号"),
    "person_opened": gettext_lazy("恢复账号"),
    "membership_added": gettext_lazy("任职"),
    "membership_ended": gettext_lazy("离任"),
    "handed_over": gettext_lazy("交出"),
    "took_over": gettext_lazy("接手"),
    "desk_changed": gettext_lazy("收件岗"),
    "office_imported": gettext_lazy("用表格导入"),
    "reference_added": gettext_lazy("添加"),
    "reference_changed": gettext_lazy("修改"),
    "reference_retired": gettext_lazy("停用"),
    "reference_restored": gettext_lazy("恢复使用"),
    "references_sealed": gettext_lazy("开始比对"),
    "reference_altered": gettext_lazy("绕过本系统被改"),
    "reference_accepted": gettext_lazy("确认现状"),
    "calendar": gettext_lazy("修改工作日历"),
    "journal_exported": gettext_lazy("导出日志"),
    "restored": gettext_lazy("从备份恢复"),
    "demo_loaded": gettext_lazy("载入演示数据"),
    "mobile_change": gettext_lazy("修改手机"),
    "access_traced": gettext_lazy("查询谁看过某人的信息"),
    "retention_run": gettext_lazy("到期个人信息清除"),
    "retention_changed": gettext_lazy("修改保留期限"),
    "absence_set": gettext_lazy("设置不在岗"),
    "absence_cover": gettext_lazy("更换代班人"),
    "absence_cancel": gettext_lazy("取消不在岗"),
    "shift_add": gettext_lazy("安排值班"),
    "shift_change": gettext_lazy("修改值班"),
    "shift_cancel": gettext_lazy("撤下值班"),
    "shift_empty": gettext_lazy("值班无人"),
    "hand_over": gettext_lazy("交班"),
    "take_over": gettext_lazy("接班"),
    "channel_add": gettext_lazy("添加发送渠道"),
    "channel_change": gettext_lazy("修改发送渠道"),
    "channel_retire": gettext_lazy("停用发送渠道"),
    "channel_test": gettext_lazy("试发"),
    "channel_down": gettext_lazy("发送渠道中断"),
    "callers_looked_up": gettext_lazy("一小时内查询号码过多"),
    "ladder_changed": gettext_lazy("修改提醒规则"),
    "emergency_word_changed": gettext_lazy("修改急事用语"),
    "colloquial_word_changed": gettext_lazy("修改俗语词表"),
}
"""What happened, of all that no domain registered (reminders.tellings)."""


def title_of(kind: str) -> str:
    """What a kind of events is called."""
    return str(TITLES[kind]) if kind in TITLES else tellings.title(kind)


@dataclass(frozen=True)
class Sought:
    """What is looked for, from ``since`` until before ``until``; ``subjects``: kind and id, one of them."""

    since: datetime
    until: datetime
    actor_id: int | None = None
    kind: str = ""
    subjects: Sequence[tuple[str, int]] | None = None


def events_of(access: Access, sought: Sought) -> QuerySet[Event]:
    """The events that this person may read, of what is sought; none without the right."""
    rows = Event.objects.filter(at__gte=sought.since, at__lt=sought.until)
    areas = access.areas(Permission.READ_JOURNAL)
    if areas is not None:
        rows = rows.filter(_within(areas)) if areas else rows.none()
    if sought.actor_id is not None:
        rows = rows.filter(actor_id=sought.actor_id).exclude(_by_hidden_leader())
    if sought.kind:
        rows = rows.filter(kind=sought.kind)
    if sought.subjects is not None:
        found = Q(pk__in=[])
        for kind, pk in sought.subjects:
            found |= Q(subject_kind=kind, subject_id=pk)
        rows = rows.filter(found)
    return rows.select_related("actor").prefetch_related("texts_plain")


def _within(areas: Collection[int]) -> Q:
    """What belongs to these offices, asked of each row: the newest come first and few are wanted."""
    there = Issue.objects.filter(pk=OuterRef("subject_id"), subdistrict_id__in=areas)
    held = Membership.objects.filter(user_id=OuterRef("subject_id"), subdistrict_id__in=areas)
    found = Q(subject_kind=ISSUE) & Q(LookedUp(there))
    found |= Q(subject_kind__in=_OF_PEOPLE) & Q(LookedUp(held))
    found |= Q(subject_kind__in=(OFFICE, OFFICE_KIND.code), subject_id__in=areas) | Q(data__office__in=list(areas))
    for subject in subjects.every():
        if subject.kind != ISSUE:
            found |= Q(subject_kind=subject.kind, subject_id__in=subject.in_areas(areas))
    return found


def _by_hidden_leader() -> Q:
    secret = Issue.objects.filter(pk=OuterRef("subject_id"), confidential=True)
    return Q(subject_kind=ISSUE, actor_role=Role.LEADER.value) & Q(LookedUp(secret))


@dataclass(frozen=True)
class AuditLine:
    """One event: when, who, what, to what; ``more`` are its facts, a line each."""

    at: datetime
    actor: str
    role: str
    title: str
    subject: str
    more: tuple[str, ...]


def lines_of(events: Sequence[Event]) -> list[AuditLine]:
    """The events as they are read; two statements for any number."""
    ids = {event.subject_id for event in events if event.subject_kind == ISSUE}
    matters = {row.pk: row for row in Issue.objects.filter(pk__in=ids).only("number", "confidential")}
    people = {event.subject_id for event in events if event.subject_kind in _OF_PEOPLE}
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "display_name"))
    return [_line(event, matters.get(event.subject_id), names) for event in events]


def _line(event: Event, matter: Issue | None, names: Mapping[int, str]) -> AuditLine:
    of_issue = matter if event.subject_kind == ISSUE else None
    actor, role = _actor(event, of_issue)
    return AuditLine(
        event.at, actor, role, title_of(event.kind), _subject(event, of_issue, names), _more(event, of_issue)
    )


def _actor(event: Event, matter: Issue | None) -> tuple[str, str]:
    hidden = matter is not None and matter.confidential and event.actor_role == Role.LEADER
    if hidden or event.actor_role == "resident":
        return _("反映人"), ""
    if event.actor is None:
        return (_("未知账号"), "") if event.subject_kind == "sign_in" else (_("系统"), "")
    return event.actor.display_name, role_label(event.actor_role)


_SUBJECTS: Final[Mapping[str, Promise]] = {
    OFFICE: gettext_lazy("街道"),
    SHIFT: gettext_lazy("班次"),
    CHANNEL: gettext_lazy("通知渠道"),
    RULE: gettext_lazy("办理时限"),
    "commitment": gettext_lazy("承诺"),
    "rights": gettext_lazy("个人信息请求"),
    "incident": gettext_lazy("个人信息安全事件"),
    "activity": gettext_lazy("处理活动"),
    "sign_in": gettext_lazy("没有此账号"),
    INSTALLATION: gettext_lazy("本系统"),
}


def _subject(event: Event, matter: Issue | None, names: Mapping[int, str]) -> str:
    if matter is not None:
        return str(matter.number)
    if event.subject_kind in _OF_PEOPLE:
        return names.get(event.subject_id, "")
    kind = KINDS.get(event.subject_kind)
    label = kind.label if kind else _SUBJECTS.get(event.subject_kind, event.subject_kind)
    return f"{label} {event.subject_id}" if event.subject_id else str(label)


_WITH_REASON: Final = frozenset({"access_traced", "retention_changed"})
"""Kinds of events, of no matter, of which the reason is told, without numbers of persons."""

_FIELDS: Final = {sheet.code: sheet.fields for sheet in SHEETS} | {PERSON: PersonForm.base_fields}
"""What the fields of a row are called, by subject kind."""


def _more(event: Event, matter: Issue | None) -> tuple[str, ...]:
    """Facts by which an event is judged; no words of a matter but why its reporter was looked at."""
    data, found = event.data, []
    if data.get("role"):
        found.append(role_label(str(data["role"])))
    if data.get("network"):
        found.append(_("网络 %(code)s") % {"code": data["network"][:6]})
    if event.kind == "look_up":
        found.append(_("整个号码") if data.get("whole") else _("后四位"))
    if event.kind in _WITH_REASON:
        found.append(scrub(event.text("reason")))
    if event.kind == EventKind.REVEAL and matter is not None and not matter.confidential:
        found.append(scrub(event.text("reason")))
    if matter is None:
        fields = _FIELDS.get(event.subject_kind, {})
        names = [*data.get("changed", {}), *data.get("fields", [])]
        found += [str(fields[name].label if name in fields else name) for name in names]
    return tuple(line for line in found if line)
