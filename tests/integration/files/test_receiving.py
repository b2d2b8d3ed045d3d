"""Taking files in: what is stored, whose it is, and how much."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from files import limits, services, storage, waking
from files.errors import FileRefused
from files.models import StoredFile
from tests.support import hostile_files as made
from tests.support.cast import NOW, World
from tests.support.photos import photo

AREA: dict[str, Any] = {"owner_kind": "issue", "owner_id": 1}


def upload(name: str = "a.jpg", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, made.plain_jpeg() if content is None else content)


@pytest.fixture
def woken() -> Iterator[list[str]]:
    """Notes every time the worker is woken."""
    calls: list[str] = []
    note = lambda: calls.append("woken")  # noqa: E731
    waking.register(note)
    yield calls
    waking._NUDGES.remove(note)


def test_a_photo_waits_for_its_sizes(world: World) -> None:
    by = world.people["officer"].pk
    file = services.receive(
        upload=upload("现场.jpg", made.jpeg(6)), by_id=by, at=NOW, subdistrict_id=world.area.pk, **AREA
    )
    file = StoredFile.objects.get(pk=file.pk)
    assert (file.kind, file.state, file.name) == ("photo", "waiting", "现场.jpg")
    assert (file.width, file.height, file.content_type) == (40, 60, "image/jpeg")
    assert file.taken_at is not None
    assert file.received_at == NOW
    assert (file.uploaded_by_id, file.subdistrict_id) == (by, world.area.pk)
    assert storage.open_file(file.original).read() == made.jpeg(6)
    assert (file.large, file.small) == ("", "")


def test_a_document_is_ready_at_once(db: None, woken: list[str]) -> None:
    file = services.receive(upload=upload("合同.pdf", made.pdf()), by_id=None, at=NOW, **AREA)
    assert (file.kind, file.state, file.content_type) == ("document", "ready", "application/pdf")
    assert woken == []


@pytest.mark.django_db(transaction=True)
def test_the_worker_is_woken_after_the_commit(woken: list[str]) -> None:
    with transaction.atomic():
        services.receive(upload=upload(), by_id=None, at=NOW)
        assert woken == []
    assert woken == ["woken"]


def test_names_within_the_storage_are_ours(db: None) -> None:
    file = services.receive(upload=upload("../../x\u202egpj.jpg"), by_id=None, at=NOW)
    assert file.original == f"{file.public_id[:2]}/{file.public_id}/original"


def test_all_or_none(db: None) -> None:
    bad = [upload("a.svg", b"<svg/>"), upload(), upload("b.html", b"<html>")]
    with pytest.raises(ExceptionGroup) as group:
        services.receive_all(uploads=bad, by_id=None, at=NOW)
    assert [error.name for error in group.value.exceptions if isinstance(error, FileRefused)] == ["a.svg", "b.html"]
    assert not StoredFile.objects.exists()
    assert len(services.receive_all(uploads=[upload(), upload("b.pdf", made.pdf())], by_id=None, at=NOW)) == 2


def test_a_form_keeps_the_good_ones(db: None) -> None:
    kept, refused = services.receive_each(uploads=[upload("a.svg", b"<svg/>"), upload()], by_id=None, at=NOW)
    assert [file.name for file in kept] == ["a.jpg"]
    assert [error.name for error in refused] == ["a.svg"]


def test_too_many_at_once(db: None) -> None:
    with pytest.raises(ExceptionGroup) as group:
        services.receive_all(uploads=[upload() for _ in range(10)], by_id=None, at=NOW)
    assert "9" in str(group.value.exceptions[0])


def test_too_much_at_once(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_REQUEST_BYTES", 1500)
    kept, refused = services.receive_each(uploads=[upload(), upload()], by_id=None, at=NOW)
    assert (kept, len(refused)) == ([], 1)


def test_an_owner_holds_so_many_files(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    issue = world.create()
    monkeypatch.setattr(services, "MOST_OWNER_FILES", 2)
    owner: dict[str, Any] = {"owner_kind": "issue", "owner_id": issue.pk}
    for _ in range(2):
        services.receive(upload=upload(), by_id=None, at=NOW, **owner)
    with pytest.raises(FileRefused, match=r"上限|limit"):
        services.receive(upload=upload(), by_id=None, at=NOW, **owner)
    services.receive(upload=upload(), by_id=None, at=NOW, owner_kind="issue", owner_id=issue.pk + 1)


def test_an_owner_holds_so_many_bytes(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_OWNER_BYTES", len(made.plain_jpeg()) + 10)
    services.receive(upload=upload(), by_id=None, at=NOW, **AREA)
    with pytest.raises(FileRefused):
        services.receive(upload=upload(), by_id=None, at=NOW, **AREA)


def test_claiming_gives_an_owner_once(world: World) -> None:
    by = world.people["clerk"].pk
    one, two = (services.receive(upload=upload(), by_id=by, at=NOW) for _ in range(2))
    claimed = services.claim(
        public_ids=[one.public_id, two.public_id, one.public_id], owner_kind="issue", owner_id=7, by_id=by, at=NOW
    )
    assert claimed == [one, two]
    assert {file.owner_id for file in services.of_owner("issue", 7)} == {7}
    with pytest.raises(FileRefused):
        services.claim(public_ids=[one.public_id], owner_kind="issue", owner_id=8, by_id=by, at=NOW)


@pytest.mark.parametrize("by", ["officer", None])
def test_nobody_claims_anothers_upload(world: World, by: str | None) -> None:
    file = services.receive(upload=upload(), by_id=world.people["clerk"].pk, at=NOW)
    mine = services.receive(upload=upload(), by_id=world.people[by].pk if by else None, at=NOW)
    with pytest.raises(FileRefused):
        services.claim(
            public_ids=[mine.public_id, file.public_id],
            owner_kind="issue",
            owner_id=7,
            by_id=world.people[by].pk if by else None,
            at=NOW,
        )
    assert services.of_owner("issue", 7) == []


def test_no_uploads_to_claim_cost_nothing(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert services.claim(public_ids=[], owner_kind="issue", owner_id=7, by_id=None, at=NOW) == []
        assert services.usable_files(ids=[], owner_kind="issue", owner_id=7, by_id=None) == []
        assert services.of_owners("issue", []) == {}


@pytest.mark.django_db(transaction=True)
def test_two_owners_at_once_claim_one_upload_once() -> None:
    file = services.receive(upload=upload(), by_id=None, at=NOW)
    start, results = threading.Barrier(2), []

    def take(owner_id: int) -> None:
        try:
            start.wait()
            services.claim(public_ids=[file.public_id], owner_kind="issue", owner_id=owner_id, by_id=None, at=NOW)
            results.append(owner_id)
        except FileRefused:
            results.append(0)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(owner_id,)) for owner_id in (7, 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results)[0] == 0
    assert sorted(results)[1] in (7, 8)


@pytest.mark.django_db(transaction=True)
def test_two_uploads_at_once_do_not_pass_the_limit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_OWNER_FILES", 1)
    start, results = threading.Barrier(2), []

    def send() -> None:
        try:
            start.wait()
            services.receive(upload=upload(), by_id=None, at=NOW, **AREA)
            results.append("kept")
        except FileRefused:
            results.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["kept", "refused"]


def test_usable_files_are_ones_own_of_this_owner(world: World) -> None:
    issue, other = world.create(), world.create()
    mine = photo(world, issue, NOW, by="officer")
    clerks = photo(world, issue, NOW, by="clerk")
    elsewhere = photo(world, other, NOW, by="officer")
    by = world.people["officer"].pk

    def usable(*files: StoredFile) -> list[StoredFile]:
        return services.usable_files(ids=[file.pk for file in files], owner_kind="issue", owner_id=issue.pk, by_id=by)

    assert usable(mine, mine) == [mine]
    for file in (clerks, elsewhere):
        with pytest.raises(FileRefused):
            usable(mine, file)
    StoredFile.objects.filter(pk=mine.pk).update(state="failed")
    with pytest.raises(FileRefused):
        usable(mine)


def test_files_of_owners_in_one_statement(world: World, django_assert_num_queries: Any) -> None:
    issues = [world.create() for _ in range(3)]
    files = [photo(world, issue, NOW) for issue in issues[:2]]
    with django_assert_num_queries(1):
        found = services.of_owners("issue", [issue.pk for issue in issues])
    assert found == {issues[0].pk: [files[0]], issues[1].pk: [files[1]], issues[2].pk: []}


def test_a_photo_is_after_by_the_cameras_word_else_by_ours(world: World) -> None:
    issue = world.create()
    hour = timedelta(hours=1)
    received_later = photo(world, issue, NOW + hour)
    assert services.is_photo_after(received_later, NOW)
    assert not services.is_photo_after(received_later, NOW + hour)
    old = photo(world, issue, NOW + hour, taken_at=NOW - hour)
    assert not services.is_photo_after(old, NOW)
    document = services.receive(upload=upload("a.pdf", made.pdf()), by_id=None, at=NOW + hour)
    assert not services.is_photo_after(document, NOW)


def test_limits_agree_with_the_proxy() -> None:
    assert limits.MOST_PHOTO_BYTES <= limits.MOST_REQUEST_BYTES < 64 * limits.MB
