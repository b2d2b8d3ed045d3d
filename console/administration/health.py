"""系统健康: whether reminders leave on time, what is stuck, and what to do about it. Also the alarm on every page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.roles import Permission
from common import dates
from common.clock import now
from common.ownership import owns_tables
from communities.access import Access, access_of
from console.kit.reading import reader_of
from reminders import health
from reminders.enums import Channel
from reminders.health import CAP, ChannelFigures, Condition, Figures, Job, Stopped, lag

LABELS: Final[dict[Condition, Promise]] = {
    Condition.FINE: pgettext_lazy("condition", "正常"),
    Condition.WATCH: gettext_lazy("注意"),
    Condition.BAD: gettext_lazy("异常"),
}
TONES: Final = {Condition.FINE: "on_time", Condition.WATCH: "due_soon", Condition.BAD: "overdue"}
JOBS: Final[dict[str, Promise]] = {
    "sweep": gettext_lazy("到期扫描"),
    "fan_out": gettext_lazy("通知分发"),
    "deliver": gettext_lazy("消息投递"),
    "prepare_files": gettext_lazy("照片处理"),
    "clean_files": gettext_lazy("文件清理"),
    "clean_api": gettext_lazy("接口记录清理"),
    "clean_door": gettext_lazy("未提交草稿清理"),
    "seal_journal": gettext_lazy("日志封印"),
    "clean_accounts": gettext_lazy("过期登录清理"),
    "compare_references": gettext_lazy("街道设置比对"),
    "import_offices": gettext_lazy("街道表格导入"),
    "mask_ended": gettext_lazy("到期个人信息清除"),
    "plan_meetings": gettext_lazy("系列会议安排"),
    "replan": gettext_lazy("提醒阶梯重排"),
    "shift_alarm": gettext_lazy("空班检查"),
    "recount": gettext_lazy("时限重算"),
}
"""A job of the schedule as people call it."""

Words = str | Promise


@dataclass(frozen=True)
class HealthRow:
    """One line of the page: what, how it is, the figure behind it, what to do."""

    label: str
    condition: Condition
    value: str
    advice: str = ""
    at: datetime | None = None

    @property
    def state_label(self) -> Words:
        """正常, 注意 or 异常."""
        return LABELS[self.condition]

    @property
    def tone(self) -> str:
        """The colour, by the names of the time-limit states."""
        return TONES[self.condition]


@dataclass(frozen=True)
class Section:
    """A card of the page. ``at_label`` heads the column of moments."""

    title: str
    at_label: str
    rows: tuple[HealthRow, ...]
    empty: str = ""


@require_safe
@never_cache
def health_page(request: HttpRequest) -> HttpResponse:
    """``/console/admin/health/``: the same few statements whatever there is."""
    reader = reader_of(request)
    figures = health.read_figures(reader.now)
    sections = (
        Section(_("提醒链路"), _("自何时"), tuple(_chain(figures))),
        Section(_("发送渠道"), _("最近成功"), tuple(_channels(figures, reader.access)), _("还没有设置发送渠道。")),
        Section(_("定时任务"), _("最近完成"), tuple(_jobs(figures))),
        Section(_("数据安全"), _("自何时"), tuple(safety())),
    )
    conditions = [row.condition for section in sections for row in section.rows]
    context = {"sections": sections, "summary": _summary(conditions), "read_at": reader.now}
    return render(request, "console/administration/health.html", context)


@require_safe
@never_cache
def alarm(request: HttpRequest) -> HttpResponse:
    """The alarm alone, asked for by open pages; 204 where they show the same already."""
    found = alarm_of(request)
    if found is not None and request.GET.get("shown", "") == found["key"]:
        return HttpResponse(status=204)
    return render(request, "console/_scheduler_alarm.html", {"scheduler_alarm": found})


def alarm_of(request: HttpRequest) -> dict[str, Any] | None:
    """What the frame of a page shows to those who may see the health page: ``key``, ``text``, ``more``.

    All "" where there is no alarm. One statement for them, none for others (None).
    """
    if not access_of(getattr(request, "user", None)).has(Permission.SEE_HEALTH):
        return None
    found = health.stopped(now())
    if found is None:
        return {"key": "", "text": "", "more": ""}
    more = _("时限照常计算，恢复后到期的提醒会补发一次。请通知系统管理员。")
    return {"key": found.key, "text": _stopped_text(found), "more": more}


def _stopped_text(found: Stopped) -> str:
    if found.since is None:
        return _("定时任务还没有运行过，提醒和催办不会自动发出。")
    when = dates.moment_short(found.since)
    if found.part == "sweep":
        return _("到期扫描自 %(when)s 起没有完成，提醒和催办没有按时发出。") % {"when": when}
    return _("定时任务自 %(when)s 起停止运行，提醒和催办不会自动发出。") % {"when": when}


# The chain of a reminder


def _chain(figures: Figures) -> Iterable[HealthRow]:
    at = figures.at
    yield _schedule(figures)
    yield from _signs(figures)
    yield _waiting(
        _("到期未触发的提醒"), at, figures.rung_at, health.SWEEP_LAG,
        _("到期扫描每分钟一次。先看定时任务是否在运行；任务在运行而数字仍在增长，请查看 worker 日志。"),
    )  # fmt: skip
    yield _waiting(
        _("未分发的事件"), at, figures.event_at, health.FAN_OUT_LAG,
        _("没有人收到这些事件的通知。请确认 worker 在运行，并查看它的日志。"),
    )  # fmt: skip
    yield _waiting(
        _("发送中的消息"), at, figures.claimed_at, health.CLAIM_LAG,
        _("发送进程可能中途退出，几分钟后会自动重发；长时间不变请查看 worker 日志。"),
    )  # fmt: skip
    yield HealthRow(
        _("发送失败的消息"),
        Condition.WATCH if figures.dead else Condition.FINE,
        _count(figures.dead),
        _("在“发送失败”页查看原因，改正后重发，或说明理由取消。") if figures.dead else "",
    )
    yield HealthRow(
        _("无对象的到期事项"),
        Condition.BAD if figures.unknown else Condition.FINE,
        _count(figures.unknown),
        _("这些时限所属的事项不存在或类型未登记，不会提醒任何人。请运行 check_deadlines 并交给技术支持。")
        if figures.unknown
        else "",
    )
    yield HealthRow(
        _("搁置的事件"),
        Condition.BAD if figures.set_aside else Condition.FINE,
        _count(figures.set_aside),
        _("这些事件无法解读，没有通知任何人。请把 worker 日志交给技术支持。") if figures.set_aside else "",
    )


def _schedule(figures: Figures) -> HealthRow:
    age = figures.at - figures.schedule_at if figures.schedule_at else None
    bad = age is None or age > health.SILENT_AFTER
    return HealthRow(
        _("定时调度"),
        Condition.BAD if bad else Condition.FINE,
        _ago(age) if age is not None else _("从未运行"),
        _("重新启动 beat 与 worker；make run 与容器会自动重启退出的进程。") if bad else "",
        figures.schedule_at,
    )


def _signs(figures: Figures) -> Iterable[HealthRow]:
    parts = {"beat": _("调度进程（beat）"), "worker": _("工作进程（worker）")}
    if figures.signs is None:
        yield HealthRow(
            "Redis", Condition.BAD, _("没有应答"),
            _("任务队列不可用，提醒会在 Redis 恢复后继续，不会丢失。请检查 Redis 服务。"),
        )  # fmt: skip
        return
    yield HealthRow("Redis", Condition.FINE, _("有应答"))
    for part, label in parts.items():
        age = figures.signs.get(part)
        condition = health.of_heartbeat(age)
        yield HealthRow(
            label,
            condition,
            _("没有心跳") if age is None else _ago(timedelta(seconds=age)),
            "" if condition is Condition.FINE else _("检查这个进程是否在运行，必要时重新启动。"),
        )


def _waiting(label: str, at: datetime, since: datetime | None, limits: tuple[float, float], advice: str) -> HealthRow:
    condition = health.by_limits(lag(at, since), limits)
    value = _("没有") if since is None else _("已等待 %(span)s") % {"span": span(at - since)}
    return HealthRow(label, condition, value, "" if condition is Condition.FINE else advice, since)


# Channels


def _channels(figures: Figures, access: Access) -> Iterable[HealthRow]:
    """The ways out that this person answers for; an installation's own are everybody's."""
    if figures.expecting_mail and not figures.mail_leaves:
        yield HealthRow(
            _("邮件服务器"),
            Condition.WATCH,
            _("没有设置"),
            ngettext(
                "%(n)s 人留有邮箱，却收不到邮件提醒。请由系统管理员设置 EMAIL_URL 后重新启动。",
                "%(n)s 人留有邮箱，却收不到邮件提醒。请由系统管理员设置 EMAIL_URL 后重新启动。",
                figures.expecting_mail,
            )
            % {"n": _count(figures.expecting_mail)},
        )
    for channel in figures.channels:
        own = channel.subdistrict_id is None or channel.subdistrict_id in access.subdistrict_ids
        if own or access.installation_wide:
            yield _channel(channel, figures.at)


def _channel(channel: ChannelFigures, at: datetime) -> HealthRow:
    condition = health.of_channel(channel, at)
    waiting = _("待发送 %(count)s") % {"count": _count(channel.waiting)}
    if channel.oldest_at is not None:
        waiting = _("%(waiting)s，最久 %(span)s") % {"waiting": waiting, "span": span(at - channel.oldest_at)}
    advice = ""
    if channel.is_open(at) and channel.open_until_at is not None:
        advice = _("连续失败 %(n)d 次，已暂停发送，%(when)s 再试。请检查渠道设置并发送测试。") % {
            "n": channel.failures,
            "when": dates.moment_short(channel.open_until_at),
        }
    elif channel.failures:
        advice = _("最近 %(n)d 次发送失败，正在重试。") % {"n": channel.failures}
    elif condition is not Condition.FINE:
        advice = _("消息积压。机器人每分钟有条数限制，积压会合并发送；仍在增长请检查 worker。")
    label = _("%(kind)s · %(name)s") % {"kind": Channel(channel.kind).label, "name": channel.name}
    return HealthRow(label, condition, waiting, advice, channel.last_success_at)


# Jobs


def _jobs(figures: Figures) -> Iterable[HealthRow]:
    for job in figures.jobs:
        condition = health.of_job(job, figures.at)
        name, figure = str(JOBS.get(job.name, job.name)), _run(job, figures.at)
        yield HealthRow(name, condition, figure, _job_advice(job, condition), job.finished_at)


def _run(job: Job, at: datetime) -> str:
    if job.running(at):
        return _("运行中")
    if job.started_at is None:
        return _("尚未运行")
    if job.failing and job.failed_at is not None:
        return _("%(when)s 运行出错（%(error)s）") % {"when": dates.moment_short(job.failed_at), "error": job.error}
    if job.finished_at is None or job.started_at > job.finished_at:
        return _("%(when)s 开始后没有结束") % {"when": dates.moment_short(job.started_at)}
    return _ago(at - job.finished_at)


def _job_advice(job: Job, condition: Condition) -> str:
    if condition is Condition.FINE:
        return ""
    if job.failing:
        return _("下一次会自动重试。连续出错请把 worker 日志交给技术支持。")
    return _("没有按时运行。请先看定时调度和工作进程是否正常。")


# The data


def safety() -> Iterable[HealthRow]:
    """What protects the data from this very application; one statement."""
    owns = owns_tables()
    yield HealthRow(
        _("数据库权限"),
        Condition.FINE if not owns else Condition.WATCH if settings.DEMO else Condition.BAD,
        _("应用账号拥有数据表") if owns else _("应用账号只能读写数据"),
        _("应用账号可以停用日志的保护。请设置 DATABASE_OWNER_URL 并运行 prepare_roles（见运维手册）。") if owns else "",
    )

    yield HealthRow(
        _("日志封印的去处"),
        Condition.FINE if settings.SEAL_TO else Condition.WATCH if settings.DEMO else Condition.BAD,
        _("已设置") if settings.SEAL_TO else _("没有设置"),
        "" if settings.SEAL_TO else _("封印留在数据库里不能证明日志没有被改写。请设置 SEAL_TO（文件或 mailto:邮箱）。"),
    )


# Words


def _summary(conditions: Sequence[Condition]) -> dict[str, Any]:
    bad, watched = conditions.count(Condition.BAD), conditions.count(Condition.WATCH)
    if bad:
        text = ngettext("%(n)d 项异常，提醒可能没有按时发出", "%(n)d 项异常，提醒可能没有按时发出", bad) % {"n": bad}
        return {"tone": "danger", "text": text}
    if watched:
        text = ngettext("%(n)d 项需要注意", "%(n)d 项需要注意", watched) % {"n": watched}
        return {"tone": "warning", "text": text}
    return {"tone": "success", "text": _("一切正常")}


def _count(number: int) -> str:
    return f"{CAP - 1}+" if number >= CAP else str(number)


def _ago(length: timedelta) -> str:
    return _("%(span)s前") % {"span": span(length)}


def span(length: timedelta) -> str:
    """How long, in its largest unit: 12秒, 5分钟, 3小时, 2天."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 90:
        return ngettext("%(n)d秒", "%(n)d秒", seconds) % {"n": seconds}
    minutes = seconds // 60
    if minutes < 90:
        return ngettext("%(n)d分钟", "%(n)d分钟", minutes) % {"n": minutes}
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(n)d小时", "%(n)d小时", hours) % {"n": hours}
    return ngettext("%(n)d天", "%(n)d天", hours // 24) % {"n": hours // 24}
