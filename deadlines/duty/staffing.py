"""Reading the duty roster 值班表: who is on shift, which hours nobody covers, which note awaits its reader."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.roles import Role, roles_that
from common.clock import local
from common.fields import EncryptedBytesField
from communities.access import Access
from communities.models import Community, Membership, SubDistrict
from communities.presence import Fits, Presence, load_presence
from deadlines.calendar import OFFICE_HOURS, WorkCalendar, at_clock
from deadlines.models import DutyNote, DutyShift
from journal.models import EventText

NOTE_WAITS: Final = timedelta(days=7)
"""A note that nobody confirmed leaves the inbox after this; it stays with its shift."""
_KEEPERS: Final = roles_that(lambda spec: spec.keeps)
COMES_ON: Final = timedelta(hours=1)
"""A person sees the notes left for them this long before their shift begins."""


@dataclass(frozen=True)
class Span:
    """Hours from ``starts_at`` to ``ends_at``."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Area:
    """Whose roster: a sub-district's own, or a community's. ``kept``: the reader may write it."""

    subdistrict_id: int
    community_id: int | None
    name: str
    names: frozenset[str]
    kept: bool
    duty_phone: str = ""

    @property
    def key(self) -> tuple[int, int | None]:
        """What its shifts are found by."""
        return self.subdistrict_id, self.community_id

    @property
    def code(self) -> str:
        """The area in an address: s1 or c12."""
        return f"s{self.subdistrict_id}" if self.community_id is None else f"c{self.community_id}"


@dataclass(frozen=True)
class DutyPerson:
    """A member of the staff who can stand on a roster; ``street`` where they belong to the sub-district as a whole."""

    user_id: int
    username: str
    name: str
    subdistrict_id: int
    community_ids: frozenset[int]
    street: bool
    place: str

    def fits(self, area: Area) -> bool:
        """Whether this person may stand on that area's roster: its own staff, or the office's above it."""
        return _serves(self.subdistrict_id, self.community_ids, area.key, street=self.street)


def _serves(
    home_id: int | None, community_ids: Collection[int | None], area: tuple[int, int | None], *, street: bool
) -> bool:
    subdistrict_id, community_id = area
    return home_id == subdistrict_id and (community_id is None or street or community_id in community_ids)


def may_keep(access: Access, subdistrict_id: int, community_id: int | None) -> bool:
    """Whether this person keeps the roster of that area."""
    if access.installation_wide or any(access.is_in(role, subdistrict_id) for role in _KEEPERS):
        return True
    return community_id is not None and Role.SECRETARY in access.community_roles.get(community_id, frozenset())


def areas_of(access: Access) -> list[Area]:
    """The areas whose rosters this person sees: their sub-districts and the communities there. Two statements."""
    streets = SubDistrict.objects.filter(retired_at__isnull=True)
    if not access.installation_wide:
        streets = streets.filter(pk__in=access.subdistrict_ids)
    found: list[Area] = []
    known = list(streets.order_by("id"))
    communities: dict[int, list[Community]] = {}
    for community in Community.objects.filter(
        subdistrict_id__in=[street.pk for street in known], retired_at__isnull=True
    ).order_by("id"):
        communities.setdefault(community.subdistrict_id, []).append(community)
    for street in known:
        names = [street.name_zh, street.name_en, street.area, street.code, *(["街道"] if len(known) == 1 else [])]
        found.append(_area(access, street, None, street.name, names))
        for community in communities.get(street.pk, []):
            short = community.name_zh.removesuffix("社区")
            names = [community.name_zh, community.name_en, short, community.code or ""]
            found.append(_area(access, street, community.pk, community.name, names))
    return found


def _area(access: Access, street: SubDistrict, community_id: int | None, name: str, names: list[str]) -> Area:
    return Area(
        subdistrict_id=street.pk,
        community_id=community_id,
        name=name,
        names=frozenset(one.casefold() for one in names if one),
        kept=may_keep(access, street.pk, community_id),
        duty_phone=street.duty_phone,
    )


def people_of(subdistrict_ids: Collection[int]) -> list[DutyPerson]:
    """The current staff of these sub-districts, leaders of buildings apart, by name. One statement."""
    rows = (
        Membership.objects.filter(subdistrict_id__in=subdistrict_ids, ended_at__isnull=True, user__is_active=True)
        .exclude(role=Role.LEADER.value)
        .select_related("user", "community", "department")
        .order_by("user__display_name", "user_id", "id")
    )
    grouped: dict[tuple[int, int], list[Membership]] = {}
    for row in rows:
        grouped.setdefault((row.user_id, row.subdistrict_id or 0), []).append(row)
    return [
        DutyPerson(
            user_id=user_id,
            username=own[0].user.username,
            name=own[0].user.display_name,
            subdistrict_id=subdistrict_id,
            community_ids=frozenset(row.community_id for row in own if row.community_id is not None),
            street=any(row.community_id is None and row.department_id is None for row in own),
            place=_place(own[0]),
        )
        for (user_id, subdistrict_id), own in grouped.items()
    ]


