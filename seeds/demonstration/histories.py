"""How far a matter has come: each function adds the steps that lead to one status."""

from collections.abc import Callable
from typing import Final

from deadlines.calendar import MINUTES_PER_DAY
from issues.enums import Kind
from issues.services.creation import ON_THE_LINE
from seeds.demonstration.album import AFTER, BEFORE
from seeds.demonstration.stories import RESIDENT, DemoStory


def submitted(story: DemoStory) -> None:
    """Logged; nothing more yet."""
    story.add(0, story.logged_by, "create", [BEFORE] if story.before else ())


def _gap(story: DemoStory, low: float, high: float) -> float:
    factor = 0.3 if story.urgent or story.handle_days < 1 else 1
    return round(story.words.random.uniform(low, high) * factor, 1)


def accepted(story: DemoStory) -> None:
    """Contacted where the reporter was not present, and accepted."""
    submitted(story)
    clerk = story.staff.clerk
    if story.has_contact and story.draft.source not in ON_THE_LINE:
        note = story.words.note("contact")
        story.add(_gap(story, 15, 120), clerk, "contact", channel="phone", result="reached", note=note)
    story.add(_gap(story, 2, 60), clerk, "accept", category=story.category)


def dispatched(story: DemoStory) -> None:
    """Accepted and sent to the department."""
    accepted(story)
    dispatch(story, story.staff.department)


def dispatch(story: DemoStory, department: str, who: str = "") -> None:
    """Sent to ``department``; now and then with a note."""
    note = story.words.note("dispatch") if story.words.random.random() < 0.3 else ""
    action = "transfer_out" if story.staff.external and department == story.staff.department else "dispatch"
    story.add(_gap(story, 3, 90), who or story.staff.clerk, action, department=department, note=note)


def in_progress(story: DemoStory) -> None:
    """Acknowledged, assigned now and then, and a first report given."""
    dispatched(story)
    staff, random = story.staff, story.words.random
    if not staff.external:
        story.add(_gap(story, 12, 240), staff.officer, "acknowledge")
    if staff.head and random.random() < 0.15:
        story.add(_gap(story, 10, 60), staff.head, "assign", officer=staff.officer)
    if random.random() < 0.12:
        story.add(_gap(story, 10, 200), staff.officer, "comment", note=story.words.note("comment_staff"))
    if story.progress:
        story.add(
            _gap(story, 40, 300),
            staff.officer,
            "progress",
            note=story.progress,
            first_report=True,
            visible_to_resident=True,
        )


def more_progress(story: DemoStory) -> None:
    """A further note, or what the resident adds."""
    random = story.words.random
    if story.from_resident and random.random() < 0.5:
        story.add(_gap(story, 60, 400), RESIDENT, "comment", note=story.words.note("comment_reporter"))
    note = story.words.note("progress")
    story.add(
        _gap(story, 200, 700), story.staff.officer, "progress", note=note, visible_to_resident=random.random() < 0.6
    )


def replied(story: DemoStory) -> None:
    """The department has answered."""
    in_progress(story)
    if story.words.random.random() < 0.3:
        more_progress(story)
    answer(story)


def answer(story: DemoStory) -> None:
    """The department's answer; late where the story is slow."""
    gap = _gap(story, 300, 1300) + (story.handle_days * MINUTES_PER_DAY if story.slow else 0)
    story.add(gap, story.staff.officer, "reply", _proof(story), outcome=story.outcome, note=story.reply)


def _proof(story: DemoStory) -> list[str]:
    """The photograph of what was done, and now and then the record of the inspection."""
    found = [AFTER] if story.seen else []
    return [*found, "现场勘查记录.docx"] if story.words.random.random() < 0.08 else found


def answer_again(story: DemoStory, outcome: str) -> None:
    """What was done after it came back."""
    outcome = "explained" if story.outcome == "explained" else outcome
    note = story.words.raw_note("again")
    story.add(_gap(story, 200, 600), story.staff.officer, "reply", _proof(story), outcome=outcome, note=note)


def verify(story: DemoStory) -> None:
    """Checked by the community: by the secretary where the community itself dealt with it."""
    staff = story.staff
    site = story.seen and story.words.random.random() < 0.6
    who = staff.secretary if staff.own_team or staff.external else staff.clerk
    note = story.words.note("verify_site" if site else "verify_phone")
    check = "site" if site else "phone"
    story.add(_gap(story, 60, 600), who, "verify_pass", [AFTER] if site else (), check=check, note=note)


def follow_up(story: DemoStory) -> None:
    """Verified; the reporter is still to be called back."""
    replied(story)
    verify(story)


def closed(story: DemoStory) -> None:
    """Called back and content; where nobody can be called the verification closes it."""
    follow_up(story)
    if story.has_contact:
        call_back(story)


