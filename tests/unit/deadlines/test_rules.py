"""Every cell of the table of docs/rules/limits.md, the precedence, and the words for it."""

import pytest
from django.utils import translation

from deadlines import kinds
from deadlines.limits import Limit
from deadlines.rules import (
    ANY,
    DEFAULT_RULES,
    EXTENSION,
    KIND,
    KIND_NAMES,
    LEVEL,
    LEVEL_NAMES,
    Extension,
    Override,
    OverrideError,
    RuleChoice,
    RuleRow,
    RuleSet,
    describe_rule,
    effective_level,
    limits_for,
    redo_choice,
    redo_limit,
)

CELLS = ["respond", "accept", "dispatch", "acknowledge", "first_report", "handle"]
TABLE = {
    ("critical", "help"): "30min 15min 15min 30min 2h 24h",
    ("urgent", "help"): "2h 1h 1h 2h 24h 3wd",
    (None, "enquiry"): "1wd 1wd 4wh 1wd - 3wd",
    (None, "help"): "1wd 1wd 4wh 1wd - 5wd",
    (None, "suggestion"): "1wd 1wd 4wh 1wd - 5wd",
    (None, "complaint"): "1wd 1wd 4wh 1wd - 10wd",
    (None, "report"): "1wd 1wd 4wh 1wd - 10wd",
    ("complex", "complaint"): "1wd 1wd 4wh 1wd - 15wd",
    ("project", "suggestion"): "1wd 1wd 4wh 1wd - -",
}
EXTENSIONS = {
    ("critical", "help"): (0, None),
    ("urgent", "help"): (1, "3wd"),
    (None, "enquiry"): (1, "3wd"),
    (None, "help"): (1, "5wd"),
    (None, "suggestion"): (1, "5wd"),
    (None, "complaint"): (1, "10wd"),
    (None, "report"): (1, "10wd"),
    ("complex", "complaint"): (2, "30wd"),
    ("project", "suggestion"): (0, None),
}
COMMON = {
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
}


def texts(found: dict[str, RuleChoice]) -> dict[str, str]:
    return {kind: str(choice.limit) for kind, choice in found.items()}


@pytest.mark.parametrize(("level", "kind"), TABLE)
def test_every_row(level: str | None, kind: str) -> None:
    expected = {cell: text for cell, text in zip(CELLS, TABLE[level, kind].split(), strict=True) if text != "-"}
    common = dict(COMMON)
    if level == "project":
        expected["note"] = "30d"
        del common["progress"]
    found = limits_for(level, None, kind)
    assert texts(found) == expected | common
    reason = f"level:{level}" if level else f"kind:{kind}"
    assert {found[name].reason for name in expected} == {reason}
    assert {found[name].reason for name in common} == {f"default:{name}" for name in common}


@pytest.mark.parametrize(("level", "kind"), EXTENSIONS)
def test_every_extension(level: str | None, kind: str) -> None:
    times, total = EXTENSIONS[level, kind]
    assert DEFAULT_RULES.extension_for(level, None, kind) == Extension(times, Limit.parse(total) if total else None)


@pytest.mark.parametrize("level", [None, *LEVEL_NAMES])
@pytest.mark.parametrize("override", [None, "4wh", "urgent", "praise:urgent"])
def test_praise_has_no_clocks(level: str | None, override: str | None) -> None:
    assert limits_for(level, override, "praise") == {}


PRECEDENCE = [
    # level by a person, override, kind → handle, its rule, respond, effective level
    (None, None, "complaint", "10wd", "kind:complaint", "1wd", "normal"),
    (None, "", "complaint", "10wd", "kind:complaint", "1wd", "normal"),
    (None, "4wh", "complaint", "4wh", "category:0101:4wh", "1wd", "normal"),
    (None, "complaint:4wh", "complaint", "4wh", "category:0101:4wh", "1wd", "normal"),
    (None, "complaint:4wh", "help", "5wd", "kind:help", "1wd", "normal"),
    (None, "20wd", "report", "20wd", "category:0101:20wd", "1wd", "normal"),
    (None, "urgent", "help", "3wd", "category:0101:urgent", "2h", "urgent"),
    (None, "help:critical", "help", "24h", "category:0101:critical", "30min", "critical"),
    (None, "help:critical", "enquiry", "3wd", "kind:enquiry", "1wd", "normal"),
    ("urgent", None, "help", "3wd", "level:urgent", "2h", "urgent"),
    ("urgent", "4wh", "complaint", "3wd", "level:urgent", "2h", "urgent"),
    ("critical", "urgent", "help", "24h", "level:critical", "30min", "critical"),
    ("complex", "urgent", "help", "15wd", "level:complex", "1wd", "complex"),
    ("normal", "urgent", "help", "5wd", "kind:help", "1wd", "normal"),
    ("normal", "4wh", "complaint", "4wh", "category:0101:4wh", "1wd", "normal"),
]


