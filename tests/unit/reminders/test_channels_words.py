"""What robots and short messages say: within every limit, harmless, pressing matters first, nothing left unsaid."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from reminders.channels import KINDS, dingtalk, feishu, sms, wecom
from reminders.channels.base import DeliveryError, Item, Trouble
from reminders.channels.http import check_address, clean, dumps
from reminders.channels.robot import Note, cut, fit, note, plain
from reminders.enums import Channel
from reminders.texts import Words
from tests.support.parcels import AT, HOSTILE, item, many, parcel

FORMS = {
    "wecom": (wecom._markdown, wecom.MOST_BYTES),
    "dingtalk": (dingtalk._body, dingtalk.MOST_BYTES),
    "feishu": (lambda note: dumps(feishu._post(note)).decode(), feishu.MOST_BYTES),
}


@pytest.mark.usefixtures("frozen")
def test_one_matter_links_to_itself() -> None:
    with override_settings(PUBLIC_URL="https://gov.example.org"):
        said = note(parcel())
    assert said == Note(
        heading="社区治理提醒：1件",
        lines=("办理临期：2026-000123 · 3月20日（周五）17:00前",),
        more="",
        link="https://gov.example.org/console/issues/2026-000123/",
        link_words="登录查看",
        reference="通知编号 812.4471",
    )


def test_several_matters_link_to_the_inbox() -> None:
    with override_settings(PUBLIC_URL="https://gov.example.org"):
        said = cut(note(many(3)), 2)
    assert said.heading == "社区治理提醒：3件"
    assert len(said.lines) == 2
    assert said.more == "另有1件，请登录查看"
    assert said.link == "https://gov.example.org/console/notifications/"


def test_what_is_about_no_number_says_the_rest() -> None:
    alarm = Item(1, "shift_empty", AT, Words("无人值班：街道", "3月18日 17:00 至 3月19日 08:30 无人值班", ""))
    assert note(parcel(alarm)).lines == ("无人值班：街道 · 3月18日 17:00 至 3月19日 08:30 无人值班",)


@pytest.mark.parametrize("vendor", FORMS)
@pytest.mark.parametrize("count", [1, 2, 30, 5000])
def test_a_note_fits_and_counts_what_had_no_room(vendor: str, count: int) -> None:
    form, most = FORMS[vendor]
    text = fit(many(count), form, most)
    assert len(text.encode()) <= most
    shown = len(re.findall(r"办理临期", text))
    left = re.search(r"另有(\d+)件", text)
    assert shown + (int(left.group(1)) if left else 0) == count
    assert "通知编号 812.4471" in text
    if left:
        longer = form(cut(note(many(count)), shown + 1))
        assert len(longer.encode()) > most


@pytest.mark.parametrize("vendor", FORMS)
def test_pressing_matters_come_first(vendor: str) -> None:
    form, most = FORMS[vendor]
    items = [*many(5000).items, item(7001, level="urgent"), item(7002, level="critical")]
    text = fit(parcel(*items), form, most)
    assert text.index("2026-007002") < text.index("2026-007001") < text.index("2026-000001")


@pytest.mark.parametrize("vendor", FORMS)
def test_hostile_words_mean_nothing(vendor: str) -> None:
    form, most = FORMS[vendor]
    items = [item(number, title=HOSTILE * 20) for number in range(300)]
    text = fit(parcel(*items), form, most)
    assert len(text.encode()) <= most
    assert not set("@<>`~|#") & set(text.replace("### ", ""))
    assert "evil.example" in text
    assert "://evil" not in text
    assert not re.search(r"[\u200b-\u200f\u2028-\u202e\x00\x07]", text)


@settings(max_examples=200)
@given(st.text(max_size=400))
def test_plain_text_is_one_line_without_signs(text: str) -> None:
    found = plain(text)
    assert not set("@<>*_`[]#|~\\!&\r\n\t\u2028\u202e") & set(found)
    assert "://" not in found
    assert len(found) <= len(text)
    assert plain(found) == found


@given(st.lists(st.tuples(st.text(max_size=300), st.sampled_from(["normal", "urgent"])), min_size=1, max_size=60))
@settings(max_examples=60)
def test_nothing_makes_a_note_too_long(given_items: list[tuple[str, str]]) -> None:
    items = [item(n, title=title or "x", level=level) for n, (title, level) in enumerate(given_items)]
    for form, most in FORMS.values():
        assert len(fit(parcel(*items), form, most).encode()) <= most


def test_a_short_message_about_one_number() -> None:
    assert sms.template_for(parcel()) == ("reminder", {"wanted": "办理临期", "number": "2026-000123"})


def test_a_short_message_about_several_names_three() -> None:
    items = [item(1), item(2), item(2), item(3), item(4, level="critical")]
    assert sms.template_for(parcel(*items)) == (
        "reminders",
        {"count": "5", "numbers": "2026-000004、2026-000001、2026-000002"},
    )


def test_a_short_message_about_no_number() -> None:
    alarm = Item(1, "shift_empty", AT, Words("无人值班：街道", "…", ""))
    assert sms.template_for(parcel(alarm)) == ("notice", {"wanted": "无人值班：街道", "count": "1"})


def test_a_short_message_stays_short() -> None:
    template, params = sms.template_for(parcel(item(title=HOSTILE * 50)))
    assert template == "reminder"
    assert len(params["wanted"]) <= 30
    assert "\n" not in params["wanted"]


def test_the_body_of_a_notification_is_not_in_a_short_message() -> None:
    assert "路灯" not in str(sms.template_for(many(4))) + str(sms.template_for(parcel()))


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("sign not match, more: [https://ding-doc.dingtalk.com/doc#/x]", "sign not match, more: […"),
        ("invalid webhook url, from ip: 103.56.76.2", "invalid webhook url, from ip: …"),
        ("550 <lee@example.org>: no such user", "550 … no such user"),
        ("no such number 13800138000", "no such number …"),
        ("key 693a91f6-7abc-4bc4-97a0-0ec2 bad", "key … bad"),
        ("the word hunter2 is wrong", "the word … is wrong"),
        ("机器人已停用\n请联系管理员", "机器人已停用 请联系管理员"),
    ],
)
def test_a_vendors_words_lose_what_is_nobodys_business(words: str, left: str) -> None:
    assert clean(words, "hunter2", "") == left


def test_a_host_that_nobody_knows_is_away() -> None:
    with pytest.raises(DeliveryError) as caught:
        check_address("https://no-such-host.invalid/x")
    assert caught.value.trouble is Trouble.AWAY


def test_every_kind_is_described_and_stays_below_its_vendor() -> None:
    assert set(KINDS) == set(Channel)
    vendors = {Channel.WECOM: 20, Channel.DINGTALK: 20, Channel.FEISHU: 100}
    assert all((KINDS[channel].per_minute or 0) < limit for channel, limit in vendors.items())
    assert not KINDS[Channel.WEBHOOK].bundles
    assert {kind: KINDS[Channel(kind)].most_bytes for kind in FORMS} == {
        kind: most for kind, (_, most) in FORMS.items()
    }


def test_words_of_errors_are_kept_short() -> None:
    error = DeliveryError(Trouble.BUSY, "x" * 999, retry_after=timedelta(minutes=1))
    assert len(error.words) == 200


def test_a_matter_without_a_date_has_none() -> None:
    without = replace(item(), data=None)
    assert note(parcel(without)).lines == ("办理临期：2026-000123",)
