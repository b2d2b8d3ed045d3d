"""The S3-compatible storage: a private bucket that this installation alone reads and writes."""

from typing import Any

from botocore.config import Config
from storages.backends.s3 import S3Storage

# Checksums in trailers are younger than many S3-compatible servers; TLS and Content-MD5 protect what is sent. A server
# that is away is asked again by the schedule, not by a worker or a person who waits.
_PATIENCE = Config(
    connect_timeout=3,
    read_timeout=20,
    retries={"max_attempts": 2, "mode": "standard"},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class PrivateBucket(S3Storage):
    """Objects are private, overwritten by name, and read through the application: no address of them is given out."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.client_config = vars(self)["client_config"].merge(_PATIENCE)

    def get_default_settings(self) -> dict[str, Any]:
        """The library's defaults without public access and with little held in memory."""
        settings: dict[str, Any] = super().get_default_settings()
        return settings | {
            "default_acl": None,
            "file_overwrite": True,
            "object_parameters": {"CacheControl": "private, no-store"},
            "max_memory_size": 2 * 1024 * 1024,
        }

    def url(self, name: str, *args: Any, **kwargs: Any) -> str:
        """Refused: files are served by views that ask who sees the issue."""
        raise NotImplementedError("files have no address of their own in the storage")
