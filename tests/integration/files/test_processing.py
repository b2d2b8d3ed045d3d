"""Making sizes: once, whatever dies, and tidying up behind what died."""

import io
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image

from files import limits, pictures, processing, services, storage, tasks
from files.models import StoredFile
from tests.support import hostile_files as made
from tests.support.cast import NOW, World
from tests.support.photos import photo

pytestmark = pytest.mark.django_db


def received(content: bytes | None = None, at: datetime = NOW) -> StoredFile:
    upload = SimpleUploadedFile("a.jpg", made.jpeg(6) if content is None else content)
    return services.receive(upload=upload, by_id=None, at=at, owner_kind="issue", owner_id=1)


def prepare(at: datetime = NOW) -> dict[str, int]:
    return processing.prepare_waiting(clock=lambda: at)


def parts(file: StoredFile) -> list[str]:
    return [name.rpartition("/")[2] for name in storage.names_of(file.public_id)]


def test_sizes_are_made_and_the_original_goes() -> None:
    file = received()
    assert prepare() == {"ready": 1, "failed": 0, "later": 0}
    file.refresh_from_db()
    assert (file.state, file.original, file.claimed_at) == ("ready", "", None)
    assert parts(file) == ["large-1.jpg", "small-1.jpg"]
    with storage.open_file(file.large) as stored:
        image = Image.open(io.BytesIO(stored.read()))
    assert image.size == (40, 60)
    assert dict(image.getexif()) == {}


def test_the_task_is_the_same_function() -> None:
    received(at=NOW)
    assert tasks.prepare()["ready"] == 1
    assert tasks.prepare() == {"ready": 0, "failed": 0, "later": 0}


def test_documents_are_left_alone() -> None:
    upload = SimpleUploadedFile("a.pdf", made.pdf())
    file = services.receive(upload=upload, by_id=None, at=NOW)
    assert prepare()["ready"] == 0
    file.refresh_from_db()
    assert parts(file) == ["original"]


@pytest.mark.parametrize("death", ["decoding", "before the row", "after the row"])
def test_a_worker_that_dies_is_made_up_for(death: str, monkeypatch: pytest.MonkeyPatch) -> None:
    file = received()

    class Killed(BaseException):
        """What a signal does to a worker: nothing below catches it."""

    def die(*_args: object, **_kwargs: object) -> None:
        raise Killed

    where = {
        "decoding": (pictures, "make_sizes"),
        "before the row": (processing, "_finish"),
        "after the row": (processing, "remove_originals"),
    }[death]
    with monkeypatch.context() as patched:
        patched.setattr(*where, die)
        with pytest.raises(Killed):
            prepare()
    assert prepare(NOW + timedelta(seconds=30)) == {"ready": 0, "failed": 0, "later": 0}
    prepare(NOW + limits.CLAIM_FOR)
    file.refresh_from_db()
    assert (file.state, file.original) == ("ready", "")
    assert len(parts(file)) == 2
    assert {f"{file.public_id[:2]}/{file.public_id}/{name}" for name in parts(file)} == {file.large, file.small}


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_each_photo_once(monkeypatch: pytest.MonkeyPatch) -> None:
    files = [received() for _ in range(6)]
    start, counts, made_of = threading.Barrier(2), [], []
    make = pictures.make_sizes

    def counted(stream: io.BytesIO) -> tuple[bytes, bytes]:
        made_of.append(1)
        return make(stream)

    monkeypatch.setattr(pictures, "make_sizes", counted)

    def work() -> None:
        start.wait()
        counts.append(prepare())
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(count["ready"] for count in counts) == len(made_of) == 6
    for file in files:
        file.refresh_from_db()
        assert file.state == "ready"
        assert parts(file) == ["large-1.jpg", "small-1.jpg"]


def test_an_attempt_that_was_taken_over_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    file = received()
    make = pictures.make_sizes

    def overtaken(stream: io.BytesIO) -> tuple[bytes, bytes]:
        monkeypatch.setattr(pictures, "make_sizes", make)
        assert prepare(NOW + limits.CLAIM_FOR)["ready"] == 1
        return make(stream)

    monkeypatch.setattr(pictures, "make_sizes", overtaken)
    content = storage.open_file(file.original).read()
    assert content
    assert prepare() == {"ready": 0, "failed": 0, "later": 1}
    file.refresh_from_db()
    assert (file.state, parts(file)) == ("ready", ["large-2.jpg", "small-2.jpg"])


def test_a_photo_that_cannot_be_decoded_fails_and_loses_its_bytes() -> None:
    file = received()
    storage.write(file.original, b"broken")
    assert prepare()["failed"] == 1
    file.refresh_from_db()
    assert (file.state, file.original) == ("failed", "")
    assert parts(file) == []
    assert prepare() == {"ready": 0, "failed": 0, "later": 0}


def test_a_storage_that_does_not_answer_is_asked_again_later() -> None:
    file = received()
    storage.remove(file.original)
    assert prepare() == {"ready": 0, "failed": 0, "later": 1}
    storage.write(file.original, made.jpeg())
    assert prepare(NOW + timedelta(minutes=1))["ready"] == 0
    assert prepare(NOW + limits.CLAIM_FOR)["ready"] == 1


def test_after_five_attempts_it_is_given_up() -> None:
    file = received()
    storage.remove(file.original)
    for n in range(limits.MOST_ATTEMPTS):
        assert prepare(NOW + n * limits.CLAIM_FOR)["later"] == 1
    assert prepare(NOW + limits.MOST_ATTEMPTS * limits.CLAIM_FOR)["failed"] == 1
    file.refresh_from_db()
    assert file.state == "failed"


def test_uploads_that_nobody_claimed_go_after_a_day(world: World) -> None:
    owned = photo(world, world.create(), NOW)
    upload = SimpleUploadedFile("a.jpg", made.plain_jpeg())
    file = services.receive(upload=upload, by_id=None, at=NOW)
    assert processing.forget_unclaimed(NOW + timedelta(hours=23)) == 0
    assert processing.forget_unclaimed(NOW + timedelta(days=1)) == 1
    assert not StoredFile.objects.filter(pk=file.pk).exists()
    assert parts(file) == []
    assert len(parts(owned)) == 2
    assert processing.forget_unclaimed(NOW + timedelta(days=1)) == 0


def test_bytes_without_a_row_go_after_a_day() -> None:
    kept, lost = received(), received()
    StoredFile.objects.filter(pk=lost.pk).delete()
    written = storage.storage().get_modified_time(lost.original)
    everything = range(256)
    processing.forget_strays(written + timedelta(hours=23), everything)
    assert parts(lost) == ["original"]
    assert processing.forget_strays(written + timedelta(days=2), everything) >= 1
    assert (parts(lost), parts(kept)) == ([], ["original"])
    assert processing.forget_strays(written + timedelta(days=2), everything) == 0


def test_files_on_disk_are_readable_by_their_owner_alone() -> None:
    file = received()
    path = Path(storage.storage().path(file.original))
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
