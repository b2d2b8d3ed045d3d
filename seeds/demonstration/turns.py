"""Histories in which more happens: deferrals, extensions, several departments, many residents, promises, supervision.

Each function adds steps to a story as those of ``histories`` do. What a scene says besides its words (``more``) names
the departments, days and sentences that the steps need.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from deadlines.calendar import MINUTES_PER_DAY
from issues.enums import Source
from seeds.demonstration.album import BEFORE
from seeds.demonstration.histories import (
    accepted,
    answer,
    call_back,
    closed,
    dispatch,
    dispatched,
    in_progress,
    returned_twice,
    submitted,
    verify,
)
from seeds.demonstration.stories import RESIDENT, TIME, DemoStory, InDays
from seeds.places.names import mobile, person

SUPERVISOR, DEPUTY, DIRECTOR = "supervisor", "deputy", "director"
_FIRST_JOINER: Final = 1100
"""Those who join the charging matter have the numbers from 199 0000 1100 on."""
_HALF_DAY: Final = MINUTES_PER_DAY / 2


def _days(story: DemoStory, key: str, default: int) -> int:
    return int(story.more.get(key) or default)


def _note(story: DemoStory, key: str) -> str:
    return story.more.get(key, "")


def _wait_until_late(story: DemoStory, working_days: float) -> float:
    """The gap after which the handling limit has been missed for so long."""
    accepted_at = next(number for number, step in enumerate(story.steps) if step.action == "accept")
    since = sum(step.gap for step in story.steps[accepted_at + 1 :])
    return max(60.0, (story.handle_days + 1 + working_days) * MINUTES_PER_DAY - since)


# Information


def need_info(story: DemoStory) -> None:
    """Asked for more; the reporter has not answered yet."""
    submitted(story)
    story.add(90, story.staff.clerk, "request_info", note=_note(story, "ask"))


def info_expired(story: DemoStory) -> None:
    """Asked for more, and the time for it is over: back with the community, marked."""
    need_info(story)
    story.add(4 * MINUTES_PER_DAY, TIME, "give_info")


def info_given(story: DemoStory) -> None:
    """Asked for more and answered with a photograph."""
    need_info(story)
    story.add(_HALF_DAY, RESIDENT, "give_info", [BEFORE] if story.seen else (), note=_note(story, "given"))


def edited(story: DemoStory) -> None:
    """The clerk heard it better on the telephone and corrected what was logged."""
    accepted(story)
    story.add(12, story.staff.clerk, "edit", address=_note(story, "address"), note=_note(story, "correction"))
    dispatch(story, story.staff.department)


# Who works on it


def deemed(story: DemoStory) -> None:
    """Nobody signed for it: deemed signed after twice the time."""
    dispatched(story)
    story.add(3 * MINUTES_PER_DAY, TIME, "acknowledge")


def reassigned(story: DemoStory) -> None:
    """Sent to another department before the first had signed for it."""
    dispatched(story)
    story.add(
        _HALF_DAY, story.staff.clerk, "reassign", department=_note(story, "second"), reason=_note(story, "reason")
    )


def assigned_final(story: DemoStory) -> None:
    """Returned twice; the supervisor decided, and the third may not return it."""
    returned_twice(story, _note(story, "second"), _note(story, "second_officer"))
    third = _note(story, "third")
    story.add(_HALF_DAY, SUPERVISOR, "assign_final", department=third, reason=_note(story, "reason"))
    story.add(150, _note(story, "third_officer"), "acknowledge")
    story.add(
        200, _note(story, "third_officer"), "progress", note=_note(story, "after"), first_report=True,
        visible_to_resident=True,
    )  # fmt: skip


def with_others(story: DemoStory) -> None:
    """Two departments are to help: one has answered, the other has not yet."""
    in_progress(story)
    officer = story.staff.officer
    story.add(60, officer, "add_department", department=_note(story, "co"), note=_note(story, "co_note"))
    story.add(10, officer, "add_department", department=_note(story, "co2"), note=_note(story, "co2_note"))
    story.add(_HALF_DAY, _note(story, "co_officer"), "co_reply", ["现场勘查记录.docx"], note=_note(story, "co_reply"))


def one_silent(story: DemoStory) -> None:
    """One of two departments never answered: the lead answers without it."""
    with_others(story)
    story.add(
        6 * MINUTES_PER_DAY, story.staff.officer, "progress", note=_note(story, "after"), visible_to_resident=True
    )
    story.add(_wait_until_late(story, 0.2), story.staff.officer, "reply", ["意见征询汇总.docx"], **_reply(story))


def waived(story: DemoStory) -> None:
    """The supervisor lets one of the helping departments off."""
    with_others(story)
    story.add(120, SUPERVISOR, "waive_department", department=_note(story, "co2"), reason=_note(story, "reason"))


def _reply(story: DemoStory) -> dict[str, Any]:
    return {"outcome": story.outcome, "note": story.reply}


# Time


def extension_asked(story: DemoStory) -> None:
    """More time was asked for; the head agrees, the supervisor has not decided."""
    in_progress(story)
    officer, days = story.staff.officer, _days(story, "days", 3)
    story.add(_HALF_DAY, officer, "request_extension", days=days, reason=_note(story, "reason"))
    if story.staff.head:
        story.add(45, story.staff.head, "endorse", note="情况属实，同意。")


def extended(story: DemoStory) -> None:
    """More time was granted."""
    extension_asked(story)
    story.add(120, SUPERVISOR, "grant_extension", note="同意，请提前告知反映人。")


def extension_refused(story: DemoStory) -> None:
    """More time was refused."""
    extension_asked(story)
    story.add(120, SUPERVISOR, "refuse_extension", reason=_note(story, "refusal"))


def suspension_asked(story: DemoStory) -> None:
    """A deferral was asked for; not decided yet."""
    in_progress(story)
    _ask_deferral(story, _HALF_DAY, "until")


def _ask_deferral(story: DemoStory, gap: float, until: str) -> None:
    story.add(
        gap, story.staff.officer, "request_suspension", ["平面示意图.pdf"], reason=_note(story, "why"),
        until=InDays(_days(story, until, 30)), interim_answer=_note(story, "interim"), note=_note(story, "reason"),
    )  # fmt: skip
    if story.staff.head:
        story.add(40, story.staff.head, "endorse", note="情况属实，同意。")


def suspended(story: DemoStory) -> None:
    """Deferred, with a day on which it is looked at again."""
    suspension_asked(story)
    story.add(90, SUPERVISOR, "grant_suspension", note="同意挂账，到期复查。")


def suspended_again(story: DemoStory) -> None:
    """Deferred, and once more before the first time was over."""
    suspended(story)
    story.add(
        4 * MINUTES_PER_DAY, story.staff.officer, "progress", note=_note(story, "after"), visible_to_resident=True
    )
    _ask_deferral(story, 5 * MINUTES_PER_DAY, "again_until")
    story.add(100, SUPERVISOR, "grant_suspension", note="同意续期一次，请如期公布结果。")


def resumed(story: DemoStory) -> None:
    """Deferred, and in work again."""
    suspended(story)
    story.add(6 * MINUTES_PER_DAY, story.staff.officer, "resume", note=_note(story, "after"))


# Promises


def planned(story: DemoStory) -> None:
    """Answered with a plan that has a date; to be verified."""
    in_progress(story)
    _promise(story, due_on=InDays(_days(story, "due_days", 60)))


def planned_closed(story: DemoStory) -> None:
    """The plan was explained and accepted; the promise goes on."""
    planned(story)
    verify(story)
    call_back(story)


def _promise(story: DemoStory, **dates: InDays) -> None:
    words: dict[str, Any] = {**_reply(story), "commitment": _note(story, "promise"), **dates}
    story.add(2 * MINUTES_PER_DAY, story.staff.officer, "reply", ["平面示意图.pdf"], **words)


def not_now(story: DemoStory) -> None:
    """It cannot be solved now: the supervisor looks at it, and a day is set to look again."""
    in_progress(story)
    _promise(story, review_on=InDays(_days(story, "review_days", 90)))


def not_now_passed(story: DemoStory) -> None:
    """The supervisor agreed; the reporter is to be called."""
    not_now(story)
    verify(story)


# Supervision


def order_drafted(story: DemoStory) -> None:
    """Late: an order waits for the deputy's signature."""
    in_progress(story)
    story.add(_wait_until_late(story, 1), SUPERVISOR, "urge", note=story.words.note("urge"))
    story.add(2 * MINUTES_PER_DAY, SUPERVISOR, "supervise", kind="order", note=_note(story, "order"))


