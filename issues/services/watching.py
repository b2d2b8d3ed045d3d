"""Following an issue: a person's own mark, no event of the issue."""

from issues.models import Participation


def watch(*, issue_id: int, user_id: int, on: bool) -> None:
    """Put the issue on this person's tab 关注, or take it off."""
    if on:
        Participation.objects.bulk_create(
            [Participation(issue_id=issue_id, user_id=user_id, watching=True)],
            update_conflicts=True,
            unique_fields=["user", "issue"],
            update_fields=["watching"],
        )
    else:
        Participation.objects.filter(issue_id=issue_id, user_id=user_id).update(watching=False)
