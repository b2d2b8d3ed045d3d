"""The words of promises as somebody may read them: of one made on a matter by the rule of the matter."""

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

from commitments.models import Commitment
from common.masking import anonymous
from communities.access import Access
from communities.lines import OfficeLines
from issues.discretion import readable
from issues.enums import SUBJECT
from issues.models import Issue

Clean = Callable[[str], str]


class PromiseReader:
    """Who reads some promises, and the matters they were made on as far as this person sees those; one statement."""

    def __init__(self, access: Access, rows: Sequence[Commitment]) -> None:
        self._access = access
        ids = [row.subject_id for row in rows if row.subject_kind == SUBJECT]
        self.issues: dict[int, Issue] = {row.pk: row for row in _seen(access).filter(pk__in=ids)} if ids else {}
        self._lines = cache(OfficeLines)

    def issue_of(self, row: Commitment) -> Issue | None:
        """The matter that it was made on, where the person sees it."""
        return self.issues.get(row.subject_id) if row.subject_kind == SUBJECT else None

    def clean(self, row: Commitment) -> Clean:
        """Makes words of this promise what the person may read."""
        issue = self.issue_of(row)
        if issue is not None:
            return partial(readable, issue, self._access, lines=self._lines(issue.subdistrict_id))
        if row.stands_alone and self._access.is_staff:
            return str
        return anonymous


def _seen(access: Access) -> Any:
    facts = ("number", "confidential", "community_id", "subdistrict_id", "leader_id")
    of_reporter = ("contact__name", "contact__phone", "contact__address")
    return Issue.objects.visible_to(access).select_related("contact").only(*facts, *of_reporter)
