"""Reading meetings and what was raised at them: who sees which, and what is left of them."""

from datetime import date
from typing import TYPE_CHECKING, Final

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce

from common.looked_up import LookedUp
from issues.enums import Status
from issues.models import Issue
from meetings.enums import KEPT, MET, PROMISING, TO_COME, LeftOver, MeetingState, QuestionState

if TYPE_CHECKING:
    from communities.access import Access
    from communities.models import Community
    from meetings.models import Invitation, Meeting, MeetingItem, Question, Series  # noqa: F401 - named in annotations


def _of_office(access: "Access") -> Q:
    """Everything of the offices that a person sees whole."""
    return Q(subdistrict_id__in=sorted(access.whole_subdistrict_ids))


def _invitations() -> "InvitationQuerySet":
    rows: InvitationQuerySet = apps.get_model("meetings", "Invitation").objects.filter(meeting_id=OuterRef("pk"))
    return rows


def _concerns(access: "Access") -> Q:
    """What a person reads of whatever becomes of a meeting: see ``MeetingQuerySet.visible_to``."""
    return (
        _of_office(access)
        | Q(historic=True, subdistrict_id__in=sorted(access.subdistrict_ids))
        | Q(community_id__in=sorted(access.community_ids))
        | Q(convener_id__in=sorted(access.department_ids))
        | Q(Exists(_invitations().standing().of_own(access)))
    )


_BRIEF: Final = (
    "title", "on", "precision", "estimated", "starts", "place", "state", "historic", "drafted_at",
    "confirmed_at", "version",
)  # fmt: skip


class SeriesQuerySet(models.QuerySet["Series"]):
    """Reads of series."""

    def visible_to(self, access: "Access") -> "SeriesQuerySet":
        """Those of the offices in which a person works: when an office meets is no secret inside it."""
        return self if access.installation_wide else self.filter(subdistrict_id__in=sorted(access.subdistrict_ids))

    def standing(self) -> "SeriesQuerySet":
        """Those that go on."""
        return self.filter(retired_at__isnull=True)


class MeetingQuerySet(models.QuerySet["Meeting"]):
    """Reads of meetings."""

    def visible_to(self, access: "Access") -> "MeetingQuerySet":
        """An office's for who sees it whole; else those that one's community or organisation convenes or is invited to.

        What the press told of is open to everybody in the office. Whose invitation was taken back reads of it until it
        begins.
        """
        if access.installation_wide:
            return self
        if access.sees_all_of_their_offices:
            return self.filter(subdistrict_id__in=sorted(access.subdistrict_ids))
        return self.filter(_concerns(access) | Q(state__in=TO_COME) & Q(Exists(_invitations().of_own(access))))

    def uninvited(self, access: "Access") -> "MeetingQuerySet":
        """Those to which one's community or organisation was invited, and is no longer nor concerned otherwise."""
        if access.installation_wide:
            return self.none()
        return self.filter(~_concerns(access), Exists(_invitations().of_own(access)))

    def to_come(self) -> "MeetingQuerySet":
        """Planned or announced, whether their day has passed or not."""
        return self.filter(state__in=TO_COME)

    def met(self) -> "MeetingQuerySet":
        """In progress or held."""
        return self.filter(state__in=MET)

    def not_held(self, today: date) -> "MeetingQuerySet":
        """已预告未举行: expected on a day that has passed and neither held nor taken back, or said not to be.

        Announced or only planned: no date passes unnoticed.
        """
        return self.filter(Q(state__in=TO_COME, on__lt=today) | Q(state=MeetingState.NOT_HELD))

    def expected(self, today: date) -> "MeetingQuerySet":
        """In progress, or announced for a day that has not passed."""
        return self.filter(Q(state=MeetingState.LIVE) | Q(state=MeetingState.ANNOUNCED, on__gte=today))

    def released(self) -> "MeetingQuerySet":
        """Those that everybody may read of."""
        return self.filter(released_at__isnull=False)

    def concerning(self, community: "Community") -> "MeetingQuerySet":
        """Those of this community or to which it is invited, and those that no community of its office convenes."""
        return self.filter(
            Q(community=community)
            | Q(community__isnull=True, subdistrict_id=community.subdistrict_id)
            | Exists(_invitations().standing().filter(community=community))
        )

    def with_names(self) -> "MeetingQuerySet":
        """Each with what its row in a list names, in the same statement."""
        return self.select_related("kind", "series", "community", "convener", "subdistrict")

    def in_brief(self) -> "MeetingQuerySet":
        """Each with what programs read of it in a list and no more: not its minutes."""
        coded = [f"{name}__{column}" for name in ("kind", "convener") for column in ("code", "name_zh", "name_en")]
        named = ["series__name", "community__name_zh", "community__name_en"]
        return self.select_related("kind", "series", "community", "convener").only(*_BRIEF, *coded, *named)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Reads of who is invited."""

    def standing(self) -> "InvitationQuerySet":
        """Those that were not taken back."""
        return self.filter(withdrawn_at__isnull=True)

    def of_own(self, access: "Access") -> "InvitationQuerySet":
        """Those of one's community or organisation."""
        communities, departments = sorted(access.community_ids), sorted(access.department_ids)
        return self.filter(Q(community_id__in=communities) | Q(department_id__in=departments))

    def with_names(self) -> "InvitationQuerySet":
        """Each with whom it names, in the same statement."""
        return self.select_related("community", "department", "appointment")