def ordered(story: DemoStory) -> None:
    """The order is signed and answered in writing."""
    order_drafted(story)
    story.add(60, DEPUTY, "sign", kind="order", note="同意，限两个工作日内书面回复。")
    story.add(
        MINUTES_PER_DAY, story.staff.officer, "progress", ["现场勘查记录.docx"], note=_note(story, "answer"),
        supervision_reply=True,
    )  # fmt: skip


def yellow_drafted(story: DemoStory) -> None:
    """An order did not help: a yellow card waits for the deputy."""
    ordered(story)
    story.add(2 * MINUTES_PER_DAY, SUPERVISOR, "supervise", kind="yellow_card", note=_note(story, "yellow"))


def red_drafted(story: DemoStory) -> None:
    """Neither did a yellow card: a red one waits for the director."""
    yellow_drafted(story)
    story.add(60, DEPUTY, "sign", kind="yellow_card", note="同意。")
    story.add(90, DIRECTOR, "instruct", note=_note(story, "instruction"))
    story.add(4 * MINUTES_PER_DAY, SUPERVISOR, "supervise", kind="red_card", note=_note(story, "red"))


def lifted(story: DemoStory) -> None:
    """The order was lifted once the department had answered it."""
    ordered(story)
    story.add(90, DEPUTY, "lift", note="已书面回复并明确完成时间，解除督办。")


