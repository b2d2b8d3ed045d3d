"""The ladder and the SMS gateways as this process holds them: read from the database at most once a minute."""

from datetime import datetime

from django.db.models import QuerySet

from common.held import Held
from deadlines.calendar import WorkCalendar
from deadlines.limits import Limit
from deadlines.models import Deadline
from deadlines.planning import Was
from reminders import ladder
from reminders.enums import Channel
from reminders.models import DeliveryChannel, LadderRung


def forget() -> None:
    """Drop what this process holds, so that the next read asks the database."""
    _ladders.forget()
    forget_gateways()


def forget_gateways() -> None:
    """The same of the SMS gateways."""
    _gateways.forget()


def gateway_of(subdistrict_id: int | None) -> int | None:
    """The channel by which short messages leave a sub-district, or any of them; None where it has none."""
    return _gateways.of(subdistrict_id)


def _read_gateway(subdistrict_id: int | None) -> int | None:
    rows = DeliveryChannel.objects.filter(kind=Channel.SMS, retired_at__isnull=True)
    if subdistrict_id is not None:
        rows = rows.filter(subdistrict_id=subdistrict_id)
    return rows.order_by("pk").values_list("pk", flat=True).first()


_gateways = Held(_read_gateway)


def load_ladder(subdistrict_id: int | None) -> ladder.RungSet:
    """The ladder of a sub-district: its own, else the installation's, else the product's."""
    return _ladders.of(subdistrict_id)


def _read_ladder(subdistrict_id: int | None) -> ladder.RungSet:
    rows = rungs_of(subdistrict_id).filter(retired_at__isnull=True).order_by("ladder", "rank", "id")
    found = [rung_of(row) for row in rows]
    fallback = ladder.DEFAULT_LADDER if subdistrict_id is None else load_ladder(None)
    return ladder.RungSet(found) if found else fallback


_ladders = Held(_read_ladder)


def rungs_of(subdistrict_id: int | None) -> QuerySet[LadderRung]:
    """The stored rungs of a sub-district, or of the installation."""
    if subdistrict_id is None:
        return LadderRung.objects.filter(subdistrict__isnull=True)
    return LadderRung.objects.filter(subdistrict_id=subdistrict_id)


def rung_of(row: LadderRung) -> ladder.Rung:
    """A stored rung as the ladder's rules read it."""
    return ladder.Rung(
        ladder=row.ladder,
        code=row.code,
        rank=row.rank,
        offset=row.offset,
        roles=tuple(row.roles),
        kinds=frozenset(row.kinds),
        effect=row.effect,
        levels=frozenset(row.levels),
        channels=tuple(row.channels),
        since=row.since_at,
    )


def plan_deadline(deadline: Deadline, calendar: WorkCalendar, at: datetime) -> tuple[datetime, str] | None:
    """The planner that deadlines call in the statement that writes a deadline (``deadlines.planning``).

    A rung whose time has come since the last pass and which has not fired is still the next one: it fires late rather
    than never.
    """
    rungs = load_ladder(deadline.subdistrict_id).of(deadline.kind, deadline.time_limit)
    return ladder.plan(deadline, rungs, calendar, at)


def move_deadline(deadline: Deadline, was: Was, calendar: WorkCalendar, at: datetime) -> tuple[int, dict[str, int]]:
    """The mover that deadlines call when facts changed: what has fired for the date in force, and for earlier ones.

    A date that comes back goes on with what had fired for it.
    """
    limit, limit_before = deadline.time_limit, Limit.parse(was.limit)
    now, before = ladder.date_key(deadline.due_at, limit), ladder.date_key(was.due_at, limit_before)
    if now == before:
        return was.fired, was.fired_before
    rungs = load_ladder(deadline.subdistrict_id).of(deadline.kind, limit)
    same = ladder.ladder_of(limit) == ladder.ladder_of(limit_before)
    kept = {**was.fired_before, before: was.fired} if was.fired else dict(was.fired_before)
    back = kept.pop(now, 0)
    return back | ladder.carried(deadline, rungs, calendar, at, fired=was.fired, same_ladder=same), kept
