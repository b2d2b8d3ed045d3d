"""The leaders' ledger: noted once, masked, set right within a week, made a matter of, counted, exported, forgotten."""

import io
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from communities.access import access_of
from communities.models import Building, LeaderPlace
from issues.models import Issue
from issues.services.errors import InvalidFields, NotPermitted
from journal.models import Event, EventText
from ledger.enums import ENTRY, EntryKind
from ledger.models import LedgerEntry
from ledger.reading import month_after, month_before, month_of, totals_of, unled_buildings
from ledger.services.masking import mask_entries
from ledger.services.recording import EntryFixed, NewEntry, correct_entry, record_entry, withdraw_entry
from ledger.services.revealing import reveal_entry
from privacy.services.retention import run_due
from tests.integration.statements.test_bounds import statements
from tests.support.cast import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
Browser = Callable[[str], Client]
TODAY = NOW.date()
IDENTITY = "11010519491231002X"


def noted(world: World, key: str = "key-00001", **given: Any) -> LedgerEntry:
    """An entry of the cast's leader: a visit to 何婆婆 in 602."""
    assert world.leader is not None
    place = LeaderPlace.objects.filter(leader=world.leader).first()
    told: dict[str, Any] = {"kind": "visit", "on": TODAY, "place": place, "note": "了解加装电梯意见"}
    told |= {"person": "何婆婆", "room": "602"}
    new = NewEntry(key=key, **(told | given))
    return record_entry(leader=world.leader, given=new, by=world.actor("leader"), at=NOW)


def test_a_double_tap_is_one_entry_and_other_words_are_asked_about(world: World, signed_in: Browser) -> None:
    leader, path = signed_in("leader"), reverse("leader-ledger")
    key = leader.get(path).context["idempotency_key"]
    sent = {"kind": "safety", "on": TODAY.isoformat(), "note": "劝离飞线充电1处", "idempotency_key": key}
    first, second = (leader.post(path, sent) for _n in range(2))
    entry = LedgerEntry.objects.get()
    assert first["Location"] == second["Location"] == reverse("leader-ledger-entry", args=[entry.pk])
    assert (entry.building_id, entry.on) == (world.buildings["bihu3"].pk, TODAY)
    other = leader.post(path, sent | {"note": "又一处"})
    assert (other.status_code, LedgerEntry.objects.count()) == (400, 1)
    fresh = other.context["idempotency_key"]
    assert leader.post(path, sent | {"note": "又一处", "idempotency_key": fresh}).status_code == 302
    assert LedgerEntry.objects.count() == 2
    assert Event.objects.filter(subject_kind=ENTRY, kind="ledger_recorded").count() == 2


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "party"}, "kind"),
        ({"on": TODAY + timedelta(days=1)}, "on"),
        ({"on": TODAY - timedelta(days=32)}, "on"),
        ({"on": None}, "on"),
        ({"note": "血压药快吃完了"}, "note"),
        ({"note": "长" * 301}, "note"),
        ({"key": "short"}, "key"),
    ],
)
def test_what_cannot_be_noted(world: World, given: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidFields) as refused:
        noted(world, **given)
    assert field in refused.value.fields
    assert not LedgerEntry.objects.exists()


def test_words_of_health_are_kept_nowhere_and_cards_are_cut_out(world: World, signed_in: Browser) -> None:
    leader, path = signed_in("leader"), reverse("leader-ledger")
    sent = {"kind": "visit", "on": TODAY.isoformat(), "note": "她有糖尿病", "idempotency_key": "key-00001"}
    page = leader.post(path, sent).content.decode()
    assert "不写健康和经济状况（糖尿病）" in page
    assert ">她有糖尿病</textarea>" in page, "what was typed is still there"
    assert not LedgerEntry.objects.exists()
    assert noted(world, note=f"代办，证件 {IDENTITY}").note == "代办，证件 [证件号]"


