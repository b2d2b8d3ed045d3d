"""Visits, and what people bring up at them: answered on the spot, or a matter at once."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from common.clock import local
from communities.actors import Actor
from communities.models import Category, Community, Department
from issues.enums import Source
from issues.models import Issue
from issues.services.creation import NewIssue, create
from issues.services.errors import InvalidFields, NotPermitted, Words
from issues.services.once import made_before
from issues.services.submissions import is_key
from meetings.enums import VISIT, VisitKind
from meetings.models import Visit, VisitItem
from meetings.rights import keeps_in
from meetings.services.base import clean, tell
from meetings.services.errors import NotNow

SOURCES: Final = {VisitKind.LIAISON.value: Source.LIAISON, VisitKind.DEPUTY.value: Source.DEPUTY}
MOST_VISITORS: Final = 9999
MOST_ITEMS: Final = 200
_BACK: Final = timedelta(days=366)


@dataclass(frozen=True)
class NewVisit:
    """What is known of a visit; ``key`` is the form's own: sent twice it is one visit."""

    community: Community
    kind: str
    on: date
    team: Department | None = None
    members: str = ""
    place: str = ""
    visitors: int = 0
    note: str = ""
    key: str = ""


@dataclass(frozen=True)
class Brought:
    """What somebody brought up. ``matter``: it is a matter though it was answered; without an answer it always is.

    Name and phone are the contact of the matter, and kept nowhere else.
    """

    key: str
    words: str
    answer: str = ""
    category: Category | None = None
    matter: bool = False
    contact_name: str = ""
    contact_phone: str = ""


def record_visit(*, given: NewVisit, by: Actor, at: datetime) -> Visit:
    """Note that a team was there. Raises NotPermitted, InvalidFields."""
    _check_right(given.community, by)
    texts = clean({"members": given.members, "place": given.place, "note": given.note})
    wrong: dict[str, Words] = {}
    today = local(at).date()
    if given.kind not in VisitKind.values:
        wrong["kind"] = _("请从列出的选项中选择")
    if not today - _BACK <= given.on <= today:
        wrong["on"] = _("请填写今天或过去一年内的日期")
    if not 0 <= given.visitors <= MOST_VISITORS:
        wrong["visitors"] = _("请填写 0 到 %(most)d 的整数") % {"most": MOST_VISITORS}
    if given.team is not None and given.team.subdistrict_id != given.community.subdistrict_id:
        wrong["team"] = _("请从列出的选项中选择")
    if wrong:
        raise InvalidFields(wrong)
    values: dict[str, Any] = texts | {
        name: getattr(given, name) for name in ("community", "kind", "on", "team", "visitors")
    }
    with transaction.atomic():
        there = made_before(Visit.objects, given.key, values)
        if there is not None:
            return there
        visit = Visit.objects.create(
            subdistrict_id=given.community.subdistrict_id,
            key=given.key,
            made_at=at,
            made_by_id=by.user_id or 0,
            **values,
        )
        data = {"community": visit.community_id, "kind": visit.kind, "on": visit.on.isoformat()}
        tell(VISIT, visit.pk, "visit_recorded", by, at, data=data, texts={"note": visit.note})
    return visit


def add_brought(*, visit_id: int, given: Brought, by: Actor, at: datetime) -> VisitItem:
    """Note what somebody brought up; sent twice with one key it is one, and other words with it are none.

    Raises NotPermitted, NotNow, InvalidFields.
    """
    texts = clean({"words": given.words, "answer": given.answer}, required={"words": _("请填写提出的问题")})
    if not is_key(given.key):
        raise InvalidFields({"key": _("表单已失效，请刷新页面后重新提交")})
    with transaction.atomic():
        rows = Visit.objects.select_for_update(of=("self",), no_key=True).select_related("community")
        visit = rows.get(pk=visit_id)
        _check_right(visit.community, by)
        there = visit.items.filter(key=given.key).select_related("issue").first()
        if there is not None:
            if not (there.issue.description if there.issue else there.words).startswith(texts["words"]):
                raise NotNow(_("这一项已经记录过，改动没有保存；是另一件事的，请再提交一次"))
            return there
        last = visit.items.aggregate(last=Max("number"))["last"] or 0
        if last >= MOST_ITEMS:
            raise NotNow(_("一次走访最多记录 %(most)d 项") % {"most": MOST_ITEMS})
        issue = None if texts["answer"] and not given.matter else _matter(visit, given, texts, by, at)
        kept = {} if issue else texts
        item = visit.items.create(number=last + 1, key=given.key, category=given.category, issue=issue, **kept)
        data = {"item": item.number} | ({"issue": issue.pk, "number": issue.number} if issue else {})
        tell(VISIT, visit.pk, "visit_item_added", by, at, data=data, texts=kept)
    return item


def _matter(visit: Visit, given: Brought, texts: dict[str, str], by: Actor, at: datetime) -> Issue:
    said = [texts["words"]]
    if texts["answer"]:
        said.append(_("现场答复：%(answer)s") % {"answer": texts["answer"]})
    draft = NewIssue(
        subdistrict_id=visit.subdistrict_id,
        community_id=visit.community_id,
        category_id=given.category.pk if given.category else None,
        description="\n".join(said),
        source=SOURCES[visit.kind],
        contact_name=given.contact_name,
        contact_phone=given.contact_phone,
    )
    return create(draft=draft, by=by, at=at)


def _check_right(community: Community, by: Actor) -> None:
    if not keeps_in(by.access, community):
        raise NotPermitted(_("走访由本社区或街道社会治理办记录"))
