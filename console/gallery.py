"""``/console/components/``: the console's components in both themes, invented content. Development and demo only."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.clock import local, now
from console.kit.shapes import (
    Chip,
    ChoiceShape,
    CountShape,
    DueShape,
    ErrorItem,
    FieldShape,
    Link,
    Option,
    RowShape,
    Seal,
)
from deadlines.enums import Level
from issues.enums import Outcome, Supervision, TimeLimit


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """The gallery. Http404 in an installation that is neither development nor demonstration."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    return render(request, "console/components.html", {"demo": _demo(now())})


def _demo(at: datetime) -> dict[str, Any]:
    rows = _rows(at)
    return {
        "states": [{"code": state.value, "label": state.label} for state in TimeLimit],
        "dues": [row.due for row in rows],
        "levels": [{"code": level.value, "label": level.label} for level in Level],
        "seals": _seals(),
        "filters": _filters(),
        "suggestions": [{"field": "category", "value": "", "label": "排水与内涝", "because": "“积水”", "key": 1}],
        "steps": _steps(),
        "days": _days(at),
        "rows": rows,
        "errors": [
            ErrorItem("id_light-phone", _("联系电话"), _("请输入 11 位手机号")),
            ErrorItem("id_light-place", _("位置"), _("请选择一个地点")),
        ],
        "fields_light": _fields("light"),
        "fields_dark": _fields("dark"),
        "banners": _banners(),
        "menu_items": [
            {"label": _("办理进展"), "url": "#main", "allowed": True},
            {"label": _("退单"), "allowed": False, "reason": _("签收已超过 1 个工作日，不能退单")},
        ],
        "counts": _counts(),
        "facts": [
            {"label": _("位置"), "value": "夏东社区 涌口 东闸路"},
            {"label": _("类别"), "value": "排水与内涝 / 路面积水"},
            {"label": _("紧急程度"), "value": Level.URGENT.label},
        ],
    }


def _rows(at: datetime) -> list[RowShape]:
    seen = (
        (TimeLimit.OVERDUE, Level.NORMAL, "绿道护栏松脱，行人易碰伤", 4012, -26, _("超期%(n)s") % {"n": _("1天")}),
        (TimeLimit.DUE_SOON, Level.URGENT, "大王椰子叶片干枯下坠", 4183, 4, _("还剩%(n)s") % {"n": _("4小时")}),
        (TimeLimit.ON_TIME, Level.NORMAL, "儿童滑梯螺丝外露", 4131, 76, _("还剩%(n)s") % {"n": _("3天4小时")}),
    )
    return [
        RowShape(
            number=f"桂城-2026-{serial:06d}",
            short_number=f"2026-{serial:06d}",
            url="#main",
            pane_url="",
            title=title,
            level=level.value,
            level_label=str(level.label),
            status_label="",
            time_limit=state.value,
            time_limit_label=str(state.label),
            place="翠颐社区 滨河绿道",
            category="公园与活动场所",
            department="市政办",
            next_step=_("待您答复"),
            mine=True,
            due=DueShape(relative=left, at=at + timedelta(hours=hours), state=state.value, estimated=False),
            seals=tuple(_seals()[:1]) if state == TimeLimit.OVERDUE else (),
            action=Link(label=_("答复"), url="#main"),
            role_label="",
            officer="",
            selected=state == TimeLimit.DUE_SOON,
        )
        for state, level, title, serial, hours, left in seen
    ]


def _seals() -> list[Seal]:
    return [
        Seal(Supervision.URGED.value, _("催"), _("已催办")),
        Seal(Supervision.URGED.value, _("催%(n)d") % {"n": 2}, _("已催办%(n)d次") % {"n": 2}),
        Seal(Supervision.SUPERVISED.value, _("督"), _("已督办")),
        Seal(Supervision.YELLOW_CARD.value, _("黄牌"), _("黄牌警示")),
        Seal(Supervision.RED_CARD.value, _("红牌"), _("红牌通报")),
        Seal(Supervision.SUPERVISED.value, _("督办待签"), _("督办单待签发"), draft=True),
    ]


