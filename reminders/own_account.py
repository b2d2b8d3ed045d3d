"""The own account as something that its person is told of: a sign-in from a new device. Nothing of it is ever due."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from django.db.models import Min, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.agents import words_of
from accounts.devices import NEW
from accounts.models import User
from accounts.noting import ACCOUNT
from common import dates
from communities.access import Access
from communities.models import Membership
from journal.models import Event
from reminders.audience import NOBODY, Audience
from reminders.enums import Topic
from reminders.facts import EventFacts
from reminders.subjects import About, Matter, Subject, SubjectStanding
from reminders.tellings import Telling


def _where(facts: EventFacts) -> str:
    """When, from what kind of device, from where in the network; and what to do."""
    data = facts.data
    device = words_of(data.get("browser", ""), data.get("system", ""))
    told = {"when": dates.moment(facts.at), "device": device, "place": data.get("place", "")}
    return _("%(when)s，%(device)s，网络 %(place)s。不是您本人的，请立即修改密码并结束那里的登录") % told


def _wanted(facts: EventFacts) -> str:
    return _("账号在新设备上取得令牌") if facts.data.get("door") == "token" else _("账号在新设备上登录")


TELLINGS: Final = (Telling(kind=NEW, title=gettext_lazy("新设备登录"), words=_wanted, more=_where, topic=Topic.ALARM),)


class _Own:
    """Everybody sees the own account."""

    def shows(self, access: Access, subject_id: int) -> bool:
        """Whether it is the reader's."""
        return access.user_id == subject_id


class AccountSubject(Subject[Matter]):
    """The accounts."""

    kind = ACCOUNT

    def lock(self, ids: Collection[int], *, wait: bool = False) -> Mapping[int, SubjectStanding]:
        """Nothing is due."""
        return {}

    def standings(self, ids: Collection[int]) -> Mapping[int, SubjectStanding]:
        """Nothing is due."""
        return {}

    def matters(self, ids: Collection[int]) -> Mapping[int, Matter]:
        """Of the sub-district whose channels reach the person; 0 where the person is the installation's."""
        rows = User.objects.filter(pk__in=ids, is_active=True).annotate(home=Min("memberships__subdistrict_id"))
        return {pk: Matter(pk, home or 0) for pk, home in rows.values_list("pk", "home")}

    def audience(self, event: Event, matter: Matter) -> Audience:
        """The person, and nobody who stands in."""
        return Audience(named=(event.subject_id,), personal=True) if event.kind == NEW else NOBODY

    def sight(self, ids: Collection[int]) -> _Own:
        """No statement."""
        return _Own()

    def about(self, ids: Collection[int]) -> Mapping[int, About]:
        """Known by its name; leads to the page of the own account."""
        rows = User.objects.filter(pk__in=ids).annotate(home=Min("memberships__subdistrict_id"))
        url = reverse("account")
        return {
            pk: About(pk, number=name, title="", level="", is_open=True, subdistrict_id=home or 0, url=url)
            for pk, name, home in rows.values_list("pk", "username", "home")
        }

    def visible_ids(self, access: Access, ids: Collection[int]) -> set[int]:
        """The own one."""
        return {access.user_id} & set(ids)

    def in_areas(self, subdistrict_ids: Collection[int]) -> QuerySet[Any, Any]:
        """Of all who are something there."""
        return Membership.objects.filter(subdistrict_id__in=sorted(subdistrict_ids)).values("user_id")
