"""The browser of a matter's reporter."""

from django.test import Client

from issues.models import Issue


def reporter_of(issue: Issue) -> Client:
    """A browser that has proven the whole phone number left with ``issue``."""
    client, contact = Client(), Issue.objects.select_related("contact").get(pk=issue.pk).contact
    assert contact is not None
    assert client.post(f"/t/{issue.token}/prove/", {"phone_tail": contact.phone}).status_code == 302
    return client
