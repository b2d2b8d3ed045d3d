"""The pages of the duty roster: what they show and to whom, forms that lose nothing, import, the hand-over note."""

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from deadlines.duty.roster import SUBJECT
from deadlines.models import DutyNote, DutyShift
from journal.models import Event
from tests.integration.console.pages import form_of, html_of, statements, text_of
from tests.support.cast import NOW, World

Browser = Callable[[str], Client]
EVENING = NOW.replace(hour=17, minute=30)
MORNING = EVENING + timedelta(hours=15)
DUTY = "/console/duty/"


def shift(world: World, starts_at: datetime = EVENING, ends_at: datetime = MORNING, **given: Any) -> DutyShift:
    usual = {"subdistrict": world.area, "clerk": world.people["clerk"], "leader": world.people["deputy"]}
    return DutyShift.objects.create(starts_at=starts_at, ends_at=ends_at, **(usual | given))


def typed(world: World, **given: str) -> dict[str, str]:
    usual = {
        "area": f"s{world.area.pk}",
        "starts_at": "2026-03-18T17:30",
        "ends_at": "2026-03-19T08:30",
        "clerk": "clerk",
        "leader": "deputy",
        "phone": "0757-00002000",
    }
    return usual | given


# The roster


def test_two_weeks_with_whose_turn_it_is_and_the_gaps(world: World, signed_in: Browser) -> None:
    shift(world, phone="0757-00009000")
    shift(world, MORNING + timedelta(hours=3, minutes=30), MORNING + timedelta(hours=5, minutes=30), leader=None)
    page = text_of(signed_in("supervisor").get(DUTY))
    assert "现在是工作时间，由各岗位受理。下一班：陈晓琳，值班领导 郑国栋，3月18日（周三）17:30 起" in page
    assert "本周 3月16日至3月22日" in page
    assert "下周 3月23日至3月29日" in page
    assert "0757-00009000" in page
    assert "0757-00001000" in page
    assert "无人值班" in page
    with time_machine.travel(EVENING + timedelta(hours=1), tick=False):
        page = text_of(signed_in("supervisor").get(DUTY))
        assert "桂城街道正在值班：陈晓琳，值班领导 郑国栋，至 3月19日（周四）08:30" in page
        assert page.count("正在值班") == 2


def test_the_number_of_gaps_counts_what_is_still_to_come(world: World, signed_in: Browser) -> None:
    html = html_of(signed_in("supervisor").get(DUTY))
    # Wednesday noon to Sunday night, then seven days: the noon break (or the day off) and the night of each
    assert re.findall(r"(\d+) 段无人值班", html) == ["10", "14"]
    shift(world)
    assert re.findall(r"(\d+) 段无人值班", html_of(signed_in("supervisor").get(DUTY))) == ["9", "14"]


def test_a_community_is_covered_by_the_street_where_it_has_no_shift(world: World, signed_in: Browser) -> None:
    shift(world)
    shift(world, MORNING + timedelta(hours=9), MORNING + timedelta(days=1), community=world.communities["xiadong"])
    page = signed_in("secretary").get(DUTY)
    assert page.context["area"].name == "夏东社区"
    assert re.findall(r"(\d+) 段无人值班", html_of(page)) == ["8", "14"]
    street = signed_in("secretary").get(f"{DUTY}?area=s{world.area.pk}")
    assert re.findall(r"(\d+) 段无人值班", html_of(street)) == ["9", "14"]


@pytest.mark.parametrize("username", ["clerk", "officer", "head", "deputy", "director"])
def test_everybody_of_the_sub_district_reads_and_does_not_write(
    world: World, signed_in: Browser, username: str
) -> None:
    mine = shift(world)
    client = signed_in(username)
    html = html_of(client.get(f"{DUTY}?area=s{world.area.pk}"))
    assert "陈晓琳" in html
    for address in ("new/", "import/", f"{mine.pk}/"):
        assert f"{DUTY}{address}" not in html
        assert client.get(f"{DUTY}{address}").status_code == 403
        assert client.post(f"{DUTY}{address}", typed(world)).status_code == 403
    assert client.post(f"{DUTY}{mine.pk}/cancel/", {"version": "1"}).status_code == 403
    assert client.get(f"{DUTY}template/?area=s{world.area.pk}").status_code == 403
    assert client.get(f"{DUTY}export/?area=s{world.area.pk}").status_code == 200
    mine.refresh_from_db()
    assert (mine.version, mine.cancelled_at) == (1, None)


