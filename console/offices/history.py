"""What was done to one row or person of an office, for the timeline."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from accounts.roles import role_label
from console.kit import history
from issues.timeline.entries import TimelineDay
from journal.models import Event
from offices.forms import options_of

TITLES: Final[Mapping[str, Promise]] = {
    "reference_added": gettext_lazy("添加"),
    "reference_changed": gettext_lazy("修改"),
    "reference_retired": gettext_lazy("停用"),
    "reference_restored": gettext_lazy("恢复使用"),
    "references_sealed": gettext_lazy("开始比对"),
    "reference_altered": gettext_lazy("绕过本系统被改"),
    "reference_accepted": gettext_lazy("确认现状"),
    "reveal": gettext_lazy("查看完整号码"),
    "desk_changed": gettext_lazy("收件岗"),
    "office_imported": gettext_lazy("用表格导入"),
    "person_added": gettext_lazy("建立账号"),
    "person_changed": gettext_lazy("修改账号"),
    "person_closed": gettext_lazy("停用账号"),
    "person_opened": gettext_lazy("恢复账号"),
    "password_reset": gettext_lazy("重设密码"),
    "sessions_ended": gettext_lazy("退出所有登录"),
    "membership_added": gettext_lazy("任职"),
    "membership_ended": gettext_lazy("离任"),
    "handed_over": gettext_lazy("交出"),
    "took_over": gettext_lazy("接手"),
}
_HANDED: Final[Mapping[str, Promise]] = {
    "matters": ngettext_lazy("%(n)d 件诉求", "%(n)d 件诉求", "n"),
    "shifts": ngettext_lazy("%(n)d 个值班班次", "%(n)d 个值班班次", "n"),
    "shifts_off": ngettext_lazy("%(n)d 个值班班次撤下", "%(n)d 个值班班次撤下", "n"),
    "covers": ngettext_lazy("%(n)d 次代班", "%(n)d 次代班", "n"),
    "desks": ngettext_lazy("%(n)d 个收件岗", "%(n)d 个收件岗", "n"),
    "places": ngettext_lazy("%(n)d 处地方", "%(n)d 处地方", "n"),
}
"""What was handed over, by the number in the event."""


def history_of(kind: str, pk: int, now: datetime, fields: Mapping[str, forms.Field] | None = None) -> list[TimelineDay]:
    """The last events of one row, newest first; three statements."""
    return history.history_of(kind, pk, now, title=_title, changes=partial(_changes, fields or {}))


def _title(kind: str) -> str:
    return str(TITLES.get(kind, kind))


def _changes(fields: Mapping[str, forms.Field], event: Event) -> list[str]:
    """What changed, a line each: from what to what where it is not personal."""
    if event.kind == "reference_added":
        return []
    lines = []
    for name in [*event.data.get("changed", {}), *event.data.get("fields", [])]:
        label = str(fields[name].label) if name in fields else name
        pair = event.data.get("changed", {}).get(name) or (event.text(f"{name}.was"), event.text(name))
        before, after = (_said(fields.get(name), value) for value in pair)
        told = {"field": label, "before": before or _("空"), "after": after or _("空")}
        lines.append(_("%(field)s：%(before)s → %(after)s") % told if before or after else label)
    if event.kind == "desk_changed":
        lines += [_("加入：%(names)s") % {"names": names} for names in [event.text("on")] if names]
        lines += [_("退出：%(names)s") % {"names": names} for names in [event.text("off")] if names]
    if event.kind in ("handed_over", "took_over"):
        lines += [_("交给：%(name)s") % {"name": name} for name in [event.text("to")] if name]
        lines += [_("来自：%(name)s") % {"name": name} for name in [event.text("from")] if name]
        lines += [str(words % {"n": event.data[key]}) for key, words in _HANDED.items() if key in event.data]
    role = role_label(event.data.get("role", ""))
    return [*lines, role] if role else lines


def _said(field: forms.Field | None, value: Any) -> str:
    """A code in words where the field has words for it."""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(field, forms.ModelChoiceField) and isinstance(value, int):
        rows: Any = field.queryset
        row = rows.model._default_manager.filter(pk=value).first()
        return str(row.name) if row else str(value)
    return "" if value is None else dict(options_of(field)).get(str(value), str(value))
