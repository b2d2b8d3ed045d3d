"""What a change of the ladder says before it is saved: itself in words, and what it would fire at once."""

from dataclasses import replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deadlines import kinds
from reminders import ladder_words
from reminders import rungs as specs
from reminders.ladder import Rung
from reminders.ladder_preview import CAP, Preview, WouldFire
from reminders.ladder_rules import Edit


def review(before: Rung | None, edit: Edit, found: Preview) -> dict[str, Any]:
    """The change and its effects, as the template prints them."""
    subject = edit.rung or before
    return {
        "retires": edit.kind == "retire",
        "adds": edit.kind == "add",
        "title": specs.label(subject.code) if subject else "",
        "differences": _differences(before, edit.rung),
        "unchanged": edit.rung is not None and _same(before, edit.rung),
        "fires_text": _fires_text(found),
        "replanned_text": _replanned_text(found),
        "fires": found.fires,
        "complete": found.complete,
        "seen": found.seen,
        "first": [_row(row) for row in found.first],
    }


def _row(row: WouldFire) -> dict[str, Any]:
    return {
        "number": row.number,
        "url": reverse("console-issue", args=[row.number]),
        "clock": kinds.label(row.kind),
        "due_at": row.due_at,
        "rung": specs.label(row.rung.code),
        "what": ladder_words.what_words(row.rung),
        "roles": ladder_words.roles_words(row.rung),
        "skipped": _("、").join(specs.label(code) for code in row.skipped),
    }


def _same(before: Rung | None, after: Rung) -> bool:
    return before is not None and replace(after, since=before.since) == before


def _differences(before: Rung | None, after: Rung | None) -> list[dict[str, Any]]:
    """The rung in words, line by line; of a change what was and what shall be."""
    lines = (
        (_("做什么"), lambda rung: f"{specs.label(rung.code)}：{ladder_words.what_words(rung)}"),
        (_("何时"), lambda rung: ladder_words.offset_words(rung.offset)),
        (_("提醒谁"), ladder_words.roles_words),
        (_("适用时限"), lambda rung: ladder_words.kinds_words(rung.kinds)),
        (_("适用级别"), lambda rung: ladder_words.levels_words(rung.levels)),
        (_("渠道"), lambda rung: ladder_words.channels_words(rung.channels)),
        (_("级次"), lambda rung: str(rung.rank)),
    )
    found = []
    for label, words in lines:
        old, new = (words(rung) if rung else "" for rung in (before, after))
        found.append({"label": label, "old": old or "—", "new": new or "—", "changed": old != new})
    return found


def _count(number: int) -> str:
    return f"{CAP}+" if number > CAP else str(number)


def _fires_text(found: Preview) -> str:
    if not found.fires:
        return _("保存后不会立即触发任何时限。")
    text = ngettext("保存后会立即触发%(n)s个时限。", "保存后会立即触发%(n)s个时限。", found.fires)
    return text % {"n": _count(found.fires)}


def _replanned_text(found: Preview) -> str:
    if not found.replanned:
        return _("没有未办结时限的下一次提醒会改变。")
    text = ngettext("%(n)s个未办结时限的下一次提醒会改变。", "%(n)s个未办结时限的下一次提醒会改变。", found.replanned)
    return text % {"n": _count(found.replanned)}