@pytest.mark.parametrize(("level", "override", "kind", "handle", "rule", "respond", "effective"), PRECEDENCE)
def test_precedence(
    level: str | None, override: str | None, kind: str, handle: str, rule: str, respond: str, effective: str
) -> None:
    found = limits_for(level, override, kind, category_code="0101")
    assert found["handle"] == RuleChoice(Limit.parse(handle), rule)
    assert str(found["respond"].limit) == respond
    assert effective_level(level, override, kind) == effective


@pytest.mark.parametrize("level", [None, *LEVEL_NAMES])
@pytest.mark.parametrize("override", [None, "4wh", "complaint:4wh", *LEVEL_NAMES, "help:urgent"])
@pytest.mark.parametrize("kind", KIND_NAMES)
def test_every_combination_answers_and_a_limit_replaces_handling_only(
    level: str | None, override: str | None, kind: str
) -> None:
    found = texts(limits_for(level, override, kind))
    if kind == "praise":
        assert found == {}
        return
    whole = texts(limits_for(None if (e := effective_level(level, override, kind)) == "normal" else e, None, kind))
    assert found.keys() - {"handle"} == whole.keys() - {"handle"}
    assert all(found[name] == whole[name] for name in found if name != "handle")


@pytest.mark.parametrize("text", ["soon", "gossip:4wh", "4", "complaint:", ":4wh", "complaint:soon", "a:b:4wh"])
def test_a_wrong_override_is_refused(text: str) -> None:
    with pytest.raises(OverrideError):
        Override.parse(text)


@pytest.mark.parametrize(
    ("original", "redo"),
    [
        ("3wd", "1wd"),
        ("5wd", "2wd"),
        ("10wd", "4wd"),
        ("15wd", "5wd"),
        ("20wd", "7wd"),
        ("1wd", "1wd"),
        ("4wh", "1wd"),
        ("24h", "1wd"),
        ("96h", "2wd"),
        ("30d", "10wd"),
        ("30min", "1wd"),
        ("none", "1wd"),
    ],
)
def test_redo_is_a_third_in_whole_working_days(original: str, redo: str) -> None:
    assert redo_limit(Limit.parse(original)) == Limit.parse(redo)


def test_redo_keeps_the_rule_once() -> None:
    first = redo_choice(RuleChoice(Limit.parse("10wd"), "kind:complaint"))
    assert first == RuleChoice(Limit.parse("4wd"), "redo:kind:complaint")
    assert redo_choice(first) == RuleChoice(Limit.parse("2wd"), "redo:kind:complaint")


@pytest.mark.parametrize(
    ("rule", "kind", "limit", "words"),
    [
        ("level:urgent", "handle", "3wd", "紧急：3个工作日（自受理起）"),
        ("level:critical", "respond", "30min", "特急：30分钟（自提交起）"),
        ("kind:complaint", "handle", "10wd", "投诉：10个工作日（自受理起）"),
        ("category:0101:4wh", "handle", "4wh", "类别0101规定：4个工作小时（自受理起）"),
        ("category:0302:urgent", "first_report", "24h", "紧急（类别0302规定）：24小时（自受理起）"),
        ("default:verify", "verify", "2wd", "通用规定：2个工作日（自答复起）"),
        ("redo:kind:complaint", "handle", "4wd", "重办时限（投诉原时限的三分之一）：4个工作日（自退回起）"),
        ("level:urgent", "", "", "紧急"),
        ("level:urgent", "", "3wd", "紧急：3个工作日"),
        ("something:else", "", "", "something:else"),
    ],
)
def test_words_for_a_rule(rule: str, kind: str, limit: str, words: str) -> None:
    with translation.override("zh-hans"):
        assert describe_rule(rule, kind, limit) == words


def test_every_rule_names_a_known_deadline_and_scope() -> None:
    assert {row.deadline_kind for row in DEFAULT_RULES.rows} <= {*(spec.code for spec in kinds.every()), EXTENSION}
    scopes = {LEVEL: set(LEVEL_NAMES), KIND: set(KIND_NAMES), ANY: {""}}
    assert all(row.scope in scopes[row.scope_kind] for row in DEFAULT_RULES.rows)
    assert {row.deadline_kind for row in DEFAULT_RULES.rows} - {EXTENSION} <= kinds.those(lambda spec: bool(spec.since))


def test_an_edited_table_is_followed() -> None:
    edited = RuleSet([RuleRow(KIND, "help", "handle", Limit.parse("7wd"))])
    assert texts(edited.limits_for(None, None, "help")) == {"handle": "7wd"}
    assert edited.extension_for(None, None, "help") == Extension(0, None)


@pytest.mark.parametrize("limit", ["none", "3wd", ""])
def test_what_must_have_a_date_has_one_whatever_the_table_says(limit: str) -> None:
    own = RuleSet([RuleRow("any", "", "question_answer", Limit.parse(limit))] if limit else [])
    found = own.always_of("question_answer")
    assert (str(found.limit), found.reason) == ("3wd" if limit == "3wd" else "5wd", "default:question_answer")
