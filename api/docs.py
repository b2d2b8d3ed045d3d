"""What the OpenAPI document says of each call: one decorator per call, used by the views."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from api import action_schemas, commitment_shapes, inputs, schemas, schemas_reference
from commitments.enums import CommitmentAction, CommitmentState
from communities.models import CommunityKind, DepartmentKind, LeaderKind, NeighbourhoodKind
from issues.enums import Status, TimeLimit
from issues.workflow import ACTIONS
from reminders.enums import Topic

Decorator = Callable[[Any], Any]


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """``Authorization: Token …``."""

    target_class = "api.authentication.ApiTokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """An API key in the header."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token <token>`; get one from /api/v1/auth/token/",
        }


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The console's session."""

    target_class = "api.authentication.ApiSessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """A cookie."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


_REFUSALS = {
    400: (schemas.Refusal, "Something in the input is wrong: see `fields`."),
    401: (schemas.Refusal, "Nobody is signed in, or the token is not valid."),
    403: (schemas.Refusal, "The caller's role does not allow it."),
    404: (schemas.Refusal, "There is no such thing, or the caller does not see it."),
    409: (schemas.KeyConflict, "The Idempotency-Key was used for another request."),
    413: (schemas.Refusal, "The body is too large."),
    415: (schemas.Refusal, "The body is not JSON."),
    429: (schemas.Refusal, "Too often: see Retry-After."),
}
_POST = (400, 409, 413, 415, 429)
_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    description="A repeat with the same key and body answers with the first status and body, for 30 days.",
)
_RETRY = OpenApiParameter("Retry-After", int, OpenApiParameter.HEADER, response=[429], description="seconds")


def _call(
    operation: str,
    tag: str,
    answer: dict[int, Any],
    refusals: tuple[int, ...],
    *,
    parameters: list[OpenApiParameter] | None = None,
    conflict: Any = None,
    **options: Any,
) -> Decorator:
    responses: dict[int, Any] = dict(answer)
    for code in sorted(set(refusals)):
        shape, words = _REFUSALS[code]
        responses[code] = OpenApiResponse(shape, words)
    if conflict is not None:
        responses[409] = OpenApiResponse(conflict, "Version or state conflict, or the key was reused.")
    extra = [_RETRY, *([_KEY] if 409 in responses else []), *(parameters or [])]

    def decorate(method: Any) -> Any:
        summary = (method.__doc__ or "").strip().splitlines()[0]
        return extend_schema(
            operation_id=operation,
            summary=summary,
            tags=[tag],
            responses=responses,
            parameters=extra,
            filters=False,
            **options,
        )(method)

    return decorate


def _query(name: str, words: str, *, schema: dict[str, Any] | None = None, **options: Any) -> OpenApiParameter:
    shape = schema or {"type": "string", "maxLength": 200}
    return OpenApiParameter(name, shape, OpenApiParameter.QUERY, description=words, **options)


def _several(name: str, choices: list[str], words: str) -> OpenApiParameter:
    return OpenApiParameter(
        name,
        {"type": "array", "items": {"type": "string", "enum": choices}},
        OpenApiParameter.QUERY,
        description=words,
        explode=False,
        style="form",
    )


_CURSOR = _query("cursor", "Where the page begins: taken from `next`.", schema={"type": "string", "maxLength": 400})
_SIZE = _query("page_size", "1 to 100, 25 by default.", schema={"type": "integer", "minimum": 1, "maximum": 100})
_COMMUNITY = _query("community", "Name, code or id of a community.")
_NUMBER = OpenApiParameter("number", str, OpenApiParameter.PATH, description="e.g. 桂城-2026-000123")
_TOKEN = OpenApiParameter("token", str, OpenApiParameter.PATH, description="the secret of the link")
_ACTION = OpenApiParameter("action", str, OpenApiParameter.PATH, enum=sorted(ACTIONS))
_COMMITMENT = OpenApiParameter("id", {"type": "integer", "minimum": 1}, OpenApiParameter.PATH)
_COMMITMENT_ACTION = OpenApiParameter("action", str, OpenApiParameter.PATH, enum=sorted(CommitmentAction))
_DAY: dict[str, Any] = {"type": "string", "format": "date"}
_PAGED = [_CURSOR, _SIZE]

sign_in = _call("sign_in", "auth", {200: schemas.Token}, (*_POST, 401), request=inputs.SignInInput, auth=[])
sign_out = _call("sign_out", "auth", {204: None}, (401,))
issue_list = _call(
    "list_issues",
    "issues",
    {200: schemas.IssuePage},
    (400, 401, 429),
    parameters=[
        _several("status", Status.values, "Several by comma."),
        _several("time_limit", TimeLimit.values, "时限状态, several by comma."),
        _COMMUNITY,
        _query("department", "Code of the lead department."),
        _query("category", "Code; a first-level code finds its children too."),
        _query("master", "Number of an issue, in any form: those that joined it."),
        _query(
            "q",
            "A number in any form, an outside number, the last four digits of the phone, or words.",
            schema={"type": "string", "maxLength": 100},
        ),
        _query(
            "mine",
            "`todo` (or `true`): waiting for me; `logged` by me; `done`: I acted on it; `watching`.",
            schema={"type": "string", "enum": ["true", "1", "todo", "logged", "done", "watching", "false", "0"]},
        ),
        _query(
            "ordering",
            "`-created` (default), `created`, `due`: most urgent first; without `status` only open issues.",
            schema={"type": "string", "enum": ["-created", "created", "due"]},
        ),
        *_PAGED,
    ],
)
issue_create = _call(
    "create_issue",
    "issues",
    {201: schemas.NewIssueCreated},
    (*_POST, 401, 403),
    request=inputs.NewIssueInput,
)
issue_detail = _call("read_issue", "issues", {200: schemas.IssueDetail}, (401, 404, 429), parameters=[_NUMBER])
issue_action = _call(
    "act_on_issue",
    "issues",
    {200: schemas.IssueDetail},
    (*_POST, 401, 403, 404),
    parameters=[_NUMBER, _ACTION],
    conflict=schemas.ConflictRefusal,
    request=action_schemas.ActionInput,
)
issue_events = _call(
    "list_issue_events",
    "issues",
    {200: schemas.EventPage},
    (400, 401, 404, 429),
    parameters=[_NUMBER, *_PAGED],
)