def _filters() -> list[Chip]:
    options = tuple(Option(label=str(state.label), url="#main", selected=False) for state in TimeLimit)
    return [
        Chip("status", _("状态"), "", "#main", options),
        Chip("category", _("类别"), "路灯", "#main", options),
    ]


def _steps() -> list[dict[str, str]]:
    return [
        {"name": _("已收到"), "state": "done", "when": "11-18 09:04", "who": "夏东社区"},
        {"name": _("已交办"), "state": "done", "when": "11-18 09:31", "who": "水务管理办公室"},
        {"name": _("办理中"), "state": "current", "when": "11-18 09:52", "who": ""},
        {"name": _("已答复"), "state": "future", "when": _("预计 %(day)s") % {"day": "11-23"}, "who": ""},
    ]


def _days(at: datetime) -> list[dict[str, Any]]:
    def entry(title: str, actor: str, text: str, *, public: bool, before: int) -> dict[str, Any]:
        moment = at - timedelta(hours=before)
        return {"at": moment, "title": title, "actor": actor, "text": text, "changes": [], "public": public}

    today = entry(_("办理进展"), "水务管理办公室 · 何志明", "已清掏雨水井6座。", public=True, before=0)
    earlier = entry(_("留言"), "市政管理办公室 · 麦少芬", "路面两处沉降已修补。", public=False, before=24)
    return [
        {"on": local(at).date(), "label": _("今天"), "entries": [today]},
        {"on": (local(at) - timedelta(days=1)).date(), "label": _("昨天"), "entries": [earlier]},
    ]


def _fields(prefix: str) -> list[FieldShape]:
    outcomes = tuple(ChoiceShape(value=outcome.value, label=str(outcome.label)) for outcome in tuple(Outcome)[:3])
    levels = (
        ChoiceShape(value=Level.NORMAL.value, label=str(Level.NORMAL.label), help=_("5个工作日内办理")),
        ChoiceShape(value=Level.URGENT.value, label=str(Level.URGENT.label), help=_("24小时内首次反馈")),
    )
    departments = (
        ChoiceShape(value="1", label="市政管理办公室", keys="szb"),
        ChoiceShape(value="2", label="水务管理办公室", keys="swb"),
    )
    return [
        FieldShape(
            f"{prefix}-phone", _("联系电话"), "tel", "199 0000", required=True, errors=[_("请输入 11 位手机号")]
        ),
        FieldShape(f"{prefix}-place", _("位置"), value="夏东社区 涌口", help=_("小区、楼栋或拼音首字母")),
        FieldShape(f"{prefix}-outcome", _("办理结果"), "radio", Outcome.SOLVED.value, outcomes, required=True),
        FieldShape(
            f"{prefix}-department", _("承办单位"), "department", "", departments, placeholder=_("输入名称或拼音首字母")
        ),
        FieldShape(f"{prefix}-level", _("紧急程度"), "choice", Level.URGENT.value, levels),
        FieldShape(f"{prefix}-confidential", _("保密"), "checkbox", help=_("承办单位看不到身份")),
    ]


def _banners() -> list[dict[str, Any]]:
    return [
        {
            "tone": "warning",
            "text": _("工单已有变化。"),
            "more": _("您填写的内容已保留。"),
            "actions": [Link(_("查看变化"), "#main"), Link(_("按最新状态继续"), "#main")],
        },
        {"tone": "danger", "text": _("人员被困、火情请先拨 119/110")},
        {"tone": "info", "text": _("2027年节假日为估算，正式通知发布后自动重算")},
        {"tone": "success", "text": _("已登记 %(number)s") % {"number": "桂城-2026-000123"}},
    ]


def _counts() -> list[CountShape]:
    return [
        CountShape("today", _("今日到期"), "8", zero=False, tone="due_soon", url="#main", active=False),
        CountShape("overdue", _("已超期"), "3", zero=False, tone="overdue", url="#main", active=True),
        CountShape("to_call", _("待回访"), "0", zero=True, tone="", url="#main", active=False),
    ]
