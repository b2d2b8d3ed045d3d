"""The limits of an office: editing one cell of the rule table (docs/rules/limits.md#an-offices-own-limits).

An edited limit holds for clocks that begin from then on; what was promised by the old one keeps its date. Whoever edits
holds the sub-district's row; the first edit copies the table that held until then, and from then on it is the office's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from communities.actors import Actor
from communities.models import SubDistrict
from deadlines import kinds
from deadlines.enums import DeadlineState
from deadlines.limits import Limit, LimitError
from deadlines.models import Deadline, DeadlineRule
from deadlines.reference import forget, install_default_rules, load_rules, stored_rules
from deadlines.rules import DEFAULT_RULES, EXTENSION, KIND, LEVEL, RuleRow
from journal.services import Entry, record
from offices.services.errors import ReferenceChanged, WrongLimit
from offices.services.references import CHANGED, hold

RULE: Final = "rule"
"""The subject kind of a limit's changes."""
MOST_DAYS: Final = 366
MOST_TIMES: Final = 9
COUNTED: Final = 1000


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: for which level or kind of issue (or all), which clock."""

    scope_kind: str
    scope: str
    deadline_kind: str

    @classmethod
    def of(cls, row: RuleRow) -> "Cell":
        """The cell that a row of the table fills."""
        return cls(row.scope_kind, row.scope, row.deadline_kind)

    @property
    def key(self) -> str:
        """Its name in addresses: ``kind-complaint-handle``."""
        return f"{self.scope_kind}-{self.scope or 'all'}-{self.deadline_kind}"


def rows_of(office: SubDistrict) -> Sequence[RuleRow]:
    """The table that holds in this office now."""
    return load_rules(office.pk).rows


def find(office: SubDistrict, key: str) -> RuleRow | None:
    """The row of the cell with this name; None where the table has none."""
    return next((row for row in rows_of(office) if Cell.of(row).key == key), None)


def read_limit(row: RuleRow, text: str) -> Limit:
    """The limit that ``text`` names for this cell. Raises WrongLimit."""
    try:
        limit = Limit.parse(text)
    except LimitError as error:
        raise WrongLimit(str(error)) from error
    if limit.is_none and not _may_be_none(row):
        raise WrongLimit(_("这一项必须有时限：没有时限就没有人会被提醒"))
    if not limit.is_none and limit.counts_days and limit.amount > MOST_DAYS:
        raise WrongLimit(_("最长 %(n)d 天") % {"n": MOST_DAYS})
    return limit


def _may_be_none(row: RuleRow) -> bool:
    """Only what has no limit in the product's own table goes without one."""
    own = next((one for one in DEFAULT_RULES.rows if Cell.of(one) == Cell.of(row)), None)
    return own is not None and own.limit.is_none


def running_under(office: SubDistrict, row: RuleRow) -> int:
    """How many clocks run by this cell now and keep their dates; counted to COUNTED.

    A level may come from the category; a clock that something else holds to an earlier time runs by its rule still.
    """
    if row.deadline_kind == EXTENSION:
        return 0
    wanted = {LEVEL: rf"(level|category:[^:]+):{row.scope}$", KIND: rf"kind:{row.scope}$"}
    found = Deadline.objects.filter(
        subdistrict_id=office.pk,
        state=DeadlineState.RUNNING,
        kind=row.deadline_kind,
        rule__regex=wanted.get(row.scope_kind, rf"default:{row.deadline_kind}$"),
    )
    return found.order_by().values("pk")[:COUNTED].count()


@transaction.atomic
def set_limit(
    *, office: SubDistrict, key: str, limit: str, times: int | None, was: str | None, by: Actor, at: datetime
) -> RuleRow | None:
    """From now on this cell holds ``limit``; for the extension allowance granted ``times`` times. None: it did already.

    ``was`` is the limit as it stood when it was opened, None for a row of a sheet; without ``times`` they stay.
    Raises NotAdministered, ReferenceChanged, WrongLimit.
    """
    hold(office, by)
    install_default_rules(office.pk)
    row = next((row for row in stored_rules(office.pk).rows if Cell.of(row).key == key), None)
    if row is None and was is None:
        raise WrongLimit(_("没有这一项时限"))
    if row is None or was not in (None, f"{row.limit} {row.times}"):
        raise ReferenceChanged(_("刚被别人修改，您填写的内容还在。请核对后再保存"))
    new = read_limit(row, limit)
    times = row.times if times is None else times
    if row.deadline_kind == EXTENSION and not 1 <= times <= MOST_TIMES:
        raise WrongLimit(_("延期次数为 1 至 %(n)d 次") % {"n": MOST_TIMES})
    given = times if row.deadline_kind == EXTENSION else 0
    if (new, given) == (row.limit, row.times):
        return None
    stored = DeadlineRule.objects.get(
        subdistrict=office,
        scope_kind=row.scope_kind,
        scope=row.scope,
        deadline_kind=row.deadline_kind,
        retired_at__isnull=True,
    )
    stored.limit, stored.times = str(new), given
    stored.save(update_fields=["limit", "times"])
    record(
        Entry(
            subject_kind=RULE,
            subject_id=stored.pk,
            kind=CHANGED,
            at=at,
            actor_id=by.user_id,
            actor_role=by.role,
            data={
                "office": office.pk,
                "changed": {"limit": [str(row.limit), str(new)], "times": [row.times, given]},
            },
        )
    )
    transaction.on_commit(forget)
    return RuleRow(row.scope_kind, row.scope, row.deadline_kind, new, given)


def clock_label(deadline_kind: str) -> str:
    """What the column is called."""
    return _("延期") if deadline_kind == EXTENSION else kinds.label(deadline_kind)
