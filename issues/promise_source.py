"""Issues, and records of earlier years, as promises come from them (``commitments.scopes``)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from commitments.enums import HISTORIC
from commitments.models import Commitment
from commitments.scopes import SourceAbout, about_sources
from communities.access import Access
from communities.actors import Actor
from issues.enums import PROMISE_REOPENED, SUBJECT
from issues.models import HistoricRecord, Issue
from journal.services import Entry, record


class IssueSource:
    """Matters answered 列入计划 or 暂不具备解决条件."""

    kind = SUBJECT
    label = _("诉求答复")

    def about(self, access: Access, ids: Collection[int]) -> Mapping[int, SourceAbout]:
        """By number."""
        rows = Issue.objects.visible_to(access).filter(pk__in=ids).values_list("pk", "number")
        return {pk: _about(number) for pk, number in rows}

    def hold(self, subject_id: int) -> None:
        """As every action on an issue does."""
        Issue.objects.select_for_update().only("pk").get(pk=subject_id)

    def reopened(self, subject_id: int, commitment_id: int, *, by: Actor, at: datetime) -> None:
        """A promise on it is open again."""
        issue = Issue.objects.only("pk", "status", "version", "promised", "changed_at").get(pk=subject_id)
        issue.promised, issue.version, issue.changed_at = True, issue.version + 1, at
        issue.save(update_fields=["promised", "version", "changed_at"])
        record(
            Entry(
                subject_kind=SUBJECT,
                subject_id=issue.pk,
                kind=PROMISE_REOPENED,
                at=at,
                actor_id=by.user_id,
                actor_role=by.role,
                data={"status": issue.status, "version": issue.version, "promised_again": [commitment_id]},
            )
        )


class HistoricSource:
    """What press reports of 2020–2023 mention: 历史资料（来源：报道）."""

    kind = HISTORIC
    label = _("历史资料")

    def about(self, access: Access, ids: Collection[int]) -> Mapping[int, SourceAbout]:
        """By its reference, for who may open the list of records."""
        rows = HistoricRecord.objects.filter(pk__in=ids)
        if not access.installation_wide:
            rows = rows.filter(subdistrict_id__in=access.subdistrict_ids)
        return {pk: SourceAbout(ref, reverse("console-records")) for pk, ref in rows.values_list("pk", "ref")}

    def hold(self, subject_id: int) -> None:
        """Nothing is done to a record."""

    def reopened(self, subject_id: int, commitment_id: int, *, by: Actor, at: datetime) -> None:
        """Nothing is told of it."""


def about_of(
    access: Access, rows: Sequence[Commitment], issues: Mapping[int, Issue]
) -> dict[tuple[str, int], SourceAbout]:
    """What these promises come from, as far as this person sees it; ``issues`` were read before. A statement a kind."""
    wanted = {(row.source_kind, row.source_id) for row in rows if row.source_id is not None}
    others = {(kind, pk) for kind, pk in wanted if kind != SUBJECT}
    return {(SUBJECT, pk): _about(issue.number) for pk, issue in issues.items()} | about_sources(access, others)


def _about(number: str) -> SourceAbout:
    return SourceAbout(number, reverse("console-issue", args=[number]))
