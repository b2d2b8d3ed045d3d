"""工作日历: the year is shown, a notice is checked before it is saved, and what it does is told beforehand."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from django.test import Client

from common.clock import now
from deadlines.models import CalendarChange, CalendarDay, DaySource, Deadline
from deadlines.reference import forget
from deadlines.services import load_calendar, refresh_calendar
from issues.models import Issue
from journal.models import Event
from journal.verification import verify
from reminders.enums import OFFICE
from reminders.services.recounting import SETTLES, recount_changes
from tests.integration.statements.test_bounds import statements
from tests.support.cast import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
Browser = Callable[[str], Client]
PAGE = "/console/admin/calendar/"
NOTICE = """2027年部分节假日安排
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（周五）至11日（周四）放假调休，共7天。1月31日（周日）、2月20日（周六）上班。
三、清明节：4月3日（周六）至5日（周一）放假，共3天。
四、劳动节：5月1日（周六）至3日（周一）放假，共3天。
五、端午节：6月9日（周三）放假1天。
六、中秋节：9月15日（周三）放假1天。
七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。9月26日（周日）、10月9日（周六）上班。
"""


@pytest.fixture
def admin(world: World, signed_in: Browser) -> Iterator[Client]:
    refresh_calendar(at=NOW)
    forget()
    yield signed_in("admin")
    forget()


def hidden(page: str) -> dict[str, str]:
    """The fields of the confirmation."""
    form = page[page.index("calendar-confirm") :]
    return dict(re.findall(r'<input\s+type="hidden"\s+name="([a-z]+)"\s+value="([^"]*)"', form))


def preview(client: Client, **data: str) -> str:
    answer = client.post(f"{PAGE}preview/", data)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_year_is_shown_with_its_source(admin: Client) -> None:
    page = admin.get(PAGE).content.decode()
    assert "2026年2月" in page
    assert "来源：程序库收录的放假通知" in page
    assert page.count("calendar-swap") == 6 + 1, "six swapped days and the legend"
    guessed = admin.get(f"{PAGE}?year=2027").content.decode()
    assert "放假通知还没有录入" in guessed
    assert guessed.count("calendar-estimated") == 12
    for odd in ("abcd", "1066", "9999", "٢٠٢٧"):
        assert "2026年2月" in admin.get(PAGE, {"year": odd}).content.decode()


def test_a_notice_is_checked_confirmed_and_counted(world: World, admin: Client) -> None:
    issue = world.make_issue("in_progress", category="0202")
    page = preview(admin, by="notice", text=NOTICE)
    assert "2027年放假安排" in page
    assert "另有" in page
    assert not CalendarChange.objects.exists()
    assert not CalendarDay.objects.filter(source=DaySource.NOTICE).exists()
    answer = admin.post(f"{PAGE}apply/", hidden(page))
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{PAGE}?year=2027"
    assert load_calendar().is_workday(date(2027, 1, 31))
    change = CalendarChange.objects.get()
    assert (change.year, change.made_by) == (2027, world.people["admin"])
    event = Event.objects.of(OFFICE, world.area.pk).get(kind="calendar")
    assert event.data["change"] == change.pk
    assert event.text("notice").startswith("2027年")
    assert verify().broken is None
    after = admin.get(f"{PAGE}?year=2027").content.decode()
    assert "来源：放假通知或人工调整" in after
    assert "2027年放假通知" in after
    assert "正在重算" in after
    recount_changes(clock=lambda: now() + SETTLES)
    assert "正在重算" not in admin.get(PAGE).content.decode()
    assert not Event.objects.of("issue", issue.pk).of_kinds(["recount"]), "what is due in 2026 stays"


def test_what_cannot_be_read_is_named_and_kept(admin: Client) -> None:
    wrong = NOTICE.replace("（周五）至3日", "（周四）至3日")
    answer = admin.post(f"{PAGE}preview/", {"by": "notice", "text": wrong})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "第2行" in page
    assert "2027-01-01 是星期五，通知写的是星期四" in page
    assert "2月20日（周六）上班" in page, "the text is kept"
    assert admin.post(f"{PAGE}apply/", {"by": "notice", "text": wrong, "shown": "x"}).status_code == 400
    assert not CalendarChange.objects.exists()


def test_a_notice_of_one_holiday_leaves_the_rest_of_the_year_alone(world: World, admin: Client) -> None:
    before = {row.on: (row.workday, row.estimated) for row in CalendarDay.objects.filter(on__year=2027)}
    text = "关于调整2027年劳动节假期安排的通知\n5月1日（周六）至4日（周二）放假调休，共4天。5月8日（周六）上班。"
    page = preview(admin, by="notice", text=text, year="2027")
    assert "只改文中写明的日期" in page
    assert admin.post(f"{PAGE}apply/", hidden(page)).status_code == 302
    after = {row.on: (row.workday, row.estimated) for row in CalendarDay.objects.filter(on__year=2027)}
    changed = {on.strftime("%m-%d") for on in after if after[on] != before[on]}
    assert changed == {"05-01", "05-02", "05-03", "05-04", "05-08"}
    assert after[date(2027, 1, 1)] == before[date(2027, 1, 1)] == (False, True)
    assert "放假通知还没有录入" in admin.get(f"{PAGE}?year=2027").content.decode()


def test_a_refused_notice_leaves_the_year_that_was_shown(admin: Client) -> None:
    for sent in ({"by": "notice", "text": "没有年份"}, {"by": "day", "day": ""}):
        page = admin.post(f"{PAGE}preview/", {**sent, "year": "2027"}).content.decode()
        assert 'aria-current="page">2027年<' in page


def test_a_correction_of_a_past_day_moves_no_clock_by_its_seconds(world: World, admin: Client) -> None:
    issue = world.make_issue("submitted")
    odd = NOW + timedelta(hours=1, seconds=17, microseconds=5)
    running = Deadline.objects.of("issue", issue.pk).filter(state="running")
    assert running.update(limit="4wh", soon_at=NOW, due_at=odd)
    page = preview(admin, by="day", day="2026-01-20", workday="rest", name="补录")
    assert "没有未办结的时限会因此变动" in page


def test_a_single_day_says_what_it_moves(world: World, admin: Client) -> None:
    issue = world.make_issue("in_progress", category="0202")
    handle = Deadline.objects.of("issue", issue.pk).get(kind="handle")
    page = preview(admin, by="day", day="2026-03-20", workday="rest", name="台风停工")
    assert "将变动" in page
    assert issue.number in page
    admin.post(f"{PAGE}apply/", hidden(page))
    assert "正在重算，还有1件待核对" in admin.get(PAGE).content.decode()
    recount_changes(clock=lambda: now() + SETTLES)
    moved = Deadline.objects.get(pk=handle.pk)
    assert moved.due_at == handle.due_at + timedelta(days=1)
    assert Issue.objects.get(pk=issue.pk).changed_at == now() + SETTLES
    assert "台风停工" in admin.get(PAGE).content.decode()


def test_what_was_looked_at_is_what_is_saved(world: World, admin: Client) -> None:
    page = preview(admin, by="day", day="2026-03-20", workday="rest", name="台风")
    admin.post(f"{PAGE}apply/", hidden(preview(admin, by="day", day="2026-03-20", workday="rest", name="停水")))
    again = admin.post(f"{PAGE}apply/", hidden(page))
    assert again.status_code == 409
    assert "刚刚被别人改过" in again.content.decode()
    assert CalendarDay.objects.get(on=date(2026, 3, 20)).name == "停水"
    assert CalendarChange.objects.count() == 1


@pytest.mark.parametrize(
    "sent",
    [
        {"by": "notice", "text": ""},
        {"by": "notice", "text": "没有年份"},
        {"by": "notice", "text": "2066年部分节假日安排\n一、元旦：1月1日放假1天。"},
        {"by": "day", "day": "", "workday": "rest"},
        {"by": "day", "day": "2026-02-30", "workday": "rest"},
        {"by": "day", "day": "2026-03-20", "workday": "maybe"},
        {"by": "day", "day": "2026-03-20", "workday": "rest", "name": "长" * 41},
        {"by": "day", "day": "9999-12-31", "workday": "rest"},
        {},
    ],
)
def test_what_is_missing_is_asked_for(admin: Client, sent: dict[str, str]) -> None:
    for address in ("preview", "apply"):
        answer = admin.post(f"{PAGE}{address}/", sent)
        assert answer.status_code == 400
        assert "error-summary" in answer.content.decode()
    assert not CalendarChange.objects.exists()


def test_a_day_that_is_so_already_needs_nothing(admin: Client) -> None:
    page = preview(admin, by="day", day="2026-03-20", workday="work", name="")
    assert "没有需要保存的改动" in page
    assert "calendar-confirm" not in page


def test_only_an_administrator_may(world: World, signed_in: Browser) -> None:
    for username in ("clerk", "supervisor", "director", "leader"):
        client = signed_in(username)
        assert client.get(PAGE).status_code == 403
        assert client.post(f"{PAGE}preview/", {"by": "notice", "text": NOTICE}).status_code == 403
        assert client.post(f"{PAGE}apply/", {"by": "notice", "text": NOTICE}).status_code == 403


def test_the_pages_need_few_statements(world: World, admin: Client) -> None:
    for _number in range(3):
        world.make_issue("in_progress", category="0202")
    admin.get(PAGE)
    with statements() as found:
        admin.get(PAGE)
    assert len(found) <= 9
    with statements() as found:
        admin.post(f"{PAGE}preview/", {"by": "day", "day": "2026-03-20", "workday": "rest"})
    assert len(found) <= 11
