"""Runs as a process of its own with the environment of a machine of test_backup: the office that is backed up.

``python -m tests.support.office_to_save build`` makes one matter at work with a photo, a document and a photo whose
sizes are not made yet, and seals the journal; ``write`` logs matters with documents until it is ended; ``go_on`` signs
in by page and by API, acts on the matter, opens its files and looks for the bytes of every row. Each prints JSON.
"""

import json
import sys
from datetime import timedelta
from secrets import token_hex
from typing import Any


def build() -> dict[str, Any]:
    """What is expected to come back."""
    from django.conf import settings
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.db import transaction

    from common.clock import now
    from files import services
    from journal import sealing
    from journal.services import Entry, record
    from tests.support import hostile_files
    from tests.support.cast import build_world
    from tests.support.photos import photo, tiny_jpeg

    world = build_world()
    at = now() - timedelta(hours=2)
    issue = world.make_issue("in_progress", at=at)
    photo(world, issue, at)
    for name, content in (("合同.pdf", hostile_files.pdf()), ("现场.jpg", tiny_jpeg())):
        services.receive(
            upload=SimpleUploadedFile(name, content), by_id=None, at=at, owner_kind="issue", owner_id=issue.pk
        )
    with transaction.atomic():  # so much that the dump fits into no pipe
        record(Entry(subject_kind="errand", subject_id=1, kind="note", at=at, texts={"note": token_hex(400_000)}))
    sealing.seal(now())
    sealing.send(settings.SEAL_TO, now())
    return {"number": issue.number}


def write() -> None:
    """A line for each matter that was logged."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from accounts.models import User
    from common.clock import now
    from communities.actors import Actor
    from files import services
    from issues.models import Issue
    from issues.services.creation import NewIssue, create
    from tests.support import hostile_files

    like = Issue.objects.earliest("id")
    clerk = Actor.staff(User.objects.get(username="clerk"))
    while True:
        draft = NewIssue(
            subdistrict_id=like.subdistrict_id, community_id=like.community_id, category_id=like.category_id,
            description="路灯不亮，晚上看不清。", kind="help", source="counter",
        )  # fmt: skip
        issue = create(draft=draft, by=clerk, at=now())
        services.receive(
            upload=SimpleUploadedFile("合同.pdf", hostile_files.pdf()),
            by_id=None, at=now(), owner_kind="issue", owner_id=issue.pk,
        )  # fmt: skip
        print(issue.number, flush=True)


def go_on() -> dict[str, Any]:
    """How what was restored works, and what it holds."""
    from django.test import Client

    from common.clock import now
    from files import processing, storage
    from files.models import StoredFile
    from issues.models import Issue
    from issues.reading.attachments import staff_link
    from journal.models import Event
    from tests.support.cast import PASSWORD

    known = {"username": "officer", "password": PASSWORD}
    browser = Client()
    page = browser.post("/login/", known)
    token = Client().post("/api/v1/auth/token/", known, content_type="application/json").json()["token"]
    issue = Issue.objects.earliest("id")
    before = list(Event.objects.of("issue", issue.pk).order_by("seq").values_list("seq", flat=True))
    acted = Client().post(
        f"/api/v1/issues/{issue.number}/actions/progress/", {"note": "恢复后继续办理", "version": issue.version},
        content_type="application/json", headers={"Authorization": f"Token {token}"},
    )  # fmt: skip
    made = processing.prepare_waiting(clock=now)
    named = [(row.original, row.large, row.small) for row in StoredFile.objects.order_by("id")]
    opened = {}
    for file in StoredFile.objects.of("issue", issue.pk).in_order():
        answer = browser.get(staff_link(file, "small" if file.is_photo else "original"))
        opened[file.kind] = [answer.status_code, len(b"".join(answer))]
    last = Event.objects.of("issue", issue.pk).latest("seq")
    return {
        "page": [page.status_code, page.headers.get("Location", "")],
        "acted": acted.status_code,
        "steps": [len(before), last.seq, last.kind],
        "sizes made": made,
        "opened": opened,
        "files": len(named),
        "lost": [name for names in named for name in names if name and not storage.storage().exists(name)],
        "issues": Issue.objects.count(),
        "restored": Event.objects.of("installation", 0).filter(kind="restored").count(),
    }


if __name__ == "__main__":
    import django

    django.setup()
    result = {"build": build, "write": write, "go_on": go_on}[sys.argv[1]]()
    print(json.dumps(result))