def _reference(operation: str, row: Any, *parameters: OpenApiParameter) -> Decorator:
    return _call(operation, "reference", {200: schemas.page(row)}, (400, 401, 429), parameters=[*parameters, *_PAGED])


community_list = _reference(
    "list_communities", schemas_reference.CommunityRow, _several("kind", CommunityKind.values, "Several by comma.")
)
neighbourhood_list = _reference(
    "list_neighbourhoods",
    schemas_reference.NeighbourhoodRow,
    _COMMUNITY,
    _several("kind", NeighbourhoodKind.values, "Several by comma."),
)
building_list = _reference(
    "list_buildings",
    schemas_reference.BuildingRow,
    _COMMUNITY,
    _query("neighbourhood", "Id of a neighbourhood.", schema={"type": "integer", "minimum": 1}),
)
department_list = _reference(
    "list_departments",
    schemas_reference.DepartmentRow,
    _COMMUNITY,
    _several("kind", DepartmentKind.values, "Several by comma."),
)
category_list = _reference(
    "list_categories",
    schemas_reference.CategoryRow,
    _query("parent", "Only the children of this code.", schema={"type": "string", "maxLength": 8}),
)
leader_list = _reference(
    "list_leaders", schemas_reference.LeaderRow, _COMMUNITY, _several("kind", LeaderKind.values, "Several by comma.")
)
commitment_list = _call(
    "list_commitments",
    "commitments",
    {200: schemas.page(schemas.CommitmentRow)},
    (400, 401, 429),
    parameters=[
        _query("department", "Code of the organisation that owes it."),
        _several("state", CommitmentState.values, "Several by comma."),
        _query(
            "overdue",
            "Open, and its earlier date is past.",
            schema={"type": "string", "enum": ["true", "false", "1", "0"]},
        ),
        _query("source", "Kind of what it comes from, several by comma: `issue`, `historic`, what meetings register."),
        _query("source_id", "Id of what it comes from.", schema={"type": "integer", "minimum": 1}),
        _query("due_from", "The day that counts is this one or later.", schema=_DAY),
        _query("due_until", "The day that counts is this one or earlier.", schema=_DAY),
        *_PAGED,
    ],
)
commitment_create = _call(
    "create_commitment",
    "commitments",
    {201: commitment_shapes.CommitmentDetail},
    (*_POST, 401, 403),
    request=inputs.NewCommitmentInput,
)
commitment_detail = _call(
    "read_commitment",
    "commitments",
    {200: commitment_shapes.CommitmentDetail},
    (401, 404, 429),
    parameters=[_COMMITMENT],
)
commitment_action = _call(
    "act_on_commitment",
    "commitments",
    {200: commitment_shapes.CommitmentDetail},
    (*_POST, 401, 403, 404),
    parameters=[_COMMITMENT, _COMMITMENT_ACTION],
    conflict=commitment_shapes.CommitmentConflict,
    request=inputs.CommitmentActionInput,
)
_YES_NO: dict[str, Any] = {"type": "string", "enum": ["true", "false", "1", "0"]}
notification_list = _call(
    "list_notifications",
    "notifications",
    {200: schemas.page(schemas.NotificationRow)},
    (400, 401, 429),
    parameters=[
        _query("unread", "Only what was not read.", schema=_YES_NO),
        _query("snoozed", "What was put off instead, the next to come back first.", schema=_YES_NO),
        _query("topic", "Only one topic.", schema={"type": "string", "enum": Topic.values}),
        *_PAGED,
    ],
)
notification_snooze = _call(
    "snooze_notification",
    "notifications",
    {200: schemas.NotificationRow},
    (*_POST, 401, 404),
    parameters=[OpenApiParameter("id", str, OpenApiParameter.PATH)],
    request=inputs.SnoozeInput,
)
preference_list = _call("read_preferences", "notifications", {200: schemas.PreferenceList}, (401, 429))
preference_change = _call(
    "change_preferences",
    "notifications",
    {200: schemas.PreferenceList},
    (400, 401, 413, 415, 429),
    request=inputs.PreferencesInput,
)
notification_read = _call(
    "read_notification",
    "notifications",
    {200: schemas.NotificationRow},
    (*_POST, 401, 404),
    parameters=[OpenApiParameter("id", str, OpenApiParameter.PATH)],
    request=None,
)
public_create = _call(
    "report", "public", {201: schemas.ReportReceived}, (*_POST, 403), request=inputs.ReportInput, auth=[]
)
public_lookup = _call("look_up", "public", {200: schemas.Standing}, (*_POST, 404), request=inputs.LookupInput, auth=[])
public_detail = _call("read_matter", "public", {200: schemas.ResidentMatter}, (404,), parameters=[_TOKEN], auth=[])
public_action = _call(
    "act_on_matter",
    "public",
    {200: schemas.ResidentMatter},
    (*_POST, 403, 404),
    parameters=[_TOKEN, _ACTION],
    conflict=schemas.ConflictRefusal,
    request=action_schemas.PublicActionInput,
    auth=[],
)
