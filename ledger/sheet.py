"""A month of the ledger as an Excel sheet: what was done where, whom it was for only in the mask."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from common import dates
from common.clock import local
from common.tables import write_table
from ledger.models import LedgerEntry
from ledger.reading import masked_person, month_after, open_note

MOST: Final = 5000
"""Lines of one sheet: a community of 60 leaders who note twice a day. Made while one waits, in about a second."""


def month_sheet(entries: Iterable[LedgerEntry], *, unit: str, first: date, at: datetime) -> bytes:
    """The sheet of ``unit`` for the month that begins with ``first``; ``entries`` with their names."""
    last = min(month_after(first) - timedelta(days=1), max(local(at).date(), first))
    span = _("%(first)s至%(last)s") % {"first": dates.day(first), "last": dates.day(last)}
    columns = (
        (_("日期"), 12), (_("社区"), 16), (_("地点"), 20), (_("楼长"), 12), (_("类型"), 8), (_("称呼"), 10),
        (_("备注"), 44), (_("工单"), 20),
    )  # fmt: skip
    rows = (
        (
            entry.on,
            entry.community.name,
            entry.place_name,
            entry.leader.name,
            str(entry.get_kind_display()),
            masked_person(entry),
            open_note(entry),
            entry.issue.number if entry.issue else "",
        )
        for entry in entries
    )
    return write_table(
        name=_("楼长台账"),
        title=_("%(area)s%(title)s") % {"area": unit, "title": _("楼长台账")},
        unit_line=_("单位：%(area)s    日期：%(span)s") % {"area": unit, "span": span},
        columns=columns,
        rows=rows,
    )