def _place(membership: Membership) -> str:
    """夏东社区 · 社区书记."""
    home = membership.community or membership.department
    role = str(Role(membership.role).label)
    return f"{home.name} · {role}" if home is not None else role


def duty_lines(at: datetime) -> list[str]:
    """Two lines for each sub-district: who is on shift (or is next, and from when), and the duty phone.

    Whoever left or is away is not named, but who acts for them. Two statements. Only the phone of the roster or of
    the sub-district is told, never one of a person.
    """
    midnight = datetime.combine(local(at).date() + timedelta(days=1), time(), tzinfo=local(at).tzinfo)
    shifts = (
        DutyShift.objects.standing()
        .filter(community__isnull=True, ends_at__gt=at, starts_at__lt=midnight)
        .select_related("subdistrict")
        .order_by("subdistrict_id", "starts_at", "id")
    )
    first: dict[int, DutyShift] = {}
    for shift in shifts:
        first.setdefault(shift.subdistrict_id, shift)
    presence = presence_on(first.values())
    lines: list[str] = []
    for shift in first.values():
        lines.append(_people(shift, presence, at, named=len(first) > 1))
        phone = shift.phone or shift.subdistrict.duty_phone
        if phone:
            lines.append(_("值班电话 %(phone)s") % {"phone": phone})
    return lines


def _people(shift: DutyShift, presence: Presence, at: datetime, *, named: bool) -> str:
    """钟文杰 · 值班领导 郑国栋, with the place where there are several and the hour where it has not begun."""
    parts = [shift.subdistrict.name] if named else []
    if shift.starts_at > at:
        parts.append(_("%(hour)s 起") % {"hour": f"{local(shift.starts_at):%H:%M}"})
    begins, fits = max(at, shift.starts_at), who_may_stand(shift, presence)
    clerk = presence.acting(shift.clerk_id, begins, fits)
    leader = presence.acting(shift.leader_id, begins, fits) if shift.leader_id is not None else None
    if clerk is not None:
        parts.append(presence.name(clerk))
    if leader is not None:
        parts.append(_("值班领导 %(name)s") % {"name": presence.name(leader)})
    if clerk is None and leader is None:
        parts.append(_("无人值班"))
    return " · ".join(parts)


# Hours


def duty_hours(calendar: WorkCalendar, first: date, last: date) -> list[Span]:
    """The hours outside office time that begin on the days from ``first`` through ``last``, in order.

    On a working day the noon break and the night; on a day off from 08:30 to 17:30 and the night. A night is one span,
    from 17:30 to 08:30 of the next day.
    """
    (opens, noon), (afternoon, closes) = OFFICE_HOURS
    spans: list[Span] = []
    on = first
    while on <= last:
        day = (noon, afternoon) if calendar.is_workday(on) else (opens, closes)
        spans.append(Span(at_clock(on, day[0]), at_clock(on, day[1])))
        spans.append(Span(at_clock(on, closes), at_clock(on + timedelta(days=1), opens)))
        on += timedelta(days=1)
    return spans


def uncovered_spans(wanted: Iterable[Span], covered: Iterable[Span]) -> list[Span]:
    """The parts of ``wanted`` that no span of ``covered`` covers (无人值班), in order of ``wanted``. Pure."""
    taken = sorted(covered, key=lambda span: span.starts_at)
    return [gap for span in wanted for gap in _left(span, taken)]


def _left(span: Span, taken: list[Span]) -> Iterator[Span]:
    from_at = span.starts_at
    for shift in taken:
        if shift.ends_at <= from_at or shift.starts_at >= span.ends_at:
            continue
        if shift.starts_at > from_at:
            yield Span(from_at, shift.starts_at)
        from_at = shift.ends_at
    if from_at < span.ends_at:
        yield Span(from_at, span.ends_at)


def presence_on(shifts: Iterable[DutyShift]) -> Presence:
    """Whether the people of these shifts are there, and who stands in. One statement, none for no shift."""
    shifts = list(shifts)
    if not shifts:
        return Presence({}, {})
    people = {pk for shift in shifts for pk in (shift.clerk_id, shift.leader_id) if pk is not None}
    return load_presence(people, min(shift.starts_at for shift in shifts), max(shift.ends_at for shift in shifts))


def who_may_stand(shift: DutyShift, presence: Presence) -> Fits:
    """Who may stand in this shift: who works in its area now, or in the office above it. Whoever moved on may not."""
    area = shift.subdistrict_id, shift.community_id

    def serves(user_id: int) -> bool:
        return any(
            _serves(home_id, (community_id,), area, street=community_id is None and department_id is None)
            for home_id, community_id, department_id in presence.posts(user_id)
        )

    return serves