def test_another_sub_district_sees_nothing(world: World, signed_in: Browser) -> None:
    mine = shift(world)
    client = signed_in("outsider")
    assert "陈晓琳" not in html_of(client.get(DUTY))
    assert client.get(f"{DUTY}?area=s{world.area.pk}").status_code == 404
    for address in ("", "note/"):
        assert client.get(f"{DUTY}{mine.pk}/{address}").status_code == 404
    assert client.post(f"{DUTY}{mine.pk}/cancel/").status_code == 404
    assert client.post(f"{DUTY}{mine.pk}/take/").status_code == 404


@pytest.mark.parametrize("query", ["week=x", "week=2026-02-30", "week=0001-01-01", "area=" + "9" * 30, "area=%00"])
def test_a_bad_address(world: World, signed_in: Browser, query: str) -> None:
    assert signed_in("clerk").get(f"{DUTY}?{query}").status_code == 400


def test_other_weeks(world: World, signed_in: Browser) -> None:
    shift(world)
    page = signed_in("supervisor").get(f"{DUTY}?week=2026-03-26&area=s{world.area.pk}")
    assert "下周 3月23日至3月29日" in text_of(page)
    assert "陈晓琳" not in html_of(page)
    assert "week=2026-03-16" in page.context["previous_url"]


@pytest.mark.parametrize("username", ["clerk", "supervisor"])
def test_the_page_needs_the_same_for_one_shift_and_many(world: World, signed_in: Browser, username: str) -> None:
    client, counts = signed_in(username), []
    made = 0
    for number in (1, 5, 25):
        while made < number:
            shift(world, EVENING + timedelta(hours=12 * made), EVENING + timedelta(hours=12 * made + 11))
            made += 1
        client.get(f"{DUTY}?area=s{world.area.pk}")
        with CaptureQueriesContext(connection) as captured:
            client.get(f"{DUTY}?area=s{world.area.pk}")
        counts.append(len(statements(captured)))
    assert len(set(counts)) == 1, counts
    watches_the_schedule = username == "supervisor"
    assert counts[0] <= 9 + watches_the_schedule


# Forms


