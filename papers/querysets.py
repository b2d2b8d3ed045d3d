"""Reading drafts and papers."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models

from papers.enums import DraftState, PaperKind

if TYPE_CHECKING:
    from papers.models import Draft, Paper  # noqa: F401 - named in annotations


class DraftQuerySet(models.QuerySet["Draft"]):
    """Reads of drafts."""

    def of(self, subject_kind: str, subject_id: int) -> "DraftQuerySet":
        """Those of one subject."""
        return self.filter(subject_kind=subject_kind, subject_id=subject_id)

    def of_many(self, subject_kind: str, subject_ids: Collection[int]) -> "DraftQuerySet":
        """Those of several subjects of a kind."""
        return self.filter(subject_kind=subject_kind, subject_id__in=list(subject_ids))

    def waiting(self) -> "DraftQuerySet":
        """Neither signed, refused nor lapsed."""
        return self.filter(state=DraftState.OPEN)


class PaperQuerySet(models.QuerySet["Paper"]):
    """Reads of papers."""

    def of(self, subject_kind: str, subject_id: int) -> "PaperQuerySet":
        """Those of one subject, newest first."""
        return self.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("-id")

    def standing(self) -> "PaperQuerySet":
        """Orders and cards that nobody has lifted."""
        return self.exclude(kind=PaperKind.URGE).filter(lifted_at__isnull=True)

    def cards_of(self, department_id: int, kind: str, since: datetime, until: datetime) -> "PaperQuerySet":
        """Standing papers of one kind that a department got from ``since`` until before ``until``, about whatever."""
        return self.standing().filter(department_id=department_id, kind=kind, issued_at__gte=since, issued_at__lt=until)
