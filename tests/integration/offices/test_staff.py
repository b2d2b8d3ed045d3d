"""An organisation's page: who receives, who is away, who acts meanwhile; and only its own administrator changes it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Absence, User
from accounts.roles import Role
from communities.models import Membership
from journal.models import Event
from tests.support.cast import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
Browser = Callable[[str], Client]
OFFICE = "/console/admin/office/"


def test_the_desk_is_ticked_and_told(world: World, signed_in: Browser) -> None:
    admin, row, area = signed_in("admin"), world.departments["MUNICIPAL"], world.area.pk
    url = f"{OFFICE}organisation/{row.pk}/?office={area}"
    officer, head = world.people["officer"], world.people["head"]
    assert "现在收件的是：何志明" in admin.get(url).content.decode()
    admin.post(url, {"step": "desk", "desk": [head.pk, world.people["officer2"].pk, "x"]})
    desk = Membership.objects.filter(receiving_desk=True, department__in=[row, world.departments["WATER"]])
    assert list(desk.filter(department=row).values_list("user_id", flat=True)) == [head.pk]
    assert not Membership.objects.get(user=officer).receiving_desk
    page = admin.get(url).content.decode()
    assert "现在收件的是：周建华" in page
    assert "加入：周建华" in page
    admin.post(url, {"step": "desk", "desk": [head.pk]})
    assert Event.objects.of("organisation", row.pk).of_kinds(["desk_changed"]).count() == 1


@pytest.mark.parametrize(("kind", "key", "who", "cover"), [
    ("organisation", "MUNICIPAL", "officer", "head"),
    ("community", "xiadong", "clerk", "secretary"),
])  # fmt: skip
def test_who_is_away_and_who_acts(world: World, signed_in: Browser, kind: str, key: str, who: str, cover: str) -> None:
    row = world.departments[key] if kind == "organisation" else world.communities[key]
    person, stands_in = world.people[who], world.people[cover]
    Absence.objects.create(
        user=person,
        cover=stands_in,
        starts_at=NOW - timedelta(hours=1),
        ends_at=NOW + timedelta(days=2),
        created_at=NOW,
        created_by=person,
    )
    admin = signed_in("admin")
    page = admin.get(f"{OFFICE}{kind}/{row.pk}/?office={world.area.pk}").content.decode()
    assert f"不在岗，{stands_in.display_name}代班" in page
    assert f"不在岗，由 {stands_in.display_name} 代班" in page
    form = admin.get(f"/console/notifications/absences/?person={who}")
    assert form.context["fields"]["person"].value == who


def test_the_desk_of_another_office_is_nobodys(world: World, signed_in: Browser) -> None:
    user = User.objects.create_user("dali.admin", "guicheng-demo", display_name="大沥管理员")
    Membership.objects.create(user=user, role=Role.SYSTEM_ADMIN, subdistrict=world.other_area, started_at=NOW)
    world.people["dali.admin"] = user
    browser, row = signed_in("dali.admin"), world.departments["MUNICIPAL"]
    before = set(Membership.objects.filter(receiving_desk=True).values_list("pk", flat=True))
    for office, status in ((world.other_area, 404), (world.area, 403)):
        assert (
            browser.post(f"{OFFICE}organisation/{row.pk}/?office={office.pk}", {"step": "desk"}).status_code == status
        )
    assert set(Membership.objects.filter(receiving_desk=True).values_list("pk", flat=True)) == before
