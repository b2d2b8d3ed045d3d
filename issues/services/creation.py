"""Logging a matter: the issue, its number, its first clocks and its first event, in one transaction."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.roles import Permission
from common import search
from common.clock import local
from common.masking import without_names, without_numbers
from common.phones import normalise_phone
from common.plain import says_something
from common.prepared import Prepared
from common.texts import clean_text
from communities import emergencies
from communities.actors import Actor
from communities.models import Building, Category, Community, Contact, Department, Neighbourhood
from deadlines import services as deadlines
from deadlines.enums import Level
from files.models import StoredFile
from files.services import FileRefused, claim
from issues.discretion import nameless, secrets_of, without_secrets
from issues.enums import SUBJECT, Kind, MessageWish, Source
from issues.fields import KEEP, MATTER, PLAIN, Text, field_of
from issues.models import Issue
from issues.notice import NOTICE
from issues.services.clocks import Clocks, level_of, limits_of
from issues.services.errors import InvalidFields, NotPermitted, Words
from issues.services.keeping import keep
from issues.services.letters import LetterKind, outside_of
from issues.services.numbering import give_number
from issues.titles import given_title, title_of
from issues.workflow import CREATE
from journal.services import Entry, record_many

MOST_WORDS = 5
_ALARM_SEPARATOR = "、"
_RESPOND = frozenset({"respond"})
ON_THE_LINE = frozenset({Source.COUNTER, Source.PHONE})
"""Sources in which the reporter is present, so that the first contact is made by logging."""


@dataclass(frozen=True)
class NewIssue:
    """What is known of a matter when it is logged. Ids, codes and plain text; "" where nothing was said."""

    subdistrict_id: int
    community_id: int
    description: str
    kind: str = Kind.HELP
    source: str = Source.COUNTER
    category_id: int | None = None
    level: str = ""
    title: str = ""
    neighbourhood_id: int | None = None
    building_id: int | None = None
    address: str = ""
    occurred_at: datetime | None = None
    contact_name: str = ""
    contact_phone: str = ""
    contact_address: str = ""
    confidential: bool | None = None
    external_number: str = ""
    external_due_at: datetime | None = None
    leader_id: int | None = None
    repeat_of_id: int | None = None
    guardian: bool = False
    """The contact speaks for a child under fourteen (PIPL Art. 31)."""
    messages: str = ""
    """What was said of short messages (MessageWish); "": nothing."""
    keep_numbers: str = ""
    """Why the cards in the words must be kept whole."""
    uploads: Sequence[str] = ()
    """Public ids of files that were uploaded before, by the same person."""


def create(*, draft: NewIssue, by: Actor, at: datetime) -> Issue:
    """Log a matter; it is ``submitted`` and its respond and accept clocks run.

    Raises NotPermitted where the person may not log for this community, InvalidFields naming what is wrong.
    """
    texts = _clean_texts(draft)
    with transaction.atomic():
        issue, team_id = _build(draft, texts, by, at)
        kept = keep(issue.contact, vars(draft), texts[KEEP]) if texts[KEEP] else []
        clocks = Clocks(issue, at, deadlines.load_calendar(), team_id, [], limits_of(issue))
        on_the_line = issue.source in ON_THE_LINE and by.user is not None
        clocks.plan(CREATE.clocks, skip=_RESPOND if issue.contact is None else frozenset())
        if on_the_line:
            clocks.meet_at_once("respond")
        clocks.copy_governing()
        if issue.contact is not None:
            issue.contact.save(force_insert=True)
            issue.contact_id = issue.contact.pk
        give_number(issue, area=issue.subdistrict.area, year=local(at).year)
        issue.save(force_insert=True)
        clocks.save()
        files = _claimed(draft, issue, by, at)
        given: dict[str, Any] = {
            "contacted": on_the_line,
            "guardian": draft.guardian,
            "attachments": [file.pk for file in files],
            "kept": kept,
        }
        record_many([_entry(issue, texts, by, at, given)])
    return issue


def _claimed(draft: NewIssue, issue: Issue, by: Actor, at: datetime) -> list[StoredFile]:
    """The uploads become the issue's. Raises InvalidFields where one is not this person's or is taken."""
    if not draft.uploads:
        return []
    try:
        return claim(public_ids=draft.uploads, owner_kind=SUBJECT, owner_id=issue.pk, by_id=by.user_id, at=at)
    except FileRefused as error:
        raise InvalidFields({"attachments": error.message}) from error


def create_and(*, draft: NewIssue, then: Sequence[tuple[str, Mapping[str, Any]]], by: Actor, at: datetime) -> Issue:
    """Log a matter and carry out further actions in the same transaction: an event each, all or nothing."""
    from issues.services.actions import act

    with transaction.atomic():
        issue = create(draft=draft, by=by, at=at)
        for action, data in then:
            issue = act(issue_id=issue.pk, action=action, by=by, at=at, data=data, version=issue.version)
    return issue


def _clean_texts(draft: NewIssue) -> dict[str, str]:
    names = [name for name, field in MATTER.items() if isinstance(field, Text) and name != "contact_phone"] + [KEEP]
    texts: dict[str, str] = {}
    wrong: dict[str, Words] = {}
    for name in names:
        try:
            texts[name] = str(field_of("edit", name).read(getattr(draft, name)))
        except ValueError as error:
            wrong[name] = error.args[0]
    try:
        texts["contact_phone"] = normalise_phone(clean_text(draft.contact_phone, longest=40))
    except ValueError as error:
        wrong["contact_phone"] = error.args[0]
    except ValidationError as error:
        wrong["contact_phone"] = error.messages[0]
    if "description" not in wrong and not says_something(texts["description"]):
        wrong["description"] = _("请填写反映内容")
    for name, choices in (("kind", Kind), ("source", Source)):
        if getattr(draft, name) not in choices.values:
            wrong[name] = _("请从列出的选项中选择")
    if draft.messages and draft.messages not in MessageWish.values:
        wrong["messages"] = _("请从列出的选项中选择")
    if draft.level and draft.level not in Level.values:
        wrong["level"] = _("请从列出的选项中选择")
    if wrong:
        raise InvalidFields(wrong)
    texts["title"] = given_title(texts["title"]) or title_of(texts["description"])
    return texts


def _build(draft: NewIssue, texts: Mapping[str, str], by: Actor, at: datetime) -> tuple[Issue, int | None]:
    """The unsaved issue, and the id of the community's own team. Raises InvalidFields, NotPermitted."""
    if by.user is not None and not (
        draft.subdistrict_id in by.access.subdistrict_ids
        and (by.access.has(Permission.CREATE_ISSUE) or by.access.has(Permission.REPORT_AS_LEADER))
    ):
        raise NotPermitted
    community, team_id = _community(draft)
    category = _category(draft)
    neighbourhood, building = _place(draft, community)
    contact = None
    if texts["contact_phone"] or texts["contact_name"]:
        contact = Contact.of(
            subdistrict_id=community.subdistrict_id,
            name=texts["contact_name"],
            phone=texts["contact_phone"],
            address=texts["contact_address"],
            at=at,
            messages=draft.messages,
        )
    issue = Issue(
        subdistrict=community.subdistrict,
        community=community,
        category=category,
        neighbourhood=neighbourhood,
        building=building,
        contact=contact,
        leader_id=draft.leader_id,
        repeat_of_id=draft.repeat_of_id,
        logged_by=by.user,
        **{name: texts[name] if name in texts else getattr(draft, name) for name in PLAIN},
        confidential=draft.kind == Kind.REPORT if draft.confidential is None else draft.confidential,
        level_set=bool(draft.level),
        token=secrets.token_urlsafe(16),
        created_at=at,
        changed_at=at,
    )
    issue.level = level_of(issue, draft.level)
    _raise_alarm(issue)
    issue.title = listed_title(issue)
    issue.lexemes = searchable(issue)
    return issue, team_id


