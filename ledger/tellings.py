"""What the events of an entry are called."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from reminders.tellings import Telling

RECORDED: Final = "ledger_recorded"
CORRECTED: Final = "ledger_corrected"
WITHDRAWN: Final = "ledger_withdrawn"
REPORTED: Final = "ledger_reported"
REVEALED: Final = "ledger_revealed"
MASKED: Final = "ledger_masked"

TELLINGS: Final = (
    Telling(kind=RECORDED, title=_("记入台账")),
    Telling(kind=CORRECTED, title=_("更正台账")),
    Telling(kind=WITHDRAWN, title=_("撤回台账")),
    Telling(kind=REPORTED, title=pgettext_lazy("ledger", "转为工单")),
    Telling(kind=REVEALED, title=_("查看完整信息")),
    Telling(kind=MASKED, title=_("清除个人信息")),
)
