"""The nightly comparison: what another hand changed in the reference rows is found, told once, and answered for."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from communities.models import Category, Department, Neighbourhood, SubDistrict
from journal.models import Event
from offices.kinds import KINDS, OFFICE
from offices.services.comparing import ALTERED, SEALED, RowsAltered, compare_all
from offices.tasks import compare
from reminders.models import Watchdog
from tests.support.cast import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
Browser = Callable[[str], Client]
HOME = "/console/admin/office/"


@pytest.fixture
def sealed(world: World) -> World:
    """Both offices were sealed last night."""
    assert compare_all(NOW - timedelta(days=1)).altered == 0
    return world


def test_an_office_is_sealed_once_and_compared_from_then_on(world: World) -> None:
    first = compare_all(NOW)
    rows = sum(kind.rows_of(office).count() for kind in KINDS.values() for office in SubDistrict.objects.all())
    assert (first.offices, first.sealed, first.altered) == (2, rows + 2, 0)
    assert (compare_all(NOW).sealed, Event.objects.filter(kind=SEALED).count()) == (0, 2)


ALTERATIONS = {
    "category": "UPDATE communities_category SET override = '60d' WHERE code = '0301' AND subdistrict_id = %(area)s",
    "organisation": "UPDATE communities_department SET name_zh = '别的名字' WHERE code = 'WATER'",
    "community": "UPDATE communities_community SET retired_at = now() WHERE name_zh = '夏东社区'",
    "neighbourhood": "INSERT INTO communities_neighbourhood (subdistrict_id, name, kind, initials, generated) "
    "VALUES (%(area)s, '偷加的小区', 'estate', '', false)",
    "leader": "UPDATE communities_leader SET kind = 'street'",
    "building": "UPDATE communities_building SET households = 9999",
    "text": "INSERT INTO offices_textmodule (subdistrict_id, use, label, text) VALUES (%(area)s, '', '偷加', '偷加的')",
    "office": "UPDATE communities_subdistrict SET duty_phone = '1' WHERE id = %(area)s",
}


@pytest.mark.parametrize("kind", sorted(ALTERATIONS))
def test_a_change_by_sql_is_found_and_told_once(sealed: World, kind: str) -> None:
    assert set(ALTERATIONS) == {*KINDS, OFFICE.code}
    with connection.cursor() as cursor:
        cursor.execute(ALTERATIONS[kind], {"area": sealed.area.pk})
        changed = cursor.rowcount
    assert changed > 0
    for _night in range(2):
        assert compare_all(NOW).altered == changed
    assert Event.objects.filter(kind=ALTERED, subject_kind=kind).count() == changed
    assert Event.objects.filter(kind=ALTERED).count() == changed


def test_the_job_is_red_until_somebody_answers_for_the_row(sealed: World, signed_in: Browser) -> None:
    row = Category.objects.get(code="0301", subdistrict=sealed.area)
    Category.objects.filter(pk=row.pk).update(override="60d")
    with pytest.raises(RowsAltered):
        compare()
    job = Watchdog.objects.get(job="compare_references")
    assert (job.error, job.failed_at is not None) == ("RowsAltered", True)
    admin, url = signed_in("admin"), f"{HOME}category/{row.pk}/?office={sealed.area.pk}"
    assert "绕过本系统被改过" in admin.get(url).content.decode()
    assert signed_in("clerk").post(url, {"step": "accept"}).status_code == 403
    admin.post(url, {"office": sealed.area.pk, "step": "accept"})
    page = admin.get(url).content.decode()
    assert "绕过本系统被改过" not in page
    assert "确认现状" in page
    compare()
    assert Watchdog.objects.get(job="compare_references").result["altered"] == 0


def test_correcting_the_row_answers_for_it_too(sealed: World, signed_in: Browser) -> None:
    row = Department.objects.get(code="WATER")
    Department.objects.filter(pk=row.pk).update(phone="0757-00009999")
    assert compare_all(NOW).altered == 1
    admin, url = signed_in("admin"), f"{HOME}organisation/{row.pk}/"
    page = admin.get(f"{url}?office={sealed.area.pk}")
    values = {field.name: field.value for field in page.context["fields"]}
    admin.post(url, {**values, "office": sealed.area.pk, "version": page.context["version"], "phone": "0757-00001202"})
    assert compare_all(NOW).altered == 0


def test_what_the_services_write_is_no_finding(sealed: World, signed_in: Browser) -> None:
    admin, area = signed_in("admin"), sealed.area.pk
    admin.post(f"{HOME}community/new/", {"office": area, "name_zh": "新桥社区", "kind": "urban"})
    admin.post(
        f"{HOME}neighbourhood/new/", {"office": area, "community": "新桥社区", "name": "桥头村", "kind": "village"}
    )
    place = Neighbourhood.objects.get(name="桥头村")
    admin.post(f"{HOME}neighbourhood/{place.pk}/", {"office": area, "step": "retire"})
    assert compare_all(NOW).altered == 0
