"""Who acts for somebody now: the one place that knows.

Whoever picks a person asks here: whom an event is told, who is on shift, whose move a matter is, whom a page names. An
account that is locked, or belongs nowhere any more, is not there; neither is who must not see what it is about. Whoever
is away is stood in for along the chain of covers to its end; where that ends at nobody, the next option of the
organisation is asked.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import FilteredRelation, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Absence
from accounts.roles import Role
from communities.models import Membership

Fits = Callable[[int], bool]
"""Whether this account counts for what is asked: may see the matter, works in the department."""


def anybody(user_id: int) -> bool:
    """Everybody who is there counts."""
    return True


@dataclass(frozen=True, slots=True)
class Away:
    """One absence: from when until when, and who stands in (None: whoever is next in the organisation)."""

    starts_at: datetime
    ends_at: datetime
    cover_id: int | None


Post = tuple[int | None, int | None, int | None]
"""Where somebody works: sub-district, community, department."""


class Presence:
    """Some accounts that are at work at all, with their names, and who of them is away when.

    No statement: ``load_presence`` reads it. ``posts`` are known only where it did.
    """

    def __init__(
        self,
        members: Mapping[int, str],
        absences: Mapping[int, Sequence[Away]],
        posts: Mapping[int, Collection[Post]] | None = None,
    ) -> None:
        self._members = members
        self._absences = absences
        self._posts = posts or {}

    def acting(self, user_id: int, at: datetime, fits: Fits = anybody) -> int | None:
        """This person, or who stands in for them at the end of the chain; None where nobody does.

        A chain ends at nobody where somebody in it left, does not fit or covers in a circle.
        """
        passed: set[int] = set()
        while user_id not in passed and user_id in self._members and fits(user_id):
            away = self._away(user_id, at)
            if away is None:
                return user_id
            if away.cover_id is None:
                return None
            passed.add(user_id)
            user_id = away.cover_id
        return None

    def first_there(self, options: Iterable[Iterable[int]], at: datetime, fits: Fits = anybody) -> dict[int, int]:
        """Of the first of these groups in which anybody acts: each of its people with who acts for them."""
        for user_ids in options:
            found = {pk: acting for pk in user_ids if (acting := self.acting(pk, at, fits)) is not None}
            if found:
                return found
        return {}

    def remark(self, user_id: int, at: datetime, fits: Fits = anybody) -> str:
        """What stands beside a name: that the person left, is away, and who stands in; "" for who is there."""
        acting = self.acting(user_id, at, fits)
        if acting == user_id:
            return ""
        if acting is not None:
            return _("不在岗，%(name)s代班") % {"name": self._members[acting]}
        return _("不在岗") if user_id in self._members and fits(user_id) else _("已离岗")

    def name(self, user_id: int) -> str:
        """What this person is called, "" where they left."""
        return self._members.get(user_id, "")

    def posts(self, user_id: int) -> Collection[Post]:
        """Where this person works now."""
        return self._posts.get(user_id, ())

    def changes(self, from_at: datetime, until_at: datetime) -> list[datetime]:
        """When in these hours anybody goes or comes back, in order: between two of them nothing changes."""
        moments = {
            moment for rows in self._absences.values() for row in rows for moment in (row.starts_at, row.ends_at)
        }
        return sorted(moment for moment in moments if from_at < moment < until_at)

    def _away(self, user_id: int, at: datetime) -> Away | None:
        return next((row for row in self._absences.get(user_id, ()) if row.starts_at <= at < row.ends_at), None)


def load_absences(from_at: datetime, until_at: datetime) -> dict[int, list[Away]]:
    """Who is away in these hours: all of them, for they are few at any one time. One statement."""
    found: dict[int, list[Away]] = {}
    rows = Absence.objects.filter(cancelled_at__isnull=True, starts_at__lte=until_at, ends_at__gt=from_at)
    columns = ("user_id", "starts_at", "ends_at", "cover_id")
    for user_id, starts_at, ends_at, cover_id in rows.order_by("id").values_list(*columns):
        found.setdefault(user_id, []).append(Away(starts_at, ends_at, cover_id))
    return found


def load_presence(user_ids: Collection[int], from_at: datetime, until_at: datetime) -> Presence:
    """Who of these, and of those who may stand in for them, is at work in these hours. One statement."""
    away = Absence.objects.filter(cancelled_at__isnull=True, starts_at__lte=until_at, ends_at__gt=from_at)
    covers = away.filter(cover__isnull=False).values("cover_id")
    rows = _with_absences(Q(user_id__in=user_ids) | Q(user_id__in=covers), from_at, until_at)
    members: dict[int, str] = {}
    posts: dict[int, set[Post]] = {}
    absences: dict[int, dict[int, Away]] = {}
    columns = ("user_id", "user__display_name", "away__id", "away__starts_at", "away__ends_at", "away__cover_id")
    for user_id, name, absence_id, starts_at, ends_at, cover_id, *post in rows.values_list(*columns, *_POST):
        members[user_id] = name
        posts.setdefault(user_id, set()).add((post[0], post[1], post[2]))
        if absence_id is not None:
            absences.setdefault(user_id, {})[absence_id] = Away(starts_at, ends_at, cover_id)
    return Presence(members, {pk: list(found.values()) for pk, found in absences.items()}, posts)


_POST: Final = ("subdistrict_id", "community_id", "department_id")


def _with_absences(places: Q, from_at: datetime, until_at: datetime) -> QuerySet[Membership]:
    """Current memberships, locked accounts apart, with whoever is away in these hours as ``away``."""
    condition = Q(
        user__absences__cancelled_at__isnull=True,
        user__absences__starts_at__lte=until_at,
        user__absences__ends_at__gt=from_at,
    )
    rows = Membership.objects.filter(places, ended_at__isnull=True, user__is_active=True)
    return rows.annotate(away=FilteredRelation("user__absences", condition=condition)).order_by("id")


def covers_in(absences: Mapping[int, Sequence[Away]]) -> set[int]:
    """Everybody who stands in for somebody."""
    return {row.cover_id for rows in absences.values() for row in rows if row.cover_id is not None}


def members_among(user_ids: Collection[int]) -> dict[int, str]:
    """Who of these has an active account and a current membership, with the name. One statement, none for nobody."""
    if not user_ids:
        return {}
    rows = Membership.objects.filter(user_id__in=user_ids, ended_at__isnull=True, user__is_active=True)
    return dict(rows.values_list("user_id", "user__display_name"))


# Departments


@dataclass(frozen=True, slots=True)
class Seat:
    """One current member of a department, or of a community's own team."""

    user_id: int
    role: Role
    desk: bool = False
    name: str = ""