def test_who_sees_which(world: World, signed_in: Browser) -> None:
    entry = noted(world)
    people = ("clerk", "secretary", "clerk2", "officer", "head", "supervisor", "deputy", "director", "leader", "admin")
    shown = {
        who
        for who in (*people, "outsider")
        if LedgerEntry.objects.visible_to(access_of(world.user(who))).filter(pk=entry.pk).exists()
    }
    assert shown == {"clerk2", "supervisor", "deputy", "director", "leader"}
    page, listed = reverse("console-ledger-entry", args=[entry.pk]), reverse("console-ledger")
    opened = {who: signed_in(who).get(page).status_code for who in ("clerk", "clerk2", "supervisor", "outsider")}
    assert opened == {"clerk": 404, "clerk2": 200, "supervisor": 200, "outsider": 404}
    found = {who: len(signed_in(who).get(listed).context["rows"]) for who in ("clerk", "clerk2", "supervisor", "admin")}
    assert found == {"clerk": 0, "clerk2": 1, "supervisor": 1, "admin": 0}
    assert world.leader is not None
    with pytest.raises(NotPermitted):
        record_entry(
            leader=world.leader, given=NewEntry("visit", TODAY, key="key-00002"), by=world.actor("clerk2"), at=NOW
        )


def test_the_entry_of_a_confidential_matter_is_for_who_may_know_its_reporter(world: World) -> None:
    issue = world.make_issue("submitted", community="dade", kind="report")
    assert issue.confidential
    LedgerEntry.objects.filter(pk=noted(world).pk).update(issue=issue)
    shown = {
        who
        for who in ("clerk2", "supervisor", "deputy", "director", "leader")
        if LedgerEntry.objects.visible_to(access_of(world.user(who))).exists()
    }
    assert shown == {"clerk2", "supervisor", "leader"}


def test_the_person_is_masked_until_somebody_says_why(world: World, signed_in: Browser) -> None:
    entry = noted(world, note="何婆婆住3栋602，帮忙交水费")
    raw = LedgerEntry.objects.raw("SELECT id, person AS p, room AS r, note AS n FROM ledger_ledgerentry")[0]
    assert not any(word in f"{raw.p}{raw.r}{raw.n}" for word in ("何", "602", "水费"))  # type: ignore[attr-defined]
    page = reverse("console-ledger-entry", args=[entry.pk])
    reads = {
        "list": signed_in("clerk2").get(reverse("console-ledger")).content.decode(),
        "page": signed_in("clerk2").get(page).content.decode(),
        "the leader's own list": signed_in("leader").get(reverse("leader-ledger-entries")).content.decode(),
    }
    for where, html in reads.items():
        assert "何*婆" in html, where
        assert "何婆婆" not in html, where
        assert "602" not in html, where
        assert "帮忙交水费" in html, where
    own = signed_in("leader").get(reverse("leader-ledger-entry", args=[entry.pk])).content.decode()
    assert "何婆婆" in own, "one's own words"
    assert signed_in("clerk2").post(page, {"reason": " "}).status_code == 400
    assert "何婆婆" in signed_in("clerk2").post(page, {"reason": "核实走访"}).content.decode()
    event = Event.objects.get(kind="ledger_revealed")
    assert (event.actor_id, event.data["office"]) == (world.people["clerk2"].pk, world.area.pk)
    own = signed_in("leader").get(reverse("leader-ledger-entry", args=[entry.pk])).content.decode()
    assert ("查看完整信息" in own, "黄洁仪" in own, "核实走访" in own) == (True, False, False)
    for who in ("deputy", "clerk"):
        with pytest.raises(NotPermitted):
            reveal_entry(entry_id=entry.pk, reason="看看", by=world.actor(who), at=NOW)


