"""The workflow table in the OpenAPI document: a call for every action, with its own fields, and who may do it when."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any, Final

from django.utils.translation import override

from issues import fields, workflow
from issues.enums import OPEN, Status
from issues.workflow import MOST_FILES, Party, Row

_STAFF: Final = "/api/v1/issues/{number}/actions/{action}/"
_PUBLIC: Final = "/api/v1/public/t/{token}/actions/{action}/"
LARGEST_VERSION: Final = 2**31 - 1
LARGEST_ID: Final = 10**18 - 1
_WHO: Final = {
    Party.COMMUNITY: "the community",
    Party.LEAD: "the lead department",
    Party.LEAD_HEAD: "its head",
    Party.CO: "a co-department",
    Party.SUPERVISOR: "the supervisor",
    Party.REPORTER: "the reporter",
    Party.DIRECTION: "deputy or director",
}
_PHONE: Final = {
    "type": "string",
    "minLength": 7,
    "maxLength": 40,
    "description": "the whole phone number that was left with the matter",
}
_VERSION: Final = {
    "type": "integer",
    "minimum": 1,
    "maximum": LARGEST_VERSION,
    "description": "the version that the caller saw",
}
_ATTACHMENTS: Final = {
    "type": "array",
    "items": {"type": "integer", "minimum": 1, "maximum": LARGEST_ID},
    "maxItems": MOST_FILES,
    "uniqueItems": True,
    "description": "ids of files of this issue",
}
_LINKS: Final = {
    ("create_issue", "201"): ("number", ("read_issue", "act_on_issue", "list_issue_events", "list_attachments")),
    ("report", "201"): ("token", ("read_matter", "act_on_matter", "list_matter_attachments")),
}
"""Answers from which another call can be made: which of its parameters, and which calls."""


def describe(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """Hook of drf-spectacular: add the calls of the single actions, and links; say only once what many calls share."""
    paths, schemas = result["paths"], result["components"]["schemas"]
    for template, public in ((_STAFF, False), (_PUBLIC, True)):
        for action in actions(public=public):
            call, name = deepcopy(paths[template]["post"]), _component(action, public)
            schemas[name] = action_schema(action, public=public)
            _make_own(call, action, name, public, required=bool(schemas[name].get("required")))
            paths[template.replace("{action}", action)] = {"post": call}
    for path in paths.values():
        for call in path.values():
            _link(call)
            _share(call, result["components"])
    result["paths"] = dict(sorted(paths.items()))
    result["components"]["schemas"] = dict(sorted(schemas.items()))
    return result


def actions(*, public: bool) -> list[str]:
    """The actions of people, in the table's order; ``public``: those of a resident."""
    return list(dict.fromkeys(row.action for row in workflow.TABLE if _counts(row, public)))


def _counts(row: Row, public: bool) -> bool:
    return Party.REPORTER in row.who if public else bool(row.who - {Party.TIME})


def rows_of(action: str, *, public: bool) -> list[Row]:
    """The rows of an action that people, or residents, can ask for."""
    return [row for row in workflow.rows_of(action) if _counts(row, public)]


def required_of(action: str, *, public: bool) -> list[str]:
    """The fields without which the action is always refused."""
    rows = rows_of(action, public=public)
    return [name for name in rows[0].required if all(name in row.required for row in rows)]


def action_schema(action: str, *, public: bool) -> dict[str, Any]:
    """The JSON schema of an action's fields. Fields that no row names are ignored, and so not described."""
    rows = rows_of(action, public=public)
    required = required_of(action, public=public)
    needs_version = any(row.needs_version for row in rows)
    names = list(dict.fromkeys(name for row in rows for name in (*row.required, *row.optional, "note")))
    properties = {name: field_schema(action, name, required=name in required) for name in names}
    first = {"phone": _PHONE} if public else {}
    if needs_version:
        first["version"] = _VERSION
    before = ["phone"] if public else ["version"] if needs_version else []
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {**first, **properties, "attachments": _ATTACHMENTS},
        "required": [*before, *required],
    }
    if not schema["required"]:
        del schema["required"]
    return deepcopy(schema)


def field_schema(action: str, name: str, *, required: bool = False) -> dict[str, Any]:
    """The JSON schema of one field."""
    field = fields.field_of(action, name)
    match field:
        case fields.Choice():
            return {"type": "string", "enum": list(field.choices.values)}
        case fields.Flag():
            return {"type": "boolean"}
        case fields.Whole(most=most):
            return {"type": "integer", "minimum": 1, "maximum": most}
        case fields.Day():
            return {"type": "string", "format": "date"}
        case fields.PointInTime():
            return {"type": "string", "format": "date-time"}
        case fields.Codes(most=most):
            item = {"type": "string", "minLength": 1, "maxLength": fields.Code().longest}
            return {"type": "array", "items": item, "maxItems": most}
    return {"type": "string", **({"minLength": 1} if required else {}), "maxLength": field.longest}


def _component(action: str, public: bool) -> str:
    name = "".join(part.capitalize() for part in action.split("_"))
    return f"{'Matter' if public else 'Issue'}{name}Input"


def _make_own(call: dict[str, Any], action: str, component: str, public: bool, *, required: bool) -> None:
    rows = rows_of(action, public=public)
    with override("zh-hans"):
        label = str(rows[0].label)
    call["operationId"] = f"{action}_{'matter' if public else 'issue'}"
    call["summary"] = f"{label} {action}"
    call["description"] = "\n".join(_sentence(row, public) for row in rows)
    call["tags"] = ["a resident's actions" if public else "actions"]
    call["parameters"] = [one for one in call["parameters"] if one["name"] != "action"]
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{component}"}}}
    call["requestBody"] = {"content": content, **({"required": True} if required else {})}


def _sentence(row: Row, public: bool) -> str:
    """Who may do it when, and what comes of it."""
    who = "" if public else f"By {', '.join(_WHO[party] for party in Party if party in row.who)}: "
    to = f"to {_either(row.targets)}" if row.targets else "the status stays"
    return f"{who}from {_statuses(row.sources)}; {to}."


def _statuses(found: Iterable[Status]) -> str:
    known = frozenset(found)
    if known == frozenset(Status):
        return "every status"
    if known == OPEN:
        return "every status in which it is open"
    return ", ".join(status.value for status in Status if status in known)


def _either(found: Iterable[Status]) -> str:
    return " or ".join(status.value for status in found)


def _link(call: Mapping[str, Any]) -> None:
    for status, response in call["responses"].items():
        parameter, calls = _LINKS.get((call["operationId"], status), ("", ()))
        if calls:
            response["links"] = {
                name: {"operationId": name, "parameters": {f"path.{parameter}": f"$response.body#/{parameter}"}}
                for name in calls
            }


def _share(call: dict[str, Any], components: dict[str, Any]) -> None:
    """Refusals and the Idempotency-Key become references to components."""
    for status, response in call["responses"].items():
        if status >= "400":
            shape = response["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            name = f"{shape}{status}"
            if components.setdefault("responses", {}).setdefault(name, response) == response:
                call["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    shared = components.setdefault("parameters", {})
    for place, one in enumerate(call.get("parameters", [])):
        if one["name"] == "Idempotency-Key" and shared.setdefault("IdempotencyKey", one) == one:
            call["parameters"][place] = {"$ref": "#/components/parameters/IdempotencyKey"}
