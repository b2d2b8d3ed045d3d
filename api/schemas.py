"""The shapes of answers, for the OpenAPI document. Nothing is serialised through them: see api.shapes."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commitments.enums import CommitmentClock, CommitmentState, Precision
from communities.models import DepartmentKind
from deadlines.enums import DeadlineState, Level
from files.enums import FileKind, FileState
from issues.enums import (
    ASKED,
    DeadlineKind,
    DepartmentRole,
    Kind,
    Outcome,
    RequestState,
    Solved,
    Source,
    Status,
    Supervision,
    TimeLimit,
    Verdict,
    VerdictCheck,
    VerdictVia,
)
from issues.workflow import ACTIONS
from papers.enums import PaperKind
from reminders.enums import PERSONAL_CHANNELS, Mode, Topic

Shape = serializers.Serializer[Any]


def text(**options: Any) -> serializers.CharField:
    """A string."""
    return serializers.CharField(**options)


def whole(**options: Any) -> serializers.IntegerField:
    """An integer."""
    return serializers.IntegerField(**options)


def yes(**options: Any) -> serializers.BooleanField:
    """A boolean."""
    return serializers.BooleanField(**options)


def when(**options: Any) -> serializers.DateTimeField:
    """ISO 8601 with +08:00."""
    return serializers.DateTimeField(**options)


def day(**options: Any) -> serializers.DateField:
    """YYYY-MM-DD."""
    return serializers.DateField(**options)


CLOCK_KINDS = [*DeadlineKind.choices, *CommitmentClock.choices]
"""The clocks of an issue, and of what was promised on it."""


def one_of(choices: Any, **options: Any) -> serializers.ChoiceField:
    """A code of a closed set."""
    return serializers.ChoiceField(choices.choices if hasattr(choices, "choices") else choices, **options)


@extend_schema_field({"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}})
class _Complaints(serializers.JSONField):
    """Field name → what is wrong with it."""


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
class _Texts(serializers.JSONField):
    """Key → text."""


@extend_schema_field({"type": "object", "additionalProperties": {}})
class _Data(serializers.JSONField):
    """Codes, numbers and dates of an event."""


class Refusal(Shape):
    """Why a call was refused."""

    code = text(help_text="stable, for programmes")
    detail = text(help_text="for people, in the caller's language")
    fields = _Complaints()  # type: ignore[assignment]


class ConflictRefusal(Refusal):
    """409: the issue is not as the caller thought, somebody else holds it (try again), or the key was used before."""

    code = one_of(  # type: ignore[assignment]
        ["version_conflict", "state_conflict", "busy", "idempotency_key_reused", "idempotency_in_progress"],
    )
    version = whole(required=False, help_text="of a version or state conflict: as it is now")
    status = one_of(Status, required=False, help_text="of a version or state conflict: as it is now")


class KeyConflict(Refusal):
    """409: the Idempotency-Key was used for another request, or that request or another one still runs."""

    code = one_of(["busy", "idempotency_key_reused", "idempotency_in_progress"])  # type: ignore[assignment]


class IdName(Shape):
    """A row by id."""

    id = whole()
    name = text()


class CodeName(Shape):
    """A row by code."""

    code = text()
    name = text()


class Person(Shape):
    """A member of staff."""

    username = text()
    name = text()


MARKS = ("deemed", "info_expired", "assigned_final", "collective", "excluded", "published")
"""视为签收, 逾期未补充, 指定承办, 群体性诉求, 已剔除, 已公开."""


class _Facts(Shape):
    number = text()
    title = text()
    kind = one_of(Kind)
    level = one_of(Level)
    source = one_of(Source)  # type: ignore[assignment]
    status = one_of(Status)
    outcome = one_of(Outcome, allow_null=True)
    verdict = one_of(Verdict, allow_null=True)
    solved = one_of(Solved, allow_null=True)
    supervision = one_of(Supervision)
    time_limit = one_of(TimeLimit)
    confidential = yes()
    persons = whole(help_text="how many raised it")
    community = IdName()
    category = CodeName(allow_null=True)
    department = CodeName(allow_null=True, help_text="the lead department")
    officer = Person(allow_null=True)
    due_kind = one_of(CLOCK_KINDS, allow_null=True)
    due_at = when(allow_null=True)
    due_estimated = yes()
    created_at = when()
    changed_at = when()
    version = whole()


class IssueRow(_Facts):
    """An issue in a list."""


class IssuePage(Shape):
    """A page of issues."""

    results = IssueRow(many=True)
    next = serializers.URLField(allow_null=True)


class DeadlineShape(Shape):
    """One clock of an issue."""

    kind = one_of(CLOCK_KINDS)
    label = text()  # type: ignore[assignment]
    state = one_of(DeadlineState)
    due_at = when(help_text="of a paused clock: as it was when it was paused")
    original_due_at = when(help_text="before it was extended, brought forward or paused")
    overdue = yes()
    extended = whole(help_text="by how much in all, see unit")
    extensions = whole(help_text="how often")
    remaining = whole(allow_null=True, help_text="of a paused clock: what is left, see unit")
    unit = one_of(["day", "minute"], help_text="what extended and remaining count; of working limits working time")
    rule = text(help_text="the rule that made it")
    basis = text(help_text="the rule in words")
    limit = text()
    estimated = yes(help_text="the calendar of that year is not published yet")
    department = text(allow_null=True, help_text="code of the organisation that owes it")
    started_at = when()
    paused_at = when(allow_null=True)
    stopped_at = when(allow_null=True)


class DepartmentPart(Shape):
    """An organisation that has or had a part."""

    code = text()
    name = text()
    kind = one_of(DepartmentKind)
    role = one_of(DepartmentRole)
    current = yes()
    dispatched_at = when()
    acknowledged_at = when(allow_null=True)
    returned_at = when(allow_null=True)
    answered_at = when(allow_null=True, help_text="of a co-department")
    waived_at = when(allow_null=True, help_text="of a co-department")
    co_reply = DeadlineShape(allow_null=True, help_text="the clock of a co-department's answer")


class JoinedIssue(Shape):
    """An issue that joined this one, and what its own reporter says."""

    number = text()
    status = one_of(Status)
    verdict = one_of(Verdict, allow_null=True)
    solved = one_of(Solved, allow_null=True)
    created_at = when()


class RequestShape(Shape):
    """What one person asks for and another decides: an extension, a deferral, an exclusion, a draft to be signed."""

    kind = one_of([(kind.value, kind.label) for kind in ASKED])
    state = one_of(RequestState)
    department = CodeName(allow_null=True, help_text="the lead department when it was asked for")
    days = whole(allow_null=True, help_text="working days of an extension")
    until = day(allow_null=True, help_text="of a deferral: when it is reviewed")
    reason = text(allow_null=True, help_text="of a deferral a code, else words; null for a draft")
    note = text()
    interim_answer = text(help_text="of a deferral: what the resident reads meanwhile")
    asked_at = when()
    asked_by = Person(allow_null=True, help_text="null for a draft that the clock drew up")
    endorsed = yes(help_text="by the head of the department")
    endorsed_at = when(allow_null=True)
    endorsed_by = Person(allow_null=True)
    decided_at = when(allow_null=True)
    decided_by = Person(allow_null=True)


class CommitmentSource(Shape):
    """What a promise comes from."""

    kind = text(help_text="issue, meeting_item, historic …")
    id = whole(allow_null=True)


class CommitmentShape(Shape):
    """A promise: an owner and a date."""

    id = whole()
    text = serializers.CharField()
    department = CodeName(help_text="the organisation that owes it")
    due_on = day(allow_null=True)
    review_on = day(allow_null=True)
    first_on = day(allow_null=True, help_text="the date that was promised first")
    precision = one_of(Precision, help_text="how exactly the date was promised")
    source = CommitmentSource(allow_null=True)  # type: ignore[assignment]
    historic = yes(help_text="from press reports of earlier years: no clock, in no rate")
    state = one_of(CommitmentState)
    overdue = yes(help_text="open, and its earlier date is past")
    public = yes(help_text="residents see its line")
    evidence = serializers.CharField()
    made_at = when()
    reported_at = when(allow_null=True, help_text="when the owner said that it was kept")
    ended_at = when(allow_null=True)


class CommitmentRow(CommitmentShape):
    """A promise in a list."""

    number = text(allow_null=True, help_text="of the issue, where the caller sees it")


class PaperShape(Shape):
    """A numbered paper: an urge when it went out, an order or a card when it was signed."""

    number = text()
    kind = one_of(PaperKind)
    department = CodeName(allow_null=True, help_text="whom it is addressed to; null for the office itself")
    deadline_kind = one_of(CLOCK_KINDS, allow_null=True, help_text="what is owed; null where it is no one limit")
    due_at = when(allow_null=True)
    reply_due_at = when(allow_null=True, help_text="of an order: until when a written reply is wanted")
    issued_at = when()
    issued_by = Person(allow_null=True, help_text="null for what the clock sent")
    lifted_at = when(allow_null=True)
    url = text(help_text="path of the page to print")


class HoldingShape(Shape):
    """How long an organisation was accountable for the issue."""

    department = CodeName()
    since_at = when()
    until_at = when(allow_null=True, help_text="null for who is accountable now")
    late = yes(help_text="the handling limit passed meanwhile")
    minutes = whole(help_text="working minutes, so far")


class AttachmentRow(Shape):
    """A file of an issue."""

    id = whole(help_text="what an action takes in `attachments`")
    name = text()
    kind = one_of(FileKind)
    content_type = text(help_text="as it was sent; photos are served as JPEG")
    size = whole(help_text="bytes as it was sent")
    state = one_of(FileState, help_text="a photo waits until its sizes are made")
    url = text(allow_null=True, help_text="path on this site; null until it is ready")
    thumbnail_url = text(allow_null=True, help_text="of a photo; null until it is ready")


class AvailableAction(Shape):
    """What the caller may do now."""

    action = one_of(sorted(ACTIONS))
    label = text()  # type: ignore[assignment]
    required = serializers.ListField(child=text())  # type: ignore[assignment]
    optional = serializers.ListField(child=text())


class MaskedContact(Shape):
    """The reporter, masked."""

    name = text()
    phone = text()


class IssueDetail(_Facts):
    """An issue in full."""

    verdict_via = one_of(VerdictVia, allow_null=True, help_text="how the verdict came: own page, call-back or desk")
    verdict_known = yes(help_text="it came by web, and who handled the matter knew the number; only told to staff")
    verdict_check = one_of(
        VerdictCheck, allow_null=True, help_text="the supervisor's call-back about it; only told to staff"
    )
    description = text()
    external_number = text(allow_null=True)
    neighbourhood = IdName(allow_null=True)
    building = IdName(allow_null=True)
    address = text()
    contact = MaskedContact(allow_null=True)
    marks = serializers.ListField(child=one_of(MARKS))
    external_due_at = when(allow_null=True, help_text="what the hotline or another body allows: the earlier wins")
    occurred_at = when(allow_null=True)
    accepted_at = when(allow_null=True)
    dispatched_at = when(allow_null=True)
    acknowledged_at = when(allow_null=True)
    replied_at = when(allow_null=True)
    verified_at = when(allow_null=True)
    closed_at = when(allow_null=True)
    suspended_at = when(allow_null=True)
    suspended_until = day(allow_null=True, help_text="when the deferral is reviewed")
    published_at = when(allow_null=True)
    public_title = text()
    public_text = text()
    excluded_at = when(allow_null=True, help_text="since when it is outside the statistics")
    return_count = whole()
    redo_count = whole()
    reopen_count = whole()
    urge_count = whole()
    suspension_count = whole()
    master = text(allow_null=True, help_text="number of the issue that this one joined, where the caller sees it")
    joined = JoinedIssue(many=True, help_text="those that the caller sees")
    requests = RequestShape(many=True)
    commitments = CommitmentShape(many=True)
    papers = PaperShape(many=True, help_text="the newest first")
    holdings = HoldingShape(many=True)
    deadlines = DeadlineShape(many=True)
    departments = DepartmentPart(many=True)
    attachments = AttachmentRow(many=True)
    available_actions = AvailableAction(many=True)


class Emergency(Shape):
    """What sounds like danger in the words of a matter, and whom to dial before anything else."""

    dial = serializers.ListField(child=text())
    words = serializers.ListField(child=text())


class NewIssueCreated(Shape):
    """A new issue."""

    number = text()
    token = text(help_text="the secret of the resident's link")
    status = one_of(Status)
    version = whole()
    title = text()
    kind = one_of(Kind)
    level = one_of(Level)
    emergency = Emergency(required=False)
    url = serializers.URLField()
    created_at = when()
    deadlines = DeadlineShape(many=True)


class EventActor(Shape):
    """Who acted."""

    username = text(allow_null=True)
    name = text(allow_null=True)
    role = text()
    role_label = text()


class EventRow(Shape):
    """One event of the journal."""

    seq = whole()
    kind = text(help_text="the action, create, or what the system did")
    label = text()  # type: ignore[assignment]
    at = when()
    actor = EventActor()
    visible = yes(help_text="told to the reporter")
    data = _Data()  # type: ignore[assignment]
    texts = _Texts()


class EventPage(Shape):
    """A page of the journal."""

    results = EventRow(many=True)
    next = serializers.URLField(allow_null=True)


class Token(Shape):
    """A new token."""

    token = text()
    expires_at = when()


class AnswerShape(Shape):
    """Something said to the resident."""

    kind = text()
    text = serializers.CharField()
    department = serializers.CharField()
    at = when()


class Standing(Shape):
    """How a matter stands, masked."""

    number = text()
    step = whole(min_value=0, max_value=4, help_text="1 received … 4 answered; 0 for a matter that is not worked on")
    status = one_of(Status)
    status_label = text()
    sentence = text()
    department = text(allow_null=True)
    promised_at = when(allow_null=True)
    promised_estimated = yes()
    answers = AnswerShape(many=True)
    url = serializers.URLField()


class StepShape(Shape):
    """One of the four steps."""

    code = one_of(["received", "handed_over", "in_hand", "answered"])
    label = text()  # type: ignore[assignment]
    state = one_of(["done", "now", "next"])
    at = when(allow_null=True)
    who = text()
    note = text()
    expected = yes()
    late = yes(help_text="an expected date that has passed")


class AskedShape(Shape):
    """What the reporter was asked to add."""

    text = serializers.CharField()
    at = when()


class OrganisationShape(Shape):
    """A co-department by name."""

    name = text()
    waiting = yes(help_text="it has not answered yet")


class PromiseShape(Shape):
    """What was promised instead of a solution."""

    text = serializers.CharField()
    department = serializers.CharField()
    due_on = day(allow_null=True)
    review_on = day(allow_null=True)
    kept_at = when(allow_null=True)


class ResidentMatter(Standing):
    """One matter by its secret link. What was said and what was answered is empty for the link alone."""

    title = text(help_text="category and place; after an action, the first words of the report")
    community = text()
    below = text()
    steps = StepShape(many=True)
    was_promised_at = when(allow_null=True, help_text="an earlier date, where it was moved")
    why_paused = text(help_text="of a deferral: the answer meanwhile")
    asked = AskedShape(allow_null=True)
    asked_until = when(allow_null=True)
    organisations = OrganisationShape(many=True)
    promise = PromiseShape(allow_null=True)
    joined = yes(help_text="it joined another matter, of which the rest is told")
    others = whole(help_text="how many others raised it too")
    outcome = one_of(Outcome, allow_null=True)
    verdict = one_of(Verdict, allow_null=True)
    solved = one_of(Solved, allow_null=True)
    version = whole()
    available_actions = AvailableAction(many=True)


class ReportReceived(Shape):
    """A report that was received."""

    number = text()
    token = text()
    status = one_of(Status)
    emergency = Emergency(required=False)
    url = serializers.URLField()


class NotificationRow(Shape):
    """Something that the caller was told."""

    id = whole()
    kind = text(help_text="the event's kind, for a reminder the rung's code")
    topic = one_of(Topic)
    reason = text(help_text="what the caller was to the matter; empty for rows from before it was kept")
    why = text(help_text="the same and the rung behind it, as one sentence")
    at = when()
    read_at = when(allow_null=True)
    unread = yes()
    snoozed_until_at = when(allow_null=True, help_text="put off until then; in the past for one that has come back")
    number = text(allow_null=True, help_text="of the issue; null where it is about none, or out of the caller's sight")
    title = text()
    text = serializers.CharField()
    url = serializers.URLField(allow_null=True)


class PreferenceRow(Shape):
    """How a topic is sent to the caller by a personal channel. ``modes``: what may be chosen."""

    topic = one_of(Topic)
    channel = one_of([(channel.value, channel.label) for channel in PERSONAL_CHANNELS])
    mode = one_of(Mode)
    modes = serializers.ListField(child=one_of(Mode))


class PreferenceList(Shape):
    """All of a person's choices."""

    preferences = PreferenceRow(many=True)


def page(row: type[Shape]) -> type[Shape]:
    """The page of a keyset list of such rows."""
    attributes = {
        "results": row(many=True),
        "next": serializers.URLField(allow_null=True),
        "__doc__": "A page of a list.",
    }
    return type(f"{row.__name__.removesuffix('Row')}Page", (serializers.Serializer,), attributes)