def test_a_correction_is_visible_and_ends_after_a_week(world: World, signed_in: Browser) -> None:
    entry, by = noted(world), world.actor("leader")
    place = LeaderPlace.objects.get(leader=world.leader)
    given = NewEntry("help", TODAY - timedelta(days=1), place, "帮忙交水费", "何婆婆", "603")
    week = NOW + timedelta(days=7)
    for _again in range(2):
        correct_entry(entry_id=entry.pk, given=given, by=by, at=week)
    event = Event.objects.get(kind="ledger_corrected")
    assert event.data["kind"] == ["visit", "help"]
    assert event.data["changed"] == ["kind", "note", "on", "room"]
    shown = signed_in("clerk2").get(reverse("console-ledger-entry", args=[entry.pk])).content.decode()
    assert "了解加装电梯意见" in shown, "the words of before"
    with pytest.raises(EntryFixed):
        correct_entry(entry_id=entry.pk, given=given, by=by, at=week + timedelta(seconds=1))
    with pytest.raises(NotPermitted):
        withdraw_entry(entry_id=entry.pk, reason="记错", by=world.actor("clerk2"), at=NOW)
    leader, page = signed_in("leader"), reverse("leader-ledger-entry", args=[entry.pk])
    assert leader.post(page, {"step": "withdraw", "reason": ""}).status_code == 400
    assert leader.post(page, {"step": "withdraw", "reason": "记重了"}).status_code == 302
    assert "记重了" in leader.get(page).content.decode()
    with pytest.raises(EntryFixed):
        withdraw_entry(entry_id=entry.pk, reason="再撤", by=by, at=NOW)


def test_a_corrected_word_leaves_the_place_that_somebody_else_looks_after_now(world: World, signed_in: Browser) -> None:
    entry, leader = noted(world), signed_in("leader")
    other = Building.objects.exclude(pk=entry.building_id or 0).filter(community=world.communities["dade"]).first()
    LeaderPlace.objects.filter(leader=world.leader).update(building=other)
    page = reverse("leader-ledger-entry", args=[entry.pk])
    form = leader.get(page).context["form"].initial
    assert leader.post(page, form | {"step": "correct", "note": "已了解"}).status_code == 302
    kept = LedgerEntry.objects.get()
    assert (kept.note, kept.building_id) == ("已了解", entry.building_id)


def test_an_entry_becomes_one_matter_and_both_lead_to_each_other(world: World, signed_in: Browser) -> None:
    entry, leader = noted(world, note="二单元门口地砖松了"), signed_in("leader")
    path = f"{reverse('leader-report')}?entry={entry.pk}"
    form = leader.get(path).content.decode()
    assert ">二单元门口地砖松了</textarea>" in form
    assert "何婆婆" not in form
    sent = {"description": "二单元门口地砖松了", "entry": entry.pk, "idempotency_key": "form-00001"}
    for _again in range(2):
        assert leader.post(reverse("leader-report"), sent).status_code == 302
    issue = Issue.objects.get()
    assert LedgerEntry.objects.get().issue_id == issue.pk
    assert issue.number in leader.get(reverse("leader-ledger-entry", args=[entry.pk])).content.decode()
    assert reverse("leader-ledger-entry", args=[entry.pk]) in leader.get(reverse("leader-mine")).content.decode()
    on_the_desk = signed_in("clerk2").get(reverse("console-issue", args=[issue.number])).content.decode()
    assert reverse("console-ledger-entry", args=[entry.pk]) in on_the_desk
    second = leader.post(reverse("leader-report"), sent | {"idempotency_key": "form-00002"})
    assert (second.status_code, Issue.objects.count()) == (400, 1)


def test_the_months_totals_agree_with_counting_by_hand(world: World, signed_in: Browser) -> None:
    made = [
        noted(world, key=f"key-{number:05}", kind=EntryKind.values[number % 4], on=TODAY - timedelta(days=number))
        for number in range(30)
    ]
    for entry in made[::7]:
        withdraw_entry(entry_id=entry.pk, reason="记错", by=world.actor("leader"), at=NOW)
    for first in (date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)):
        rows = [one for one in LedgerEntry.objects.all() if (one.on.year, one.on.month) == (first.year, first.month)]
        slow = Counter(one.kind for one in rows if one.withdrawn_at is None)
        fast = totals_of(LedgerEntry.objects.filter(leader=world.leader), first)
        assert {row.kind: row.count for row in fast} == {kind: slow[kind] for kind in EntryKind.values}
    page = signed_in("leader").get(reverse("leader-ledger-entries"), {"month": "2026-02"})
    assert len(page.context["entries"]) == sum(one.on.month == 2 for one in made)


