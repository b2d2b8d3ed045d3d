"""The table of docs/rules/limits.md as data, and their precedence. Pure: no ORM, no HTTP.

A level set by a person comes first, then the category's override, then the kind. The level ``normal`` has no row of its
own: a person who sets it undoes a level that the category gives, and what remains (the category's limit, the kind)
decides.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from deadlines import kinds
from deadlines.calendar import MINUTES_PER_DAY
from deadlines.limits import Limit, LimitError, Unit, working_days
from deadlines.reckoning import OUTSIDE

LEVEL, KIND, ANY = "level", "kind", "any"
EXTENSION: Final = "extension"
"""In a rule row: the extension allowance instead of a deadline."""

NORMAL: Final = "normal"
CLOCKLESS_KINDS: Final = frozenset({"praise"})

LEVEL_NAMES: Final = {
    "critical": _("特急"),
    "urgent": _("紧急"),
    "normal": _("一般"),
    "complex": _("疑难"),
    "project": _("项目类"),
}
KIND_NAMES: Final = {
    "enquiry": _("咨询"),
    "help": _("求助"),
    "complaint": _("投诉"),
    "report": _("举报"),
    "suggestion": _("建议"),
    "praise": _("表扬"),
}


FIXED: Final = {
    "commitment": _("承诺的日期"),
    "until": _("批准挂账的复查日期"),
}
"""Rules that are a date which somebody set."""


EXTERNAL: Final = "external:"
"""Before the rule of a deadline that ends earlier than the rule says, because somebody outside allows no more."""
STANDS: Final = "external:stands:"
"""The same, where only our own pause or extension would have passed the outside time."""
JOINED: Final = "joined:"
"""Before the rule of a deadline that ends earlier because a matter that joined is due then."""


def rule_within(rule: str) -> str:
    """The rule of the deadline's own time, without what says who holds it to an earlier one."""
    return rule.removeprefix(STANDS).removeprefix(EXTERNAL).removeprefix(JOINED)


def held_rule(rule: str, held_by: str, *, ours: bool) -> str:
    """``rule`` marked by the source that holds the deadline to an earlier time ("" : none)."""
    if not held_by:
        return rule
    if held_by != OUTSIDE:
        return f"{JOINED}{rule}"
    return f"{STANDS if ours else EXTERNAL}{rule}"


class OverrideError(ValueError):
    """The text is not a category override."""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One cell of the table; ``times`` only for extensions: how often one may be granted, ``limit`` in all."""

    scope_kind: str
    scope: str
    deadline_kind: str
    limit: Limit
    times: int = 0


@dataclass(frozen=True, slots=True)
class RuleChoice:
    """The limit that holds, and the stable text of the rule that gave it."""

    limit: Limit
    reason: str


@dataclass(frozen=True, slots=True)
class Extension:
    """How often a handling deadline may be extended, and by how much in all (None where it may not)."""

    times: int
    total: Limit | None


@dataclass(frozen=True, slots=True)
class Override:
    """A category's override: a level or a limit for handling, for one kind of issue or all."""

    kind: str | None
    level: str | None
    limit: Limit | None

    @staticmethod
    @lru_cache(maxsize=256)
    def parse(text: str) -> "Override | None":
        """``4wh``, ``5wd``, a level, or ``complaint:`` before either; None for ""; OverrideError for anything else."""
        if not text.strip():
            return None
        head, colon, tail = text.strip().rpartition(":")
        if colon and head not in KIND_NAMES:
            raise OverrideError(gettext("无法识别的类型：%(text)s") % {"text": head})
        if tail in LEVEL_NAMES:
            return Override(head or None, tail, None)
        try:
            limit = Limit.parse(tail)
        except LimitError as error:
            raise OverrideError(str(error)) from error
        return Override(head or None, None, limit)

    def holds_for(self, kind: str) -> bool:
        """Whether this override is about issues of ``kind``."""
        return self.kind is None or self.kind == kind


def override_words(text: str) -> str:
    """An override as people read it: 紧急, 5个工作日, 投诉：4个工作小时; "" where there is none."""
    override = Override.parse(text)
    if override is None:
        return ""
    words = str(LEVEL_NAMES[override.level]) if override.level else override.limit.label() if override.limit else ""
    return (
        gettext("%(kind)s：%(limit)s") % {"kind": KIND_NAMES[override.kind], "limit": words} if override.kind else words
    )


def _override_for(text: str | None, kind: str) -> Override | None:
    override = Override.parse(text or "")
    return override if override and override.holds_for(kind) else None


