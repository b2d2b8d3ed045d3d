"""通讯录: the office's organisations, desks and people with their work numbers, and who leads which building."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import segno
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.phones import INVITED
from accounts.roles import ADMINISTRATORS, ROLES, Permission, Role
from common.masking import mask_phone
from communities.access import Access
from communities.models import Community, Department, DepartmentKind, Leader, LeaderPlace, Membership, SubDistrict
from communities.presence import NO_STAFF, Staffing, load_staffing
from console.kit.choices import pinyin_keys
from console.kit.reading import Reader, number_of, reader_of, text_of
from deadlines.duty.staffing import presence_on, who_may_stand
from deadlines.models import DutyShift
from offices.services.errors import NoReason, NotAdministered, NotHandedOver
from offices.services.leaders import hand_places_over, successors_of
from offices.services.phones import end, invite, state_of, without_phone
from offices.services.revealing import may_reveal, reveal_number

_MOST_LEADERS: Final = 100
_MOST_CARDS: Final = 200
_SEARCHED: Final = 5000
"""Leaders whose names are looked through where no community is chosen."""


@dataclass(frozen=True)
class DirectoryLine:
    """One line: who, what they are, their number, and the people there. ``url``: where a hidden number is asked for."""

    name: str
    kind: str
    phone: str
    people: Sequence[str]
    url: str = ""
    keys: str = ""


@dataclass(frozen=True)
class DirectoryGroup:
    """Some lines under a heading."""

    title: str
    entries: Sequence[DirectoryLine]


@require_safe
def directory(request: HttpRequest) -> HttpResponse:
    """``/console/directory/``: of the reader's sub-districts; ``q`` looks for names, initials and numbers."""
    reader = reader_of(request)
    asked = text_of(request, "q", 60).strip()
    page = _Directory(reader, asked, text_of(request, "community", 18))
    groups = page.groups()
    context = {
        "groups": groups,
        "asked": asked,
        "community": page.community.pk if page.community else "",
        "communities": [(row.pk, row.name) for row in page.led],
        "more": page.more,
        "cards_for": page.community.pk if page.community and reader.access.has(Permission.REVEAL_CONTACT) else None,
    }
    return render(request, "console/directory.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def directory_leader(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/directory/leaders/<pk>/``: one leader; the number whole for who says why."""
    reader = reader_of(request)
    leader = readable_leaders(reader.access).select_related("community", "user").filter(pk=pk).first()
    if leader is None:
        raise Http404(_("没有找到，可能属于别的街道"))
    if request.method == "POST" and request.POST.get("step") in ("card", "end"):
        return _phone_step(request, reader, leader)
    if request.method == "POST" and request.POST.get("step") == "hand_over":
        return _hand_over(request, reader, leader)
    may = may_reveal(reader.access, leader)
    phone, wrong, status = "", "", HTTPStatus.OK
    if request.method == "POST":
        try:
            reason = request.POST.get("reason", "")
            phone = reveal_number(leader=leader, reason=reason, by=reader.actor, at=reader.now)
        except NotAdministered as error:
            raise PermissionDenied(error.message) from error
        except NoReason as error:
            wrong, status = error.message, HTTPStatus.BAD_REQUEST
    context = {
        "leader": leader,
        "kind": leader.get_kind_display(),
        "places": [(row.pk, _place(row)) for row in places_by_leader([leader]).get(leader.pk, ())],
        "successors": sorted(successors_of(leader), key=lambda one: one.name) if may else (),
        "masked": mask_phone(leader.phone),
        "phone": phone,
        "wrong": wrong,
        "may_reveal": may,
        "signs_in": state_of(leader, reader.now),
        "back_url": f"{reverse('console-directory')}?community={leader.community_id}",
    }
    return render(request, "console/directory_leader.html", context, status=status)


@require_POST
@never_cache
def directory_cards(request: HttpRequest) -> HttpResponse:
    """``/console/directory/cards/``: cards for all leaders of a community who have no phone bound; printed together."""
    reader = reader_of(request)
    community = number_of(request.POST.get("community", "")) or 0
    rows = readable_leaders(reader.access).filter(community_id=community).select_related("community", "user")
    wanted = without_phone(rows.order_by("id"), reader.now)[:_MOST_CARDS]
    back = f"{reverse('console-directory')}?community={community}"
    if not wanted:
        messages.info(request, _("这里的楼长都已绑定手机，或另有工作人员账号"))
        return redirect(back)
    return _cards(request, reader, wanted, back)


def _phone_step(request: HttpRequest, reader: Reader, leader: Leader) -> HttpResponse:
    """A card for the leader's phone, or the end of the phone."""
    back = reverse("console-directory-leader", args=[leader.pk])
    if request.POST["step"] != "end":
        return _cards(request, reader, [leader], back)
    try:
        end(leader_id=leader.pk, by=reader.actor, at=reader.now)
        messages.success(request, _("手机登录已停用"))
    except NotAdministered as error:
        messages.error(request, str(error.message))
    return redirect(back)


def _hand_over(request: HttpRequest, reader: Reader, leader: Leader) -> HttpResponse:
    """Some of the places to another leader; what is refused leaves all as it was."""
    to = number_of(request.POST.get("to", "")) or 0
    places = [pk for text in request.POST.getlist("place") if (pk := number_of(text)) is not None]
    try:
        moved = hand_places_over(leader_id=leader.pk, place_ids=places, to_id=to, by=reader.actor, at=reader.now)
        messages.success(request, _("已交接 %(n)d 处") % {"n": moved})
    except (NotAdministered, NotHandedOver) as error:
        messages.error(request, error.message)
    return redirect("console-directory-leader", pk=leader.pk)


def _cards(request: HttpRequest, reader: Reader, leaders: Sequence[Leader], back: str) -> HttpResponse:
    """Cards shown once, to print or to scan from the screen; all or none."""
    try:
        with transaction.atomic():
            codes = [invite(leader_id=leader.pk, by=reader.actor, at=reader.now) for leader in leaders]
    except NotAdministered as error:
        messages.error(request, str(error.message))
        return redirect(back)
    links = [settings.PUBLIC_URL + reverse("leader-join", args=[code]) for code in codes]
    places = places_by_leader(leaders)
    cards = [
        {
            "leader": leader,
            "kind": leader.get_kind_display(),
            "places": [_place(row) for row in places.get(leader.pk, ())],
            "qr": segno.make(link, error="m").svg_data_uri(scale=5, border=4, dark="#000", light="#fff"),
            "link": link,
        }
        for leader, link in zip(leaders, links, strict=True)
    ]
    context = {"cards": cards, "until": reader.now + INVITED, "back_url": back}
    return render(request, "console/leader_cards.html", context)


def places_by_leader(leaders: Sequence[Leader]) -> Mapping[int, Sequence[LeaderPlace]]:
    """What they look after, by leader; one statement."""
    rows = LeaderPlace.objects.filter(leader__in=leaders).select_related("building__neighbourhood", "neighbourhood")
    found: defaultdict[int, list[LeaderPlace]] = defaultdict(list)
    for row in rows.order_by("id"):
        found[row.leader_id].append(row)
    return found


def readable_leaders(access: Access) -> QuerySet[Leader]:
    """The leaders of the reader's communities or whole sub-districts."""
    rows = Leader.objects.filter(retired_at__isnull=True)
    if access.installation_wide:
        return rows
    near = Q(community_id__in=access.community_ids) | Q(subdistrict_id__in=access.whole_subdistrict_ids)
    return rows.filter(near)


class _Directory:
    """Works one page out; the same statements whatever the number of rows."""

    def __init__(self, reader: Reader, asked: str, community: str) -> None:
        self.reader, self.wanted = reader, "".join(asked.lower().split())
        offices = SubDistrict.objects.filter(retired_at__isnull=True).order_by("pk")
        if not reader.access.installation_wide:
            offices = offices.filter(pk__in=reader.access.subdistrict_ids)
        self.offices = list(offices)
        ids = [office.pk for office in self.offices]
        present = {"subdistrict_id__in": ids, "retired_at__isnull": True}
        self.communities = list(Community.objects.filter(**present).order_by("pk"))
        self.departments = list(Department.objects.filter(**present).order_by("kind", "code"))
        access = reader.access
        self.led = [row for row in self.communities if self._leads(access, row)]
        chosen = next((row for row in self.led if str(row.pk) == community), None)
        self.community = chosen or (self.led[0] if len(self.led) == 1 else None)
        self.more = False

    @staticmethod
    def _leads(access: Access, row: Community) -> bool:
        near = row.pk in access.community_ids or row.subdistrict_id in access.whole_subdistrict_ids
        return access.installation_wide or near

    def groups(self) -> list[DirectoryGroup]:
        """What was found, by heading."""
        staffing = load_staffing(
            [row.pk for row in self.departments], [row.pk for row in self.communities], self.reader.now
        )
        roles = self._roles()
        departments = [row for row in self.departments if row.kind != DepartmentKind.COMMUNITY_TEAM]
        found = (
            (_("值班"), self._on_duty()),
            (_("街道"), self._of_offices(roles)),
            (_("单位"), [self._department(row, staffing, roles) for row in departments]),
            (_("社区"), [self._community(row, staffing, roles) for row in self.communities]),
            (_("楼长、巷长、街长"), self._leaders()),
        )
        kept = [(title, [entry for entry in entries if self.wanted in entry.keys]) for title, entries in found]
        return [DirectoryGroup(title, entries) for title, entries in kept if entries]

    def _roles(self) -> Mapping[tuple[str, int | None], Sequence[tuple[int, str]]]:
        """Place → (account, 何志明（承办人）) of everybody who works there."""
        rows = (
            Membership.objects.filter(subdistrict_id__in=[row.pk for row in self.offices], ended_at__isnull=True)
            .filter(user__is_active=True)
            .exclude(role__in=[Role.LEADER.value, *sorted(ADMINISTRATORS)])
            .order_by("role", "user__display_name", "id")
        )
        found: dict[tuple[str, int | None], list[tuple[int, str]]] = {}
        columns = ("user_id", "user__display_name", "role", "department_id", "community_id", "subdistrict_id")
        for user_id, name, role, department_id, community_id, subdistrict_id in rows.values_list(*columns):
            place = ("department", department_id) if department_id else ("community", community_id)
            place = place if department_id or community_id else ("subdistrict", subdistrict_id)
            found.setdefault(place, []).append((user_id, f"{name}（{ROLES[Role(role)].label}）"))
        return found

    def _on_duty(self) -> list[DirectoryLine]:
        now = self.reader.now
        shifts = list(
            DutyShift.objects.standing()
            .filter(subdistrict_id__in=[row.pk for row in self.offices], starts_at__lte=now, ends_at__gt=now)
            .select_related("subdistrict", "community")
            .order_by("subdistrict_id", "community_id", "starts_at", "id")
        )
        presence = presence_on(shifts)
        found = []
        for shift in shifts:
            fits, people = who_may_stand(shift, presence), []
            for user_id, words in ((shift.clerk_id, _("值班员")), (shift.leader_id, _("值班领导"))):
                acting = presence.acting(user_id, now, fits) if user_id is not None else None
                people += [f"{presence.name(acting)}（{words}）"] if acting is not None else []
            area = shift.community or shift.subdistrict
            found.append(_entry(area, _("值班"), shift.phone or shift.subdistrict.duty_phone, people))
        return found

    def _of_offices(self, roles: Mapping[tuple[str, int | None], Sequence[tuple[int, str]]]) -> list[DirectoryLine]:
        return [
            _entry(row, _("值班电话"), row.duty_phone, [words for _pk, words in roles.get(("subdistrict", row.pk), ())])
            for row in self.offices
        ]

    def _department(
        self,
        row: Department,
        staffing: Mapping[tuple[str, int], Staffing],
        roles: Mapping[tuple[str, int | None], Sequence[tuple[int, str]]],
    ) -> DirectoryLine:
        there = staffing.get(("department", row.pk), NO_STAFF)
        people = list(_people(roles.get(("department", row.pk), ()), there))
        return _entry(row, str(row.get_kind_display()), row.phone, people, f"{row.code} {row.short_zh}")

    def _community(
        self,
        row: Community,
        staffing: Mapping[tuple[str, int], Staffing],
        roles: Mapping[tuple[str, int | None], Sequence[tuple[int, str]]],
    ) -> DirectoryLine:
        there = staffing.get(("community", row.pk), NO_STAFF)
        people = list(_people(roles.get(("community", row.pk), ()), there, desk=False))
        return _entry(row, str(row.get_kind_display()), row.phone, people)

    def _leaders(self) -> list[DirectoryLine]:
        """Of the chosen community; of all that the reader knows where only words were given."""
        rows = readable_leaders(self.reader.access).select_related("community").order_by("community_id", "id")
        if self.community is not None:
            rows = rows.filter(community=self.community)
        elif not self.wanted:
            return []
        found: list[DirectoryLine] = []
        for leader in rows.prefetch_related("places__building__neighbourhood", "places__neighbourhood")[:_SEARCHED]:
            places = [_place(row) for row in leader.places.all()]
            keys = f"{_keys(leader.name)} {leader.phone_last4} {' '.join(map(_keys, places))}"
            if self.wanted not in keys:
                continue
            self.more = len(found) == _MOST_LEADERS
            if self.more:
                break
            url = reverse("console-directory-leader", args=[leader.pk])
            kind = f"{leader.community.name} {leader.get_kind_display()}"
            found.append(DirectoryLine(leader.name, kind, mask_phone(leader.phone), places, url, keys))
        return found


def _people(people: Iterable[tuple[int, str]], there: Staffing, *, desk: bool = True) -> Iterable[str]:
    """Each with who does it instead, and whether they receive what is new."""
    for user_id, words in people:
        marks = [mark for mark in (_("收件") if desk and user_id in there.seats.desk else "",) if mark]
        remark = there.remark(user_id)
        yield " · ".join([words, *marks, *([remark] if remark else [])])


def _entry(row: Any, kind: str, phone: str, people: Sequence[str], more: str = "") -> DirectoryLine:
    english = "".join(row.name_en.split())
    words = (_keys(row.name_zh), english, more, phone, "".join(filter(str.isdigit, phone)), *map(_keys, people))
    return DirectoryLine(row.name, kind, phone, people, keys=" ".join(words).lower())


def _keys(text: str) -> str:
    """What a name is found by: itself, its initials, its pinyin."""
    return f"{text.lower()} {pinyin_keys(text)}"


def _place(row: LeaderPlace) -> str:
    return f"{row.building.neighbourhood.name} {row.building.name}" if row.building else str(row.place.name)
