"""管理: the administrator's pages that there are, and that this person may open."""

from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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


@dataclass(frozen=True)
class AdminGroup:
    """Pages that belong together: a section of 管理, and the tabs above each of them."""

    label: str
    pages: tuple[AdminPage, ...]

    @property
    def names(self) -> frozenset[str]:
        """Of their URLs."""
        return frozenset(page.name for page in self.pages)


_GROUPS: Final[tuple[tuple[Promise, tuple[tuple[str, Promise, Promise, str], ...]], ...]] = (
    (
        _("街道和人员"),
        (
            (
                "console-office",
                _("街道设置"),
                _("街道、社区、小区楼栋、单位、类别、楼长；也可以用表格导入"),
                "building",
            ),
            ("console-people", _("人员"), _("账号、角色和任职；邀请、离任、停用"), "users"),
            ("console-calendar", _("工作日历"), _("节假日和调休通知，发布后重算所有时限"), "calendar"),
            ("console-emergency-words", _("急事用语"), _("写到哪些词先提示拨打电话、按多急登记"), "alert-circle"),
            ("console-word-list", _("俗语词表"), _("居民的说法对应哪个规范用词，搜索和相似诉求都用"), "language"),
        ),
    ),
    (
        _("提醒和发送"),
        (
            (
                "console-ladder",
                _("提醒规则"),
                _("什么时候提醒谁、做什么、发到哪些渠道；改动前先看会发出什么"),
                "adjustments-horizontal",
            ),
            ("console-channels", _("通知渠道"), _("邮件、短信、群机器人和 Webhook：设置、测试、看运行情况"), "send"),
            (
                "console-outbox",
                pgettext_lazy("page", "发送失败"),
                _("多次重试仍未送达的消息：看原因，重新发送或取消"),
                "alert-circle",
            ),
        ),
    ),
    (
        _("个人信息"),
        (
            ("console-rights", _("个人信息请求"), _("查阅、复制、更正、删除：一个月内答复本人"), "shield-check"),
            (
                "console-incidents",
                pgettext_lazy("page", "个人信息安全事件"),
                _("泄露、篡改、丢失：发生了什么、怎样补救、何时告知"),
                "alert-triangle",
            ),
            ("console-retention", _("数据保留"), _("办结多久后清除个人信息、每晚的结果、依法保留"), "clock"),
            ("console-accesses", _("谁看过个人信息"), _("按一个人的电话，查谁在什么时候看过、找过、打印过"), "eye"),
            ("console-register", _("处理活动登记"), _("为什么处理哪些个人信息、谁能看到、保存多久"), "clipboard-list"),
        ),
    ),
    (
        _("运行和审计"),
        (
            ("console-health", _("系统健康"), _("定时任务、发送队列和渠道是否正常"), "chart-bar"),
            ("console-blocks", _("暂停网上提交"), _("乱发的网络和手机号：为什么、停到哪天，到期自动恢复"), "lock"),
            ("console-audit", _("审计"), _("谁在什么时候登录、查看、导出、修改了什么"), "history"),
        ),
    ),
)
_ASKS: Final = {"console-rights": Permission.ANSWER_RIGHTS}
"""What a page asks for to stand here where its URL is open to more people, who come to it another way."""


def admin_groups(access: Access) -> tuple[AdminGroup, ...]:
    """What stands in the rail's 管理; () for everybody who may open none of it. No statement."""
    found = ((label, tuple(_page(*row) for row in rows if _may_open(row[0], access))) for label, rows in _GROUPS)
    return tuple(AdminGroup(str(label), pages) for label, pages in found if pages)


def _page(name: str, label: Promise, text: Promise, icon: str) -> AdminPage:
    return AdminPage(name, str(label), str(text), icon, reverse(name))


def _may_open(name: str, access: Access) -> bool:
    rule = _ASKS.get(name) or rule_of(name)
    return isinstance(rule, Permission) and access.has(rule)
