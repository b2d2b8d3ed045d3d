"""One action on many issues: each in its own transaction, refusals collected, never half an issue."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import OperationalError
from django.utils.translation import gettext as _

from common.contention import gave_way
from communities.actors import Actor
from issues.models import Issue
from issues.services.actions import act
from issues.services.errors import InvalidFields, IssueError
from issues.supervision.desk import issues_chosen

MOST: Final = 100
"""Issues at once."""

_VALUE: Final = re.compile(r"([0-9]{1,18})\.([0-9]{1,9})", re.ASCII)


@dataclass(frozen=True)
class Chosen:
    """An issue and the version of it that the person saw."""

    issue_id: int
    version: int


@dataclass(frozen=True)
class Refused:
    """An issue on which the action was not carried out; without number where it is not in the person's sight."""

    number: str
    title: str
    reason: str


@dataclass
class Result:
    """Numbers of the issues on which it was done, and the refusals, in the order that was asked."""

    done: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def read_chosen(values: Iterable[str]) -> list[Chosen]:
    """The issues that ``id.version`` values name, each once; what is no such value is left out."""
    found = {}
    for value in values:
        match = _VALUE.fullmatch(value)
        if match:
            found[int(match[1])] = Chosen(int(match[1]), int(match[2]))
    return list(found.values())


def act_on_many(
    action: str,
    chosen: Sequence[Chosen],
    *,
    by: Actor,
    at: datetime,
    fields: Callable[[Issue], Mapping[str, Any]],
) -> Result:
    """Carry out ``action`` on each issue through the workflow; ``fields`` gives the action's fields for one.

    Refusals of the workflow, issues out of sight and locks that others hold become entries of the result.
    """
    result = Result()
    visible = issues_chosen(by.access, [one.issue_id for one in chosen])
    for one in chosen:
        issue = visible.get(one.issue_id)
        if issue is None:
            result.refused.append(Refused("", "", _("未找到该工单")))
            continue
        try:
            act(issue_id=issue.pk, action=action, by=by, at=at, data=fields(issue), version=one.version)
        except InvalidFields as error:
            reason = "；".join(dict.fromkeys(str(text) for text in error.fields.values()))
            result.refused.append(Refused(issue.number, issue.title, reason))
        except IssueError as error:
            result.refused.append(Refused(issue.number, issue.title, str(error.message)))
        except OperationalError as error:
            if not gave_way(error):
                raise
            result.refused.append(Refused(issue.number, issue.title, _("工单正由他人处理，请稍后再试")))
        else:
            result.done.append(issue.number)
    return result