class ItemQuerySet(models.QuerySet["MeetingItem"]):
    """Reads of items."""

    def visible_to(self, access: "Access") -> "ItemQuerySet":
        """All of a meeting that one sees; elsewhere what one's community raised and one's organisation owes."""
        if access.installation_wide:
            return self
        meetings = apps.get_model("meetings", "Meeting").objects.visible_to(access)
        return self.filter(
            _of_office(access)
            | Q(record__isnull=False, subdistrict_id__in=sorted(access.subdistrict_ids))
            | Q(community_id__in=sorted(access.community_ids))
            | Q(department_id__in=sorted(access.department_ids))
            | LookedUp(meetings.filter(pk=OuterRef("meeting_id")))
        )

    def raised(self) -> "ItemQuerySet":
        """Of meetings that began, and of the press's records."""
        return self.filter(Q(meeting__isnull=True) | Q(meeting__state__in=MET))

    def unanswered(self) -> "ItemQuerySet":
        """提出未答复: no word was answered, and it did not become a matter, which has clocks of its own."""
        return self.filter(answer="", issue__isnull=True, settled_at__isnull=True)

    def undated(self) -> "ItemQuerySet":
        """有答复无期限: an answer that settles nothing and says no day, and nothing came of it that has one."""
        waits = Q(answer_kind__in=["", *PROMISING], due_on__isnull=True, issue__isnull=True, commitment__isnull=True)
        return self.filter(waits, settled_at__isnull=True).exclude(answer="")

    def late(self, today: date) -> "ItemQuerySet":
        """承诺逾期: the day that was said has passed, and neither it nor what came of it was kept."""
        promises = apps.get_model("commitments", "Commitment").objects
        kept = promises.filter(pk=OuterRef("commitment_id"), state__in=KEPT)
        done = Issue.objects.filter(pk=OuterRef("issue_id"), status=Status.CLOSED)
        rows = self.filter(answer_kind__in=PROMISING, due_on__lt=today, settled_at__isnull=True)
        return rows.exclude(LookedUp(kept)).exclude(LookedUp(done))

    def left_over(self, which: str, today: date) -> "ItemQuerySet":
        """One of the three lists."""
        if which == LeftOver.UNANSWERED:
            return self.unanswered()
        return self.undated() if which == LeftOver.UNDATED else self.late(today)

    def unfinished(self, today: date) -> "ItemQuerySet":
        """On any of the three lists."""
        return self.unanswered() | self.undated() | self.late(today)

    def with_names(self) -> "ItemQuerySet":
        """Each with what its row names, in the same statement."""
        names = ("meeting", "community", "category", "department", "issue", "commitment", "record", "about")
        return self.select_related(*names).defer("issue__lexemes", "about__lexemes", "about__description")

    def read_by(self, access: "Access") -> "ItemQuerySet":
        """``with_names``, and with whether this person sees the matters of it: ``shows_issue``, ``shows_about``.

        What came of a matter that became confidential, or became one, stands there only for who sees it.
        """
        seen = Issue.objects.visible_to(access)
        rows = self.with_names().annotate(
            shows_issue=Exists(seen.filter(pk=OuterRef("issue_id"))),
            shows_about=Exists(seen.filter(pk=OuterRef("about_id"))),
        )
        return rows.exclude(about__confidential=True, shows_about=False).exclude(
            issue__confidential=True, shows_issue=False
        )

    def told_to(self, access: "Access") -> "ItemQuerySet":
        """``visible_to``, without what came of a confidential matter that this person does not see, or became one."""
        return self.visible_to(access).exclude(_closed(access))

    def concealed(self) -> "ItemQuerySet":
        """Came of a confidential matter, or became one."""
        return self.filter(Q(issue__confidential=True) | Q(about__confidential=True))

    def closed_to(self, access: "Access") -> "ItemQuerySet":
        """Of a confidential matter, put forward or made of them, that this person does not see."""
        return self.filter(_closed(access))

    def open_to_all(self) -> "ItemQuerySet":
        """Neither came of a confidential matter nor became one."""
        return self.exclude(issue__confidential=True).exclude(about__confidential=True)

    def in_order(self) -> "ItemQuerySet":
        """As they were raised."""
        return self.order_by(F("number"), "id")


