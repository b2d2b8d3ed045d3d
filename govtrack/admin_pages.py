"""管理: the administrator's pages that there are, and that this person may open."""

from dataclasses import dataclass
from typing import Final

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.roles import Permission
from communities.access import Access
from govtrack.url_permissions import rule_of


@dataclass(frozen=True)
class AdminPage:
    """One page: the name of its URL, what it is called, what it is for, its icon."""

    name: str
    label: str
    text: str
    icon: str
    url: str


_PAGES: Final[tuple[tuple[str, Promise, Promise, str], ...]] = (
    ("console-office", _("街道设置"), _("街道、社区、小区楼栋、单位、类别、楼长；也可以用表格导入"), "building"),
    ("console-people", _("人员"), _("账号、角色和任职；邀请、离任、停用"), "users"),
    (
        "console-ladder",
        _("提醒规则"),
        _("什么时候提醒谁、做什么、发到哪些渠道；改动前先看会发出什么"),
        "adjustments-horizontal",
    ),
    ("console-emergency-words", _("急事用语"), _("写到哪些词先提示拨打电话、按多急登记"), "alert-circle"),
    ("console-channels", _("通知渠道"), _("邮件、短信、群机器人和 Webhook：设置、测试、看运行情况"), "send"),
    ("console-outbox", _("发送失败"), _("多次重试仍未送达的消息：看原因，重新发送或取消"), "alert-circle"),
    ("console-calendar", _("工作日历"), _("节假日和调休通知，发布后重算所有时限"), "calendar"),
    ("console-register", _("处理活动登记"), _("为什么处理哪些个人信息、谁能看到、保存多久"), "clipboard-list"),
    (
        "console-incidents",
        _("个人信息安全事件"),
        _("泄露、篡改、丢失：发生了什么、怎样补救、何时告知"),
        "alert-triangle",
    ),
    ("console-audit", _("审计"), _("谁在什么时候登录、查看、导出、修改了什么"), "history"),
    ("console-retention", _("数据保留"), _("办结多久后清除个人信息、每晚的结果、依法保留"), "clock"),
    ("console-accesses", _("谁看过个人信息"), _("按一个人的电话，查谁在什么时候看过、找过、打印过"), "eye"),
    ("console-health", _("系统健康"), _("定时任务、发送队列和渠道是否正常"), "chart-bar"),
)


def admin_pages(access: Access) -> tuple[AdminPage, ...]:
    """What stands in the rail's 管理; () for everybody who may open none of it. No statement."""
    found = []
    for name, label, text, icon in _PAGES:
        rule = rule_of(name)
        if not isinstance(rule, Permission) or not access.has(rule) or rule is Permission.USE_CONSOLE:
            continue
        try:
            found.append(AdminPage(name, str(label), str(text), icon, reverse(name)))
        except NoReverseMatch:
            continue
    return tuple(found)