def call_back(story: DemoStory) -> None:
    """A call after which the matter closes; now and then the resident says so on the page."""
    random = story.words.random
    verdict, solved = ("satisfied", "yes") if random.random() < 0.75 else ("fairly", "partly")
    who = RESIDENT if story.from_resident and random.random() < 0.4 else story.staff.clerk
    gap = _gap(story, 60, 1200)
    story.add(gap, who, "record_follow_up", verdict=verdict, solved=solved, note=story.words.note(verdict))


def call_in_vain(story: DemoStory, times: int) -> None:
    """Calls that nobody answered."""
    for number in range(times):
        note = story.words.note("unreachable")
        story.add(30 if number == 0 else 240, story.staff.clerk, "record_follow_up", verdict="unreachable", note=note)


def redone(story: DemoStory) -> None:
    """Sent back by the community, or by the resident's objection, and in work again."""
    replied(story)
    if story.from_resident and story.words.random.random() < 0.6:
        story.add(_gap(story, 60, 500), RESIDENT, "redo", reason=story.words.note("objection"))
    else:
        story.add(_gap(story, 60, 500), story.staff.clerk, "redo", reason=story.words.note("redo"))


def redone_twice(story: DemoStory) -> None:
    """Sent back a second time."""
    redone(story)
    answer_again(story, "partly")
    story.add(_gap(story, 60, 500), story.staff.clerk, "redo", reason=story.words.note("redo"))


def redone_closed(story: DemoStory) -> None:
    """Sent back once, done again, closed."""
    redone(story)
    more_progress(story)
    answer_again(story, "solved")
    verify(story)
    if story.has_contact:
        call_back(story)


def reopened(story: DemoStory) -> None:
    """Closed, and open again because it came back."""
    closed(story)
    who = RESIDENT if story.from_resident else story.staff.clerk
    story.add(_gap(story, 420, 1600), who, "reopen", reason=story.words.note("reopen"))


def dissatisfied(story: DemoStory) -> None:
    """Called back and not content: stays in follow-up until somebody acts."""
    follow_up(story)
    reason = story.words.note("dissatisfied")
    story.add(
        _gap(story, 60, 600), story.staff.clerk, "record_follow_up", verdict="dissatisfied", solved="no", reason=reason
    )


def closed_explained(story: DemoStory) -> None:
    """Not solved, and closed by the supervisor with an explanation."""
    dissatisfied(story)
    story.add(_gap(story, 60, 600), "supervisor", "close_explained", reason=story.words.note("close_explained"))


def unreachable(story: DemoStory) -> None:
    """Closed after calls in vain on several days and at both times of the day."""
    follow_up(story)
    call_in_vain(story, 3)


def answered_now(story: DemoStory) -> None:
    """An enquiry that the community answered at once; praise that the supervisor passed on."""
    submitted(story)
    praise = story.draft.kind == Kind.PRAISE
    who = "supervisor" if praise else story.staff.clerk
    note = story.words.note("praise_answer") if praise else story.reply
    verdict = {"verdict": "satisfied", "solved": "yes"} if story.has_contact and not praise else {}
    story.add(_gap(story, 5, 60), who, "answer_now", note=note, category=story.category, **verdict)


def rejected(story: DemoStory) -> None:
    """Not accepted, with the right way to go."""
    submitted(story)
    story.add(_gap(story, 20, 200), story.staff.clerk, "reject", reason=story.reason, note=story.reply)


def withdrawn(story: DemoStory) -> None:
    """Taken back by the reporter before the answer."""
    (dispatched if story.words.random.random() < 0.5 else submitted)(story)
    story.add(_gap(story, 30, 400), RESIDENT, "withdraw", note=story.words.note("withdraw"))


def returned(story: DemoStory, second: str = "ENFORCE") -> None:
    """Sent back by the first department: to be dispatched again."""
    dispatched(story)
    _send_back(story, story.staff.officer, second)


def _send_back(story: DemoStory, who: str, suggested: str) -> None:
    story.add(
        _gap(story, 40, 240),
        who,
        "return",
        reason="not_ours",
        basis=story.words.note("return_not_ours", suggested=story.words.given["suggested"]),
        suggested_department=suggested,
    )


def returned_twice(story: DemoStory, second: str, second_officer: str) -> None:
    """Sent back by two departments: the supervisor's to decide."""
    returned(story, second)
    dispatch(story, second)
    _send_back(story, second_officer, story.staff.department)


Recipe = Callable[[DemoStory], None]

RECIPES: Final[dict[str, Recipe]] = {
    "submitted": submitted,
    "accepted": accepted,
    "dispatched": dispatched,
    "in_progress": in_progress,
    "replied": replied,
    "follow_up": follow_up,
    "closed": closed,
    "redone": redone,
    "redone_twice": redone_twice,
    "redone_closed": redone_closed,
    "reopened": reopened,
    "dissatisfied": dissatisfied,
    "closed_explained": closed_explained,
    "unreachable": unreachable,
    "answered_now": answered_now,
    "rejected": rejected,
    "withdrawn": withdrawn,
    "returned": returned,
}
"""The histories by name."""