def test_months() -> None:
    december, january = date(2026, 12, 1), date(2027, 1, 1)
    assert (month_after(december), month_before(january)) == (january, december)
    for text in ("", "2026", "2026-13", "9999-01", "2026-3", "二零二六-01"):
        assert month_of(text, TODAY) == TODAY.replace(day=1)
    assert month_of("2025-11", TODAY) == date(2025, 11, 1)


def test_the_sheet_opens_and_holds_no_person(world: World, signed_in: Browser) -> None:
    noted(world, note="=1+1")
    issue = world.make_issue("submitted", community="dade")
    second = noted(world, key="key-00002", on=TODAY - timedelta(days=2), kind="dispute")
    LedgerEntry.objects.filter(pk=second.pk).update(issue=issue)
    withdraw_entry(entry_id=noted(world, key="key-00003").pk, reason="记错", by=world.actor("leader"), at=NOW)
    answer = signed_in("clerk2").get(reverse("console-ledger-sheet"), {"month": "2026-03"})
    book = load_workbook(io.BytesIO(answer.content))
    page = book.active
    assert page is not None
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    assert rows[0][0] == "大德社区楼长台账"
    assert rows[1][0] == "单位：大德社区    日期：3月1日至3月18日"
    assert rows[2] == ["序号", "日期", "社区", "地点", "楼长", "类型", "称呼", "备注", "工单"]
    assert [row[0] for row in rows[3:]] == [1, 2]
    assert [rows[3][5], rows[3][8], rows[4][6], rows[4][7]] == ["调解", issue.number, "何*婆", "'=1+1"]
    assert {str(one) for one in page.merged_cells.ranges} == {"A1:I1", "A2:I2"}
    assert (page.page_setup.paperSize, page.page_setup.orientation) == (9, "landscape")
    event = Event.objects.get(kind="export")
    assert (event.data["what"], event.data["rows"]) == ("ledger", 2)
    empty = load_workbook(io.BytesIO(signed_in("clerk").get(reverse("console-ledger-sheet")).content)).active
    assert empty is not None
    assert empty.max_row == 3, "another community's has none of it"


def test_old_entries_name_nobody_and_count_as_before(world: World) -> None:
    entry, by = noted(world, note="何婆婆住3栋602，帮忙交水费"), world.actor("leader")
    place = LeaderPlace.objects.get(leader=world.leader)
    given = NewEntry("help", TODAY, place, "陪何婆婆办事", "何婆婆", "602")
    correct_entry(entry_id=entry.pk, given=given, by=by, at=NOW)
    reveal_entry(entry_id=entry.pk, reason="核实走访", by=world.actor("clerk2"), at=NOW)
    before = [row.count for row in totals_of(LedgerEntry.objects.all(), TODAY.replace(day=1))]
    later = NOW + timedelta(days=800)
    assert mask_entries(subdistrict_id=world.area.pk, before=TODAY, at=later) == 0
    assert run_due(clock=lambda: later, for_seconds=5) == {ENTRY: 1}, "the night of the office"
    kept = LedgerEntry.objects.get()
    assert (kept.person, kept.room, "何婆婆" in kept.note, kept.masked_at) == ("", "", False, later)
    texts = [row.text for row in EventText.objects.filter(event__subject_kind=ENTRY)]
    assert sorted(filter(None, texts)) == ["核实走访"]
    assert [row.count for row in totals_of(LedgerEntry.objects.all(), TODAY.replace(day=1))] == before
    with pytest.raises(EntryFixed):
        correct_entry(entry_id=entry.pk, given=given, by=by, at=later)


