"""How often a channel may be used: the figures; the window itself needs Redis."""

from reminders.bucket import MINUTE, WINDOW, Grant, key_of, limit_of, take
from reminders.enums import Channel
from reminders.models import DeliveryChannel
from tests.support.cast import NOW


def test_a_limit_is_the_kinds_or_less_where_the_channel_says_so() -> None:
    assert limit_of(DeliveryChannel(kind=Channel.WECOM)) == 18
    assert limit_of(DeliveryChannel(kind=Channel.WECOM, per_minute=5)) == 5
    assert limit_of(DeliveryChannel(kind=Channel.WECOM, per_minute=500)) == 18
    assert limit_of(DeliveryChannel(kind=Channel.EMAIL)) is None
    assert limit_of(DeliveryChannel(kind=Channel.EMAIL, per_minute=60)) == 60


def test_two_channels_with_one_address_share_a_window_whose_key_tells_nothing_of_it() -> None:
    one = DeliveryChannel(pk=1, kind=Channel.WECOM, url="https://robot.example.org/?key=abc")
    two = DeliveryChannel(pk=2, kind=Channel.WECOM, url="https://robot.example.org/?key=abc")
    other = DeliveryChannel(pk=3, kind=Channel.WECOM, url="https://robot.example.org/?key=abd")
    assert key_of(one) == key_of(two) != key_of(other)
    assert "abc" not in key_of(one)


def test_what_has_no_limit_asks_nobody() -> None:
    assert take(DeliveryChannel(pk=1, kind=Channel.EMAIL), at=NOW, wanted=50) == Grant(50)
    assert WINDOW > MINUTE
