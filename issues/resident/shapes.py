"""What the page of one matter shows, as plain data. Free texts are scrubbed of phone and card numbers."""

from dataclasses import dataclass, field
from datetime import date, datetime

from files.presenting import Shown
from issues.enums import Action, Proof
from issues.reading.attachments import Gallery

RECEIVED, HANDED_OVER, IN_HAND, ANSWERED = 1, 2, 3, 4


@dataclass(frozen=True)
class Step:
    """One of the four steps; ``state`` is done, now or next; ``late`` is an expected date that has passed."""

    code: str
    label: str
    state: str
    at: datetime | None
    who: str
    note: str = ""
    expected: bool = False
    was_at: datetime | None = None
    why_moved: str = ""
    late: bool = False
    review_at: datetime | None = None


@dataclass(frozen=True)
class ResidentAnswer:
    """Something said to the resident, with the files that came with it; ``pairs`` are before and after."""

    kind: str
    text: str
    department: str
    at: datetime
    photos: tuple[Shown, ...] = ()
    pairs: tuple[dict[str, Shown], ...] = ()
    documents: tuple[Shown, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class AskedDepartment:
    """A co-department by name; ``waiting``: it has not answered yet."""

    name: str
    waiting: bool


@dataclass(frozen=True)
class Callback:
    """A call that the reporter asked for at ``since``, owed until ``by``; ``waits``: nobody has got through yet."""

    since: datetime
    by: datetime
    text: str
    waits: bool


@dataclass(frozen=True)
class Promise:
    """What was promised instead of a solution: 承诺 … 前完成, or … 前复查."""

    text: str
    who: str
    due_on: date | None
    review_on: date | None
    kept_at: datetime | None
    days_late: int
    late_text: str = ""
    evidence: str = ""
    released: int | None = None
    """Under which id everybody reads it."""

    @property
    def on(self) -> date | None:
        """The day that counts now."""
        return self.due_on or self.review_on


@dataclass(frozen=True)
class ResidentView:
    """Everything that the page of one matter shows.

    Of a matter that joined another one, number, verdict and own photos are the reporter's, the rest is told of the
    matter under which it is handled (``joined``). ``proof`` is what the reader has shown: without the whole phone
    number no word and no photo of the reporter is in it, without its end nothing of what was said either.
    """

    number: str
    version: int
    title: str
    status: str
    status_label: str
    step: int
    sentence: tuple[str, ...]
    below: str
    steps: tuple[Step, ...]
    department: str
    department_phone: str
    community: str
    community_phone: str
    promised_at: datetime | None
    promised_estimated: bool
    was_promised_at: datetime | None
    answers: tuple[ResidentAnswer, ...]
    objection: ResidentAnswer | None
    reject_reason: str
    outcome: str
    outcome_label: str
    verdict: str
    solved: str
    asks_verdict: bool
    can_reopen: bool
    raise_again: bool
    is_open: bool
    has_phone: bool
    confidential: bool
    messages: str = ""
    """Whether the reporter is sent short messages: a MessageWish, "" where there is nothing to choose or to know."""
    redo_count: int = 0
    actions: frozenset[str] = frozenset()
    joined: bool = False
    others: int = 0
    callback: Callback | None = None
    can_correct: bool = False
    said_here: bool = False
    """Whether the verdict that may be corrected was the reporter's own, not one that the office noted."""
    begun_anew: bool = False
    news_at: datetime | None = None
    """Until when news of it are told, where it has no answering date."""
    asked: ResidentAnswer | None = None
    asked_until: datetime | None = None
    why_paused: str = ""
    organisations: tuple[AskedDepartment, ...] = ()
    promise: Promise | None = None
    external: bool = False
    stage: str = ""
    own_photos: tuple[Shown, ...] = ()
    own_documents: tuple[Shown, ...] = ()
    gallery: Gallery = field(default_factory=Gallery)
    proof: Proof = Proof.LINK

    @property
    def last_answer(self) -> ResidentAnswer | None:
        """The answer that a verdict is asked about, where its words may be read."""
        return next((one for one in self.answers if one.kind in (Action.REPLY, Action.ANSWER_NOW) and one.text), None)

    @property
    def progress(self) -> tuple[ResidentAnswer, ...]:
        """What was reported on the way, where the steps' note does not tell it all."""
        found = tuple(answer for answer in self.answers if answer.kind == Action.PROGRESS)
        return found if len(found) > 1 or any(one.photos or one.documents for one in found) else ()