def test_a_shift_is_added_from_a_gap(world: World, signed_in: Browser) -> None:
    client = signed_in("supervisor")
    html = html_of(client.get(DUTY))
    address = re.search(r'href="(/console/duty/new/\?[^"]*starts_at=2026-03-18T17[^"]*)"', html)
    assert address is not None
    values = form_of(client.get(address[1].replace("&amp;", "&")), "/new/")
    assert (values["starts_at"], values["ends_at"]) == ("2026-03-18T17:30", "2026-03-19T08:30")
    answer = client.post(f"{DUTY}new/", values | {"clerk": "clerk2", "phone": "0757-00002000"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{DUTY}?area=s{world.area.pk}&week=2026-03-18"
    made = DutyShift.objects.get()
    assert (made.clerk.username, made.leader, made.starts_at, made.ends_at) == ("clerk2", None, EVENING, MORNING)
    assert "已排班：3月18日（周三）17:30" in text_of(client.get(answer.headers["Location"]))


def test_a_mistake_keeps_everything_typed(world: World, signed_in: Browser) -> None:
    client = signed_in("supervisor")
    values = typed(world, ends_at="2026-03-18T17:00", phone="0757-3")
    page = client.post(f"{DUTY}new/", values)
    assert page.status_code == 400
    assert form_of(page, "/new/") == values | {"version": "0"}
    assert "结束时间应晚于开始时间" in text_of(page)
    page = client.post(f"{DUTY}new/", {})
    assert page.status_code == 400
    assert "还有 4 项需要填写" in text_of(page)
    shift(world)
    page = client.post(f"{DUTY}new/", typed(world))
    assert page.status_code == 400
    assert "与已排班次重叠：3月18日（周三）17:30 至 3月19日（周四）08:30，陈晓琳" in text_of(page)


def test_a_secretary_arranges_the_own_community_only(world: World, signed_in: Browser) -> None:
    client, xiadong = signed_in("secretary"), world.communities["xiadong"]
    page = client.get(f"{DUTY}new/")
    assert [choice.label for choice in page.context["fields"]["area"].choices] == ["夏东社区"]
    assert "officer" not in [choice.value for choice in page.context["fields"]["clerk"].choices]
    assert client.post(f"{DUTY}new/", typed(world, area=f"c{xiadong.pk}")).status_code == 302
    for area in (f"s{world.area.pk}", f"c{world.communities['dade'].pk}"):
        assert client.post(f"{DUTY}new/", typed(world, area=area, clerk="secretary")).status_code == 400
    assert DutyShift.objects.count() == 1


def test_an_edit_on_an_old_state_is_answered_409_and_loses_nothing(world: World, signed_in: Browser) -> None:
    mine = shift(world)
    first, second = signed_in("supervisor"), signed_in("admin")
    values = form_of(first.get(f"{DUTY}{mine.pk}/"), f"/{mine.pk}/")
    assert second.post(f"{DUTY}{mine.pk}/", values | {"clerk": "clerk2"}).status_code == 302
    mistaken = values | {"clerk": "officer", "phone": "0757-00007777"}
    page = first.post(f"{DUTY}{mine.pk}/", mistaken)
    assert page.status_code == 409
    assert "这个班次刚刚有人改过" in text_of(page)
    assert "现为：3月18日（周三）17:30 至 3月19日（周四）08:30，黄洁仪，值班领导 郑国栋" in text_of(page)
    kept = form_of(page, f"/{mine.pk}/")
    assert kept == mistaken | {"version": "2"}
    assert first.post(f"{DUTY}{mine.pk}/", kept).status_code == 302
    mine.refresh_from_db()
    assert (mine.clerk.username, mine.phone, mine.version) == ("officer", "0757-00007777", 3)


def test_a_shift_is_taken_off_and_stays(world: World, signed_in: Browser) -> None:
    mine = shift(world)
    client = signed_in("supervisor")
    values = form_of(client.get(f"{DUTY}{mine.pk}/"), "/cancel/")
    assert client.post(f"{DUTY}{mine.pk}/cancel/", values | {"version": "7"}).status_code == 409
    assert client.post(f"{DUTY}{mine.pk}/cancel/", values | {"reason": "换班"}).status_code == 302
    mine.refresh_from_db()
    assert mine.cancelled_by == world.people["supervisor"]
    assert "陈晓琳" not in html_of(client.get(DUTY))
    page = client.post(f"{DUTY}{mine.pk}/", typed(world, clerk="officer") | {"version": "1"})
    assert page.status_code == 409
    assert "clerk=officer" in page.context["conflict"]["again_url"]
    assert client.get(f"{DUTY}{mine.pk}/cancel/").status_code == 405


# Files


def book(*rows: tuple[Any, ...]) -> io.BytesIO:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(["桂城街道值班表"])
    sheet.append(["序号", "区域", "开始时间", "结束时间", "值班员", "值班领导", "值班电话"])
    for row in rows:
        sheet.append(list(row))
    output = io.BytesIO()
    made.save(output)
    output.seek(0)
    output.name = "roster.xlsx"
    return output


ROWS = (
    (1, "桂城街道", "2026-03-18 17:30", "08:30", "黄洁仪", "郑国栋", "0757-00001000"),
    (2, None, "2026-03-19 12:00", "14:00", "没有这个人", None, None),
    (3, "夏东社区", "2026-03-19 17:30", "08:30", "+cmd|' /C calc'!A0", None, None),
    (4, "夏东社区", "2026-03-20 17:30", "08:30", "李伟强", None, None),
)


def test_an_import_is_previewed_and_then_confirmed(world: World, signed_in: Browser) -> None:
    standing = shift(world)
    client = signed_in("supervisor")
    page = client.post(f"{DUTY}import/", {"file": book(*ROWS)})
    assert page.status_code == 200
    assert DutyShift.objects.count() == 1
    text = text_of(page)
    assert "值班员：陈晓琳 → 黄洁仪" in text
    assert "桂城街道没有“没有这个人”这个工作人员" in text
    assert "2 行有误，不会导入" in text
    assert "确认导入 2 班" in text
    answer = client.post(f"{DUTY}import/", form_of(page, "/import/"))
    assert answer.status_code == 302
    standing.refresh_from_db()
    assert standing.clerk.username == "clerk2"
    assert DutyShift.objects.filter(community=world.communities["xiadong"]).count() == 1
    assert Event.objects.filter(subject_kind=SUBJECT).count() == 2
    assert "已导入：新增 1 班，修改 1 班" in text_of(client.get(answer.headers["Location"]))


def test_a_confirmation_on_an_old_state_previews_anew(world: World, signed_in: Browser) -> None:
    client = signed_in("supervisor")
    values = form_of(client.post(f"{DUTY}import/", {"file": book(*ROWS)}), "/import/")
    shift(world, EVENING + timedelta(hours=1))
    page = client.post(f"{DUTY}import/", values)
    assert page.status_code == 409
    assert "预览之后值班表有变化" in text_of(page)
    assert "与已排班次重叠" in text_of(page)
    assert DutyShift.objects.count() == 1


def test_a_preview_cannot_be_forged_or_borrowed(world: World, signed_in: Browser) -> None:
    client = signed_in("supervisor")
    values = form_of(client.post(f"{DUTY}import/", {"file": book(*ROWS)}), "/import/")
    for rows, browser in ((values["rows"] + "x", client), ("", client), (values["rows"], signed_in("admin"))):
        page = browser.post(f"{DUTY}import/", values | {"rows": rows})
        assert page.status_code == 400
        assert "预览已过期" in text_of(page)
    assert not DutyShift.objects.exists()


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x03\x04" + b"\x00" * 100, b"PK\x03\x04" + b"0" * 2_000_000])
def test_a_file_that_is_none_is_refused_in_words(world: World, signed_in: Browser, data: bytes) -> None:
    upload = io.BytesIO(data)
    upload.name = "roster.xlsx"
    page = signed_in("supervisor").post(f"{DUTY}import/", {"file": upload})
    assert page.status_code == 400
    assert "banner-danger" in html_of(page)


def test_the_largest_file_is_planned_and_confirmed(world: World, signed_in: Browser) -> None:
    """500 rows go through the preview's signed field and back."""
    rows = []
    for number in range(500):
        starts = EVENING + timedelta(hours=number)
        ends = starts + timedelta(hours=1)
        rows.append((number, "桂城街道", f"{starts:%Y-%m-%d %H:%M}", f"{ends:%Y-%m-%d %H:%M}", "黄洁仪", "郑国栋", ""))
    client = signed_in("supervisor")
    page = client.post(f"{DUTY}import/", {"file": book(*rows)})
    assert client.post(f"{DUTY}import/", form_of(page, "/import/")).status_code == 302
    assert DutyShift.objects.count() == 500


def test_the_template_lists_the_gaps_and_comes_back_filled(world: World, signed_in: Browser) -> None:
    shift(world)
    client = signed_in("supervisor")
    answer = client.get(f"{DUTY}template/?area=s{world.area.pk}")
    assert answer.headers["Content-Type"].endswith("spreadsheetml.sheet")
    filled = load_workbook(io.BytesIO(answer.content))
    sheet = filled.worksheets[0]
    assert sheet["A1"].value == "桂城街道值班表（模板）"
    assert sheet["A2"].value == "单位：桂城街道    日期：3月16日至3月29日"
    # 24 hours outside office time are still to come: the seven of this week but one, the fourteen of the next
    assert [row[0].value for row in sheet.iter_rows(min_row=4)] == list(range(1, 24))
    sheet["E4"] = "黄洁仪"
    output = io.BytesIO()
    filled.save(output)
    output.seek(0)
    output.name = "roster.xlsx"
    page = client.post(f"{DUTY}import/", {"file": output})
    assert "确认导入 1 班" in text_of(page)


def test_an_export_escapes_what_a_spreadsheet_would_run(world: World, signed_in: Browser) -> None:
    type(world.people["clerk"]).objects.filter(pk=world.people["clerk"].pk).update(display_name="=1+1")
    shift(world, phone="+86 757")
    answer = signed_in("clerk").get(f"{DUTY}export/?area=s{world.area.pk}")
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert [cell.value for cell in sheet[4]][4:] == ["'=1+1", "郑国栋", "'+86 757"]


# The hand-over note


def test_the_note_from_the_shift_to_the_next(world: World, signed_in: Browser) -> None:
    mine = shift(world)
    after = shift(world, MORNING, MORNING + timedelta(hours=2), clerk=world.people["secretary"], leader=None)
    urgent = world.create(at=EVENING + timedelta(hours=1), level="urgent")
    elsewhere = world.create(at=EVENING + timedelta(hours=2), level="critical", community="dade", by="clerk2")
    world.create(at=EVENING + timedelta(hours=1), level="normal", category="0202")
    world.create(at=NOW, level="urgent")
    with time_machine.travel(MORNING - timedelta(minutes=20), tick=False):
        client = signed_in("clerk")
        page = client.get(f"{DUTY}{mine.pk}/note/")
        assert urgent.number in text_of(page)
        assert "另有 1 件不在您的查看范围" in text_of(page)
        values = form_of(page, "/note/")
        assert client.post(f"{DUTY}{mine.pk}/note/", values).status_code == 400
        assert signed_in("secretary").post(f"{DUTY}{mine.pk}/note/", values).status_code == 403
        values |= {"happened": "两起积水。<script>", "watch": "盯紧水位"}
        assert client.post(f"{DUTY}{mine.pk}/note/", values).status_code == 302
        old = client.post(f"{DUTY}{mine.pk}/note/", values | {"happened": "没看到前面那份"})
        assert old.status_code == 409
        assert "没看到前面那份" in html_of(old)
        note = DutyNote.objects.get()
        assert [number for _pk, number in note.event.data["issues"]] == [elsewhere.number, urgent.number]
    with time_machine.travel(MORNING + timedelta(minutes=5), tick=False):
        assert "duty-banner" not in html_of(signed_in("clerk").get("/console/"))
        client = signed_in("secretary")
        html = html_of(client.get("/console/"))
        assert "两起积水。&lt;script&gt;" in html
        assert "交班时未了结的紧急工单 2 件" in html
        values = form_of(client.get("/console/"), f"/{mine.pk}/take/")
        assert signed_in("clerk2").post(f"{DUTY}{mine.pk}/take/", values).status_code == 403
        answer = client.post(f"{DUTY}{mine.pk}/take/", values)
        assert answer.headers["Location"] == "/console/"
        assert "duty-banner" not in html_of(client.get("/console/"))
        assert "李伟强 已阅" in text_of(client.get(f"{DUTY}{mine.pk}/note/"))
        assert "交接记录（已阅）" in text_of(client.get(f"{DUTY}?area=s{world.area.pk}"))
        assert after.clerk.username == "secretary"


def test_an_amended_note_is_read_again_before_it_is_confirmed(world: World, signed_in: Browser) -> None:
    mine = shift(world)
    shift(world, MORNING, MORNING + timedelta(hours=2), clerk=world.people["clerk2"], leader=None)
    with time_machine.travel(MORNING, tick=False):
        writer, reader = signed_in("clerk"), signed_in("clerk2")
        writer.post(f"{DUTY}{mine.pk}/note/", {"happened": "第一版", "watch": "", "event": ""})
        seen = form_of(reader.get("/console/"), "/take/")
        again = form_of(writer.get(f"{DUTY}{mine.pk}/note/"), "/note/")
        assert again["happened"] == "第一版"
        assert writer.post(f"{DUTY}{mine.pk}/note/", again | {"happened": "第二版"}).status_code == 302
        page = reader.post(f"{DUTY}{mine.pk}/take/", seen)
        assert page.status_code == 409
        assert "第二版" in text_of(page)
        assert DutyNote.objects.get().acknowledged_at is None


@pytest.mark.parametrize(
    ("username", "status"),
    [("clerk", 200), ("deputy", 200), ("director", 200), ("supervisor", 200), ("admin", 200), ("officer", 403),
     ("secretary", 403), ("clerk2", 403), ("outsider", 404)],
)  # fmt: skip
def test_who_reads_a_note(world: World, signed_in: Browser, username: str, status: int) -> None:
    mine = shift(world)
    assert signed_in(username).get(f"{DUTY}{mine.pk}/note/").status_code == status
    shift(world, MORNING + timedelta(days=2), MORNING + timedelta(days=3), clerk=world.people[username])
    assert signed_in(username).get(f"{DUTY}{mine.pk}/note/").status_code == (404 if status == 404 else 200)


def test_the_inbox_pays_one_statement_for_the_note(world: World, signed_in: Browser) -> None:
    shift(world)
    shift(world, MORNING, MORNING + timedelta(hours=2), clerk=world.people["secretary"], leader=None)

    def count() -> int:
        client = signed_in("secretary")
        client.get("/console/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/console/")
        found = statements(captured)
        assert sum("deadlines_dutynote" in sql for sql in found) == 1
        return len(found)

    with time_machine.travel(MORNING, tick=False):
        before = count()
        signed_in("clerk").post(
            f"{DUTY}{DutyShift.objects.earliest('starts_at').pk}/note/", {"happened": "有事", "watch": "", "event": ""}
        )
        assert "duty-banner" in html_of(signed_in("secretary").get("/console/"))
        assert count() == before


def test_the_note_needs_the_same_for_one_matter_and_many(world: World, signed_in: Browser) -> None:
    mine = shift(world)
    counts = []
    for number in (1, 4, 10):
        for _time in range(number):
            world.create(at=EVENING + timedelta(hours=1), level="urgent")
        with time_machine.travel(MORNING, tick=False):
            client = signed_in("clerk")
            client.get(f"{DUTY}{mine.pk}/note/")
            with CaptureQueriesContext(connection) as captured:
                client.get(f"{DUTY}{mine.pk}/note/")
            counts.append(len(statements(captured)))
    assert len(set(counts)) == 1, counts
    assert counts[0] <= 11