def instructed(story: DemoStory) -> None:
    """The deputy wrote an instruction; others get to know of it."""
    in_progress(story)
    story.add(90, DEPUTY, "instruct", note=_note(story, "instruction"))
    story.add(
        30, SUPERVISOR, "cc", departments=_note(story, "cc_departments"), users=_note(story, "cc_users"),
        note="请按批示要求配合。",
    )  # fmt: skip


def called(story: DemoStory) -> None:
    """The reporter wants to be called."""
    in_progress(story)
    story.add(60, RESIDENT, "request_callback", note=_note(story, "ask"))


def exclusion_asked(story: DemoStory) -> None:
    """Closed; to leave the figures if a second person agrees."""
    closed(story)
    story.add(_HALF_DAY, SUPERVISOR, "request_exclusion", reason=_note(story, "reason"))


def excluded(story: DemoStory) -> None:
    """Left the figures with the deputy's approval."""
    exclusion_asked(story)
    story.add(120, DEPUTY, "grant_exclusion", reason="情况属实，同意剔除。")


# Many residents


def joined(story: DemoStory) -> None:
    """Eleven more residents report the same and join; called back, one of them is not content."""
    texts = [text for key, text in story.more.items() if key.startswith("join")]
    accepted(story)
    for number in range(4):
        _join(story, number, texts[number], 40)
    dispatch(story, story.staff.department)
    story.add(70, story.staff.officer, "acknowledge")
    for number in range(4, len(texts)):
        _join(story, number, texts[number], 110)
    files = ["充电设施布点清单.xlsx"]
    story.add(
        _HALF_DAY, story.staff.officer, "progress", files, note=story.progress, first_report=True,
        visible_to_resident=True,
    )  # fmt: skip
    answer(story)
    verify(story)
    for number in range(4):
        story.add(
            25, story.staff.clerk, "record_follow_up", on=_key(number), verdict="satisfied", solved="yes",
            note=story.words.note("satisfied"),
        )  # fmt: skip
    story.add(
        30, story.staff.clerk, "record_follow_up", on=_key(4), verdict="dissatisfied", solved="no",
        reason=_note(story, "objection"),
    )  # fmt: skip


def _key(number: int) -> str:
    return f"join{number + 1}"


def _join(story: DemoStory, number: int, text: str, gap: float) -> None:
    """One more resident reports it, and the clerk joins it to the first."""
    online = number % 3 != 2
    draft = replace(
        story.draft,
        description=text,
        title="",
        source=Source.WEB if online else Source.PHONE,
        contact_name=person(story.words.random),
        contact_phone=mobile(_FIRST_JOINER + number),
        confidential=None,
        external_number="",
    )
    story.joined[_key(number)] = draft
    by = RESIDENT if online else story.staff.clerk
    story.add(gap, by, "create", [BEFORE] if online and number % 2 else (), on=_key(number))
    story.add(15, story.staff.clerk, "merge", on=_key(number), note="同一地点同一问题，并入首件一并办理。")


def publish(story: DemoStory, title: str, text: str) -> None:
    """The clerk shows it on the community's page."""
    story.add(20, story.staff.clerk, "publish", title=title, text=text)


TURNS: Final[dict[str, Callable[[DemoStory], None]]] = {
    turn.__name__: turn
    for turn in (
        need_info, info_expired, info_given, edited, deemed, reassigned, assigned_final, with_others, one_silent,
        waived, extension_asked, extended, extension_refused, suspension_asked, suspended, suspended_again, resumed,
        planned, planned_closed, not_now, not_now_passed, order_drafted, ordered, yellow_drafted, red_drafted, lifted,
        instructed, called, exclusion_asked, excluded, joined,
    )
}  # fmt: skip
"""The histories by name."""