def _closed(access: "Access") -> Q:
    """The condition that an item came of a confidential matter that this person does not see, or became one."""
    seen = Issue.objects.visible_to(access)
    return Q(about__confidential=True) & ~Q(Exists(seen.filter(pk=OuterRef("about_id")))) | Q(
        issue__confidential=True
    ) & ~Q(Exists(seen.filter(pk=OuterRef("issue_id"))))


class QuestionQuerySet(models.QuerySet["Question"]):
    """Reads of what the public asked."""

    def visible_to(self, access: "Access") -> "QuestionQuerySet":
        """All of a meeting that one sees; elsewhere what one's organisation is to answer."""
        if access.installation_wide:
            return self
        meetings = apps.get_model("meetings", "Meeting").objects.visible_to(access)
        return self.filter(
            _of_office(access)
            | Q(department_id__in=sorted(access.department_ids))
            | LookedUp(meetings.filter(pk=OuterRef("box__meeting_id")))
        )

    def waiting(self) -> "QuestionQuerySet":
        """Those that somebody is to answer."""
        return self.filter(state=QuestionState.ASKED, master__isnull=True)

    def unseen(self) -> "QuestionQuerySet":
        """Those of which somebody is to say whether everybody may read them, answered or not."""
        rows = self.filter(shown_at__isnull=True, master__isnull=True)
        return rows.exclude(state=QuestionState.UNSUITABLE)

    def owed(self) -> "QuestionQuerySet":
        """Those that somebody is to answer by a day: their meeting is over."""
        return self.filter(due_at__isnull=False)

    def readable(self) -> "QuestionQuerySet":
        """What everybody may read: shown, and no part of another; of what is not suitable that it is not."""
        unsuitable = Q(state=QuestionState.UNSUITABLE)
        return self.filter(Q(shown_at__isnull=False) | unsuitable, master__isnull=True)

    def counts(self) -> dict[str, int]:
        """How many of these stand how; a merged one as what it is part of. One statement."""
        rows = self.annotate(stands=Coalesce("master__state", "state")).values("stands")
        return {row["stands"]: row["n"] for row in rows.annotate(n=Count("pk")).order_by()}

    def with_names(self) -> "QuestionQuerySet":
        """Each with what its row names, in the same statement."""
        return self.select_related("box__meeting__community", "department", "master", "commitment")