def alarm_of(issue: Issue) -> emergencies.Alarm:
    """What the words of a matter say of danger, and whom to dial."""
    return emergencies.find_alarm(issue.subdistrict_id, issue.title, issue.description, issue.address)


def _raise_alarm(issue: Issue) -> None:
    """Emergency words say how urgent it is, unless a person did; thanks for a rescue are no emergency."""
    if issue.kind == Kind.PRAISE:
        return
    alarm = alarm_of(issue)
    issue.alarm = _ALARM_SEPARATOR.join(alarm.words[:MOST_WORDS])
    level = emergencies.raised_level(issue.level, alarm)
    if not issue.level_set and level != issue.level:
        issue.level, issue.level_set = level, True


def searchable(issue: Issue) -> list[str]:
    """The lexemes under which an issue is found: its words and its place, never a person or a person's number.

    Of a confidential one without names that stand in the words, and no nearer than the building.
    """
    place = [issue.community.name_zh, "" if issue.confidential else issue.address]
    place += [issue.neighbourhood.name] if issue.neighbourhood else []
    place += [issue.building.name] if issue.building else []
    words = issue.description
    if issue.confidential:
        words = without_names(nameless(words, secrets_of(issue)))
    return search.lexemes(*(without_numbers(text) for text in (issue.title, *place, words)))