def effective_level(level_set_by_person: str | None, category_override: str | None, kind: str) -> str:
    """The level that holds: the person's, else the category's, else ``normal``."""
    if level_set_by_person:
        return level_set_by_person
    override = _override_for(category_override, kind)
    return (override.level if override else None) or NORMAL


class RuleSet:
    """A table of rules. ``DEFAULT_RULES`` is the product's; an installation edits its own copy."""

    def __init__(self, rows: Iterable[RuleRow]) -> None:
        self.rows = tuple(rows)
        self._limits: dict[tuple[str, str], dict[str, Limit]] = {}
        self._extensions: dict[tuple[str, str], Extension] = {}
        for row in self.rows:
            key = (row.scope_kind, row.scope)
            if row.deadline_kind == EXTENSION:
                self._extensions[key] = Extension(row.times, row.limit)
            else:
                self._limits.setdefault(key, {})[row.deadline_kind] = row.limit

    def limits_for(
        self,
        level_set_by_person: str | None,
        category_override: str | None,
        kind: str,
        *,
        category_code: str = "",
    ) -> dict[str, RuleChoice]:
        """Deadline kind → limit and reason, by the precedence of this module. Empty for praise, which has no clocks.

        Kinds of deadlines without a clock (a limit of ``none``) are left out.
        """
        if kind in CLOCKLESS_KINDS:
            return {}
        scope, reason = self._scope(level_set_by_person, category_override, kind, category_code)
        found = {
            deadline_kind: RuleChoice(limit, f"default:{deadline_kind}")
            for deadline_kind, limit in self._limits.get((ANY, ""), {}).items()
        }
        found |= {name: RuleChoice(limit, reason) for name, limit in self._limits.get(scope, {}).items()}
        override = _override_for(category_override, kind)
        if override and override.limit and scope[0] == KIND:
            found["handle"] = RuleChoice(override.limit, f"category:{category_code}:{override.limit}")
        return {name: choice for name, choice in found.items() if not choice.limit.is_none}

    def of_all(self, deadline_kind: str) -> RuleChoice:
        """The limit of a clock that is the same whatever it is about. KeyError where the table has none."""
        return RuleChoice(self._limits[ANY, ""][deadline_kind], f"default:{deadline_kind}")

    def always_of(self, deadline_kind: str) -> RuleChoice:
        """As ``of_all``, of what must have a date: the product's limit where the office's table has none, or 不限时."""
        own = self._limits.get((ANY, ""), {}).get(deadline_kind)
        return DEFAULT_RULES.of_all(deadline_kind) if own is None or own.is_none else self.of_all(deadline_kind)

    def extension_for(self, level_set_by_person: str | None, category_override: str | None, kind: str) -> Extension:
        """The extension allowance of the row that holds; a category's limit leaves the kind's allowance."""
        scope, _reason = self._scope(level_set_by_person, category_override, kind, "")
        return self._extensions.get(scope, Extension(0, None))

    def _scope(
        self, person: str | None, category_override: str | None, kind: str, category_code: str
    ) -> tuple[tuple[str, str], str]:
        level = effective_level(person, category_override, kind)
        if level == NORMAL:
            return (KIND, kind), f"kind:{kind}"
        return (LEVEL, level), f"level:{level}" if person else f"category:{category_code}:{level}"


def _table() -> Iterable[RuleRow]:
    common = {"respond": "1wd", "accept": "1wd", "dispatch": "4wh", "acknowledge": "1wd"}
    rows: Mapping[tuple[str, str], tuple[dict[str, str], tuple[int, str]]] = {
        (LEVEL, "critical"): (
            {
                "respond": "30min",
                "accept": "15min",
                "dispatch": "15min",
                "acknowledge": "30min",
                "first_report": "2h",
                "handle": "24h",
            },
            (0, "none"),
        ),
        (LEVEL, "urgent"): (
            {
                "respond": "2h",
                "accept": "1h",
                "dispatch": "1h",
                "acknowledge": "2h",
                "first_report": "24h",
                "handle": "3wd",
            },
            (1, "3wd"),
        ),
        (LEVEL, "complex"): (common | {"handle": "15wd"}, (2, "30wd")),
        (LEVEL, "project"): (common | {"handle": "none", "note": "30d", "progress": "none"}, (0, "none")),
        (KIND, "enquiry"): (common | {"handle": "3wd"}, (1, "3wd")),
        (KIND, "help"): (common | {"handle": "5wd"}, (1, "5wd")),
        (KIND, "suggestion"): (common | {"handle": "5wd"}, (1, "5wd")),
        (KIND, "complaint"): (common | {"handle": "10wd"}, (1, "10wd")),
        (KIND, "report"): (common | {"handle": "10wd"}, (1, "10wd")),
        (ANY, ""): (
            {
                "verify": "2wd",
                "follow_up": "5wd",
                "more_info": "3wd",
                "tracking": "5wd",
                "callback": "1wd",
                "suspension_review": "30d",
                "extension_decision": "4wh",
                "return_decision": "1wd",
                "supervision_reply": "2wd",
                "progress": "5wd",
                "signature": "1wd",
                "urge_reply": "1wd",
                "inform": "1wd",
                "sample": "3wd",
                "rights": "30d",
                "incident": "4h",
                "holding": "1wd",
                "minutes": "3wd",
                "question_answer": "5wd",
                "proposal": "90d",
                "proposal_long": "180d",
                "proposal_again": "30d",
                "proposal_part": "30d",
                "proposal_report": "10wd",
            },
            (0, "none"),
        ),
    }
    for (scope_kind, scope), (limits, (times, total)) in rows.items():
        for deadline_kind, text in limits.items():
            yield RuleRow(scope_kind, scope, deadline_kind, Limit.parse(text))
        if times:
            yield RuleRow(scope_kind, scope, EXTENSION, Limit.parse(total), times)