def manned_spans(shifts: Iterable[DutyShift], presence: Presence, at: datetime) -> list[Span]:
    """The hours of these shifts in which somebody acts for the clerk on duty; of what is over before ``at``, all. Pure.

    A clerk who left, works elsewhere now or is away without a cover leaves the shift empty.
    """
    return [span for shift in shifts for span in _manned(shift, presence, at)]


def _manned(shift: DutyShift, presence: Presence, at: datetime) -> Iterator[Span]:
    past = min(max(shift.starts_at, at), shift.ends_at)
    if past > shift.starts_at:
        yield Span(shift.starts_at, past)
    fits = who_may_stand(shift, presence)
    moments = [past, *presence.changes(past, shift.ends_at), shift.ends_at]
    for start_at, end_at in pairwise(moments):
        if start_at < end_at and presence.acting(shift.clerk_id, start_at, fits) is not None:
            yield Span(start_at, end_at)


# Rosters


def roster(*, subdistrict_id: int, community_id: int | None, start_at: datetime, end_at: datetime) -> list[DutyShift]:
    """The shifts of an area in the span, with people and note; a community's with those of the office that stands in.

    One statement.
    """
    area = Q(community__isnull=True)
    if community_id is not None:
        area |= Q(community_id=community_id)
    rows = (
        DutyShift.objects.standing()
        .between(start_at, end_at)
        .filter(area, subdistrict_id=subdistrict_id)
        .select_related("clerk", "leader", "note")
        .order_by("starts_at", F("community_id").asc(nulls_last=True), "id")
    )
    return list(rows)


# Hand-over notes

_AROUND: Final = ("shift__subdistrict", "shift__community", "shift__clerk", "shift__leader", "event__actor")


def with_words(notes: QuerySet[DutyNote]) -> QuerySet[DutyNote]:
    """The notes with their words as ``happened`` and ``watch``, in the same statement."""

    def words(key: str) -> Coalesce:
        found = EventText.objects.filter(event_id=OuterRef("event_id"), key=key).values("text")[:1]
        return Coalesce(Subquery(found), Value("", output_field=EncryptedBytesField()))

    return notes.annotate(happened=words("happened"), watch=words("watch"))


def notes_awaiting(user_id: int, at: datetime) -> QuerySet[DutyNote]:
    """Notes 交接记录 that this person should read first: left by an earlier shift of the area where they are on now.

    Or come on within the hour. A note that one shift did not confirm waits for the following one, for seven days.
    One small statement: unread notes are few (``deadlines_note_unread``).
    """
    mine = DutyShift.objects.standing().filter(
        Q(clerk_id=user_id) | Q(leader_id=user_id),
        subdistrict_id=OuterRef("shift__subdistrict_id"),
        starts_at__gt=OuterRef("shift__starts_at"),
        starts_at__lte=at + COMES_ON,
        ends_at__gt=at,
    )
    own = mine.filter(community_id=OuterRef("shift__community_id"))
    street = mine.filter(community__isnull=True)
    waiting = DutyNote.objects.filter(
        Q(shift__community__isnull=True) & Q(Exists(street)) | Q(Exists(own)),
        acknowledged_at__isnull=True,
        shift__ends_at__gt=at - NOTE_WAITS,
    )
    return with_words(waiting).select_related(*_AROUND).order_by("shift__starts_at", "id")


def note_of(shift_id: int) -> DutyNote | None:
    """The note of a shift with its words and people. One statement."""
    return with_words(DutyNote.objects.filter(shift_id=shift_id)).select_related(*_AROUND, "acknowledged_by").first()


def may_read_note(access: Access, shift: DutyShift, *, near: bool) -> bool:
    """Whether this person may read the words that a shift left.

    Its own people, those ``near`` (on a shift of the same area within a week), the community's staff, and those who
    keep the roster or lead the sub-district.
    """
    if near or access.user_id in (shift.clerk_id, shift.leader_id):
        return True
    if shift.community_id is not None and shift.community_id in access.community_ids:
        return True
    return access.installation_wide or shift.subdistrict_id in access.whole_subdistrict_ids


def is_near(user_id: int, shift: DutyShift) -> bool:
    """Whether this person has a shift of the same area within a week of it. One statement."""
    rows = DutyShift.objects.standing().of_area(subdistrict_id=shift.subdistrict_id, community_id=shift.community_id)
    span = rows.between(shift.starts_at - NOTE_WAITS, shift.ends_at + NOTE_WAITS)
    return span.filter(Q(clerk_id=user_id) | Q(leader_id=user_id)).exists()
