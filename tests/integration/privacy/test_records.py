"""The register of processing and the record of incidents: who keeps them, what is told of a change, the clock."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from common.clock import local
from deadlines.models import Deadline
from journal.models import Event
from privacy import register
from privacy.enums import ACTIVITY, INCIDENT
from privacy.models import Activity, Incident
from reminders.models import Notification
from reminders.services.fan_out import fan_out
from reminders.services.sweep import sweep
from tests.integration.privacy.raw import raw_of
from tests.support.cast import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
Browser = Callable[[str], Client]
REGISTER, INCIDENTS = "/console/admin/register/", "/console/admin/incidents/"


def typed(at: object) -> str:
    return f"{local(at):%Y-%m-%dT%H:%M}"  # type: ignore[arg-type]


def filled(**given: str) -> dict[str, str]:
    values = {
        "title": "表格误发", "noticed_at": typed(NOW - timedelta(hours=1)), "what": "误把名单发到群里",
        "categories": "姓名、电话", "affected": "12", "harm": "可能被骚扰", "measures": "", "authority_told_at": "",
        "people_told_at": "", "not_told_because": "",
    }  # fmt: skip
    return values | given


def opened(browser: Client, page: str) -> dict[str, str]:
    """What the form of a page carries of the record as it stands."""
    return {"version": str(browser.get(page).context["version"])}


def html(answer: object) -> str:
    return str(answer.content.decode())  # type: ignore[attr-defined]


def test_the_register_says_what_the_product_does_before_anybody_wrote(world: World, signed_in: Browser) -> None:
    page = html(signed_in("supervisor").get(REGISTER))
    for row in register.PRODUCT:
        assert str(row.name) in page
    assert not Activity.objects.exists()
    assert "受理和办理诉求" in html(signed_in("supervisor").get(f"{REGISTER}matters/"))


def test_a_row_is_changed_and_what_stood_there_is_kept(world: World, signed_in: Browser) -> None:
    admin = signed_in("admin")
    shown = register.find(world.area, "matters")
    assert shown is not None
    page = f"{REGISTER}matters/"
    values = {**shown.values, "kept": "办结满一年后遮盖", **opened(admin, page)}
    assert admin.post(f"{REGISTER}matters/", values).status_code == 302
    (event,) = Event.objects.filter(subject_kind=ACTIVITY)
    assert (event.kind, event.data["fields"]) == ("activity_changed", ["kept"])
    assert event.text("kept.was") == shown.values["kept"]
    told = html(admin.get(page))
    assert "办结满一年后遮盖" in told
    assert "保存期限：办结满两年后遮盖" in told
    late = admin.post(page, {**values, "kept": "三年"})
    assert (late.status_code, "三年" in html(late)) == (409, True)
    values |= opened(admin, page)
    assert admin.post(page, values).status_code == 302
    assert Event.objects.filter(subject_kind=ACTIVITY).count() == 1
    assert admin.post(f"{REGISTER}matters/", {**values, "purpose": ""}).status_code == 400
    assert admin.post(f"{REGISTER}matters/", {"step": "retire"}).status_code == 302
    found = register.find(world.area, "matters")
    assert found is not None
    assert found.is_retired
    assert [row.own for row in register.activities_of(world.other_area)] == [None] * len(register.PRODUCT)


def test_the_office_adds_a_row_of_its_own(world: World, signed_in: Browser) -> None:
    values = dict.fromkeys(register.FIELDS, "监控录像")
    answer = signed_in("admin").post(f"{REGISTER}new/", values, follow=True)
    assert answer.redirect_chain[-1][0].startswith(f"{REGISTER}own-1/")
    assert "监控录像" in html(signed_in("supervisor").get(REGISTER))


def test_only_the_security_administrator_writes(world: World, signed_in: Browser) -> None:
    for path, sent in ((f"{REGISTER}matters/", {"name": "x"}), (f"{REGISTER}new/", {}), (f"{INCIDENTS}new/", filled())):
        assert signed_in("supervisor").post(path, sent).status_code == 403
    for who in ("clerk", "officer", "deputy"):
        assert signed_in(who).get(REGISTER).status_code == 403
        assert signed_in(who).get(INCIDENTS).status_code == 403
    assert not Event.objects.filter(subject_kind__in=(ACTIVITY, INCIDENT)).exists()


def test_an_incident_has_four_hours_from_when_it_was_noticed_and_the_direction_hears(
    world: World, signed_in: Browser
) -> None:
    admin = signed_in("admin")
    assert admin.post(f"{INCIDENTS}new/", filled()).status_code == 302
    incident = Incident.objects.get()
    clock = Deadline.objects.get(subject_kind=INCIDENT, subject_id=incident.pk)
    assert clock.due_at == incident.noticed_at + timedelta(hours=4)
    fan_out(at=NOW)
    told = set(Notification.objects.filter(subject_kind=INCIDENT).values_list("user__username", flat=True))
    assert told == {"supervisor", "deputy", "director"}
    assert sweep(at=clock.due_at).fired["privacy_late"] == 1
    assert "表格误发" in html(signed_in("deputy").get(f"{INCIDENTS}{incident.pk}/"))
    page = f"{INCIDENTS}{incident.pk}/"
    refused = admin.post(page, opened(admin, page) | filled(harm="更大的危害") | {"step": "end"})
    assert (refused.status_code, "更大的危害" in html(refused)) == (409, True)
    assert Incident.objects.get().harm == "可能被骚扰", "all of it or nothing"
    told_at = {"authority_told_at": typed(NOW), "not_told_because": "文件已当场撤回"}
    assert admin.post(page, opened(admin, page) | filled(**told_at)).status_code == 302
    clock.refresh_from_db()
    assert clock.state == "met"
    assert admin.post(page, opened(admin, page) | filled(**told_at) | {"step": "end"}).status_code == 302
    assert admin.post(page, opened(admin, page) | filled()).status_code == 409
    kinds = list(Event.objects.of(INCIDENT, incident.pk).order_by("seq").values_list("kind", flat=True))
    assert [kind for kind in kinds if kind != "remind"] == ["incident_recorded", "incident_changed", "incident_ended"]
    assert "表格误发" in html(admin.get(INCIDENTS))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("noticed_at", typed(NOW + timedelta(days=1))),
        ("noticed_at", "昨天"),
        ("title", ""),
        ("affected", "-1"),
        ("authority_told_at", typed(NOW - timedelta(days=1))),
    ],
)
def test_what_cannot_be_is_said(world: World, signed_in: Browser, field: str, value: str) -> None:
    answer = signed_in("admin").post(f"{INCIDENTS}new/", filled(**{field: value}))
    assert answer.status_code == 400
    assert f'href="#id_{field}"' in html(answer)
    assert not Incident.objects.exists()


def test_what_happened_is_not_plain_in_the_table(world: World, signed_in: Browser) -> None:
    signed_in("admin").post(f"{INCIDENTS}new/", filled())
    assert "名单" not in raw_of(Incident, "what")


def test_two_who_write_at_once_lose_nothing(world: World, signed_in: Browser) -> None:
    admin = signed_in("admin")
    admin.post(f"{INCIDENTS}new/", filled())
    assert admin.post(f"{INCIDENTS}new/", filled()).status_code == 302
    page = f"{INCIDENTS}{Incident.objects.get().pk}/"
    first = opened(admin, page)
    assert admin.post(page, first | filled(harm="甲写的")).status_code == 302
    second = admin.post(page, first | filled(measures="乙写的"))
    assert (second.status_code, "乙写的" in html(second)) == (409, True)
    assert (Incident.objects.get().harm, Incident.objects.get().measures) == ("甲写的", "")
    assert admin.post(page, filled(measures="没有版本")).status_code == 409
    named = dict.fromkeys(register.FIELDS, "监控录像")
    assert [admin.post(f"{REGISTER}new/", named).status_code for _time in range(2)] == [302, 400]
