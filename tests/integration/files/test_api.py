"""Attaching through the API: who, when, what, and once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from files import processing, services
from files.models import StoredFile
from issues.models import Issue
from tests.support import hostile_files as made
from tests.support.cast import NOW, PHONE, World

pytestmark = pytest.mark.usefixtures("frozen")

Browser = Callable[[str], Client]


@pytest.fixture
def issue(world: World) -> Issue:
    """In 夏东社区, worked on by MUNICIPAL."""
    return world.make_issue("in_progress")


def a_photo(name: str = "现场.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, made.jpeg(), "image/jpeg")


def address(issue: Issue) -> str:
    return f"/api/v1/issues/{issue.number}/attachments/"


def public_address(issue: Issue) -> str:
    return f"/api/v1/public/t/{issue.token}/attachments/"


def test_files_are_taken_and_told(world: World, signed_in: Browser, issue: Issue) -> None:
    officer = signed_in("officer")
    answer = officer.post(address(issue), {"file": [a_photo(), SimpleUploadedFile("合同.pdf", made.pdf())]})
    assert answer.status_code == 201
    photo, paper = answer.json()
    assert set(photo) == {"id", "name", "kind", "content_type", "size", "state", "url", "thumbnail_url"}
    assert (photo["name"], photo["kind"], photo["state"], photo["url"]) == ("现场.jpg", "photo", "waiting", None)
    assert (paper["kind"], paper["state"], paper["thumbnail_url"]) == ("document", "ready", None)
    assert officer.get(paper["url"]).status_code == 200
    row = StoredFile.objects.get(pk=photo["id"])
    assert (row.owner_kind, row.owner_id, row.uploaded_by_id) == ("issue", issue.pk, world.people["officer"].pk)
    assert row.subdistrict_id == issue.subdistrict_id
    processing.prepare_waiting(clock=lambda: NOW)
    listed = officer.get(address(issue)).json()
    assert listed["next"] is None
    assert [one["state"] for one in listed["results"]] == ["ready", "ready"]
    assert officer.get(listed["results"][0]["thumbnail_url"]).headers["Content-Type"] == "image/jpeg"


def test_an_action_names_them(world: World, signed_in: Browser, issue: Issue) -> None:
    officer = signed_in("officer")
    [photo] = officer.post(address(issue), {"file": a_photo()}).json()
    fresh = Issue.objects.get(pk=issue.pk)
    answer = officer.post(
        f"/api/v1/issues/{issue.number}/actions/reply/",
        {"version": fresh.version, "outcome": "solved", "note": "已疏通。", "attachments": [photo["id"]]},
        content_type="application/json",
    )
    assert answer.status_code in (200, 400), answer.content


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_every_hostile_file_is_refused(world: World, signed_in: Browser, issue: Issue) -> None:
    officer = signed_in("officer")
    for name, sample in made.HOSTILE.items():
        upload = SimpleUploadedFile(sample.name, sample.content, "image/jpeg")
        answer = officer.post(address(issue), {"file": [a_photo(), upload]})
        assert answer.status_code == 400, name
        told = answer.json()
        assert told["code"] == "invalid", name
        assert len(told["fields"]["file"]) == 1, name
        assert sample.reason in told["fields"]["file"][0], name
    assert not StoredFile.objects.exists()


def test_each_refused_file_is_named(world: World, signed_in: Browser, issue: Issue) -> None:
    uploads = [SimpleUploadedFile(name, b"<html>") for name in ("a.html", "b.jpg")] + [a_photo()]
    fields = signed_in("officer").post(address(issue), {"file": uploads}).json()["fields"]
    assert [text.split("：")[0] for text in fields["file"]] == ["“a.html”", "“b.jpg”"]


def test_what_is_no_file(world: World, signed_in: Browser, issue: Issue) -> None:
    officer = signed_in("officer")
    for data in ({}, {"file": "words"}, {"other": a_photo()}):
        answer = officer.post(address(issue), data)
        assert answer.status_code == 400
        assert list(answer.json()["fields"]) == ["file"]
    answer = officer.post(address(issue), {"file": [a_photo() for _ in range(10)]})
    assert "9" in answer.json()["fields"]["file"][0]
    assert officer.post(address(issue), {"a": 1}, content_type="application/json").status_code == 415
    broken = officer.generic("POST", address(issue), b"--x\r\nrubbish", "multipart/form-data; boundary=x")
    assert broken.status_code == 400
    assert officer.generic("POST", address(issue), b"", "multipart/form-data").status_code == 400


@pytest.mark.parametrize("number", [101, 150])
def test_far_too_many_files(world: World, signed_in: Browser, issue: Issue, number: int) -> None:
    uploads = [SimpleUploadedFile("a.jpg", b"x") for _ in range(number)]
    assert signed_in("officer").post(address(issue), {"file": uploads}).status_code == 400


@pytest.mark.parametrize(
    ("who", "code"),
    [("officer", 201), ("head", 201), ("clerk", 201), ("supervisor", 201), ("officer2", 404), ("outsider", 404)],
)
def test_who_may_attach(world: World, signed_in: Browser, issue: Issue, who: str, code: int) -> None:
    assert signed_in(who).post(address(issue), {"file": a_photo()}).status_code == code
    assert signed_in(who).get(address(issue)).status_code == (200 if code == 201 else 404)


def test_strangers_are_asked_who_they_are(world: World, issue: Issue) -> None:
    assert Client().post(address(issue), {"file": a_photo()}).status_code == 401
    assert Client().get(address(issue)).status_code == 401


def test_who_only_looks_on_is_refused(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("returned")
    answer = signed_in("officer").post(address(issue), {"file": a_photo()})
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


@pytest.mark.parametrize("status", ["rejected", "closed", "withdrawn"])
def test_a_comment_on_a_matter_that_is_over_may_carry_a_photo(world: World, status: str) -> None:
    issue = world.make_issue(status)
    answer = Client().post(public_address(issue), {"file": a_photo(), "phone": PHONE})
    assert answer.status_code == 201


def test_the_same_key_attaches_once(world: World, signed_in: Browser, issue: Issue) -> None:
    officer = signed_in("officer")

    def send(upload: SimpleUploadedFile) -> Any:
        return officer.post(address(issue), {"file": upload}, headers={"Idempotency-Key": "abc"})

    first, second = send(a_photo()), send(a_photo())
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second.headers["Idempotent-Replayed"] == "true"
    assert StoredFile.objects.count() == 1
    other = send(SimpleUploadedFile("现场.jpg", made.plain_jpeg()))
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    renamed = send(a_photo("另一张.jpg"))
    assert renamed.status_code == 409


def test_the_reporter_attaches_with_the_phone(world: World, issue: Issue) -> None:
    client = Client()
    answer = client.post(public_address(issue), {"file": a_photo(), "phone": "１９９ 0000 1234"})
    assert answer.status_code == 201, answer.content
    [row] = answer.json()
    file = StoredFile.objects.get(pk=row["id"])
    assert (file.owner_id, file.uploaded_by_id) == (issue.pk, None)
    processing.prepare_waiting(clock=lambda: NOW)
    [listed] = client.get(public_address(issue)).json()["results"]
    assert listed["url"].startswith(f"/t/{issue.token}/files/")
    assert client.get(listed["thumbnail_url"]).status_code == 200


def test_without_the_phone_the_reporter_attaches_nothing(world: World, issue: Issue) -> None:
    client = Client()
    for phone, code in (("", 400), ("12", 400), (PHONE[-4:], 400), ("19900009998", 403)):
        assert client.post(public_address(issue), {"file": a_photo(), "phone": phone}).status_code == code
    for _ in range(6):
        last = client.post(public_address(issue), {"file": a_photo(), "phone": "19900009998"})
    assert last.status_code == 429
    assert int(last.headers["Retry-After"]) > 0
    assert not StoredFile.objects.exists()


def test_unknown_secrets(world: World, issue: Issue) -> None:
    for token in ("x" * 22, "bad!", "x"):
        where = f"/api/v1/public/t/{token}/attachments/"
        assert Client().get(where).status_code == 404
        assert Client().post(where, {"file": a_photo(), "phone": PHONE}).status_code == 404


def test_the_reporter_is_not_told_of_internal_files(world: World, signed_in: Browser, issue: Issue) -> None:
    signed_in("officer").post(address(issue), {"file": a_photo()})
    assert Client().get(public_address(issue)).json() == {"results": [], "next": None}


def test_a_storage_limit_is_told(
    world: World, signed_in: Browser, issue: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_OWNER_FILES", 1)
    answer = signed_in("officer").post(address(issue), {"file": [a_photo(), a_photo()]})
    assert answer.status_code == 400
    assert len(answer.json()["fields"]["file"]) == 1
    assert not StoredFile.objects.exists()
