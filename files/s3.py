"""The S3-compatible storage: a private bucket that this installation alone reads and writes."""

from typing import Any

from storages.backends.s3 import S3Storage


class PrivateBucket(S3Storage):
    """Objects are private, overwritten by name, and read through the application: no address of them is given out."""

    def get_default_settings(self) -> dict[str, Any]:
        """The library's defaults without public access, without signed addresses, with short patience."""
        settings: dict[str, Any] = super().get_default_settings()
        return settings | {
            "default_acl": None,
            "file_overwrite": True,
            "querystring_auth": True,
            "object_parameters": {"CacheControl": "private, no-store"},
            "max_memory_size": 2 * 1024 * 1024,
        }

    def url(self, name: str, *args: Any, **kwargs: Any) -> str:
        """Refused: files are served by views that ask who sees the issue."""
        raise NotImplementedError("files have no address of their own in the storage")
