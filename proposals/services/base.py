"""What every write on proposals has in common: the lock, words, clocks, the event."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from common.texts import is_askable
from communities.access import Access
from communities.actors import Actor
from communities.models import Department
from deadlines import services as deadlines
from deadlines.calendar import DAY_CLOSES, at_clock
from deadlines.models import Deadline
from issues.services.errors import InvalidFields, NotPermitted, Words
from issues.services.texts import NOTHING, read_texts
from journal.services import Entry, record
from proposals.enums import PROPOSAL, ProposalClock
from proposals.models import Proposal, ProposalPart
from proposals.rights import may_register
from proposals.services.errors import ProposalChanged

LONGEST: Final[Mapping[str, int]] = {
    "number": 40, "title": 120, "words": 3000, "name": 40, "delegation": 60, "note": 1000, "reason": 200,
    "answer": 3000, "why": 300, "promise": 500, "kept": 1000,
}  # fmt: skip


_ONE_LINE: Final = frozenset({"number", "title", "name", "delegation"})


def clean(given: Mapping[str, Any], *, required: Mapping[str, Words] = NOTHING) -> dict[str, str]:
    """Texts of proposals (``issues.services.texts.read_texts``). Raises InvalidFields."""
    return read_texts(given, longest=LONGEST, one_line=_ONE_LINE, required=required)


def of_office(access: Access, row: Proposal) -> bool:
    """Whoever keeps the office's proposals."""
    return may_register(access, row.subdistrict_id)


def held(
    proposal_id: int, version: int | None, by: Actor, may: Callable[[Access, Proposal], bool] = of_office
) -> Proposal:
    """The proposal under its lock, for whoever may, as it was opened at ``version`` (None: whatever it is).

    Raises NotPermitted, ProposalChanged.
    """
    row = Proposal.objects.select_for_update(of=("self",), no_key=True).with_names().get(pk=proposal_id)
    if not may(by.access, row):
        raise NotPermitted(_("建议由街道社会治理办登记，由主办单位答复、会办单位提出意见"))
    if version is not None and version != row.version:
        raise ProposalChanged
    return row


def save(row: Proposal, *columns: str) -> None:
    """Write these, one version further."""
    row.version += 1
    row.save(update_fields=[*columns, "version"])


def tell(
    row: Proposal, event: str, by: Actor, at: datetime, *, texts: Mapping[str, str] | None = None, **data: Any
) -> None:
    """One event on a proposal."""
    record(
        Entry(
            *(PROPOSAL, row.pk, event, at),
            actor_id=by.user_id,
            actor_role=by.role,
            data={"state": row.state, "round": row.round, **data},
            texts=texts or {},
        )
    )


def department_of(subdistrict_id: int, code: str, name: str) -> Department:
    """An organisation of the office by its code. Raises InvalidFields on ``name``."""
    rows = Department.objects.filter(subdistrict_id=subdistrict_id, retired_at__isnull=True)
    found = rows.filter(code=code).first() if is_askable(code) else None
    if found is None:
        raise InvalidFields({name: _("请从列出的选项中选择")})
    return found


def part_of(row: Proposal, code: str) -> ProposalPart | None:
    """The part that the organisation of this code has in it; None for none."""
    parts = row.parts.filter(department__code=code).select_related("department")
    return parts.first() if is_askable(code) else None


def open_clocks(row: Proposal) -> Any:
    """Its clocks that run."""
    return Deadline.objects.of(PROPOSAL, row.pk).open()


def due_of(subdistrict_id: int, kind: ProposalClock, since: date) -> datetime:
    """When a clock is due that counts from this day, by the office's rule."""
    limit = deadlines.load_rules(subdistrict_id).always_of(kind).limit
    return limit.due(at_clock(since, DAY_CLOSES), deadlines.load_calendar()).due_at


def start_clock(
    row: Proposal,
    kind: ProposalClock,
    at: datetime,
    *,
    party_id: int,
    since: date | None = None,
    on: date | None = None,
) -> Deadline:
    """A clock by the office's rule, counted from ``since`` (None: from now); due on ``on`` where that was granted."""
    clock = deadlines.prepare_by_rule(
        subject_kind=PROPOSAL,
        subject_id=row.pk,
        subdistrict_id=row.subdistrict_id,
        kind=kind,
        at=at,
        began_at=at_clock(since, DAY_CLOSES) if since else None,
        calendar=deadlines.load_calendar(),
        party_id=party_id,
        fixed_due_at=at_clock(on, DAY_CLOSES) if on else None,
    )
    deadlines.start_many([clock])
    return clock
