"""The table of actions in docs/api.md says what the workflow's table says."""

from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import override

from api import openapi
from issues import workflow
from issues.enums import OPEN, Status
from issues.workflow import Party, Row

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "api.md"
HEAD = ("| action | 中文 | who | from → to | required | optional |", "|---|---|---|---|---|---|")


def _statuses(sources: frozenset[Status]) -> str:
    if sources == frozenset(Status):
        return "any"
    if sources == OPEN:
        return "open"
    return ", ".join(status.value for status in Status if status in sources)


def _line(row: Row) -> str:
    with override("zh-hans"):
        label = str(row.label)
    required = [f"`{name}`" for name in row.required]
    if row.needs_version:
        required.insert(0, "`version`")
    optional = [f"`{name}`" for name in dict.fromkeys((*row.optional, "note")) if name not in row.required]
    who = " ".join(party.value for party in Party if party in row.who and party is not Party.TIME)
    to = " or ".join(target.value for target in row.targets) or "stays"
    return (
        f"| `{row.action}` | {label} | {who} | {_statuses(row.sources)} → {to} | "
        f"{', '.join(required) or '–'} | {', '.join(optional) or '–'} |"
    )


def expected() -> Iterator[str]:
    """The lines of the table."""
    yield from HEAD
    for action in openapi.actions(public=False):
        for row in openapi.rows_of(action, public=False):
            yield _line(row)


def test_the_table_of_actions_in_the_docs_is_the_workflows() -> None:
    text = DOCUMENT.read_text(encoding="utf-8").splitlines()
    start = text.index(HEAD[0])
    found = []
    for line in text[start:]:
        if not line.startswith("|"):
            break
        found.append(line)
    assert found == list(expected()), "\n".join(expected())


def test_actions_that_need_no_version_are_named_in_the_docs() -> None:
    free = [action for action in openapi.actions(public=False) if "version" not in _required(action)]
    text = DOCUMENT.read_text(encoding="utf-8")
    named = ", ".join(f"`{action}`" for action in sorted(free))
    assert f"except {named}" in " ".join(text.split()), named


def _required(action: str) -> list[str]:
    required: list[str] = openapi.action_schema(action, public=False).get("required", [])
    return required


def test_every_action_is_described() -> None:
    assert set(openapi.actions(public=False)) == workflow.ACTIONS
    for public in (False, True):
        for action in openapi.actions(public=public):
            schema = openapi.action_schema(action, public=public)
            assert set(schema.get("required", ())) <= set(schema["properties"])
            assert {"note", "attachments"} <= set(schema["properties"])
