"""An e-mail as Django knows it and as it goes over the wire: the same message."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from reminders.channels.base import Item, Parcel
from reminders.emails import compose_parcel, sender, wire
from reminders.texts import Words
from tests.support.cast import NOW

ITEMS = (
    Item(
        2,
        "urge",
        NOW,
        Words("【紧急】催办：承办已超期：桂城-2026-000123", "夏东社区 · 应于 3月18日前", "/console/x"),
        ("issue", 7),
    ),
    Item(3, "reply", NOW, Words("已答复，待核查：桂城-2026-000124", "", "/console/y"), ("issue", 8)),
    Item(4, "channel_down", NOW, Words("通知渠道故障：<b>&市政办</b>", "自 3月18日起", "")),
    Item(5, "urge", NOW, Words("Overdue: G-2026-000125", "Xiadong", "/console/z"), ("issue", 9)),
    Item(
        6,
        "urge",
        NOW,
        Words("很长" * 90 + "\r\nBcc: somebody@example.org", "\ue000subject\ue000", "/console/z"),
        ("issue", 9),
    ),
)


def parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def told(message: EmailMessage) -> dict[str, object]:
    """Headers that mean something, and the two texts."""
    parts = {part.get_content_subtype(): part.get_content() for part in message.iter_parts()}
    names = ("Subject", "From", "To", "Message-ID", "Auto-Submitted", "References", "In-Reply-To")
    return {name: str(message[name]).strip() for name in names} | {
        kind: text.rstrip().splitlines() for kind, text in parts.items()
    }


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    "parcel",
    [Parcel(f"{item.event_id}.1", (item,), "a.b+c@example.org") for item in ITEMS]
    + [Parcel("9.0", ITEMS[:1], "a@example.org", digest=True), Parcel("9.0", ITEMS, "a@example.org", digest=True)],
)
def test_both_say_the_same(parcel: Parcel, language: str, settings: object) -> None:
    settings.PUBLIC_URL = "https://gov.example.org"  # type: ignore[attr-defined]
    settings.DEFAULT_FROM_EMAIL = "社区治理 <no-reply@example.org>"  # type: ignore[attr-defined]
    raw = wire(parcel, language=language)
    assert raw is not None
    message = compose_parcel(parcel, language=language).message()
    assert told(parsed(raw)) == told(parsed(message.as_bytes()))
    assert parsed(raw)["Date"]
    assert parsed(raw)["Bcc"] is None
    assert max(len(line) for line in raw.split(b"\r\n")) <= 200
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_markup_in_words_is_only_words() -> None:
    html = told(parsed(wire(Parcel("4.1", (ITEMS[2],), "a@example.org")) or b""))["html"]
    assert "&lt;b&gt;&amp;市政办&lt;/b&gt;" in str(html)
    assert "点此查看" not in str(html)


@pytest.mark.parametrize(
    "address", ["", "a b@example.org", "a@例子.cn", "a@example.org\r\nBcc: b@x", "a,b@x.org", "<a@x>"]
)
def test_an_address_that_is_not_plain_is_left_to_django(address: str) -> None:
    assert wire(Parcel("2.1", ITEMS[:1], address)) is None


def test_the_envelope_has_the_bare_address() -> None:
    assert sender("社区治理 <no-reply@example.org>") == "no-reply@example.org"
