"""The notice on personal information: other words are another version."""

import hashlib
from pathlib import Path

from issues.notice import NOTICE

PAGE = Path(__file__).resolve().parents[2] / "templates" / "phone" / "privacy.html"
VERSIONS = {
    "2026-11-29": "d56977d6170ebecc",
    "2026-11-30": "d01a3ed8e0f64a17",
    "2026-12-01": "c3be6e078289d296",
    "2026-12-02": "dad786eeb5c3f4a8",
    "2026-12-03": "20a511d4b6aedd15",
    "2026-12-04": "80fa93c229a1243a",
}
"""Version → digest of its words; the last one stands."""


def test_the_page_is_the_version_that_it_says() -> None:
    assert hashlib.sha256(PAGE.read_bytes()).hexdigest()[:16] == VERSIONS[NOTICE], (
        "templates/phone/privacy.html has other words: give issues/notice.py the day from which they hold, and note "
        "the digest here"
    )
    assert list(VERSIONS) == sorted(VERSIONS)
    assert list(VERSIONS)[-1] == NOTICE
