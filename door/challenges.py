"""Whether a public form was sent by a person: a signed word with the time, a little arithmetic, a second look. Pure.

docs/rules/residents.md#robots has the rules. A form is shown with a challenge: signed, so that the server keeps nothing
of it. A script solves a small puzzle about its word while the person types; without a script the form is shown once
more and sent again. The moment is the server's own, whatever the phone's clock says.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from hashlib import sha256
from typing import Final

from django.core import signing

PARTS: Final = 8
BITS: Final = 11
"""A puzzle has so many parts, each a number whose hash begins with so many zero bits: 16,000 hashes in the mean, a
third of a second on a phone that does 50,000 a second, and never many times that, as one large part could take."""
QUICKEST: Final = timedelta(seconds=3)
"""Nobody reads a form, writes a sentence and sends it sooner."""
VALID_FOR: Final = timedelta(days=7)
"""As long as a phone keeps what is typed (static/js/phone/drafts.js)."""
_SALT: Final = "door.challenge"
_LONGEST: Final = 200


@dataclass(frozen=True)
class Challenge:
    """What a form was shown with: its name, since when the person has it, a word of its own; they came before."""

    form: str
    since: datetime
    word: str
    seen: bool = False

    def token(self) -> str:
        """As the form carries it."""
        value = f"{self.form}.{int(self.since.timestamp())}.{self.word}.{int(self.seen)}"
        return signing.Signer(salt=_SALT).sign(value)


class Doubt(Enum):
    """Why a form is not taken at once."""

    UNKNOWN = "no challenge of ours, or one that is too old"
    FAST = "sooner than a person types"
    TRAPPED = "a field that nobody sees was filled in"
    UNSURE = "no proof by a script, and shown for the first time"


@dataclass(frozen=True)
class Judgement:
    """What was found: the challenge where it holds, the doubt where there is one, whether a script did its part."""

    challenge: Challenge | None
    doubt: Doubt | None = None
    proven: bool = False


def new_challenge(form: str, at: datetime) -> Challenge:
    """For a form that is shown for the first time."""
    return Challenge(form, at, secrets.token_urlsafe(12))


def renewed(form: str, earlier: Challenge | None, at: datetime) -> Challenge:
    """For a form that is shown again: whoever brought a good one came before, and has had the form since then."""
    if earlier is None:
        return new_challenge(form, at)
    return Challenge(form, earlier.since, secrets.token_urlsafe(12), seen=at - earlier.since >= QUICKEST)


def read_challenge(form: str, token: str) -> Challenge | None:
    """What a form brought, however old; None for what is none of ours or of another form."""
    try:
        name, since, word, seen = signing.Signer(salt=_SALT).unsign(token[:_LONGEST]).split(".")
    except (signing.BadSignature, ValueError):
        return None
    moment = datetime.fromtimestamp(int(since), UTC)
    if name != form:
        return None
    return Challenge(form, moment, word, seen == "1")


def solves(word: str, proof: str) -> bool:
    """Whether ``proof``, numbers with dots between, is the answer to the puzzle about ``word``."""
    numbers = proof[: PARTS * 12].split(".")
    if len(numbers) != PARTS:
        return False
    return all(
        number.isascii() and number.isdigit() and _fits(word, part, number) for part, number in enumerate(numbers)
    )


def _fits(word: str, part: int, number: str) -> bool:
    digest = sha256(f"{word}:{part}:{number}".encode()).digest()
    return int.from_bytes(digest[:4]) >> (32 - BITS) == 0


def judge(*, form: str, token: str, proof: str, trapped: bool, at: datetime) -> Judgement:
    """What a sent form says of its sender."""
    challenge = read_challenge(form, token)
    if challenge is None:
        return Judgement(None, Doubt.TRAPPED if trapped else Doubt.UNKNOWN)
    if at - challenge.since > VALID_FOR:
        return Judgement(Challenge(form, at - QUICKEST, challenge.word, seen=True), Doubt.UNKNOWN)
    if trapped and not challenge.seen:
        return Judgement(challenge, Doubt.TRAPPED)
    if at - challenge.since < QUICKEST:
        return Judgement(challenge, Doubt.FAST)
    proven = solves(challenge.word, proof)
    return Judgement(challenge, None if proven or challenge.seen else Doubt.UNSURE, proven)
