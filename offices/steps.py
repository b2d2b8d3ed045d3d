"""What an office needs before it works: the steps in their order, and what there is of each."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from accounts.roles import Role
from communities.models import Category, Membership, SubDistrict
from deadlines.models import CalendarDay, DeadlineRule
from offices.kinds import BUILDING, CATEGORY, COMMUNITY, LEADER, NEIGHBOURHOOD, ORGANISATION, ReferenceKind


class FirstStep(NamedTuple):
    """One step. ``page`` and ``args`` name where it is done; ``told`` says what there is."""

    label: Promise
    text: Promise
    page: str
    args: Sequence[str | int]
    told: str
    done: bool


_NEEDED: Final = (Role.CLERK, Role.OFFICER, Role.SUPERVISOR)
"""Without one of each nobody logs, handles or supervises."""

_STEPS: Final[tuple[tuple[ReferenceKind, Promise, bool], ...]] = (
    (COMMUNITY, gettext_lazy("诉求按社区登记；每个社区自动有一个“社区自办”单位"), True),
    (NEIGHBOURHOOD, gettext_lazy("小区、村、巷、市场、道路，登记时可选"), False),
    (BUILDING, gettext_lazy("楼栋，贴二维码、定楼长用"), False),
    (ORGANISATION, gettext_lazy("街道部门、物业公司、业委会、外单位"), True),
    (CATEGORY, gettext_lazy("诉求的类别、通常派往的单位和办理时限"), True),
    (LEADER, gettext_lazy("楼长、巷长、街长和他们负责的地方"), False),
)


def steps_of(office: SubDistrict) -> list[FirstStep]:
    """All steps; a statement or two each."""
    named = bool(office.duty_phone)
    return [
        FirstStep(
            gettext_lazy("街道"),
            gettext_lazy("名称、编号用字、值班电话"),
            "console-reference",
            ("office", office.pk),
            office.name if named else _("还没有值班电话"),
            named,
        ),
        *(_of_kind(office, *row) for row in _STEPS),
        FirstStep(
            pgettext_lazy("all", "办理时限"),
            gettext_lazy("各种诉求多久要联系、受理、派单、办结；先用系统默认的"),
            "console-limits",
            (),
            _("本街道自定") if DeadlineRule.objects.filter(subdistrict=office).exists() else _("系统默认"),
            True,
        ),
        _people(office),
        _calendar(),
    ]


def _of_kind(office: SubDistrict, kind: ReferenceKind, text: Promise, needed: bool) -> FirstStep:
    number = kind.rows_of(office).filter(retired_at__isnull=True).count()
    done = bool(number) if needed else True
    if kind is CATEGORY:
        done = Category.objects.filter(subdistrict=office, parent__isnull=False, retired_at__isnull=True).exists()
    told = ngettext("%(n)d 个", "%(n)d 个", number) % {"n": number} if number else _("还没有")
    return FirstStep(kind.label, text, "console-references", (kind.code,), told, done)


def _people(office: SubDistrict) -> FirstStep:
    rows = Membership.objects.filter(subdistrict=office, ended_at__isnull=True, user__is_active=True)
    present = set(rows.values_list("role", flat=True))
    missing = [str(role.label) for role in _NEEDED if role not in present]
    number = rows.values("user").distinct().count()
    told = (
        _("还没有：%(roles)s") % {"roles": _("、").join(missing)}
        if missing
        else (ngettext("%(n)d 人", "%(n)d 人", number) % {"n": number})
    )
    return FirstStep(
        gettext_lazy("工作人员"), gettext_lazy("账号、角色、收件岗"), "console-people", (), told, not missing
    )


def _calendar() -> FirstStep:
    last = CalendarDay.objects.filter(estimated=False).order_by("-on").values_list("on", flat=True).first()
    told = _("放假通知录到 %(year)d 年") % {"year": last.year} if last else _("按程序库推算")
    return FirstStep(
        gettext_lazy("工作日历"),
        gettext_lazy("办公时间和节假日；放假通知发布后录入"),
        "console-calendar",
        (),
        told,
        True,
    )