def desk_order(staff: Collection[Seat]) -> list[list[int]]:
    """Who receives a department's matters: its desk 收件岗, else its officers, else its heads.

    Of a community's own team the clerks, else the secretaries.
    """
    places = (Role.OFFICER, Role.HEAD, Role.CLERK, Role.SECRETARY)
    return [
        [seat.user_id for seat in staff if seat.desk],
        *([seat.user_id for seat in staff if seat.role is role] for role in places),
    ]


@dataclass(frozen=True)
class Seats:
    """Who acts in one organisation now. ``desk`` receives; ``acting`` pairs each of its people with who acts for them.

    What was assigned to somebody for whom nobody acts (who left, who is away without a cover) is the desk's.
    """

    desk: frozenset[int]
    acting: frozenset[tuple[int, int]]

    def acted_for_by(self, user_id: int) -> frozenset[int]:
        """For whom this person acts now, and themselves."""
        return frozenset({user_id, *(pk for pk, by in self.acting if by == user_id)})

    @property
    def staffed(self) -> frozenset[int]:
        """Those for whom somebody acts."""
        return frozenset(pk for pk, _by in self.acting)

    def acting_for(self, user_id: int) -> int | None:
        """Who acts for this person; None where it is the desk."""
        return next((by for pk, by in self.acting if pk == user_id), None)


NO_SEATS: Final = Seats(frozenset(), frozenset())


def seats_of(staff: Collection[Seat], absences: Mapping[int, Sequence[Away]], at: datetime) -> Seats:
    """Who acts in the organisation whose current staff this is; only its own people stand in for each other. Pure."""
    people = {seat.user_id: seat.name for seat in staff}
    presence = Presence(people, absences)
    acting = frozenset((pk, by) for pk in people if (by := presence.acting(pk, at)) is not None)
    return Seats(frozenset(presence.first_there(desk_order(staff), at).values()), acting)


Place = tuple[str, int]
"""("department", id) or ("community", id)."""


@dataclass(frozen=True)
class Staffing:
    """The current staff of one organisation by name, and who acts there."""

    names: Mapping[int, str]
    seats: Seats

    def remark(self, user_id: int) -> str:
        """What stands beside the name of whom a matter is assigned to: who does it instead; "" for who is there."""
        acting = self.seats.acting_for(user_id)
        if acting == user_id:
            return ""
        if acting is not None:
            return _("不在岗，%(name)s代班") % {"name": self.names[acting]}
        words = {"state": _("不在岗") if user_id in self.names else _("已离岗"), "names": self._desk()}
        return _("%(state)s，由%(names)s接办") % words if words["names"] else _("%(state)s，无人接办") % words

    def _desk(self) -> str:
        names = [self.names[pk] for pk in sorted(self.seats.desk)]
        return _("、").join(names) if len(names) < 3 else _("%(name)s等%(n)d人") % {"name": names[0], "n": len(names)}


NO_STAFF: Final = Staffing({}, NO_SEATS)


STAFF_COLUMNS: Final = (
    *("user_id", "role", "receiving_desk", "user__display_name", "department_id", "community_id"),
    *("away__id", "away__cover_id"),
)


def staff_at(places: Q, at: datetime) -> QuerySet[Membership]:
    """The current staff of these places, locked accounts apart, with whoever is away (``away``) at this moment.

    Its STAFF_COLUMNS are what ``staffing_of`` reads, from a statement of its own or within another one.
    """
    return _with_absences(places, at, at)


def staffing_of(rows: Iterable[Mapping[str, Any]], at: datetime) -> dict[Place, Staffing]:
    """Who works and acts in the organisations of these rows of ``staff_at``. Pure."""
    found: dict[Place, list[Seat]] = {}
    absences: dict[int, list[Away]] = {}
    for row in rows:
        user_id, department_id = row["user_id"], row["department_id"]
        place = ("department", department_id) if department_id is not None else ("community", row["community_id"])
        seat = Seat(user_id, Role(row["role"]), row["receiving_desk"], row["user__display_name"])
        found.setdefault(place, []).append(seat)
        if row["away__id"] is not None:
            absences[user_id] = [Away(at, at + timedelta(seconds=1), row["away__cover_id"])]
    return {
        place: Staffing({seat.user_id: seat.name for seat in staff}, seats_of(staff, absences, at))
        for place, staff in found.items()
    }


def load_staffing(
    department_ids: Collection[int], community_ids: Collection[int], at: datetime
) -> dict[Place, Staffing]:
    """Who works and acts in these organisations. One statement, none for none."""
    if not department_ids and not community_ids:
        return {}
    places = Q(department_id__in=department_ids) | Q(community_id__in=community_ids)
    return staffing_of(staff_at(places, at).values(*STAFF_COLUMNS), at)