DEFAULT_RULES: Final = RuleSet(_table())


def limits_for(
    level_set_by_person: str | None, category_override: str | None, kind: str, *, category_code: str = ""
) -> dict[str, RuleChoice]:
    """``DEFAULT_RULES.limits_for``: the limits that docs/rules/limits.md gives this issue."""
    return DEFAULT_RULES.limits_for(level_set_by_person, category_override, kind, category_code=category_code)


_DAY_MINUTES: Final = {
    Unit.WORKING_DAYS: 1,
    Unit.DAYS: 1,
    Unit.WORKING_HOURS: MINUTES_PER_DAY,
    Unit.HOURS: 24 * 60,
    Unit.MINUTES: 24 * 60,
}


def redo_limit(original: Limit) -> Limit:
    """The clock of a redo or a reopening: a third of the original, rounded up to whole working days, at least one."""
    if original.is_none:
        return working_days(1)
    length = original.amount if original.counts_days else original.minutes
    return working_days(max(1, math.ceil(length / (3 * _DAY_MINUTES[original.unit]))))


def redo_choice(original: RuleChoice) -> RuleChoice:
    """The redo clock that follows from the original handling rule."""
    return RuleChoice(redo_limit(original.limit), f"redo:{original.reason.removeprefix('redo:')}")


def describe_rule(rule: str, deadline_kind: str = "", limit: Limit | str = "") -> str:
    """A stored rule as people read it, e.g. 紧急：3个工作日（自受理起）. The rest is left out where it is not given."""
    source = _source(rule)
    if not limit:
        return source
    amount = (Limit.parse(limit) if isinstance(limit, str) else limit).label()
    if rule.startswith(("co:", EXTERNAL, JOINED)) or rule in FIXED:
        return source
    start = _("自退回起") if rule.startswith("redo:") else kinds.since(deadline_kind)
    if not start:
        return gettext("%(rule)s：%(limit)s") % {"rule": source, "limit": amount}
    return gettext("%(rule)s：%(limit)s（%(start)s）") % {"rule": source, "limit": amount, "start": start}


def _source(rule: str) -> str:
    head, _colon, rest = rule.partition(":")
    if head == "level" and rest in LEVEL_NAMES:
        return str(LEVEL_NAMES[rest])
    if head == "kind" and rest in KIND_NAMES:
        return str(KIND_NAMES[rest])
    if head == "default":
        return gettext("通用规定")
    if rule in FIXED:
        return str(FIXED[rule])
    if head == "co":
        return gettext("协办时限（比主办早1个工作日，至少为余下时间的一半）")
    if rule.startswith(STANDS):
        return gettext("外部时限先到，本单位延期、挂账不顺延（%(rule)s）") % {"rule": _source(rule_within(rule))}
    if head == "joined":
        return gettext("并入诉求的时限（早于%(rule)s）") % {"rule": _source(rest)}
    if head == "external":
        return gettext("外部规定的时限（早于%(rule)s）") % {"rule": _source(rest)}
    if head == "redo":
        return gettext("重办时限（%(rule)s原时限的三分之一）") % {"rule": _source(rest)}
    if head == "category":
        code, _colon, what = rest.partition(":")
        if what in LEVEL_NAMES:
            return gettext("%(level)s（类别%(code)s规定）") % {"level": LEVEL_NAMES[what], "code": code}
        return gettext("类别%(code)s规定") % {"code": code}
    return rule
