"""One limit as a row of a sheet: of which level or kind of issue, which clock, and how long."""

from typing import Final

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from deadlines import kinds
from deadlines.rules import ANY, DEFAULT_RULES, EXTENSION, KIND, KIND_NAMES, LEVEL, LEVEL_NAMES
from offices.forms import Labelled, OneLine

_ALL: Final = "all"


def _clocks() -> list[tuple[str, object]]:
    codes = dict.fromkeys(row.deadline_kind for row in DEFAULT_RULES.rows)
    return [(code, _("延期") if code == EXTENSION else kinds.label(code)) for code in codes]


class LimitForm(forms.Form):
    """办理时限. The cell that it names has to be one of the table."""

    scope = Labelled(
        label=_("紧急程度或类型"), choices=[(_ALL, _("全部诉求")), *LEVEL_NAMES.items(), *KIND_NAMES.items()]
    )
    clock = Labelled(label=_("时限项"), choices=lazy(_clocks, list))
    limit = OneLine(
        label=_("时限"),
        max_length=12,
        help_text=_("数字加单位：5wd 工作日、4wh 工作时、3d 天、24h 小时、30min 分钟，none 不限时"),
    )
    times = forms.IntegerField(label=_("最多延期次数"), required=False, min_value=1, max_value=9)

    @property
    def key(self) -> str:
        """The name of the cell (offices.services.limits.Cell)."""
        scope = self.cleaned_data["scope"]
        kind = LEVEL if scope in LEVEL_NAMES else KIND if scope in KIND_NAMES else ANY
        return f"{kind}-{scope}-{self.cleaned_data['clock']}"
