"""docs/workflow.md, drawn from the workflow table."""

from collections.abc import Iterator

from django.utils import translation

from issues.enums import OPEN, Status
from issues.sampling import EVERY_KNOWN, EVERY_OTHER
from issues.workflow import CREATE, TABLE, Party, Row

_PARTIES = {
    Party.COMMUNITY: "C",
    Party.LEAD: "L",
    Party.LEAD_HEAD: "H",
    Party.CO: "O",
    Party.SUPERVISOR: "S",
    Party.REPORTER: "R",
    Party.DIRECTION: "D",
    Party.TIME: "T",
}


def diagram() -> str:
    """The whole page as Markdown, in Chinese labels with codes."""
    with translation.override("zh-hans"):
        return (
            "\n".join(
                [*_head(), "```mermaid", "stateDiagram-v2", *_states(), *_edges(), "```", "", *_rows(), "", *_sampled()]
            )
            + "\n"
        )


def _head() -> list[str]:
    return [
        "# The workflow",
        "",
        "Generated from `issues/workflow.py` by `python manage.py workflow_diagram`; do not edit.",
        "",
        "C clerk or secretary of the community, L officer of the lead department, H its head, O co-department, "
        "S supervisor, R reporter, D deputy or director, T time itself.",
        "",
    ]


def _sampled() -> list[str]:
    return [
        "## Which verdicts count",
        "",
        "A confirmation by the reporter's own page (`verdict_via` web) is marked (`verdict_known`) where the handling "
        f"side typed the number or looked it up. Of the marked ones every {EVERY_KNOWN}th of the area and every first "
        f"of an officer in a month, of the rest every {EVERY_OTHER}th is checked: `verdict_check` is `due`, and once "
        "the matter has ended the clock `sample` (抽查回访) runs for the supervisor. The call confirms the verdict "
        "(`confirmed`), replaces it with what the resident says (`replaced`, a reason is required, `reopen` follows), "
        "or reaches nobody in three tries (`unreached`). Work that begins anew ends the check.",
        "",
        "Rates of solving and satisfaction leave out verdicts whose `verdict_check` is `due` or `unreached`.",
    ]


def _states() -> Iterator[str]:
    for status in Status:
        yield f"    {status.value} : {status.label} {status.value}"
    yield f"    [*] --> {CREATE.targets[0].value} : {CREATE.label}"


def _edges() -> Iterator[str]:
    drawn: dict[tuple[str, str], list[str]] = {}
    for row in TABLE:
        for source in Status:
            for target in row.targets:
                if source in row.sources and source != target:
                    drawn.setdefault((source.value, target.value), []).append(str(row.label))
    for (left, reached), labels in drawn.items():
        yield f"    {left} --> {reached} : {'、'.join(dict.fromkeys(labels))}"
    for status in Status:
        if status not in OPEN:
            yield f"    {status.value} --> [*]"


def _rows() -> Iterator[str]:
    yield "| action | 中文 | from | to | who | required | optional | clocks |"
    yield "|---|---|---|---|---|---|---|---|"
    for row in TABLE:
        action = row.action
        yield (
            f"| {action} | {row.label} | {_names(row)} | {', '.join(t.value for t in row.targets) or 'stays'} "
            f"| {''.join(_PARTIES[p] for p in Party if p in row.who)} | {', '.join(row.required) or '–'} "
            f"| {', '.join(row.optional) or '–'} | {_clocks(row)} |"
        )


def _names(row: Row) -> str:
    if row.sources == frozenset(Status):
        return "any"
    if row.sources == OPEN:
        return "open"
    return ", ".join(status.value for status in Status if status in row.sources)


def _clocks(row: Row) -> str:
    return ", ".join(f"{clock.effect.value} {clock.kind}".strip() for clock in row.clocks) or "–"
