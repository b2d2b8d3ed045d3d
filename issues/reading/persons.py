"""Who counts as one person: the same telephone number is the same reporter, however often it reports."""

from collections.abc import Iterable

from common.phones import line_of
from issues.models import Issue


def distinct_persons(issues: Iterable[Issue]) -> int:
    """How many people raised these matters; their contacts must be loaded.

    A matter without a number (anonymous, a name alone, reported by a leader) is one person each: nothing says that
    two of them are the same. Nor does the count say that who reported openly also reported confidentially.
    """
    return len({_key(issue) for issue in issues})


def _key(issue: Issue) -> tuple[str, int]:
    known = line_of(issue.contact.phone) if issue.contact is not None else ""
    return (known, -int(issue.confidential)) if known else ("", issue.pk)
