"""The printed receipt: number, promise and the code of the secret link, for those who know the reporter."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests.integration.console.pages import html_of, text_of
from tests.support.cast import World

Browser = Callable[[str], Client]


def test_the_receipt_carries_number_promise_and_code(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress")
    answer = signed_in("clerk").get(reverse("console-issue-receipt", args=[issue.number]))
    assert answer.status_code == 200
    assert issue.number in text_of(answer)
    assert "前答复" in text_of(answer)
    assert 'src="data:image/svg+xml' in html_of(answer)
    assert issue.token not in html_of(answer)
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("username", "status"), [("clerk", 200), ("supervisor", 200), ("officer", 403), ("clerk2", 404), ("leader", 403)]
)
def test_a_confidential_one_is_printed_only_where_the_reporter_is_known(
    world: World, signed_in: Browser, username: str, status: int
) -> None:
    issue = world.make_issue("in_progress", confidential=True)
    answer = signed_in(username).get(reverse("console-issue-receipt", args=[issue.number]))
    assert answer.status_code == status
