"""Requests about one's own personal information: taken in, decided, answered (PIPL Art. 44 to 50).

Each write is one event on the request. Nothing that was typed goes into the journal: the request keeps it, encrypted.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.roles import Permission
from common.phones import normalise_phone
from common.texts import clean_text, kept_text
from communities.access import Access
from communities.actors import Actor
from communities.models import Community, Contact
from deadlines import services as deadlines
from deadlines.models import Deadline
from issues.models import Issue
from issues.services.errors import InvalidFields, NotPermitted, StateConflict
from journal.services import Entry, record
from privacy.enums import (
    OPEN_RIGHTS,
    RIGHTS,
    AskedAs,
    DeclineReason,
    IdentityCheck,
    RightsKind,
    RightsState,
    RightsVia,
)
from privacy.models import RightsRequest
from privacy.reading import hashes_of, matters_of
from privacy.services.errors import AlreadyAsked, CannotDelete, HasEnded
from privacy.services.retention import mask_matter

WORDS: Final = 1000
ANSWER: Final = 2000
REASON: Final = 200


@dataclass(frozen=True, slots=True)
class WhoAsks:
    """Who asks, in full; shown once."""

    name: str
    phone: str


def may_answer(access: Access, subdistrict_id: int) -> bool:
    """Whether this person decides and answers requests of that office."""
    return access.may(Permission.ANSWER_RIGHTS, subdistrict_id)


def may_record(access: Access, community: Community) -> bool:
    """Whether this person takes requests at the counter there."""
    return community.pk in access.community_ids or may_answer(access, community.subdistrict_id)


def ask_by_web(*, issue: Issue, kind: str, words: str, at: datetime) -> RightsRequest:
    """What the reporter of ``issue`` asks for, who has proven the whole number; the contact must be loaded.

    Raises InvalidFields, AlreadyAsked.
    """
    if issue.contact is None:
        raise NotPermitted(_("这件事没有留下电话，请到社区办理"))
    said = _checked({"kind": (kind, RightsKind)}, words)
    with transaction.atomic():
        return _take(
            RightsRequest(
                subdistrict_id=issue.subdistrict_id,
                community_id=issue.community_id,
                kind=kind,
                via=RightsVia.WEB,
                identity=IdentityCheck.WHOLE_NUMBER,
                contact=issue.contact,
                issue=issue,
                words=said,
                received_at=at,
            ),
            Actor.reporter(issue),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AtCounter:
    """What is written down at the counter: ``phone`` is the number that was left with the matters it is about."""

    community: Community
    kind: str
    asked_as: str
    identity: str
    name: str
    phone: str
    words: str = ""
    issue: Issue | None = None


def record_at_counter(*, given: AtCounter, by: Actor, at: datetime) -> RightsRequest:
    """What somebody asks for in person. Raises NotPermitted, InvalidFields, AlreadyAsked."""
    if by.user is None or not may_record(by.access, given.community):
        raise NotPermitted(_("您不能在这个社区登记"))
    codes = {
        "kind": (given.kind, RightsKind),
        "asked_as": (given.asked_as, AskedAs),
        "identity": (given.identity, IdentityCheck),
    }
    said, (name, phone) = _checked(codes, given.words), _asker(given)
    with transaction.atomic():
        contact = Contact.of(subdistrict_id=given.community.subdistrict_id, name=name, phone=phone, address="", at=at)
        contact.save(force_insert=True)
        return _take(
            RightsRequest(
                subdistrict_id=given.community.subdistrict_id,
                community=given.community,
                kind=given.kind,
                asked_as=given.asked_as,
                via=RightsVia.COUNTER,
                identity=given.identity,
                contact=contact,
                issue=given.issue,
                words=said,
                received_at=at,
                recorded_by=by.user,
            ),
            by,
        )


def _checked(codes: dict[str, tuple[str, Any]], words: str) -> str:
    """The cleaned words. Raises InvalidFields."""
    wrong = {name: _("请从列出的选项中选择") for name, (code, known) in codes.items() if code not in known.values}
    try:
        said = kept_text(words, longest=WORDS)
    except ValueError as error:
        wrong["words"] = str(error)
    if wrong:
        raise InvalidFields(wrong)
    return said


def _asker(given: AtCounter) -> tuple[str, str]:
    """Name and canonical number of who asks. Raises InvalidFields."""
    wrong: dict[str, str] = {}
    name = phone = ""
    try:
        name = kept_text(given.name, longest=40)
    except ValueError as error:
        wrong["name"] = str(error)
    if not name:
        wrong.setdefault("name", _("请填写姓名或称呼"))
    try:
        phone = normalise_phone(clean_text(given.phone, longest=40))
    except ValueError as error:
        wrong["phone"] = str(error)
    except ValidationError as error:
        wrong["phone"] = error.messages[0]
    if not phone and given.issue is None:
        wrong.setdefault("phone", _("请填写反映时留的号码，或填写诉求编号"))
    if wrong:
        raise InvalidFields(wrong)
    return name, phone


def _take(request: RightsRequest, by: Actor) -> RightsRequest:
    """Store it with its clock and its event."""
    at, office = request.received_at, request.subdistrict_id
    _refuse_twice(request)
    choice = deadlines.load_rules(office).of_all(RIGHTS)
    clock = deadlines.prepare(
        subject_kind=RIGHTS,
        subject_id=0,
        subdistrict_id=office,
        kind=RIGHTS,
        limit=choice.limit,
        rule=choice.reason,
        at=at,
        calendar=deadlines.load_calendar(),
    )
    request.due_at = clock.due_at
    request.save(force_insert=True)
    clock.subject_id = request.pk
    deadlines.start_many([clock])
    _tell(request, "rights_received", by, at, kind=request.kind, via=request.via, asked_as=request.asked_as)
    return request


def _refuse_twice(request: RightsRequest) -> None:
    same = RightsRequest.objects.filter(
        subdistrict_id=request.subdistrict_id, kind=request.kind, status__in=OPEN_RIGHTS
    )
    hashes = hashes_of(request.contact)
    with connection.cursor() as cursor:  # the same person's requests come one after the other
        who = f"rights:{request.subdistrict_id}:{hashes[0] if hashes else request.issue_id}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [who])
    found = same.filter(contact__phone_hash__in=hashes) if hashes else same.filter(issue_id=request.issue_id or 0)
    waiting = found.order_by("pk").first()
    if waiting is not None:
        raise AlreadyAsked(_("同样的请求已经收到，正在办理，编号 %(number)s") % {"number": waiting.number})


def decide(*, request_id: int, by: Actor, at: datetime) -> RightsRequest:
    """It is to be done: who asks is known and there is nothing in law against it. Raises NotPermitted, HasEnded."""
    with transaction.atomic():
        request = _held(request_id, by, RightsState.RECEIVED)
        request.status, request.decided_at, request.decided_by = RightsState.DECIDED, at, by.user
        request.save(update_fields=["status", "decided_at", "decided_by"])
        _tell(request, "rights_decided", by, at)
    return request


def finish(*, request_id: int, answer: str, by: Actor, at: datetime) -> RightsRequest:
    """It is done. ``answer`` is what the person reads. Raises NotPermitted, HasEnded, InvalidFields, CannotDelete."""
    said = _answer(answer)
    with transaction.atomic():
        request = _held(request_id, by, RightsState.DECIDED)
        if request.kind == RightsKind.DELETE:
            _delete(request, by, at)
        _end(request, RightsState.DONE, said, by, at)
    return request


def _delete(request: RightsRequest, by: Actor, at: datetime) -> None:
    """Take the person out of all their matters, or of none (docs/privacy.md#retention).

    What is still being handled is needed for it (PIPL Art. 47: the purpose has not been fulfilled).
    """
    matters = [issue for issue in matters_of(request) if issue.masked_at is None]
    waiting = [issue.number for issue in matters if issue.is_open]
    if waiting:
        raise CannotDelete(_("还在办理，不能删除：%(numbers)s") % {"numbers": _("、").join(waiting)})
    for issue in matters:
        try:
            mask_matter(issue=issue, by=by, at=at, reason=request.number)
        except StateConflict as error:
            told = {"number": issue.number, "why": error.message}
            raise CannotDelete(_("%(number)s：%(why)s") % told) from error


def decline(*, request_id: int, reason: str, answer: str, by: Actor, at: datetime) -> RightsRequest:
    """It is not done, for a reason in law that the person is told (PIPL Art. 50). Raises as ``finish``."""
    wrong = {} if reason in DeclineReason.values else {"reason": _("请选择不予办理的理由")}
    said = _answer(answer, wrong)
    with transaction.atomic():
        request = _held(request_id, by, *OPEN_RIGHTS)
        _end(request, RightsState.DECLINED, said, by, at, reason=reason)
    return request


def reveal(*, request_id: int, reason: str, by: Actor, at: datetime) -> WhoAsks:
    """Name and number of who asks, with a reason that is kept. Raises NotPermitted, InvalidFields."""
    try:
        said = kept_text(reason, longest=REASON)
    except ValueError as error:
        raise InvalidFields({"why": str(error)}) from error
    if not said:
        raise InvalidFields({"why": _("请填写查看原因")})
    with transaction.atomic():
        request = _locked(request_id, by)
        _tell(request, "rights_seen", by, at, reason=said, contact=request.contact_id)
        return WhoAsks(request.contact.name, request.contact.phone)


def _answer(answer: str, wrong: dict[str, str] | None = None) -> str:
    errors, said = dict(wrong or {}), ""
    try:
        said = kept_text(answer, longest=ANSWER)
    except ValueError as error:
        errors["answer"] = str(error)
    if not said:
        errors.setdefault("answer", _("请写明答复，本人看得到"))
    if errors:
        raise InvalidFields(errors)
    return said


def _held(request_id: int, by: Actor, *states: str) -> RightsRequest:
    request = _locked(request_id, by)
    if request.status not in states:
        raise HasEnded(_("这件请求已有变化，请按最新状态继续"))
    return request


def _locked(request_id: int, by: Actor) -> RightsRequest:
    request = RightsRequest.objects.select_for_update(no_key=True).get(pk=request_id)
    if by.user is None or not may_answer(by.access, request.subdistrict_id):
        raise NotPermitted(_("您没有权限办理个人信息请求"))
    return request


def _end(request: RightsRequest, state: RightsState, answer: str, by: Actor, at: datetime, *, reason: str = "") -> None:
    request.status, request.answer, request.reason = state, answer, reason
    request.ended_at, request.ended_by = at, by.user
    request.save(update_fields=["status", "answer", "reason", "ended_at", "ended_by"])
    deadlines.stop(Deadline.objects.of(RIGHTS, request.pk).open(), None, at)
    _tell(request, f"rights_{state.value}", by, at, **({"declined": reason} if reason else {}))


def _tell(request: RightsRequest, event: str, by: Actor, at: datetime, *, reason: str = "", **data: Any) -> None:
    """``reason`` is what somebody typed."""
    record(
        Entry(
            subject_kind=RIGHTS,
            subject_id=request.pk,
            kind=event,
            at=at,
            actor_id=by.user_id,
            actor_role=by.role,
            data=data,
            texts={"reason": reason} if reason else {},
        )
    )