def test_my_building_tells_numbers_and_dates_and_no_word(world: World, signed_in: Browser) -> None:
    here: dict[str, Any] = {"community": "dade", "building_id": world.buildings["bihu3"].pk}
    shown = world.make_issue("in_progress", description="五楼何婆婆家漏水", **here)
    world.make_issue("in_progress", kind="report", description="三楼群租", **here)
    world.make_issue("closed", **here)
    world.make_issue("in_progress", community="dade")
    Building.objects.filter(pk=world.buildings["bihu3"].pk).update(households=86)
    leader = signed_in("leader")
    page = leader.get(reverse("leader-building"))
    assert [row["title"] for row in page.context["matters"]] == [shown.number]
    html = page.content.decode()
    assert "86户 · 1件在办" in html
    assert not any(word in html for word in ("漏水", "何婆婆", "群租", "张小三", shown.token))
    assert "86户 · 1件在办" in leader.get(reverse("leader-home")).content.decode()
    assert leader.get(reverse("leader-building"), {"place": "0", "after": "x"}).status_code == 302
    assert world.leader is not None
    lane = LeaderPlace.objects.create(leader=world.leader, neighbourhood=world.neighbourhoods["bihu"])
    wide = leader.get(reverse("leader-building"), {"place": lane.pk})
    assert (wide.context["households"], wide.context["open_here"]) == (172, 1), "of both buildings"
    assert leader.get(reverse("leader-building")).context["households"] == 172, "a building twice looked after once"


def test_what_happened_since_one_looked_is_marked_as_new(world: World, signed_in: Browser) -> None:
    assert world.leader is not None
    own: dict[str, Any] = {"community": "dade", "source": "leader", "leader_id": world.leader.pk, "by": "leader"}
    issue = world.create(at=NOW - timedelta(hours=2), **own)
    leader, mine = signed_in("leader"), reverse("leader-mine")
    assert "有新进展" not in leader.get(mine).content.decode()
    world.act(issue, "accept", "clerk2", NOW - timedelta(hours=1))
    assert "有新进展" in leader.get(mine).content.decode()
    opened = leader.get(reverse("leader-report-open", args=[issue.pk]))
    assert opened["Location"] == reverse("matter", args=[issue.token])
    assert "有新进展" not in leader.get(mine).content.decode()
    foreign = world.make_issue("submitted", community="dade")
    assert leader.get(reverse("leader-report-open", args=[foreign.pk])).status_code == 404


def test_buildings_without_a_leader(world: World, signed_in: Browser) -> None:
    everywhere = set(Building.objects.filter(community__subdistrict=world.area).values_list("pk", flat=True))
    led = {world.buildings["bihu3"].pk}
    assert set(unled_buildings(access_of(world.user("supervisor"))).values_list("pk", flat=True)) == everywhere - led
    own = {row.community_id for row in unled_buildings(access_of(world.user("clerk2")))}
    assert own <= {world.communities["dade"].pk}
    assert signed_in("clerk2").get(reverse("console-unled")).status_code == 200
    assert signed_in("officer").get(reverse("console-unled")).context["buildings"] == []


def test_the_lists_need_the_same_for_one_and_many(world: World, signed_in: Browser) -> None:
    pages = (
        ("clerk2", reverse("console-ledger")),
        ("supervisor", reverse("console-ledger")),
        ("leader", reverse("leader-ledger-entries")),
        ("leader", reverse("leader-mine")),
    )
    assert world.leader is not None
    browsers = {who: signed_in(who) for who, _path in pages}
    counts: dict[tuple[str, str], set[int]] = {page: set() for page in pages}
    made = 0
    for wanted in (1, 5, 26):
        for number in range(made, wanted):
            entry = noted(world, key=f"key-{number:05}")
            issue = world.create(community="dade", source="leader", leader_id=world.leader.pk, by="leader")
            LedgerEntry.objects.filter(pk=entry.pk).update(issue=issue)
        made = wanted
        for who, path in pages:
            browsers[who].get(path)
            with statements() as found:
                answer = browsers[who].get(path)
            assert answer.status_code == 200
            counts[who, path].add(len(found))
    assert {page: found for page, found in counts.items() if len(found) > 1} == {}
    following = browsers["clerk2"].get(reverse("console-ledger")).context["pager"].next_url
    assert len(browsers["clerk2"].get(following).context["rows"]) == 1
