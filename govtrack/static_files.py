"""Static files under names that change with their content."""

import re
from collections.abc import Iterator
from typing import Any, Final

from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

JOINED: Final = ("css/phone.css",)
"""Sheets that take in what they import: a phone waits for one answer before it paints, not for one after the other."""

_IMPORT: Final = re.compile(r'@import "([^"]+)";\n')


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """What our scripts import has such a name too: a page never runs one module twice, or a new one with an old one."""

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("js/*.js", CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]),
    )

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """As in Django, with the JOINED sheets whole. What they import names no file of its own by a relative path."""
        whole = InMemoryStorage()
        for name in () if dry_run else JOINED:
            if name in paths:
                whole.save(name, ContentFile(_joined(name, paths)))
                paths[name] = (whole, name)
        yield from super().post_process(paths, dry_run, **options)


def _joined(name: str, paths: dict[str, Any]) -> bytes:
    folder = name.rpartition("/")[0]

    def content(of: str) -> str:
        storage, path = paths[of]
        with storage.open(path) as file:
            return str(file.read().decode("utf-8"))

    def imported(match: re.Match[str]) -> str:
        return content(match[1].removeprefix("../") if match[1].startswith("../") else f"{folder}/{match[1]}")

    return _IMPORT.sub(imported, content(name)).encode("utf-8")
