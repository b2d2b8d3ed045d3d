"""个人信息处理规则: which version of the notice stands (PIPL Art. 17; docs/privacy.md#the-notice)."""

from datetime import date
from typing import Final

NOTICE_FROM: Final = date(2026, 12, 4)
"""Since when the text of templates/phone/privacy.html holds. Other words are another version."""
NOTICE: Final = NOTICE_FROM.isoformat()
"""Its name; the event with which a matter begins keeps it."""