def listed_title(issue: Issue) -> str:
    """The title as lists, notices and messages show it to everybody who sees the matter."""
    return without_secrets(issue.title, secrets_of(issue))[:120] if issue.confidential else issue.title


def _with_team(pk: int, subdistrict_id: int) -> QuerySet[Community]:
    team = Department.objects.filter(community_id=OuterRef("pk"), kind="community_team")
    return (
        Community.objects.filter(pk=pk, subdistrict_id=subdistrict_id, retired_at__isnull=True)
        .select_related("subdistrict")
        .annotate(team_id=Subquery(team.values("pk")[:1]))
    )


_COMMUNITY: Prepared[Community] = Prepared(_with_team, -1, -2)
_CATEGORY: Prepared[Category] = Prepared(
    lambda pk, subdistrict_id: Category.objects.filter(pk=pk, subdistrict_id=subdistrict_id, retired_at__isnull=True),
    -1,
    -2,
)


def _community(draft: NewIssue) -> tuple[Community, int | None]:
    for community in _COMMUNITY(draft.community_id, draft.subdistrict_id):
        return community, community.team_id  # type: ignore[attr-defined]
    raise InvalidFields({"community": _("请选择社区")})


def _category(draft: NewIssue) -> Category | None:
    if draft.category_id is None:
        return None
    for category in _CATEGORY(draft.category_id, draft.subdistrict_id):
        return category
    raise InvalidFields({"category": _("请选择类别")})


def _place(draft: NewIssue, community: Community) -> tuple[Neighbourhood | None, Building | None]:
    """The neighbourhood and building, which must lie in the community (a road may lie in none)."""
    building = None
    if draft.building_id is not None:
        building = (
            Building.objects.filter(pk=draft.building_id, community=community).select_related("neighbourhood").first()
        )
        if building is None:
            raise InvalidFields({"building": _("该楼栋不在所选社区")})
        return building.neighbourhood, building
    if draft.neighbourhood_id is None:
        return None, None
    neighbourhood = Neighbourhood.objects.filter(
        pk=draft.neighbourhood_id, subdistrict_id=community.subdistrict_id
    ).first()
    if neighbourhood is None or neighbourhood.community_id not in (None, community.pk):
        raise InvalidFields({"neighbourhood": _("该地点不在所选社区")})
    return neighbourhood, None


def _entry(issue: Issue, texts: Mapping[str, str], by: Actor, at: datetime, given: Mapping[str, Any]) -> Entry:
    return Entry(
        subject_kind=SUBJECT,
        subject_id=issue.pk,
        kind=CREATE.action,
        at=at,
        actor_id=by.user_id,
        actor_role=by.role,
        visible=True,
        data={
            "to": issue.status,
            "version": issue.version,
            "source": issue.source,
            "kind": issue.kind,
            "level": issue.level,
            "category": issue.category_id,
            "community": issue.community_id,
            "confidential": issue.confidential,
            "notice": NOTICE,
            **({"repeat_of": issue.repeat_of_id} if issue.repeat_of_id else {}),
            **{name: value for name, value in given.items() if value or name == "contacted"},
            **({"alarm": True} if issue.alarm else {}),
            **outside_of(issue, LetterKind.RECEIVED),
        },
        texts={"title": issue.title, KEEP: texts[KEEP], **({"alarm": issue.alarm} if issue.alarm else {})},
    )
