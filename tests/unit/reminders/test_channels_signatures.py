"""Signatures against values that another program computed (openssl dgst -sha256 -hmac), and the receiver's check."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reminders.channels import dingtalk, feishu, webhook

AT = datetime.fromtimestamp(1773799200, UTC)
BODY = b'{"id":"812.4471"}'
SIGNATURE = "v1=b71ca789883427d1da877ce801e219df7692746eb23a9e1d2bc627b75c3735c8"
HEADERS = {"X-GovTrack-Timestamp": "1773799200", "X-GovTrack-Signature": SIGNATURE}


def test_dingtalk_signs_timestamp_and_secret_with_the_secret() -> None:
    assert dingtalk.signature("SEC0123456789abcdef", AT) == {
        "timestamp": "1773799200000",
        "sign": "y67R15kxqS6fDkAIH12ptrPfkdm/EapChWQnmTGJG9I=",
    }


def test_feishu_signs_nothing_with_timestamp_and_secret() -> None:
    assert feishu.signature("feishu-Secret-1", AT) == {
        "timestamp": "1773799200",
        "sign": "FAitD3df2wn9o6pGY7ZTaEB67aieq4//NUr8xu91Pew=",
    }


def test_webhooks_sign_timestamp_and_body() -> None:
    assert webhook.sign("webhook-secret", "1773799200", BODY) == SIGNATURE


@pytest.mark.parametrize("minutes", [-5, 0, 5])
def test_a_delivery_is_ours_for_five_minutes_either_way(minutes: int) -> None:
    assert webhook.verify("webhook-secret", HEADERS, BODY, AT + timedelta(minutes=minutes))


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_an_old_delivery_is_a_replay(seconds: int) -> None:
    assert not webhook.verify("webhook-secret", HEADERS, BODY, AT + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("secret", "headers", "body"),
    [
        ("another", HEADERS, BODY),
        ("webhook-secret", HEADERS, BODY + b" "),
        ("webhook-secret", HEADERS | {"X-GovTrack-Timestamp": "1773799201"}, BODY),
        ("webhook-secret", HEADERS | {"X-GovTrack-Timestamp": "१७७३"}, BODY),
        ("webhook-secret", HEADERS | {"X-GovTrack-Timestamp": "-1773799200"}, BODY),
        ("webhook-secret", HEADERS | {"X-GovTrack-Timestamp": "9" * 400}, BODY),
        ("webhook-secret", HEADERS | {"X-GovTrack-Signature": SIGNATURE[3:]}, BODY),
        ("webhook-secret", HEADERS | {"X-GovTrack-Signature": "v1=签名"}, BODY),
        ("webhook-secret", {}, BODY),
    ],
)
def test_what_was_changed_on_the_way_is_not_ours(secret: str, headers: dict[str, str], body: bytes) -> None:
    assert not webhook.verify(secret, headers, body, AT)


def test_names_of_headers_are_read_in_any_case() -> None:
    assert webhook.verify("webhook-secret", {name.upper(): value for name, value in HEADERS.items()}, BODY, AT)


def test_the_check_in_the_documentation_works() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "channels.md").read_text(encoding="utf-8")
    code = text.partition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - the project's own document
    verify = names["verify"]
    assert verify("webhook-secret", HEADERS, BODY, 1773799200)
    assert verify("webhook-secret", HEADERS, BODY, 1773799500)
    assert not verify("webhook-secret", HEADERS, BODY, 1773799501)
    assert not verify("another", HEADERS, BODY, 1773799200)
    assert not verify("webhook-secret", {}, BODY, 1773799200)
