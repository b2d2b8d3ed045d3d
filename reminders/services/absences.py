"""不在岗: who is away and who stands in. The fan-out reads it (services.directory); people set it for themselves.

A head of department sets it for the department's people, a secretary for the community's, supervisors and
administrators for everybody of the sub-district. Whoever stands in belongs to the same organisation.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Absence, User
from accounts.roles import Role, roles_that
from common import dates
from communities.access import Access
from communities.models import Membership
from communities.presence import Presence, load_absences
from journal import services as journal
from reminders.services.preferences import PERSON

LONGEST: Final = timedelta(days=366)
BACKDATED: Final = timedelta(days=1)
"""Somebody who fell ill this morning is entered this afternoon."""

Place = tuple[str, int]
"""Where people work together: ("community", id), ("department", id) or ("subdistrict", id)."""

_HEADS: Final = roles_that(lambda spec: spec.heads)
_OVER_ALL: Final = roles_that(lambda spec: spec.keeps)


class AbsenceError(ValidationError):
    """This absence cannot be entered; ``field`` says where the mistake is."""

    def __init__(self, field: str, message: object) -> None:
        super().__init__(message, code=field)  # type: ignore[arg-type]
        self.field = field


@dataclass(frozen=True)
class Colleague:
    """A member of the staff whom the reader works with, or is over. ``settable``: the reader may enter an absence."""

    user_id: int
    username: str
    name: str
    place: str
    places: frozenset[Place]
    settable: bool

    def works_with(self, other: "Colleague") -> bool:
        """Whether the two can stand in for each other."""
        return self.user_id != other.user_id and bool(self.places & other.places)


@dataclass(frozen=True)
class Setter:
    """Who enters or takes back an absence, and with whom they work."""

    access: Access
    role: str
    people: Sequence[Colleague]

    def find(self, user_id: int | None) -> Colleague | None:
        """One of the people around the setter."""
        return next((person for person in self.people if person.user_id == user_id), None)


def colleagues(access: Access) -> list[Colleague]:
    """The staff around this person, by name: the own organisations', and all of those that the person is over.

    One statement. Building, lane and street leaders apart, for nobody stands in for them.
    """
    wide = [pk for pk, roles in access.subdistrict_roles.items() if roles & _OVER_ALL]
    scope = Q(community_id__in=access.community_ids) | Q(department_id__in=access.department_roles)
    scope |= Q(subdistrict_id__in=access.whole_subdistrict_ids, community__isnull=True, department__isnull=True)
    scope |= Q(user_id=access.user_id) | Q(subdistrict_id__in=wide)
    rows = (
        Membership.objects.filter(Q() if access.installation_wide else scope)
        .filter(ended_at__isnull=True, user__is_active=True)
        .exclude(role=Role.LEADER.value)
        .select_related("user", "community", "department", "subdistrict")
        .order_by("user__display_name", "user_id", "id")
    )
    grouped: dict[int, list[Membership]] = {}
    for row in rows:
        grouped.setdefault(row.user_id, []).append(row)
    return [_colleague(access, own) for own in grouped.values()]


def _colleague(access: Access, memberships: Sequence[Membership]) -> Colleague:
    first = memberships[0]
    home = first.department or first.community or first.subdistrict
    return Colleague(
        user_id=first.user_id,
        username=first.user.username,
        name=first.user.display_name,
        place=home.name if home else "",
        places=frozenset(place for row in memberships for place in _places(row)),
        settable=first.user_id == access.user_id or any(_is_over(access, row) for row in memberships),
    )


def _places(row: Membership) -> Iterable[Place]:
    if row.community_id is not None:
        yield "community", row.community_id
    elif row.department_id is not None:
        yield "department", row.department_id
    elif row.subdistrict_id is not None:
        yield "subdistrict", row.subdistrict_id


def _is_over(access: Access, row: Membership) -> bool:
    if access.installation_wide or access.subdistrict_roles.get(row.subdistrict_id or 0, frozenset()) & _OVER_ALL:
        return True
    if row.community_id is not None:
        return bool(access.community_roles.get(row.community_id, frozenset()) & _HEADS)
    return row.department_id is not None and bool(access.department_roles.get(row.department_id, frozenset()) & _HEADS)


def standing_absences(user_ids: Collection[int], cover_id: int, at: datetime) -> list[Absence]:
    """Absences of these people that are not over at ``at``, and those ``cover_id`` stands in for. One statement."""
    return list(
        Absence.objects.filter(Q(user_id__in=list(user_ids)) | Q(cover_id=cover_id))
        .filter(cancelled_at__isnull=True, ends_at__gt=at)
        .select_related("user", "cover", "created_by")
        .order_by("starts_at", "id")
    )


def add_absence(
    *, person_id: int, cover_id: int | None, starts_at: datetime, ends_at: datetime, by: Setter, at: datetime
) -> Absence:
    """Enter that a person is away, and who stands in (None: whoever is next in the organisation).

    Raises AbsenceError where the setter is not over that person, the cover belongs elsewhere, the time is impossible or
    overlaps with another absence of the same person.
    """
    person = by.find(person_id)
    if person is None or not person.settable:
        raise AbsenceError("person", _("您不能设置此人的不在岗时间"))
    _check_time(starts_at, ends_at, at)
    if cover_id is not None:
        cover = by.find(cover_id)
        if cover is None or not cover.works_with(person):
            raise AbsenceError("cover", _("代班人须是同一单位的其他在岗人员"))
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).only("pk").get(pk=person_id)
        _check_overlap(person_id, starts_at, ends_at)
        absence = Absence.objects.create(
            user_id=person_id,
            cover_id=cover_id,
            starts_at=starts_at,
            ends_at=ends_at,
            created_at=at,
            created_by_id=by.access.user_id,
        )
        _record(absence, "absence_set", by, at)
    return absence


def cancel_absence(*, absence_id: int, by: Setter, at: datetime) -> Absence | None:
    """Take an absence back: from now on the person is reminded again. None where the setter has no such absence.

    One that was taken back, or is over, stays as it is.
    """
    settable = [person.user_id for person in by.people if person.settable]
    with transaction.atomic():
        rows = Absence.objects.select_for_update(no_key=True, of=("self",)).select_related("user")
        absence = rows.filter(pk=absence_id, user_id__in=settable).first()
        if absence is None:
            return None
        if absence.cancelled_at is None and absence.ends_at > at:
            absence.cancelled_at, absence.cancelled_by_id = at, by.access.user_id
            absence.save(update_fields=["cancelled_at", "cancelled_by"])
            _record(absence, "absence_cancel", by, at)
    return absence


def hand_over_covers(absences: Collection[Absence], *, to_id: int | None, by: Setter, at: datetime) -> int:
    """Somebody else stands in from now on, None for whoever is next; in the caller's transaction. Returns how many.

    Nobody stands in for themselves: where the successor is away, it is whoever is next too.
    """
    locked = Absence.objects.select_for_update(no_key=True).filter(pk__in=[row.pk for row in absences]).order_by("pk")
    for absence in locked:
        absence.cover_id = to_id if to_id != absence.user_id else None
        absence.save(update_fields=["cover"])
        _record(absence, "absence_cover", by, at)
    return len(locked)


class Covers:
    """Whether those who stand in for these absences are there. One statement, none for none."""

    def __init__(self, people: Sequence[Colleague], rows: Sequence[Absence], at: datetime) -> None:
        self._people = {person.user_id: person for person in people}
        self._at = at
        until = max((row.ends_at for row in rows), default=at)
        names = {person.user_id: person.name for person in people}
        self._presence = Presence(names, load_absences(at, until) if rows else {})

    def warning(self, row: Absence) -> str:
        """What is to be mended: whoever stands in left, or is away for a part of that time; "" where all is well.

        Nothing is said of somebody with whom the reader does not work.
        """
        person = self._people.get(row.user_id)
        if person is None or row.cover_id is None:
            return ""
        cover = self._people.get(row.cover_id)
        if cover is None or not cover.works_with(person):
            return _("代班人已离岗，提醒会发给下一位。请取消后另选代班人")
        begins = max(row.starts_at, self._at)
        moments = [begins, *self._presence.changes(begins, row.ends_at)]
        acting = {self._presence.acting(row.cover_id, moment) for moment in moments}
        if acting == {row.cover_id}:
            return ""
        if None in acting:
            return _("代班人在此期间也有不在岗的时间，那时提醒会发给下一位")
        names = [self._presence.name(pk) for pk in sorted(pk for pk in acting if pk not in (None, row.cover_id))]
        return _("代班人在此期间也有不在岗的时间，那时由%(names)s代班") % {"names": _("、").join(names)}


def _check_time(starts_at: datetime, ends_at: datetime, at: datetime) -> None:
    if ends_at <= starts_at:
        raise AbsenceError("ends_at", _("结束时间须晚于开始时间"))
    if ends_at <= at:
        raise AbsenceError("ends_at", _("结束时间已经过去"))
    if starts_at < at - BACKDATED:
        raise AbsenceError("starts_at", _("开始时间最早为一天前"))
    if ends_at - starts_at > LONGEST:
        raise AbsenceError("ends_at", _("一次最长一年"))


def _check_overlap(person_id: int, starts_at: datetime, ends_at: datetime) -> None:
    rows = Absence.objects.filter(user_id=person_id, cancelled_at__isnull=True)
    other = rows.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).order_by("starts_at", "id").first()
    if other is not None:
        span = {"start": dates.moment(other.starts_at), "end": dates.moment(other.ends_at)}
        raise AbsenceError("starts_at", _("与已有的不在岗时间重叠：%(start)s 至 %(end)s") % span)


def _record(absence: Absence, kind: str, by: Setter, at: datetime) -> None:
    data = {
        "absence": absence.pk,
        "starts_at": absence.starts_at.isoformat(),
        "ends_at": absence.ends_at.isoformat(),
        "cover": absence.cover_id,
    }
    journal.record(
        journal.Entry(
            subject_kind=PERSON,
            subject_id=absence.user_id,
            kind=kind,
            at=at,
            actor_id=by.access.user_id,
            actor_role=by.role,
            data=data,
        )
    )
