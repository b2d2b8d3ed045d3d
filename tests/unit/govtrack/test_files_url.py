"""FILES_URL: a directory, a bucket, or a line that says what is wrong."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from govtrack.env import files_storage

BASE = Path("/srv/clone")


def options(monkeypatch: pytest.MonkeyPatch, url: str) -> dict[str, object]:
    monkeypatch.setenv("FILES_URL", url)
    found: dict[str, object] = files_storage(BASE)["OPTIONS"]
    return found


def test_by_default_a_directory_of_this_clone_outside_of_static(monkeypatch: pytest.MonkeyPatch) -> None:
    found = options(monkeypatch, "")
    assert found["location"] == BASE / ".local" / "files"
    assert found["base_url"] is None
    assert found["file_permissions_mode"] == 0o600


def test_a_directory_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert options(monkeypatch, "file:///var/lib/govtrack/files")["location"] == Path("/var/lib/govtrack/files")


def test_a_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    found = options(monkeypatch, "s3://key:s%2Fcret@minio.inner:9000/files?tls=0&region=cn-south-1&path=0")
    assert found == {
        "access_key": "key",
        "secret_key": "s/cret",
        "endpoint_url": "http://minio.inner:9000",
        "bucket_name": "files",
        "region_name": "cn-south-1",
        "addressing_style": "virtual",
    }
    found = options(monkeypatch, "s3://key:secret@obs.example.cn/files")
    assert (found["endpoint_url"], found["addressing_style"]) == ("https://obs.example.cn", "path")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x/y",
        "s3://host/bucket",
        "s3://key:secret@host/",
        "s3://key:secret@host/a/b",
        "s3://key@host/b",
        "file://rel/a",
    ],
)
def test_anything_else_is_told_at_the_start(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="FILES_URL"):
        options(monkeypatch, url)
