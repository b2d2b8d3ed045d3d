"""What the events of a block are called; nobody is notified of them."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from reminders.tellings import Telling

BLOCKED: Final = "door_blocked"
LIFTED: Final = "door_lifted"

TELLINGS: Final = (
    Telling(kind=BLOCKED, title=_("暂停网上提交")),
    Telling(kind=LIFTED, title=_("恢复网上提交")),
)
