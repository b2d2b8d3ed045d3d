"""The same behaviour on a bucket, against a real server of the S3 protocol."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from botocore.exceptions import ClientError
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from common.clock import now
from files import processing, services, storage
from files.models import StoredFile
from govtrack import env
from issues.reading.attachments import staff_link
from tests.support import hostile_files as made
from tests.support.cast import NOW, World
from tests.support.s3_server import BUCKET, KEY, SECRET, S3Server, s3_server

pytestmark = [pytest.mark.long, pytest.mark.serial, pytest.mark.django_db]

Browser = Callable[[str], Client]


def configured(monkeypatch: pytest.MonkeyPatch, port: int, secret: str = SECRET) -> override_settings:
    url = f"s3://{KEY}:{quote(secret, safe='')}@127.0.0.1:{port}/{BUCKET}?tls=0"
    monkeypatch.setenv("FILES_URL", url)
    return override_settings(STORAGES={**settings.STORAGES, "files": env.files_storage(Path("/"))})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as running:
        yield running


@pytest.fixture
def bucket(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    with configured(monkeypatch, server.port):
        yield server


def received(world: World, content: bytes, name: str) -> StoredFile:
    issue = world.create()
    upload = SimpleUploadedFile(name, content)
    return services.receive(upload=upload, by_id=None, at=NOW, owner_kind="issue", owner_id=issue.pk)


def test_a_photo_from_upload_to_screen(world: World, bucket: S3Server, signed_in: Browser) -> None:
    file = received(world, made.jpeg(6), "现场.jpg")
    assert (bucket.objects / file.original).read_bytes() == made.jpeg(6)
    assert processing.prepare_waiting(clock=lambda: NOW) == {"ready": 1, "failed": 0, "later": 0}
    file.refresh_from_db()
    assert not (bucket.objects / f"{file.public_id[:2]}/{file.public_id}/original").exists()
    answer = signed_in("clerk").get(staff_link(file, "large"))
    assert answer.status_code == 200
    assert b"".join(answer) == (bucket.objects / file.large).read_bytes()
    assert int(answer.headers["Content-Length"]) == (bucket.objects / file.large).stat().st_size


def test_a_document_comes_back_byte_for_byte(world: World, bucket: S3Server, signed_in: Browser) -> None:
    content = made.pdf(made.stream(b"", bytes(range(256)) * 20_000))
    file = received(world, content, "合同.pdf")
    assert b"".join(signed_in("clerk").get(staff_link(file, "original"))) == content


def test_writing_again_writes_over(bucket: S3Server) -> None:
    for content in (b"one", b"two"):
        storage.write("ab/abc/part", content)
    with storage.open_file("ab/abc/part") as stored:
        assert stored.read() == b"two"


def test_what_is_not_there(world: World, bucket: S3Server, signed_in: Browser) -> None:
    file = received(world, made.pdf(), "a.pdf")
    storage.remove(file.original, file.original)
    with pytest.raises(FileNotFoundError):
        storage.open_file("no/such/part").read()
    assert signed_in("clerk").get(staff_link(file, "original")).status_code == 404


def test_what_belongs_to_nothing_goes(world: World, bucket: S3Server) -> None:
    kept = received(world, made.pdf(), "a.pdf")
    lost = received(world, made.pdf(), "b.pdf")
    StoredFile.objects.filter(pk=lost.pk).delete()
    prefixes = {int(file.public_id[:2], 16) for file in (kept, lost)}
    assert processing.forget_strays(now() + timedelta(days=2), prefixes) >= 1
    assert (storage.names_of(kept.public_id), storage.names_of(lost.public_id)) == ([kept.original], [])
    upload = SimpleUploadedFile("c.pdf", made.pdf())
    unclaimed = services.receive(upload=upload, by_id=None, at=NOW)
    assert processing.forget_unclaimed(NOW + timedelta(days=2)) == 1
    assert storage.names_of(unclaimed.public_id) == []


def test_the_bucket_is_private_and_has_no_addresses(world: World, bucket: S3Server) -> None:
    file = received(world, made.pdf(), "a.pdf")
    with pytest.raises(OSError, match=r"40[03]"):
        urlopen(f"http://127.0.0.1:{bucket.port}/{BUCKET}/{file.original}", timeout=60)
    with pytest.raises(NotImplementedError):
        storage.storage().url(file.original)


def test_a_wrong_secret_is_refused_by_the_server(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        configured(monkeypatch, server.port, secret="wrong"),
        pytest.raises(ClientError, match="SignatureDoesNotMatch"),
    ):
        storage.write("ab/abc/part", b"x")


def test_a_server_that_is_away_costs_a_later_attempt(world: World, bucket: S3Server) -> None:
    file = received(world, made.jpeg(), "a.jpg")
    away = {**settings.STORAGES, "files": {**settings.STORAGES["files"]}}
    away["files"]["OPTIONS"] = {**away["files"]["OPTIONS"], "endpoint_url": "http://127.0.0.1:9"}
    with override_settings(STORAGES=away):
        assert processing.prepare_waiting(clock=lambda: NOW) == {"ready": 0, "failed": 0, "later": 1}
    assert processing.prepare_waiting(clock=lambda: NOW + timedelta(hours=1))["ready"] == 1
    file.refresh_from_db()
    assert file.is_ready
