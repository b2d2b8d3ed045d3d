"""What the tests of the residents' pages share."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from issues.models import Issue
from tests.support.cast import PHONE
from tests.support.photos import tiny_jpeg

WRONG = "19900009998"
"""The phone of nobody."""


def jpeg(name: str = "现场.jpg") -> SimpleUploadedFile:
    """A photo as a phone sends it."""
    return SimpleUploadedFile(name, tiny_jpeg(), content_type="image/jpeg")


def page(client: Client, issue: Issue, phone: str = PHONE) -> str:
    """The matter's page as its reporter reads it, who left ``phone``; "" leaves the browser as it is."""
    if phone:
        assert client.post(f"/t/{issue.token}/prove/", {"phone_tail": phone}).status_code == 302
    answer = client.get(f"/t/{issue.token}/")
    assert answer.status_code == 200
    return answer.content.decode()


def send(client: Client, issue: Issue, action: str, **data: Any) -> Any:
    """One action of the reporter by the secret link, as a browser's form sends it."""
    return client.post(f"/t/{issue.token}/{action}/", data)
