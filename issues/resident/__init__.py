"""What a resident may read of one matter: masked, honest, in words of the moment.

Used by the secret-link page, by look-up and by the public API. The first sentence says what is true now; the four
steps 已收到 → 已交办 → 办理中 → 已答复 carry dates; a moved date shows both; closed is never called solved unless the
resident said so (docs/rules/residents.md#what-the-page-says). ``story`` loads, ``words`` writes the sentences, ``view``
assembles.
"""

from collections.abc import Sequence
from datetime import datetime

from communities.actors import Actor
from issues.enums import Proof
from issues.models import Issue
from issues.resident.shapes import AskedDepartment, Promise, ResidentAnswer, ResidentView, Step
from issues.resident.story import for_reporters, issue_by_token, stories, story_of
from issues.resident.view import reporter_actions, view_of

__all__ = [
    "AskedDepartment",
    "Promise",
    "ResidentAnswer",
    "ResidentView",
    "Step",
    "for_reporters",
    "issue_by_token",
    "reporter_actions",
    "resident_view",
    "resident_views",
]


def resident_view(
    issue: Issue, at: datetime, *, proof: Proof = Proof.LINK, files: bool = False, actor: Actor | None = None
) -> ResidentView:
    """The view of ``issue`` (as ``issue_by_token`` loads it) at ``at``, for somebody who has shown ``proof``.

    Three statements, one more where other departments or a promise belong to it, and one with ``files``. ``actor`` is
    the leader who reported it, where no secret link but an account asks.
    """
    shown = Proof.WHOLE if actor is not None else proof
    return view_of(story_of(issue, at, files=files, proof=shown), actor, proof=shown)


def resident_views(issues: Sequence[Issue], at: datetime, proofs: Sequence[Proof]) -> list[ResidentView]:
    """The views of several issues (as ``for_reporters`` loads them), without their files; at most four statements.

    ``proofs`` says of each what was shown.
    """
    return [view_of(story, proof=proof) for story, proof in zip(stories(issues, at), proofs, strict=True)]
