"""Who may load which file, and with which headers."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from files import processing, services, storage
from files.models import StoredFile
from issues.enums import Proof
from issues.models import Issue
from issues.reading.attachments import (
    Gallery,
    files_for_reporter,
    gallery_for_reporter,
    gallery_for_staff,
    resident_link,
    staff_link,
)
from journal.models import Event
from tests.support import hostile_files as made
from tests.support.cast import NOW, World
from tests.support.photos import photo
from tests.support.reporter import reporter_of

Browser = Callable[[str], Client]
PEOPLE = ["clerk", "secretary", "clerk2", "officer", "officer2", "head", "supervisor", "deputy", "director", "leader"]
STAFF_OF_THE_ISSUE = {"clerk", "secretary", "officer", "head", "supervisor", "deputy", "director", "admin"}


@pytest.fixture
def issue(world: World) -> Issue:
    """In 夏东社区, worked on by MUNICIPAL."""
    return world.make_issue("in_progress")


def status(client: Client, address: str) -> int:
    return client.get(address).status_code


def document(issue: Issue, name: str = "合同.pdf", by: int | None = None) -> StoredFile:
    return services.receive(
        upload=SimpleUploadedFile(name, made.pdf()), by_id=by, at=NOW, owner_kind="issue", owner_id=issue.pk
    )


@pytest.mark.parametrize("who", [*PEOPLE, "admin", "outsider"])
@pytest.mark.parametrize("size", ["large", "small"])
def test_staff_load_what_their_scope_shows(world: World, signed_in: Browser, issue: Issue, who: str, size: str) -> None:
    address = staff_link(photo(world, issue, NOW), size)
    assert status(signed_in(who), address) == (200 if who in STAFF_OF_THE_ISSUE else 404)


def test_strangers_are_asked_to_sign_in(world: World, issue: Issue) -> None:
    answer = Client().get(staff_link(photo(world, issue, NOW), "small"))
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login/?next=")


def test_a_department_that_gave_it_back_still_sees_it(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("returned")
    assert status(signed_in("officer"), staff_link(photo(world, issue, NOW, by="clerk"), "large")) == 200


def test_what_does_not_exist(world: World, signed_in: Browser, issue: Issue) -> None:
    file, clerk = photo(world, issue, NOW), signed_in("clerk")
    waiting = services.receive(
        upload=SimpleUploadedFile("a.jpg", made.jpeg()), by_id=None, at=NOW, owner_kind="issue", owner_id=issue.pk
    )
    paper = document(issue)
    for address in (
        f"/files/{file.public_id}/original/a.jpg",
        f"/files/{file.public_id}/huge/a.jpg",
        f"/files/{'0' * 32}/small/a.jpg",
        f"/files/{file.public_id.upper()}x/small/a.jpg",
        f"/files/{file.pk}/small/a.jpg",
        staff_link(waiting, "small"),
        f"/files/{waiting.public_id}/original/a.jpg",
        staff_link(paper, "large"),
    ):
        assert status(clerk, address) == 404, address


def test_a_photo_whose_bytes_are_lost_is_not_found(world: World, signed_in: Browser, issue: Issue) -> None:
    file = photo(world, issue, NOW)
    storage.remove(file.small)
    assert status(signed_in("clerk"), staff_link(file, "small")) == 404


def test_an_upload_without_an_owner_is_its_senders_alone(world: World, signed_in: Browser) -> None:
    upload = SimpleUploadedFile("a.pdf", made.pdf())
    file = services.receive(upload=upload, by_id=world.people["clerk"].pk, at=NOW)
    assert status(signed_in("clerk"), staff_link(file, "original")) == 200
    assert status(signed_in("supervisor"), staff_link(file, "original")) == 404


def test_only_reading_is_answered(world: World, signed_in: Browser, issue: Issue) -> None:
    address = staff_link(photo(world, issue, NOW), "small")
    clerk = signed_in("clerk")
    head = clerk.head(address)
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(b"".join(clerk.get(address)))))
    for method in ("post", "put", "delete", "patch"):
        assert getattr(clerk, method)(address).status_code == 405
    assert status(clerk, "/files/") == 404


def test_headers_of_a_photo(world: World, signed_in: Browser, issue: Issue) -> None:
    answer = signed_in("clerk").get(staff_link(photo(world, issue, NOW, name='现场 "1".jpg'), "large"))
    headers = answer.headers
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Disposition"] == "inline; filename*=UTF-8''%E7%8E%B0%E5%9C%BA%20%221%22.jpg"
    assert "Set-Cookie" not in headers


def test_headers_of_a_document(world: World, signed_in: Browser, issue: Issue) -> None:
    answer = signed_in("clerk").get(staff_link(document(issue), "original"))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''%E5%90%88%E5%90%8C.pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert b"".join(answer) == made.pdf()


def test_the_name_in_the_address_changes_nothing(world: World, signed_in: Browser, issue: Issue) -> None:
    file = photo(world, issue, NOW, name="现场.jpg")
    answer = signed_in("clerk").get(f"/files/{file.public_id}/small/evil.html")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert "evil" not in answer.headers["Content-Disposition"]


def test_a_browser_that_has_it_is_asked_for_the_right_again(world: World, signed_in: Browser, issue: Issue) -> None:
    address, clerk = staff_link(photo(world, issue, NOW), "small"), signed_in("clerk")
    etag = clerk.get(address).headers["ETag"]
    again = clerk.get(address, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Cache-Control"] == "private, no-cache"
    assert signed_in("outsider").get(address, headers={"If-None-Match": etag}).status_code == 404


def test_what_is_served_holds_no_trace_of_where_it_was_taken(world: World, signed_in: Browser, issue: Issue) -> None:
    for content, name in ((made.jpeg(6), "a.jpg"), (made.heic(), "a.heic"), (made.jpeg_with_zip(), "b.jpg")):
        file = services.receive(
            upload=SimpleUploadedFile(name, content), by_id=None, at=NOW, owner_kind="issue", owner_id=issue.pk
        )
        processing.prepare_waiting(clock=lambda: NOW)
        file.refresh_from_db()
        for size in ("large", "small"):
            body = b"".join(signed_in("clerk").get(staff_link(file, size)))
            assert body.startswith(b"\xff\xd8")
            for trace in (b"Exif", b"GPS", made.CAMERA.encode(), b"PK\x03\x04", b"script"):
                assert trace not in body
        assert storage.names_of(file.public_id) == [file.large, file.small]


# The page of a secret link


def told(issue: Issue) -> set[int]:
    return {file.pk for file in files_for_reporter(Issue.objects.get(pk=issue.pk))}


def test_the_reporter_sees_what_visible_events_name(world: World, issue: Issue) -> None:
    shown, hidden, unnamed = (photo(world, issue, NOW, by="officer") for _ in range(3))
    sent = photo(world, issue, NOW, by=None)
    world.act(issue, "progress", "officer", note="已到现场", attachments=[shown.pk], visible_to_resident=True)
    world.act(issue, "progress", "officer", note="内部", attachments=[hidden.pk])
    kinds = {event.visible for event in Event.objects.filter(kind="progress")}
    assert kinds == {True, False}
    assert told(issue) == {shown.pk, sent.pk}
    link = resident_link(issue.token)
    client = reporter_of(issue)
    assert status(client, link(shown, "large")) == 200
    assert status(client, link(sent, "small")) == 200
    assert status(client, link(hidden, "large")) == 404
    assert status(client, link(unnamed, "large")) == 404
    assert status(client, link(shown, "original")) == 404


def test_nobody_opens_a_file_by_naming_it(world: World, issue: Issue) -> None:
    internal, own = photo(world, issue, NOW, by="officer"), photo(world, issue, NOW, by=None)
    event = Event.objects.filter(kind="create").get()
    forged = Event(
        subject_kind="issue",
        subject_id=issue.pk,
        seq=999,
        kind="comment",
        at=NOW,
        actor_role="resident",
        visible=True,
        data={"attachments": [internal.pk, own.pk, "x", None]},
    )
    assert files_for_reporter(issue, [event, forged]) == [own]


def test_a_secret_link_opens_its_own_matter_only(world: World, issue: Issue) -> None:
    other = world.make_issue("submitted")
    file = photo(world, other, NOW, by=None)
    reporter = reporter_of(other)
    assert status(reporter, resident_link(other.token)(file, "small")) == 200
    assert status(Client(), resident_link(other.token)(file, "small")) == 404
    assert status(reporter, resident_link(issue.token)(file, "small")) == 404
    assert status(Client(), resident_link("x" * 22)(file, "small")) == 404
    assert status(Client(), f"/t/bad!token/files/{file.public_id}/small/") == 404


def test_headers_of_the_secret_link(world: World, issue: Issue) -> None:
    answer = reporter_of(issue).get(resident_link(issue.token)(photo(world, issue, NOW, by=None), "small"))
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def test_who_joined_sees_the_masters_answers_and_never_its_reporters_photos(world: World, issue: Issue) -> None:
    joined = world.make_issue("submitted", contact_phone="19900004321")
    theirs = photo(world, issue, NOW, by=None)
    given = photo(world, issue, NOW, by="clerk")
    mine = photo(world, joined, NOW, by=None)
    world.act(joined, "merge", "clerk", master=issue.number)
    answer = photo(world, issue, NOW, by="officer")
    world.act(issue, "progress", "officer", note="已到现场", attachments=[answer.pk], visible_to_resident=True)
    assert told(joined) == {mine.pk, answer.pk}
    link = resident_link(joined.token)
    reporter = reporter_of(joined)
    assert status(reporter, link(answer, "small")) == 200
    for file in (theirs, given):
        assert status(reporter, link(file, "small")) == 404


def test_a_leader_reads_an_issue_as_its_reporter(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("submitted", community="dade", leader_id=world.leader.pk if world.leader else None)
    own, internal = photo(world, issue, NOW, by="leader"), photo(world, issue, NOW, by="clerk2")
    assert status(signed_in("leader"), staff_link(own, "small")) == 200
    assert status(signed_in("leader"), staff_link(internal, "small")) == 404
    assert status(signed_in("clerk2"), staff_link(internal, "small")) == 200


# How the pages show them


def staff_gallery(world: World, issue: Issue) -> Gallery:
    return gallery_for_staff(issue, world.actor("clerk").access)


def test_pairs_set_the_report_beside_the_reply(world: World) -> None:
    issue = world.make_issue("in_progress")
    before = [photo(world, issue, NOW, name=f"前{n}.jpg", by=None) for n in range(2)]
    world.act(issue, "comment", "resident", note="照片", attachments=[file.pk for file in before])
    late = NOW.replace(hour=16)
    after = photo(world, issue, late, name="后.jpg", by="officer")
    world.act(issue, "reply", "officer", late, outcome="solved", note="已疏通。", attachments=[after.pk])
    for gallery in (staff_gallery(world, issue), gallery_for_reporter(Issue.objects.get(pk=issue.pk))):
        assert [one["name"] for one in gallery.photos] == ["前0.jpg", "前1.jpg", "后.jpg"]
        assert [(pair["before"]["name"], pair["after"]["name"]) for pair in gallery.pairs] == [("前0.jpg", "后.jpg")]
        assert gallery
    events = {event.pk: event.kind for event in Event.objects.all()}
    shown = {events[pk]: [one["name"] for one in files] for pk, files in staff_gallery(world, issue).of_event.items()}
    assert shown == {"comment": ["前0.jpg", "前1.jpg"], "reply": ["后.jpg"]}


def test_what_waits_and_what_failed_has_no_address(world: World, issue: Issue) -> None:
    file = services.receive(
        upload=SimpleUploadedFile("a.jpg", made.jpeg()), by_id=None, at=NOW, owner_kind="issue", owner_id=issue.pk
    )
    [shown] = staff_gallery(world, issue).photos
    assert (shown["waiting"], shown["failed"], shown["url"], shown["thumbnail_url"]) == (True, False, "", "")
    StoredFile.objects.filter(pk=file.pk).update(state="failed")
    [shown] = staff_gallery(world, issue).photos
    assert (shown["waiting"], shown["failed"], shown["url"]) == (False, True, "")


@pytest.mark.parametrize("number", [1, 5])
def test_a_gallery_costs_two_statements(
    world: World, issue: Issue, django_assert_num_queries: Any, number: int
) -> None:
    for _ in range(number):
        photo(world, issue, NOW, by=None)
    access = world.actor("clerk").access
    with django_assert_num_queries(2):
        gallery_for_staff(issue, access)
    with django_assert_num_queries(1):
        gallery_for_staff(issue, access, [])


def test_nothing_says_who_uploaded(world: World, issue: Issue) -> None:
    photo(world, issue, NOW, by=None)
    photo(world, issue, NOW, by="clerk")
    for shown in staff_gallery(world, issue).photos:
        assert not [name for name in shown if name in ("by", "uploaded_by", "uploader", "role")]
        assert not {"陈晓琳", "张小三"} & {str(value) for value in shown.values()}


def test_a_name_that_a_file_came_with_is_read_by_the_proven_reporter_alone(world: World) -> None:
    issue, master = world.make_issue("in_progress", contact_phone="19900007777"), world.make_issue("in_progress")
    sent = photo(world, master, NOW, name="致王小明19900001234.jpg", by="clerk")
    world.act(master, "comment", "clerk", note="见照片", visible_to_resident=True, attachments=[sent.pk])
    issue = world.act(issue, "merge", "clerk", master=master.number)
    master = Issue.objects.get(pk=master.pk)
    for reader, proof, named in ((master, Proof.WHOLE, sent.name), (master, Proof.TAIL, "照片.jpg")):
        assert [file.name for file in files_for_reporter(reader, proof=proof)] == [named]
    assert [file.name for file in files_for_reporter(issue)] == ["照片.jpg"]
