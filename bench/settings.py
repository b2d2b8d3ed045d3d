"""The product's settings with the bare views of the benchmark beside its URLs."""

from pathlib import Path

from govtrack.settings import *  # noqa: F403
from govtrack.settings import ALLOWED_HOSTS, BASE_DIR, STORAGES

ROOT_URLCONF = "bench.urls"
ALLOWED_HOSTS = [*ALLOWED_HOSTS, "testserver"]
if not (Path(BASE_DIR) / "staticfiles" / "staticfiles.json").is_file():
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
