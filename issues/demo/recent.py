"""The recent issues of the demonstration."""

from datetime import datetime

from communities.models import SubDistrict
from issues.demo.cast import Cast
from issues.models import Issue


def is_loaded(subdistrict: SubDistrict) -> bool:
    """Whether the recent issues are there."""
    return Issue.objects.filter(subdistrict=subdistrict).exists()


def load_recent(cast: Cast, at: datetime) -> tuple[int, Issue | None]:
    """How many were made, and one to try."""
    return 0, None
