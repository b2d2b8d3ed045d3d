"""Items of meetings and questions of the public as promises name what they come from (``commitments.scopes``)."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from commitments.scopes import SourceAbout
from communities.access import Access
from communities.actors import Actor
from meetings.enums import ITEM, QUESTION
from meetings.models import MeetingItem, Question


class ItemSource:
    """What was answered at a meeting."""

    kind = ITEM
    label = _("会议答复")

    def about(self, access: Access, ids: Collection[int]) -> Mapping[int, SourceAbout]:
        """By the meeting and its place in it."""
        rows = MeetingItem.objects.visible_to(access).filter(pk__in=ids, meeting__isnull=False)
        return {
            pk: SourceAbout(f"{title} · {number}", f"{reverse('console-meeting', args=[meeting])}#item-{number}")
            for pk, number, meeting, title in rows.values_list("pk", "number", "meeting_id", "meeting__title")
        }

    def hold(self, subject_id: int) -> None:
        """As every writing of an item does."""
        MeetingItem.objects.select_for_update(no_key=True).only("pk").get(pk=subject_id)

    def reopened(self, subject_id: int, commitment_id: int, *, by: Actor, at: datetime) -> None:
        """The promise stands for itself: its own journal says so, and the lists of meetings read it."""


class QuestionSource:
    """What the public asked at a meeting."""

    kind = QUESTION
    label = _("提问箱")

    def about(self, access: Access, ids: Collection[int]) -> Mapping[int, SourceAbout]:
        """By the meeting and its number in the box."""
        rows = Question.objects.visible_to(access).filter(pk__in=ids)
        named = rows.values_list("pk", "number", "box__meeting_id", "box__meeting__title")
        return {
            pk: SourceAbout(f"{title} · {number}", reverse("console-question", args=[meeting, number]))
            for pk, number, meeting, title in named
        }

    def hold(self, subject_id: int) -> None:
        """As every writing of a question does."""
        Question.objects.select_for_update(no_key=True).only("pk").get(pk=subject_id)

    def reopened(self, subject_id: int, commitment_id: int, *, by: Actor, at: datetime) -> None:
        """The promise stands for itself: its own journal says so."""
